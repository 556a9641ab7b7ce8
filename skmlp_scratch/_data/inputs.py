"""Batches of inputs, in the type to compute in.

The data set is neither copied nor cast as a whole. The rows of a batch are gathered in their own
type (bytes for pixels, a quarter of the memory traffic of float32), then cast into a buffer.
"""

from collections.abc import Callable
from functools import cached_property
from math import isfinite
from typing import Any, Protocol

import numpy as np

from skmlp_scratch._typing import Array, FloatArray, Rows

BatchFunction = Callable[[FloatArray], Any]
"""Returns a changed batch of the same shape; it may write to the one that it is given."""


class Inputs(Protocol):
    """The rows of a data set."""

    def batch(self, rows: Rows) -> Any:
        """Return the selected rows, (rows, n_features), valid until the next call."""


class DenseInputs:
    """Rows of an array of any numeric type and memory layout, memory maps included.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Data set.
    batch_size : int
        Rows of the largest batch.
    dtype : dtype
        Floating-point type of the batches.
    scale : float
        Factor of all values.
    """

    def __init__(self, X: Array, batch_size: int, dtype: np.dtype[Any], scale: float) -> None:
        self._X = X
        self._shape = (batch_size, X.shape[1])
        self._dtype = dtype
        self._scale = dtype.type(scale)
        # take would copy an array in any other layout as a whole.
        self._takes_rows = X.flags.c_contiguous and X.flags.aligned and X.dtype.isnative

    def batch(self, rows: Rows) -> FloatArray:
        """Return the selected rows as an array that BLAS reads without a copy."""
        picked = self._pick(rows)
        if self._scale == 1 and picked.dtype == self._dtype and _suits_blas(picked):
            return picked
        return self._convert(picked)

    def writable_batch(self, rows: Rows) -> FloatArray:
        """Return the selected rows in the buffer, which may be written to until the next call."""
        return self._convert(self._pick(rows))

    def _convert(self, picked: Array) -> FloatArray:
        """Scale and cast rows into the buffer."""
        cast = self._cast[: len(picked)]
        if self._scale == 1:
            np.copyto(cast, picked, casting="same_kind")
        else:
            np.multiply(picked, self._scale, out=cast, casting="same_kind")
        return cast

    def _pick(self, rows: Rows) -> Array:
        """Return the selected rows in the data set's own type."""
        if self._takes_rows and isinstance(rows, np.ndarray):
            # In its default mode, take would fill a buffer of its own first.
            return self._X.take(rows, axis=0, out=self._gathered[: len(rows)], mode="clip")
        return self._X[rows]

    # Slices of an array of the right type, as in most predictions, need neither buffer.
    @cached_property
    def _gathered(self) -> Array:
        return np.empty(self._shape, self._X.dtype)

    @cached_property
    def _cast(self) -> FloatArray:
        return np.empty(self._shape, self._dtype)


class SparseInputs:
    """Rows of a SciPy CSR array or matrix.

    Parameters
    ----------
    X : sparse array or matrix of shape (n_samples, n_features)
        Data set.
    dtype : dtype
        Floating-point type of the batches.
    scale : float
        Factor of all values.
    """

    def __init__(self, X: Any, dtype: np.dtype[Any], scale: float) -> None:
        self._X = X
        self._dtype = dtype
        self._scale = dtype.type(scale)

    def batch(self, rows: Rows) -> Any:
        """Return the selected rows as a CSR array or matrix."""
        batch = self._X[rows].astype(self._dtype, copy=False)
        return batch if self._scale == 1 else batch * self._scale


class AugmentedInputs:
    """Dense rows as a function changes them, batch by batch.

    Parameters
    ----------
    inputs : DenseInputs
        The rows.
    augment : callable
        Given a batch that it may write to, returns one of the same shape.
    """

    def __init__(self, inputs: DenseInputs, augment: BatchFunction) -> None:
        self._inputs = inputs
        self._augment = augment

    def batch(self, rows: Rows) -> FloatArray:
        """Return the selected rows, changed."""
        buffer = self._inputs.writable_batch(rows)
        batch = np.asarray(self._augment(buffer))
        _check_numbers(batch, buffer.shape)
        if batch.dtype != buffer.dtype or not _suits_blas(batch):
            np.copyto(buffer, batch, casting="same_kind")
            batch = buffer
        _check_finite(batch)
        return batch


def make_inputs(
    X: Any,
    batch_size: int,
    dtype: np.dtype[Any],
    scale: float = 1.0,
    augment: BatchFunction | None = None,
) -> Inputs:
    """Wrap a dense array or a CSR array or matrix of shape (n_samples, n_features)."""
    if not isinstance(X, np.ndarray):
        return SparseInputs(X, dtype, scale)
    inputs = DenseInputs(X, batch_size, dtype, scale)
    return inputs if augment is None else AugmentedInputs(inputs, augment)


def _check_numbers(batch: Array, shape: tuple[int, ...]) -> None:
    """Raise unless a changed batch holds numbers in the shape that it had."""
    if batch.shape != shape or batch.dtype.kind not in "fiub":
        raise ValueError(
            f"augment must return the batch that it is given, changed: numbers of shape {shape}. "
            f"It returned an array of {batch.dtype} of shape {batch.shape}."
        )


def _check_finite(batch: FloatArray) -> None:
    """Raise unless a changed batch is finite."""
    # The norm of finite numbers may overflow, but it takes a tenth of the time of isfinite.
    if not isfinite(np.linalg.norm(batch)) and not np.isfinite(batch).all():
        raise ValueError("augment must return finite numbers, but a batch has infinity or NaN.")


def _suits_blas(x: Array) -> bool:
    """Return whether the entries of each row, or of each column, follow each other in memory."""
    row, column = x.strides
    return bool(row >= column == x.itemsize or column >= row == x.itemsize)
