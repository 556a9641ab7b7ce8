"""Sample weights that scikit-learn's tools route to the estimator."""

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.metrics import accuracy_score, get_scorer
from sklearn.model_selection import (
    GridSearchCV,
    cross_validate,
)
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp_scratch import MLPClassifier as Ours
from tests._helpers.data import Array
from tests._helpers.ecosystem import (
    FOLDS,
    LAYERS,
    Kind,
    digits,
    make_mlp,
    make_pipe,
    same_for_both,
    tumors,
    within,
)
from tests._helpers.parity import they_take_weights

pytestmark = pytest.mark.slow  # each is several fits of other people's estimators


@pytest.fixture
def routing() -> Iterator[None]:
    """Let scikit-learn route metadata by request."""
    with config_context(enable_metadata_routing=True):
        yield


@cache
def tumor_weights() -> Array:
    """Return a weight for each tumor, 0 for some."""
    return np.random.default_rng(0).integers(0, 4, len(tumors()[1])) * 0.5


def make_weighted_pipe(kind: Kind = Ours) -> Pipeline:
    """Return a pipeline in which the model alone asks for weights."""
    model = make_mlp(kind).set_fit_request(sample_weight=True)
    scaler = StandardScaler().set_fit_request(sample_weight=False)
    return make_pipeline(scaler, model.set_score_request(sample_weight=True))


def fit_by_hand(X: Array, y: Array, *weights: Array) -> Pipeline:
    """Return the same pipeline, fitted step by step."""
    scaler = StandardScaler().fit(X)
    return make_pipeline(scaler, make_mlp().fit(scaler.transform(X), y, *weights))


@pytest.mark.parametrize("through", ["request", "prefix"])
def test_weights_through_a_pipeline(through: str) -> None:
    (X, y), w = tumors(), tumor_weights()
    if through == "prefix":
        model = make_pipe().fit(X, y, mlpclassifier__sample_weight=w)
    else:
        with config_context(enable_metadata_routing=True):
            model = make_weighted_pipe().fit(X, y, sample_weight=w)
            assert model.score(X, y, sample_weight=w) == accuracy_score(
                y, model.predict(X), sample_weight=w
            )
    assert_array_equal(model.predict_proba(X), fit_by_hand(X, y, w).predict_proba(X))
    assert not np.allclose(model.predict_proba(X), fit_by_hand(X, y).predict_proba(X))


def assert_weighted_folds(
    search: Any, X: Array, fit: Callable[..., Any], *, weighted_score: bool
) -> None:
    """Fit a search of one candidate with weights, and compare its scores with fits by hand."""
    y, w = tumors()[1], tumor_weights()
    results = within(120, partial(search.fit, sample_weight=w), X, y).cv_results_
    for fold, (train, test) in enumerate(FOLDS.split(X, y)):
        predicted = fit(X[train], y[train], w[train]).predict(X[test])
        weights = w[test] if weighted_score else None
        expected = accuracy_score(y[test], predicted, sample_weight=weights)
        assert results[f"split{fold}_test_score"] == pytest.approx([expected])


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("weighted_score", [True, False])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_weights_through_a_search(n_jobs: int, weighted_score: bool) -> None:
    X = StandardScaler().fit_transform(tumors()[0])
    model = make_mlp().set_fit_request(sample_weight=True)
    model.set_score_request(sample_weight=weighted_score)
    search = GridSearchCV(model, {"hidden_layer_sizes": [(40,)]}, cv=FOLDS, n_jobs=n_jobs)
    assert_weighted_folds(search, X, make_mlp().fit, weighted_score=weighted_score)


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("weighted_score", [True, False])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_weights_through_a_search_of_a_pipeline(n_jobs: int, weighted_score: bool) -> None:
    # With a scorer: in scikit-learn 1.6 a search cannot route to a pipeline's own score.
    scorer = get_scorer("accuracy").set_score_request(sample_weight=weighted_score)
    search = GridSearchCV(
        make_weighted_pipe(), {LAYERS: [(40,)]}, scoring=scorer, cv=FOLDS, n_jobs=n_jobs
    )
    assert_weighted_folds(search, tumors()[0], fit_by_hand, weighted_score=weighted_score)


@they_take_weights
@pytest.mark.usefixtures("routing")
def test_weights_through_cross_validate() -> None:
    (X, y), w = tumors(), tumor_weights()

    def scores(kind: Kind) -> Any:
        result = cross_validate(
            make_weighted_pipe(kind), X, y, cv=FOLDS, params={"sample_weight": w}
        )
        return result["test_score"]

    assert same_for_both(scores).mean() > 0.95


@pytest.mark.usefixtures("routing")
def test_weights_without_a_request_are_an_error() -> None:
    (X, y), w = tumors(), tumor_weights()
    with pytest.raises(UnsetMetadataPassedError, match="sample_weight"):
        make_pipe().fit(X, y, sample_weight=w)


@pytest.mark.usefixtures("routing")
def test_weights_through_partial_fit() -> None:
    X, y = digits()
    w = np.linspace(0, 2, len(y))
    model = make_mlp().set_partial_fit_request(sample_weight=True)
    pair = np.column_stack([y % 2, y // 2])
    outputs = MultiOutputClassifier(model)
    outputs.partial_fit(X, pair, classes=[range(2), range(5)], sample_weight=w)
    for fitted, column in zip(outputs.estimators_, pair.T, strict=True):
        alone = make_mlp().partial_fit(X, column, w, classes=np.unique(column))
        assert_array_equal(fitted.predict_proba(X), alone.predict_proba(X))
