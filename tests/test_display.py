"""The displays: what they draw is the data, where they are told to."""

import re
import subprocess
import sys
from itertools import pairwise
from types import MappingProxyType

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.neural_network import MLPClassifier as TheirMLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp_scratch import MLPClassifier
from skmlp_scratch.display import ImageGridDisplay, LossCurveDisplay, WeightsDisplay


@pytest.fixture(autouse=True)
def no_open_figures():
    """Leave no figure open in pyplot, which warns of many."""
    yield
    plt.close("all")


@pytest.fixture
def ax():
    """Return axes that pyplot does not know of."""
    return Figure().subplots()


@pytest.fixture(scope="module")
def digits(multiclass):
    X, y = multiclass
    return X[:80], y[:80], X[80:], y[80:]


@pytest.fixture(scope="module")
def clf(digits):
    """Return a classifier that has validated each epoch, with a schedule, and makes mistakes."""
    X, y, X_val, y_val = digits
    model = MLPClassifier(
        (12,), learning_rate="one_cycle", learning_rate_init=0.01, max_iter=10, random_state=0
    )
    return model.fit(X, y, X_val=X_val, y_val=y_val)


def draw_each(clf, digits, **options):
    """Draw all displays from an estimator, and return them."""
    _, _, X, y = digits
    return [
        LossCurveDisplay.from_estimator(clf, **options),
        WeightsDisplay.from_estimator(clf, **options),
        ImageGridDisplay.from_estimator(clf, X, y, **options),
    ]


def test_import_leaves_matplotlib_alone():
    script = "import sys, skmlp_scratch.display; sys.exit('matplotlib' in sys.modules)"
    command = [sys.executable, "-c", script]
    assert subprocess.run(command, check=False).returncode == 0  # noqa: S603  (our own script)


def test_missing_matplotlib_is_an_error_that_names_the_extra(clf, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r'pip install "skmlp-scratch\[examples\]"'):
        LossCurveDisplay.from_estimator(clf)


def test_given_axes_are_used(clf, digits):
    for number in range(3):
        ax = Figure().subplots()
        display = draw_each(clf, digits, ax=ax)[number]
        assert display.ax_ is ax
        assert display.figure_ is ax.figure
    assert plt.get_fignums() == []


def test_without_axes_there_is_a_new_figure_for_each(clf, digits):
    displays = draw_each(clf, digits)
    assert len({display.figure_ for display in displays}) == len(plt.get_fignums()) == 3


def test_axes_of_a_subfigure_are_used(clf, digits):
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
def test_constructor_only_stores_and_plot_returns_the_display(display, ax):
    stored = vars(display).copy()
    assert not any(name.endswith("_") for name in stored)
    assert display.plot(ax) is display
    assert all(getattr(display, name) is value for name, value in stored.items())


@pytest.mark.parametrize("number", range(3))
def test_nothing_is_cut_off(clf, digits, number):
    """All text lies within the new figure."""
    figure = draw_each(clf, digits)[number].figure_
    figure.draw_without_rendering()
    inner, outer = figure.get_tightbbox().padded(-0.01), figure.bbox_inches
    assert outer.x0 <= inner.x0 < inner.x1 <= outer.x1
    assert outer.y0 <= inner.y0 < inner.y1 <= outer.y1


# --- arguments that the displays share -----------------------------------------------------------


@pytest.mark.parametrize("value", [0, -2, 2.5, "3", None])
@pytest.mark.parametrize(
    ("number", "name"), [(1, "n_columns"), (1, "n_units"), (2, "n_columns"), (2, "n_images")]
)
def test_counts_must_be_positive_integers(clf, digits, number, name, value):
    draw = [None, WeightsDisplay.from_estimator, ImageGridDisplay.from_estimator][number]
    arguments = (clf, *digits[2:])[: 2 * number - 1]
    with pytest.raises(ValueError, match=f"{name} must be an integer of at least 1, got {value!r}"):
        draw(*arguments, **{name: value})
    assert plt.get_fignums() == []


