"""Stochastic optimizers over one flat parameter vector, and what bounds their steps.

An optimizer keeps its state in named slots, flat arrays shaped like the parameters, and is given
the learning rate at each step. ``update`` works in place, uses up the gradient as scratch memory
and adds the step to the parameters in its very last operation, so that an interrupted one leaves
them whole. It takes arrays with a row for each member of a pack, and a column of learning rates,
just as well.
"""

from dataclasses import dataclass
from math import inf, sqrt
from typing import ClassVar, Protocol

import numpy as np

from skmlp_scratch._network.parameters import Parameters
from skmlp_scratch._typing import FloatArray

Slots = dict[str, FloatArray]
# A learning rate, or a column of them, (n_members, 1).
Rate = float | FloatArray


class Vector(Protocol):
    """Parameters or gradients: a flat vector, or one for each member of a pack as rows."""

    flat: FloatArray
    weights: FloatArray


class Optimizer(Protocol):
    """What the training needs of an optimizer."""

    options: ClassVar[tuple[str, ...]]
    """Names of the estimator's parameters that the constructor takes."""
    slot_names: ClassVar[tuple[str, ...]]
    """Its state, zero before the first step."""
    is_adaptive: ClassVar[bool]
    """Whether it adapts the step of each parameter."""
    takes_penalty: ClassVar[bool]
    """Whether the L2 penalty is part of the gradient that it is given."""

    def update(
        self,
        parameters: Vector,
        gradient: Vector,
        slots: Slots,
        *,
        learning_rate: Rate,
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
    nesterovs_momentum : bool
        Whether to look ahead as in Nesterov's method.

    References
    ----------
    I. Sutskever, J. Martens, G. Dahl and G. Hinton, "On the importance of initialization and
    momentum in deep learning", ICML 2013, equations 1 to 4.
    """

    momentum: float
    nesterovs_momentum: bool

    options: ClassVar[tuple[str, ...]] = ("momentum", "nesterovs_momentum")
    is_adaptive: ClassVar[bool] = False
    takes_penalty: ClassVar[bool] = True
    # mu v: kept in this form, both formulas need no further memory.
    slot_names: ClassVar[tuple[str, ...]] = ("carried_velocity",)

    def update(
        self,
        parameters: Vector,
        gradient: Vector,
        slots: Slots,
        *,
        learning_rate: Rate,
        step: int,
    ) -> None:
        """Make one step, counted from 1, in place."""
        velocity, step_taken = slots["carried_velocity"], gradient.flat
        step_taken *= np.asarray(learning_rate, step_taken.dtype)  # lr g
        velocity -= step_taken  # the slot holds mu v of the last step: now v
        if self.nesterovs_momentum:
            velocity *= self.momentum
            np.subtract(velocity, step_taken, out=step_taken)  # mu v - lr g
        else:
            step_taken[...] = velocity  # v
            velocity *= self.momentum
        parameters.flat += step_taken


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

    options: ClassVar[tuple[str, ...]] = ("beta_1", "beta_2", "epsilon")
    is_adaptive: ClassVar[bool] = True
    takes_penalty: ClassVar[bool] = True
    # m / (1 - beta_1) and v / (1 - beta_2): two passes fewer.
    slot_names: ClassVar[tuple[str, ...]] = ("first_moment", "second_moment")

    def update(
        self,
        parameters: Vector,
        gradient: Vector,
        slots: Slots,
        *,
        learning_rate: Rate,
        step: int,
    ) -> None:
        """Make one step, counted from 1, in place."""
        parameters.flat -= self._scaled_moment(gradient.flat, slots, learning_rate, step)

    def _scaled_moment(
        self, gradient: FloatArray, slots: Slots, learning_rate: Rate, step: int
    ) -> FloatArray:
        """Return what to subtract from the parameters, in the gradient's memory."""
        # With M = m / (1 - beta_1) and V = v / (1 - beta_2), which are the slots, the step is
        #   lr correction (1 - beta_1) / r  M / (sqrt(V) + epsilon / r),  r = sqrt(1 - beta_2)
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
        scale = learning_rate * correction * (1 - self.beta_1) / root_scale
        update *= np.asarray(scale, update.dtype)
        return update


@dataclass
class AdamW(Adam):
    """Adam with decoupled weight decay.

    ::

        p ← p - lr weight_decay p - (Adam's step)

    Biases do not decay.

    Parameters
    ----------
    weight_decay : float
        Share of the weights that a learning rate of 1 would take away in a step.

    References
    ----------
    I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR 2019,
    arXiv:1711.05101, algorithm 2, where it is multiplied by the schedule instead of the rate.
    """

    weight_decay: float

    options = (*Adam.options, "weight_decay")
    takes_penalty = False

    def update(
        self,
        parameters: Vector,
        gradient: Vector,
        slots: Slots,
        *,
        learning_rate: Rate,
        step: int,
    ) -> None:
        """Make one step, counted from 1, in place."""
        update = self._scaled_moment(gradient.flat, slots, learning_rate, step)
        # In place, as there is no scratch buffer left: an interruption here leaves only the decay.
        decay = 1 - learning_rate * self.weight_decay
        parameters.weights *= np.asarray(decay, parameters.weights.dtype)
        parameters.flat -= update


def make_slots(optimizer: Optimizer, parameters: Parameters) -> Slots:
    """Return the state of an optimizer that has not made a step yet."""
    return {name: np.zeros_like(parameters.flat) for name in optimizer.slot_names}


def clip_norm(gradient: Parameters, limit: float) -> None:
    """Shrink the gradient to the Euclidean norm `limit` if it is longer, in place.

    References
    ----------
    R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural networks",
    ICML 2013, algorithm 1.
    """
    norm = _norm(gradient.flat)
    if norm > limit:
        gradient.flat *= limit / norm


def _norm(x: FloatArray) -> float:
    """Return the Euclidean norm of a vector, also if the squares overflow."""
    norm = sqrt(np.vdot(x, x))
    if norm == inf and (largest := float(np.abs(x).max())) < inf:
        norm = largest * _norm(x / largest)
    return norm


def apply_max_norm(parameters: Parameters, max_norm: float) -> None:
    """Shrink each hidden unit's incoming weights to the norm `max_norm` if it is longer, in place.

    References
    ----------
    N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever and R. Salakhutdinov, "Dropout: a simple
    way to prevent neural networks from overfitting", JMLR 15, 2014, section 5.1.
    """
    for coef in parameters.coefs[:-1]:
        norms = np.sqrt(np.einsum("ij,ij->j", coef, coef))
        if norms.max() > max_norm:
            coef *= max_norm / np.maximum(norms, max_norm)


OPTIMIZERS: dict[str, type[Optimizer]] = {"sgd": SGD, "adam": Adam, "adamw": AdamW}
