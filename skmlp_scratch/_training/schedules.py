"""Learning-rate schedules: the learning rate as a pure function of a training's progress."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass
class Progress:
    """How far a training has come.

    Parameters
    ----------
    n_steps : int, default=0
        Updates made so far.
    n_epochs : int, default=0
        Epochs, or calls of `partial_fit`, since a schedule that has an end began.
    first_step : int, default=0
        Updates that had been made when the present epoch began.
    n_samples_seen : int, default=0
        Rows used so far, counted at the end of each epoch.
    n_stalls : int, default=0
        How often training has stopped improving and gone on with a lower learning rate.
    """

    n_steps: int = 0
    n_epochs: int = 0
    first_step: int = 0
    n_samples_seen: int = 0
    n_stalls: int = 0


@dataclass
class Schedule(ABC):
    """The learning rate of each step.

    Parameters
    ----------
    learning_rate_init : float
        Learning rate of the first step, or the largest one.
    power_t : float
        Exponent of `InverseScaling`.
    steps_per_epoch : int
        Updates in the present epoch.
    max_epochs : int
        Epochs from the beginning of a schedule to its end, if it has one; it then begins again.

    Attributes
    ----------
    has_end : bool
        Whether the schedule leads up to a planned end, before which a training loss that does not
        improve is no reason to stop.
    needs_sgd : bool
        Whether other solvers take the constant learning rate instead, as in scikit-learn.
    """

    learning_rate_init: float
    power_t: float
    steps_per_epoch: int
    max_epochs: int

    has_end = False
    needs_sgd = False

    @abstractmethod
    def __call__(self, progress: Progress) -> float:
        """Return the learning rate of the next step."""

    def has_converged(self, progress: Progress) -> bool:
        """Return whether a training that has stopped improving is at its end."""
        return True

    def position(self, progress: Progress) -> float:
        """Return the share of the schedule that is done, from 0 to 1."""
        n_epochs, n_steps = self.epochs_done(progress), progress.n_steps - progress.first_step
        # In steps of this epoch, as the calls of partial_fit may differ in length.
        done = n_epochs * self.steps_per_epoch + n_steps
        return done / (self.max_epochs * self.steps_per_epoch)

    def epochs_done(self, progress: Progress) -> int:
        """Return how many epochs of the schedule are done, 0 of one that has no end."""
        goes_on = self.has_end and progress.n_epochs < self.max_epochs
        return progress.n_epochs if goes_on else 0

    def next_epoch(self, progress: Progress) -> int:
        """Return how many are done after one more; at the end, the schedule begins again."""
        return (self.epochs_done(progress) + self.has_end) % self.max_epochs


class Constant(Schedule):
    """``lr = learning_rate_init``."""

    def __call__(self, progress: Progress) -> float:
        """Return the learning rate of the next step."""
        return self.learning_rate_init


class InverseScaling(Schedule):
    """``lr = learning_rate_init / (n_samples_seen + 1)^power_t``."""

    needs_sgd = True

    def __call__(self, progress: Progress) -> float:
        """Return the learning rate of the next step."""
        return self.learning_rate_init / math.pow(progress.n_samples_seen + 1, self.power_t)


class Adaptive(Schedule):
    """``lr = learning_rate_init 5^-n_stalls``."""

    needs_sgd = True
    lowest = 1e-6

    def __call__(self, progress: Progress) -> float:
        """Return the learning rate of the next step."""
        return self.learning_rate_init * 5.0**-progress.n_stalls

    def has_converged(self, progress: Progress) -> bool:
        """Return whether the learning rate is too low to be divided once more."""
        return self(progress) <= self.lowest


class Linear(Schedule):
    """``lr = learning_rate_init (1 - s)`` at the share ``s`` of all steps."""

    has_end = True

    def __call__(self, progress: Progress) -> float:
        """Return the learning rate of the next step."""
        return self.learning_rate_init * (1 - self.position(progress))


class Cosine(Schedule):
    """``lr = learning_rate_init (1 + cos(π s)) / 2`` at the share ``s`` of all steps.

    References
    ----------
    I. Loshchilov and F. Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017,
    arXiv:1608.03983, equation 5, without restarts.
    """

    has_end = True

    def __call__(self, progress: Progress) -> float:
        """Return the learning rate of the next step."""
        return _anneal(self.learning_rate_init, 0, self.position(progress))


class OneCycle(Schedule):
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
        s, peak = self.position(progress), self.learning_rate_init
        if s < self.warm_up:
            return _anneal(peak / self.first_divisor, peak, s / self.warm_up)
        return _anneal(peak, 0, (s - self.warm_up) / (1 - self.warm_up))


@dataclass
class Custom(Schedule):
    """``lr = function(step)``, with the number of updates made before.

    Parameters
    ----------
    function : callable
        Gives the learning rate of a step, counted from 0.
    """

    function: Callable[[int], float]

    def __call__(self, progress: Progress) -> float:
        """Return the learning rate of the next step."""
        learning_rate = float(self.function(progress.n_steps))
        if not 0 <= learning_rate < math.inf:
            raise ValueError(
                f"learning_rate must give a finite number >= 0 for each step, but it gave "
                f"{learning_rate} for step {progress.n_steps}."
            )
        return learning_rate


def make_schedule(
    learning_rate: str | Callable[[int], float], *, is_sgd: bool, **options: Any
) -> Schedule:
    """Return the schedule of a name or a function; `options` are those of `Schedule`."""
    if callable(learning_rate):
        return Custom(**options, function=learning_rate)
    schedule = SCHEDULES[learning_rate]
    return Constant(**options) if schedule.needs_sgd and not is_sgd else schedule(**options)


def _anneal(start: float, end: float, share: float) -> float:
    """Go from `start` to `end` along half a cosine."""
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


SCHEDULES: dict[str, type[Schedule]] = {
    "constant": Constant,
    "invscaling": InverseScaling,
    "adaptive": Adaptive,
    "linear": Linear,
    "cosine": Cosine,
    "one_cycle": OneCycle,
}
