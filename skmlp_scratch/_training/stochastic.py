"""The stochastic solvers' training loop, from the whole run down to a single step.

``StochasticSolver.run`` goes through epochs until a rule ends it, ``run_epoch`` takes all rows
once, in a new order, and ``Stepper.step`` takes one batch. Nothing here prints: a listener is told
of each epoch, and its answer can end the training.
"""

from dataclasses import dataclass
from math import isfinite, isnan, nan
from time import perf_counter

import numpy as np

from skmlp_scratch._data.dataset import count_rows, select, slices
from skmlp_scratch._training.epochs import Ending, Epoch, Listener, Outcome, Record
from skmlp_scratch._training.objective import Objective
from skmlp_scratch._training.optimizers import Optimizer, apply_max_norm, clip_norm, make_slots
from skmlp_scratch._training.schedules import Progress, Schedule
from skmlp_scratch._training.state import TrainingState, checksum
from skmlp_scratch._training.stopping import BestParameters, FiniteParameters, StopRule
from skmlp_scratch._training.validation import Validate
from skmlp_scratch._typing import Rows


@dataclass(frozen=True)
class Timetable:
    """The planned length of a training.

    Parameters
    ----------
    schedule_epochs : int
        Epochs from the beginning of a schedule to its end.
    steps_per_epoch : int
        Updates in the present epoch.
    has_end : bool
        Whether the schedule has an end, after which it begins again.
    """

    schedule_epochs: int
    steps_per_epoch: int
    has_end: bool

    def epochs_done(self, state: TrainingState) -> int:
        """Return how many epochs of the schedule are done, 0 without an end."""
        return state.n_epochs if self.has_end and state.n_epochs < self.schedule_epochs else 0

    def next_epoch(self, state: TrainingState) -> int:
        """Return how many are done after one more."""
        return (self.epochs_done(state) + self.has_end) % self.schedule_epochs

    def progress(self, state: TrainingState) -> Progress:
        """Return how far the training has come."""
        # In steps of this epoch, as the calls of partial_fit may differ in length.
        done = self.epochs_done(state) * self.steps_per_epoch + state.n_steps - state.first_step
        return Progress(
            done / (self.schedule_epochs * self.steps_per_epoch),
            state.n_steps,
            state.n_samples_seen,
            state.n_rate_cuts,
        )


class Stepper:
    """Makes the steps of a training, one from each batch.

    Parameters
    ----------
    objective : Objective
        What to minimize; its parameters are changed in place.
    optimizer : Optimizer
        How to make a step.
    schedule : Schedule
        Learning rate of each step.
    timetable : Timetable
        Planned length of the training.
    clip_norm : float or None, default=None
        Largest norm of the gradient.
    max_norm : float or None, default=None
        Largest norm of a hidden unit's incoming weights.
    """

    def __init__(
        self,
        objective: Objective,
        optimizer: Optimizer,
        schedule: Schedule,
        timetable: Timetable,
        *,
        clip_norm: float | None = None,
        max_norm: float | None = None,
    ) -> None:
        self.objective = objective
        self.optimizer = optimizer
        self.schedule = schedule
        self.timetable = timetable
        self.clip_norm = clip_norm
        self.max_norm = max_norm

    def learning_rate(self, state: TrainingState) -> float:
        """Return the learning rate of the next step."""
        return self.schedule(self.timetable.progress(state))

    def step(self, rows: Rows, state: TrainingState) -> float:
        """Make one update from a batch, unless its loss is not finite; return that loss."""
        objective = self.objective
        total_weight = objective.dataset.total_weight(rows)
        if total_weight == 0:
            return 0.0  # nothing to learn from
        loss = objective.evaluate(rows, total_weight)
        if isfinite(loss):
            self.descend(state)
        return loss

    def descend(self, state: TrainingState) -> None:
        """Make one update from the gradient of the last evaluation."""
        objective = self.objective
        self.limit_gradient()
        learning_rate = self.learning_rate(state)
        state.n_steps += 1
        self.optimizer.update(
            objective.parameters,
            objective.gradient,
            state.slots,
            learning_rate=learning_rate,
            step=state.n_steps,
        )
        self.limit_weights()

    def limit_gradient(self) -> None:
        """Clip the gradient, if it is to be."""
        if self.clip_norm is not None:
            clip_norm(self.objective.gradient, self.clip_norm)

    def limit_weights(self) -> None:
        """Bound the norms of the weights, if they are to be."""
        if self.max_norm is not None:
            apply_max_norm(self.objective.parameters, self.max_norm)