def test_counts_and_shapes_may_be_numpys(clf, digits, ax):
    three, shape = np.int8(3), np.array([4, 16])
    weights = WeightsDisplay.from_estimator(
        clf, shape=shape, n_units=three, n_columns=three, ax=ax, colorbar=False
    )
    images = ImageGridDisplay.from_estimator(
        clf, *digits[2:], shape=shape, n_images=three, n_columns=three, ax=ax
    )
    assert weights.weights.shape == images.images.shape == (3, 4, 16)


def test_shape_may_be_of_small_integers(digits, ax):
    """Whose product is beyond their range."""
    X = np.tile(digits[0], 13)[:, :784]
    clf = MLPClassifier((2,), tol=1, random_state=0).fit(X, digits[1])
    shape = np.array([28, 28], np.uint8)
    assert WeightsDisplay.from_estimator(clf, shape=shape, ax=ax).weights.shape == (2, 28, 28)


SHAPES = [8, "88", (64,), (4, 4, 4), (-8, -8), (8, -1), (8.0, 8.0), (8, 9), (0, 8), ((8, 8),)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_shape_must_be_two_positive_integers_that_hold_the_features(clf, digits, shape):
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
def test_images_must_be_an_array_of_numbers(draw, name, images, message, ax):
    with pytest.raises(ValueError, match=name + message):
        draw(images, ax)


# --- loss curves ---------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["loss", "validation_loss", "validation_score"])
def test_curve_is_the_history(clf, ax, column):
    display = LossCurveDisplay.from_estimator(clf, ax=ax)
    assert display.lines_[column].get_ydata().tolist() == clf.history_[column]
    assert display.lines_[column].get_xdata().tolist() == list(range(1, 11))


def test_score_has_a_scale_of_its_own(clf, ax):
    display = LossCurveDisplay.from_estimator(clf, ax=ax)
    axes = {name: line.axes for name, line in display.lines_.items()}
    assert axes["loss"] is axes["validation_loss"] is display.ax_
    assert axes["validation_score"] is display.score_ax_ is not display.ax_


def test_best_epoch_is_marked(clf, ax):
    display = LossCurveDisplay.from_estimator(clf, ax=ax)
    scores = clf.history_["validation_score"]
    best = int(np.argmax(scores))
    mark = display.score_ax_.lines[-1]
    assert mark.get_xydata().tolist() == [[best + 1, scores[best]]]
    assert (
        f"{scores[best]:.4g} in epoch {best + 1}" in display.lines_["validation_score"].get_label()
    )


def test_area_is_the_learning_rate_as_a_share_of_its_peak(clf, ax):
    display = LossCurveDisplay.from_estimator(clf, ax=ax)
    rates = np.array(clf.history_["learning_rate"])
    [path] = display.learning_rate_.get_paths()
    upper = {x: y for x, y in path.vertices if y > 0}
    assert upper == dict(zip(range(1, 11), rates / rates.max(), strict=True))
    assert f"peak: {rates.max():.3g}" in display.learning_rate_.get_label()


def test_legend_names_all_that_is_drawn(clf, ax):
    display = LossCurveDisplay.from_estimator(clf, ax=ax)
    names = [text.get_text().split(" (")[0] for text in display.ax_.get_legend().texts]
    assert names == [
        "Training loss with penalty",
        "Validation loss",
        "Validation score",
        "Learning rate",
    ]


def test_legend_hides_nothing(clf):
    display = LossCurveDisplay.from_estimator(clf)
    display.figure_.draw_without_rendering()
    legend = display.ax_.get_legend().get_window_extent()
    assert not legend.overlaps(display.ax_.bbox)
    assert not legend.overlaps(display.ax_.xaxis.label.get_window_extent())


@pytest.mark.parametrize("solver", ["lbfgs", "adam"])
def test_curves_without_figures_are_left_out(digits, ax, solver):
    """Nothing was validated; L-BFGS has no learning rate, and Adam's did not change."""
    X, y, _, _ = digits
    clf = MLPClassifier((4,), solver=solver, tol=1e-2, random_state=0).fit(X, y)
    display = LossCurveDisplay.from_estimator(clf, ax=ax)
    assert list(display.lines_) == ["loss"]
    assert display.score_ax_ is display.learning_rate_ is None


def test_epochs_that_were_not_validated_are_gaps(digits, ax):
    X, y, X_val, y_val = digits
    clf = MLPClassifier((4,), random_state=0)
    clf.partial_fit(X, y, classes=np.arange(10))
    clf.partial_fit(X, y, X_val=X_val, y_val=y_val)
    display = LossCurveDisplay.from_estimator(clf, ax=ax)
    assert np.isnan(display.lines_["validation_loss"].get_ydata()).tolist() == [True, False]
    assert "in epoch 2" in display.lines_["validation_score"].get_label()


def to_records(history):
    """Return a structured array."""
    return pd.DataFrame(history).to_records(index=False)


class ArrowTable:
    """As much of Arrow's table as is needed. Its `columns` are arrays, not names."""

    def __init__(self, columns):
        self.column_names = list(columns)
        self.columns = [np.array(column) for column in columns.values()]

    def __getitem__(self, name):
        return self.columns[self.column_names.index(name)]


HISTORIES = {
    "pandas": pd.DataFrame,
    "nullable": lambda history: pd.DataFrame(history).convert_dtypes(),
    "polars": pl.DataFrame,
    "lazy polars": pl.LazyFrame,
    "arrow": ArrowTable,
    "structured": to_records,
    "arrays": lambda history: {name: np.array(column) for name, column in history.items()},
    "read-only mapping": MappingProxyType,
}


@pytest.mark.parametrize("kind", HISTORIES)
def test_history_may_come_as(kind, clf, ax):
    display = LossCurveDisplay.from_history(HISTORIES[kind](clf.history_), ax=ax)
    assert list(display.lines_) == ["loss", "validation_loss", "validation_score"]
    assert display.lines_["loss"].get_ydata().tolist() == clf.loss_curve_
    assert display.learning_rate_ is not None


@pytest.mark.parametrize(
    "kind", ["pandas", "nullable", "polars", "arrow", "arrays", "read-only mapping"]
)
def test_missing_values_of_any_history_are_gaps(kind, ax):
    history = HISTORIES[kind]({"loss": [2.5, 1.0, 0.5], "validation_loss": [None, 1.5, None]})
    display = LossCurveDisplay.from_history(history, ax=ax)
    assert_array_equal(display.lines_["validation_loss"].get_ydata(), [np.nan, 1.5, np.nan])


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "structured", "arrays"])
def test_history_of_any_kind_needs_the_loss(kind, ax):
    history = HISTORIES[kind]({"val_loss": [1.0, 0.5]})
    with pytest.raises(ValueError, match=r"must have a column \"loss\""):
        LossCurveDisplay.from_history(history, ax=ax)


