"""What the displays share: axes, arguments, estimators."""

import re
import subprocess
import sys
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp_scratch import MLPClassifier
from skmlp_scratch.display import ImageGridDisplay, LossCurveDisplay, WeightsDisplay
from tests._helpers.data import Quarters


def draw_each(clf: MLPClassifier, digits: Quarters, **options: Any) -> Any:
    """Draw all displays from an estimator, and return them."""
    _, _, X, y = digits
    return [
        LossCurveDisplay.from_estimator(clf, **options),
        WeightsDisplay.from_estimator(clf, **options),
        ImageGridDisplay.from_estimator(clf, X, y, **options),
    ]


@pytest.mark.slow
def test_import_leaves_matplotlib_alone() -> None:
    script = "import sys, skmlp_scratch.display; sys.exit('matplotlib' in sys.modules)"
    command = [sys.executable, "-c", script]
    assert subprocess.run(command, check=False).returncode == 0  # noqa: S603  (our own script)


def test_missing_matplotlib_is_an_error_that_names_the_extra(
    clf: MLPClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r'pip install "skmlp-scratch\[examples\]"'):
        LossCurveDisplay.from_estimator(clf)


def test_given_axes_are_used(clf: MLPClassifier, digits: Quarters) -> None:
    for number in range(3):
        ax = Figure().subplots()
        display = draw_each(clf, digits, ax=ax)[number]
        assert display.ax_ is ax
        assert display.figure_ is ax.figure
    assert plt.get_fignums() == []


def test_without_axes_there_is_a_new_figure_for_each(clf: MLPClassifier, digits: Quarters) -> None:
    displays = draw_each(clf, digits)
    assert len({display.figure_ for display in displays}) == len(plt.get_fignums()) == 3


def test_axes_of_a_subfigure_are_used(clf: MLPClassifier, digits: Quarters) -> None:
    for part in Figure().subfigures(1, 2):
        for display in draw_each(clf, digits, ax=part.subplots()):
            assert display.figure_ is part


@pytest.mark.parametrize(
    "display",
    [
        LossCurveDisplay({"loss": [2.0, 1.0]}),
        WeightsDisplay(np.ones((2, 3, 3))),
        ImageGridDisplay(np.ones((2, 3, 3))),
    ],
    ids=lambda display: type(display).__name__,
)
def test_constructor_only_stores_and_plot_returns_the_display(display: Any, ax: Axes) -> None:
    stored = vars(display).copy()
    assert not any(name.endswith("_") for name in stored)
    assert display.plot(ax) is display
    assert all(getattr(display, name) is value for name, value in stored.items())


@pytest.mark.slow
@pytest.mark.parametrize("number", range(3))
def test_nothing_is_cut_off(clf: MLPClassifier, digits: Quarters, number: int) -> None:
    """All text lies within the new figure."""
    figure = draw_each(clf, digits)[number].figure_
    figure.draw_without_rendering()
    inner, outer = figure.get_tightbbox().padded(-0.01), figure.bbox_inches
    assert outer.x0 <= inner.x0 < inner.x1 <= outer.x1
    assert outer.y0 <= inner.y0 < inner.y1 <= outer.y1


# --- arguments that the displays share ----------------------------------------------------------


@pytest.mark.parametrize("value", [0, -2, 2.5, "3", None])
@pytest.mark.parametrize(
    ("number", "name"), [(1, "n_columns"), (1, "n_units"), (2, "n_columns"), (2, "n_images")]
)
def test_counts_must_be_positive_integers(
    clf: MLPClassifier, digits: Quarters, number: int, name: str, value: Any
) -> None:
    draw: Any = [None, WeightsDisplay.from_estimator, ImageGridDisplay.from_estimator][number]
    arguments = (clf, *digits[2:])[: 2 * number - 1]
    with pytest.raises(ValueError, match=f"{name} must be an integer of at least 1, got {value!r}"):
        draw(*arguments, **{name: value})
    assert plt.get_fignums() == []