class StochasticSolver:
    """A training by batches.

    Parameters
    ----------
    stepper : Stepper
        Makes the steps.
    state : TrainingState
        Where the training stands; it is carried forward in place.
    stop_rule : StopRule
        Tells a plateau.
    batch_size : int
        Rows in a batch.
    shuffle : bool
        Whether each epoch takes the rows in a new order.
    max_epochs : int
        Largest number of epochs.
    validate : callable or None, default=None
        Returns validation loss and score of the present parameters.
    early_stopping : bool, default=False
        Whether the score, and not the training loss, decides when to stop and which parameters to
        keep.
    resumed : bool, default=False
        Whether the parameters have been trained before.
    """

    def __init__(
        self,
        stepper: Stepper,
        state: TrainingState,
        stop_rule: StopRule,
        *,
        batch_size: int,
        shuffle: bool,
        max_epochs: int,
        validate: Validate | None = None,
        early_stopping: bool = False,
        resumed: bool = False,
    ) -> None:
        self.stepper = stepper
        self.state = state
        self.stop_rule = stop_rule
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.max_epochs = max_epochs
        self.validate = validate
        self.resumed = resumed
        self.parameters = stepper.objective.parameters
        self._best = BestParameters(self.parameters) if early_stopping else None
        self._finite = FiniteParameters(self.parameters)
        self._loss, self._n_done = nan, 0

    @property
    def rows(self) -> Rows:
        """The rows of an epoch, in the last one's order."""
        order = self.state.order
        return self.stepper.objective.dataset.all_rows if order is None else order

    def run(self, listener: Listener) -> Outcome:
        """Train; the listener is called for each epoch and can stop the training.

        Afterwards the parameters are those of the best epoch with early stopping, and the last
        that are known to give a finite loss if the training diverged.
        """
        self.begin()
        ending = None
        try:
            while ending is None:
                self.begin_epoch(listener)
                ending = self.end_epoch(self.run_epoch(), listener)
        except KeyboardInterrupt:
            ending = Ending.INTERRUPTED
        return self.end(ending)

    def begin(self) -> None:
        """Make the state one that can be carried forward."""
        state = self.state
        state.has_converged = False
        state.first_step = state.n_steps  # an interrupted epoch begins again
        if not state.slots:
            self._reset_slots()
        if self._best:
            state.best = np.inf
            if self.resumed and self.validate and not isnan(score := self.validate()[1]):
                # The model's parameters are the best ones so far, the state's the last ones.
                state.best = -score
                self._best.keep()
        if state.last_parameters is not None:
            self.parameters.flat[:] = state.last_parameters
            state.last_parameters = None

    def begin_epoch(self, listener: Listener) -> None:
        """Note where an epoch begins: its time, learning rate, step and parameters."""
        listener.epoch_begins()
        self._start, self._learning_rate = perf_counter(), self.stepper.learning_rate(self.state)
        self._n_steps = self.state.n_steps
        self._finite.begin()

    def end_epoch(self, loss: float, listener: Listener) -> Ending | None:
        """Judge an epoch by its mean loss; return how it ends the training, None if it does not."""
        if self.state.n_steps > self._n_steps:
            # The parameters that the epoch began with have given a finite loss.
            self._finite.confirm(self._n_done)
        if not (isfinite(loss) and np.isfinite(self.parameters.flat).all()):
            return Ending.DIVERGED
        if listener.epoch_ends(self._judge(loss)):
            return Ending.STOPPED
        if self.state.has_converged:
            return Ending.CONVERGED
        return Ending.MAX_ITER if self._n_done == self.max_epochs else None

    # Divergence shows in the loss; warnings from inside a step help nobody.
    @np.errstate(all="ignore")
    def run_epoch(self) -> float:
        """Take all rows once, in a new order; return their mean loss, or one that is not finite."""
        state, rows = self.state, self.rows
        if self.shuffle and isinstance(rows, np.ndarray):
            # In place: the same as scikit-learn's shuffle of the last epoch's order.
            state.rng.shuffle(rows)
        total, n_samples = 0.0, count_rows(rows)
        for part in slices(n_samples, self.batch_size):
            loss = self.stepper.step(select(rows, part), state)
            if not isfinite(loss):
                return loss
            total += loss * (part.stop - part.start)
        return total / n_samples

    def _judge(self, loss: float) -> Epoch:
        """Validate an epoch, and decide whether it ends the training."""
        state, early_stopping = self.state, self._best is not None
        validation_loss, score = self.validate() if self.validate else (nan, nan)
        state.n_samples_seen += count_rows(self.rows)
        state.n_epochs = self.stepper.timetable.next_epoch(state)
        state.first_step = state.n_steps
        on_plateau = self._is_on_plateau(-score if early_stopping else loss)
        self._loss, self._n_done = loss, self._n_done + 1
        record = Record(
            loss,
            validation_loss,
            score,
            self._learning_rate,
            perf_counter() - self._start,
            best_loss=nan if early_stopping else state.best,
            best_score=-state.best if early_stopping else nan,
        )
        is_cut = on_plateau and not state.has_converged
        next_rate = self.stepper.learning_rate(state) if is_cut else None
        n_left = self.max_epochs - self._n_done
        return Epoch(self._n_done, n_left, record, on_plateau, next_rate)

    def _is_on_plateau(self, value: float) -> bool:
        """Apply the stop rule, and what follows from it, to an epoch's value."""
        state = self.state
        if self._best and value < state.best:
            self._best.keep()
        on_plateau = self.stop_rule.update(state, value)
        if on_plateau:
            progress = self.stepper.timetable.progress(state)
            state.has_converged = self.stepper.schedule.ends_on_plateau(progress)
            state.n_rate_cuts += not state.has_converged
        return on_plateau

    def end(self, ending: Ending) -> Outcome:
        """Put the parameters to keep in place; return how the training has ended after all."""
        parameters = self.parameters
        if ending is Ending.DIVERGED or not np.isfinite(parameters.flat).all():
            self._finite.restore()
            self._reset_slots()
        has_failed = ending is Ending.DIVERGED and self._finite.epoch == 0
        if self._best:
            self.state.last_parameters = self._best.swap()
            self.state.parameters_checksum = checksum(parameters.flat)
            self.state.best = np.inf  # the next training may go by its loss, or other rows
        if has_failed or not np.isfinite(parameters.flat).all():
            ending = Ending.FAILED
        return Outcome(ending, self._n_done, self._loss)

    def _reset_slots(self) -> None:
        self.state.slots = make_slots(self.stepper.optimizer, self.parameters)
