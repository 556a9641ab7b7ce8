"""Loss and score on rows that a training does not see."""

from collections.abc import Callable

import numpy as np

from skmlp_scratch._data.dataset import Dataset, count_rows, select
from skmlp_scratch._network.losses import Loss
from skmlp_scratch._network.parameters import Architecture, LayerArrays
from skmlp_scratch._network.predictor import Predictor
from skmlp_scratch._typing import Array, FloatArray, Rows

# Returns validation loss and score of the present parameters.
Validate = Callable[[], tuple[float, float]]
# Returns a score for each of the given rows from their logits (n_outputs, rows).
RowScore = Callable[[Rows, FloatArray], Array]
# Returns the score from the mean loss and the mean of the row scores.
Score = Callable[[float, float], float]


class Validation:
    """Loss and score of a network on held-out rows.

    The loss is the weighted mean without penalty and smoothing. The score follows from it and from
    the weighted mean of a score for each row.

    Parameters
    ----------
    parameters : LayerArrays
        Parameters to evaluate, which the training changes.
    architecture : Architecture
        Architecture of the network.
    dataset : Dataset
        Where the rows are.
    rows : slice, or ndarray of int of shape (n_held_out,)
        Their numbers.
    loss : type of loss
        Loss of the training.
    row_score : callable
        Gives a score for each row.
    score : callable
        Gives the score.
    """

    def __init__(
        self,
        parameters: LayerArrays,
        architecture: Architecture,
        dataset: Dataset,
        rows: Rows,
        *,
        loss: type[Loss],
        row_score: RowScore,
        score: Score,
    ) -> None:
        self._parameters = parameters
        self._dataset, self._rows = dataset, rows
        self._row_score, self._score = row_score, score
        self._predictor = Predictor(dataset.X, architecture)
        shape, dtype = (architecture.n_outputs, self._predictor.chunk_rows), architecture.dtype
        self._loss = loss(*shape, dtype)
        self._targets: FloatArray = np.empty(shape, dtype)
        weights = dataset.sample_weight
        self._weights = None if weights is None else weights[rows]

    def __call__(self) -> tuple[float, float]:
        """Return loss and score of the present parameters."""
        losses, scores = self._evaluate_rows()
        loss, score = (float(np.average(x, weights=self._weights)) for x in (losses, scores))
        return loss, self._score(loss, score)

    @np.errstate(all="ignore")  # as in the training itself
    def _evaluate_rows(self) -> tuple[FloatArray, FloatArray]:
        """Return the loss and the score of each row."""
        n_samples = count_rows(self._rows)
        losses, scores = np.empty(n_samples), np.empty(n_samples)
        for chunk, logits, _ in self._predictor.chunks(self._parameters, self._rows):
            rows = select(self._rows, chunk)
            targets = self._targets[:, : count_rows(rows)]
            scores[chunk] = self._row_score(rows, logits)
            self._dataset.targets.write(rows, targets)
            losses[chunk] = self._loss.losses_and_gradient(logits, targets)
        return losses, scores
