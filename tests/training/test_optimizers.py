"""Each optimizer against its published recurrence."""

from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skmlp_scratch._network.parameters import Parameters
from skmlp_scratch._training.optimizers import (
    SGD,
    Adam,
    AdamW,
    apply_max_norm,
    clip_norm,
    make_slots,
)
from tests._helpers.models import peak_of

DTYPES = [np.float32, np.float64]
OPTIMIZERS = {
    "plain": SGD(momentum=0, nesterovs_momentum=False),
    "momentum": SGD(momentum=0.9, nesterovs_momentum=False),
    "nesterov": SGD(momentum=0.9, nesterovs_momentum=True),
    "adam": Adam(beta_1=0.9, beta_2=0.999, epsilon=1e-8),
    "adam without memory": Adam(beta_1=0, beta_2=0, epsilon=1e-3),
    "adamw": AdamW(beta_1=0.9, beta_2=0.999, epsilon=1e-8, weight_decay=0.1),
}
SIZES = (3, 2)  # six weights and two biases


def make_parameters(values: Any, dtype: Any = np.float64) -> Any:
    parameters = Parameters(SIZES, np.dtype(dtype))
    parameters.flat[:] = values
    return parameters


def published_sgd(optimizer: Any, gradients: list[Any], learning_rates: list[float]) -> Any:
    p = v = 0.0
    for g, lr in zip(gradients, learning_rates, strict=True):
        v = optimizer.momentum * v - lr * g
        p = p + (optimizer.momentum * v - lr * g if optimizer.nesterovs_momentum else v)
    return p


def published_adam(optimizer: Any, gradients: list[Any], learning_rates: list[float]) -> Any:
    p = m = v = 0.0
    for t, (g, lr) in enumerate(zip(gradients, learning_rates, strict=True), start=1):
        m = optimizer.beta_1 * m + (1 - optimizer.beta_1) * g
        v = optimizer.beta_2 * v + (1 - optimizer.beta_2) * g**2
        corrected = lr * np.sqrt(1 - optimizer.beta_2**t) / (1 - optimizer.beta_1**t)
        decay = lr * getattr(optimizer, "weight_decay", 0) * (np.arange(g.size) < 6)
        p = p - decay * p - corrected * m / (np.sqrt(v) + optimizer.epsilon)
    return p


def run(optimizer: Any, gradients: list[Any], learning_rates: list[float]) -> Any:
    parameters = make_parameters(0)
    slots = make_slots(optimizer, parameters)
    for step, (g, lr) in enumerate(zip(gradients, learning_rates, strict=True), start=1):
        optimizer.update(parameters, make_parameters(g), slots, learning_rate=lr, step=step)
    return parameters.flat


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_updates_follow_the_published_recurrence(name: str, rng: np.random.Generator) -> None:
    gradients, learning_rates = rng.normal(size=(20, 8)), rng.uniform(0.01, 0.1, 20)
    optimizer = OPTIMIZERS[name]
    published = published_sgd if isinstance(optimizer, SGD) else published_adam

    assert_allclose(
        run(optimizer, gradients, learning_rates),
        published(optimizer, gradients, learning_rates),
        rtol=1e-12,
    )


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_bowl_is_descended(name: str) -> None:
    optimizer = OPTIMIZERS[name]
    curvature = np.linspace(1, 10, 8)
    parameters = make_parameters(1)
    slots = make_slots(optimizer, parameters)
    for step in range(1, 501):
        gradient = make_parameters(curvature * parameters.flat)
        optimizer.update(parameters, gradient, slots, learning_rate=0.01, step=step)

    assert_allclose(parameters.flat, 0, atol=0.02)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_parameters_and_slots_keep_their_type_and_place(name: str, dtype: Any) -> None:
    optimizer = OPTIMIZERS[name]
    parameters = make_parameters(1, dtype)
    slots, flat = make_slots(optimizer, parameters), parameters.flat
    before = dict(slots)
    optimizer.update(parameters, make_parameters(1, dtype), slots, learning_rate=0.1, step=1)

    assert parameters.flat is flat
    assert flat.dtype == dtype
    assert all(slots[slot] is before[slot] and slots[slot].dtype == dtype for slot in before)


@pytest.mark.slow
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_update_allocates_nothing(name: str) -> None:
    optimizer = OPTIMIZERS[name]
    parameters, gradient = (Parameters((100, 200), np.dtype(np.float64)) for _ in range(2))
    slots = make_slots(optimizer, parameters)
    update = partial(optimizer.update, parameters, gradient, slots, learning_rate=0.1, step=1)

    assert peak_of(update) < parameters.flat.nbytes / 10


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_zero_gradient_from_the_start_changes_nothing(name: str) -> None:
    parameters = run(OPTIMIZERS[name], np.zeros((3, 8)), [0.1] * 3)

    assert_allclose(parameters, 0, atol=0)


def test_weight_decay_leaves_biases_alone() -> None:
    parameters = make_parameters(1)
    slots = make_slots(OPTIMIZERS["adamw"], parameters)
    OPTIMIZERS["adamw"].update(parameters, make_parameters(0), slots, learning_rate=0.5, step=1)

    assert_allclose(parameters.coefs[0], 0.95)
    assert_allclose(parameters.intercepts[0], 1)


def test_a_longer_gradient_is_shrunk_to_the_limit_in_its_direction(
    rng: np.random.Generator,
) -> None:
    values = rng.normal(size=8)
    gradient = make_parameters(values)
    clip_norm(gradient, 0.5)

    assert np.linalg.norm(gradient.flat) == pytest.approx(0.5)
    assert_allclose(gradient.flat / 0.5, values / np.linalg.norm(values))


def test_a_shorter_gradient_stays_as_it_is(rng: np.random.Generator) -> None:
    values = rng.normal(size=8)
    gradient = make_parameters(values)
    clip_norm(gradient, np.linalg.norm(values) * 1.001)

    assert_allclose(gradient.flat, values, rtol=0)


def test_the_squares_of_a_long_gradient_may_overflow() -> None:
    gradient = Parameters(SIZES, np.dtype(np.float32))
    gradient.flat[:] = 1e20  # whose square is infinite in float32
    clip_norm(gradient, 1.0)

    assert_allclose(gradient.flat, 8**-0.5, rtol=1e-6)


def test_only_units_above_the_norm_are_shrunk_and_only_hidden_ones() -> None:
    parameters = Parameters((3, 2, 2, 4), np.dtype(float))
    parameters.coefs[0][...] = [[3, 0.1], [4, 0.2], [0, 0.3]]
    parameters.coefs[1][...] = [[0.5, 6], [0.5, 8]]
    parameters.coefs[2][...] = 100
    for intercept in parameters.intercepts:
        intercept[...] = 100
    apply_max_norm(parameters, 2)

    assert_allclose(parameters.coefs[0], [[1.2, 0.1], [1.6, 0.2], [0, 0.3]])
    assert_allclose(parameters.coefs[1], [[0.5, 1.2], [0.5, 1.6]])
    assert_allclose(parameters.coefs[2], 100)
    for intercept in parameters.intercepts:
        assert_allclose(intercept, 100)
