"""Random deformations of images."""

from functools import lru_cache
from math import cos, prod, radians, sin, tan
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator

from skmlp_scratch._typing import Array, FloatArray


class ImageDeformation(BaseEstimator):  # type: ignore[misc]
    """Turns, slants, scales, shifts and bends images at random."""

    def __init__(
        self,
        shape: tuple[int, ...],
        *,
        rotation: float = 10.0,
        shear: float = 10.0,
        scaling: float = 0.1,
        shift: float = 1.5,
        elastic: float = 1.5,
        smoothness: float = 4.0,
    ) -> None:
        self.shape = shape
        self.rotation = rotation
        self.shear = shear
        self.scaling = scaling
        self.shift = shift
        self.elastic = elastic
        self.smoothness = smoothness

    def __call__(self, batch: FloatArray, generator: np.random.Generator) -> FloatArray:
        """Return the images of a batch (rows, pixels), all deformed alike."""
        height, width = self.shape[:2]
        weights = _bilinear(self._sources(generator), height, width, batch.dtype)
        # By pixel, whose colors and rows are then one run of memory.
        pixels = np.ascontiguousarray(batch.T).reshape(height * width, -1)
        deformed: FloatArray = (weights @ pixels).reshape(batch.T.shape).T
        return deformed

    def _sources(self, generator: np.random.Generator) -> FloatArray:
        """Return where each pixel comes from, (2, height, width): rows, then columns."""
        height, width = self.shape[:2]
        sources = self._field(generator)
        (a, b), (c, d) = self._matrix(generator)
        rows, columns = np.arange(height) - (height - 1) / 2, np.arange(width) - (width - 1) / 2
        down, right = self.shift * generator.uniform(-1, 1, 2)
        sources[0] += (a * rows + (down + (height - 1) / 2))[:, None]
        sources[0] += b * columns
        sources[1] += (c * rows)[:, None]
        sources[1] += d * columns + (right + (width - 1) / 2)
        return sources

    def _field(self, generator: np.random.Generator) -> FloatArray:
        height, width = self.shape[:2]
        noise = generator.standard_normal((2, height, width))
        noise *= self.elastic
        return _smoother(height, self.smoothness).T @ noise @ _smoother(width, self.smoothness)

    def _matrix(self, generator: np.random.Generator) -> FloatArray:
        """Return a random rotation times a shear times a scaling."""
        turn, slant, *scales = generator.uniform(-1, 1, 4)
        angle, slope = radians(self.rotation * turn), tan(radians(self.shear * slant))
        rotation = np.array([[cos(angle), sin(angle)], [-sin(angle), cos(angle)]])
        shear = np.array([[1, 0], [slope, 1]])
        return rotation @ shear @ np.diag(1 + self.scaling * np.array(scales))


@lru_cache
def _smoother(size: int, smoothness: float) -> FloatArray:
    """Return Gaussian weights, (size, size), which keep the variance of independent values."""
    pixels = np.arange(size) / smoothness
    weights = np.exp(-0.5 * (pixels[:, None] - pixels) ** 2)
    weights /= np.sqrt((weights**2).sum(axis=0))
    return weights


def _bilinear(sources: FloatArray, height: int, width: int, dtype: np.dtype[Any]) -> Any:
    """Return the sparse matrix of the weights of all pixels in each deformed one."""
    rows, row_weights = _neighbors(sources[0].ravel(), height, dtype)
    columns, column_weights = _neighbors(sources[1].ravel(), width, dtype)
    indices = rows[:, None] * np.int32(width) + columns
    weights = row_weights[:, None] * column_weights
    n_pixels = height * width
    starts = np.arange(0, 4 * n_pixels + 1, 4, dtype=np.int32)
    by_row = (array.reshape(4, n_pixels).T.ravel() for array in (weights, indices))
    return sparse.csr_array((*by_row, starts), (n_pixels, n_pixels))


def _neighbors(positions: FloatArray, size: int, dtype: np.dtype[Any]) -> tuple[Array, FloatArray]:
    """Return the two pixels around each position, (2, n), and their weights, 0 if outside."""
    lower = np.floor(positions)
    upper_weights = positions - lower
    pixels = np.stack([lower, lower + 1])
    weights = np.stack([1 - upper_weights, upper_weights]).astype(dtype)
    inside = pixels.clip(0, size - 1)
    weights *= pixels == inside
    return inside.astype(np.int32), weights
