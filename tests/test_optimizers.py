"""Each optimizer against its published recurrence."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skmlp_scratch._optimizers import SGD, Adam

DTYPES = [np.float32, np.float64]
OPTIMIZERS = {
    "plain": SGD(momentum=0, nesterov=False),
    "momentum": SGD(momentum=0.9, nesterov=False),
    "nesterov": SGD(momentum=0.9, nesterov=True),
    "adam": Adam(beta_1=0.9, beta_2=0.999, epsilon=1e-8),
    "adam without memory": Adam(beta_1=0, beta_2=0, epsilon=1e-3),
}


def published_sgd(optimizer, gradients, learning_rates):
    p = v = 0.0
    for g, lr in zip(gradients, learning_rates, strict=True):
        v = optimizer.momentum * v - lr * g
        p = p + (optimizer.momentum * v - lr * g if optimizer.nesterov else v)
    return p


def published_adam(optimizer, gradients, learning_rates):
    p = m = v = 0.0
    for t, (g, lr) in enumerate(zip(gradients, learning_rates, strict=True), start=1):
        m = optimizer.beta_1 * m + (1 - optimizer.beta_1) * g
        v = optimizer.beta_2 * v + (1 - optimizer.beta_2) * g**2
        corrected = lr * np.sqrt(1 - optimizer.beta_2**t) / (1 - optimizer.beta_1**t)
        p = p - corrected * m / (np.sqrt(v) + optimizer.epsilon)
    return p


def run(optimizer, gradients, learning_rates):
    parameters = np.zeros_like(gradients[0])
    slots = optimizer.make_slots(parameters)
    for step, (g, lr) in enumerate(zip(gradients, learning_rates, strict=True), start=1):
        optimizer.update(parameters, g.copy(), slots, learning_rate=lr, step=step)
    return parameters


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_updates_follow_the_published_recurrence(name, rng):
    gradients, learning_rates = rng.normal(size=(20, 8)), rng.uniform(0.01, 0.1, 20)
    optimizer = OPTIMIZERS[name]
    published = published_sgd if isinstance(optimizer, SGD) else published_adam

    assert_allclose(
        run(optimizer, gradients, learning_rates),
        published(optimizer, gradients, learning_rates),
        rtol=1e-12,
    )


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_bowl_is_descended(name):
    optimizer = OPTIMIZERS[name]
    curvature = np.array([1.0, 3.0, 10.0])
    parameters = np.ones(3)
    slots = optimizer.make_slots(parameters)
    for step in range(1, 501):
        gradient = curvature * parameters
        optimizer.update(parameters, gradient, slots, learning_rate=0.01, step=step)

    assert_allclose(parameters, 0, atol=0.02)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_parameters_and_slots_keep_their_type_and_place(name, dtype):
    optimizer = OPTIMIZERS[name]
    parameters = np.ones(4, dtype)
    slots = optimizer.make_slots(parameters)
    before = dict(slots)
    optimizer.update(parameters, np.ones(4, dtype), slots, learning_rate=0.1, step=1)

    assert parameters.dtype == dtype
    assert all(slots[slot] is before[slot] and slots[slot].dtype == dtype for slot in before)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_zero_gradient_from_the_start_changes_nothing(name):
    parameters = run(OPTIMIZERS[name], np.zeros((3, 4)), [0.1] * 3)

    assert_allclose(parameters, 0, atol=0)
