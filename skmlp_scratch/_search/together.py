"""Fits of several classifiers to the same data as one training."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from copy import copy
from functools import partial
from pickle import PicklingError
from time import perf_counter
from typing import TYPE_CHECKING, Any, cast

from joblib import hash as joblib_hash
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state

from skmlp_scratch._base import listen
from skmlp_scratch._classifier import MLPClassifier
from skmlp_scratch._estimator.callbacks import FitTask
from skmlp_scratch._estimator.options import Options, takes_batches
from skmlp_scratch._estimator.pipelines import final_step
from skmlp_scratch._estimator.plan import Plan
from skmlp_scratch._estimator.problem import Problem, Request, Samples, read_problem
from skmlp_scratch._estimator.sklearn_compat import has_callbacks
from skmlp_scratch._estimator.solvers import make_solver
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


def model_key(model: MLPClassifier) -> str | None:
    """Return what models that can train together have in common; None if one has to alone."""
    if type(model).fit is not MLPClassifier.fit or has_callbacks(model):
        return None
    try:
        model._validate_params()
        options = vars(Options.of(model))
    except (TypeError, ValueError, AttributeError):
        return None  # its own fit tells what is wrong
    shared = {name: value for name, value in options.items() if name not in OWN_PARAMETERS}
    return _hash(shared) if takes_batches(options["solver"]) else None


def steps_key(parameters: dict[str, Any] | None) -> str | None:
    """Return what candidates with equal steps before the model have in common.

    Parameters
    ----------
    parameters : dict of str to object, or None
        Their parameters; None without any steps.

    Returns
    -------
    key : str or None
        The key, "" without any steps; None if it cannot be told whether steps are equal.
    """
    return "" if parameters is None else _hash(parameters)


def _hash(values: dict[str, Any]) -> str | None:
    """Return what equal values have in common; None for those that have no pickle to compare."""
    try:
        return str(joblib_hash(values))
    except (TypeError, ValueError, AttributeError, PicklingError):
        return None


def _replace_final(estimator: Any, model: Any) -> Any:
    """Return a copy of a fitted pipeline that ends in another model and shares all other steps."""
    if not isinstance(estimator, Pipeline):
        return model
    twin = copy(estimator)
    name, last = estimator.steps[-1]
    twin.steps = [*estimator.steps[:-1], (name, _replace_final(last, model))]
    return twin


class SharedSteps:
    """The steps before the models of several pipelines, fitted once.

    Parameters
    ----------
    pipeline : Pipeline or MLPClassifier
        One of the pipelines; a classifier has no such steps.

    Attributes
    ----------
    seconds : float
        How long fitting them has taken.
    """

    def __init__(self, pipeline: Any) -> None:
        self.seconds = 0.0
        self._pipeline = pipeline
        self._given: tuple[Any, Any] | None = None
        self._error: Exception | None = None

    def fit(self, X: Any, y: Any, **params: Any) -> tuple[Any, Any]:
        """Return the arguments that the steps hand to the `fit` of a model, or raise their error.

        All calls have equal arguments; the first one fits.
        """
        if not (self._given or self._error):
            start = perf_counter()
            try:
                self._given = self._fit(X, y, **params)
            except Exception as error:  # that of all candidates
                self._error = error
            self.seconds = perf_counter() - start
        if self._error:
            raise self._error
        return cast("tuple[Any, Any]", self._given)

    def _fit(self, *args: Any, **params: Any) -> tuple[Any, Any]:
        """Fit the steps of the pipeline; return the arguments of the `fit` of its last step."""
        model, given = final_step(self._pipeline), []
        model.fit = lambda *args, **params: given.append((args, params))
        try:
            self._pipeline.fit(*args, **params)
        finally:
            del model.fit
        return given[0]

    def complete(self, model: MLPClassifier) -> Any:
        """Return the fitted pipeline with a model of its own."""
        return _replace_final(self._pipeline, model)


# Returns a fitted model, or raises the error of its fit.
Finish = Callable[[], MLPClassifier]


class SharedFits:
    """Fits of candidates whose models train together, at the first call of any of them.

    Parameters
    ----------
    models : sequence of MLPClassifier
        Those that the candidates are or end in, of one `model_key`. They change.
    steps : SharedSteps
        The steps before them.
    meanwhile : callable
        Returns the context manager of the training.

    Attributes
    ----------
    seconds : float
        How long the training has taken.
    """

    def __init__(
        self,
        models: Sequence[MLPClassifier],
        steps: SharedSteps,
        meanwhile: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self.seconds = 0.0
        self._models = models
        self._steps = steps
        self._meanwhile = meanwhile
        self._finishes: list[Finish] = []

    def stand_in(self, estimator: Any, number: int) -> None:
        """Let the next call of an estimator's `fit` be that of a candidate."""
        estimator.fit = partial(self._fit, estimator, number)

    def _fit(self, estimator: Any, number: int, X: Any, y: Any = None, **params: Any) -> Any:
        """Let the estimator become the fitted candidate."""
        del estimator.fit
        args, params = self._steps.fit(X, y, **params)
        if not self._finishes:
            self._train(*args, **params)
        vars(estimator).update(vars(self._steps.complete(self._finishes[number]())))
        return estimator

    def _train(self, *args: Any, **params: Any) -> None:
        """Train the models together, or a single one as always."""
        start, [model, *others] = perf_counter(), self._models
        try:
            with self._meanwhile():
                if others:
                    self._finishes = fit_together(self._models, *args, **params)
                else:
                    model.fit(*args, **params)
                    self._finishes = [lambda: model]
        finally:
            self.seconds += perf_counter() - start


def fit_together(
    models: Sequence[MLPClassifier],
    X: Any,
    y: Any,
    sample_weight: Any = None,
    X_val: Any = None,
    y_val: Any = None,
    sample_weight_val: Any = None,
) -> list[Finish]:
    """Train models that have one `model_key` as a pack; the arguments are those of their `fit`."""
    train, held_out = (
        Samples(X, y, sample_weight),
        Samples.held_out(X_val, y_val, sample_weight_val),
    )
    request = Request(train, held_out, resumed=False, incremental=False)
    seed = check_random_state(None).randint(2**31 - 1)
    problem = read_problem(models[0], Options.of(models[0]), request)
    fits = [_Fit(model, problem, request, seed) for model in models]
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

    def __init__(self, model: MLPClassifier, problem: Problem, request: Request, seed: int) -> None:
        self._model = model
        try:
            model._validate_params()
            options = Options.of(model)
            if options.random_state is None:
                options.random_state = seed
            heard = has_callbacks(model)
            self._task = FitTask(model, request.train, request.held_out) if heard else None
            self._plan = Plan.of(model, options, problem, request)
            solver = cast("StochasticSolver", make_solver(self._plan))
            self.member = Member(solver, listen(self._plan, solver, self._task))
        except Exception as error:  # for instance a warning that is to be an error
            self._error = error

    def finish(self) -> MLPClassifier:
        """Let the model adopt what was learned; return it, or raise what went wrong."""
        if self.member is None:
            raise self._error
        result = cast("Outcome | Exception", self.member.result)
        if isinstance(result, Exception):
            raise result
        self._model._finish(self._plan, self.member.solver, result, self._task)
        return self._model
