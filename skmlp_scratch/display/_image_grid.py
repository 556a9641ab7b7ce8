"""Images with their labels and predictions."""

from typing import Any, Self

import numpy as np
from scipy.sparse import issparse

from skmlp_scratch._estimator.sklearn_compat import num_samples, safe_indexing
from skmlp_scratch._typing import Array
from skmlp_scratch.display._axes import new_axes
from skmlp_scratch.display._checks import (
    check_comparable,
    check_count,
    check_images,
    check_one_for_each,
    to_images,
    to_numbers,
)
from skmlp_scratch.display._grid import Grid

HEADROOM = 0.34  # above an image, for two lines of text


class ImageGridDisplay:
    """Images, each under its label or under its prediction, the confidence and any mistake.

    Above an image stands what it was classified as, with the confidence in brackets. If that is
    wrong, the image has a red frame, and a second line says the true label. Without predictions,
    the label stands there; without labels either, nothing.

    Parameters
    ----------
    images : ndarray of shape (n_images, height, width)
        The images. The largest value of all is drawn black, the smallest white.
    y_true : array-like of shape (n_images,), default=None
        Their labels.
    y_pred : array-like of shape (n_images,), default=None
        What they were classified as.
    confidence : array-like of shape (n_images,), default=None
        Probability of the predicted class, in [0, 1].

    Attributes
    ----------
    images_ : list of matplotlib AxesImage
        The drawn images.
    text_ : list of matplotlib Text
        What stands above them.
    ax_ : matplotlib Axes
        Axes with the images. Each is 1 wide with its gap; without text, the first row of square
        images lies between 0 and 1.
    figure_ : matplotlib Figure
        Figure with the axes.

    See Also
    --------
    ImageGridDisplay.from_estimator : Classify images and draw them.
    ImageGridDisplay.from_predictions : Draw images that have been classified.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skmlp_scratch import MLPClassifier
    >>> from skmlp_scratch.display import ImageGridDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> clf = MLPClassifier(input_scale=1 / 16, tol=1e-3, random_state=0).fit(X[:900], y[:900])
    >>> display = ImageGridDisplay.from_estimator(clf, X[900:], y[900:], n_images=12)
    >>> len(display.images_), display.images.shape
    (12, (12, 8, 8))
    """

    images_: list[Any]
    text_: list[Any]
    ax_: Any
    figure_: Any

    def __init__(
        self,
        images: Array,
        *,
        y_true: Any = None,
        y_pred: Any = None,
        confidence: Any = None,
    ) -> None:
        self.images = images
        self.y_true = y_true
        self.y_pred = y_pred
        self.confidence = confidence

    def plot(
        self,
        ax: Any = None,
        *,
        n_columns: int = 6,
        im_kw: dict[str, Any] | None = None,
        text_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the images row by row.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.
        n_columns : int, default=6
            Images in a row.
        im_kw : dict, default=None
            Options of matplotlib's ``imshow``, as ``{"cmap": "gray"}`` for white on black.
        text_kw : dict, default=None
            Properties of matplotlib's ``Text``, as ``{"fontsize": 7}`` for small axes.

        Returns
        -------
        display : ImageGridDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If there are no images, or not one label, prediction and confidence for each; if labels
            and predictions are strings and numbers; if `n_columns` is no positive integer.
        """
        images = check_images("images", self.images)
        captions, wrong = self._captions(len(images))
        grid = Grid(images, n_columns, headroom=HEADROOM if captions else 0)
        im_kw = {"cmap": "gray_r", "vmin": images.min(), "vmax": images.max()} | (im_kw or {})
        self.ax_ = new_axes(1.3 * grid.n_columns, 1.3 * grid.height) if ax is None else ax
        self.figure_ = self.ax_.figure
        self.images_ = grid.draw(self.ax_, im_kw)
        self.text_ = []
        if captions:
            self.text_ = grid.draw_captions(self.ax_, captions, wrong, text_kw or {})
        return self

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any = None,
        *,
        shape: tuple[int, int] | None = None,
        n_images: int = 24,
        ax: Any = None,
        **plot_options: Any,
    ) -> Self:
        """Classify images and draw them.

        Parameters
        ----------
        estimator : classifier
            A fitted classifier or pipeline. The confidence is the largest of its probabilities, if
            it has ``predict_proba``.
        X : {array-like, sparse matrix} of shape (n_samples, height * width)
            Images, each as a row.
        y : array-like of shape (n_samples,), default=None
            Their labels. None if they are not known, which marks no mistakes.
        shape : tuple of int, default=None
            Height and width of an image, in pixels. None is for square images.
        n_images : int, default=24
            How many to draw, from the first on.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.
        **plot_options
            Further options of `plot`.

        Returns
        -------
        display : ImageGridDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the features do not make an image of this shape; if there is not one label for each
            row; if labels and predictions are strings and numbers; if `n_images` or `n_columns` is
            no positive integer.
        """
        check_count("n_images", n_images)
        n_samples = num_samples(X)
        X = safe_indexing(X, np.arange(min(n_images, n_samples)))
        images = to_images(X.toarray() if issparse(X) else np.asarray(X), shape)
        y = check_one_for_each("y", y, n_samples)
        has_probabilities = hasattr(estimator, "predict_proba")
        return cls(
            images,
            y_true=None if y is None else y[:n_images],
            y_pred=estimator.predict(X),
            confidence=estimator.predict_proba(X).max(axis=1) if has_probabilities else None,
        ).plot(ax, **plot_options)

    @classmethod
    def from_predictions(
        cls,
        images: Any,
        y_true: Any,
        y_pred: Any,
        confidence: Any = None,
        *,
        ax: Any = None,
        **plot_options: Any,
    ) -> Self:
        """Draw images that have been classified.

        Parameters
        ----------
        images : array-like of shape (n_images, height, width)
            The images, all of which are drawn.
        y_true : array-like of shape (n_images,) or None
            Their labels. None if they are not known, which marks no mistakes.
        y_pred : array-like of shape (n_images,)
            What they were classified as.
        confidence : array-like of shape (n_images,), default=None
            Probability of the predicted class, in [0, 1].
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.
        **plot_options
            Further options of `plot`.

        Returns
        -------
        display : ImageGridDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If there are no images, or not one label, prediction and confidence for each; if labels
            and predictions are strings and numbers; if `n_columns` is no positive integer.

        Examples
        --------
        The mistakes that a classifier is most sure of:

        >>> from sklearn.datasets import load_digits
        >>> from skmlp_scratch import MLPClassifier
        >>> from skmlp_scratch.display import ImageGridDisplay
        >>> X, y = load_digits(return_X_y=True)
        >>> clf = MLPClassifier(input_scale=1 / 16, tol=1e-3, random_state=0).fit(X[:900], y[:900])
        >>> y_pred, confidence = clf.predict(X), clf.predict_proba(X).max(axis=1)
        >>> worst = (-confidence * (y_pred != y)).argsort()[:12]
        >>> display = ImageGridDisplay.from_predictions(
        ...     X[worst].reshape(-1, 8, 8), y[worst], y_pred[worst], confidence[worst]
        ... )
        >>> len(display.text_)
        12
        """
        images = check_images("images", images)
        display = cls(images, y_true=y_true, y_pred=y_pred, confidence=confidence)
        return display.plot(ax, **plot_options)

    def _captions(self, n_images: int) -> tuple[list[str], Array]:
        """Return what stands above each image, if anything, and which are wrongly classified."""
        y_true = check_one_for_each("y_true", self.y_true, n_images)
        y_pred = check_one_for_each("y_pred", self.y_pred, n_images)
        confidence = check_one_for_each("confidence", self.confidence, n_images)
        wrong = np.zeros(n_images, bool)
        if y_pred is None:
            return [] if y_true is None else [str(label) for label in y_true], wrong
        captions = [str(label) for label in y_pred]
        if confidence is not None:
            confidence = to_numbers("confidence", confidence)
            captions = [f"{c} ({p:.1%})" for c, p in zip(captions, confidence, strict=True)]
        if y_true is not None:
            check_comparable(y_true, y_pred)
            wrong = y_true != y_pred
            lines = np.where(wrong, [f"\nlabel {label}" for label in y_true], "")
            captions = [c + line for c, line in zip(captions, lines, strict=True)]
        return captions, wrong
