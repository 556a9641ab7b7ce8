"""Axes to draw on, and a classifier to draw."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from skmlp_scratch import MLPClassifier
from tests._helpers.data import Data, Quarters


@pytest.fixture(autouse=True)
def no_open_figures() -> Iterator[None]:
    """Leave no figure open in pyplot, which warns of many."""
    plt.close("all")  # those of examples in docstrings
    yield
    plt.close("all")


@pytest.fixture
def ax() -> Axes:
    """Return axes that pyplot does not know of."""
    return Figure().subplots()


@pytest.fixture(scope="module")
def digits(multiclass: Data) -> Quarters:
    X, y = multiclass
    return X[:80], y[:80], X[80:], y[80:]


@pytest.fixture(scope="module")
def clf(digits: Quarters) -> MLPClassifier:
    """Return a classifier that has validated each epoch, with a schedule, and makes mistakes."""
    X, y, X_val, y_val = digits
    model = MLPClassifier(
        (12,), learning_rate="one_cycle", learning_rate_init=0.01, max_iter=10, random_state=0
    )
    return model.fit(X, y, X_val=X_val, y_val=y_val)
