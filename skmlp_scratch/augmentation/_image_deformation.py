"""Random deformations of images."""

from copy import copy
from functools import lru_cache
from math import cos, inf, prod, radians, sin, sqrt, tan
from operator import index
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator

from skmlp_scratch._typing import Array, FloatArray
from skmlp_scratch.augmentation._checks import check_amount

# Each parameter, and the bounds between which it has to be; none is negative.
BOUNDS: dict[str, tuple[float, float]] = {
    "rotation": (-inf, inf),
    "shear": (-inf, 90),
    "scaling": (-inf, 1),
    "shift": (-inf, inf),
    "elastic": (-inf, inf),
    "smoothness": (0, inf),
}
NEIGHBORS = np.array([[0.0], [1.0]])


class ImageDeformation(BaseEstimator):  # type: ignore[misc]
    """Random deformations of images: turned, slanted, scaled, shifted and bent.

    The pixel at ``p`` takes the value that the image has at ::

        q(p) = c + R(a) K(b) D(s) (p - c) + t + elastic u(p)

    where ``c`` is the center of the image, ``R`` a rotation by the angle ``a``, ``K`` a shear along
    the rows by the angle ``b``, ``D`` a scaling of rows and columns by the factors ``s``, and ``t``
    a shift [1]_. The field ``u`` is uniform noise, smoothed by a Gaussian filter and scaled to
    variance 1 at each pixel [2]_, so that neighbors move together. ``a``, ``b``, ``s - 1`` and
    ``t`` are uniform between plus and minus the parameters below. Between pixels, values are
    interpolated bilinearly; outside the image they are 0.

    All images of a batch get the same deformation, and each batch gets a new one. It is applied as
    one sparse matrix, whose rows hold the weights of all pixels in a new one, which takes a
    fraction of the time of a training step.

    Parameters
    ----------
    shape : tuple of int
        Height and width of an image in pixels, and number of colors if there are several, which
        are next to each other in a row of `X`.
    rotation : float, default=7.0
        Largest angle of rotation, in degrees.
    shear : float, default=7.0
        Largest angle of shear, in degrees, below 90.
    scaling : float, default=0.07
        Largest change in height and, independently, in width, as a share of them, below 1.
    shift : float, default=1.0
        Largest shift in each direction, in pixels.
    elastic : float, default=1.0
        Standard deviation of a pixel's elastic displacement in each direction, in pixels.
    smoothness : float, default=4.0
        Standard deviation of the Gaussian filter, in pixels: the distance over which elastic
        displacements are alike. Above 0.

    See Also
    --------
    GaussianNoise : For inputs of every kind.

    Notes
    -----
    The defaults suit MNIST's digits of 28 x 28 pixels: networks of one hidden layer and 25 to 60
    epochs. Smaller images need smaller `shift`, `elastic` and `smoothness`.

    References
    ----------
    .. [1] D. C. Cireşan, U. Meier, L. M. Gambardella and J. Schmidhuber, "Deep, big, simple neural
       nets for handwritten digit recognition", Neural Computation 22(12), 2010, arXiv:1003.0358.
    .. [2] P. Y. Simard, D. Steinkraus and J. C. Platt, "Best practices for convolutional neural
       networks applied to visual document analysis", ICDAR 2003. Their amplitude ``alpha`` is
       that of the noise.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skmlp_scratch import MLPClassifier
    >>> from skmlp_scratch.augmentation import ImageDeformation
    >>> X, y = load_digits(return_X_y=True)  # 8 x 8 pixels
    >>> clf = MLPClassifier(
    ...     input_scale=1 / 16,
    ...     batch_size=50,
    ...     learning_rate="one_cycle",
    ...     learning_rate_init=0.01,
    ...     max_iter=60,
    ...     random_state=0,
    ... )
    >>> plain = clf.fit(X[:1000], y[:1000]).score(X[1000:], y[1000:])
    >>> deform = ImageDeformation((8, 8), shift=0.5, elastic=0.5, smoothness=2)
    >>> clf = clf.set_params(augment=deform)
    >>> bool(clf.fit(X[:1000], y[:1000]).score(X[1000:], y[1000:]) > plain)
    True

    What it does to an image can be seen without a model:

    >>> import numpy as np
    >>> deform(X[:3], np.random.default_rng(0)).shape
    (3, 64)
    """

    __module__ = "skmlp_scratch.augmentation"  # what pickles name, so that this module can move

    def __init__(
        self,
        shape: tuple[int, ...],
        *,
        rotation: float = 7.0,
        shear: float = 7.0,
        scaling: float = 0.07,
        shift: float = 1.0,
        elastic: float = 1.0,
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
        """Deform the images of a batch, all alike.

        Parameters
        ----------
        batch : ndarray of shape (rows, n_features)
            Images of float32 or float64, row by row, which stay as they are.
        generator : numpy.random.Generator
            Source of randomness.

        Returns
        -------
        deformed : ndarray of shape (rows, n_features)
            Images of the same type, stored column by column.

        Raises
        ------
        ValueError
            If a parameter is not valid, or `shape` or the type do not fit the batch.
        """
        height, width, *_ = self._check(batch.shape[1], batch.dtype)
        affine = self._affine(generator, height, width).astype(batch.dtype)
        sources = affine @ _grid(height, width, batch.dtype)
        sources += self._elastic_field(generator, height, width, batch.dtype)
        weights = _bilinear(sources, height, width)
        # By pixel: colors and rows are one run of memory, which the product goes through.
        pixels = np.ascontiguousarray(batch.T).reshape(height * width, -1)
        deformed: FloatArray = (weights @ pixels).reshape(batch.T.shape).T
        return deformed

    def _check(self, n_features: int, dtype: np.dtype[Any]) -> tuple[int, ...]:
        """Return the shape, if it and all else is valid for images of so many values."""
        if dtype not in (np.float32, np.float64):
            raise ValueError(
                f"ImageDeformation deforms float32 or float64, but the batch has {dtype}: pass "
                "batch.astype('float32')."
            )
        for name, (above, below) in BOUNDS.items():
            check_amount(self, name, above=above, below=below)
        try:
            shape = tuple(map(index, self.shape))
        except TypeError:
            shape = ()
        if len(shape) not in (2, 3) or min(shape) < 1:
            raise ValueError(
                "The 'shape' parameter of ImageDeformation must be the height and the width of an "
                f"image, and its number of colors if there are several, got {self.shape!r}."
            )
        if prod(shape) != n_features:
            raise ValueError(
                f"ImageDeformation({self.shape!r}) deforms images of {prod(shape)} values, but the "
                f"rows of the batch have {n_features}. Set shape to that of the images in X."
            )
        return shape

    def _affine(self, generator: np.random.Generator, height: int, width: int) -> FloatArray:
        """Return a random map of pixels, counted from the center, to rows and columns, (2, 3)."""
        turn, slant, taller, wider, down, right = generator.uniform(-1, 1, 6).tolist()
        angle, slope = radians(self.rotation * turn), tan(radians(self.shear * slant))
        y, x = 1 + self.scaling * taller, 1 + self.scaling * wider
        return np.array(
            [
                [
                    (cos(angle) + slope * sin(angle)) * y,
                    sin(angle) * x,
                    (height - 1) / 2 + self.shift * down,
                ],
                [
                    (slope * cos(angle) - sin(angle)) * y,
                    cos(angle) * x,
                    (width - 1) / 2 + self.shift * right,
                ],
            ]
        )

    def _elastic_field(
        self, generator: np.random.Generator, height: int, width: int, dtype: np.dtype[Any]
    ) -> FloatArray:
        """Return random displacements of all pixels, (2, height * width)."""
        noise = generator.random((2, height, width), dtype)
        noise -= 0.5
        noise *= sqrt(12) * self.elastic  # the variance of the noise was 1 / 12
        down, right = (_smoother(size, self.smoothness, dtype) for size in (height, width))
        field: FloatArray = (down @ noise @ right.T).reshape(2, -1)
        return field


@lru_cache
def _grid(height: int, width: int, dtype: np.dtype[Any]) -> FloatArray:
    """Return rows and columns of all pixels, counted from the center, and ones, (3, n_pixels)."""
    rows, columns = np.indices((height, width), dtype).reshape(2, -1)
    grid = np.stack([rows - (height - 1) / 2, columns - (width - 1) / 2, np.ones_like(rows)])
    grid.flags.writeable = False  # it is shared
    return grid


@lru_cache
def _smoother(size: int, smoothness: float, dtype: np.dtype[Any]) -> FloatArray:
    """Return Gaussian weights, (size, size), which keep the variance of independent values."""
    pixels = np.arange(size) / smoothness
    weights = np.exp(-0.5 * np.subtract.outer(pixels, pixels) ** 2)
    weights /= np.sqrt((weights**2).sum(axis=1, keepdims=True))
    weights = weights.astype(dtype)
    weights.flags.writeable = False  # it is shared
    return weights


def _bilinear(sources: FloatArray, height: int, width: int) -> Any:
    """Return the sparse matrix of the weights of all pixels in each new one.

    Parameters
    ----------
    sources : ndarray of shape (2, n_pixels)
        Row and column where each new pixel comes from, between pixels or outside.
    height, width : int
        Size of the image.
    """
    positions, dtype = sources[:, np.newaxis], sources.dtype
    last = np.array([[[height - 1]], [[width - 1]]], dtype)
    pixels = np.floor(positions) + NEIGHBORS.astype(dtype)  # before and after
    weights = 1 - np.abs(positions - pixels)
    # fmax and fmin take NaN, which fields of extreme strength have, to a pixel that exists.
    inside = np.fmin(np.fmax(pixels, 0), last)
    weights *= pixels == inside
    rows, columns = inside.astype(np.int32)
    rows *= width
    matrix = copy(_four_in_each_row(height * width, dtype))
    matrix.data = _combine(np.multiply, *weights)
    matrix.indices = _combine(np.add, rows, columns)
    return matrix


def _combine(operation: np.ufunc, rows: Array, columns: Array) -> Array:
    """Combine each of two rows with each of two columns, (2, n_pixels), pixel by pixel."""
    combined = np.empty((rows.shape[1], 2, 2), rows.dtype)
    operation(rows[:, np.newaxis], columns, out=combined.transpose(1, 2, 0))
    return combined.ravel()


@lru_cache
def _four_in_each_row(n_pixels: int, dtype: np.dtype[Any]) -> Any:
    """Return a sparse matrix with four entries in each row, to be copied and filled.

    A new one for each batch would check its arrays each time.
    """
    numbers = np.zeros(4 * n_pixels, np.int32)
    starts = np.arange(0, numbers.size + 1, 4, dtype=np.int32)
    starts.flags.writeable = False  # it is shared
    return sparse.csr_array((numbers.astype(dtype), numbers, starts), (n_pixels, n_pixels))
