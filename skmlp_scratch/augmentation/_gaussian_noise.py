"""Gaussian noise on the inputs."""

import numpy as np
from sklearn.base import BaseEstimator

from skmlp_scratch._typing import FloatArray


class GaussianNoise(BaseEstimator):  # type: ignore[misc]
    """Adds normal noise: ``x + scale N(0, 1)``, independent for each value.

    Parameters
    ----------
    scale : float
        Standard deviation, in units of the features after `input_scale`.
    """

    def __init__(self, scale: float) -> None:
        self.scale = scale

    def __call__(self, batch: FloatArray, generator: np.random.Generator) -> FloatArray:
        """Return the batch with noise, in place."""
        noise = generator.standard_normal(batch.shape, batch.dtype)
        noise *= self.scale
        batch += noise
        return batch
