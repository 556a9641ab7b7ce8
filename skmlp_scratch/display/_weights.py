"""The weights of a first layer as images."""

from typing import Any, Self

import numpy as np

from skmlp_scratch._typing import Array
from skmlp_scratch.display._axes import new_axes
from skmlp_scratch.display._checks import check_count, check_images, find_network, to_images
from skmlp_scratch.display._grid import Grid


class WeightsDisplay:
    """The weights of a network's first layer as images, one for each unit.

    Positive weights are red, negative weights are blue. All images share one scale, which is
    symmetric about 0. The largest 0.5 % of the weights, by absolute value, lie beyond the scale and
    get its end colors.

    Parameters
    ----------
    weights : ndarray of shape (n_units, height, width)
        The images, in the order to draw them.
    units : ndarray of int of shape (n_units,), default=None
        Number of the unit of each image. It is stored for the user and not drawn.

    Attributes
    ----------
    images_ : list of matplotlib AxesImage
        The drawn images.
    ax_ : matplotlib Axes
        Axes with the images. An image and its gaps are 1 wide, so that the first row of square
        images lies between 0 and 1.
    figure_ : matplotlib Figure
        Figure with the axes.

    See Also
    --------
    WeightsDisplay.from_estimator : Draw the first layer of a fitted model.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skmlp_scratch import MLPClassifier
    >>> from skmlp_scratch.display import WeightsDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> clf = MLPClassifier((32,), input_scale=1 / 16, tol=1e-2, random_state=0).fit(X, y)
    >>> display = WeightsDisplay.from_estimator(clf, shape=(8, 8), n_units=12)
    >>> display.weights.shape
    (12, 8, 8)
    >>> bool((display.weights[0].ravel() == clf.coefs_[0][:, display.units[0]]).all())
    True
    """

    __module__ = "skmlp_scratch.display"  # what pickles name, so that this module can move

    images_: list[Any]
    ax_: Any
    figure_: Any

    def __init__(self, weights: Array, *, units: Array | None = None) -> None:
        self.weights = weights
        self.units = units

    def plot(
        self,
        ax: Any = None,
        *,
        n_columns: int = 8,
        colorbar: bool = True,
        im_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the images row by row.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.
        n_columns : int, default=8
            Images in a row.
        colorbar : bool, default=True
            Whether to show the scale.
        im_kw : dict, default=None
            Options of matplotlib's ``imshow``, such as ``{"cmap": "PiYG"}``.

        Returns
        -------
        display : WeightsDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the weights are not images, or `n_columns` is not a positive integer.
        """
        weights = check_images("weights", self.weights)
        limit = np.quantile(np.abs(weights), 0.995)
        im_kw = {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit} | (im_kw or {})
        grid = Grid(weights, n_columns)
        self.ax_ = new_axes(0.8 * grid.n_columns + 1, 0.8 * grid.height) if ax is None else ax
        self.figure_ = self.ax_.figure
        self.images_ = grid.draw(self.ax_, im_kw)
        if colorbar:
            self.figure_.colorbar(self.images_[0], ax=self.ax_, label="Weight", extend="both")
        return self

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        shape: tuple[int, int] | None = None,
        n_units: int = 64,
        ax: Any = None,
        **plot_options: Any,
    ) -> Self:
        """Draw the first layer of a fitted model, the strongest units first.

        The strength of a unit is the Euclidean norm of its incoming weights times the norm of its
        outgoing weights. For piecewise linear activations, the product stays the same if a factor
        moves from one to the other, as the function of the network does.

        Parameters
        ----------
        estimator : MLPClassifier or Pipeline
            A fitted classifier, also scikit-learn's, or a fitted pipeline that ends in one.
        shape : tuple of int, default=None
            Height and width of an image, in pixels. None means square images.
        n_units : int, default=64
            Largest number of units to draw.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.
        **plot_options
            More options of `plot`.

        Returns
        -------
        display : WeightsDisplay
            The drawn display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the features do not make an image of this shape, the estimator has no ``coefs_``, or
            `n_units` or `n_columns` is not a positive integer.
        sklearn.exceptions.NotFittedError
            If it is not fitted.
        """
        coefs = find_network(estimator, "coefs_").coefs_
        check_count("n_units", n_units)
        units = np.argsort(-_strengths(coefs), kind="stable")[:n_units]
        weights = to_images(coefs[0].T[units], shape)
        return cls(weights, units=units).plot(ax, **plot_options)


def _strengths(coefs: list[Array]) -> Array:
    """Return the strength of each unit of the first layer."""
    incoming = np.linalg.norm(coefs[0], axis=0)
    outgoing = [np.linalg.norm(weights, axis=1) for weights in coefs[1:2]]
    strengths: Array = np.prod([incoming, *outgoing], axis=0)
    return strengths
