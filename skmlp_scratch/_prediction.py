"""Prediction in chunks: the logits of any number of rows in bounded memory."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skmlp_scratch._batches import Dataset, make_inputs, slices
from skmlp_scratch._network import Layers, Workspace, forward

FloatArray = NDArray[Any]

# Enough for the products to run at full speed and about the size of a second-level cache.
CHUNK_BYTES = 4 * 2**20


class Predictor:
    """Logits of the rows of a data set.

    Parameters
    ----------
    X : ndarray, or CSR array or matrix, of shape (n_rows, n_features)
        The data set.
    layer_sizes : sequence of int
        Number of inputs, of units in each hidden layer, and of outputs.
    activation : str
        Name of the hidden layers' activation.
    dtype : dtype
        Floating-point type to compute in.
    input_scale : float, default=1.0
        Factor of all features.

    Attributes
    ----------
    n_rows : int
        Number of rows.
    """

    def __init__(
        self,
        X: Any,
        layer_sizes: Sequence[int],
        activation: str,
        dtype: np.dtype[Any],
        input_scale: float = 1.0,
    ) -> None:
        self.n_rows = X.shape[0]
        self._chunk_rows = chunk_rows(self.n_rows, layer_sizes, dtype)
        self._inputs = make_inputs(X, self._chunk_rows, dtype, input_scale)
        self._workspace = Workspace(layer_sizes, activation, self._chunk_rows, dtype)

    def logits(
        self, layers: Layers, rows: NDArray[np.intp] | None = None
    ) -> Iterator[tuple[slice, FloatArray]]:
        """Yield the logits of all rows, or of the given ones, chunk by chunk.

        Yields
        ------
        chunk : slice
            Position within the rows.
        logits : ndarray of shape (n_outputs, chunk)
            Valid until the next chunk; the caller may overwrite it.
        """
        n_rows = self.n_rows if rows is None else len(rows)
        for chunk in slices(n_rows, self._chunk_rows):
            x = self._inputs.batch(chunk if rows is None else rows[chunk])
            yield chunk, forward(layers, self._workspace.rows(x.shape[0]), x)


def chunk_rows(n_rows: int, layer_sizes: Sequence[int], dtype: np.dtype[Any]) -> int:
    """Return how many rows to take at a time."""
    row_bytes = sum(layer_sizes) * dtype.itemsize
    return min(n_rows, max(128, CHUNK_BYTES // row_bytes))


def accuracy(
    predictor: Predictor, layers: Layers, dataset: Dataset, rows: NDArray[np.intp]
) -> float:
    """Return the weighted share of `rows` whose class, or whose every label, is predicted."""
    hits = np.empty(len(rows), bool)
    for chunk, logits in predictor.logits(layers, rows):
        hits[chunk] = dataset.targets.hits(rows[chunk], logits)
    weights = dataset.sample_weight
    return float(np.average(hits, weights=None if weights is None else weights[rows]))