def test_loss_curve_of_scikit_learns_model_is_a_history(digits, ax):
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
def test_history_that_makes_no_sense_is_an_error(history, message, ax):
    with pytest.raises(ValueError, match=message):
        LossCurveDisplay.from_history(history, ax=ax)


def test_columns_that_are_not_drawn_may_be_anything(ax):
    history = {"loss": [2.0, 1.0], "seconds": 3, "val_accuracy": ["low", "high", "higher"]}
    assert list(LossCurveDisplay.from_history(history, ax=ax).lines_) == ["loss"]


def test_fit_that_was_interrupted_in_its_first_epoch_has_no_epoch_to_draw(digits, ax):
    def interrupt(*_):
        raise KeyboardInterrupt

    X, y, _, _ = digits
    clf = MLPClassifier((4,), learning_rate=interrupt)
    with pytest.warns(UserWarning, match="interrupted"):
        clf.fit(X, y)
    assert clf.history_["loss"] == []
    with pytest.raises(ValueError, match=r"no epoch to draw, .*interrupted in its first"):
        LossCurveDisplay.from_estimator(clf, ax=ax)


# --- weights -------------------------------------------------------------------------------------


def test_images_are_the_weights_of_the_units(clf, ax):
    display = WeightsDisplay.from_estimator(clf, shape=(8, 8), n_units=5, ax=ax)
    assert len(display.images_) == 5
    for image, unit in zip(display.images_, display.units, strict=True):
        assert np.array_equal(image.get_array().ravel(), clf.coefs_[0][:, unit])


