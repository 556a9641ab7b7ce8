"""The display of images and their predictions."""

import re
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from scipy.sparse import csr_array
from sklearn.linear_model import Perceptron

from skmlp_scratch import MLPClassifier
from skmlp_scratch.display import ImageGridDisplay
from tests._helpers.data import Quarters


def test_images_are_the_rows(clf: MLPClassifier, digits: Quarters, ax: Axes) -> None:
    _, _, X, y = digits
    display = ImageGridDisplay.from_estimator(clf, X, y, n_images=7, ax=ax)
    drawn = [image.get_array().ravel() for image in display.images_]
    assert np.array_equal(drawn, X[:7])


def test_captions_tell_prediction_confidence_and_mistake(
    clf: MLPClassifier, digits: Quarters, ax: Axes
) -> None:
    _, _, X, y = digits
    display = ImageGridDisplay.from_estimator(clf, X, y, ax=ax)
    predicted, probabilities = clf.predict(X[:24]), clf.predict_proba(X[:24])
    expected = [
        f"{label} ({p.max():.1%})" + (f"\nlabel {true}" if label != true else "")
        for label, p, true in zip(predicted, probabilities, y, strict=False)
    ]
    assert [text.get_text() for text in display.text_] == expected


def test_mistakes_and_only_they_are_red(clf: MLPClassifier, digits: Quarters, ax: Axes) -> None:
    _, _, X, y = digits
    display = ImageGridDisplay.from_estimator(clf, X, y, ax=ax)
    is_wrong = (clf.predict(X[:24]) != y[:24]).tolist()
    assert 0 < sum(is_wrong) < 24
    red = to_rgb("tab:red")
    assert [to_rgb(text.get_color()) == red for text in display.text_] == is_wrong
    assert [to_rgb(frame.get_edgecolor()) == red for frame in ax.patches] == is_wrong


@pytest.mark.parametrize("kind", ["data frame", "polars", "sparse", "list"])
def test_rows_may_come_as(kind: str, digits: Quarters, ax: Axes) -> None:
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


def test_labels_may_be_words(digits: Quarters, ax: Axes) -> None:
    X, y, X_test, y_test = digits
    words = np.array(["even", "odd"])
    clf = MLPClassifier((4,), tol=1, random_state=0).fit(X, words[y % 2])
    display = ImageGridDisplay.from_estimator(clf, X_test, words[y_test % 2], ax=ax)
    assert {text.get_text().split(" (")[0] for text in display.text_} <= {"even", "odd"}


def test_any_classifier_will_do(digits: Quarters, ax: Axes) -> None:
    """Without probabilities there is no confidence."""
    X, y, X_test, y_test = digits
    display = ImageGridDisplay.from_estimator(Perceptron().fit(X, y), X_test, y_test, ax=ax)
    assert not any("%" in text.get_text() for text in display.text_)


def test_labels_alone_are_captions_without_marks(digits: Quarters, ax: Axes) -> None:
    X, y, _, _ = digits
    display = ImageGridDisplay(X[:9].reshape(-1, 8, 8), y_true=y[:9]).plot(ax)
    assert [text.get_text() for text in display.text_] == [str(label) for label in y[:9]]
    assert {text.get_color() for text in display.text_} == {"black"}


def test_predictions_are_drawn_as_given(digits: Quarters, ax: Axes) -> None:
    X, y, _, _ = digits
    display = ImageGridDisplay.from_predictions(
        X[:3].reshape(-1, 8, 8), y[:3], [y[0], y[1], 7], [0.5, 0.25, 1], ax=ax
    )
    captions = [text.get_text() for text in display.text_]
    assert captions == ["0 (50.0%)", "1 (25.0%)", "7 (100.0%)\nlabel 2"]


@pytest.mark.parametrize(("n_images", "n_columns"), [(1, 6), (5, 6), (6, 6), (7, 3), (4, 1)])
@pytest.mark.parametrize("shape", [(8, 8), (4, 16), (16, 4)])
def test_images_lie_row_by_row_within_the_axes(
    digits: Quarters, ax: Axes, n_images: int, n_columns: int, shape: Any
) -> None:
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


