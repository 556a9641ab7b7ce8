"""The forward and the backward pass, and the buffers that they write.

The forward pass is, for each layer ``i``; the last one has no ``f`` and gives the logits::

    z[i] = a[i] @ coefs[i] + intercepts[i]
    a[i + 1] = f(z[i])

The backward pass, with ``delta[i] = d loss / d z[i]``, begins at the last layer::

    gradient.coefs[i]      = a[i].T @ delta[i]
    gradient.intercepts[i] = sum of the rows of delta[i]
    delta[i - 1]           = (delta[i] @ coefs[i].T) * f'(z[i - 1])

where activations compute ``f'`` from ``a``, so that ``a`` may take the place of ``z``. So the
backward pass needs what the forward pass gave to each layer, which the workspace keeps, and one
product for the weights and one for the layer below. ``examples/network_by_hand.py`` writes both
passes, for one hidden layer, in ten lines without buffers.

Buffers are made for the largest batch. A shorter one takes the first rows of each.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from skmlp_scratch._network.activations import ACTIVATIONS
from skmlp_scratch._network.dropout import Dropout
from skmlp_scratch._network.parameters import Architecture, LayerArrays, Parameters
from skmlp_scratch._typing import FloatArray

Input = Any  # a batch of rows: a dense array, or a SciPy CSR array or matrix


class Workspace:
    """The buffers of one batch on its way forward.

    Parameters
    ----------
    architecture : Architecture
        Architecture of the network.
    batch_size : int
        Rows of the largest batch.

    Attributes
    ----------
    inputs : list of batches of shape (rows, layer_sizes[i])
        What the last forward pass gave to each layer, dropout included.
    outputs : list of ndarray of shape (batch_size, layer_sizes[i + 1])
        Buffers of the hidden layers' outputs.
    activations : list of Activation
        One for each hidden layer.
    dropouts : sequence of Dropout or None
        One for the input of each layer.
    """

    def __init__(self, architecture: Architecture, batch_size: int) -> None:
        *hidden_sizes, n_outputs = architecture.layer_sizes[1:]
        dtype = architecture.dtype
        self.inputs: list[Input] = [None] * (len(hidden_sizes) + 1)
        self.outputs: list[FloatArray] = [np.empty((batch_size, n), dtype) for n in hidden_sizes]
        self.activations = [
            ACTIVATIONS[name](batch_size, size, dtype)
            for name, size in zip(architecture.activations, hidden_sizes, strict=True)
        ]
        self.dropouts: Sequence[Dropout | None] = [None] * len(self.inputs)
        self._logits: FloatArray = np.empty(n_outputs * batch_size, dtype)
        self._n_outputs = n_outputs

    def logits(self, n_samples: int) -> FloatArray:
        """Return the buffer of the logits of so many rows, (n_outputs, n_samples).

        Stored by output, since reductions over a long last axis are several times faster.
        """
        n_outputs = self._n_outputs
        return self._logits[: n_outputs * n_samples].reshape(n_outputs, n_samples)


class TrainingWorkspace(Workspace):
    """The buffers of one batch on its way forward and backward.

    Parameters
    ----------
    architecture : Architecture
        Architecture of the network.
    batch_size : int
        Rows of the largest batch.
    dropouts : sequence of Dropout or None, default=()
        Dropout of the inputs and of each hidden layer's outputs; empty for none at all.

    Attributes
    ----------
    deltas : list of ndarray of shape (batch_size, layer_sizes[i + 1])
        Buffers of the gradient with respect to what each hidden layer gives before its activation.
    ones : ndarray of shape (batch_size,)
        Ones.
    """

    def __init__(
        self, architecture: Architecture, batch_size: int, dropouts: Sequence[Dropout | None] = ()
    ) -> None:
        super().__init__(architecture, batch_size)
        self.deltas = [np.empty_like(output) for output in self.outputs]
        self.ones = np.ones(batch_size, architecture.dtype)
        self.dropouts = dropouts or self.dropouts


def forward(parameters: LayerArrays, workspace: Workspace, x: Input) -> FloatArray:
    """Run the network on the rows of `x`, of shape (rows, n_inputs).

    Returns
    -------
    logits : ndarray of shape (n_outputs, rows)
        A buffer of the workspace, valid until the next call.
    """
    n_samples = x.shape[0]
    a = x
    for layer, output in enumerate(workspace.outputs):
        z = output[:n_samples]
        _apply_layer(parameters, workspace, layer, a, z)
        workspace.activations[layer].forward(z)
        a = z
    logits = workspace.logits(n_samples)
    _apply_layer(parameters, workspace, len(workspace.outputs), a, logits.T)
    return logits


def _apply_layer(
    parameters: LayerArrays, workspace: Workspace, layer: int, a: Input, out: FloatArray
) -> None:
    """Write ``dropout(a) @ coefs + intercepts`` of a layer, and remember what it was given."""
    if dropout := workspace.dropouts[layer]:
        a = dropout.forward(a)
    workspace.inputs[layer] = a
    _multiply(a, parameters.coefs[layer], out)
    out += parameters.intercepts[layer]


def backward(
    parameters: Parameters, workspace: TrainingWorkspace, delta: FloatArray, gradient: Parameters
) -> None:
    """Fill the gradient after `forward`.

    Parameters
    ----------
    parameters : Parameters
        Parameters of the forward pass.
    workspace : TrainingWorkspace
        Its buffers.
    delta : ndarray of shape (rows, n_outputs)
        Gradient of the loss with respect to the logits.
    gradient : Parameters
        Gradient with respect to the parameters, which is overwritten.
    """
    n_samples = len(delta)
    ones = workspace.ones[:n_samples]
    for layer in reversed(range(len(parameters.coefs))):
        _multiply(workspace.inputs[layer].T, delta, gradient.coefs[layer])
        # A product with ones sums over the rows three times faster than a reduction.
        np.dot(ones, delta, out=gradient.intercepts[layer])
        if layer > 0:
            below = workspace.deltas[layer - 1][:n_samples]
            np.matmul(delta, parameters.coefs[layer].T, out=below)
            if dropout := workspace.dropouts[layer]:
                dropout.backward(below)
            output = workspace.outputs[layer - 1][:n_samples]
            workspace.activations[layer - 1].backward(output, below)
            delta = below


def _multiply(a: Input, b: FloatArray, out: FloatArray) -> None:
    """Write the matrix product of `a`, dense or sparse, and `b` into `out`."""
    if isinstance(a, np.ndarray):
        np.matmul(a, b, out=out)
    else:
        out[...] = a @ b
