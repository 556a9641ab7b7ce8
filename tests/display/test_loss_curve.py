"""The display of loss curves: what it draws is the history."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.axes import Axes
from numpy.testing import assert_array_equal
from sklearn.neural_network import MLPClassifier as TheirMLPClassifier

from skmlp_scratch import MLPClassifier
from skmlp_scratch.display import LossCurveDisplay
from tests._helpers.data import Quarters
from tests._helpers.tables import ArrowTable


@pytest.mark.parametrize("column", ["loss", "validation_loss", "validation_score"])
def test_curve_is_the_history(clf: MLPClassifier, ax: Axes, column: str) -> None:
    display = LossCurveDisplay.from_estimator(clf, ax=ax)
    assert display.lines_[column].get_ydata().tolist() == clf.history_[column]
    assert display.lines_[column].get_xdata().tolist() == list(range(1, 11))


def test_score_has_a_scale_of_its_own(clf: MLPClassifier, ax: Axes) -> None:
    display = LossCurveDisplay.from_estimator(clf, ax=ax)
    axes = {name: line.axes for name, line in display.lines_.items()}
    assert axes["loss"] is axes["validation_loss"] is display.ax_
    assert axes["validation_score"] is display.score_ax_ is not display.ax_


def test_best_epoch_is_marked(clf: MLPClassifier, ax: Axes) -> None:
    display = LossCurveDisplay.from_estimator(clf, ax=ax)
    scores = clf.history_["validation_score"]
    best = int(np.argmax(scores))
    mark = display.score_ax_.lines[-1]
    assert mark.get_xydata().tolist() == [[best + 1, scores[best]]]
    assert (
        f"{scores[best]:.4g} in epoch {best + 1}" in display.lines_["validation_score"].get_label()
    )


def test_area_is_the_learning_rate_as_a_share_of_its_maximum(clf: MLPClassifier, ax: Axes) -> None:
    display = LossCurveDisplay.from_estimator(clf, ax=ax)
    rates = np.array(clf.history_["learning_rate"])
    [path] = display.learning_rate_.get_paths()
    upper = {x: y for x, y in path.vertices if y > 0}
    assert upper == dict(zip(range(1, 11), rates / rates.max(), strict=True))
    assert f"max: {rates.max():.3g}" in display.learning_rate_.get_label()


def test_legend_names_all_that_is_drawn(clf: MLPClassifier, ax: Axes) -> None:
    display = LossCurveDisplay.from_estimator(clf, ax=ax)
    names = [text.get_text().split(" (")[0] for text in display.ax_.get_legend().texts]
    assert names == [
        "Training objective",
        "Validation loss",
        "Validation score",
        "Learning rate at epoch start",
    ]


def test_legend_hides_nothing(clf: MLPClassifier) -> None:
    display = LossCurveDisplay.from_estimator(clf)
    display.figure_.draw_without_rendering()
    legend = display.ax_.get_legend().get_window_extent()
    assert not legend.overlaps(display.ax_.bbox)
    assert not legend.overlaps(display.ax_.xaxis.label.get_window_extent())


@pytest.mark.parametrize("solver", ["lbfgs", "adam"])
def test_curves_without_figures_are_left_out(digits: Quarters, ax: Axes, solver: str) -> None:
    """Nothing was validated; L-BFGS has no learning rate, and Adam's did not change."""
    X, y, _, _ = digits
    clf = MLPClassifier((4,), solver=solver, tol=1e-2, random_state=0).fit(X, y)
    display = LossCurveDisplay.from_estimator(clf, ax=ax)
    assert list(display.lines_) == ["loss"]
    assert display.score_ax_ is display.learning_rate_ is None


def test_epochs_that_were_not_validated_are_gaps(digits: Quarters, ax: Axes) -> None:
    X, y, X_val, y_val = digits
    clf = MLPClassifier((4,), random_state=0)
    clf.partial_fit(X, y, classes=np.arange(10))
    clf.partial_fit(X, y, X_val=X_val, y_val=y_val)
    display = LossCurveDisplay.from_estimator(clf, ax=ax)
    assert np.isnan(display.lines_["validation_loss"].get_ydata()).tolist() == [True, False]
    assert "in epoch 2" in display.lines_["validation_score"].get_label()