def test_captions_do_not_overlap_in_a_new_figure(clf: MLPClassifier, digits: Quarters) -> None:
    display = ImageGridDisplay.from_estimator(clf, *digits[2:])
    display.figure_.draw_without_rendering()
    boxes = [artist.get_window_extent() for artist in display.text_ + display.images_]
    assert sum(box.overlaps(other) for box in boxes for other in boxes) == len(boxes)


def test_options_reach_matplotlib(clf: MLPClassifier, digits: Quarters, ax: Axes) -> None:
    for text_kw in ({"fontsize": 5, "horizontalalignment": "left"}, {"size": 5, "ha": "left"}):
        display = ImageGridDisplay.from_estimator(
            clf, *digits[2:], ax=ax, im_kw={"cmap": "viridis"}, text_kw=text_kw
        )
        assert display.images_[0].get_cmap().name == "viridis"
        assert display.text_[0].get_fontsize() == 5
        assert display.text_[0].get_horizontalalignment() == "left"


def test_unknown_labels_mark_no_mistakes(clf: MLPClassifier, digits: Quarters, ax: Axes) -> None:
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
def test_there_is_one_of_each_for_each_image(name: str, values: Any, ax: Axes) -> None:
    given = {"y_true": [0, 1, 2], "y_pred": [0, 1, 2], "confidence": [0.5, 0.5, 0.5]}
    message = re.escape(f"{name} must hold one value for each of the 3 images, got shape")
    with pytest.raises(ValueError, match=message):
        ImageGridDisplay.from_predictions(np.ones((3, 8, 8)), **given | {name: values}, ax=ax)


@pytest.mark.parametrize("n_labels", [0, 3, 39, 41])
def test_there_is_one_label_for_each_row(
    clf: MLPClassifier, digits: Quarters, n_labels: int, ax: Axes
) -> None:
    """Also for those that are not drawn."""
    with pytest.raises(ValueError, match=rf"y must hold .* 40 images, got shape \({n_labels},\)"):
        ImageGridDisplay.from_estimator(clf, digits[2], np.zeros(n_labels), n_images=2, ax=ax)


@pytest.mark.parametrize("reshape", [lambda X: X.reshape(-1, 8, 8), lambda X: X[0], np.ravel])
@pytest.mark.parametrize("kind", [np.asarray, np.ndarray.tolist])
def test_each_image_must_be_a_row(
    clf: MLPClassifier, digits: Quarters, reshape: Any, kind: str, ax: Axes
) -> None:
    X, y = kind(reshape(digits[2])), digits[3]
    with pytest.raises(
        ValueError, match=r"X must have .* rows of shape .*reshape\(n_samples, -1\)"
    ):
        ImageGridDisplay.from_estimator(clf, X, y, ax=ax)


@pytest.mark.parametrize("kind", [str, bytes, object])
def test_labels_that_can_never_equal_the_predictions_are_refused(kind: str, ax: Axes) -> None:
    """Instead of a picture of nothing but mistakes."""
    images, numbers = np.ones((2, 8, 8)), np.array([3, 4])
    texts = numbers.astype("S" if kind is bytes else "U").astype(kind)
    for y_true, y_pred in ((texts, numbers), (numbers, texts)):
        message = re.escape(f"{y_true[0]!r} never equals {y_pred[0]!r}. Convert")
        with pytest.raises(ValueError, match=f"y_true and y_pred must be .*{message}"):
            ImageGridDisplay.from_predictions(images, y_true, y_pred, ax=ax)


@pytest.mark.parametrize("kind", [str, bytes, object, float, np.uint8, "M8[D]"])
def test_labels_of_one_kind_are_compared(kind: str, ax: Axes) -> None:
    y_true, y_pred = np.array([3, 4]).astype(kind), np.array([3, 5]).astype(kind)
    ImageGridDisplay.from_predictions(np.ones((2, 8, 8)), y_true, y_pred, ax=ax)
    red = to_rgb("tab:red")
    assert [to_rgb(frame.get_edgecolor()) == red for frame in ax.patches] == [False, True]


def test_confidence_must_be_numbers(ax: Axes) -> None:
    with pytest.raises(ValueError, match=r"confidence must be an array of numbers: .*'high'"):
        ImageGridDisplay.from_predictions(
            np.ones((2, 8, 8)), [0, 1], [0, 1], ["high", "low"], ax=ax
        )
