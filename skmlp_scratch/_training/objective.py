"""The objective of a training: value and gradient, for a batch or for all rows."""

from collections.abc import Sequence

import numpy as np

from skmlp_scratch._data.dataset import Dataset, slices
from skmlp_scratch._data.inputs import make_inputs
from skmlp_scratch._network.dropout import Dropout
from skmlp_scratch._network.losses import Loss
from skmlp_scratch._network.parameters import Architecture, Parameters
from skmlp_scratch._network.passes import TrainingWorkspace, backward, forward
from skmlp_scratch._typing import FloatArray, Rows


class Objective:
    """Mean loss over a batch plus the L2 penalty, and its gradient.

    ::

        (sum_i w_i loss_i + alpha / 2 sum weights²) / sum_i w_i

    Parameters
    ----------
    parameters : Parameters
        Where to evaluate it; the caller changes them in place.
    dataset : Dataset
        What to learn.
    architecture : Architecture
        Of the network.
    loss : type of loss
        Loss of a batch.
    alpha : float
        Strength of the L2 penalty.
    max_rows : int
        Rows of the largest batch.
    label_smoothing : float, default=0.0
        Share of each target that is replaced by what an output should give if nothing is known.
    dropouts : sequence of Dropout or None, default=()
        Dropout of the inputs and of each hidden layer's outputs; empty for none at all.

    Attributes
    ----------
    gradient : Parameters
        Gradient at the last evaluation.

    References
    ----------
    Label smoothing: C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens and Z. Wojna, "Rethinking the
    Inception architecture for computer vision", CVPR 2016, arXiv:1512.00567, section 7.
    """

    def __init__(
        self,
        parameters: Parameters,
        dataset: Dataset,
        architecture: Architecture,
        *,
        loss: type[Loss],
        alpha: float,
        max_rows: int,
        label_smoothing: float = 0.0,
        dropouts: Sequence[Dropout | None] = (),
    ) -> None:
        dtype = architecture.dtype
        self.parameters = parameters
        self.dataset = dataset
        self.alpha = alpha
        self.label_smoothing = label_smoothing
        self.gradient = Parameters(architecture.layer_sizes, dtype)
        self._max_rows = max_rows
        self._inputs = make_inputs(dataset.X, max_rows, dtype, architecture.input_scale)
        self._workspace = TrainingWorkspace(architecture, max_rows, dropouts)
        self._loss = loss(architecture.n_outputs, max_rows, dtype)
        self._penalty_gradient = np.empty_like(parameters.weights)

    def evaluate(self, rows: Rows, total_weight: float) -> float:
        """Return the value for one batch and fill the gradient."""
        return self._evaluate_loss(rows, total_weight) + self._add_penalty(total_weight)

    def evaluate_all(self) -> float:
        """Return the value for all rows, taken in batches, and fill the gradient."""
        total_weight = self.dataset.total_weight(slice(0, self.dataset.n_rows))
        value, total = 0.0, np.zeros_like(self.gradient.flat)
        for rows in slices(self.dataset.n_rows, self._max_rows):
            value += self._evaluate_loss(rows, total_weight)
            total += self.gradient.flat
        self.gradient.flat[:] = total
        return value + self._add_penalty(total_weight)

    def _evaluate_loss(self, rows: Rows, total_weight: float) -> float:
        """Return the part of the value that comes from `rows`; set the gradient to its part."""
        x = self._inputs.batch(rows)
        workspace = self._workspace.rows(x.shape[0])
        self._fill_targets(rows, workspace.targets)
        logits = forward(self.parameters, workspace, x)
        losses = self._loss.losses_and_gradient(logits, workspace.targets)
        if self.dataset.sample_weight is not None:
            weights = self.dataset.sample_weight[rows]
            losses *= weights
            logits *= weights
        # Scaling the few logits here saves scaling the whole gradient.
        logits *= 1 / total_weight
        backward(self.parameters, workspace, self.gradient)
        return float(losses.sum(dtype=np.float64)) / total_weight

    def _fill_targets(self, rows: Rows, out: FloatArray) -> None:
        """Write the rows' smoothed targets."""
        targets, smoothing = self.dataset.targets, self.label_smoothing
        targets.batch(rows, out)
        if smoothing:
            out *= 1 - smoothing
            out += smoothing * targets.uninformed

    def _add_penalty(self, total_weight: float) -> float:
        """Return the penalty's part of the value; add its gradient."""
        if self.alpha == 0:
            return 0.0
        weights, strength = self.parameters.weights, self.alpha / total_weight
        self.gradient.weights += np.multiply(weights, strength, out=self._penalty_gradient)
        return 0.5 * strength * float(np.vdot(weights, weights))
