"""The tasks of a search, run pack by pack."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import pairwise
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from joblib import effective_n_jobs
from joblib import hash as joblib_hash
from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed

from skmlp_scratch._classifier import MLPClassifier
from skmlp_scratch._estimator.options import Options
from skmlp_scratch._search.together import Finish, final_model, fit_together, sharing_key

# Wider packs gain little: by then, the calls that members share are few beside the products.
MAX_MEMBERS = 12


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
    """scikit-learn's `Parallel`, which runs the tasks of a search pack by pack, large ones first."""

    def __call__(self, iterable: Iterable[Any]) -> list[Any]:
        """Run the tasks; return their results in their order."""
        tasks = [Task(*task) for task in iterable]
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
    width = min(MAX_MEMBERS, ceil(len(tasks) / n_jobs))
    packs = [pack for group in groups.values() for pack in _divide(group, width)]
    costs = [sum(profiles[tasks[number].candidate].cost for number in pack) for pack in packs]
    return [packs[i] for i in np.argsort(costs)[::-1]]


def _divide(numbers: list[int], width: int) -> list[list[int]]:
    """Cut a list into parts of about equal length, at most `width`."""
    return [part.tolist() for part in np.array_split(numbers, ceil(len(numbers) / width))]


class Profile(NamedTuple):
    """What packs are made by.

    Parameters
    ----------
    key : str or int
        What candidates that can share a pack have in common; the own number of one that cannot.
    cost : float
        About how long its training takes.
    """

    key: str | int
    cost: float

    @classmethod
    def of(cls, task: Task) -> "Profile":
        """Look at a candidate."""
        model = check_model(task.make_estimator())
        key = sharing_key(model)
        if key is None:
            return cls(task.candidate, np.inf)
        return cls(f"{key} {_hash_steps(task)}", _estimate_cost(model, task.arguments[1]))


def _hash_steps(task: Task) -> str:
    """Return what tells the settings of the steps before the model."""
    estimator = task.make_estimator()
    model = final_model(estimator)
    own = {name for name, value in estimator.get_params().items() if value is model}
    prefixes = tuple(f"{name}__" for name in own)
    parameters = task.options["parameters"].items()
    return str(
        joblib_hash(
            {n: v for n, v in parameters if model is not estimator and n not in own and not n.startswith(prefixes)}
        )
    )


def _estimate_cost(model: MLPClassifier, X: Any) -> float:
    """Return the number of weights, but for the last layer's, times that of epochs."""
    widths = [np.shape(X)[-1], *Options.of(model).hidden_layer_sizes]
    return float(model.max_iter * sum(a * b for a, b in pairwise(widths)))


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
