"""Labels, probabilities and logits of a fitted model."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.special import expit, softmax

from tests._helpers.data import Data
from tests._helpers.models import make_model


def test_logits_are_what_the_probabilities_are_made_of(problem: Data) -> None:
    X, y = problem
    model = make_model().fit(X, y)
    logits, probabilities = model.logits(X), model.predict_proba(X)
    assert logits.shape == (len(X), model.n_outputs_)
    if model.out_activation_ == "softmax":
        assert_allclose(softmax(logits, axis=1), probabilities, rtol=1e-12)
        assert_array_equal(model.classes_[logits.argmax(axis=1)], model.predict(X))
    elif y.ndim == 1:
        assert_allclose(expit(logits), probabilities[:, 1:], rtol=1e-12)
        assert_array_equal(model.classes_[(logits[:, 0] > 0).astype(int)], model.predict(X))
    else:
        assert_allclose(expit(logits), probabilities, rtol=1e-12)
        assert_array_equal(logits > 0, model.predict(X))


def test_probabilities(problem: Data) -> None:
    X, y = problem
    model = make_model().fit(X, y)
    probabilities = model.predict_proba(X)
    assert probabilities.shape == (len(X), y.shape[1] if y.ndim == 2 else len(model.classes_))
    assert probabilities.min() >= 0
    if y.ndim == 1:
        assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)
    assert_allclose(model.predict_log_proba(X), np.log(probabilities), rtol=1e-9)


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/pull/33168")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("factor", [1e5, 1e10, 1e30])
def test_log_probabilities_of_extreme_input_are_finite(
    problem: Data, factor: float, dtype: Any
) -> None:
    X, y = problem[0].astype(dtype), problem[1]
    model = make_model().fit(X, y)
    extremes = X * np.dtype(dtype).type(factor)
    logs, probabilities = model.predict_log_proba(extremes), model.predict_proba(extremes)
    assert np.isfinite(logs).all()
    assert logs.max() <= 0
    assert logs.min() < -100
    # In the binary problem, probabilities of the first class are what the other's leave of 1.
    assert_allclose(np.exp(logs), probabilities, rtol=1e-4, atol=np.finfo(dtype).eps)


def test_chunks_do_not_show(multiclass: Data) -> None:
    """Wide layers, so that these rows are too many to be computed at once."""
    X, y = multiclass
    model = make_model(hidden_layer_sizes=(3000,), max_iter=1).fit(X, y)
    X = np.tile(X, (5, 1))
    whole = model.predict_proba(X)
    parts = [model.predict_proba(X[rows : rows + 50]) for rows in range(0, len(X), 50)]
    assert_allclose(whole, np.vstack(parts), rtol=1e-12)
    assert_allclose(model.predict_proba(sparse.csr_array(X)), whole, rtol=1e-12)


def test_score_takes_weights(multiclass: Data) -> None:
    X, y = multiclass
    model = make_model().fit(X, y)
    hits = model.predict(X) == y
    assert 0 < hits.mean() < 1
    assert model.score(X, y, sample_weight=hits) == 1
    assert model.score(X, y, sample_weight=~hits) == 0


@pytest.mark.thread("https://github.com/aigamedev/scikit-neuralnetwork/issues/8")
@pytest.mark.parametrize("labels", ["ab", "ba"])
def test_a_binary_problem_has_two_columns_of_probabilities(binary: Data, labels: str) -> None:
    X, y = binary
    model = make_model().partial_fit(X, np.array([*labels])[y], classes=[*labels])
    probabilities = model.predict_proba(X)
    assert_array_equal(model.predict(X), model.classes_[probabilities.argmax(axis=1)])
    assert_array_equal(probabilities.sum(axis=1), 1)


def test_the_softmax_is_applied_once(iris: Data) -> None:
    """In mlxtend 0.25.0 it is applied twice: of three classes, none is surer than e / (e + 2)."""
    model = make_model(learning_rate_init=0.05, max_iter=100).fit(*iris)
    assert model.predict_proba(iris[0]).max() > 0.99
