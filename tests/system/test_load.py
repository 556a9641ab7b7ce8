"""Many fits, many threads, many rows, many features: bounded memory and the same results.

Memory of a fit and of an epoch are in `test_memory.py`.
"""

import gc
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse

from skmlp_scratch import MLPClassifier
from skmlp_scratch._estimator.labels import make_targets
from tests._helpers.data import Data
from tests._helpers.models import make_model, peak_of

pytestmark = pytest.mark.slow


def test_two_hundred_fits_do_not_grow_memory(multiclass: Data) -> None:
    """Of one model again and again, and of new ones."""
    reused = make_model()

    def fit_often(n_fits: int) -> int:
        for number in range(n_fits):
            model = reused if number % 2 else make_model()
            model.set_params(max_iter=2, early_stopping=number % 4 < 2).fit(*multiclass)
            model.predict_proba(multiclass[0])
        return tracemalloc.get_traced_memory()[0]

    gc.disable()  # nothing large may wait for it
    try:
        tracemalloc.start()
        growth = -fit_often(20) + fit_often(200)
    finally:
        tracemalloc.stop()
        gc.enable()
    # The buffers of a fit take 60,000; scikit-learn's callbacks leave cycles of some hundred bytes.
    assert growth < 200 * 3000


def test_threads_that_share_a_model_predict_what_one_does(multiclass: Data) -> None:
    X = np.tile(multiclass[0], (50, 1))
    model = make_model(hidden_layer_sizes=(50, 50)).fit(*multiclass)
    expected = model.predict_proba(X)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(model.predict_proba, [X] * 16):
            assert_array_equal(found, expected)


def test_a_million_rows_take_few_bytes_each() -> None:
    """One for its label, four for its place in the shuffled order."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (1_000_000, 4), dtype=np.uint8)
    y = X[:, 0] // 128
    model = MLPClassifier((8,), input_scale=1 / 255, batch_size=4000, max_iter=1, random_state=0)
    model.set_params(learning_rate_init=0.02)
    assert peak_of(lambda: model.fit(X, y)) < 8 * len(X)
    assert model.score(X[:10_000], y[:10_000]) > 0.95


def test_fifty_thousand_sparse_features_are_never_dense() -> None:
    rng = np.random.default_rng(0)
    entries = rng.random(100_000, np.float32), rng.integers((2000, 50_000), size=(100_000, 2)).T
    X = sparse.csr_array(entries, shape=(2000, 50_000))
    y = np.arange(2000) % 2
    model = MLPClassifier((8,), max_iter=2, random_state=0)
    weights = 50_000 * 8 * 4
    # Parameters, gradient, two slots, the last finite ones, what is kept, and a penalty's gradient.
    assert peak_of(lambda: model.fit(X, y)) < 9 * weights < X.shape[0] * X.shape[1]
    assert model.predict(X).shape == (2000,)


def test_predictions_of_many_classes_take_the_memory_of_a_chunk() -> None:
    """The logits of all rows would be 100 times the labels."""
    n_rows, n_classes = 40_000, 400
    X = np.zeros((n_rows, 2), np.float32)
    model = make_model(max_iter=1).fit(X[: 2 * n_classes], np.arange(2 * n_classes) % n_classes)

    assert peak_of(lambda: model.predict(X)) < n_rows * n_classes * 4 / 4


def test_ten_thousand_classes() -> None:
    y = np.arange(20_001) % 10_000  # of fewer, scikit-learn asks whether they are classes
    X = np.column_stack([y // 100, y % 100]).astype(np.float32) / 100
    model = make_model(max_iter=1, batch_size=500).fit(X, y)
    assert model.predict_proba(X[:50]).sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert np.isfinite(model.predict_log_proba(X[:50])).all()
    assert_array_equal(make_targets(y, np.arange(10_000)).codes, y)
