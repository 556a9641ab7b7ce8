"""The estimator in searches of parameters."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import loguniform
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.metrics import accuracy_score
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
)
from sklearn.neural_network import MLPClassifier as Theirs

from skmlp_scratch import MLPClassifier as Ours
from tests._helpers.ecosystem import FOLDS, LAYERS, RATE, Kind, digits, make_pipe, within

pytestmark = pytest.mark.slow  # each is several fits of other people's estimators


# Of unequal lengths, so that a table of them would be ragged.
SIZES = [(12,), (8, 6), (), (4, 4, 4)]
EPOCHS = "mlpclassifier__max_iter"


class RandomSizes:
    """A distribution of one to three hidden layers, as a user writes it."""

    def rvs(self, random_state: Any = None) -> tuple[int, ...]:
        """Draw a tuple."""
        return tuple(random_state.randint(3, 15, random_state.randint(1, 4)).tolist())


def make_search(name: str, kind: Kind, n_jobs: int | None) -> Any:
    """Return a search over the sizes and learning rates of a pipeline."""
    grid = {LAYERS: SIZES, RATE: [1e-5, 0.01]}
    distributions = {LAYERS: RandomSizes(), RATE: loguniform(1e-4, 0.1)}
    # Not accuracy: neither ties nor equal scores of unequal models.
    common = {"scoring": "neg_log_loss", "cv": FOLDS, "n_jobs": n_jobs, "error_score": "raise"}
    seeded = common | {"random_state": 0}
    epochs = {"resource": EPOCHS, "min_resources": 3, "max_resources": 12, "factor": 2}
    rows = {"min_resources": 150, "factor": 2}
    searches: dict[str, Any] = {
        "grid": lambda model: GridSearchCV(model, grid, **common),
        "random": lambda model: RandomizedSearchCV(model, distributions, n_iter=5, **seeded),
        "halving epochs": lambda model: HalvingGridSearchCV(model, grid, **seeded, **epochs),
        "halving rows": lambda model: HalvingGridSearchCV(model, grid, **seeded, **rows),
        "halving random": lambda model: HalvingRandomSearchCV(
            model, distributions, n_candidates=4, **seeded, **epochs
        ),
    }
    return searches[name](make_pipe(kind))


SEARCHES = ["grid", "random", "halving epochs", "halving rows", "halving random"]


@cache
def searched(name: str, kind: Kind, n_jobs: int) -> Any:
    """Return such a search after its fit on the digits."""
    return within(120, make_search(name, kind, n_jobs).fit, *digits())


def comparable(search: Any) -> dict[str, Any]:
    """Return a search's table without the times."""
    return {name: column for name, column in search.cv_results_.items() if "time" not in name}


def assert_same_search(one: Any, other: Any) -> None:
    """Compare the tables of two searches, apart from rounding, and what they chose."""
    expected, found = comparable(one), comparable(other)
    assert found.keys() == expected.keys()
    for name, column in found.items():
        if np.asarray(column).dtype == object:
            assert_array_equal(column, expected[name], err_msg=name)
        else:
            assert_allclose(column, expected[name], rtol=1e-6, err_msg=name)
    assert other.best_params_ == one.best_params_


@pytest.mark.parametrize("name", SEARCHES)
def test_search_equals_theirs(name: str) -> None:
    X, y = digits()
    ours = searched(name, Ours, 1)
    assert_same_search(ours, searched(name, Theirs, 1))
    assert ours.score(X, y) > -0.3
    assert accuracy_score(y, ours.predict(X)) > 0.9


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/issues/7667")
@pytest.mark.parametrize("name", SEARCHES)
def test_parallel_search_equals_one_after_the_other(name: str) -> None:
    assert_same_search(searched(name, Ours, 1), searched(name, Ours, 2))


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/issues/29277")
@pytest.mark.parametrize("name", SEARCHES)
def test_search_keeps_tuples(name: str) -> None:
    search = searched(name, Ours, 2)
    sizes = [*search.cv_results_["param_" + LAYERS], search.best_params_[LAYERS]]
    assert {type(size) for size in sizes} == {tuple}
    assert len({len(size) for size in sizes}) > 1
    fitted = search.best_estimator_[-1]
    assert tuple(coef.shape[1] for coef in fitted.coefs_[:-1]) == search.best_params_[LAYERS]


def test_halving_gives_epochs_to_the_best() -> None:
    search = searched("halving epochs", Ours, 2)
    assert search.n_resources_ == [3, 6, 12]
    assert search.n_candidates_ == [8, 4, 2]
    assert search.best_params_[RATE] == 0.01
    assert search.best_estimator_[-1].n_iter_ == 12
