"""The forward and the backward pass of several networks at once: the members of a pack.

Members have one architecture and read the same rows, each with parameters of its own. Arrays have
the members first: hidden outputs have the shape (n_members, rows, n_units). A product of such
stacks is a product of matrices for each member, the same as if it were alone, but all else, from
the gathering of the rows to activations and losses, is done once for all of them.

The formulas, and how buffers are used, are those of ``passes``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from skmlp_scratch._network.activations import ACTIVATIONS
from skmlp_scratch._network.dropout import Dropout
from skmlp_scratch._network.parameters import Architecture, Parameters, view_layers
from skmlp_scratch._network.passes import Input
from skmlp_scratch._typing import FloatArray


class StackedLayers:
    """Parameters, or gradients, of several networks as the rows of one array.

    Parameters
    ----------
    members : sequence of Parameters
        Those of each network, which move into the array and stay what they are.

    Attributes
    ----------
    flat : ndarray of shape (n_members, n_parameters)
        All parameters.
    weights : ndarray of shape (n_members, n_weights)
        The part of `flat` that the L2 penalty applies to.
    coefs : list of ndarray of shape (n_members, layer_sizes[i], layer_sizes[i + 1])
        Weights of each layer.
    intercepts : list of ndarray of shape (n_members, layer_sizes[i + 1])
        Biases of each layer.
    """

    def __init__(self, members: Sequence[Parameters]) -> None:
        first = members[0]
        self.flat: FloatArray = np.empty((len(members), first.flat.size), first.dtype)
        for parameters, row in zip(members, self.flat, strict=True):
            parameters.move_to(row)
        self.weights = self.flat[:, : first.weights.size]
        self.coefs, self.intercepts = view_layers(self.flat, first.layer_sizes)

    def part(self, members: slice) -> "FlatLayers":
        """Return what belongs to some of the members."""
        return FlatLayers(self.flat[members], self.weights[members])


@dataclass
class FlatLayers:
    """Parameters, or gradients, of several networks without their division into layers."""

    flat: FloatArray
    weights: FloatArray


class PackWorkspace:
    """The buffers of one batch on its way through all members, forward and backward.

    Parameters
    ----------
    architecture : Architecture
        Architecture of each network.
    n_members : int
        Number of networks.
    batch_size : int
        Rows of the largest batch.
    dropouts : sequence of Dropout or None
        Dropout of the inputs and of each hidden layer's outputs, with masks that all members share;
        empty for none at all.

    Attributes
    ----------
    inputs : list of batches
        What the last forward pass gave to each layer: the rows to the first, and a stack
        (n_members, rows, layer_sizes[i]) to the others.
    activations : list of Activation
        One for each hidden layer. They work on single values, so that they can take a stack in any
        shape of its memory; the longest rows are the fastest, (rows, n_members * n_units).
    ones : ndarray of shape (batch_size,)
        Ones.
    """

    def __init__(
        self,
        architecture: Architecture,
        n_members: int,
        batch_size: int,
        dropouts: Sequence[Dropout | None],
    ) -> None:
        *hidden_sizes, self._n_outputs = architecture.layer_sizes[1:]
        dtype = architecture.dtype
        self._n_members = n_members
        self._hidden_sizes = hidden_sizes
        self.inputs: list[Input] = [None] * (len(hidden_sizes) + 1)
        self.activations = [
            ACTIVATIONS[name](batch_size, n_members * size, dtype)
            for name, size in zip(architecture.activations, hidden_sizes, strict=True)
        ]
        self.dropouts = dropouts or [None] * len(self.inputs)
        self.ones = np.ones(batch_size, dtype)
        sizes = [n_members * batch_size * size for size in hidden_sizes]
        self._outputs, self._deltas, self._dropped = (
            [np.empty(size, dtype) for size in sizes] for _ in range(3)
        )
        self._logits: FloatArray = np.empty(self._n_outputs * n_members * batch_size, dtype)

    def output(self, layer: int, n_samples: int) -> FloatArray:
        """Return the buffer of a hidden layer's outputs, (n_members, n_samples, n_units)."""
        return self._stack(self._outputs, layer, n_samples)

    def delta(self, layer: int, n_samples: int) -> FloatArray:
        """Return the buffer of the gradient with respect to them before the activation."""
        return self._stack(self._deltas, layer, n_samples)

    def dropped(self, layer: int, n_samples: int) -> FloatArray:
        """Return the buffer of what dropout leaves of them."""
        return self._stack(self._dropped, layer, n_samples)

    def _stack(self, buffers: list[FloatArray], layer: int, n_samples: int) -> FloatArray:
        shape = (self._n_members, n_samples, self._hidden_sizes[layer])
        return buffers[layer][: prod(shape)].reshape(shape)

    def logits(self, n_samples: int) -> FloatArray:
        """Return the buffer of the logits of so many rows, (n_outputs, n_members, n_samples)."""
        shape = (self._n_outputs, self._n_members, n_samples)
        return self._logits[: prod(shape)].reshape(shape)


