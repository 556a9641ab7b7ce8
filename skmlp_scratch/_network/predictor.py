"""Prediction in chunks: what the network gives for any number of rows, in bounded memory."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from skmlp_scratch._data.dataset import count_rows, select, slices
from skmlp_scratch._data.inputs import make_inputs
from skmlp_scratch._network.parameters import Architecture, Layers
from skmlp_scratch._network.passes import Workspace, forward
from skmlp_scratch._typing import Array, Rows

# Enough for the products to run at full speed and about the size of a second-level cache.
CHUNK_BYTES = 4 * 2**20
MIN_CHUNK_ROWS = 128  # however wide they are


class Predictor:
    """Outputs of a network for the rows of a data set.

    Parameters
    ----------
    X : ndarray, or CSR array or matrix, of shape (n_rows, n_features)
        The data set.
    architecture : Architecture
        Of the network.

    Attributes
    ----------
    n_rows : int
        Number of rows.
    chunk_rows : int
        Number of rows of the largest chunk.
    """

    def __init__(self, X: Any, architecture: Architecture) -> None:
        self.n_rows = X.shape[0]
        self.chunk_rows = chunk_rows(self.n_rows, architecture.layer_sizes, architecture.dtype)
        self._inputs = make_inputs(X, self.chunk_rows, architecture.dtype, architecture.input_scale)
        self._workspace = Workspace(architecture, self.chunk_rows)

    def chunks(self, layers: Layers, rows: Rows | None = None) -> Iterator[tuple[slice, Workspace]]:
        """Run the network on all rows, or on the given ones, chunk by chunk.

        Yields
        ------
        chunk : slice
            Position within the rows.
        workspace : Workspace
            Its logits and outputs are valid until the next chunk; the caller may overwrite them.
        """
        rows = slice(0, self.n_rows) if rows is None else rows
        for chunk in slices(count_rows(rows), self.chunk_rows):
            x = self._inputs.batch(select(rows, chunk))
            workspace = self._workspace.rows(x.shape[0])
            forward(layers, workspace, x)
            yield chunk, workspace


def chunk_rows(n_rows: int, layer_sizes: Sequence[int], dtype: np.dtype[Any]) -> int:
    """Return how many rows to take at a time."""
    row_bytes = sum(layer_sizes) * dtype.itemsize
    return min(n_rows, max(MIN_CHUNK_ROWS, CHUNK_BYTES // row_bytes))


def check_finite(logits: Array, first_row: int) -> None:
    """Raise unless the logits of some rows, (n_outputs, n_rows), are finite."""
    is_finite = np.isfinite(logits)
    if not is_finite.all():
        row = first_row + int(is_finite.all(axis=0).argmin())
        raise ValueError(
            f"The outputs for row {row} of X are too large for {logits.dtype}. Scale X as for the "
            "training, for instance with StandardScaler or input_scale."
        )
