"""From a plan to the solver that carries it out."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from math import ceil
from typing import Any, Protocol

import numpy as np

from skmlp_scratch._data.dataset import Dataset
from skmlp_scratch._data.inputs import BatchFunction
from skmlp_scratch._data.targets import SmoothedTargets
from skmlp_scratch._estimator.options import Options, check_batch_size, schedule_of
from skmlp_scratch._estimator.plan import Plan
from skmlp_scratch._estimator.problem import Reading
from skmlp_scratch._estimator.scoring import make_score
from skmlp_scratch._estimator.split import (
    check_training_weights,
    check_validation_weights,
    split_rows,
)
from skmlp_scratch._network.dropout import Dropout, make_dropouts
from skmlp_scratch._network.parameters import Parameters
from skmlp_scratch._network.predictor import chunk_rows
from skmlp_scratch._training.epochs import Listener, Outcome
from skmlp_scratch._training.lbfgs import LbfgsSolver
from skmlp_scratch._training.objective import Objective
from skmlp_scratch._training.optimizers import OPTIMIZERS
from skmlp_scratch._training.state import TrainingState, checksum
from skmlp_scratch._training.stochastic import Stepper, StochasticSolver, Timetable
from skmlp_scratch._training.stopping import StopRule
from skmlp_scratch._training.validation import Validate, Validation
from skmlp_scratch._typing import Rows


class Solver(Protocol):
    """What runs a training."""

    parameters: Parameters
    """What is trained, in place."""
    state: TrainingState
    """Where the training stands."""
    batch_size: int
    """Rows of the largest batch."""

    def run(self, listener: Listener) -> Outcome:
        """Train; the listener is called for each epoch and can stop the training."""


def make_solver(plan: Plan) -> Solver:
    """Return what runs a training."""
    state = plan.start_state()
    return SOLVERS[plan.options.solver](plan, plan.start_parameters(state), state)


def make_stochastic(plan: Plan, parameters: Parameters, state: TrainingState) -> StochasticSolver:
    """Return the solver that trains by batches, its rows noted in the state."""
    options, held_out = plan.options, _choose_rows(plan, state)
    n_samples = plan.problem.train.dataset.n_samples if state.order is None else len(state.order)
    batch_size = check_batch_size(options.batch_size, n_samples)
    optimizer = _configure(OPTIMIZERS[options.solver], options)
    kind = schedule_of(options)
    timetable = Timetable(options.max_iter, ceil(n_samples / batch_size), kind.has_end)
    alpha = options.alpha if optimizer.takes_penalty else 0.0
    dropouts, augment = _make_dropouts(plan, batch_size, state), _make_augment(plan, state)
    stepper = Stepper(
        _make_objective(plan, parameters, batch_size, alpha, dropouts, augment),
        optimizer,
        _configure(kind, options),
        timetable,
        clip_norm=options.clip_norm,
        max_norm=options.max_norm,
    )
    # A schedule that leads up to its end is not cut short by a plateau of the training loss.
    patience = np.inf if kind.has_end and not options.early_stopping else options.n_iter_no_change
    n_left = options.max_iter - timetable.epochs_done(state)
    return StochasticSolver(
        stepper,
        state,
        StopRule(options.tol, patience),
        batch_size=batch_size,
        shuffle=options.shuffle,
        max_epochs=1 if plan.request.incremental else n_left,
        validate=_make_validation(plan, parameters, held_out),
        early_stopping=options.early_stopping,
        resumed=plan.request.resumed,
    )


def make_lbfgs(plan: Plan, parameters: Parameters, state: TrainingState) -> LbfgsSolver:
    """Return the solver that trains on all rows at once."""
    options, architecture = plan.options, plan.architecture
    n_samples = plan.problem.train.dataset.n_samples
    batch_size = chunk_rows(n_samples, architecture.layer_sizes, architecture.dtype)
    return LbfgsSolver(
        _make_objective(plan, parameters, batch_size, options.alpha),
        state,
        max_iter=options.max_iter,
        max_fun=options.max_fun,
        tol=options.tol,
        validate=_make_validation(plan, parameters, _users_held_out(plan)),
    )


# How each solver is made.
SOLVERS: dict[str, Callable[[Plan, Parameters, TrainingState], Solver]] = {
    "lbfgs": make_lbfgs,
    **dict.fromkeys(OPTIMIZERS, make_stochastic),
}

# Data, and the numbers of those rows that are held out.
_HeldOut = tuple[Reading, Rows]


def _configure(kind: type[Any], options: Options) -> Any:
    """Make an optimizer or a schedule from the parameters that it names."""
    return kind(**{name: getattr(options, name) for name in kind.options})


def _choose_rows(plan: Plan, state: TrainingState) -> _HeldOut | None:
    """Note the rows to train on in the state; return those to validate on, if there are any.

    The state's own rows are kept if they suit the data.
    """
    options, n_samples = plan.options, plan.problem.train.dataset.n_samples
    splits = options.early_stopping and plan.problem.held_out is None
    targets_checksum = checksum(plan.problem.train.targets.encoded) if splits else None
    fits = (
        state.divides(n_samples)
        and (state.validation_rows is not None) == splits
        and state.targets_checksum in (None, targets_checksum)
    )
    if plan.request.incremental or not fits:
        state.order = state.validation_rows = state.last_parameters = None
    state.targets_checksum = targets_checksum
    if splits and state.validation_rows is None:
        state.order, state.validation_rows = split_rows(
            plan.problem, options.validation_fraction, state.rng
        )
    if options.shuffle and state.order is None:
        # The smallest type that counts the rows; with millions of them, it shows.
        state.order = np.arange(n_samples, dtype=np.min_scalar_type(n_samples))
    if state.order is None or state.validation_rows is None:
        return _users_held_out(plan)
    check_training_weights(plan.problem.train.dataset, state.order)
    return plan.problem.train, state.validation_rows


def _users_held_out(plan: Plan) -> _HeldOut | None:
    """Return the user's own validation data, if there are any."""
    reading = plan.problem.held_out
    return None if reading is None else (reading, reading.dataset.all_rows)


