"""The estimator in importances, scorers, several classes or outputs one by one, and clones."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.inspection import permutation_importance

from skmlp_scratch import MLPClassifier as Ours
from tests._helpers.ecosystem import (
    digits,
    flowers,
    halves,
    make_mlp,
    make_pipe,
)

pytestmark = pytest.mark.slow  # each is several fits of other people's estimators


def test_permutation_importance() -> None:
    X, y = flowers()
    X_train, X_test, y_train, y_test = halves((X, y))

    pipe = make_pipe().fit(X_train, y_train)
    found = permutation_importance(pipe, X_test, y_test, random_state=0).importances_mean
    sepal_length, sepal_width, petal_length, petal_width = found
    assert min(petal_length, petal_width) > max(sepal_length, sepal_width)
    assert petal_width > 0.1


def test_a_pixel_without_ink_has_no_importance() -> None:
    X, y = digits()
    model = make_mlp().fit(X, y)
    result = permutation_importance(model, X, y, n_repeats=2, random_state=0)
    assert_array_equal(result.importances[X.any(axis=0) == 0], 0)
    assert result.importances.any()


@pytest.mark.parametrize(
    "parameters",
    [
        {"hidden_layer_sizes": (5, 4)},
        {"hidden_layer_sizes": [5, 4]},
        {"hidden_layer_sizes": np.array([5, 4])},
        {"hidden_layer_sizes": 7, "solver": "sgd", "early_stopping": True},
        {"warm_start": True, "dtype": "float32"},
        {"random_state": np.random.RandomState(3)},
    ],
    ids=["tuple", "list", "array", "int", "dtype", "RandomState"],
)
def test_clone(parameters: dict[str, Any]) -> None:
    X, y = flowers()
    model = Ours(**{"max_iter": 5, "random_state": 0} | parameters)
    probabilities = clone(model).fit(X, y).predict_proba(X)
    assert_array_equal(model.fit(X, y).predict_proba(X), probabilities)
    cloned = clone(model)
    assert vars(cloned).keys() == cloned.get_params().keys()  # nothing learned
    for name, value in cloned.get_params().items():
        assert str(value) == str(model.get_params()[name])
