"""The display of weights."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.axes import Axes
from sklearn.neural_network import MLPClassifier as TheirMLPClassifier

from skmlp_scratch import MLPClassifier
from skmlp_scratch.display import WeightsDisplay
from tests._helpers.data import Quarters


def test_images_are_the_weights_of_the_units(clf: MLPClassifier, ax: Axes) -> None:
    display = WeightsDisplay.from_estimator(clf, shape=(8, 8), n_units=5, ax=ax)
    assert len(display.images_) == 5
    for image, unit in zip(display.images_, display.units, strict=True):
        assert np.array_equal(image.get_array().ravel(), clf.coefs_[0][:, unit])


def test_all_units_are_drawn_once_if_there_are_few(clf: MLPClassifier, ax: Axes) -> None:
    display = WeightsDisplay.from_estimator(clf, ax=ax)
    assert sorted(display.units) == list(range(12))


def test_strongest_units_come_first(digits: Quarters, ax: Axes) -> None:
    """Units are as strong as what comes in times what goes out."""
    X, y, _, _ = digits
    clf = MLPClassifier((3,), tol=1, random_state=0).fit(X, y)
    clf.coefs_[0][:] = [1, 5, 2]
    clf.coefs_[1][:] = np.array([[1], [1], [3]])
    display = WeightsDisplay.from_estimator(clf, n_units=2, ax=ax)
    assert display.units.tolist() == [2, 1]


def test_network_without_a_hidden_layer_shows_its_classes(digits: Quarters, ax: Axes) -> None:
    X, y, _, _ = digits
    clf = MLPClassifier((), tol=1, random_state=0).fit(X, y)
    display = WeightsDisplay.from_estimator(clf, ax=ax)
    norms = np.linalg.norm(clf.coefs_[0], axis=0)[display.units]
    assert len(norms) == 10
    assert all(stronger >= weaker for stronger, weaker in pairwise(norms))


def test_scale_is_symmetric_about_zero_and_shared(clf: MLPClassifier, ax: Axes) -> None:
    display = WeightsDisplay.from_estimator(clf, ax=ax)
    [(low, high)] = {image.get_clim() for image in display.images_}
    assert low == -high < 0


def test_colorbar_can_be_left_out(clf: MLPClassifier, ax: Axes) -> None:
    WeightsDisplay.from_estimator(clf, ax=ax, colorbar=False)
    assert ax.figure.axes == [ax]
    WeightsDisplay.from_estimator(clf, ax=ax)
    assert len(ax.figure.axes) == 2


def test_weights_of_scikit_learns_network_are_drawn(digits: Quarters, ax: Axes) -> None:
    X, y, _, _ = digits
    theirs = TheirMLPClassifier((4,), tol=0.1, random_state=0).fit(X, y)
    assert len(WeightsDisplay.from_estimator(theirs, ax=ax).images_) == 4


def test_features_that_make_no_square_need_a_shape(digits: Quarters, ax: Axes) -> None:
    X, y, _, _ = digits
    clf = MLPClassifier((4,), tol=1, random_state=0).fit(X[:, :60], y)
    with pytest.raises(ValueError, match=r"height \* width = 60, .*or None if .* square; got None"):
        WeightsDisplay.from_estimator(clf, ax=ax)
    assert WeightsDisplay.from_estimator(clf, shape=(6, 10), ax=ax).weights.shape == (4, 6, 10)