HISTORIES: dict[str, Callable[[Any], Any]] = {
    "pandas": pd.DataFrame,
    "nullable": lambda history: pd.DataFrame(history).convert_dtypes(),
    "polars": pl.DataFrame,
    "lazy polars": pl.LazyFrame,
    "arrow": ArrowTable,
    "structured": lambda history: pd.DataFrame(history).to_records(index=False),
    "arrays": lambda history: {name: np.array(column) for name, column in history.items()},
    "read-only mapping": MappingProxyType,
}


@pytest.mark.parametrize("kind", HISTORIES)
def test_history_may_come_as(kind: str, clf: MLPClassifier, ax: Axes) -> None:
    display = LossCurveDisplay.from_history(HISTORIES[kind](clf.history_), ax=ax)
    assert list(display.lines_) == ["loss", "validation_loss", "validation_score"]
    assert display.lines_["loss"].get_ydata().tolist() == clf.loss_curve_
    assert display.learning_rate_ is not None


@pytest.mark.parametrize(
    "kind", ["pandas", "nullable", "polars", "arrow", "arrays", "read-only mapping"]
)
def test_missing_values_of_any_history_are_gaps(kind: str, ax: Axes) -> None:
    history = HISTORIES[kind]({"loss": [2.5, 1.0, 0.5], "validation_loss": [None, 1.5, None]})
    display = LossCurveDisplay.from_history(history, ax=ax)
    assert_array_equal(display.lines_["validation_loss"].get_ydata(), [np.nan, 1.5, np.nan])


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "structured", "arrays"])
def test_history_of_any_kind_needs_the_loss(kind: str, ax: Axes) -> None:
    history = HISTORIES[kind]({"val_loss": [1.0, 0.5]})
    with pytest.raises(ValueError, match=r"must have a column \"loss\""):
        LossCurveDisplay.from_history(history, ax=ax)


def test_loss_curve_of_scikit_learns_model_is_a_history(digits: Quarters, ax: Axes) -> None:
    X, y, _, _ = digits
    theirs = TheirMLPClassifier((4,), tol=0.1, random_state=0).fit(X, y)
    display = LossCurveDisplay.from_history({"loss": theirs.loss_curve_}, ax=ax)
    assert display.lines_["loss"].get_ydata().tolist() == theirs.loss_curve_


@pytest.mark.parametrize(
    ("history", "message"),
    [
        ({"val_loss": [1.0]}, r"must have a column \"loss\".*val_loss"),
        (pl.Series([{"loss": 0.9}]), r"must have a column \"loss\""),
        ([0.9, 0.5], r"must have a column \"loss\".*got \[0.9, 0.5\]"),
        (0.5, r"must have a column \"loss\".*got 0.5"),
        ({"loss": []}, "history has no epoch to draw.* Train for at least one"),
        (
            {"loss": [1.0, 0.5], "validation_loss": [1.0]},
            r"equal length, .*'loss': \(2,\), 'validation_loss': \(1,\)",
        ),
        ({"loss": 0.5}, r"a number for each epoch, .*'loss': \(\)"),
        ({"loss": [[0.9], [0.5]]}, r"a number for each epoch, .*'loss': \(2, 1\)"),
        (
            {"loss": [[0.9], [0.5, 1]]},
            r"history\['loss'\] must be an array of numbers: .*inhomogeneous",
        ),
        (
            {"loss": [1.0], "validation_score": ["good"]},
            r"'validation_score'\] .* numbers: .*'good'",
        ),
    ],
)
def test_history_that_makes_no_sense_is_an_error(history: Any, message: str, ax: Axes) -> None:
    with pytest.raises(ValueError, match=message):
        LossCurveDisplay.from_history(history, ax=ax)


def test_columns_that_are_not_drawn_may_be_anything(ax: Axes) -> None:
    history = {"loss": [2.0, 1.0], "seconds": 3, "val_accuracy": ["low", "high", "higher"]}
    assert list(LossCurveDisplay.from_history(history, ax=ax).lines_) == ["loss"]


def test_fit_that_was_interrupted_in_its_first_epoch_has_no_epoch_to_draw(
    digits: Quarters, ax: Axes
) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    X, y, _, _ = digits
    clf = MLPClassifier((4,), learning_rate=interrupt)
    with pytest.warns(UserWarning, match="interrupted"):
        clf.fit(X, y)
    assert clf.history_["loss"] == []
    with pytest.raises(ValueError, match=r"no epoch to draw, .*interrupted in its first"):
        LossCurveDisplay.from_estimator(clf, ax=ax)
