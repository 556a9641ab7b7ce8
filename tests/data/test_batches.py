"""Batches hold the right rows in the right type, from every kind of data set."""

from typing import Any, Literal

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray
from scipy import sparse

from skmlp_scratch._data.dataset import Dataset, count_rows, slices
from skmlp_scratch._data.inputs import make_inputs
from skmlp_scratch._data.targets import BinaryTargets, IndicatorTargets, OneHotTargets
from tests._helpers.pairwise import all_pairs


def misaligned(X: NDArray[Any]) -> Any:
    memory = np.empty(X.nbytes + 1, np.uint8)[1:]
    copy = memory.view(X.dtype).reshape(X.shape)
    copy[...] = X
    return copy


N_ROWS, N_FEATURES = 30, 7
DATA_DTYPES = ["u1", "?", "i8", "f2", "f4", "f8", ">f8", ">i2", "longdouble"]
LAYOUTS = {
    "C": np.ascontiguousarray,
    "Fortran": np.asfortranarray,
    "every other column": lambda X: np.repeat(X, 2, axis=1)[:, ::2],
    "every other row": lambda X: np.repeat(X, 2, axis=0)[::2],
    "columns of a wider array": lambda X: np.hstack([X, X])[:, :N_FEATURES],
    "backwards": lambda X: np.ascontiguousarray(X[::-1])[::-1],
    "misaligned": misaligned,
}
SELECTIONS = {
    "slice": slice(5, 16),
    "numbers": np.array([3, 29, 0, 3, 17]),
    "one row": slice(4, 5),
}


@pytest.fixture
def pixels(rng: np.random.Generator) -> Any:
    return rng.integers(0, 256, (N_ROWS, N_FEATURES)).astype(np.uint8)


@all_pairs(
    data_dtype=DATA_DTYPES,
    layout=LAYOUTS,
    selection=SELECTIONS,
    dtype=[np.float32, np.float64],
)
def test_a_batch_is_the_selected_rows_cast(
    pixels: NDArray[Any], data_dtype: str, layout: str, selection: str, dtype: Any
) -> None:
    X = LAYOUTS[layout](pixels.astype(data_dtype))
    X.flags.writeable = False
    rows = SELECTIONS[selection]
    batch = make_inputs(X, 11, np.dtype(dtype)).batch(rows)

    assert batch.dtype == dtype
    assert_array_equal(batch, X[rows].astype(dtype))


@pytest.mark.parametrize("order", ["C", "F"])
def test_consecutive_rows_of_the_right_type_are_not_copied(
    pixels: NDArray[Any], order: Literal["C", "F"]
) -> None:
    X = pixels.astype(np.float32, order=order)

    assert np.shares_memory(make_inputs(X, 10, X.dtype).batch(slice(3, 9)), X)


def test_batches_reuse_their_memory(pixels: NDArray[Any]) -> None:
    inputs = make_inputs(pixels, 4, np.dtype(np.float32))

    assert np.shares_memory(inputs.batch(np.arange(4)), inputs.batch(np.arange(2)))


@pytest.mark.parametrize("container", [sparse.csr_array, sparse.csr_matrix])
@pytest.mark.parametrize("data_dtype", ["u1", "f4", "f8"])
@pytest.mark.parametrize("selection", SELECTIONS)
def test_a_sparse_batch_is_the_selected_rows_cast(
    pixels: NDArray[Any], container: Any, data_dtype: str, selection: str
) -> None:
    X = container((pixels * (pixels > 128)).astype(data_dtype))
    rows = SELECTIONS[selection]
    batch = make_inputs(X, 11, np.dtype(np.float32)).batch(rows)

    assert batch.dtype == np.float32
    assert_array_equal(batch.toarray(), X.toarray()[rows].astype(np.float32))


def test_one_hot_targets_mark_each_rows_class() -> None:
    targets = OneHotTargets(np.array([2, 0, 1, 2], np.uint8), 3)
    out = np.full((3, 2), np.nan)
    targets.write(np.array([3, 1]), out)

    assert_array_equal(out, [[0, 1], [0, 0], [1, 0]])


def test_one_hot_hits_are_rows_with_the_largest_logit_at_their_class() -> None:
    targets = OneHotTargets(np.array([2, 0, 1]), 3)
    logits = np.array([[0.0, 5.0, 9.0], [1.0, 4.0, 8.0], [2.0, 3.0, 7.0]])

    assert_array_equal(targets.is_correct(slice(0, 3), logits), [True, True, False])


def test_indicator_targets_are_the_rows_indicators() -> None:
    targets = IndicatorTargets(np.array([[1, 0], [0, 1], [1, 1]], bool))
    out = np.full((2, 2), np.nan)
    targets.write(np.array([2, 0]), out)

    assert_array_equal(out, [[1, 1], [1, 0]])


def test_indicator_hits_need_every_label() -> None:
    targets = IndicatorTargets(np.array([[1, 0], [0, 1], [1, 1]], bool))
    logits = np.array([[1.0, -1.0, 1.0], [-1.0, 1.0, -1.0]])

    assert_array_equal(targets.is_correct(slice(0, 3), logits), [True, True, False])


@pytest.mark.parametrize(("n_classes", "hits"), [(1, [True, True]), (2, [True, False])])
def test_binary_hits_are_rows_whose_class_is_the_sign(n_classes: int, hits: Any) -> None:
    targets = BinaryTargets(np.zeros(2, np.uint8), n_classes)

    assert_array_equal(targets.is_correct(slice(0, 2), np.array([[-1.0, 1.0]])), hits)


def test_total_weight_is_summed_in_double_precision() -> None:
    n_rows = 2**12
    weights = np.full(n_rows, 0.1, np.float32)
    targets = BinaryTargets(np.zeros(n_rows, np.uint8), 2)
    dataset = Dataset(np.zeros((n_rows, 1)), targets, weights)

    assert dataset.total_weight(slice(0, n_rows)) == weights.astype(np.float64).sum()


def test_slices_cover_all_rows_once() -> None:
    pieces = list(slices(10, 4))

    assert [count_rows(piece) for piece in pieces] == [4, 4, 2]
    assert_array_equal(np.concatenate([np.arange(10)[piece] for piece in pieces]), np.arange(10))
