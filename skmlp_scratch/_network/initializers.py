"""Initial parameters: the distribution that a layer's weights and biases are drawn from.

Each is uniform, ``U(-b, b)``, or the normal distribution of the same variance, ``N(0, b² / 3)``.
Biases are drawn like the weights, as in scikit-learn.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import sqrt

import numpy as np

from skmlp_scratch._typing import FloatArray


@dataclass(frozen=True)
class Initializer(ABC):
    """Draws the parameters of a layer.

    Parameters
    ----------
    is_normal : bool, default=False
        Whether to draw from the normal distribution.
    """

    is_normal: bool = False

    @abstractmethod
    def squared_bound(self, fan_in: int, fan_out: int, glorot_factor: float) -> float:
        """Return ``b²``."""

    def fill(
        self,
        coef: FloatArray,
        intercept: FloatArray,
        glorot_factor: float,
        rng: np.random.RandomState,
    ) -> None:
        """Draw the weights (fan_in, fan_out), then the biases (fan_out,) of a layer."""
        fan_in, fan_out = coef.shape
        bound = sqrt(self.squared_bound(fan_in, fan_out, glorot_factor))
        for values in (coef, intercept):
            if self.is_normal:
                values[...] = rng.normal(0, bound / sqrt(3), values.shape)
            else:
                values[...] = rng.uniform(-bound, bound, values.shape)


class Glorot(Initializer):
    """``b² = glorot_factor / (fan_in + fan_out)``; the activation has the factor, mostly 6.

    References
    ----------
    X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010, equation 16.
    """

    def squared_bound(self, fan_in: int, fan_out: int, glorot_factor: float) -> float:
        """Return ``b²``."""
        return glorot_factor / (fan_in + fan_out)


class He(Initializer):
    """``b² = 6 / fan_in``.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, "Delving deep into rectifiers: surpassing human-level
    performance on ImageNet classification", ICCV 2015, equation 10.
    """

    def squared_bound(self, fan_in: int, fan_out: int, glorot_factor: float) -> float:
        """Return ``b²``."""
        return 6 / fan_in


class Lecun(Initializer):
    """``b² = 3 / fan_in``.

    References
    ----------
    Y. LeCun, L. Bottou, G. Orr and K.-R. Müller, "Efficient backprop", 1998, section 4.6.
    """

    def squared_bound(self, fan_in: int, fan_out: int, glorot_factor: float) -> float:
        """Return ``b²``."""
        return 3 / fan_in


INITIALIZERS: dict[str, Initializer] = {
    "glorot": Glorot(),
    "glorot_normal": Glorot(is_normal=True),
    "he": He(),
    "he_normal": He(is_normal=True),
    "lecun": Lecun(),
    "lecun_normal": Lecun(is_normal=True),
}
