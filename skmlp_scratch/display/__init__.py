"""Pictures of a training and of what it has learnt, in the manner of scikit-learn's displays.

A display stores what it shows; ``plot`` draws it. matplotlib is imported only then.
"""

import reprlib
from collections.abc import Iterable, Iterator, Mapping
from math import ceil, isqrt, prod
from numbers import Integral
from typing import Any, Self

import numpy as np
from scipy.sparse import issparse
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import _num_samples, check_is_fitted

from skmlp_scratch._typing import Array

__all__ = ["ImageGridDisplay", "LossCurveDisplay", "WeightsDisplay"]


CURVES = ("loss", "validation_loss", "validation_score", "learning_rate")
GAP = 0.04  # on each side of an image, where the image and its gaps are 1 wide
HEADROOM = 0.34  # above an image, for two lines of text
WRONG = "tab:red"


class LossCurveDisplay:
    """Loss, validation score and learning rate of each epoch.

    The scale of the losses is on the left, that of the score on the right; its best epoch is
    marked. A learning rate that changes is the grey area behind, from 0 at the foot to its peak at
    the top. What there are no figures for is left out.

    Parameters
    ----------
    history : mapping of str to sequence of float
        Columns of equal length, a number for each epoch, NaN where there is none: "loss" and, if
        there are any, "validation_loss", "validation_score" and "learning_rate". Others are not
        used. ``history_`` of :class:`~skmlp_scratch.MLPClassifier` is one, and so is a data frame
        made of it.

    Attributes
    ----------
    lines_ : dict of str to matplotlib Line2D
        The curves, by their column.
    learning_rate_ : matplotlib PolyCollection or None
        The area of the learning rate, if it is drawn.
    ax_ : matplotlib Axes
        Axes with the losses.
    score_ax_ : matplotlib Axes or None
        Axes with the validation score, laid over `ax_`, if there is any.
    figure_ : matplotlib Figure
        Figure with the axes.

    See Also
    --------
    LossCurveDisplay.from_estimator : Draw the training of a fitted model.
    LossCurveDisplay.from_history : Draw a history.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skmlp_scratch import MLPClassifier
    >>> from skmlp_scratch.display import LossCurveDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> clf = MLPClassifier((32,), early_stopping=True, input_scale=1 / 16, random_state=0)
    >>> display = LossCurveDisplay.from_estimator(clf.fit(X, y))
    >>> display.ax_.get_ylabel(), display.score_ax_.get_ylabel()
    ('Loss', 'Validation score')
    >>> list(display.lines_)
    ['loss', 'validation_loss', 'validation_score']
    """

    lines_: dict[str, Any]
    learning_rate_: Any
    ax_: Any
    score_ax_: Any
    figure_: Any

    def __init__(self, history: Mapping[str, Any]) -> None:
        self.history = history

    def plot(self, ax: Any = None) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        display : LossCurveDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the history has no "loss" or no epoch, or columns that do not hold a number for each.
        """
        curves = _read_history(self.history)
        self.ax_ = _new_axes(7.5, 4) if ax is None else ax
        self.figure_ = self.ax_.figure
        self.lines_ = {}
        self.score_ax_ = self.learning_rate_ = None
        self._draw_losses(curves)
        if "validation_score" in curves:
            self._draw_score(curves["validation_score"])
        if "learning_rate" in curves:
            self._draw_learning_rate(curves["learning_rate"])
        self._draw_legend()
        return self

    @classmethod
    def from_estimator(cls, estimator: Any, *, ax: Any = None) -> Self:
        """Draw the training of a fitted model.

        Parameters
        ----------
        estimator : MLPClassifier or Pipeline
            A fitted classifier, or a fitted pipeline that ends in one.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        display : LossCurveDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the estimator has no ``history_``, or its fit ended before its first epoch did.
        sklearn.exceptions.NotFittedError
            If it is not fitted.
        """
        return cls(_final_step(estimator, "history_").history_).plot(ax)

    @classmethod
    def from_history(cls, history: Mapping[str, Any], *, ax: Any = None) -> Self:
        """Draw a history.

        Parameters
        ----------
        history : mapping of str to sequence of float
            Columns of equal length, of which "loss" is needed.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        display : LossCurveDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the history has no "loss" or no epoch, or columns that do not hold a number for each.

        Examples
        --------
        The history of another library's model takes its names for the columns.

        >>> from skmlp_scratch.display import LossCurveDisplay
        >>> theirs = {"loss": [2.1, 1.2, 0.7], "val_loss": [1.5, 1.1, 0.9]}
        >>> display = LossCurveDisplay.from_history(
        ...     {"loss": theirs["loss"], "validation_loss": theirs["val_loss"]}
        ... )
        >>> display.lines_["validation_loss"].get_ydata()
        array([1.5, 1.1, 0.9])
        """
        return cls(history).plot(ax)

    def _draw_losses(self, curves: dict[str, Array]) -> None:
        """Draw one or two losses, and what all curves share."""
        from matplotlib.ticker import MaxNLocator  # noqa: PLC0415  (optional)

        for name, label, color in (
            ("loss", "Training loss", "C0"),
            ("validation_loss", "Validation loss", "C1"),
        ):
            if name in curves:
                self._draw(self.ax_, name, curves[name], label, color)
        self.ax_.set(xlabel="Epoch", ylabel="Loss")
        self.ax_.xaxis.set_major_locator(MaxNLocator(integer=True))
        self.ax_.grid(alpha=0.3)

    def _draw_score(self, scores: Array) -> None:
        """Draw the validation score, and mark the epoch whose parameters early stopping keeps."""
        self.score_ax_ = self.ax_.twinx()
        best = int(np.nanargmax(scores))
        label = f"Validation score (best: {scores[best]:.4g} in epoch {best + 1})"
        self._draw(self.score_ax_, "validation_score", scores, label, "C2")
        self.score_ax_.plot(best + 1, scores[best], "o", color="C2")
        self.score_ax_.set(ylabel="Validation score")

    def _draw_learning_rate(self, rates: Array) -> None:
        """Draw the shape of the schedule, as a share of the height of the axes."""
        peak = np.nanmax(rates)
        self.learning_rate_ = self.ax_.fill_between(
            np.arange(1, len(rates) + 1),
            rates / peak,
            transform=self.ax_.get_xaxis_transform(),
            color="0.92",
            zorder=0,
            label=f"Learning rate (peak: {peak:.3g})",
        )

    def _draw_legend(self) -> None:
        """Draw the legend of all axes below them, where it hides no curve and no title."""
        handles = list(self.lines_.values())
        if self.learning_rate_ is not None:
            handles.append(self.learning_rate_)
        below_the_label = {"bbox_to_anchor": (0.5, 0), "borderaxespad": 4}
        self.ax_.legend(
            handles=handles, loc="upper center", ncols=2, frameon=False, **below_the_label
        )

    def _draw(self, ax: Any, name: str, values: Array, label: str, color: str) -> None:
        """Draw a curve; with points, as a single epoch has no line."""
        epochs = np.arange(1, len(values) + 1)
        [self.lines_[name]] = ax.plot(epochs, values, ".-", label=label, color=color)


class WeightsDisplay:
    """The weights of a network's first layer as images, one for each unit.

    Red pixels excite the unit, blue pixels inhibit it. All images share one scale, symmetric about
    0; the most extreme 0.5 % of the weights are drawn in its end colours.

    Parameters
    ----------
    weights : ndarray of shape (n_units, height, width)
        The images, in the order to draw them.
    units : ndarray of int of shape (n_units,), default=None
        Which units of the layer they belong to, for the reader of the display.

    Attributes
    ----------
    images_ : list of matplotlib AxesImage
        The drawn images.
    ax_ : matplotlib Axes
        Axes with the images. Each is 1 wide with its gap, so that the first row of square images
        lies between 0 and 1.
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
            Options of matplotlib's ``imshow``, as ``{"cmap": "PiYG"}``.

        Returns
        -------
        display : WeightsDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the weights are not images, or `n_columns` is no positive integer.
        """
        weights = _check_images("weights", self.weights)
        limit = np.quantile(np.abs(weights), 0.995)
        im_kw = {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit} | (im_kw or {})
        grid = _Grid(weights, n_columns)
        self.ax_ = _new_axes(0.8 * grid.n_columns + 1, 0.8 * grid.height) if ax is None else ax
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

        The strength of a unit is the Euclidean norm of the weights that come into it times the norm
        of those that go out of it: for piecewise linear activations, how much it can change what
        follows, however that is divided between the two.

        Parameters
        ----------
        estimator : MLPClassifier or Pipeline
            A fitted classifier, or a fitted pipeline that ends in one; scikit-learn's will do.
        shape : tuple of int, default=None
            Height and width of an image, in pixels. None is for square images.
        n_units : int, default=64
            Largest number of units to draw.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.
        **plot_options
            Further options of `plot`.

        Returns
        -------
        display : WeightsDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the features do not make an image of this shape, the estimator has no ``coefs_``, or
            `n_units` or `n_columns` is no positive integer.
        sklearn.exceptions.NotFittedError
            If it is not fitted.
        """
        coefs = _final_step(estimator, "coefs_").coefs_
        _check_count("n_units", n_units)
        units = np.argsort(-_strengths(coefs), kind="stable")[:n_units]
        weights = _to_images(coefs[0].T[units], shape)
        return cls(weights, units=units).plot(ax, **plot_options)


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
        images = _check_images("images", self.images)
        captions, wrong = self._captions(len(images))
        grid = _Grid(images, n_columns, headroom=HEADROOM if captions else 0)
        im_kw = {"cmap": "gray_r", "vmin": images.min(), "vmax": images.max()} | (im_kw or {})
        self.ax_ = _new_axes(1.3 * grid.n_columns, 1.3 * grid.height) if ax is None else ax
        self.figure_ = self.ax_.figure
        self.images_ = grid.draw(self.ax_, im_kw)
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
        _check_count("n_images", n_images)
        n_samples = _num_samples(X)
        X = _safe_indexing(X, np.arange(min(n_images, n_samples)))
        images = _to_images(X.toarray() if issparse(X) else np.asarray(X), shape)
        y = _check_one_for_each("y", y, n_samples)
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
        images = _check_images("images", images)
        display = cls(images, y_true=y_true, y_pred=y_pred, confidence=confidence)
        return display.plot(ax, **plot_options)

    def _captions(self, n_images: int) -> tuple[list[str], Array]:
        """Return what stands above each image, if anything, and which are wrongly classified."""
        y_true = _check_one_for_each("y_true", self.y_true, n_images)
        y_pred = _check_one_for_each("y_pred", self.y_pred, n_images)
        confidence = _check_one_for_each("confidence", self.confidence, n_images)
        wrong = np.zeros(n_images, bool)
        if y_pred is None:
            return [] if y_true is None else [str(label) for label in y_true], wrong
        captions = [str(label) for label in y_pred]
        if confidence is not None:
            confidence = _to_numbers("confidence", confidence)
            captions = [f"{c} ({p:.1%})" for c, p in zip(captions, confidence, strict=True)]
        if y_true is not None:
            _check_comparable(y_true, y_pred)
            wrong = y_true != y_pred
            lines = np.where(wrong, [f"\nlabel {label}" for label in y_true], "")
            captions = [c + line for c, line in zip(captions, lines, strict=True)]
        return captions, wrong


