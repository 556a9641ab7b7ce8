"""The estimator in importances, scorers, several classes or outputs one by one, and clones."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.inspection import permutation_importance
from sklearn.metrics import accuracy_score, make_scorer, roc_auc_score
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import MultiOutputClassifier

from skmlp_scratch import MLPClassifier as Ours
from tests._helpers.data import Array
from tests._helpers.ecosystem import (
    Kind,
    digits,
    flowers,
    halves,
    make_mlp,
    make_pipe,
    same_for_both,
    tumors,
)

pytestmark = pytest.mark.slow  # each is several fits of other people's estimators


def test_permutation_importance() -> None:
    X, y = flowers()
    X_train, X_test, y_train, y_test = halves((X, y))

    def importances(kind: Kind) -> Array:
        pipe = make_pipe(kind).fit(X_train, y_train)
        return permutation_importance(pipe, X_test, y_test, random_state=0).importances

    sepal_length, sepal_width, petal_length, petal_width = same_for_both(importances).mean(axis=1)
    assert min(petal_length, petal_width) > max(sepal_length, sepal_width)
    assert petal_width > 0.1


def test_a_pixel_without_ink_has_no_importance() -> None:
    X, y = digits()
    model = make_mlp().fit(X, y)
    result = permutation_importance(model, X, y, n_repeats=2, random_state=0)
    assert_array_equal(result.importances[X.any(axis=0) == 0], 0)
    assert result.importances.any()


def test_one_versus_rest() -> None:
    X_train, X_test, y_train, y_test = halves(digits())

    def probabilities(kind: Kind) -> Array:
        model = OneVsRestClassifier(make_mlp(kind)).fit(X_train, y_train)
        probabilities = model.predict_proba(X_test)
        assert_array_equal(model.predict(X_test), probabilities.argmax(axis=1))
        return probabilities

    assert accuracy_score(y_test, same_for_both(probabilities).argmax(axis=1)) > 0.9


@pytest.mark.parametrize("tool", [OneVsOneClassifier, OutputCodeClassifier])
def test_tools_that_prefer_a_decision_function(tool: Callable[..., Any]) -> None:
    """Which scikit-learn's MLPClassifier does not have, so that they take probabilities."""
    X_train, X_test, y_train, y_test = halves(digits())

    def labels(kind: Kind) -> Array:
        model = tool(make_mlp(kind, max_iter=4))
        if "random_state" in model.get_params():
            model.set_params(random_state=0)
        return model.fit(X_train, y_train).predict(X_test)

    assert accuracy_score(y_test, same_for_both(labels)) > 0.6


@pytest.mark.parametrize("methods", list(permutations(["decision_function", "predict_proba"])))
@pytest.mark.parametrize("data", [tumors, flowers])
def test_scorer_of_either_response(
    data: Callable[[], tuple[Array, Array]], methods: tuple[str, ...]
) -> None:
    X_train, X_test, y_train, y_test = halves(data())
    scorer = make_scorer(roc_auc_score, response_method=methods, multi_class="ovr")

    def area(kind: Kind) -> Any:
        return scorer(make_pipe(kind).fit(X_train, y_train), X_test, y_test)

    assert same_for_both(area) > 0.95


def test_multi_output() -> None:
    X, y = digits()
    pair = np.column_stack([y % 2, y // 2])
    X_train, X_test, y_train, y_test = halves((X, pair))

    def probabilities(kind: Kind) -> Array:
        model = MultiOutputClassifier(make_mlp(kind)).fit(X_train, y_train)
        return np.hstack(model.predict_proba(X_test))

    ours = same_for_both(probabilities)
    assert accuracy_score(y_test[:, 0], ours[:, :2].argmax(axis=1)) > 0.9
    assert accuracy_score(y_test[:, 1], ours[:, 2:].argmax(axis=1)) > 0.9


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
