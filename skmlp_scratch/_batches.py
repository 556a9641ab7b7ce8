"""Mini-batches: the rows of the data set that one step needs, in the type it computes in.

The data set is neither copied nor cast as a whole. The rows of a batch are gathered in their own
type (bytes for pixels, a quarter of the memory traffic of float32), then cast into a buffer.

``rows`` selects a batch: a slice, which costs nothing, or an array of row numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Rows = slice | NDArray[np.integer[Any]]
Array = NDArray[Any]


class Inputs(Protocol):
    """The rows of a data set."""

    def batch(self, rows: Rows) -> Any:
        """Return the selected rows, (rows, n_features), valid until the next call."""


class Targets(Protocol):
    """The desired outputs of each row of a data set."""

    kind: str
    """"binary", "multiclass" or "multilabel"."""
    n_outputs: int
    uninformed: float
    """What an output should give if nothing is known about a row."""

    @property
    def codes(self) -> NDArray[np.integer[Any]] | None:
        """Class of each row; None where a row may have several."""

    def batch(self, rows: Rows, out: Array) -> None:
        """Write the selected rows' targets into `out` of shape (n_outputs, rows)."""

    def hits(self, rows: Rows, logits: Array) -> NDArray[np.bool_]:
        """Return for each row whether the logits, (n_outputs, rows), name its class."""


@dataclass
class Dataset:
    """What there is to learn.

    Parameters
    ----------
    X : ndarray, or CSR array or matrix, of shape (n_rows, n_features)
        The rows, in any numeric type.
    targets : Targets
        Their desired outputs.
    sample_weight : ndarray of shape (n_rows,) or None
        Their weights, in the type to compute in; None if they are all 1.
    """

    X: Any
    targets: Targets
    sample_weight: Array | None

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return int(self.X.shape[0])

    def total_weight(self, rows: Rows) -> float:
        """Return the sum of the weights of `rows`; raise if it is 0 and they are not."""
        if self.sample_weight is None:
            return count_rows(rows)
        weights = self.sample_weight[rows]
        total = float(weights.sum(dtype=np.float64))
        if total == 0 and weights.any():
            raise ValueError(
                "The weights of a batch, positive and negative ones, add up to 0, so that its mean "
                "loss is not defined. Make all weights positive, or batches larger."
            )
        return total


class DenseInputs:
    """Rows of an array of any numeric type and memory layout, memory maps included.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
        The data set.
    max_rows : int
        Rows of the largest batch.
    dtype : dtype
        Floating-point type of the batches.
    scale : float
        What each value is multiplied by.
    """

    def __init__(self, X: Array, max_rows: int, dtype: np.dtype[Any], scale: float) -> None:
        self._X = X
        self._shape = (max_rows, X.shape[1])
        self._dtype = dtype
        self._scale = dtype.type(scale)
        # take would copy an array in any other layout as a whole.
        self._takes_rows = X.flags.c_contiguous and X.flags.aligned and X.dtype.isnative

    def batch(self, rows: Rows) -> Array:
        """Return the selected rows as an array that BLAS reads without a copy."""
        picked = self._pick(rows)
        if self._scale != 1:
            cast = self._cast[: len(picked)]
            np.multiply(picked, self._scale, out=cast, casting="same_kind")
            return cast
        if picked.dtype == self._dtype and _suits_blas(picked):
            return picked
        cast = self._cast[: len(picked)]
        np.copyto(cast, picked, casting="same_kind")
        return cast

    def _pick(self, rows: Rows) -> Array:
        """Return the selected rows in the data set's own type."""
        if self._takes_rows and isinstance(rows, np.ndarray):
            # In its default mode, take would fill a buffer of its own first.
            return self._X.take(rows, axis=0, out=self._gathered[: len(rows)], mode="clip")
        return self._X[rows]

    # Slices of an array of the right type, as in most predictions, need neither memory.
    @cached_property
    def _gathered(self) -> Array:
        return np.empty(self._shape, self._X.dtype)

    @cached_property
    def _cast(self) -> Array:
        return np.empty(self._shape, self._dtype)


class SparseInputs:
    """Rows of a SciPy CSR array or matrix.

    Parameters
    ----------
    X : sparse array or matrix of shape (n_rows, n_features)
        The data set.
    dtype : dtype
        Floating-point type of the batches.
    scale : float
        What each value is multiplied by.
    """

    def __init__(self, X: Any, dtype: np.dtype[Any], scale: float) -> None:
        self._X = X
        self._dtype = dtype
        self._scale = dtype.type(scale)

    def batch(self, rows: Rows) -> Any:
        """Return the selected rows as a CSR array or matrix."""
        batch = self._X[rows].astype(self._dtype, copy=False)
        return batch if self._scale == 1 else batch * self._scale


