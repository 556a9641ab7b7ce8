"""Stochastic optimizers over one flat parameter vector.

An optimizer keeps its memory in named slots, flat arrays shaped like the parameters, and is given
the learning rate at each step. ``update`` works in place, uses up the gradient as scratch memory
and touches the parameters in its very last operation, so that an interrupted step leaves them
whole.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[Any]
Slots = dict[str, FloatArray]


class Optimizer(Protocol):
    """What the training needs of an optimizer."""

    def make_slots(self, parameters: FloatArray) -> Slots:
        """Return the memory of an optimizer that has not made a step yet."""

    def update(
        self,
        parameters: FloatArray,
        gradient: FloatArray,
        slots: Slots,
        *,
        learning_rate: float,
        step: int,
    ) -> None:
        """Make one step, counted from 1, in place."""


@dataclass
class SGD:
    """Stochastic gradient descent with momentum ``mu``.

    ::

        v ← mu v - lr g
        p ← p + v                 classical momentum
        p ← p + mu v - lr g       Nesterov's momentum

    Parameters
    ----------
    momentum : float
        ``mu``, in [0, 1].
    nesterov : bool
        Whether to look ahead as in Nesterov's method.

    References
    ----------
    I. Sutskever, J. Martens, G. Dahl and G. Hinton, "On the importance of initialization and
    momentum in deep learning", ICML 2013, equations 1 to 4.
    """

    momentum: float
    nesterov: bool

    def make_slots(self, parameters: FloatArray) -> Slots:
        """Return a slot for ``mu v``: kept in this form, both formulas need no further memory."""
        return {"carried_velocity": np.zeros_like(parameters)}

    def update(
        self,
        parameters: FloatArray,
        gradient: FloatArray,
        slots: Slots,
        *,
        learning_rate: float,
        step: int,
    ) -> None:
        """Make one step, counted from 1, in place."""
        velocity = slots["carried_velocity"]
        gradient *= learning_rate
        velocity -= gradient
        if self.nesterov:
            velocity *= self.momentum
            np.subtract(velocity, gradient, out=gradient)
        else:
            gradient[...] = velocity
            velocity *= self.momentum
        parameters += gradient


@dataclass
class Adam:
    """Adam: steps scaled by running moments of the gradient.

    ::

        m ← beta_1 m + (1 - beta_1) g
        v ← beta_2 v + (1 - beta_2) g²
        p ← p - lr sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(v) + epsilon)

    Parameters
    ----------
    beta_1, beta_2 : float
        Decay rates of the two moments, in [0, 1).
    epsilon : float
        Keeps the division finite. It is added to the uncorrected ``sqrt(v)``, as at the end of
        section 2 of the paper.

    References
    ----------
    D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015,
    arXiv:1412.6980, algorithm 1.
    """

    beta_1: float
    beta_2: float
    epsilon: float

    def make_slots(self, parameters: FloatArray) -> Slots:
        """Return slots for ``m / (1 - beta_1)`` and ``v / (1 - beta_2)``: two passes fewer."""
        return {
            "first_moment": np.zeros_like(parameters),
            "second_moment": np.zeros_like(parameters),
        }

    def update(
        self,
        parameters: FloatArray,
        gradient: FloatArray,
        slots: Slots,
        *,
        learning_rate: float,
        step: int,
    ) -> None:
        """Make one step, counted from 1, in place."""
        first, second = slots["first_moment"], slots["second_moment"]
        first *= self.beta_1
        first += gradient
        second *= self.beta_2
        second += np.square(gradient, out=gradient)

        root_scale = sqrt(1 - self.beta_2)
        correction = sqrt(1 - self.beta_2**step) / (1 - self.beta_1**step)
        update = np.sqrt(second, out=gradient)
        update += self.epsilon / root_scale
        np.divide(first, update, out=update)
        update *= learning_rate * correction * (1 - self.beta_1) / root_scale
        parameters -= update


OPTIMIZERS: dict[str, Callable[[Any], Optimizer]] = {
    "sgd": lambda p: SGD(momentum=p.momentum, nesterov=p.nesterovs_momentum),
    "adam": lambda p: Adam(beta_1=p.beta_1, beta_2=p.beta_2, epsilon=p.epsilon),
}