def test_all_units_are_drawn_once_if_there_are_few(clf, ax):
    display = WeightsDisplay.from_estimator(clf, ax=ax)
    assert sorted(display.units) == list(range(12))


def test_strongest_units_come_first(digits, ax):
    """Units are as strong as what comes in times what goes out."""
    X, y, _, _ = digits
    clf = MLPClassifier((3,), tol=1, random_state=0).fit(X, y)
    clf.coefs_[0][:] = [1, 5, 2]
    clf.coefs_[1][:] = np.array([[1], [1], [3]])
    display = WeightsDisplay.from_estimator(clf, n_units=2, ax=ax)
    assert display.units.tolist() == [2, 1]


def test_network_without_a_hidden_layer_shows_its_classes(digits, ax):
    X, y, _, _ = digits
    clf = MLPClassifier((), tol=1, random_state=0).fit(X, y)
    display = WeightsDisplay.from_estimator(clf, ax=ax)
    norms = np.linalg.norm(clf.coefs_[0], axis=0)[display.units]
    assert len(norms) == 10
    assert all(stronger >= weaker for stronger, weaker in pairwise(norms))


def test_scale_is_symmetric_about_zero_and_shared(clf, ax):
    display = WeightsDisplay.from_estimator(clf, ax=ax)
    [(low, high)] = {image.get_clim() for image in display.images_}
    assert low == -high < 0


def test_colorbar_can_be_left_out(clf, ax):
    WeightsDisplay.from_estimator(clf, ax=ax, colorbar=False)
    assert ax.figure.axes == [ax]
    WeightsDisplay.from_estimator(clf, ax=ax)
    assert len(ax.figure.axes) == 2


def test_weights_of_scikit_learns_network_are_drawn(digits, ax):
    X, y, _, _ = digits
    theirs = TheirMLPClassifier((4,), tol=0.1, random_state=0).fit(X, y)
    assert len(WeightsDisplay.from_estimator(theirs, ax=ax).images_) == 4


def test_features_that_make_no_square_need_a_shape(digits, ax):
    X, y, _, _ = digits
    clf = MLPClassifier((4,), tol=1, random_state=0).fit(X[:, :60], y)
    with pytest.raises(ValueError, match=r"height \* width = 60, .*or None if .* square; got None"):
        WeightsDisplay.from_estimator(clf, ax=ax)
    assert WeightsDisplay.from_estimator(clf, shape=(6, 10), ax=ax).weights.shape == (4, 6, 10)


# --- images --------------------------------------------------------------------------------------


def test_images_are_the_rows(clf, digits, ax):
    _, _, X, y = digits
    display = ImageGridDisplay.from_estimator(clf, X, y, n_images=7, ax=ax)
    drawn = [image.get_array().ravel() for image in display.images_]
    assert np.array_equal(drawn, X[:7])


def test_captions_tell_prediction_confidence_and_mistake(clf, digits, ax):
    _, _, X, y = digits
    display = ImageGridDisplay.from_estimator(clf, X, y, ax=ax)
    predicted, probabilities = clf.predict(X[:24]), clf.predict_proba(X[:24])
    expected = [
        f"{label} ({p.max():.1%})" + (f"\nlabel {true}" if label != true else "")
        for label, p, true in zip(predicted, probabilities, y, strict=False)
    ]
    assert [text.get_text() for text in display.text_] == expected


def test_mistakes_and_only_they_are_red(clf, digits, ax):
    _, _, X, y = digits
    display = ImageGridDisplay.from_estimator(clf, X, y, ax=ax)
    is_wrong = (clf.predict(X[:24]) != y[:24]).tolist()
    assert 0 < sum(is_wrong) < 24
    red = to_rgb("tab:red")
    assert [to_rgb(text.get_color()) == red for text in display.text_] == is_wrong
    assert [to_rgb(frame.get_edgecolor()) == red for frame in ax.patches] == is_wrong


