"""The network: parameters, the memory of a batch, the forward and the backward pass.

Layer ``i`` computes ``a[i + 1] = f(a[i] @ coefs[i] + intercepts[i])``; the last one has no ``f``
and gives the logits.
"""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from skmlp_scratch._activations import ACTIVATIONS
from skmlp_scratch._dropout import Dropout
from skmlp_scratch._initializers import Initializer

FloatArray = NDArray[Any]
Input = Any  # a batch of rows: a dense array, or a SciPy CSR array or matrix


@dataclass(frozen=True)
class Architecture:
    """What a network computes, whatever its parameters are.

    Parameters
    ----------
    layer_sizes : tuple of int
        Number of inputs, of units in each hidden layer, and of outputs.
    activations : tuple of str
        Name of each hidden layer's activation.
    dtype : dtype
        Floating-point type to compute in.
    input_scale : float, default=1.0
        Factor of all inputs.
    """

    layer_sizes: tuple[int, ...]
    activations: tuple[str, ...]
    dtype: np.dtype[Any]
    input_scale: float = 1.0

    @property
    def n_outputs(self) -> int:
        """Number of logits of each row."""
        return self.layer_sizes[-1]


@dataclass
class Layers:
    """Weights and biases of each layer.

    Parameters
    ----------
    coefs : list of ndarray of shape (layer_sizes[i], layer_sizes[i + 1])
        Weights.
    intercepts : list of ndarray of shape (layer_sizes[i + 1],)
        Biases.
    """

    coefs: list[FloatArray]
    intercepts: list[FloatArray]

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Number of inputs, of units in each hidden layer, and of outputs."""
        return tuple(len(coef) for coef in self.coefs) + self.intercepts[-1].shape

    def separate(self) -> "Layers":
        """Return copies, each array the only owner of its memory."""
        return Layers([c.copy() for c in self.coefs], [b.copy() for b in self.intercepts])


class Parameters(Layers):
    """Weights and biases, or a gradient with respect to them, in one flat vector.

    The layers are views of the vector: all weights first, then all biases, each in C order, which
    is the order that scikit-learn packs them in for L-BFGS.

    Parameters
    ----------
    layer_sizes : sequence of int
        Number of inputs, of units in each hidden layer, and of outputs.
    dtype : dtype
        Floating-point type.

    Attributes
    ----------
    flat : ndarray of shape (n_parameters,)
        All parameters.
    weights : ndarray of shape (n_weights,)
        The part of `flat` that the L2 penalty applies to.
    coefs, intercepts : list of ndarray
        Views of it, as in `Layers`.
    """

    def __init__(self, layer_sizes: Sequence[int], dtype: np.dtype[Any]) -> None:
        shapes = list(pairwise(layer_sizes))
        sizes = [fan_in * fan_out for fan_in, fan_out in shapes]
        self.flat = np.zeros(sum(sizes) + sum(layer_sizes[1:]), dtype)
        self.weights, biases = np.split(self.flat, [sum(sizes)])
        super().__init__(
            [part.reshape(s) for part, s in zip(_split(self.weights, sizes), shapes, strict=True)],
            _split(biases, layer_sizes[1:]),
        )

    @classmethod
    def pack(cls, layers: Layers, dtype: np.dtype[Any]) -> "Parameters":
        """Copy separate layers into a flat vector."""
        parameters = cls(layers.layer_sizes, dtype)
        views = [*parameters.coefs, *parameters.intercepts]
        for view, values in zip(views, [*layers.coefs, *layers.intercepts], strict=True):
            view[...] = values
        return parameters

    def initialize(
        self, initializer: Initializer, glorot_factors: Sequence[float], rng: np.random.RandomState
    ) -> None:
        """Draw each layer's weights, then its biases."""
        for coef, intercept, factor in zip(
            self.coefs, self.intercepts, glorot_factors, strict=True
        ):
            initializer.fill(coef, intercept, factor, rng)


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


def _split(flat: FloatArray, sizes: Iterable[int]) -> list[FloatArray]:
    """Cut a vector into views of the given sizes."""
    return np.split(flat, np.cumsum([*sizes])[:-1])


def _first_columns(array: FloatArray, n_columns: int) -> FloatArray:
    """Return a contiguous array of fewer columns in the same memory."""
    n_rows = len(array)
    return array.reshape(-1)[: n_rows * n_columns].reshape(n_rows, n_columns)
