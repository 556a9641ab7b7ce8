"""The objective of a training: value and gradient, for a batch or for all rows."""

from collections.abc import Sequence

import numpy as np

from skmlp_scratch._data.dataset import Dataset, slices
from skmlp_scratch._data.inputs import BatchFunction, make_inputs
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
        Inputs, targets and sample weights.
    architecture : Architecture
        Architecture of the network.
    loss : type of loss
        Loss of a batch.
    alpha : float
        Strength of the L2 penalty.
    batch_size : int
        Rows of the largest batch.
    dropouts : sequence of Dropout or None, default=()
        Dropout of the inputs and of each hidden layer's outputs; empty for none at all.
    augment : callable or None, default=None
        Changes each batch of dense inputs.

    Attributes
    ----------
    batch_size : int
        Rows of the largest batch.
    gradient : Parameters
        Gradient at the last evaluation.
    """

    def __init__(
        self,
        parameters: Parameters,
        dataset: Dataset,
        architecture: Architecture,
        *,
        loss: type[Loss],
        alpha: float,
        batch_size: int,
        dropouts: Sequence[Dropout | None] = (),
        augment: BatchFunction | None = None,
    ) -> None:
        dtype, n_outputs = architecture.dtype, architecture.n_outputs
        self.parameters = parameters
        self.dataset = dataset
        self.alpha = alpha
        self.gradient = Parameters(architecture.layer_sizes, dtype)
        self.batch_size = batch_size
        self.architecture = architecture
        self.inputs = make_inputs(dataset.X, batch_size, dtype, architecture.input_scale, augment)
        self.dropouts = dropouts
        self._workspace = TrainingWorkspace(architecture, batch_size, dropouts)
        self.loss = loss
        self._loss = loss(n_outputs, batch_size, dtype)
        self._targets: FloatArray = np.empty(n_outputs * batch_size, dtype)
        self._penalty_gradient = np.empty_like(parameters.weights)

    def evaluate(self, rows: Rows, total_weight: float) -> float:
        """Return the value for one batch and fill the gradient."""
        return self._evaluate_loss(rows, total_weight) + self._add_penalty(total_weight)

    def evaluate_all(self) -> float:
        """Return the value for all rows, taken in batches, and fill the gradient."""
        rows = self.dataset.all_rows
        total_weight = self.dataset.total_weight(rows)
        value, total = 0.0, np.zeros_like(self.gradient.flat)
        for part in slices(self.dataset.n_samples, self.batch_size):
            value += self._evaluate_loss(part, total_weight)
            total += self.gradient.flat
        self.gradient.flat[:] = total
        return value + self._add_penalty(total_weight)

    def _evaluate_loss(self, rows: Rows, total_weight: float) -> float:
        """Return the part of the value that comes from `rows`; set the gradient to its part."""
        logits = forward(self.parameters, self._workspace, self.inputs.batch(rows))
        targets = self._targets[: logits.size].reshape(logits.shape)
        self.dataset.targets.write(rows, targets)
        losses = self._loss.losses_and_gradient(logits, targets)
        delta = logits  # the loss has overwritten the logits with its gradient
        if self.dataset.sample_weight is not None:
            weights = self.dataset.sample_weight[rows]
            losses *= weights
            delta *= weights
        # Scaling the gradient of the few logits saves scaling that of all parameters.
        delta *= 1 / total_weight
        backward(self.parameters, self._workspace, delta.T, self.gradient)
        return float(losses.sum(dtype=np.float64)) / total_weight

    def _add_penalty(self, total_weight: float) -> float:
        """Return the penalty's part of the value; add its gradient."""
        if self.alpha == 0:
            return 0.0
        weights, strength = self.parameters.weights, self.alpha / total_weight
        self.gradient.weights += np.multiply(weights, strength, out=self._penalty_gradient)
        return 0.5 * strength * float(np.vdot(weights, weights))
