"""Validation on rows of the user's own."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn import config_context
from sklearn.exceptions import DataConversionWarning
from sklearn.metrics import log_loss, recall_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from tests._helpers.compare import same_parameters
from tests._helpers.data import CONTAINERS, Data, halves
from tests._helpers.internals import compute_row_by_row
from tests._helpers.models import SOLVERS, make_model
from tests._helpers.pairwise import all_pairs

# --- validation data and scoring ----------------------------------------------------------------


@all_pairs(
    indirect=["problem"],
    problem=["binary", "multiclass", "multilabel"],
    solver=SOLVERS,
    container=CONTAINERS,
)
def test_the_users_own_rows_are_validated_on_and_change_nothing(
    problem: Data, solver: str, container: Callable[[Any], Any]
) -> None:
    X, X_val, y, y_val = halves(*problem)
    X, X_val = container(X), container(X_val)
    model = make_model(solver=solver, alpha=0).fit(X, y, X_val=X_val, y_val=y_val)
    n_epochs = len(model.loss_curve_)

    assert same_parameters(model, make_model(solver=solver, alpha=0).fit(X, y))
    assert {name: len(column) for name, column in model.history_.items()} == dict.fromkeys(
        ["loss", "validation_loss", "validation_score", "learning_rate", "seconds"], n_epochs
    )
    assert model.history_["loss"] == model.loss_curve_
    assert model.history_["validation_score"][-1] == model.score(X_val, y_val)
    assert model.validation_scores_ is None


@pytest.mark.parametrize("fit", ["fit", "partial_fit"])
def test_validation_loss_is_the_weighted_log_loss_without_smoothing_and_penalty(
    multiclass: Data, fit: str
) -> None:
    X, X_val, y, y_val = halves(*multiclass)
    weights = np.random.default_rng(0).random(len(y_val))
    model = make_model(alpha=1.0, label_smoothing=0.2).partial_fit(X, y, classes=range(10))
    getattr(model, fit)(X, y, X_val=X_val, y_val=y_val, sample_weight_val=weights)
    expected = log_loss(y_val, model.predict_proba(X_val), sample_weight=weights)

    assert model.history_["validation_loss"][-1] == pytest.approx(expected, rel=1e-6)
    assert model.history_["validation_score"][-1] == pytest.approx(
        model.score(X_val, y_val, weights)
    )


@pytest.mark.parametrize("scoring", ["accuracy", "loss", "recall_macro", "neg_log_loss"])
def test_early_stopping_keeps_the_epoch_that_scores_best_on_the_users_rows(
    multiclass: Data, scoring: str
) -> None:
    X, X_val, y, y_val = halves(*multiclass)
    model = make_model(
        early_stopping=True, scoring=scoring, max_iter=300, learning_rate_init=0.05
    ).fit(X, y, X_val=X_val, y_val=y_val)
    scores = model.history_["validation_score"]
    reached = {
        "accuracy": lambda: model.score(X_val, y_val),
        "loss": lambda: -log_loss(y_val, model.predict_proba(X_val)),
        "neg_log_loss": lambda: -log_loss(y_val, model.predict_proba(X_val)),
        "recall_macro": lambda: recall_score(y_val, model.predict(X_val), average="macro"),
    }[scoring]()

    assert model.n_iter_ < 300
    assert model.validation_scores_ == scores
    assert model.best_validation_score_ == max(scores) == pytest.approx(reached)


def test_lbfgs_records_validation_but_never_stops_early(iris: Data) -> None:
    X, X_val, y, y_val = halves(*iris)
    model = make_model(solver="lbfgs", early_stopping=True).fit(X, y, X_val=X_val, y_val=y_val)

    assert model.history_["validation_score"][-1] == model.score(X_val, y_val)
    assert model.validation_scores_ is model.best_validation_score_ is None
    assert model.best_loss_ == model.loss_


def test_partial_fit_validates_too(iris: Data) -> None:
    X, X_val, y, y_val = halves(*iris)
    model = make_model()
    for _ in range(3):
        model.partial_fit(X, y, classes=[0, 1, 2], X_val=X_val, y_val=y_val)
    model.partial_fit(X, y)
    scores = model.history_["validation_score"]

    assert np.isfinite(scores[:3]).all()
    assert np.isnan(scores[3])
    assert len(pd.DataFrame(model.history_)) == 4


def test_validation_labels_in_a_column_are_taken_with_a_warning(iris: Data) -> None:
    X, X_val, y, y_val = halves(*iris)
    with pytest.warns(DataConversionWarning, match="A column-vector y was passed"):
        column = make_model().fit(X, y, X_val=X_val, y_val=y_val[:, np.newaxis])
    row = make_model().fit(X, y, X_val=X_val, y_val=y_val)

    assert column.history_["validation_score"] == row.history_["validation_score"]


def test_validation_rows_go_through_a_pipeline(iris: Data) -> None:
    X, X_val, y, y_val = halves(*iris)
    with config_context(enable_metadata_routing=True):
        mlp = make_model().set_fit_request(X_val=True, y_val=True)
        pipeline = Pipeline(
            [("scale", StandardScaler()), ("mlp", mlp)], transform_input=["X_val"]
        ).fit(X, y, X_val=X_val, y_val=y_val)

    assert mlp.history_["validation_score"][-1] == pipeline.score(X_val, y_val)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"X_val": np.zeros((3, 4))}, "X_val and y_val belong together"),
        ({"y_val": [0, 1, 2]}, "X_val and y_val belong together"),
        ({"sample_weight_val": [1, 1, 1]}, "X_val and y_val belong together"),
        ({"X_val": np.zeros((3, 5)), "y_val": [0, 1, 2]}, "X_val, .* 5 features"),
        ({"X_val": np.zeros((3, 4)), "y_val": [0, 1, 7]}, "y_val .*classes not in"),
        ({"X_val": np.zeros((3, 4)), "y_val": [0, 1]}, "y_val .* inconsistent numbers of samples"),
        ({"X_val": np.full((3, 4), np.nan), "y_val": [0, 1, 2]}, "X_val, .* NaN"),
        (
            {"X_val": np.zeros((3, 4)), "y_val": [0, 1, 2], "sample_weight_val": [0, 0, 0]},
            "sample_weight_val .*zero",
        ),
        ({"X_val": np.zeros((3, 4)), "y_val": np.eye(3, dtype=int)}, "y_val has multilabel labels"),
    ],
)
def test_validation_data_that_make_no_sense(
    iris: Data, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        make_model().fit(*iris, **arguments)


# --- what users know them for -------------------------------------------------------------------


def test_validation_in_chunks_equals_validation_at_once(
    binary: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y = (np.concatenate([part] * 3) for part in binary)

    def fit() -> Any:
        model = make_model(max_iter=2, batch_size=20)
        return model.fit(*binary, X_val=X, y_val=y).history_

    at_once = fit()
    compute_row_by_row(monkeypatch)
    in_chunks = fit()
    for name in ("validation_loss", "validation_score"):
        assert_allclose(in_chunks[name], at_once[name], rtol=1e-12)
