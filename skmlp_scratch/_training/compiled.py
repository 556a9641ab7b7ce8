"""The optimizers' updates as one compiled loop each, for those who have Numba.

NumPy takes ten passes over parameters, gradient and slots for a step of Adam, and with small
batches they take longer than the products. A compiled loop takes one pass. `optimizers` has the
formulas and is what runs without Numba; here are the same operations in the same order, and neither
reordered nor fused, so that a training has the same bits either way and may change in between.
"""

# mypy: allow-untyped-defs, allow-untyped-calls

from collections.abc import Callable
from functools import cache
from math import sqrt
from typing import Any

import numpy as np

from skmlp_scratch._training.objective import Objective
from skmlp_scratch._training.optimizers import SGD, Adam, AdamW, Slots
from skmlp_scratch._training.stochastic import Stepper

Kernels = dict[str, Callable[..., None]]
# Parameters times steps from which on a training saves more than Numba's import takes.
WORTH_IT = 500_000_000


class CompiledUpdate:
    """What `update` of an optimizer does, together with the gradient of the L2 penalty.

    Parameters
    ----------
    optimizer : SGD, Adam or AdamW
        The optimizer.
    objective : Objective
        Gives the gradient, from now on without the penalty's.
    kernels : dict of str to callable
        The compiled loops.
    """

    def __init__(self, optimizer: Any, objective: Objective, kernels: Kernels) -> None:
        self._optimizer, self._objective = optimizer, objective
        self._kernel = kernels["sgd" if isinstance(optimizer, SGD) else "adam"]
        objective.adds_penalty = False

    def __call__(
        self, parameters: Any, gradient: Any, slots: Slots, *, learning_rate: float, step: int
    ) -> None:
        """Make one step, counted from 1, in place."""
        objective, optimizer = self._objective, self._optimizer
        if isinstance(optimizer, SGD):
            factors: tuple[float, ...] = (learning_rate, optimizer.momentum)
            flag = optimizer.nesterovs_momentum
        else:
            factors = _adam_factors(optimizer, learning_rate, step)
            flag = isinstance(optimizer, AdamW)
        cast = parameters.flat.dtype.type
        self._kernel(
            parameters.flat,
            gradient.flat,
            *(slots[name] for name in optimizer.slot_names),
            parameters.weights.size,
            objective.alpha != 0,
            cast(objective.penalty_strength),
            bool(flag),
            *map(cast, factors),
        )


def choose_update(stepper: Stepper, n_steps: int, learning_rate_init: float) -> Callable[..., None]:
    """Return a compiled update if it is worth it and Numba works, else the optimizer's own.

    Parameters
    ----------
    stepper : Stepper
        Makes the steps.
    n_steps : int
        Planned length of the training.
    learning_rate_init : float
        What the learning rates are computed from.
    """
    optimizer, objective = stepper.optimizer, stepper.objective
    work = objective.parameters.flat.size * n_steps
    pays = work >= WORTH_IT or load_kernels.cache_info().currsize > 0
    # NumPy computes with a scalar of its own types in the scalar's precision.
    values = (*vars(optimizer).values(), objective.alpha, learning_rate_init)
    is_plain = all(type(value) in (int, float, bool) for value in values)
    # The norm of the gradient counts the penalty's part.
    if pays and is_plain and stepper.clip_norm is None and (kernels := load_kernels()):
        return CompiledUpdate(optimizer, objective, kernels)
    return optimizer.update


@cache
def load_kernels() -> Kernels:
    """Compile the loops, or load them from Numba's cache; return none if that fails."""
    try:
        from numba import njit  # noqa: PLC0415 - an extra, and slow to import

        compiler = njit(cache=True, nogil=True, error_model="numpy")
        kernels: Kernels = {"sgd": compiler(_sgd), "adam": compiler(_adam)}
        for dtype in (np.float32, np.float64):  # compiled as they are called
            four, one = np.ones((4, 2), dtype), dtype(1)
            kernels["sgd"](*four[:3], 1, True, one, True, one, one)
            kernels["adam"](*four, 1, True, one, True, one, one, one, one, one)
    except Exception:  # whatever is wrong with it, NumPy does the same
        return {}
    return kernels


def _adam_factors(optimizer: Adam, learning_rate: float, step: int) -> tuple[float, ...]:
    """Return the numbers of a step, as `Adam` and `AdamW` compute them."""
    root_scale = sqrt(1 - optimizer.beta_2)
    correction = sqrt(1 - optimizer.beta_2**step) / (1 - optimizer.beta_1**step)
    scale = learning_rate * correction * (1 - optimizer.beta_1) / root_scale
    decay = 1 - learning_rate * getattr(optimizer, "weight_decay", 0)
    return optimizer.beta_1, optimizer.beta_2, optimizer.epsilon / root_scale, scale, decay


# Only the weights, which come first, have a penalty or decay. Numba inlines the inner functions.


def _sgd(p, g, velocity, n_weights, penalized, penalty, nesterov, learning_rate, momentum):
    def update(start, stop, has_penalty):
        for i in range(start, stop):
            gradient = g[i] + p[i] * penalty if has_penalty else g[i]
            step = gradient * learning_rate
            v = velocity[i] - step
            velocity[i] = v * momentum
            p[i] += v * momentum - step if nesterov else v

    update(0, n_weights, penalized)
    update(n_weights, p.size, False)


def _adam(p, g, m, v, n_weights, penalized, penalty, decays, beta_1, beta_2, epsilon, scale, decay):
    def update(start, stop, has_penalty, has_decay):
        for i in range(start, stop):
            gradient = g[i] + p[i] * penalty if has_penalty else g[i]
            first = m[i] * beta_1 + gradient
            second = v[i] * beta_2 + gradient * gradient
            m[i], v[i] = first, second
            step = first / (np.sqrt(second) + epsilon) * scale
            p[i] = p[i] * decay - step if has_decay else p[i] - step

    update(0, n_weights, penalized, decays)
    update(n_weights, p.size, False, False)
