"""Fits of several classifiers to the same data as one training."""

from collections.abc import Callable, Sequence
from copy import copy
from functools import partial
from pickle import PicklingError
from typing import TYPE_CHECKING, Any, cast

from joblib import hash as joblib_hash
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state

from skmlp_scratch._base import listen
from skmlp_scratch._classifier import MLPClassifier
from skmlp_scratch._estimator.draft import make_draft, share_reading
from skmlp_scratch._estimator.options import Options, takes_batches
from skmlp_scratch._estimator.plan import Plan
from skmlp_scratch._estimator.problem import Problem, Request, Samples, read_problem
from skmlp_scratch._estimator.sklearn_compat import has_callbacks
from skmlp_scratch._estimator.threads import blas_threads
from skmlp_scratch._training.members import Member, Pack

if TYPE_CHECKING:
    from skmlp_scratch._training.epochs import Outcome
    from skmlp_scratch._training.stochastic import StochasticSolver

# What each member of a pack may have for itself. All other parameters decide the weights to begin
# with, the batches, or what is computed from them.
OWN_PARAMETERS = frozenset(
    {
        "alpha",
        "beta_1",
        "beta_2",
        "clip_norm",
        "epsilon",
        "learning_rate",
        "learning_rate_init",
        "max_fun",
        "max_iter",
        "max_norm",
        "momentum",
        "n_iter_no_change",
        "nesterovs_momentum",
        "power_t",
        "scoring",
        "solver",
        "tol",
        "verbose",
        "warm_start",
        "weight_decay",
    }
)


def sharing_key(model: MLPClassifier, others: dict[str, Any]) -> str | None:
    """Return what estimators that can train together have in common; None if one has to alone.

    Parameters
    ----------
    model : MLPClassifier
        The estimator, or the end of a pipeline.
    others : dict of str to object
        Parameters of the steps before it.
    """
    try:
        model._validate_params()
        options = vars(Options.of(model))
        shared = {name: value for name, value in options.items() if name not in OWN_PARAMETERS}
        key = str(joblib_hash((shared, others)))
    except (TypeError, ValueError, AttributeError, PicklingError):
        return None  # its own fit tells what is wrong, if anything
    is_ordinary = type(model).fit is MLPClassifier.fit and not has_callbacks(model)
    return key if is_ordinary and takes_batches(options["solver"]) else None


def final_model(estimator: Any) -> Any:
    """Return the last step of a pipeline, of its last step and so on; or the estimator itself."""
    while isinstance(estimator, Pipeline):
        estimator = estimator.steps[-1][1]
    return estimator


def _replace_final(estimator: Any, model: Any) -> Any:
    """Return a copy of a fitted pipeline that ends in another model and shares all other steps."""
    if not isinstance(estimator, Pipeline):
        return model
    twin = copy(estimator)
    name, last = estimator.steps[-1]
    twin.steps = [*estimator.steps[:-1], (name, _replace_final(last, model))]
    return twin


# Returns a fitted estimator, or raises the error of its fit.
Finish = Callable[[], Any]


def fit_together(estimators: Sequence[Any], X: Any, y: Any, **params: Any) -> list[Finish]:
    """Fit estimators that have their last model to themselves and all steps before it in common.

    Parameters
    ----------
    estimators : sequence of MLPClassifier or Pipeline
        Estimators whose final models have one `sharing_key`. They change.
    X, y, **params : object
        What the `fit` of each of them would be given.
    """
    first, finishes = estimators[0], []
    models = [final_model(estimator) for estimator in estimators]

    def fit(X: Any, y: Any, sample_weight: Any = None, **held_out: Any) -> None:
        finishes.extend(_fit_models(models, Samples(X, y, sample_weight), **held_out))

    # The pipeline does what it always does, up to the fit of its last step.
    models[0].fit = fit
    try:
        first.fit(X, y, **params)
    except Exception as error:  # of a step that all have in common
        return [partial(_fail, error)] * len(models)
    finally:
        del models[0].fit
    return [partial(_finish_pipeline, first, finish) for finish in finishes]


def _finish_pipeline(first: Any, finish: Finish) -> Any:
    return _replace_final(first, finish())


def _fail(error: Exception) -> Any:
    raise error


def _fit_models(
    models: Sequence[MLPClassifier],
    train: Samples,
    X_val: Any = None,
    y_val: Any = None,
    sample_weight_val: Any = None,
) -> list[Finish]:
    """Train models that have one `sharing_key` as a pack."""
    held_out = Samples.held_out(X_val, y_val, sample_weight_val)
    request = Request(train, held_out, resumed=False, incremental=False)
    seed = check_random_state(None).randint(2**31 - 1)
    reader = make_draft(models[0], resumed=False)
    problem = read_problem(reader, Options.of(models[0]), request)
    fits = [_Fit(model, problem, reader, request, seed) for model in models]
    if members := [fit.member for fit in fits if fit.member]:
        solver = members[0].solver
        with blas_threads(solver.batch_size, solver.parameters.layer_sizes):
            Pack(members).run()
    return [fit.finish for fit in fits]


class _Fit:
    """One of several fits to the same data.

    Parameters
    ----------
    model : MLPClassifier
        What is fitted.
    problem : Problem
        The data.
    reader : MLPClassifier
        A draft, with what reading the data has found out.
    request : Request
        The call of `fit`.
    seed : int
        Stands for ``random_state=None``, so that all of the fits draw the same numbers.

    Attributes
    ----------
    member : Member or None
        Its training; None if it cannot begin.
    """

    member: Member | None = None

    def __init__(
        self, model: MLPClassifier, problem: Problem, reader: Any, request: Request, seed: int
    ) -> None:
        self._model = model
        try:
            model._validate_params()
            draft, options = make_draft(model, resumed=False), Options.of(model)
            share_reading(draft, reader)
            if options.random_state is None:
                options.random_state = seed
            self._plan = Plan.of(options, problem, draft, request)
            solver = cast("StochasticSolver", self._plan.make_solver())
            self.member = Member(solver, listen(self._plan, solver))
        except Exception as error:  # for instance a warning that is to be an error
            self._error = error

    def finish(self) -> MLPClassifier:
        """Let the model adopt what was learned; return it, or raise what went wrong."""
        if self.member is None:
            raise self._error
        result = cast("Outcome | Exception", self.member.result)
        if isinstance(result, Exception):
            raise result
        self._model._finish(self._plan, self.member.solver, result)
        return self._model
