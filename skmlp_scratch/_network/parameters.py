"""What a network is: its architecture, and its weights and biases."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

from skmlp_scratch._network.initializers import Initializer
from skmlp_scratch._typing import FloatArray


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
class LayerArrays:
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

    @property
    def dtype(self) -> np.dtype[Any]:
        """Their common type."""
        return self.coefs[0].dtype

    def copy(self) -> "LayerArrays":
        """Return copies, each array the only owner of its memory."""
        return LayerArrays([c.copy() for c in self.coefs], [b.copy() for b in self.intercepts])


class Parameters(LayerArrays):
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
        All parameters. `move_to` replaces it, and all views of it.
    weights : ndarray of shape (n_weights,)
        The part of `flat` that the L2 penalty applies to.
    coefs, intercepts : list of ndarray
        Views of it, as in `LayerArrays`.
    """

    def __init__(self, layer_sizes: Sequence[int], dtype: np.dtype[Any]) -> None:
        super().__init__([], [])
        self._view(np.zeros(count_parameters(layer_sizes), dtype), layer_sizes)

    @classmethod
    def pack(cls, layers: LayerArrays, dtype: np.dtype[Any]) -> "Parameters":
        """Copy separate layers into a flat vector."""
        parameters = cls(layers.layer_sizes, dtype)
        views = [*parameters.coefs, *parameters.intercepts]
        for view, values in zip(views, [*layers.coefs, *layers.intercepts], strict=True):
            view[...] = values
        return parameters

    def move_to(self, flat: FloatArray) -> None:
        """Copy the values into another vector, of which the layers are views from then on."""
        flat[:] = self.flat
        self._view(flat, self.layer_sizes)

    def _view(self, flat: FloatArray, layer_sizes: Sequence[int]) -> None:
        """Let the layers be views of a vector; the lists of them stay the same objects."""
        self.flat = flat
        self.coefs[:], self.intercepts[:] = view_layers(flat, layer_sizes)
        self.weights = flat[: flat.size - sum(layer_sizes[1:])]

    def initialize(
        self,
        initializer: type[Initializer],
        glorot_factors: Sequence[float],
        rng: np.random.RandomState,
    ) -> None:
        """Draw each layer's weights, then its biases."""
        for coef, intercept, factor in zip(
            self.coefs, self.intercepts, glorot_factors, strict=True
        ):
            initializer.fill(coef, intercept, factor, rng)


def count_parameters(layer_sizes: Sequence[int]) -> int:
    """Return how many weights and biases a network has."""
    return sum(map(prod, layer_shapes(layer_sizes)))


def layer_shapes(layer_sizes: Sequence[int]) -> list[tuple[int, ...]]:
    """Return the shapes of all weights, then of all biases."""
    return [*pairwise(layer_sizes), *((size,) for size in layer_sizes[1:])]


def view_layers(
    flat: FloatArray, layer_sizes: Sequence[int]
) -> tuple[list[FloatArray], list[FloatArray]]:
    """Return weights and biases of each layer as views of a flat vector, or of several at once.

    Vectors of shape (n_members, n_parameters) give layers that have the members first.
    """
    shapes = layer_shapes(layer_sizes)
    ends = np.cumsum([prod(shape) for shape in shapes])[:-1]
    parts = np.split(flat, ends, axis=-1)
    views = [
        part.reshape(*flat.shape[:-1], *shape) for part, shape in zip(parts, shapes, strict=True)
    ]
    n_layers = len(layer_sizes) - 1
    return views[:n_layers], views[n_layers:]
