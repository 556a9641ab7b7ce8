"""The activations of hidden layers, each next to its derivative.

An activation belongs to one layer and owns the scratch memory that its backward pass needs.
``forward`` turns the layer's pre-activations ``z`` into its outputs ``a = f(z)`` in place;
``backward`` multiplies the gradient with respect to ``a`` by ``f'(z)`` in place, which may use up
``a``: by then the layer above has taken all it needs from it. ``nodes`` is ``forward`` once more,
as nodes of an ONNX graph.
"""

from abc import ABC, abstractmethod
from functools import cached_property
from math import pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from skmlp_scratch._network.graph import Graph
from skmlp_scratch._typing import FloatArray


class Activation(ABC):
    """The function of a layer.

    Parameters
    ----------
    batch_size, width : int
        Shape of the largest batch of outputs.
    dtype : dtype
        Floating-point type of the outputs.

    Attributes
    ----------
    glorot_factor : float
        Numerator of the Glorot bound, ``sqrt(glorot_factor / (fan_in + fan_out))``.
    """

    glorot_factor = 6.0

    def __init__(self, batch_size: int, width: int, dtype: np.dtype[Any]) -> None:
        self.shape = (batch_size, width)
        self.dtype = dtype

    @abstractmethod
    def forward(self, z: FloatArray) -> None:
        """Turn pre-activations of shape (rows, width) into outputs, in place."""

    @abstractmethod
    def backward(self, a: FloatArray, delta: FloatArray) -> None:
        """Multiply `delta`, of the shape of the outputs `a`, by the derivative, in place."""

    @staticmethod
    @abstractmethod
    def nodes(graph: Graph, z: str) -> str:
        """Add the nodes that turn pre-activations into outputs; return the name of their output."""

    @cached_property
    def _scratch(self) -> FloatArray:
        """Memory for a batch, made when it is first needed."""
        return np.empty(self.shape, self.dtype)


class Identity(Activation):
    """``f(z) = z``, with ``f' = 1``."""

    def forward(self, z: FloatArray) -> None:
        """Leave the pre-activations as they are."""

    def backward(self, a: FloatArray, delta: FloatArray) -> None:
        """Leave the gradient as it is."""

    @staticmethod
    def nodes(graph: Graph, z: str) -> str:
        """Add nothing."""
        return z


class Logistic(Activation):
    """``f(z) = 1 / (1 + exp(-z))``, with ``f' = a (1 - a)``."""

    # scikit-learn's choice; a slope of 1/4 at 0 would rather ask for larger weights.
    glorot_factor = 2.0

    def forward(self, z: FloatArray) -> None:
        """Apply the logistic function, in place."""
        _apply_logistic(z)

    def backward(self, a: FloatArray, delta: FloatArray) -> None:
        """Multiply by ``a (1 - a)``, in place."""
        delta *= a
        np.subtract(1, a, out=a)
        delta *= a

    @staticmethod
    def nodes(graph: Graph, z: str) -> str:
        """Add the logistic function."""
        return graph.add("Sigmoid", z)


class Tanh(Activation):
    """``f(z) = tanh(z)``, with ``f' = 1 - a²``."""

    def forward(self, z: FloatArray) -> None:
        """Apply the hyperbolic tangent, in place."""
        np.tanh(z, out=z)

    def backward(self, a: FloatArray, delta: FloatArray) -> None:
        """Multiply by ``1 - a²``, in place."""
        np.square(a, out=a)
        np.subtract(1, a, out=a)
        delta *= a

    @staticmethod
    def nodes(graph: Graph, z: str) -> str:
        """Add the hyperbolic tangent."""
        return graph.add("Tanh", z)


class Relu(Activation):
    """``f(z) = max(0, z)``, with ``f' = 1`` where ``a > 0`` and 0 elsewhere."""

    def forward(self, z: FloatArray) -> None:
        """Set negative values to zero, in place."""
        # Against an array NumPy uses vector instructions, which it does not against a scalar.
        np.maximum(z, self._zeros, out=z)

    def backward(self, a: FloatArray, delta: FloatArray) -> None:
        """Zero the gradient where the unit is off, in place."""
        on = np.greater(a, 0, out=self._on[: len(a)])
        delta *= on

    @staticmethod
    def nodes(graph: Graph, z: str) -> str:
        """Add the rectifier."""
        return graph.add("Relu", z)

    @cached_property
    def _zeros(self) -> FloatArray:
        return np.zeros(self.shape[1], self.dtype)

    @cached_property
    def _on(self) -> NDArray[np.bool_]:
        return np.empty(self.shape, bool)


class LeakyRelu(Activation):
    """``f(z) = max(z, 0.01 z)``, with ``f' = 1`` where ``a > 0`` and 0.01 elsewhere.

    References
    ----------
    A. Maas, A. Hannun and A. Ng, "Rectifier nonlinearities improve neural network acoustic models",
    ICML 2013.
    """

    slope = 0.01

    def forward(self, z: FloatArray) -> None:
        """Multiply negative values by the slope, in place."""
        np.maximum(z, np.multiply(z, self.slope, out=self._scratch[: len(z)]), out=z)

    def backward(self, a: FloatArray, delta: FloatArray) -> None:
        """Multiply by the slope where the unit is off, in place."""
        np.greater(a, 0, out=a, casting="unsafe")  # 1 where the unit is on, else 0
        a *= 1 - self.slope
        a += self.slope
        delta *= a

    @staticmethod
    def nodes(graph: Graph, z: str) -> str:
        """Add the leaky rectifier."""
        return graph.add("LeakyRelu", z, alpha=LeakyRelu.slope)


