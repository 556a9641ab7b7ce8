"""Initial parameters: the distribution that a layer's weights and biases are drawn from.

Each is uniform, ``U(-b, b)``, or the normal distribution of the same variance, ``N(0, b² / 3)``.
Biases are drawn like the weights, as in scikit-learn.
"""

from abc import ABC, abstractmethod
from math import sqrt
from typing import ClassVar

import numpy as np

from skmlp_scratch._typing import FloatArray


class Initializer(ABC):
    """A distribution of the parameters of a layer.

    Attributes
    ----------
    is_normal : bool
        Whether it is the normal distribution.
    """

    is_normal: ClassVar[bool] = False

    @staticmethod
    @abstractmethod
    def squared_bound(fan_in: int, fan_out: int, glorot_factor: float) -> float:
        """Return ``b²``."""

    @classmethod
    def fill(
        cls,
        coef: FloatArray,
        intercept: FloatArray,
        glorot_factor: float,
        rng: np.random.RandomState,
    ) -> None:
        """Draw the weights (fan_in, fan_out), then the biases (fan_out,) of a layer."""
        fan_in, fan_out = coef.shape
        bound = sqrt(cls.squared_bound(fan_in, fan_out, glorot_factor))
        for values in (coef, intercept):
            if cls.is_normal:
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

    @staticmethod
    def squared_bound(fan_in: int, fan_out: int, glorot_factor: float) -> float:
        """Return ``b²``."""
        return glorot_factor / (fan_in + fan_out)


class He(Initializer):
    """``b² = 6 / fan_in``.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, "Delving deep into rectifiers: surpassing human-level
    performance on ImageNet classification", ICCV 2015, equation 10.
    """

    @staticmethod
    def squared_bound(fan_in: int, fan_out: int, glorot_factor: float) -> float:
        """Return ``b²``."""
        return 6 / fan_in


class LeCun(Initializer):
    """``b² = 3 / fan_in``.

    References
    ----------
    Y. LeCun, L. Bottou, G. Orr and K.-R. Müller, "Efficient backprop", 1998, section 4.6.
    """

    @staticmethod
    def squared_bound(fan_in: int, fan_out: int, glorot_factor: float) -> float:
        """Return ``b²``."""
        return 3 / fan_in


class GlorotNormal(Glorot):
    """`Glorot`'s variance, normally distributed."""

    is_normal = True


class HeNormal(He):
    """`He`'s variance, normally distributed."""

    is_normal = True


class LeCunNormal(LeCun):
    """`LeCun`'s variance, normally distributed."""

    is_normal = True


INITIALIZERS: dict[str, type[Initializer]] = {
    "glorot": Glorot,
    "glorot_normal": GlorotNormal,
    "he": He,
    "he_normal": HeNormal,
    "lecun": LeCun,
    "lecun_normal": LeCunNormal,
}