@pytest.mark.parametrize("kind", ["data frame", "polars", "sparse", "list"])
def test_rows_may_come_as(kind, digits, ax):
    X, y, X_test, y_test = digits
    convert = {
        "data frame": lambda X: pd.DataFrame(X).add_prefix("pixel"),
        "polars": lambda X: pl.DataFrame(X, schema=[f"pixel{i}" for i in range(64)]),
        "sparse": csr_array,
        "list": np.ndarray.tolist,
    }[kind]
    clf = MLPClassifier((4,), tol=1, random_state=0).fit(convert(X), y)
    display = ImageGridDisplay.from_estimator(
        clf, convert(X_test), pd.Series(y_test, index=range(100, 140)), ax=ax
    )
    assert np.array_equal(display.images.reshape(24, 64), X_test[:24])


def test_labels_may_be_words(digits, ax):
    X, y, X_test, y_test = digits
    words = np.array(["even", "odd"])
    clf = MLPClassifier((4,), tol=1, random_state=0).fit(X, words[y % 2])
    display = ImageGridDisplay.from_estimator(clf, X_test, words[y_test % 2], ax=ax)
    assert {text.get_text().split(" (")[0] for text in display.text_} <= {"even", "odd"}


LABELS = {
    "$10-$20": "$10-$20",
    "$x_{$1": "$x_{$1",
    r"\$5": r"\$5",
    r"$\frac$": r"$\frac$",
    "_{": "_{",
    r"a\b^{2": r"a\b^{2",
    "100 % & #1 ~": "100 % & #1 ~",
    "two\nlines": r"two\nlines",
    "\ttab\r": r"\ttab\r",
    "sep\u2028arator": r"sep\u2028arator",
    "zero\0": r"zero\x00",
    "lone \udc80": r"lone \udc80",
    "": "",
    " ": " ",
    "Ärger": "Ärger",
    "exactly 20 letters..": "exactly 20 letters..",
    "http://example.org/a/very/long/path": "http://exa…long/path",
    b"$cat": "$cat",
    b"caf\xc3\xa9": "café",
    b"\xff": r"\xff",
    True: "True",
    2.5: "2.5",
}


@pytest.mark.parametrize("label", LABELS, ids=ascii)
def test_labels_are_shown_as_they_are(label, ax):
    """In one line, and without mathematics."""
    images, labels = np.ones((2, 8, 8)), np.array([label, label], dtype=object)
    other = np.array([label, type(label)()], dtype=object)
    display = ImageGridDisplay.from_predictions(images, other, labels, ax=ax)
    alone = ImageGridDisplay(images, y_true=labels).plot(ax)
    right, wrong = (text.get_text() for text in display.text_)
    assert right == alone.text_[0].get_text() == LABELS[label]
    assert wrong.split("\n")[0] == LABELS[label]
    assert not any(text.get_parse_math() for text in display.text_ + alone.text_)
    ax.figure.draw_without_rendering()


def test_labels_are_shown_as_they_are_where_tex_is_on(ax):
    with plt.rc_context({"text.usetex": True}):
        display = ImageGridDisplay(np.ones((1, 8, 8)), y_true=["50 % of $10_000"]).plot(ax)
    assert not display.text_[0].get_usetex()


def test_long_labels_do_not_overlap_in_a_new_figure(digits):
    X, y, _, _ = digits
    labels = np.array([f"{number} and much more of the same {number}" for number in range(10)])
    display = ImageGridDisplay.from_predictions(
        X[:24].reshape(-1, 8, 8), labels[y[:24]], labels[y[1:25]], np.ones(24)
    )
    display.figure_.draw_without_rendering()
    boxes = [artist.get_window_extent() for artist in display.text_ + display.images_]
    assert sum(box.overlaps(other) for box in boxes for other in boxes) == len(boxes)


