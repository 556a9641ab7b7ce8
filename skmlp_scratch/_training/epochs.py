"""What is told of each epoch, and how a training ends."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Outcome(Enum):
    """Why a training ended."""

    CONVERGED = "the loss or the validation score no longer improved"
    MAX_ITER = "all epochs were run, or L-BFGS can do no more"
    STOPPED = "the listener asked for it"
    DIVERGED = "loss or parameters became infinite or NaN"
    INTERRUPTED = "the user pressed Ctrl-C"


@dataclass
class Epoch:
    """What happened in one epoch, or in one iteration of a full-batch solver.

    Parameters
    ----------
    number : int
        Counted from 1 in each training.
    n_left : int
        How many more may follow.
    loss : float
        Mean over the rows of their batches' objectives; an iteration's objective.
    validation_loss, validation_score : float or None
        What `validate` returned; None without a validation set.
    learning_rate : float
        Of the epoch's first step; NaN for an iteration.
    seconds : float
        Duration, validation included.
    best_loss, best_score : float or None
        The lowest loss so far, or the highest score where that decides; the other is None.
    stalled : bool, default=False
        Whether loss or score have not improved for too long.
    next_learning_rate : float or None, default=None
        Learning rate to go on with; None if training has converged.
    """

    number: int
    n_left: int
    loss: float
    validation_loss: float | None
    validation_score: float | None
    learning_rate: float
    seconds: float
    best_loss: float | None
    best_score: float | None = None
    stalled: bool = False
    next_learning_rate: float | None = None


# The figures of an epoch that are the columns of a model's history.
HISTORY = ("loss", "validation_loss", "validation_score", "learning_rate", "seconds")


class Listener(Protocol):
    """Who is told of each epoch."""

    def epoch_begins(self) -> None:
        """Hear that an epoch begins."""

    def epoch_ends(self, epoch: Epoch) -> bool:
        """Hear of a finished epoch; return whether to stop."""
