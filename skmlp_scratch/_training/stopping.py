"""When a training ends, and which of its parameters are kept."""

from dataclasses import dataclass
from math import isnan

import numpy as np

from skmlp_scratch._network.parameters import Parameters
from skmlp_scratch._training.state import TrainingState
from skmlp_scratch._typing import FloatArray


@dataclass(frozen=True)
class StopRule:
    """Detects a plateau: too many epochs in a row without an improvement.

    An improvement is a value that lies below the lowest one so far by `tol` or more. Values are
    training losses, or validation scores with their sign changed.

    Parameters
    ----------
    tol : float
        Smallest improvement that counts.
    patience : float
        Number of epochs in a row without one, above which it is a plateau.
    """

    tol: float
    patience: float

    def update(self, state: TrainingState, value: float) -> bool:
        """Take an epoch's value into the state; return whether it is on a plateau."""
        if isnan(value) and state.best == np.inf:
            raise ValueError(
                "scoring gives NaN for the validation rows, so early stopping cannot compare "
                "epochs. Choose a scorer that is defined for them, or validate on more rows."
            )
        # Written so that a later NaN counts as no improvement.
        improves = value <= state.best - self.tol
        state.n_epochs_no_change = 0 if improves else state.n_epochs_no_change + 1
        if value < state.best:
            state.best = value
        if state.n_epochs_no_change <= self.patience:
            return False
        state.n_epochs_no_change = 0
        return True


class BestParameters:
    """A copy of the best parameters so far.

    Parameters
    ----------
    parameters : Parameters
        What the training changes in place.
    """

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._best: FloatArray | None = None

    def keep(self) -> None:
        """Copy the present parameters."""
        self._best = self._parameters.flat.copy()

    def swap(self) -> FloatArray | None:
        """Put the best parameters in place; return the last ones, or None if none was the best."""
        if self._best is None:
            return None
        last = self._parameters.flat.copy()
        self._parameters.flat[:] = self._best
        return last


class FiniteParameters:
    """The last parameters at the beginning of an epoch that are known to give a finite loss.

    Parameters
    ----------
    parameters : Parameters
        What the training changes in place.

    Attributes
    ----------
    epoch : int
        Number of the epoch that began with them, counted from 0.
    """

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._finite = self._start = parameters.flat
        self.epoch = 0

    def begin(self) -> None:
        """Copy the parameters that an epoch begins with."""
        self._start = self._parameters.flat.copy()

    def confirm(self, epoch: int) -> None:
        """Take them for finite, as a step from them had a finite loss."""
        self._finite, self.epoch = self._start, epoch

    def restore(self) -> None:
        """Put the finite parameters in place."""
        self._parameters.flat[:] = self._finite