class _Grid:
    """Where images of equal size lie: row by row, each 1 wide with its gaps, under its text."""

    def __init__(self, images: Array, n_columns: int, headroom: float = 0.0) -> None:
        _check_count("n_columns", n_columns)
        n_images, height, width = images.shape
        self.images = images
        self.n_columns = min(n_columns, n_images)
        self.aspect: float = height / width
        self.row_height = headroom + self.aspect
        self.height: float = ceil(n_images / n_columns) * self.row_height

    def boxes(self) -> Iterator[tuple[float, float, float, float]]:
        """Yield left, right, bottom and top of each image; downwards is positive."""
        for number in range(len(self.images)):
            row, column = divmod(number, self.n_columns)
            bottom = (row + 1) * self.row_height
            gap = GAP * self.aspect
            yield column + GAP, column + 1 - GAP, bottom - gap, bottom - self.aspect + gap

    def draw(self, ax: Any, im_kw: dict[str, Any]) -> list[Any]:
        """Draw the images, and nothing around them."""
        drawn = [
            ax.imshow(image, extent=box, **im_kw)
            for image, box in zip(self.images, self.boxes(), strict=True)
        ]
        ax.set(xlim=(0, self.n_columns), ylim=(self.height, 0), xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
        return drawn

    def draw_captions(
        self, ax: Any, captions: list[str], wrong: Array, text_kw: dict[str, Any]
    ) -> list[Any]:
        """Draw what stands above the images, if anything, and mark those that are wrong."""
        texts = []
        for caption, is_wrong, box in zip(captions, wrong, self.boxes(), strict=False):
            left, right, bottom, top = box
            text = ax.text((left + right) / 2, top - GAP, caption, fontsize=9)
            text.set(color=WRONG if is_wrong else "black", ha="center", va="bottom")
            text.set(**text_kw)  # which may use other names for the same, unlike keywords of `text`
            texts.append(text)
            x, y = [left, right, right, left, left], [top, top, bottom, bottom, top]
            ax.plot(x, y, color=WRONG if is_wrong else "lightgray", linewidth=1 + is_wrong)
        return texts


def _new_axes(width: float, height: float) -> Any:
    """Return axes in a figure of their own, in inches."""
    try:
        import matplotlib.pyplot as plt  # noqa: PLC0415  (optional, and only for drawing)
    except ImportError as error:
        raise ImportError(
            'Displays are drawn with matplotlib: pip install "skmlp-scratch[examples]".'
        ) from error
    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def _final_step(estimator: Any, attribute: str) -> Any:
    """Return a fitted estimator, or the last step of a pipeline, which must have the attribute."""
    check_is_fitted(estimator)
    network = estimator[-1] if isinstance(estimator, Pipeline) else estimator
    if not hasattr(network, attribute):
        raise ValueError(
            f"This display needs a network with {attribute}, such as a fitted MLPClassifier or a "
            f"pipeline that ends in one, got {network!r}."
        )
    return network


def _read_history(history: Mapping[str, Any]) -> dict[str, Array]:
    """Return the columns that there is something to draw of."""
    if not hasattr(history, "items") or "loss" not in history:  # data frames are no Mapping
        raise ValueError(
            'history must have a column "loss", like history_ of MLPClassifier or '
            f'{{"loss": loss_curve_}}, got {reprlib.repr(history)}.'
        )
    curves = {
        name: _to_numbers(f"history[{name!r}]", history[name]).astype(float)
        for name in CURVES
        if name in history
    }
    shapes = {name: values.shape for name, values in curves.items()}
    if curves["loss"].ndim != 1 or len(set(shapes.values())) > 1:
        raise ValueError(
            "history must have columns of equal length, a number for each epoch, got these shapes: "
            f"{shapes}."
        )
    if not curves["loss"].size:
        raise ValueError(
            "history has no epoch to draw, like that of a model whose fit was interrupted in its "
            "first one. Train for at least one whole epoch."
        )
    return {name: values for name, values in curves.items() if _is_worth_drawing(name, values)}


def _is_worth_drawing(name: str, values: Array) -> bool:
    """Return whether there is any figure, or a learning rate that changes."""
    known = values[~np.isnan(values)]
    return len(np.unique(known)) > 1 if name == "learning_rate" else len(known) > 0


def _strengths(coefs: list[Array]) -> Array:
    """Return how much each unit of the first layer can change what follows."""
    incoming = np.linalg.norm(coefs[0], axis=0)
    outgoing = [np.linalg.norm(weights, axis=1) for weights in coefs[1:2]]
    strengths: Array = np.prod([incoming, *outgoing], axis=0)
    return strengths


def _to_images(rows: Array, shape: tuple[int, int] | None) -> Array:
    """Return rows of features as images, square ones for None."""
    if rows.ndim != 2:
        raise ValueError(
            "X must have shape (n_samples, height * width), each image as a row, but has rows of "
            f"shape {rows.shape[1:]}. Pass X.reshape(n_samples, -1)."
        )
    n_features = rows.shape[1]
    sizes = (isqrt(n_features),) * 2 if shape is None else shape
    if not _are_two_counts(sizes) or prod(map(int, sizes)) != n_features:
        raise ValueError(
            "shape must be (height, width), two positive integers with height * width = "
            f"{n_features}, the number of features, or None if that is a square; got {shape!r}."
        )
    return rows.reshape(-1, *sizes)


def _check_images(name: str, values: Any) -> Array:
    """Return images as an array, of which there must be at least one."""
    images = _to_numbers(name, values)
    if images.ndim != 3 or not images.size:
        raise ValueError(
            f"{name} must have shape (n_images, height, width) and hold at least one image, got "
            f"shape {images.shape}."
        )
    return images


def _check_one_for_each(name: str, values: Any, n_images: int) -> Array | None:
    """Return values as an array, one for each image, or None."""
    if values is None:
        return None
    array: Array = np.asarray(values)
    if array.shape != (n_images,):
        raise ValueError(
            f"{name} must hold one value for each of the {n_images} images, got shape "
            f"{array.shape}."
        )
    return array


def _check_comparable(y_true: Array, y_pred: Array) -> None:
    """Refuse labels and predictions of which only either are strings: none would be equal."""
    for kind in (str, bytes):
        if _has_any(kind, y_true) != _has_any(kind, y_pred):
            raise ValueError(
                f"y_true and y_pred must be labels of one kind, but {y_true[0]!r} never equals "
                f"{y_pred[0]!r}. Convert either, for instance by y_true.astype(y_pred.dtype)."
            )


def _has_any(kind: type, values: Array) -> bool:
    return any(isinstance(value, kind) for value in values)


def _check_count(name: str, value: Any) -> None:
    """Refuse what is no positive integer."""
    if not _is_count(value):
        raise ValueError(f"{name} must be an integer of at least 1, got {value!r}.")


def _is_count(value: Any) -> bool:
    return isinstance(value, Integral) and int(value) > 0


def _are_two_counts(sizes: Any) -> bool:
    return isinstance(sizes, Iterable) and [_is_count(size) for size in sizes] == [True, True]


def _to_numbers(name: str, values: Any) -> Array:
    """Return values as an array of numbers, of which None is NaN."""
    try:
        array: Array = np.asarray(values)
        return array if array.dtype.kind in "biuf" else array.astype(float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be an array of numbers: {error}.") from error
