"""Learning-rate schedules: the learning rate as a pure function of a training's progress."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple


class Progress(NamedTuple):
    """How far a training has come when it is about to make a step.

    Parameters
    ----------
    fraction : float, default=0.0
        Share of the planned steps that are done, in [0, 1).
    n_steps : int, default=0
        Updates made so far.
    n_samples_seen : int, default=0
        Rows used so far, counted at the end of each epoch.
    n_rate_cuts : int, default=0
        How often a plateau has cut the learning rate.
    """

    fraction: float = 0.0
    n_steps: int = 0
    n_samples_seen: int = 0
    n_rate_cuts: int = 0


class Schedule(ABC):
    """The learning rate of each step.

    Attributes
    ----------
    options : tuple of str
        Names of the estimator's parameters that the constructor takes.
    has_end : bool
        Whether the schedule leads up to the planned end of the training, before which a plateau of
        the training loss is no reason to stop.
    is_for_adaptive_optimizers : bool
        Whether optimizers that adapt the step of each parameter follow it; if not, they take the
        constant learning rate, as in scikit-learn.
    """

    options: ClassVar[tuple[str, ...]]
    has_end: ClassVar[bool] = False
    is_for_adaptive_optimizers: ClassVar[bool] = True

    @abstractmethod
    def __call__(self, progress: Progress) -> float:
        """Return the learning rate of the next step."""

    def ends_on_plateau(self, progress: Progress) -> bool:
        """Return whether a plateau ends the training; if not, it cuts the learning rate."""
        return True


@dataclass(frozen=True)
class ScaledSchedule(Schedule):
    """A shape of the learning rate that is scaled.

    Parameters
    ----------
    learning_rate_init : float
        Learning rate of the first step, or the largest one.
    """

    learning_rate_init: float

    options: ClassVar[tuple[str, ...]] = ("learning_rate_init",)


class Constant(ScaledSchedule):
    """``lr = learning_rate_init``."""

    def __call__(self, progress: Progress) -> float:
        """Return the learning rate of the next step."""
        return self.learning_rate_init


@dataclass(frozen=True)
class InverseScaling(ScaledSchedule):
    """``lr = learning_rate_init / (n_samples_seen + 1)^power_t``.

    Parameters
    ----------
    learning_rate_init : float
        Learning rate of the first epoch.
    power_t : float
        Exponent.
    """

    power_t: float

    options = ("learning_rate_init", "power_t")
    is_for_adaptive_optimizers = False

    def __call__(self, progress: Progress) -> float:
        """Return the learning rate of the next step."""
        return self.learning_rate_init / math.pow(progress.n_samples_seen + 1, self.power_t)


class Adaptive(ScaledSchedule):
    """``lr = learning_rate_init 5^-n_rate_cuts``."""

    is_for_adaptive_optimizers = False
    lowest = 1e-6

    def __call__(self, progress: Progress) -> float:
        """Return the learning rate of the next step."""
        return self.learning_rate_init * 5.0**-progress.n_rate_cuts

    def ends_on_plateau(self, progress: Progress) -> bool:
        """Return whether the learning rate is too low to be cut once more."""
        return self(progress) <= self.lowest


class Linear(ScaledSchedule):
    """``lr = learning_rate_init (1 - s)`` at the fraction ``s`` of all steps."""

    has_end = True

    def __call__(self, progress: Progress) -> float:
        """Return the learning rate of the next step."""
        return self.learning_rate_init * (1 - progress.fraction)


class Cosine(ScaledSchedule):
    """``lr = learning_rate_init (1 + cos(π s)) / 2`` at the fraction ``s`` of all steps.

    References
    ----------
    I. Loshchilov and F. Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017,
    arXiv:1608.03983, equation 5, without restarts.
    """

    has_end = True

    def __call__(self, progress: Progress) -> float:
        """Return the learning rate of the next step."""
        return _anneal(self.learning_rate_init, 0, progress.fraction)


class OneCycle(ScaledSchedule):
    """From ``learning_rate_init / 25`` up to it in the first 30 % of all steps, then down to 0.

    Both ways follow half a cosine.

    References
    ----------
    L. N. Smith and N. Topin, "Super-convergence: very fast training of neural networks using large
    learning rates", 2017, arXiv:1708.07120.
    """

    has_end = True
    warm_up = 0.3
    first_divisor = 25

    def __call__(self, progress: Progress) -> float:
        """Return the learning rate of the next step."""
        s, peak = progress.fraction, self.learning_rate_init
        if s < self.warm_up:
            return _anneal(peak / self.first_divisor, peak, s / self.warm_up)
        return _anneal(peak, 0, (s - self.warm_up) / (1 - self.warm_up))


@dataclass(frozen=True)
class Custom(Schedule):
    """``lr = learning_rate(step)``, with the number of updates made before.

    Parameters
    ----------
    learning_rate : callable
        Gives the learning rate of a step, counted from 0.
    """

    learning_rate: Callable[[int], float]

    options = ("learning_rate",)

    def __call__(self, progress: Progress) -> float:
        """Return the learning rate of the next step."""
        learning_rate = float(self.learning_rate(progress.n_steps))
        if not 0 <= learning_rate < math.inf:
            raise ValueError(
                f"learning_rate must give a finite number >= 0 for each step, but it gave "
                f"{learning_rate} for step {progress.n_steps}."
            )
        return learning_rate


def _anneal(start: float, end: float, fraction: float) -> float:
    """Go from `start` to `end` along half a cosine."""
    return end + (start - end) * (1 + math.cos(math.pi * fraction)) / 2


SCHEDULES: dict[str, type[Schedule]] = {
    "constant": Constant,
    "invscaling": InverseScaling,
    "adaptive": Adaptive,
    "linear": Linear,
    "cosine": Cosine,
    "one_cycle": OneCycle,
}


def find_schedule(
    learning_rate: str | Callable[[int], float], *, is_adaptive: bool
) -> type[Schedule]:
    """Return the schedule of a name, or that of functions, for an optimizer.

    Parameters
    ----------
    learning_rate : str or callable
        Name of the schedule, or the function.
    is_adaptive : bool
        Whether the optimizer adapts the step of each parameter.
    """
    if callable(learning_rate):
        return Custom
    schedule = SCHEDULES[learning_rate]
    return schedule if schedule.is_for_adaptive_optimizers or not is_adaptive else Constant
