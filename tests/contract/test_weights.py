"""Sample weights."""

from copy import deepcopy
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests._helpers.compare import same_parameters
from tests._helpers.data import Data
from tests._helpers.internals import validation_rows
from tests._helpers.models import make_model


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_weights_of_one_are_no_weights(multiclass: Data, solver: str) -> None:
    X, y = multiclass
    model, weighted = make_model(solver=solver), make_model(solver=solver)
    model.fit(X, y)
    weighted.fit(X, y, np.ones(len(X)))
    for a, b in zip(model.coefs_, weighted.coefs_, strict=True):
        assert_allclose(a, b, rtol=1e-9)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_batch_of_zero_weights_is_as_if_it_were_not_there(multiclass: Data, solver: str) -> None:
    """scikit-learn raises ZeroDivisionError here."""
    X, y = multiclass
    weights = np.where(np.arange(len(X)) // 40 == 1, 0.0, 1.0)  # the second of three batches
    options = {"solver": solver, "shuffle": False, "hidden_layer_sizes": (8,)}
    model = make_model(**options).fit(X, y, weights)
    others = make_model(**options).fit(X[weights > 0], y[weights > 0], weights[weights > 0])
    assert same_parameters(model, others)
    assert np.isfinite(model.loss_curve_).all()


@pytest.mark.parametrize("fit", ["fit", "partial_fit"])
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_some_rows_of_weight_in_many_batches(multiclass: Data, solver: str, fit: str) -> None:
    X, y = multiclass
    weights = np.where(np.arange(len(X)) % 30 == 0, 1.0, 0.0)
    model = make_model(solver=solver, batch_size=5).partial_fit(X, y, classes=range(10))
    getattr(model, fit)(X, y, weights)
    assert np.isfinite(model.predict_log_proba(X)).all()


@pytest.mark.parametrize(
    ("without_weight", "message"),
    [
        ("training", "nothing to train on: sample_weight is zero"),
        ("validation", "weights of the validation rows add up to 0"),
    ],
)
@pytest.mark.parametrize("is_kept", [False, True])
def test_both_parts_of_a_split_need_weights(
    binary: Data, is_kept: bool, without_weight: str, message: str
) -> None:
    X, y = binary
    model = make_model(early_stopping=True, warm_start=True).fit(X, y)
    is_validation = np.isin(np.arange(len(X)), validation_rows(model))
    weights = np.where(is_validation == (without_weight == "validation"), 0.0, 1.0)
    with pytest.raises(ValueError, match=message):
        model.set_params(warm_start=is_kept).fit(X, y, weights)


@pytest.mark.parametrize("rest", [0.0, 1e-12])
@pytest.mark.parametrize("scoring", [None, "accuracy"])
def test_validation_weights_that_cancel_are_refused(iris: Data, scoring: Any, rest: float) -> None:
    X, y = iris
    weights = np.where(np.arange(150) % 2, 1.0, -1.0 + rest)
    model = make_model(scoring=scoring)
    with pytest.raises(ValueError, match="weights of the validation rows add up to"):
        model.fit(X, y, X_val=X, y_val=y, sample_weight_val=weights)
    assert not hasattr(model, "coefs_")


def test_weights_that_cancel_in_a_batch_are_refused_and_cost_nothing(iris: Data) -> None:
    X, y = iris
    model = make_model(batch_size=150).fit(X, y)
    before = deepcopy(model)
    with pytest.raises(ValueError, match="The weights of rows that share a mean loss"):
        model.fit(X, y, np.where(np.arange(len(y)) % 2, 1, -1), X_val=X, y_val=y)

    assert same_parameters(model, before)


@pytest.mark.parametrize("weight", [-2, np.nan, np.inf])
def test_class_weights_that_make_no_sense_are_refused(iris: Data, weight: float) -> None:
    with pytest.raises(ValueError, match="class_weight must hold finite numbers >= 0"):
        make_model(class_weight={1: weight}).fit(*iris)


@pytest.mark.parametrize("fit", ["fit", "partial_fit"])
def test_zero_weights_only_are_refused(iris: Data, fit: str) -> None:
    X, y = iris
    model = make_model().partial_fit(X, y, classes=range(3))
    with pytest.raises(ValueError, match=r"(?i)sample.weight"):
        getattr(model, fit)(X, y, np.zeros(len(y)))