def _make_objective(
    plan: Plan,
    parameters: Parameters,
    batch_size: int,
    alpha: float,
    dropouts: Sequence[Dropout | None] = (),
    augment: BatchFunction | None = None,
) -> Objective:
    """Return what to minimize, for batches of at most `batch_size` rows."""
    return Objective(
        parameters,
        _smooth(plan),
        plan.architecture,
        loss=plan.loss,
        alpha=alpha,
        batch_size=batch_size,
        dropouts=dropouts,
        augment=augment,
    )


def _smooth(plan: Plan) -> Dataset:
    """Return the training data, with smoothed targets if they are to be."""
    reading, share = plan.problem.train, plan.options.label_smoothing
    if share == 0:
        return reading.dataset
    return replace(reading.dataset, targets=SmoothedTargets(reading.targets, share))


def _make_dropouts(plan: Plan, batch_size: int, state: TrainingState) -> Sequence[Dropout | None]:
    """Return the dropout of the inputs and of each hidden layer; nothing without any."""
    rates, architecture = plan.options.dropout, plan.architecture
    if not any(rates):
        return ()
    if state.dropout_generator is None:
        state.dropout_generator = _make_generator(state)
    return make_dropouts(
        rates, architecture.layer_sizes, batch_size, architecture.dtype, state.dropout_generator
    )


def _make_augment(plan: Plan, state: TrainingState) -> BatchFunction | None:
    """Return what changes each batch, if anything does."""
    augment = plan.options.augment
    if augment is None:
        return None
    if not isinstance(plan.problem.train.dataset.X, np.ndarray):
        raise ValueError(
            f"augment={augment!r} needs dense batches, but X is sparse. Pass X.toarray(), or leave "
            "augment at None."
        )
    if state.augment_generator is None:
        # A child: the stream is another one than that of dropout.
        [state.augment_generator] = _make_generator(state).spawn(1)
    generator = state.augment_generator
    return lambda batch: augment(batch, generator)


def _make_generator(state: TrainingState) -> np.random.Generator:
    """Return a new source of randomness that depends on the seed."""
    # From a copy: with the same seed, initial parameters and shuffles stay the same.
    return np.random.default_rng(deepcopy(state.rng).randint(2**31 - 1))


def _make_validation(
    plan: Plan, parameters: Parameters, held_out: _HeldOut | None
) -> Validate | None:
    """Return what gives loss and score of the parameters on held-out rows, if there are any."""
    if held_out is None:
        return None
    reading, rows = held_out
    is_split = reading is plan.problem.train
    check_validation_weights(reading.dataset, rows, is_split=is_split)
    return Validation(
        parameters,
        plan.architecture,
        reading.dataset,
        rows,
        loss=plan.loss,
        row_score=reading.targets.is_correct,
        score=make_score(plan.options.scoring, plan.draft, parameters, reading, rows),
    )
