"""Prediction in chunks: the outputs of a network for any number of rows, in bounded memory."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from skmlp_scratch._data.dataset import count_rows, select, slices
from skmlp_scratch._data.inputs import make_inputs
from skmlp_scratch._network.parameters import Architecture, LayerArrays
from skmlp_scratch._network.passes import Workspace, forward
from skmlp_scratch._typing import FloatArray, Rows

# Enough for the products to run at full speed and about the size of a second-level cache.
CHUNK_BYTES = 4 * 2**20
MIN_CHUNK_ROWS = 128  # however wide they are


class Predictor:
    """Logits and hidden activations of a network for the rows of a data set.

    Parameters
    ----------
    X : ndarray, or CSR array or matrix, of shape (n_samples, n_features)
        Data set.
    architecture : Architecture
        Architecture of the network.

    Attributes
    ----------
    chunk_rows : int
        Number of rows of the largest chunk.
    """

    def __init__(self, X: Any, architecture: Architecture) -> None:
        self.chunk_rows = chunk_rows(X.shape[0], architecture.layer_sizes, architecture.dtype)
        self._inputs = make_inputs(X, self.chunk_rows, architecture.dtype, architecture.input_scale)
        self._workspace = Workspace(architecture, self.chunk_rows)

    def chunks(
        self, layers: LayerArrays, rows: Rows
    ) -> Iterator[tuple[slice, FloatArray, list[FloatArray]]]:
        """Run the network on the given rows, chunk by chunk.

        Yields
        ------
        chunk : slice
            Position within the rows.
        logits : ndarray of shape (n_outputs, chunk_rows)
            Its logits.
        hidden : list of ndarray of shape (chunk_rows, n_units)
            Outputs of its hidden layers. They and the logits are valid until the next chunk; the
            caller may overwrite them.
        """
        workspace = self._workspace
        for chunk in slices(count_rows(rows), self.chunk_rows):
            logits = forward(layers, workspace, self._inputs.batch(select(rows, chunk)))
            yield chunk, logits, workspace.inputs[1:]


def chunk_rows(n_samples: int, layer_sizes: Sequence[int], dtype: np.dtype[Any]) -> int:
    """Return how many rows to take at a time."""
    row_bytes = sum(layer_sizes) * dtype.itemsize
    return min(n_samples, max(MIN_CHUNK_ROWS, CHUNK_BYTES // row_bytes))


def check_finite(logits: FloatArray, first_row: int, layers: LayerArrays) -> None:
    """Raise unless the logits of some rows, (n_outputs, n_samples), are finite."""
    is_finite = np.isfinite(logits)
    if not is_finite.all():
        check_finite_layers(layers)
        row = first_row + int(is_finite.all(axis=0).argmin())
        raise ValueError(
            f"The outputs for row {row} of X are too large for {logits.dtype}. Scale X as for the "
            "training, for instance with StandardScaler or input_scale."
        )


def check_finite_layers(layers: LayerArrays) -> None:
    """Raise unless all weights and biases, which the user may have replaced, are finite."""
    if not all(np.isfinite(array).all() for array in (*layers.coefs, *layers.intercepts)):
        raise ValueError(
            "coefs_ and intercepts_ hold NaN or infinite values. Set finite ones, or train a new "
            "model by fit with warm_start=False."
        )