def forward(layers: StackedLayers, workspace: PackWorkspace, x: Input) -> FloatArray:
    """Run all networks on the rows of `x`, of shape (rows, n_inputs).

    Returns
    -------
    logits : ndarray of shape (n_outputs, n_members, rows)
        A buffer of the workspace, valid until the next call.
    """
    n_samples = x.shape[0]
    a = x
    for layer, activation in enumerate(workspace.activations):
        z = workspace.output(layer, n_samples)
        _apply_layer(layers, workspace, layer, a, z)
        activation.forward(z.reshape(n_samples, -1))
        a = z
    logits = workspace.logits(n_samples)
    last = len(workspace.activations)
    _apply_layer(layers, workspace, last, a, logits.transpose(1, 2, 0))
    return logits


def _apply_layer(
    layers: StackedLayers, workspace: PackWorkspace, layer: int, a: Input, out: FloatArray
) -> None:
    """Write ``dropout(a) @ coefs + intercepts`` of a layer, and remember what it was given."""
    if dropout := workspace.dropouts[layer]:
        a = dropout.forward(a) if layer == 0 else _drop(dropout, workspace, layer, a)
    workspace.inputs[layer] = a
    _multiply(a, layers.coefs[layer], out)
    out += layers.intercepts[layer][:, np.newaxis]


def _drop(dropout: Dropout, workspace: PackWorkspace, layer: int, a: FloatArray) -> FloatArray:
    """Return a stack with new masks applied, the same for each member."""
    n_samples = a.shape[1]
    return np.multiply(a, dropout.draw(n_samples), out=workspace.dropped(layer - 1, n_samples))


def backward(
    layers: StackedLayers, workspace: PackWorkspace, delta: FloatArray, gradient: StackedLayers
) -> None:
    """Fill the gradients after `forward`.

    Parameters
    ----------
    layers : StackedLayers
        Parameters of the forward pass.
    workspace : PackWorkspace
        Its buffers.
    delta : ndarray of shape (n_members, rows, n_outputs)
        Gradients of the losses with respect to the logits.
    gradient : StackedLayers
        Gradients with respect to the parameters, which are overwritten.
    """
    n_samples = delta.shape[1]
    ones = workspace.ones[:n_samples]
    for layer in reversed(range(len(layers.coefs))):
        _multiply(_transpose(workspace.inputs[layer]), delta, gradient.coefs[layer])
        np.matmul(ones, delta, out=gradient.intercepts[layer])
        if layer > 0:
            below = workspace.delta(layer - 1, n_samples)
            np.matmul(delta, layers.coefs[layer].mT, out=below)
            if dropout := workspace.dropouts[layer]:
                dropout.backward(below)
            output = workspace.output(layer - 1, n_samples)
            workspace.activations[layer - 1].backward(
                output.reshape(n_samples, -1), below.reshape(n_samples, -1)
            )
            delta = below


def _transpose(a: Input) -> Input:
    """Transpose a batch, or each matrix of a stack."""
    return a.mT if isinstance(a, np.ndarray) else a.T


def _multiply(a: Input, b: FloatArray, out: FloatArray) -> None:
    """Write the matrix products of `a`, a stack or what all members share, and `b` into `out`."""
    if isinstance(a, np.ndarray):
        np.matmul(a, b, out=out)
    else:
        for member, product in zip(b, out, strict=True):
            product[...] = a @ member
