"""Learning-rate schedules: the learning rate as a pure function of a training's progress."""

import math
from dataclasses import dataclass


@dataclass
class Progress:
    """How far a training has come.

    Parameters
    ----------
    n_steps : int, default=0
        Updates made so far.
    n_samples_seen : int, default=0
        Rows used so far, counted at the end of each epoch.
    n_stalls : int, default=0
        How often training has stopped improving and gone on with a lower learning rate.
    """

    n_steps: int = 0
    n_samples_seen: int = 0
    n_stalls: int = 0


@dataclass
class Constant:
    """``lr = learning_rate_init``.

    Parameters
    ----------
    learning_rate_init : float
        Learning rate of the first step.
    power_t : float
        Exponent of `InverseScaling`.
    """

    learning_rate_init: float
    power_t: float

    def __call__(self, progress: Progress) -> float:
        """Return the learning rate of the next step."""
        return self.learning_rate_init

    def has_converged(self, progress: Progress) -> bool:
        """Return whether a training that has stopped improving is at its end."""
        return True


class InverseScaling(Constant):
    """``lr = learning_rate_init / (n_samples_seen + 1)^power_t``."""

    def __call__(self, progress: Progress) -> float:
        """Return the learning rate of the next step."""
        return self.learning_rate_init / math.pow(progress.n_samples_seen + 1, self.power_t)


class Adaptive(Constant):
    """``lr = learning_rate_init / 5^n_stalls``."""

    lowest = 1e-6

    def __call__(self, progress: Progress) -> float:
        """Return the learning rate of the next step."""
        return self.learning_rate_init / 5.0**progress.n_stalls

    def has_converged(self, progress: Progress) -> bool:
        """Return whether the learning rate is too low to be divided once more."""
        return self(progress) <= self.lowest


SCHEDULES: dict[str, type[Constant]] = {
    "constant": Constant,
    "invscaling": InverseScaling,
    "adaptive": Adaptive,
}
