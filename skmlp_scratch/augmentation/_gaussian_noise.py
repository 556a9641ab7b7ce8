"""Gaussian noise on the inputs."""

import numpy as np
from sklearn.base import BaseEstimator

from skmlp_scratch._typing import FloatArray
from skmlp_scratch.augmentation._checks import check_amount


class GaussianNoise(BaseEstimator):  # type: ignore[misc]
    """Gaussian noise on the inputs: ``x + scale N(0, 1)``, drawn anew for each value.

    Parameters
    ----------
    scale : float
        Standard deviation of the noise, in the unit that features have after `input_scale`.

    See Also
    --------
    ImageDeformation : Random deformations of images.

    References
    ----------
    .. [1] C. M. Bishop, "Training with noise is equivalent to Tikhonov regularization", Neural
       Computation 7(1), 1995.
    .. [2] A. Rasmus, H. Valpola, M. Honkala, M. Berglund and T. Raiko, "Semi-supervised learning
       with ladder networks", NeurIPS 2015, arXiv:1507.02672.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skmlp_scratch import MLPClassifier
    >>> from skmlp_scratch.augmentation import GaussianNoise
    >>> X, y = load_digits(return_X_y=True)
    >>> clf = MLPClassifier(input_scale=1 / 16, augment=GaussianNoise(0.2), random_state=0)
    >>> bool(clf.fit(X, y).score(X, y) > 0.98)
    True
    """

    __module__ = "skmlp_scratch.augmentation"  # what pickles name, so that this module can move

    def __init__(self, scale: float) -> None:
        self.scale = scale

    def __call__(self, batch: FloatArray, generator: np.random.Generator) -> FloatArray:
        """Add noise to a batch, in place.

        Parameters
        ----------
        batch : ndarray of shape (rows, n_features)
            Rows of float32 or float64.
        generator : numpy.random.Generator
            Source of the noise.

        Returns
        -------
        batch : ndarray of shape (rows, n_features)
            The same array.
        """
        check_amount(self, "scale")
        noise = generator.standard_normal(batch.shape, batch.dtype)
        noise *= self.scale
        batch += noise
        return batch
