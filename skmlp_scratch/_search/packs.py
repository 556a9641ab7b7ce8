"""Which tasks of a search are run together: packs of candidates, and jobs of packs."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from inspect import unwrap
from itertools import chain, pairwise
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from joblib import effective_n_jobs
from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed

from skmlp_scratch._classifier import MLPClassifier
from skmlp_scratch._estimator.options import Options, largest_batch
from skmlp_scratch._estimator.pipelines import final_step
from skmlp_scratch._estimator.sklearn_compat import hand_on_callbacks
from skmlp_scratch._search.together import (
    SharedFits,
    SharedSteps,
    model_key,
    steps_key,
)

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


# Packs of numbers of tasks.
Job = list[list[int]]


class PackedParallel(Parallel):  # type: ignore[misc]
    """scikit-learn's `Parallel`, which runs the tasks of a search by packs, long ones first."""

    def __call__(self, iterable: Iterable[Any]) -> list[Any]:
        """Run the tasks; return their results in their order."""
        # Unwrapped, as configuration reaches them through the jobs.
        tasks = [Task(unwrap(function), *rest) for function, *rest in iterable]
        jobs = make_jobs(tasks, effective_n_jobs(self.n_jobs))
        done = super().__call__(
            delayed(run_job)([[tasks[i] for i in pack] for pack in job]) for job in jobs
        )
        results: list[Any] = [None] * len(tasks)
        for job, job_results in zip(jobs, done, strict=True):
            for number, result in zip(chain(*job), job_results, strict=True):
                results[number] = result
        return results


class Profile(NamedTuple):
    """What decides which candidates share a pack.

    Parameters
    ----------
    steps : str
        What candidates with equal steps before the model have in common; empty without any steps.
    key : str or int
        What candidates that can share a pack have in common; the own number of one that cannot.
    width : int, default=1
        Members of the largest pack.
    cost : float, default=inf
        About how long its training takes.
    """

    steps: str
    key: str | int
    width: int = 1
    cost: float = np.inf

    @classmethod
    def of(cls, task: Task) -> "Profile":
        """Return the profile of a candidate."""
        estimator, parameters = task.make_estimator(), task.options["parameters"]
        model = check_model(estimator)
        steps = steps_key(_parameters_of_steps(estimator, model, parameters))
        key = model_key(model)
        if steps is None or key is None:
            return cls(f"{task.candidate}" if steps is None else steps, task.candidate)
        options = Options.of(model)
        hidden = options.hidden_layer_sizes
        n_weights = (
            sum(a * b for a, b in pairwise([_count_columns(task.arguments[1]), *hidden])) + 1
        )
        n_outputs = largest_batch(options.batch_size) * sum(hidden) + 1
        width = min(MAX_MEMBERS, MAX_WEIGHTS // n_weights, MAX_OUTPUTS // n_outputs)
        return cls(steps, key, max(1, width), float(options.max_iter * n_weights))


def make_jobs(tasks: Sequence[Task], n_jobs: int) -> list[Job]:
    """Return jobs, each a list of packs of numbers of tasks, those that take longest first.

    A job has all packs of one split and one setting of the steps before the model, which are fitted
    once for them. What is left when each process has had equally many jobs is dealt out to all of
    them, pack by pack, so that none has to wait. Without such steps, each pack is a job.
    """
    by_candidate = {task.candidate: task for task in tasks}
    profiles = {number: Profile.of(task) for number, task in by_candidate.items()}
    costs = [profiles[task.candidate].cost for task in tasks]

    def sort(jobs: Iterable[Job]) -> list[Job]:
        return sorted(jobs, key=lambda job: -sum(costs[number] for number in chain(*job)))

    jobs = sort(_group(tasks, profiles, ceil(len(tasks) / n_jobs)))
    n_whole = len(jobs) - len(jobs) % n_jobs
    dealt = [job[i::n_jobs] for job in jobs[n_whole:] for i in range(min(n_jobs, len(job)))]
    return sort(jobs[:n_whole] + dealt)


def _group(tasks: Sequence[Task], profiles: dict[int, Profile], width: int) -> Iterator[Job]:
    """Yield jobs, with packs of at most the given number of tasks."""
    groups: dict[tuple[int, str], dict[str | int, list[int]]] = defaultdict(dict)
    for number, task in enumerate(tasks):
        profile = profiles[task.candidate]
        groups[task.split, profile.steps].setdefault(profile.key, []).append(number)
    for (_, steps), alike in groups.items():
        job: Job = []
        for numbers in alike.values():
            largest = min(width, profiles[tasks[numbers[0]].candidate].width)
            # In parts of about the same length.
            parts = np.array_split(numbers, ceil(len(numbers) / largest))
            job += [part.tolist() for part in parts]
        yield from [job] if steps else ([pack] for pack in job)


def _count_columns(X: Any) -> int:
    """Return the number of columns, 1 for rows that are not yet numbers."""
    shape: tuple[Any, ...] = getattr(X, "shape", ())
    return int(shape[1]) if len(shape) == 2 else 1


def _parameters_of_steps(
    estimator: Any, model: MLPClassifier, parameters: dict[str, Any]
) -> dict[str, Any] | None:
    """Return a candidate's parameters but for those of the model; None without any steps."""
    if estimator is model:
        return None
    [name] = [name for name, value in estimator.get_params().items() if value is model]
    own = re.compile(f"{re.escape(name)}($|__)")
    return {key: value for key, value in parameters.items() if not own.match(key)}


def check_model(estimator: Any) -> MLPClassifier:
    """Return the classifier that an estimator is or ends in; raise if it is another one."""
    model = final_step(estimator)
    if not isinstance(model, MLPClassifier):
        raise TypeError(
            "This search trains skmlp_scratch.MLPClassifier, or a Pipeline that ends in one, but "
            f"got an instance of {type(model).__module__}.{type(model).__qualname__}. For other "
            "estimators, use sklearn.model_selection.GridSearchCV or RandomizedSearchCV."
        )
    return model


def run_job(packs: Sequence[Sequence[Task]]) -> list[Any]:
    """Run the tasks of packs that have their split and the steps before the models in common."""
    if sum(map(len, packs)) == 1:
        return [packs[0][0].run()]
    candidates = [[task.make_estimator() for task in pack] for pack in packs]
    steps, results = SharedSteps(candidates[0][0]), []
    for pack, estimators in zip(packs, candidates, strict=True):
        results += _run_pack(pack, [final_step(estimator) for estimator in estimators], steps)
    share = steps.seconds / len(results)
    return [result | {"fit_time": result["fit_time"] + share} for result in results]


def _run_pack(pack: Sequence[Task], models: Sequence[MLPClassifier], steps: SharedSteps) -> Any:
    """Yield the results of tasks whose models train together, with equal shares of their time."""
    fits = SharedFits(models, steps, partial(_hand_on_callbacks, pack, models))
    for number, task in enumerate(pack):
        fits.stand_in(task.arguments[0], number)
        yield task.run() | {"fit_time": fits.seconds / len(pack)}


@contextmanager
def _hand_on_callbacks(pack: Sequence[Task], models: Sequence[MLPClassifier]) -> Iterator[None]:
    """Pass the search's callbacks on to the fits of all models in this block, as its subtasks."""
    with ExitStack() as stack:
        for task, model in zip(pack, models, strict=True):
            stack.enter_context(hand_on_callbacks(task.options, model))
        yield
