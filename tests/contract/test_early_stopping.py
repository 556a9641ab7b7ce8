"""Early stopping on rows that are set aside."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tests._helpers.data import Data
from tests._helpers.internals import validation_rows
from tests._helpers.models import make_model


@pytest.mark.parametrize("validation_fraction", [0.1, 0.2, 0.3])
@pytest.mark.parametrize("seed", range(3))
def test_split_is_stratified(iris: Data, seed: int, validation_fraction: float) -> None:
    X, y = iris
    model = make_model(
        early_stopping=True,
        validation_fraction=validation_fraction,
        random_state=seed,
        warm_start=True,
    ).fit(X, y)
    counts = np.bincount(y[validation_rows(model)])
    assert_array_equal(counts, np.full(3, 50 * validation_fraction))


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/issues/24411")
@pytest.mark.filterwarnings("ignore:Hidden layer 1 outputs 0")  # what such large steps lead to
@pytest.mark.parametrize("problem", ["multiclass", "multilabel"], indirect=True)
def test_model_is_that_of_the_best_epoch(problem: Data) -> None:
    X, y = problem
    model = make_model(
        early_stopping=True, warm_start=True, max_iter=60, learning_rate_init=0.5
    ).fit(X, y)
    scores, rows = model.validation_scores_, validation_rows(model)
    assert len(scores) == model.n_iter_
    assert scores[-1] < model.best_validation_score_ == max(scores)
    assert model.score(X[rows], y[rows]) == model.best_validation_score_


def test_validation_rows_are_not_trained_on(iris: Data) -> None:
    X, y = iris
    model = make_model(early_stopping=True, warm_start=True).fit(X, y)
    other_X = X.copy()
    other_X[validation_rows(model)] *= -1
    other = make_model(early_stopping=True).fit(other_X, y)
    assert other.loss_curve_[: other.n_iter_] == model.loss_curve_[: other.n_iter_]
    assert other.validation_scores_ != model.validation_scores_


@pytest.mark.parametrize("dtype", [str, object])
def test_the_error_names_a_class_with_a_single_row(iris: Data, dtype: Any) -> None:
    X, y = iris
    names = np.array(["setosa", "versicolor", "virginica"]).astype(dtype)
    rows = np.r_[:51, 100:150]  # one of the second class
    with pytest.raises(ValueError, match="1 sample of class versicolor"):
        make_model(early_stopping=True).fit(X[rows], names[y[rows]])


def test_fewer_rows_to_validate_on_than_classes(iris: Data) -> None:
    model = make_model(early_stopping=True, validation_fraction=0.01)
    with pytest.raises(ValueError, match=r"set aside validation_fraction=0\.01 of 150 rows.*3"):
        model.fit(*iris)


@pytest.mark.parametrize("n_rows", [2, 5])
def test_too_few_rows_to_validate_on(multilabel: Data, n_rows: int) -> None:
    X, y = multilabel
    with pytest.raises(ValueError, match="validation set is too small"):
        make_model(early_stopping=True).fit(X[:n_rows], y[:n_rows])


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/pull/13164")
@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_rows_set_aside_have_as_many_of_each_class(iris: Data, n_classes: int) -> None:
    X, y = (part[: 50 * n_classes] for part in iris)
    model = make_model(early_stopping=True, validation_fraction=0.2, warm_start=True).fit(X, y)
    rows = validation_rows(model)
    assert_array_equal(np.bincount(y[rows]), [10] * n_classes)


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/pull/24683")
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("early_stopping", [True, False])
def test_attributes_of_early_stopping_are_there_without_it(
    iris: Data, solver: str, early_stopping: bool
) -> None:
    model = make_model(solver=solver, early_stopping=early_stopping).fit(*iris)
    stops_early = early_stopping and solver != "lbfgs"
    assert (model.best_loss_ is None) == stops_early
    assert (model.validation_scores_ is None) == (not stops_early)
    assert (model.best_validation_score_ is None) == (not stops_early)