def test_any_classifier_will_do(digits, ax):
    """Without probabilities there is no confidence."""
    X, y, X_test, y_test = digits
    display = ImageGridDisplay.from_estimator(Perceptron().fit(X, y), X_test, y_test, ax=ax)
    assert not any("%" in text.get_text() for text in display.text_)


def test_labels_alone_are_captions_without_marks(digits, ax):
    X, y, _, _ = digits
    display = ImageGridDisplay(X[:9].reshape(-1, 8, 8), y_true=y[:9]).plot(ax)
    assert [text.get_text() for text in display.text_] == [str(label) for label in y[:9]]
    assert {text.get_color() for text in display.text_} == {"black"}


def test_predictions_are_drawn_as_given(digits, ax):
    X, y, _, _ = digits
    display = ImageGridDisplay.from_predictions(
        X[:3].reshape(-1, 8, 8), y[:3], [y[0], y[1], 7], [0.5, 0.25, 1], ax=ax
    )
    captions = [text.get_text() for text in display.text_]
    assert captions == ["0 (50.0%)", "1 (25.0%)", "7 (100.0%)\nlabel 2"]


@pytest.mark.parametrize(("n_images", "n_columns"), [(1, 6), (5, 6), (6, 6), (7, 3), (4, 1)])
@pytest.mark.parametrize("shape", [(8, 8), (4, 16), (16, 4)])
def test_images_lie_row_by_row_within_the_axes(digits, ax, n_images, n_columns, shape):
    images = digits[0][:n_images].reshape(-1, *shape)
    display = ImageGridDisplay(images, y_true=digits[1][:n_images]).plot(ax, n_columns=n_columns)
    places = [image.get_extent() for image in display.images_]
    assert ax.get_xlim() == (0, min(n_images, n_columns))
    for left, right, bottom, top in places:
        assert 0 < left < right < ax.get_xlim()[1]
        assert 0 < top < bottom < ax.get_ylim()[0]  # which grows downwards
        assert (right - left) / (bottom - top) == pytest.approx(shape[1] / shape[0])
    for number, (before, after) in enumerate(pairwise(places), start=1):
        if number % n_columns:
            assert after[0] > before[1]
            assert after[3] == before[3]
        else:
            assert after[3] > before[2]
            assert after[0] == places[0][0]


def test_captions_do_not_overlap_in_a_new_figure(clf, digits):
    display = ImageGridDisplay.from_estimator(clf, *digits[2:])
    display.figure_.draw_without_rendering()
    boxes = [artist.get_window_extent() for artist in display.text_ + display.images_]
    assert sum(box.overlaps(other) for box in boxes for other in boxes) == len(boxes)


def test_options_reach_matplotlib(clf, digits, ax):
    for text_kw in ({"fontsize": 5, "horizontalalignment": "left"}, {"size": 5, "ha": "left"}):
        display = ImageGridDisplay.from_estimator(
            clf, *digits[2:], ax=ax, im_kw={"cmap": "viridis"}, text_kw=text_kw
        )
        assert display.images_[0].get_cmap().name == "viridis"
        assert display.text_[0].get_fontsize() == 5
        assert display.text_[0].get_horizontalalignment() == "left"


def test_unknown_labels_mark_no_mistakes(clf, digits, ax):
    X = digits[2][:3]
    drawn = [
        ImageGridDisplay.from_estimator(clf, X, ax=ax),
        ImageGridDisplay.from_predictions(X.reshape(-1, 8, 8), None, clf.predict(X), ax=ax),
    ]
    for display in drawn:
        captions = [text.get_text().split(" (")[0] for text in display.text_]
        assert captions == [str(label) for label in clf.predict(X)]
        assert {text.get_color() for text in display.text_} == {"black"}


@pytest.mark.parametrize("values", [[0, 1], [0, 1, 2, 3], np.ones((3, 2)), 3], ids=str)
@pytest.mark.parametrize("name", ["y_true", "y_pred", "confidence"])
def test_there_is_one_of_each_for_each_image(name, values, ax):
    given = {"y_true": [0, 1, 2], "y_pred": [0, 1, 2], "confidence": [0.5, 0.5, 0.5]}
    message = re.escape(f"{name} must hold one value for each of the 3 images, got shape")
    with pytest.raises(ValueError, match=message):
        ImageGridDisplay.from_predictions(np.ones((3, 8, 8)), **given | {name: values}, ax=ax)