class OneHotTargets:
    """One class out of three or more for each row.

    Parameters
    ----------
    codes : ndarray of int of shape (n_rows,)
        The rows' classes.
    n_outputs : int
        Number of classes.
    """

    kind = "multiclass"

    def __init__(self, codes: NDArray[np.integer[Any]], n_outputs: int) -> None:
        self.codes = codes
        self.n_outputs = n_outputs
        self.uninformed = 1 / n_outputs
        self._column = np.arange(n_outputs, dtype=codes.dtype)[:, np.newaxis]

    def batch(self, rows: Rows, out: Array) -> None:
        """Write 1 at the class of each row and 0 elsewhere."""
        np.equal(self._column, self.codes[rows], out=out, casting="unsafe")

    def hits(self, rows: Rows, logits: Array) -> NDArray[np.bool_]:
        """Return for each row whether its class has the largest logit."""
        return np.asarray(predicted_codes(logits, self.n_outputs) == self.codes[rows])


class BinaryTargets:
    """One class out of at most two for each row.

    Parameters
    ----------
    codes : ndarray of int of shape (n_rows,)
        The rows' classes, 0 or 1.
    n_classes : int
        Number of classes, 1 or 2.
    """

    kind = "binary"
    n_outputs = 1
    uninformed = 0.5

    def __init__(self, codes: NDArray[np.integer[Any]], n_classes: int) -> None:
        self.codes = codes
        self.n_classes = n_classes

    def batch(self, rows: Rows, out: Array) -> None:
        """Write the rows' codes."""
        out[0] = self.codes[rows]

    def hits(self, rows: Rows, logits: Array) -> NDArray[np.bool_]:
        """Return for each row whether its class is predicted."""
        return np.asarray(predicted_codes(logits, self.n_classes) == self.codes[rows])


class IndicatorTargets:
    """Any number of labels out of several for each row.

    Parameters
    ----------
    indicators : ndarray of shape (n_rows, n_outputs)
        1 or true where the label holds.
    """

    kind = "multilabel"
    uninformed = 0.5
    codes = None

    def __init__(self, indicators: Array) -> None:
        self.indicators = indicators
        self.n_outputs = indicators.shape[1]

    def batch(self, rows: Rows, out: Array) -> None:
        """Write the rows' indicators."""
        out[...] = self.indicators[rows].T

    def hits(self, rows: Rows, logits: Array) -> NDArray[np.bool_]:
        """Return for each row whether the positive logits are exactly its labels."""
        return np.asarray((self.indicators[rows] == (logits > 0).T).all(axis=1))


def predicted_codes(logits: Array, n_classes: int) -> NDArray[np.intp]:
    """Return the class, counted from 0, that the logits (n_outputs, rows) of each row name."""
    if n_classes > 2:
        return np.asarray(logits.argmax(axis=0))
    # A model of a single class has one output, too, and can name no other.
    return np.asarray(np.minimum(logits[0] > 0, n_classes - 1))


def make_inputs(X: Any, max_rows: int, dtype: np.dtype[Any], scale: float = 1.0) -> Inputs:
    """Wrap a dense array or a CSR array or matrix of shape (n_rows, n_features)."""
    if isinstance(X, np.ndarray):
        return DenseInputs(X, max_rows, dtype, scale)
    return SparseInputs(X, dtype, scale)


def slices(n_rows: int, size: int) -> Iterator[slice]:
    """Cut ``range(n_rows)`` into slices of `size` rows, the last one possibly shorter."""
    for start in range(0, n_rows, size):
        yield slice(start, min(start + size, n_rows))


def select(rows: Rows, part: slice) -> Rows:
    """Return a part of the selected rows; both slices have both ends."""
    if isinstance(rows, slice):
        return slice(rows.start + part.start, rows.start + part.stop)
    return rows[part]


def count_rows(rows: Rows) -> int:
    """Return how many rows a slice with both ends, or an array of row numbers, selects."""
    return rows.stop - rows.start if isinstance(rows, slice) else len(rows)


def _suits_blas(x: Array) -> bool:
    """Return whether the entries of each row, or of each column, follow each other in memory."""
    row, column = x.strides
    return row >= column == x.itemsize or column >= row == x.itemsize
