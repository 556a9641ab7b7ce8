"""Dropout, bounds of norms, penalty and weight decay."""

from copy import deepcopy

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests._helpers.data import Data
from tests._helpers.models import make_model


def test_dropout_is_off_in_prediction_and_validation(multiclass: Data) -> None:
    X, y = multiclass
    model = make_model(dropout=0.5, input_dropout=0.2).fit(X, y, X_val=X, y_val=y)

    assert_array_equal(model.predict_proba(X), model.predict_proba(X))
    assert model.history_["validation_score"][-1] == model.score(X, y)


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_dropout_leaves_initial_parameters_and_shuffles_as_they_were(
    multiclass: Data, solver: str
) -> None:
    """With steps that change nothing, the losses of an input dropout of almost 0 tell the order."""
    options = {"solver": solver, "learning_rate_init": 1e-100, "max_iter": 2}
    without = make_model(**options).fit(*multiclass)
    with_dropout = make_model(input_dropout=1e-12, **options).fit(*multiclass)

    assert_allclose(with_dropout.loss_curve_, without.loss_curve_, rtol=1e-9)


def test_each_partial_fit_draws_new_masks(multiclass: Data) -> None:
    """Though an int seed gives the same order of rows in each call."""
    X, y = multiclass
    model = make_model(dropout=0.5, learning_rate_init=1e-100, shuffle=False)
    losses = [model.partial_fit(X, y, classes=np.unique(y)).loss_ for _ in range(3)]

    assert len(set(losses)) == 3


def test_masks_depend_on_the_random_state(multiclass: Data) -> None:
    """Parameters and order of the rows are the same for all, so that losses tell the masks."""
    X, y = multiclass
    start = make_model(learning_rate_init=1e-100, shuffle=False)
    start.partial_fit(X, y, classes=np.unique(y))
    losses = [
        deepcopy(start).set_params(dropout=0.5, random_state=seed).partial_fit(X, y).loss_
        for seed in (0, 1, 2, 0)
    ]

    assert len(set(losses)) == 3
    assert losses[3] == losses[0]


@pytest.mark.parametrize("solver", ["sgd", "adam", "adamw"])
def test_no_hidden_unit_gets_weights_above_max_norm(multiclass: Data, solver: str) -> None:
    options = {"hidden_layer_sizes": (9, 8), "learning_rate_init": 0.1, "solver": solver}
    norms = {
        limit: [np.linalg.norm(coef, axis=0).max() for coef in model.coefs_[:-1]]
        for limit in (None, 0.8)
        for model in [make_model(max_norm=limit, **options).fit(*multiclass)]
    }

    assert min(norms[None]) > 0.8
    assert max(norms[0.8]) <= 0.8 * (1 + 1e-12)


def test_clipping_bounds_a_step_of_sgd(multiclass: Data) -> None:
    options = {"solver": "sgd", "momentum": 0, "batch_size": 120, "learning_rate_init": 1.0}
    before = make_model(max_iter=1, **options | {"learning_rate_init": 1e-100}).fit(*multiclass)
    after = make_model(max_iter=1, clip_norm=0.01, **options).fit(*multiclass)
    change = [a - b for a, b in zip(after.coefs_, before.coefs_, strict=True)]
    change += [a - b for a, b in zip(after.intercepts_, before.intercepts_, strict=True)]

    assert np.sqrt(sum(np.sum(c**2) for c in change)) == pytest.approx(0.01)


def test_weight_decay_does_not_depend_on_the_number_of_rows() -> None:
    """Where the loss's gradient is 0, as all labels are equally likely, only the decay is left."""
    X = np.zeros((300, 4))
    options = {"solver": "adamw", "weight_decay": 0.1, "learning_rate_init": 0.1, "max_iter": 1}
    options |= {"hidden_layer_sizes": (), "shuffle": False}
    shrunk = [
        np.abs(make_model(batch_size=n, **options).fit(X[:n], np.arange(n) % 2).coefs_[0]).sum()
        for n in (30, 300)
    ]

    assert shrunk[0] == pytest.approx(shrunk[1])


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/issues/6780")
@pytest.mark.parametrize("n_rows", [30, 150])
def test_the_penalty_is_divided_by_the_rows_of_a_batch(iris: Data, n_rows: int) -> None:
    X, y = (part[:: 150 // n_rows] for part in iris)
    # With so small a step, the loss is that of the parameters as they were drawn.
    options = {"batch_size": n_rows, "learning_rate_init": 1e-100, "max_iter": 1}
    plain, penalized = (make_model(alpha=alpha, **options).fit(X, y) for alpha in (0, 3.0))
    squares = sum((coef**2).sum() for coef in plain.coefs_)
    assert penalized.loss_ - plain.loss_ == pytest.approx(3.0 / 2 * squares / n_rows)
