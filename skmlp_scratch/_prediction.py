"""Prediction in chunks: what the network gives for any number of rows, in bounded memory."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skmlp_scratch._batches import Dataset, Rows, count_rows, make_inputs, select, slices
from skmlp_scratch._losses import Loss
from skmlp_scratch._network import Architecture, Layers, Workspace, forward

FloatArray = NDArray[Any]

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


class Validation:
    """Loss and accuracy of a network on rows that its training does not see.

    Parameters
    ----------
    dataset : Dataset
        Where the rows are.
    rows : slice, or ndarray of int of shape (n_validation_rows,)
        Their numbers.
    architecture : Architecture
        Of the network.
    loss : type of loss
        The training's loss.
    """

    def __init__(
        self,
        dataset: Dataset,
        rows: Rows,
        architecture: Architecture,
        loss: type[Loss],
    ) -> None:
        self.dataset = dataset
        self.rows = rows
        self._predictor = Predictor(dataset.X, architecture)
        shape, dtype = (architecture.n_outputs, self._predictor.chunk_rows), architecture.dtype
        self._loss = loss(*shape, dtype)
        self._targets = np.empty(shape, dtype)
        weights = dataset.sample_weight
        self._weights = None if weights is None else weights[rows]

    @np.errstate(all="ignore")  # as in the training itself
    def evaluate(self, layers: Layers) -> tuple[float, float]:
        """Return the weighted mean loss, without penalty or smoothing, and the share of hits.

        A hit is a row whose class, or whose every label, is predicted.
        """
        targets = self.dataset.targets
        n_rows = count_rows(self.rows)
        losses, hits = np.empty(n_rows), np.empty(n_rows, bool)
        for chunk, workspace in self._predictor.chunks(layers, self.rows):
            rows, logits = select(self.rows, chunk), workspace.logits
            wanted = self._targets[:, : count_rows(rows)]
            hits[chunk] = targets.hits(rows, logits)
            targets.batch(rows, wanted)
            losses[chunk] = self._loss.losses_and_gradient(logits, wanted)
        return (
            float(np.average(losses, weights=self._weights)),
            float(np.average(hits, weights=self._weights)),
        )


def chunk_rows(n_rows: int, layer_sizes: Sequence[int], dtype: np.dtype[Any]) -> int:
    """Return how many rows to take at a time."""
    row_bytes = sum(layer_sizes) * dtype.itemsize
    return min(n_rows, max(MIN_CHUNK_ROWS, CHUNK_BYTES // row_bytes))
