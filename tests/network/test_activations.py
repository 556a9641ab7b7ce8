"""Properties of every activation."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from scipy.stats import norm

from skmlp_scratch._network.activations import ACTIVATIONS

FORMULAS = {
    "identity": lambda z: z,
    "logistic": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.where(z > 0, z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "elu": lambda z: np.where(z > 0, z, np.exp(z) - 1),
    "gelu": lambda z: z * norm.cdf(z),
    "silu": lambda z: z / (1 + np.exp(-z)),
}
DTYPES = [np.float32, np.float64]


def make(name: str, shape: Any, dtype: Any = np.float64) -> Any:
    make_one: Any = ACTIVATIONS[name]
    return make_one(*shape, np.dtype(dtype))


def outputs(name: str, z: NDArray[Any]) -> Any:
    a = z.copy()
    make(name, z.shape, z.dtype).forward(a)
    return a


def derivative(name: str, z: NDArray[Any]) -> Any:
    activation, a, delta = make(name, z.shape, z.dtype), z.copy(), np.ones_like(z)
    activation.forward(a)
    activation.backward(a, delta)
    return delta


def test_every_activation_has_a_formula_here() -> None:
    assert FORMULAS.keys() == ACTIVATIONS.keys()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_forward_is_the_formula(name: str, rng: np.random.Generator) -> None:
    z = rng.normal(scale=3, size=(7, 5))

    assert_allclose(outputs(name, z), FORMULAS[name](z), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_backward_is_the_central_difference_of_forward(name: str, rng: np.random.Generator) -> None:
    z, h = rng.normal(scale=2, size=(7, 5)), 1e-6
    difference = (outputs(name, z + h) - outputs(name, z - h)) / (2 * h)

    # The difference itself is good to about h² and to the rounding error over h.
    assert_allclose(derivative(name, z), difference, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_backward_multiplies_what_comes_from_above(name: str, rng: np.random.Generator) -> None:
    z, above = rng.normal(size=(2, 7, 5))
    activation, a, delta = make(name, z.shape), z.copy(), above.copy()
    activation.forward(a)
    activation.backward(a, delta)

    assert_allclose(delta, above * derivative(name, z), rtol=1e-14)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_extreme_values_stay_finite_and_warn_of_nothing(name: str, dtype: Any) -> None:
    largest = np.finfo(dtype).max
    z = np.array([[-largest, -1e30, -0.0, 0.0, 1e30, largest]], dtype)

    assert np.isfinite(outputs(name, z)).all()
    assert np.isfinite(derivative(name, z)).all()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_batches_may_be_shorter_than_the_largest(name: str, rng: np.random.Generator) -> None:
    z = rng.normal(size=(9, 4))
    activation, a, delta = make(name, (20, 4)), z.copy(), np.ones_like(z)
    activation.forward(a)
    activation.backward(a, delta)

    assert_array_equal(delta, derivative(name, z))
