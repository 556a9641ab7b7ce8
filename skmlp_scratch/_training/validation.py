"""Loss and accuracy on rows that a training does not see."""

import numpy as np

from skmlp_scratch._data.dataset import Dataset, count_rows, select
from skmlp_scratch._network.losses import Loss
from skmlp_scratch._network.parameters import Architecture, Layers
from skmlp_scratch._network.predictor import Predictor
from skmlp_scratch._typing import Rows


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
