"""The activations of hidden layers, each next to its derivative.

An activation belongs to one layer and owns the scratch memory that its backward pass needs.
``forward`` turns the layer's pre-activations ``z`` into its outputs ``a = f(z)`` in place;
``backward`` multiplies the gradient with respect to ``a`` by ``f'(z)`` in place, which may use up
``a``: by then the layer above has taken all it needs from it.
"""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[Any]


class Identity:
    """``f(z) = z``.

    Parameters
    ----------
    n_rows, width : int
        Shape of the largest batch of outputs.
    dtype : dtype
        Floating-point type of the outputs.

    Attributes
    ----------
    init_factor : float
        Numerator of the Glorot bound, ``sqrt(init_factor / (fan_in + fan_out))``.
    """

    init_factor = 6.0

    def __init__(self, n_rows: int, width: int, dtype: np.dtype[Any]) -> None:
        self.shape = (n_rows, width)
        self.dtype = dtype

    def forward(self, z: FloatArray) -> None:
        """Turn pre-activations of shape (rows, width) into outputs, in place."""

    def backward(self, a: FloatArray, delta: FloatArray) -> None:
        """Multiply `delta`, of the shape of the outputs `a`, by the derivative, in place."""


class Logistic(Identity):
    """``f(z) = 1 / (1 + exp(-z))``, with ``f' = a (1 - a)``."""

    # A quarter of the slope at 0 asks for larger weights; this is scikit-learn's choice.
    init_factor = 2.0

    def forward(self, z: FloatArray) -> None:
        """Apply the logistic function, in place."""
        # (1 + tanh(z / 2)) / 2 never overflows and is twice as fast as scipy.special.expit.
        z *= 0.5
        np.tanh(z, out=z)
        z *= 0.5
        z += 0.5

    def backward(self, a: FloatArray, delta: FloatArray) -> None:
        """Multiply by ``a (1 - a)``, in place."""
        delta *= a
        np.subtract(1, a, out=a)
        delta *= a


class Tanh(Identity):
    """``f(z) = tanh(z)``, with ``f' = 1 - a²``."""

    def forward(self, z: FloatArray) -> None:
        """Apply the hyperbolic tangent, in place."""
        np.tanh(z, out=z)

    def backward(self, a: FloatArray, delta: FloatArray) -> None:
        """Multiply by ``1 - a²``, in place."""
        np.square(a, out=a)
        np.subtract(1, a, out=a)
        delta *= a


class Relu(Identity):
    """``f(z) = max(0, z)``, with ``f' = 1`` where ``a > 0`` and 0 elsewhere."""

    def forward(self, z: FloatArray) -> None:
        """Set negative values to zero, in place."""
        # Against an array NumPy uses vector instructions, which it does not against a scalar.
        np.maximum(z, self._zeros[: len(z)], out=z)

    def backward(self, a: FloatArray, delta: FloatArray) -> None:
        """Zero the gradient where the unit is off, in place."""
        on = np.greater(a, 0, out=self._on[: len(a)])
        delta *= on

    @cached_property
    def _zeros(self) -> FloatArray:
        return np.zeros(self.shape, self.dtype)

    @cached_property
    def _on(self) -> NDArray[np.bool_]:
        return np.empty(self.shape, bool)


ACTIVATIONS: dict[str, type[Identity]] = {
    "identity": Identity,
    "logistic": Logistic,
    "tanh": Tanh,
    "relu": Relu,
}