def test_counts_and_shapes_may_be_numpys(clf: MLPClassifier, digits: Quarters, ax: Axes) -> None:
    three, shape = np.int8(3), np.array([4, 16])
    weights = WeightsDisplay.from_estimator(
        clf, shape=shape, n_units=three, n_columns=three, ax=ax, colorbar=False
    )
    images = ImageGridDisplay.from_estimator(
        clf, *digits[2:], shape=shape, n_images=three, n_columns=three, ax=ax
    )
    assert weights.weights.shape == images.images.shape == (3, 4, 16)


def test_shape_may_be_of_small_integers(digits: Quarters, ax: Axes) -> None:
    """Whose product is beyond their range."""
    X = np.tile(digits[0], 13)[:, :784]
    clf = MLPClassifier((2,), tol=1, random_state=0).fit(X, digits[1])
    shape = np.array([28, 28], np.uint8)
    assert WeightsDisplay.from_estimator(clf, shape=shape, ax=ax).weights.shape == (2, 28, 28)


SHAPES = [8, "88", (64,), (4, 4, 4), (-8, -8), (8, -1), (8.0, 8.0), (8, 9), (0, 8), ((8, 8),)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_shape_must_be_two_positive_integers_that_hold_the_features(
    clf: MLPClassifier, digits: Quarters, shape: Any
) -> None:
    message = rf"shape must be \(height, width\), .* 64, .*got {re.escape(repr(shape))}"
    with pytest.raises(ValueError, match=message):
        WeightsDisplay.from_estimator(clf, shape=shape)
    with pytest.raises(ValueError, match=message):
        ImageGridDisplay.from_estimator(clf, *digits[2:], shape=shape)
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.ones((3, 64)), r" must have shape \(n_images, height, width\)"),
        (np.ones((0, 8, 8)), " .* at least one image"),
        (np.ones((3, 8, 8, 3)), r" .* got shape \(3, 8, 8, 3\)"),
        (np.full((1, 1, 2), "white"), " must be an array of numbers: .*'white'"),
        ([[[1, 2], [3]]], " must be an array of numbers: .*inhomogeneous"),
    ],
)
@pytest.mark.parametrize(
    ("draw", "name"),
    [
        (lambda images, ax: WeightsDisplay(images).plot(ax), "weights"),
        (lambda images, ax: ImageGridDisplay(images).plot(ax), "images"),
        (
            lambda images, ax: ImageGridDisplay.from_predictions(images, None, None, ax=ax),
            "images",
        ),
    ],
    ids=["WeightsDisplay", "ImageGridDisplay", "from_predictions"],
)
def test_images_must_be_an_array_of_numbers(
    draw: Any, name: str, images: Any, message: str, ax: Axes
) -> None:
    with pytest.raises(ValueError, match=name + message):
        draw(images, ax)


# --- estimators ---------------------------------------------------------------------------------


def test_pipelines_show_their_last_step(digits: Quarters) -> None:
    X, y, X_test, _ = digits
    network = MLPClassifier((4,), tol=1, random_state=0)
    pipeline = make_pipeline(StandardScaler(), make_pipeline(network)).fit(X, y)
    curve, weights, grid = draw_each(pipeline, digits)
    assert np.array_equal(
        weights.weights[0].ravel(), pipeline[-1][-1].coefs_[0][:, weights.units[0]]
    )
    assert curve.history == pipeline[-1][-1].history_
    assert np.array_equal(grid.y_pred, pipeline.predict(X_test[:24]))


@pytest.mark.parametrize("display", [LossCurveDisplay, WeightsDisplay])
def test_model_must_be_fitted(display: Any, ax: Axes) -> None:
    with pytest.raises(NotFittedError):
        display.from_estimator(MLPClassifier(), ax=ax)


@pytest.mark.parametrize("display", [LossCurveDisplay, WeightsDisplay])
def test_other_models_are_an_error(display: Any, digits: Quarters, ax: Axes) -> None:
    other = LogisticRegression().fit(digits[0], digits[1])
    with pytest.raises(ValueError, match=r"needs a network with .*_, .*got LogisticRegression"):
        display.from_estimator(other, ax=ax)
