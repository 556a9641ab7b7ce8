"""The forward and the backward pass, and the memory of a batch."""

from collections.abc import Sequence
from copy import copy
from typing import Any, Self

import numpy as np

from skmlp_scratch._network.activations import ACTIVATIONS
from skmlp_scratch._network.dropout import Dropout
from skmlp_scratch._network.parameters import Architecture, Layers, Parameters
from skmlp_scratch._typing import FloatArray

Input = Any  # a batch of rows: a dense array, or a SciPy CSR array or matrix


class Workspace:
    """The memory of one batch on its way forward, made once and written again for each.

    Parameters
    ----------
    architecture : Architecture
        Of the network.
    n_rows : int
        Rows of the largest batch.

    Attributes
    ----------
    logits : ndarray of shape (layer_sizes[-1], n_rows)
        What the last layer gives, stored by output.
    inputs : list of batches of shape (n_rows, layer_sizes[i])
        What the last forward pass gave to each layer, dropout included.
    outputs : list of ndarray of shape (n_rows, layer_sizes[i + 1])
        What each layer gives; the last one is the transposed logits.
    activations : list of activations
        One for each hidden layer.
    dropouts : sequence of Dropout or None
        One for the input of each layer.
    """

    def __init__(self, architecture: Architecture, n_rows: int) -> None:
        *hidden_sizes, n_outputs = architecture.layer_sizes[1:]
        dtype = architecture.dtype
        self.n_rows = n_rows
        self.logits = np.empty((n_outputs, n_rows), dtype)
        self.inputs: list[Input] = [None] * (len(hidden_sizes) + 1)
        self.outputs = [*(np.empty((n_rows, size), dtype) for size in hidden_sizes), self.logits.T]
        self.activations = [
            ACTIVATIONS[name](n_rows, size, dtype)
            for name, size in zip(architecture.activations, hidden_sizes, strict=True)
        ]
        self.dropouts: Sequence[Dropout | None] = [None] * len(self.inputs)
        self._shorter: dict[int, Self] = {}

    def rows(self, n_rows: int) -> Self:
        """Return the workspace of a batch of `n_rows`, which shares this one's memory."""
        if n_rows == self.n_rows:
            return self
        if n_rows not in self._shorter:
            self._shorter[n_rows] = self._shorten(n_rows)
        return self._shorter[n_rows]

    def _shorten(self, n_rows: int) -> Self:
        """Make a workspace of views of the first `n_rows` rows."""
        shorter = copy(self)
        shorter.n_rows = n_rows
        shorter.logits = _first_columns(self.logits, n_rows)
        shorter.inputs = [None] * len(self.inputs)
        shorter.outputs = [*(a[:n_rows] for a in self.outputs[:-1]), shorter.logits.T]
        shorter._shorter = {}  # not the one that will hold it: a cycle would outlive the training
        return shorter


class TrainingWorkspace(Workspace):
    """The memory of one batch on its way forward and backward.

    Parameters
    ----------
    architecture : Architecture
        Of the network.
    n_rows : int
        Rows of the largest batch.
    dropouts : sequence of Dropout or None, default=()
        Dropout of the inputs and of each hidden layer's outputs; empty for none at all.

    Attributes
    ----------
    targets : ndarray of shape (layer_sizes[-1], n_rows)
        What the logits should lead to.
    deltas : list of ndarray of shape (n_rows, layer_sizes[i + 1])
        Gradient of the loss with respect to what each layer gives before its activation; the last
        one is the transposed logits again, which the loss overwrites with its gradient.
    """

    def __init__(
        self, architecture: Architecture, n_rows: int, dropouts: Sequence[Dropout | None] = ()
    ) -> None:
        super().__init__(architecture, n_rows)
        self.targets = np.empty_like(self.logits)
        self.deltas = [*map(np.empty_like, self.outputs[:-1]), self.logits.T]
        self.ones = np.ones(n_rows, architecture.dtype)
        self.dropouts = dropouts or self.dropouts

    def _shorten(self, n_rows: int) -> Self:
        """Make a workspace of views of the first `n_rows` rows."""
        shorter = super()._shorten(n_rows)
        shorter.targets = _first_columns(self.targets, n_rows)
        shorter.deltas = [*(d[:n_rows] for d in self.deltas[:-1]), shorter.logits.T]
        shorter.ones = self.ones[:n_rows]
        return shorter


def forward(parameters: Layers, workspace: Workspace, x: Input) -> FloatArray:
    """Fill the workspace's outputs for the rows of `x`, of shape (n_rows, n_inputs).

    Returns
    -------
    logits : ndarray of shape (n_outputs, n_rows)
        The workspace's own.
    """
    a = x
    for layer, (coef, intercept) in enumerate(
        zip(parameters.coefs, parameters.intercepts, strict=True)
    ):
        dropout = workspace.dropouts[layer]
        a = dropout.forward(a) if dropout else a
        workspace.inputs[layer] = a
        z = workspace.outputs[layer]
        _product(a, coef, z)
        z += intercept
        if layer < len(workspace.activations):
            workspace.activations[layer].forward(z)
        a = z
    return workspace.logits


def backward(parameters: Parameters, workspace: TrainingWorkspace, gradient: Parameters) -> None:
    """Fill the gradient, after `forward` and with the loss's gradient in place of the logits."""
    for layer in reversed(range(len(parameters.coefs))):
        delta = workspace.deltas[layer]
        _product(workspace.inputs[layer].T, delta, gradient.coefs[layer])
        # A product with ones sums over the rows three times faster than a reduction.
        np.matmul(workspace.ones, delta, out=gradient.intercepts[layer])
        if layer > 0:
            below = np.matmul(delta, parameters.coefs[layer].T, out=workspace.deltas[layer - 1])
            if dropout := workspace.dropouts[layer]:
                dropout.backward(below)
            workspace.activations[layer - 1].backward(workspace.outputs[layer - 1], below)


def _product(a: Input, b: FloatArray, out: FloatArray) -> None:
    """Write the matrix product of `a`, dense or sparse, and `b` into `out`."""
    if isinstance(a, np.ndarray):
        np.matmul(a, b, out=out)
    else:
        out[...] = a @ b


def _first_columns(array: FloatArray, n_columns: int) -> FloatArray:
    """Return a contiguous array of fewer columns in the same memory."""
    n_rows = len(array)
    return array.reshape(-1)[: n_rows * n_columns].reshape(n_rows, n_columns)
