"""Scorers of validation rows."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import make_scorer, recall_score

from tests._helpers.compare import assert_same_model
from tests._helpers.data import Data
from tests._helpers.models import make_model


def test_scorer_of_the_users_own_on_rows_set_aside(iris: Data) -> None:
    seen = []

    def score(model: Any, X: Any, y: Any) -> float:
        seen.append((len(X), set(y)))
        return float(model.score(X, y))

    X, y = pd.DataFrame(iris[0], columns=list("abcd")), np.array(["x", "y", "z"])[iris[1]]
    custom = make_model(early_stopping=True, scoring=score).fit(X, y)
    standard = make_model(early_stopping=True).fit(X, y)

    assert seen == [(15, {"x", "y", "z"})] * custom.n_iter_
    assert custom.validation_scores_ == standard.validation_scores_


def test_scorer_gets_the_weights(iris: Data) -> None:
    X, y = iris
    weights = np.random.default_rng(0).random(len(y))
    scorer = make_scorer(recall_score, average="macro")
    model = make_model(scoring=scorer).fit(X, y, X_val=X, y_val=y, sample_weight_val=weights)
    expected = recall_score(y, model.predict(X), average="macro", sample_weight=weights)

    assert model.history_["validation_score"][-1] == pytest.approx(expected)


@pytest.mark.parametrize(
    "scoring",
    [
        "rand_score",
        make_scorer(lambda y, predicted: float(np.mean(y == predicted))),
        lambda model, X, y: float(model.score(X, y)),
    ],
)
def test_scorer_that_takes_no_weights_goes_without(iris: Data, scoring: Any) -> None:
    weights = {0: 1, 1: 2, 2: 3}
    model = make_model(early_stopping=True, class_weight=weights, scoring=scoring).fit(*iris)

    assert len(model.validation_scores_) == model.n_iter_


def test_scorer_looks_at_the_users_rows_where_they_are(iris: Data) -> None:
    X, y = iris
    seen = []

    def score(model: Any, X: Any, y: Any) -> float:
        seen.append(X)
        return float(model.score(X, y))

    make_model(scoring=score, max_iter=1).fit(X, y, X_val=X, y_val=y)

    assert np.shares_memory(seen[0], X)


def test_scorer_may_compact_and_save_a_copy(tmp_path: Path, iris: Data) -> None:
    def score(model: Any, X: Any, y: Any) -> float:
        deepcopy(model).set_params(scoring=None).compact().save(tmp_path / "model.npz")
        return float(model.score(X, y))

    model = make_model(early_stopping=True, scoring=score, max_iter=2)

    assert_same_model(model.fit(*iris), deepcopy(model).fit(*iris))


@pytest.mark.parametrize("n_defined", [0, 3])
def test_a_score_of_nan_is_no_improvement(iris: Data, n_defined: int) -> None:
    """Where it is NaN from the start, nothing could ever be one, and the fit says so."""
    scores = [0.1, 0.3, 0.2][:n_defined]
    model = make_model(
        early_stopping=True,
        scoring=lambda *_: scores.pop(0) if scores else np.nan,
        n_iter_no_change=4,
        max_iter=50,
    )
    if n_defined == 0:
        with pytest.raises(ValueError, match="scoring gives NaN"):
            model.fit(*iris)
    else:
        assert model.fit(*iris).n_iter_ == 2 + 4 + 1
        assert model.best_validation_score_ == 0.3


@pytest.mark.parametrize("scoring", ["f1", lambda *_: None], ids=["f1 of 3 classes", "None"])
def test_the_error_names_a_scorer_that_fails(iris: Data, scoring: Any) -> None:
    with pytest.raises((ValueError, TypeError)) as failure:
        make_model(early_stopping=True, scoring=scoring).fit(*iris)

    assert failure.value.__notes__ == [
        f"It was scoring={scoring!r} that failed, on validation rows."
    ]


def test_a_scorer_that_fails_later_leaves_the_model(iris: Data) -> None:
    X, y = iris
    model = make_model(early_stopping=True, warm_start=True).fit(X, y)
    before, scores = deepcopy(model), [0.0] * 5
    with pytest.raises(IndexError):
        model.set_params(scoring=lambda *_: scores.pop()).fit(X, y)

    assert_same_model(model.set_params(scoring=None), before)


@pytest.mark.parametrize("score", [np.inf, np.nan])
def test_odd_scores_do_not_outlast_their_training(iris: Data, score: float) -> None:
    scores = [0.5, 0.6, 0.7, score]
    model = make_model(
        early_stopping=True,
        scoring=lambda *_: scores.pop(0) if scores else 0.8,
        max_iter=4,
        n_iter_no_change=10,
        warm_start=True,
    ).fit(*iris)
    model.set_params(max_iter=3).fit(*iris)
    assert model.best_validation_score_ == 0.8
    model.set_params(early_stopping=False, scoring=None, max_iter=30).fit(*iris)

    assert model.n_iter_ == 30
    assert model.best_loss_ == min(model.loss_curve_[-30:])
