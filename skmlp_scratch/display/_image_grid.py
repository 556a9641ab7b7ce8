"""Images with their labels and predictions."""

from typing import Any, Self
from unicodedata import category

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
LONGEST_LABEL = 20  # in characters
ESCAPED = {"Cc", "Cs", "Zl", "Zp"}  # what breaks lines or has no glyph, by Unicode's category


class ImageGridDisplay:
    """Images with their predicted labels, confidences and mistakes.

    The caption of an image is its predicted label, with the confidence in parentheses. If the
    prediction is wrong, the image has a red frame and the caption has a second line with the true
    label. Without predictions, the caption is the label. Without labels, there is no caption.

    Labels are shown as they are, without mathematics or TeX. Line breaks and other control
    characters are escaped, and of a label of more than 20 characters the beginning and the end are
    shown.

    Parameters
    ----------
    images : ndarray of shape (n_images, height, width)
        The images. The largest of all values is black, the smallest is white.
    y_true : array-like of shape (n_images,), default=None
        Their labels.
    y_pred : array-like of shape (n_images,), default=None
        The predicted labels.
    confidence : array-like of shape (n_images,), default=None
        Probability of the predicted class, in [0, 1].

    Attributes
    ----------
    images_ : list of matplotlib AxesImage
        The drawn images.
    text_ : list of matplotlib Text
        The captions.
    ax_ : matplotlib Axes
        Axes with the images. An image and its gaps are 1 wide, so that without captions the first
        row of square images lies between 0 and 1.
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

    __module__ = "skmlp_scratch.display"  # what pickles name, so that this module can move

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
            Options of matplotlib's ``imshow``, such as ``{"cmap": "gray"}`` for white on black.
        text_kw : dict, default=None
            Properties of matplotlib's ``Text``, such as ``{"fontsize": 7}`` for small axes.

        Returns
        -------
        display : ImageGridDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If there are no images; if there is not one label, prediction and confidence for each;
            if only the labels or only the predictions are strings; if `n_columns` is not a positive
            integer.
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
            A fitted classifier or pipeline. The confidence is the largest probability, if
            there is ``predict_proba``.
        X : {array-like, sparse matrix, data frame} of shape (n_samples, height * width)
            Images, each as a row.
        y : array-like of shape (n_samples,), default=None
            Their labels. None if they are unknown; then no mistakes are marked.
        shape : tuple of int, default=None
            Height and width of an image, in pixels. None means square images.
        n_images : int, default=24
            Number of images to draw, from the first row on.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.
        **plot_options
            More options of `plot`.

        Returns
        -------
        display : ImageGridDisplay
            The drawn display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the features do not make an image of this shape; if there is not one label for each
            row; if only the labels or only the predictions are strings; if `n_images` or
            `n_columns` is not a positive integer.
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
            Their labels. None if they are unknown; then no mistakes are marked.
        y_pred : array-like of shape (n_images,)
            The predicted labels.
        confidence : array-like of shape (n_images,), default=None
            Probability of the predicted class, in [0, 1].
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.
        **plot_options
            More options of `plot`.

        Returns
        -------
        display : ImageGridDisplay
            The drawn display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If there are no images; if there is not one label, prediction and confidence for each;
            if only the labels or only the predictions are strings; if `n_columns` is not a positive
            integer.

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
        """Return the captions, if there are any, and which images are classified wrongly."""
        y_true = check_one_for_each("y_true", self.y_true, n_images)
        y_pred = check_one_for_each("y_pred", self.y_pred, n_images)
        confidence = check_one_for_each("confidence", self.confidence, n_images)
        wrong = np.zeros(n_images, bool)
        if y_pred is None:
            return [] if y_true is None else [_to_text(label) for label in y_true], wrong
        captions = [_to_text(label) for label in y_pred]
        if confidence is not None:
            confidence = to_numbers("confidence", confidence)
            captions = [f"{c} ({p:.1%})" for c, p in zip(captions, confidence, strict=True)]
        if y_true is not None:
            check_comparable(y_true, y_pred)
            wrong = y_true != y_pred
            lines = np.where(wrong, [f"\nlabel {_to_text(label)}" for label in y_true], "")
            captions = [c + line for c, line in zip(captions, lines, strict=True)]
        return captions, wrong


def _to_text(label: Any) -> str:
    """Return a label as it is, in one line; of a long one, the beginning and the end."""
    text = label.decode(errors="backslashreplace") if isinstance(label, bytes) else str(label)
    text = "".join(repr(c)[1:-1] if category(c) in ESCAPED else c for c in text)
    half = LONGEST_LABEL // 2
    return text if len(text) <= LONGEST_LABEL else f"{text[:half]}…{text[1 - half :]}"
