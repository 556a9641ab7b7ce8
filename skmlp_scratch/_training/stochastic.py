"""The stochastic training loop, from the whole run down to a single step.

``run`` goes through epochs until a stop rule says so, ``run_epoch`` takes all rows once, in a new
order, and ``train_step`` takes one batch. Nothing here prints: each epoch's record goes to a
listener, whose answer can end the training.
"""

from collections.abc import Callable
from math import isfinite, isnan
from time import perf_counter

import numpy as np

from skmlp_scratch._data.dataset import count_rows, select, slices
from skmlp_scratch._training.epochs import Epoch, Listener, Outcome
from skmlp_scratch._training.objective import Objective
from skmlp_scratch._training.optimizers import Optimizer, clip_norm, make_slots, project
from skmlp_scratch._training.schedules import Schedule
from skmlp_scratch._training.state import TrainingState
from skmlp_scratch._typing import FloatArray, Rows


class Training:
    """A stochastic training.

    Parameters
    ----------
    objective : Objective
        What to minimise; its parameters are changed in place.
    optimizer : Optimizer
        How to make a step.
    schedule : Schedule
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
    clip_norm : float or None, default=None
        Largest norm of the gradient.
    max_norm : float or None, default=None
        Largest norm of a hidden unit's incoming weights.
    validate : callable or None, default=None
        Returns validation loss and score of the current parameters.
    keeps_best : bool, default=False
        Whether the score, and not the training loss, decides when to stop and which parameters to
        keep.
    goes_on : bool, default=False
        Whether the parameters have been trained before.

    Attributes
    ----------
    n_finite_epochs : int
        Number of epochs that led to parameters known to give a finite loss.
    """

    def __init__(
        self,
        objective: Objective,
        optimizer: Optimizer,
        schedule: Schedule,
        state: TrainingState,
        *,
        batch_size: int,
        shuffle: bool,
        tol: float,
        patience: float,
        clip_norm: float | None = None,
        max_norm: float | None = None,
        validate: Callable[[], tuple[float, float]] | None = None,
        keeps_best: bool = False,
        goes_on: bool = False,
    ) -> None:
        self.objective = objective
        self.optimizer = optimizer
        self.schedule = schedule
        self.state = state
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.tol = tol
        # A schedule that leads up to its end is not cut short by a loss that rests for a while.
        self.patience = patience if keeps_best or not schedule.has_end else np.inf
        self.clip_norm = clip_norm
        self.max_norm = max_norm
        self.validate = validate
        self.keeps_best = keeps_best
        self.goes_on = goes_on
        self._parameters = objective.parameters.flat
        self.n_finite_epochs = 0
        self._last_finite = self._parameters
        self._best_parameters: FloatArray | None = None

    @property
    def rows(self) -> Rows:
        """The rows of an epoch, in the last one's order."""
        order = self.state.order
        return slice(0, self.objective.dataset.n_rows) if order is None else order

    @property
    def epochs_left(self) -> int:
        """Number of epochs of a whole training, less what is done of a schedule that has an end."""
        return self.schedule.max_epochs - self.schedule.epochs_done(self.state)

    def run(self, n_epochs: int, listener: Listener) -> Outcome:
        """Train for at most `n_epochs`; the listener is told of each and can stop it.

        The parameters are those of the best epoch afterwards with `keeps_best`, and the last that
        are known to give a finite loss if training diverged.
        """
        self._begin()
        outcome = self._run_epochs(n_epochs, listener)
        if outcome is Outcome.DIVERGED or not np.isfinite(self._parameters).all():
            self._restore()
        if self._best_parameters is not None:
            self.state.last_parameters = self._parameters.copy()
            self._parameters[:] = self._best_parameters
        if self.keeps_best:
            self.state.best = np.inf  # the next training may go by its loss, or other rows
        return outcome

    def _begin(self) -> None:
        """Make the state one that can be carried forward."""
        state = self.state
        state.has_converged = False
        state.first_step = state.n_steps  # an epoch that was interrupted begins anew
        if not state.slots:
            state.slots = make_slots(self.optimizer, self.objective.parameters)
        if self.validate and self.keeps_best:
            state.best = np.inf
            if self.goes_on:  # before the last parameters take the place of the best
                self._note_best(-self.validate()[1])
        if state.last_parameters is not None:
            self._parameters[:] = state.last_parameters
            state.last_parameters = None

    def _run_epochs(self, n_epochs: int, listener: Listener) -> Outcome:
        try:
            for number in range(1, n_epochs + 1):
                listener.epoch_begins()
                start, learning_rate = perf_counter(), self.schedule(self.state)
                loss = self._run_epoch_safely(number)
                if not (isfinite(loss) and np.isfinite(self._parameters).all()):
                    return Outcome.DIVERGED
                epoch = self._judge_epoch(number, n_epochs - number, loss, learning_rate, start)
                if listener.epoch_ends(epoch):
                    return Outcome.STOPPED
                if self.state.has_converged:
                    return Outcome.CONVERGED
        except KeyboardInterrupt:
            return Outcome.INTERRUPTED
        return Outcome.MAX_ITER

    def _run_epoch_safely(self, number: int) -> float:
        """Run an epoch; remember the parameters before it if they give a finite loss."""
        start, n_steps = self._parameters.copy(), self.state.n_steps
        loss = self.run_epoch()
        if self.state.n_steps > n_steps:
            self._last_finite, self.n_finite_epochs = start, number - 1
        return loss

    def _restore(self) -> None:
        """Go back to parameters of a finite loss, without the memory that led astray."""
        self._parameters[:] = self._last_finite
        self.state.slots = make_slots(self.optimizer, self.objective.parameters)

    # Divergence shows in the loss; warnings from inside a step help nobody.
    @np.errstate(all="ignore")
    def run_epoch(self) -> float:
        """Take all rows once, in a new order; return their mean loss, or one that is not finite."""
        rows = self.rows
        if self.shuffle and isinstance(rows, np.ndarray):
            # In place: the same as scikit-learn's shuffle of the last epoch's order.
            self.state.random_state.shuffle(rows)
        total, n_rows = 0.0, count_rows(rows)
        for part in slices(n_rows, self.batch_size):
            batch = select(rows, part)
            loss = self.train_step(batch)
            if not isfinite(loss):
                return loss
            total += loss * count_rows(batch)
        return total / n_rows

    def train_step(self, rows: Rows) -> float:
        """Make one update from a batch, unless its loss is not finite; return that loss."""
        objective, state = self.objective, self.state
        total_weight = objective.dataset.total_weight(rows)
        if total_weight == 0:
            return 0.0  # nothing to learn from
        loss = objective.evaluate(rows, total_weight)
        if not isfinite(loss):
            return loss
        if self.clip_norm is not None:
            clip_norm(objective.gradient, self.clip_norm)
        learning_rate = self.schedule(state)
        state.n_steps += 1
        self.optimizer.update(
            objective.parameters,
            objective.gradient,
            state.slots,
            learning_rate=learning_rate,
            step=state.n_steps,
        )
        if self.max_norm is not None:
            project(objective.parameters, self.max_norm)
        return loss

    def _judge_epoch(
        self, number: int, n_left: int, loss: float, learning_rate: float, start: float
    ) -> Epoch:
        """Validate, and decide whether the epoch was an improvement."""
        state = self.state
        validation_loss, score = self.validate() if self.validate else (None, None)
        state.n_samples_seen += count_rows(self.rows)
        state.n_epochs, state.first_step = self.schedule.next_epoch(state), state.n_steps
        stalled = self._judge(-score if self.keeps_best and score is not None else loss)
        return Epoch(
            number,
            n_left,
            loss,
            validation_loss,
            score,
            learning_rate,
            perf_counter() - start,
            best_loss=None if self.keeps_best else state.best,
            best_score=-state.best if self.keeps_best else None,
            stalled=stalled,
            next_learning_rate=None if state.has_converged else self.schedule(state),
        )

    def _judge(self, value: float) -> bool:
        """Update best value and patience; return whether training has stalled."""
        state = self.state
        if isnan(value) and state.best == np.inf:
            raise ValueError(
                "scoring gives NaN for the validation rows, so early stopping has nothing to go "
                "by. Choose a scorer that is defined for them, or validate on more rows."
            )
        # Written so that a later NaN counts as no change.
        no_change = not value <= state.best - self.tol
        state.n_epochs_no_change = state.n_epochs_no_change + 1 if no_change else 0
        self._note_best(value)
        if state.n_epochs_no_change <= self.patience:
            return False
        state.n_epochs_no_change = 0
        state.has_converged = self.schedule.has_converged(state)
        if not state.has_converged:
            state.n_stalls += 1
        return True

    def _note_best(self, value: float) -> None:
        """Remember the lowest value so far, and the parameters that go with it."""
        if value < self.state.best:
            self.state.best = value
            if self.keeps_best:
                self._best_parameters = self._parameters.copy()
