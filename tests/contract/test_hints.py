"""Hints at data or layers that cannot train well."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from tests._helpers.data import CONTAINERS, Data
from tests._helpers.models import make_model


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("scale", [1e5, 1e-5])
def test_a_wild_scale_gives_a_hint(
    iris: Data, scale: float, container: Callable[[Any], Any]
) -> None:
    X, y = container(iris[0] * scale), iris[1]
    with pytest.warns(UserWarning, match="largest value of X.*StandardScaler"):
        make_model(solver="lbfgs").fit(X, y)


def test_rows_of_zeros_give_no_hint(recwarn: pytest.WarningsRecorder) -> None:
    X, y = sparse.csr_array((150, 4)), np.arange(150) % 3
    make_model(learning_rate="linear").fit(X, y)

    assert not recwarn


def test_input_scale_counts_for_the_hint(iris: Data, recwarn: pytest.WarningsRecorder) -> None:
    make_model(input_scale=1e-5, learning_rate="linear").fit(iris[0] * 1e5, iris[1])

    assert not recwarn


@pytest.mark.parametrize("layer", [1, 2])
def test_a_layer_of_dead_units_gives_a_hint(iris: Data, layer: int) -> None:
    X, y = iris
    model = make_model(hidden_layer_sizes=(6, 5), warm_start=True).fit(X, y)
    model.intercepts_[layer - 1][:] = -1e3
    with pytest.warns(UserWarning, match=f"Hidden layer {layer} outputs 0 for every sampled row"):
        model.fit(X, y)


def test_units_that_are_on_for_one_class_are_not_dead(recwarn: pytest.WarningsRecorder) -> None:
    """Rows sorted by class, and units that are off for all of the first class."""
    X = np.repeat([-1.0, 1.0], 500)[:, np.newaxis]
    model = make_model(warm_start=True, learning_rate="linear").fit(X, X[:, 0] > 0)
    model.coefs_[0][:], model.intercepts_[0][:] = 1, 0
    model.fit(X, X[:, 0] > 0)

    assert not recwarn


@pytest.mark.parametrize("n_rows", [129, 200, 255, 256, 383, 1000])
def test_the_last_rows_count_for_the_hint(n_rows: int, recwarn: pytest.WarningsRecorder) -> None:
    """Units that are on for the last rows alone."""
    X = np.full((n_rows, 1), -1.0)
    X[-n_rows // 8 :] = 1
    model = make_model(warm_start=True, learning_rate="linear").fit(X, X[:, 0] > 0)
    model.coefs_[0][:], model.intercepts_[0][:] = 1, 0
    model.fit(X, X[:, 0] > 0)

    assert not recwarn
