"""The tasks of a search, run pack by pack."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from inspect import unwrap
from itertools import pairwise
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from joblib import effective_n_jobs
from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed

from skmlp_scratch._classifier import MLPClassifier
from skmlp_scratch._estimator.options import Options
from skmlp_scratch._search.together import Finish, final_model, fit_together, sharing_key

# Wider packs gain little: by then, the calls that members share are few beside the products.
MAX_MEMBERS = 12
# Weights of a pack, without those of the last layer: with more, its parameters and optimizer states
# leave the cache between their turns, which costs more than is gained.
MAX_WEIGHTS = 500_000
# Hidden outputs of a pack and batch, which is a matter of memory: three buffers of 80 MB.
MAX_OUTPUTS = 10_000_000


class Task(NamedTuple):
    """A call that fits and scores one candidate on one split, as scikit-learn makes them.

    Parameters
    ----------
    function : callable
        scikit-learn's.
    arguments : tuple
        Estimator, `X` and `y`.
    options : dict of str to object
        The split, the candidate's parameters, and others.
    """

    function: Any
    arguments: tuple[Any, Any, Any]
    options: dict[str, Any]

    @property
    def split(self) -> int:
        """Number of the split."""
        return int(self.options["split_progress"][0])

    @property
    def candidate(self) -> int:
        """Number of the candidate."""
        return int(self.options["candidate_progress"][0])

    def make_estimator(self) -> Any:
        """Return the candidate."""
        # Parameters are cloned as in scikit-learn, since they may be estimators.
        return clone(self.arguments[0]).set_params(**clone(self.options["parameters"], safe=False))

    def run(self) -> Any:
        """Fit and score."""
        return self.function(*self.arguments, **self.options)


class PackedParallel(Parallel):  # type: ignore[misc]
    """scikit-learn's `Parallel`, which runs the tasks of a search by packs, long ones first."""

    def __call__(self, iterable: Iterable[Any]) -> list[Any]:
        """Run the tasks; return their results in their order."""
        # Unwrapped, as configuration reaches them through the packs.
        tasks = [Task(unwrap(function), *rest) for function, *rest in iterable]
        packs = make_packs(tasks, effective_n_jobs(self.n_jobs))
        done = super().__call__(delayed(run_pack)([tasks[i] for i in pack]) for pack in packs)
        results: list[Any] = [None] * len(tasks)
        for pack, pack_results in zip(packs, done, strict=True):
            for number, result in zip(pack, pack_results, strict=True):
                results[number] = result
        return results


def make_packs(tasks: Sequence[Task], n_jobs: int) -> list[list[int]]:
    """Return the numbers of the tasks of each pack, those that take longest first."""
    profiles: dict[int, Profile] = {}
    for task in tasks:
        if task.candidate not in profiles:
            profiles[task.candidate] = Profile.of(task)
    groups = defaultdict(list)
    for number, task in enumerate(tasks):
        groups[task.split, profiles[task.candidate].key].append(number)
    packs = []
    for group in groups.values():
        profile = profiles[tasks[group[0]].candidate]
        width = min(profile.width, ceil(len(tasks) / n_jobs))
        # In parts of about the same length.
        packs += [part.tolist() for part in np.array_split(group, ceil(len(group) / width))]
    costs = [sum(profiles[tasks[number].candidate].cost for number in pack) for pack in packs]
    return [packs[i] for i in np.argsort(costs, stable=True)[::-1]]


class Profile(NamedTuple):
    """What packs are made by.

    Parameters
    ----------
    key : str or int
        What candidates that can share a pack have in common; the own number of one that cannot.
    width : int, default=1
        Members of the largest pack.
    cost : float, default=inf
        About how long its training takes.
    """

    key: str | int
    width: int = 1
    cost: float = np.inf

    @classmethod
    def of(cls, task: Task) -> "Profile":
        """Look at a candidate."""
        estimator, parameters = task.make_estimator(), task.options["parameters"]
        model = check_model(estimator)
        key = sharing_key(model, _parameters_of_steps(estimator, model, parameters))
        if key is None:
            return cls(task.candidate)
        options = Options.of(model)
        hidden = options.hidden_layer_sizes
        n_weights = (
            sum(a * b for a, b in pairwise([_count_columns(task.arguments[1]), *hidden])) + 1
        )
        n_rows = options.batch_size if options.batch_size != "auto" else 200
        n_outputs = n_rows * sum(hidden) + 1
        width = min(MAX_MEMBERS, MAX_WEIGHTS // n_weights, MAX_OUTPUTS // n_outputs)
        return cls(key, max(1, width), float(options.max_iter * n_weights))


def _count_columns(X: Any) -> int:
    """Return how many columns rows have, 1 for what are no rows of numbers yet."""
    shape: tuple[Any, ...] = getattr(X, "shape", ())
    return int(shape[1]) if len(shape) == 2 else 1


def _parameters_of_steps(
    estimator: Any, model: MLPClassifier, parameters: dict[str, Any]
) -> dict[str, Any]:
    """Return a candidate's parameters but for those of the model."""
    if estimator is model:
        return {}
    [name] = [name for name, value in estimator.get_params().items() if value is model]
    own = re.compile(f"{re.escape(name)}($|__)")
    return {key: value for key, value in parameters.items() if not own.match(key)}


def check_model(estimator: Any) -> MLPClassifier:
    """Return the classifier that an estimator is or ends in; raise if it is another one."""
    model = final_model(estimator)
    if not isinstance(model, MLPClassifier):
        raise TypeError(
            "This search trains skmlp_scratch.MLPClassifier, or a Pipeline that ends in one, but "
            f"got {model!r}. For other estimators, use sklearn.model_selection.GridSearchCV or "
            "RandomizedSearchCV."
        )
    return model


def run_pack(tasks: Sequence[Task]) -> list[Any]:
    """Run tasks of one split whose candidates train together."""
    if len(tasks) == 1:
        return [tasks[0].run()]
    training = SharedTraining([task.make_estimator() for task in tasks])
    results = []
    for number, task in enumerate(tasks):
        training.stand_in(task.arguments[0], number)
        results.append(task.run())
    fit_time = sum(result["fit_time"] for result in results) / len(results)
    return [result | {"fit_time": fit_time} for result in results]


class SharedTraining:
    """Trains candidates at the first call of `fit` of any of those that it stands in for.

    Parameters
    ----------
    candidates : list of estimator
        What is trained.
    """

    def __init__(self, candidates: list[Any]) -> None:
        self._candidates = candidates
        self._finishes: list[Finish] = []

    def stand_in(self, estimator: Any, number: int) -> None:
        """Let the next call of an estimator's `fit` be that of a candidate."""
        estimator.fit = partial(self._fit, estimator, number)

    def _fit(self, estimator: Any, number: int, X: Any, y: Any = None, **params: Any) -> Any:
        """Let the estimator become the fitted candidate."""
        del estimator.fit
        if not self._finishes:
            self._finishes = fit_together(self._candidates, X, y, **params)
        vars(estimator).update(vars(self._finishes[number]()))
        return estimator
