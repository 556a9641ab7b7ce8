"""The stochastic training loop, from the whole run down to a single step.

``run`` goes through epochs until a stop rule says so, ``run_epoch`` takes all rows once, in a new
order, and ``train_step`` takes one batch. Nothing here prints: each epoch's record goes to the
caller's ``on_epoch_end``, whose answer can end the training.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skmlp_scratch._batches import Rows, count_rows, slices
from skmlp_scratch._objective import Objective
from skmlp_scratch._optimizers import Optimizer, Slots
from skmlp_scratch._schedules import Constant, Progress

FloatArray = NDArray[Any]


@dataclass(kw_only=True)
class TrainingState(Progress):
    """All that is needed to go on exactly where a training stopped.

    Parameters
    ----------
    solver : str
        Name of the optimizer that the slots belong to.
    random_state : RandomState
        Source of the coming shuffles.
    slots : dict of str to ndarray of shape (n_parameters,)
        The optimizer's memory.
    best : float, default=inf
        What later epochs must beat: the lowest training loss so far, or the highest validation
        score with its sign changed.
    n_epochs_no_change : int, default=0
        Epochs since the last improvement.
    has_converged : bool, default=False
        Whether the stop rule has ended the training.
    order : ndarray of shape (n_training_rows,) or None, default=None
        The last epoch's order of rows, which the next epoch shuffles.
    validation_rows : ndarray of shape (n_validation_rows,) or None, default=None
        Rows set aside for early stopping.
    last_parameters : ndarray of shape (n_parameters,) or None, default=None
        Parameters after the last epoch, where the model itself has those of the best epoch.
    """

    solver: str
    random_state: np.random.RandomState
    slots: Slots = field(default_factory=dict)
    best: float = np.inf
    n_epochs_no_change: int = 0
    has_converged: bool = False
    order: NDArray[np.intp] | None = None
    validation_rows: NDArray[np.intp] | None = None
    last_parameters: FloatArray | None = None

    def divides(self, n_rows: int, *, has_validation: bool) -> bool:
        """Return whether order and validation rows divide up a data set of `n_rows`."""
        parts = [part for part in (self.order, self.validation_rows) if part is not None]
        return (
            sum(map(len, parts)) == n_rows and (self.validation_rows is not None) == has_validation
        )

    def at_rest(self, *, with_data: bool) -> dict[str, Any]:
        """Return the fields as a dictionary of plain values that a saved model can hold.

        Parameters
        ----------
        with_data : bool
            Whether to keep what only going on with the same rows needs, some of it as long as the
            data set.
        """
        fields = vars(self).copy()
        if with_data:
            # The caller may go on drawing from the original.
            fields["random_state"] = deepcopy(self.random_state)
        else:
            for name in ("random_state", "order", "validation_rows", "last_parameters"):
                del fields[name]
        return fields


def copy_plain(value: Any) -> Any:
    """Copy a value from `TrainingState.at_rest`; memory maps become plain arrays."""
    if isinstance(value, np.ndarray):
        return np.array(value)
    if isinstance(value, dict):
        return {key: copy_plain(item) for key, item in value.items()}
    return deepcopy(value)


class Outcome(Enum):
    """Why a training ended."""

    CONVERGED = "the loss or the validation score no longer improved"
    MAX_ITER = "all epochs were run"
    STOPPED = "on_epoch_end asked for it"
    INTERRUPTED = "the user pressed Ctrl-C"


@dataclass
class Epoch:
    """What happened in one epoch.

    Parameters
    ----------
    number : int
        Counted from 1 in each training.
    loss : float
        Mean over the rows of their batches' objectives.
    score : float or None
        Validation score; None without a validation set.
    stalled : bool
        Whether loss or score have not improved for too long.
    next_learning_rate : float or None
        Learning rate to go on with; None if training has converged.
    """

    number: int
    loss: float
    score: float | None
    stalled: bool
    next_learning_rate: float | None


class Training:
    """A stochastic training.

    Parameters
    ----------
    objective : Objective
        What to minimise; its parameters are changed in place.
    optimizer : Optimizer
        How to make a step.
    schedule : Constant
        Learning rate of each step.
    state : TrainingState
        Where training stands; it is carried forward in place.
    batch_size : int
        Rows in a batch.
    shuffle : bool
        Whether each epoch takes the rows in a new order.
    tol : float
        Improvements smaller than this do not count.
    patience : float
        Number of epochs without improvement above which training has stalled.
    validate : callable or None, default=None
        Returns the validation score of the current parameters.
    """

    def __init__(
        self,
        objective: Objective,
        optimizer: Optimizer,
        schedule: Constant,
        state: TrainingState,
        *,
        batch_size: int,
        shuffle: bool,
        tol: float,
        patience: float,
        validate: Callable[[], float] | None = None,
    ) -> None:
        self.objective = objective
        self.optimizer = optimizer
        self.schedule = schedule
        self.state = state
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.tol = tol
        self.patience = patience
        self.validate = validate
        self._parameters = objective.parameters.flat
        self._best_parameters = self._parameters.copy() if validate else None

    @property
    def n_rows(self) -> int:
        """Number of rows in an epoch."""
        order = self.state.order
        return self.objective.dataset.n_rows if order is None else len(order)

    def run(self, max_epochs: int, on_epoch_end: Callable[[Epoch], bool]) -> Outcome:
        """Train for at most `max_epochs`; `on_epoch_end` answers whether to stop.

        With validation, the parameters are those of the best epoch afterwards.
        """
        self._begin()
        # Divergence shows in the loss; warnings from inside a step help nobody.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            outcome = self._run_epochs(max_epochs, on_epoch_end)
        if self._best_parameters is not None and np.isfinite(self.state.best):
            self.state.last_parameters = self._parameters.copy()
            self._parameters[:] = self._best_parameters
            # What the next training has to beat depends on its validation rows.
            self.state.best = np.inf
        return outcome

    def _begin(self) -> None:
        """Make the state one that can be carried forward."""
        state = self.state
        state.has_converged = False
        if not state.slots:
            state.slots = self.optimizer.make_slots(self._parameters)
        if self.validate and state.n_samples_seen:
            state.best = -self.validate()
        if state.last_parameters is not None:
            self._parameters[:] = state.last_parameters

    def _run_epochs(self, max_epochs: int, on_epoch_end: Callable[[Epoch], bool]) -> Outcome:
        try:
            for number in range(1, max_epochs + 1):
                if on_epoch_end(self._run_and_judge(number)):
                    return Outcome.STOPPED
                if self.state.has_converged:
                    return Outcome.CONVERGED
        except KeyboardInterrupt:
            return Outcome.INTERRUPTED
        return Outcome.MAX_ITER

    def run_epoch(self) -> float:
        """Take all rows once, in a new order; return their mean loss."""
        order = self.state.order
        if self.shuffle and order is not None:
            # In place: the same as scikit-learn's shuffle of the last epoch's order.
            self.state.random_state.shuffle(order)
        total = 0.0
        for batch in slices(self.n_rows, self.batch_size):
            rows = batch if order is None else order[batch]
            total += self.train_step(rows) * count_rows(rows)
        return total / self.n_rows

    def train_step(self, rows: Rows) -> float:
        """Make one update from a batch; return its loss before the update."""
        total_weight = self.objective.dataset.total_weight(rows)
        if total_weight == 0:
            return 0.0  # nothing to learn from
        loss = self.objective.evaluate(rows, total_weight)
        learning_rate = self.schedule(self.state)
        self.state.n_steps += 1
        self.optimizer.update(
            self._parameters,
            self.objective.gradient.flat,
            self.state.slots,
            learning_rate=learning_rate,
            step=self.state.n_steps,
        )
        return loss

    def _run_and_judge(self, number: int) -> Epoch:
        """Run one epoch and decide whether it was an improvement."""
        loss = self.run_epoch()
        self.state.n_samples_seen += self.n_rows
        score = self.validate() if self.validate else None
        stalled = self._judge(loss if score is None else -score)
        learning_rate = None if self.state.has_converged else self.schedule(self.state)
        return Epoch(number, loss, score, stalled, learning_rate)

    def _judge(self, value: float) -> bool:
        """Update best value and patience; return whether training has stalled."""
        state = self.state
        no_change = value > state.best - self.tol
        state.n_epochs_no_change = state.n_epochs_no_change + 1 if no_change else 0
        if value < state.best:
            state.best = value
            if self._best_parameters is not None:
                self._best_parameters[:] = self._parameters
        if state.n_epochs_no_change <= self.patience:
            return False
        state.n_epochs_no_change = 0
        state.has_converged = self.schedule.has_converged(state)
        if not state.has_converged:
            state.n_stalls += 1
        return True
