"""The same numbers as scikit-learn's own MLPClassifier: stop rules and calls of partial_fit.

warm_start is not compared: scikit-learn's drops the optimizer's memory and keeps a counter that
stops the next fit, where ours resumes exactly (`test_resume.py`).
"""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sklearn.neural_network._multilayer_perceptron as their_module
from sklearn.model_selection import train_test_split
from sklearn.utils.multiclass import unique_labels

from tests._helpers.data import CONTAINERS, Data
from tests._helpers.pairwise import all_pairs
from tests._helpers.parity import (
    PROBLEMS,
    SCHEDULES,
    SEED,
    assert_equal,
    fit_both,
    make_both,
    they_take_weights,
)

pytestmark = pytest.mark.slow  # two classes, each trained several times

# --- stop rules ---------------------------------------------------------------------------------


@pytest.mark.parametrize("n_iter_no_change", [1, 4, 10, np.inf])
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_patience(iris: Data, solver: str, n_iter_no_change: float) -> None:
    ours, theirs = fit_both(
        *iris,
        solver=solver,
        n_iter_no_change=n_iter_no_change,
        learning_rate_init=0.03,
        tol=0.005,
        max_iter=60,
    )
    assert (theirs.n_iter_ < 60) == np.isfinite(n_iter_no_change)
    assert_equal(ours, theirs, iris[0])


@pytest.mark.parametrize("batch_size", ["auto", 40])
def test_adaptive_schedule_cuts_down_to_its_end(
    iris: Data, batch_size: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, theirs = make_both(
        solver="sgd",
        learning_rate="adaptive",
        learning_rate_init=0.1,
        batch_size=batch_size,
        tol=0.01,
        n_iter_no_change=2,
        max_iter=200,
        verbose=True,
    )
    cuts = []
    for model in (ours, theirs):
        model.fit(*iris)
        cuts.append(re.findall(r"Setting learning rate to ([\d.]+)", capsys.readouterr().out))
    assert cuts[0] == cuts[1]
    assert len(cuts[0]) == 8  # 0.1 / 5^8 is the first below 1e-6
    assert ours.n_iter_ < 200
    assert_equal(ours, theirs, iris[0])


@pytest.fixture
def stratified(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let scikit-learn's early stopping stratify more than two classes, as ours always does.

    scikit-learn's documentation promises it, but up to 1.9 at least its code does it for a single
    output only. Given the same strata, all that follows must be equal.
    """

    def split(X: Any, y: Any, *weights: Any, stratify: Any, **options: Any) -> Any:
        is_one_hot = y.shape[1] > 1 and (y.sum(axis=1) == 1).all()
        stratify = y.argmax(axis=1) if is_one_hot else stratify
        return train_test_split(X, y, *weights, stratify=stratify, **options)

    monkeypatch.setattr(their_module, "train_test_split", split)


@all_pairs(
    indirect=["problem"],
    problem=PROBLEMS,
    solver=["sgd", "adam"],
    schedule=SCHEDULES,
    container=CONTAINERS,
)
@pytest.mark.usefixtures("stratified")
def test_early_stopping(
    problem: Data, solver: str, schedule: str, container: Callable[[Any], Any]
) -> None:
    X, y = container(problem[0]), problem[1]
    options = {"solver": solver, "learning_rate": schedule, "n_iter_no_change": 9}
    ours, theirs = fit_both(
        X, y, early_stopping=True, max_iter=35, learning_rate_init=0.02, tol=0.05, **options
    )
    assert_equal(ours, theirs, X)


@they_take_weights
@all_pairs(
    indirect=["problem"], problem=PROBLEMS, validation_fraction=[0.15, 0.3], shuffle=[True, False]
)
@pytest.mark.usefixtures("stratified")
def test_early_stopping_with_sample_weights(
    problem: Data, validation_fraction: float, shuffle: bool
) -> None:
    sample_weight = np.random.default_rng(0).random(len(problem[0]))
    options = {"validation_fraction": validation_fraction, "shuffle": shuffle, "batch_size": 37}
    ours, theirs = fit_both(*problem, sample_weight, early_stopping=True, max_iter=20, **options)
    assert_equal(ours, theirs, problem[0])


# --- step by step -------------------------------------------------------------------------------


@all_pairs(
    indirect=["problem"],
    problem=PROBLEMS,
    solver=["sgd", "adam"],
    schedule=SCHEDULES,
    seed_kind=[int, np.random.RandomState],
)
def test_partial_fit(
    problem: Data, solver: str, schedule: str, seed_kind: Callable[[int], Any]
) -> None:
    """As in scikit-learn, an int seed starts again with each call, a RandomState does not."""
    X, y = problem
    ours, theirs = make_both(
        solver=solver,
        learning_rate=schedule,
        learning_rate_init=0.02,
        batch_size=25,
        n_iter_no_change=2,
        tol=0.05,
    )
    for model in (ours, theirs):
        model.set_params(random_state=seed_kind(SEED))
        for first in [0, 30, 60, 90] * 3:
            rows = slice(first, first + 40)  # the last piece is shorter
            model.partial_fit(X[rows], y[rows], classes=unique_labels(y))
    assert_equal(ours, theirs, X)


@they_take_weights
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_partial_fit_with_sample_weights(problem: Data, solver: str) -> None:
    X, y = problem
    sample_weight = np.random.default_rng(0).random(len(X))
    ours, theirs = make_both(solver=solver, batch_size=25)
    for model in (ours, theirs):
        for _ in range(10):
            model.partial_fit(X, y, sample_weight, classes=unique_labels(y))
    assert_equal(ours, theirs, X)


def test_partial_fit_with_classes_that_come_late(iris: Data) -> None:
    X, y = iris  # sorted by class
    ours, theirs = make_both()
    for model in (ours, theirs):
        for first in range(0, 150, 15):
            rows = slice(first, first + 15)
            model.partial_fit(X[rows], y[rows], classes=[2, 0, 1])
    assert_equal(ours, theirs, X)


@all_pairs(solver=["sgd", "adam"], schedule=SCHEDULES, warm_start=[True, False])
@pytest.mark.parametrize("problem", ["multiclass"], indirect=True)
def test_fit_then_partial_fit_then_fit(
    problem: Data, solver: str, schedule: str, warm_start: bool
) -> None:
    options = {"solver": solver, "learning_rate": schedule, "warm_start": warm_start}
    ours, theirs = fit_both(*problem, batch_size=64, **options)
    for model in (ours, theirs):
        for _ in range(3):
            model.partial_fit(*problem)
    assert_equal(ours, theirs, problem[0])
    for model in (ours, theirs):
        model.set_params(warm_start=False).fit(*problem)  # forgets all of it
    assert_equal(ours, theirs, problem[0])
