"""The losses, the score and the learning rate of a training."""

import reprlib
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from skmlp_scratch._estimator.frames import column_names
from skmlp_scratch._typing import Array
from skmlp_scratch.display._axes import new_axes
from skmlp_scratch.display._checks import find_network, to_numbers

CURVES = ("loss", "validation_loss", "validation_score", "learning_rate")


class LossCurveDisplay:
    """Loss, validation score and learning rate of each epoch.

    The scale of the losses is on the left. The scale of the score is on the right, and the best
    epoch is marked. The gray area in the background is the learning rate at the start of each
    epoch, if it changes, from 0 at the bottom to its maximum at the top; a schedule may rise above
    that within an epoch. Columns without values are not drawn.

    The curve "Training objective" is what training minimizes: the loss, with label smoothing and
    dropout if they are on, plus the L2 penalty, averaged over the batches. The validation loss has
    none of these and is computed at the end of the epoch. The two curves can therefore lie
    apart although the model fits both data sets equally well.

    Parameters
    ----------
    history : mapping of str to sequence of float, data frame or Arrow table
        Columns of equal length with a number for each epoch, NaN where there is none. "loss" is
        required; "validation_loss", "validation_score" and "learning_rate" are optional, and others
        are not used. ``history_`` of :class:`~skmlp_scratch.MLPClassifier` is such a mapping. Data
        frames of pandas or polars, Arrow tables and structured arrays are taken, too.

    Attributes
    ----------
    lines_ : dict of str to matplotlib Line2D
        The curves by the names of their columns.
    learning_rate_ : matplotlib PolyCollection or None
        The area of the learning rate; None if the rate is constant or unknown.
    ax_ : matplotlib Axes
        Axes with the losses.
    score_ax_ : matplotlib Axes or None
        Axes with the validation score, on top of `ax_`; None without a score.
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

    __module__ = "skmlp_scratch.display"  # what pickles name, so that this module can move

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
            If the history has no "loss" or no epoch, or a column without one number for each epoch.
        """
        curves = _read_history(self.history)
        self.ax_ = new_axes(7.5, 4) if ax is None else ax
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
            The drawn display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the estimator has no ``history_``, or its fit was interrupted in the first epoch.
        sklearn.exceptions.NotFittedError
            If it is not fitted.
        """
        return cls(find_network(estimator, "history_").history_).plot(ax)

    @classmethod
    def from_history(cls, history: Mapping[str, Any], *, ax: Any = None) -> Self:
        """Draw a history.

        Parameters
        ----------
        history : mapping of str to sequence of float, data frame or Arrow table
            Columns of equal length, of which "loss" is required.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        display : LossCurveDisplay
            The drawn display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the history has no "loss" or no epoch, or a column without one number for each epoch.

        Examples
        --------
        Rename the columns of another library's history:

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
        """Draw the training objective and the validation loss, and set up the axes."""
        from matplotlib.ticker import MaxNLocator  # noqa: PLC0415  (optional)

        for name, label, color in (
            ("loss", "Training objective", "C0"),
            ("validation_loss", "Validation loss", "C1"),
        ):
            if name in curves:
                self._draw(self.ax_, name, curves[name], label, color)
        self.ax_.set(xlabel="Epoch", ylabel="Loss")
        self.ax_.xaxis.set_major_locator(MaxNLocator(integer=True))
        self.ax_.grid(alpha=0.3)

    def _draw_score(self, scores: Array) -> None:
        """Draw the validation score and mark its best epoch, which early stopping keeps."""
        self.score_ax_ = self.ax_.twinx()
        best = int(np.nanargmax(scores))
        label = f"Validation score (best: {scores[best]:.4g} in epoch {best + 1})"
        self._draw(self.score_ax_, "validation_score", scores, label, "C2")
        self.score_ax_.plot(best + 1, scores[best], "o", color="C2")
        self.score_ax_.set(ylabel="Validation score")

    def _draw_learning_rate(self, rates: Array) -> None:
        """Draw the learning rate as a share of its maximum, over the whole height of the axes."""
        highest = np.nanmax(rates)
        self.learning_rate_ = self.ax_.fill_between(
            np.arange(1, len(rates) + 1),
            rates / highest,
            transform=self.ax_.get_xaxis_transform(),
            color="0.92",
            zorder=0,
            label=f"Learning rate at epoch start (max: {highest:.3g})",
        )

    def _draw_legend(self) -> None:
        """Draw one legend for all axes below them, where it hides no curve and no label."""
        handles = list(self.lines_.values())
        if self.learning_rate_ is not None:
            handles.append(self.learning_rate_)
        below_the_label = {"bbox_to_anchor": (0.5, 0), "borderaxespad": 4}
        self.ax_.legend(
            handles=handles, loc="upper center", ncols=2, frameon=False, **below_the_label
        )

    def _draw(self, ax: Any, name: str, values: Array, label: str, color: str) -> None:
        """Draw a curve with points, as a single epoch makes no line."""
        epochs = np.arange(1, len(values) + 1)
        [self.lines_[name]] = ax.plot(epochs, values, ".-", label=label, color=color)


def _read_history(history: Mapping[str, Any]) -> dict[str, Array]:
    """Return the columns with values to draw."""
    history = history.collect() if hasattr(history, "collect") else history  # polars' lazy frame
    names = _column_names(history)
    if "loss" not in names:
        raise ValueError(
            'history must have a column "loss", like history_ of MLPClassifier or '
            f'{{"loss": loss_curve_}}, got {reprlib.repr(history)}.'
        )
    curves = {
        name: to_numbers(f"history[{name!r}]", history[name]).astype(float)
        for name in CURVES
        if name in names
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


def _column_names(history: Any) -> list[Any]:
    """Return the names of the columns of a mapping, a data frame, a table or a structured array."""
    if hasattr(history, "keys"):
        return list(history.keys())
    names = column_names(history)
    if names is None:
        names = getattr(getattr(history, "dtype", None), "names", None) or []
    return list(names)


def _is_worth_drawing(name: str, values: Array) -> bool:
    """Return whether a column has any value, or holds a learning rate that changes."""
    known = values[~np.isnan(values)]
    return len(np.unique(known)) > 1 if name == "learning_rate" else len(known) > 0
