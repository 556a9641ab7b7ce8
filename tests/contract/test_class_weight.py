"""Class weights."""

import numpy as np
import pytest

from tests._helpers.compare import same_parameters
from tests._helpers.data import Data
from tests._helpers.models import SOLVERS, make_model


@pytest.mark.parametrize("solver", SOLVERS)
def test_class_weights_multiply_sample_weights(multiclass: Data, solver: str) -> None:
    X, y = multiclass
    weights = np.random.default_rng(0).random(len(y))
    by_class = make_model(solver=solver, class_weight={3: 4.0, 5: 0.5}).fit(X, y, weights)
    by_row = make_model(solver=solver).fit(X, y, weights * np.select([y == 3, y == 5], [4, 0.5], 1))

    assert same_parameters(by_class, by_row)


def test_balanced_classes_count_the_same(iris: Data) -> None:
    X, y = iris[0][:70], iris[1][:70]  # 50 of one, 20 of the other
    balanced = make_model(class_weight="balanced").fit(X, y)
    by_hand = make_model(class_weight={0: 70 / 2 / 50, 1: 70 / 2 / 20}).fit(X, y)

    assert same_parameters(balanced, by_hand)


def test_class_weights_leave_validation_rows_alone_which_may_lack_a_class(iris: Data) -> None:
    X, y = iris
    model = make_model(class_weight="balanced").fit(X, y, X_val=X[:100], y_val=y[:100])

    assert model.history_["validation_score"][-1] == model.score(X[:100], y[:100])


def test_weights_for_string_labels(iris: Data) -> None:
    X, y = iris[0], np.array(["a", "b", "c"])[iris[1]]
    named = make_model(class_weight={"b": 3.0}).fit(X, y)
    numbered = make_model(class_weight={1: 3.0}).fit(*iris)

    assert same_parameters(named, numbered)


def test_weights_for_several_labels(multilabel: Data) -> None:
    X, y = multilabel
    weights = [{0: 1.0, 1: 2.0}] * y.shape[1]
    ours = make_model(class_weight=weights).fit(X, y)
    by_row = make_model().fit(X, y, 2.0 ** y.sum(axis=1))

    assert same_parameters(ours, by_row)


def test_partial_fit_takes_weights_of_classes_that_a_batch_lacks(iris: Data) -> None:
    X, y = iris[0][:100], iris[1][:100]
    weighted = make_model(class_weight={1: 2.0, 2: 9.0}).partial_fit(X, y, classes=[0, 1, 2])
    by_row = make_model().partial_fit(X, y, np.where(y == 1, 2.0, 1.0), classes=[0, 1, 2])

    assert same_parameters(weighted, by_row)


def test_partial_fit_cannot_balance(iris: Data) -> None:
    with pytest.raises(ValueError, match="class_weight='balanced' is not supported by partial_fit"):
        make_model(class_weight="balanced").partial_fit(*iris, classes=[0, 1, 2])