class Elu(Activation):
    """``f(z) = z`` where ``z > 0``, else ``exp(z) - 1``, with ``f' = 1 + min(a, 0)``.

    References
    ----------
    D.-A. Clevert, T. Unterthiner and S. Hochreiter, "Fast and accurate deep network learning by
    exponential linear units (ELUs)", ICLR 2016, arXiv:1511.07289.
    """

    def forward(self, z: FloatArray) -> None:
        """Let negative values saturate at -1, in place."""
        saturated = np.minimum(z, 0, out=self._scratch[: len(z)])
        np.expm1(saturated, out=saturated)
        np.maximum(z, saturated, out=z)

    def backward(self, a: FloatArray, delta: FloatArray) -> None:
        """Multiply by ``1 + min(a, 0)``, in place."""
        np.minimum(a, 0, out=a)
        a += 1
        delta *= a

    @staticmethod
    def nodes(graph: Graph, z: str) -> str:
        """Add the exponential linear unit."""
        return graph.add("Elu", z, alpha=1.0)


class Gelu(Activation):
    """``f(z) = z Φ(z)``, with ``f' = Φ(z) + z φ(z)``; Φ and φ are of the standard normal.

    References
    ----------
    D. Hendrycks and K. Gimpel, "Gaussian error linear units (GELUs)", 2016, arXiv:1606.08415.
    """

    def forward(self, z: FloatArray) -> None:
        """Multiply by the normal distribution function, in place; keep what `backward` needs."""
        self._scratch[: len(z)] = z
        z *= ndtr(z, out=self._cdf[: len(z)])

    def backward(self, a: FloatArray, delta: FloatArray) -> None:
        """Multiply by ``Φ(z) + z φ(z)``, in place."""
        z = self._scratch[: len(a)]
        np.clip(z, -40, 40, out=a)  # beyond, the density is 0 in any type and its square overflows
        np.square(a, out=a)
        a *= -0.5
        np.exp(a, out=a)
        a *= z
        a *= 1 / sqrt(2 * pi)  # z φ(z), with φ(z) = exp(-z² / 2) / sqrt(2 π)
        a += self._cdf[: len(a)]
        delta *= a

    @staticmethod
    def nodes(graph: Graph, z: str) -> str:
        """Add ``z (1 + erf(z / sqrt(2))) / 2``."""
        x = graph.add("Mul", z, sqrt(0.5))
        if graph.dtype is np.float32:
            erf = graph.add("Erf", x)
        else:  # which onnxruntime has in single precision only
            erf = graph.cast(graph.add("Erf", graph.cast(x, np.float32)), np.float64)
        return graph.add("Mul", graph.add("Mul", z, 0.5), graph.add("Add", erf, 1.0))

    @cached_property
    def _cdf(self) -> FloatArray:
        return np.empty(self.shape, self.dtype)


class Silu(Activation):
    """``f(z) = z σ(z)`` with the logistic σ, and ``f' = σ(z) + a (1 - σ(z))``; also called swish.

    References
    ----------
    S. Elfwing, E. Uchibe and K. Doya, "Sigmoid-weighted linear units for neural network function
    approximation in reinforcement learning", 2017, arXiv:1702.03118.
    """

    def forward(self, z: FloatArray) -> None:
        """Multiply by the logistic function, in place; keep what `backward` needs."""
        sigma = self._scratch[: len(z)]
        sigma[...] = z
        _apply_logistic(sigma)
        z *= sigma

    def backward(self, a: FloatArray, delta: FloatArray) -> None:
        """Multiply by ``σ + a (1 - σ)``, in place."""
        derivative = self._scratch[: len(a)]
        derivative -= 1  # σ - 1
        a *= derivative  # -a (1 - σ)
        derivative += 1
        derivative -= a  # σ + a (1 - σ)
        delta *= derivative

    @staticmethod
    def nodes(graph: Graph, z: str) -> str:
        """Add ``z / 2 (1 + tanh(z / 2))``."""
        # onnxruntime 1.20 turns ``z σ(z)`` into a node that it cannot run in double precision.
        half = graph.add("Mul", z, 0.5)
        return graph.add("Mul", half, graph.add("Add", graph.add("Tanh", half), 1.0))


def _apply_logistic(z: FloatArray) -> None:
    """Replace ``z`` by ``1 / (1 + exp(-z))``."""
    # (1 + tanh(z / 2)) / 2 never overflows and is twice as fast as scipy.special.expit.
    z *= 0.5
    np.tanh(z, out=z)
    z *= 0.5
    z += 0.5


ACTIVATIONS: dict[str, type[Activation]] = {
    "identity": Identity,
    "logistic": Logistic,
    "tanh": Tanh,
    "relu": Relu,
    "leaky_relu": LeakyRelu,
    "elu": Elu,
    "gelu": Gelu,
    "silu": Silu,
}
