"""Epochs and their history, the outcome of a training, and its listeners."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from itertools import takewhile
from math import isnan, nan
from typing import NamedTuple, Protocol


class Record(NamedTuple):
    """The figures of one epoch, NaN where there is none: a row of the history.

    Parameters
    ----------
    loss : float
        Mean over the rows of their batches' objectives; for L-BFGS, an iteration's objective.
    validation_loss, validation_score : float, default=nan
        Loss and score on held-out rows.
    learning_rate : float, default=nan
        Learning rate of the epoch's first step.
    seconds : float, default=nan
        Duration, validation included.
    best_loss, best_score : float, default=nan
        The lowest loss so far, or the highest score if that decides; the other is NaN.
    """

    loss: float
    validation_loss: float = nan
    validation_score: float = nan
    learning_rate: float = nan
    seconds: float = nan
    best_loss: float = nan
    best_score: float = nan


# What users see of each epoch; the best values so far are attributes of their own.
FIGURES = ("loss", "validation_loss", "validation_score", "learning_rate", "seconds")


@dataclass(frozen=True)
class Epoch:
    """One epoch of a stochastic solver, or one iteration of L-BFGS, as listeners see it.

    Parameters
    ----------
    number : int
        Counted from 1 in each training.
    n_left : int
        How many more may follow.
    record : Record
        Its figures.
    on_plateau : bool, default=False
        Whether loss or score have not improved for too long.
    next_learning_rate : float or None, default=None
        Learning rate after a plateau that has cut it; None if the training ends.
    """

    number: int
    n_left: int
    record: Record
    on_plateau: bool = False
    next_learning_rate: float | None = None


class Ending(Enum):
    """Why a training ended."""

    CONVERGED = "the loss or the validation score no longer improved"
    MAX_ITER = "all epochs were run, or L-BFGS can do no more"
    STOPPED = "a listener asked for it"
    INTERRUPTED = "the user pressed Ctrl-C"
    DIVERGED = "the loss became infinite or NaN; the parameters are the last that were good"
    FAILED = "no parameters gave a finite loss"


@dataclass(frozen=True)
class Outcome:
    """How a training ended.

    Parameters
    ----------
    ending : Ending
        Why it ended.
    n_epochs : int
        Number of epochs or iterations that were completed.
    loss : float
        The last one's loss; NaN without any.
    message : str, default=""
        What the solver says about the ending.
    """

    ending: Ending
    n_epochs: int
    loss: float
    message: str = ""


class Listener(Protocol):
    """Is called at the beginning and at the end of each epoch."""

    def epoch_begins(self) -> None:
        """Take note of the beginning of an epoch."""

    def epoch_ends(self, epoch: Epoch) -> bool:
        """Take note of a finished epoch; return whether to stop."""


class Listeners:
    """Several listeners as one, called in their order.

    Parameters
    ----------
    listeners : iterable of Listener
        The listeners.
    """

    def __init__(self, listeners: Iterable[Listener]) -> None:
        self._listeners = list(listeners)

    def epoch_begins(self) -> None:
        """Call all of them."""
        for listener in self._listeners:
            listener.epoch_begins()

    def epoch_ends(self, epoch: Epoch) -> bool:
        """Call all of them; return whether any asks to stop."""
        answers = [listener.epoch_ends(epoch) for listener in self._listeners]
        return any(answers)


@dataclass
class History:
    """The epochs of a model since it was new, as rows.

    Parameters
    ----------
    records : list of Record
        One for each epoch. Only ever made longer, by one append at a time.
    n_earlier : int, default=0
        How many of them belong to earlier trainings.
    """

    records: list[Record] = field(default_factory=list)
    n_earlier: int = 0

    def resume(self) -> "History":
        """Return the history of a training that resumes here."""
        return History(self.records.copy(), len(self.records))

    def shorten(self) -> "History":
        """Return the history of the last epoch only."""
        records = self.records[-1:]
        return History(records, len(records) - min(self.n_iter, 1))

    @property
    def n_iter(self) -> int:
        """Number of epochs of the last training."""
        return len(self.records) - self.n_earlier

    def column(self, name: str) -> list[float]:
        """Return one figure of all epochs."""
        return [getattr(record, name) for record in self.records]

    def last(self, name: str) -> float:
        """Return a figure of the last epoch, NaN if there is none."""
        return float(getattr(self.records[-1], name)) if self.records else nan

    def scores(self) -> list[float]:
        """Return the validation scores of the last epochs in a row that early stopping watched."""
        watched = takewhile(lambda record: not isnan(record.best_score), reversed(self.records))
        return [record.validation_score for record in watched][::-1]