@pytest.mark.parametrize("n_labels", [0, 3, 39, 41])
def test_there_is_one_label_for_each_row(clf, digits, n_labels, ax):
    """Also for those that are not drawn."""
    with pytest.raises(ValueError, match=rf"y must hold .* 40 images, got shape \({n_labels},\)"):
        ImageGridDisplay.from_estimator(clf, digits[2], np.zeros(n_labels), n_images=2, ax=ax)


@pytest.mark.parametrize("reshape", [lambda X: X.reshape(-1, 8, 8), lambda X: X[0], np.ravel])
@pytest.mark.parametrize("kind", [np.asarray, np.ndarray.tolist])
def test_each_image_must_be_a_row(clf, digits, reshape, kind, ax):
    X, y = kind(reshape(digits[2])), digits[3]
    with pytest.raises(
        ValueError, match=r"X must have .* rows of shape .*reshape\(n_samples, -1\)"
    ):
        ImageGridDisplay.from_estimator(clf, X, y, ax=ax)


@pytest.mark.parametrize("kind", [str, bytes, object])
def test_labels_that_can_never_equal_the_predictions_are_refused(kind, ax):
    """Instead of a picture of nothing but mistakes."""
    images, numbers = np.ones((2, 8, 8)), np.array([3, 4])
    texts = numbers.astype("S" if kind is bytes else "U").astype(kind)
    for y_true, y_pred in ((texts, numbers), (numbers, texts)):
        message = re.escape(f"{y_true[0]!r} never equals {y_pred[0]!r}. Convert")
        with pytest.raises(ValueError, match=f"y_true and y_pred must be .*{message}"):
            ImageGridDisplay.from_predictions(images, y_true, y_pred, ax=ax)


@pytest.mark.parametrize("kind", [str, bytes, object, float, np.uint8, "M8[D]"])
def test_labels_of_one_kind_are_compared(kind, ax):
    y_true, y_pred = np.array([3, 4]).astype(kind), np.array([3, 5]).astype(kind)
    ImageGridDisplay.from_predictions(np.ones((2, 8, 8)), y_true, y_pred, ax=ax)
    red = to_rgb("tab:red")
    assert [to_rgb(frame.get_edgecolor()) == red for frame in ax.patches] == [False, True]


def test_confidence_must_be_numbers(ax):
    with pytest.raises(ValueError, match=r"confidence must be an array of numbers: .*'high'"):
        ImageGridDisplay.from_predictions(
            np.ones((2, 8, 8)), [0, 1], [0, 1], ["high", "low"], ax=ax
        )


# --- estimators ----------------------------------------------------------------------------------


def test_pipelines_show_their_last_step(digits):
    X, y, X_test, _ = digits
    pipeline = make_pipeline(StandardScaler(), MLPClassifier((4,), tol=1, random_state=0)).fit(X, y)
    curve, weights, grid = draw_each(pipeline, digits)
    assert np.array_equal(weights.weights[0].ravel(), pipeline[-1].coefs_[0][:, weights.units[0]])
    assert curve.history is pipeline[-1].history_
    assert np.array_equal(grid.y_pred, pipeline.predict(X_test[:24]))


@pytest.mark.parametrize("display", [LossCurveDisplay, WeightsDisplay])
def test_model_must_be_fitted(display, ax):
    with pytest.raises(NotFittedError):
        display.from_estimator(MLPClassifier(), ax=ax)


@pytest.mark.parametrize("display", [LossCurveDisplay, WeightsDisplay])
def test_other_models_are_an_error(display, digits, ax):
    other = LogisticRegression().fit(digits[0], digits[1])
    with pytest.raises(ValueError, match=r"needs a network with .*_, .*got LogisticRegression"):
        display.from_estimator(other, ax=ax)
