"""Captions of images: labels as they are, in one line each."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes

from skmlp_scratch.display import ImageGridDisplay
from tests._helpers.data import Quarters

# What is shown, by label.
CAPTIONS: dict[Any, str] = {
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
    b"\xc3\x84rger": "Ärger",
    b"\xff": r"\xff",
    True: "True",
    2.5: "2.5",
}


@pytest.mark.parametrize("label", CAPTIONS, ids=ascii)
def test_labels_are_shown_as_they_are(label: Any, ax: Axes) -> None:
    """In one line, and without mathematics."""
    images, labels = np.ones((2, 8, 8)), np.array([label, label], dtype=object)
    other = np.array([label, type(label)()], dtype=object)
    display = ImageGridDisplay.from_predictions(images, other, labels, ax=ax)
    alone = ImageGridDisplay(images, y_true=labels).plot(ax)
    right, wrong = (text.get_text() for text in display.text_)
    assert right == alone.text_[0].get_text() == CAPTIONS[label]
    assert wrong.split("\n")[0] == CAPTIONS[label]
    assert not any(text.get_parse_math() for text in display.text_ + alone.text_)
    ax.figure.draw_without_rendering()


def test_labels_are_shown_as_they_are_where_tex_is_on(ax: Axes) -> None:
    with plt.rc_context({"text.usetex": True}):
        display = ImageGridDisplay(np.ones((1, 8, 8)), y_true=["50 % of $10_000"]).plot(ax)
    assert not display.text_[0].get_usetex()


def test_long_labels_do_not_overlap_in_a_new_figure(digits: Quarters) -> None:
    X, y, _, _ = digits
    labels = np.array([f"{number} and much more of the same {number}" for number in range(10)])
    display = ImageGridDisplay.from_predictions(
        X[:24].reshape(-1, 8, 8), labels[y[:24]], labels[y[1:25]], np.ones(24)
    )
    display.figure_.draw_without_rendering()
    boxes = [artist.get_window_extent() for artist in display.text_ + display.images_]
    assert sum(box.overlaps(other) for box in boxes for other in boxes) == len(boxes)
