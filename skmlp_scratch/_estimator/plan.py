"""From options and problem to a solver: what a call of `fit` or `partial_fit` is going to do."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from math import ceil
from typing import Any, Protocol
from warnings import warn

import numpy as np
from sklearn.utils import check_random_state

from skmlp_scratch._data.dataset import Dataset
from skmlp_scratch._data.inputs import BatchFunction
from skmlp_scratch._data.targets import SmoothedTargets
from skmlp_scratch._estimator.draft import make_draft
from skmlp_scratch._estimator.options import Options, check_batch_size, takes_batches
from skmlp_scratch._estimator.problem import Problem, Reading, Request
from skmlp_scratch._estimator.scoring import make_score
from skmlp_scratch._estimator.split import check_validation_weights, split_rows
from skmlp_scratch._network.activations import ACTIVATIONS
from skmlp_scratch._network.dropout import Dropout, make_dropouts
from skmlp_scratch._network.initializers import INITIALIZERS
from skmlp_scratch._network.losses import Loss, find_loss
from skmlp_scratch._network.parameters import Architecture, Parameters, count_parameters
from skmlp_scratch._network.predictor import chunk_rows
from skmlp_scratch._training.epochs import Listener, Outcome
from skmlp_scratch._training.lbfgs import LbfgsSolver
from skmlp_scratch._training.objective import Objective
from skmlp_scratch._training.optimizers import OPTIMIZERS
from skmlp_scratch._training.schedules import find_schedule
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
        """Train; the listener is told of each epoch and can stop the training."""


@dataclass(frozen=True)
class Plan:
    """What to train, on what, and from where.

    Parameters
    ----------
    options : Options
        The estimator's parameters.
    problem : Problem
        What there is to learn.
    draft : MLPClassifier
        Where the training writes.
    architecture : Architecture
        Architecture of the network.
    loss : type of loss
        Loss of a batch.
    request : Request
        What the user asks for.
    """

    options: Options
    problem: Problem
    draft: Any
    architecture: Architecture
    loss: type[Loss]
    request: Request

    @classmethod
    def of(cls, model: Any, options: Options, problem: Problem, request: Request) -> "Plan":
        """Choose architecture and loss for an estimator, which stays as it is."""
        dataset, labels = problem.train.dataset, problem.labels
        n_features, n_outputs = dataset.X.shape[1], dataset.targets.n_outputs
        layer_sizes = (n_features, *options.hidden_layer_sizes, n_outputs)
        architecture = Architecture(
            layer_sizes, options.activation, problem.dtype, options.input_scale
        )
        loss = find_loss(options.loss, labels.target_type)
        planned = {
            "classes_": labels.classes,
            "n_features_in_": n_features,
            "n_layers_": len(layer_sizes),
            "n_outputs_": n_outputs,
            "out_activation_": loss.output_activation,
            "_activations": list(options.activation),
            "_input_scale": float(options.input_scale),
            "_loss": options.loss,
            "_sparse_labels": labels.is_sparse,
            "_target_type": labels.target_type,
        }
        if problem.feature_names is not None:
            planned["feature_names_in_"] = problem.feature_names
        draft = make_draft(model, planned, resumed=request.resumed)
        return cls(options, problem, draft, architecture, loss, request)

    def make_solver(self) -> Solver:
        """Return what runs the training."""
        state = self._start_state()
        parameters = self._start_parameters(state)
        if state.last_parameters is not None and self._has_new_parameters(state):
            state.last_parameters = None
        return SOLVERS[self.options.solver](self, parameters, state)

    def _has_new_parameters(self, state: TrainingState) -> bool:
        """Return whether the user has replaced the parameters that an earlier training left."""
        layers = self.problem.layers
        if layers is None or state.parameters_checksum is None:
            return False
        return state.parameters_checksum != checksum(Parameters.pack(layers, layers.dtype).flat)

    def _start_state(self) -> TrainingState:
        """Return a copy of where the earlier training stands, or a new state."""
        rng = check_random_state(self.options.random_state)
        state = self._resume_state() if self.request.resumed else None
        if state is None:
            n_samples_seen = self.draft.t_ if self.request.resumed else 0
            state = TrainingState(solver=self.options.solver, n_samples_seen=n_samples_seen)
        if self.request.incremental or state.random_state is None:
            state.random_state = rng  # as in scikit-learn, each call begins with the seed
        if state.has_converged and not self.request.incremental:
            state.n_rate_cuts = state.n_epochs = 0  # a new run, its schedule from the beginning
        return state

    def _resume_state(self) -> TrainingState | None:
        """Return a copy of the earlier state; None if it was forgotten or is of another one."""
        earlier, solver = self.draft._state, self.options.solver
        if earlier is None and takes_batches(solver):
            warn(
                "The model is compact: training resumes from its parameters with a new optimizer, "
                "and not exactly where it stopped. For that, keep a copy that compact() was not "
                "called on."
            )
        n_parameters = count_parameters(self.architecture.layer_sizes)
        return earlier.resume() if earlier and earlier.suits(solver, n_parameters) else None

    def _start_parameters(self, state: TrainingState) -> Parameters:
        """Return the model's parameters, or new ones."""
        architecture, layers = self.architecture, self.problem.layers
        if layers:
            return Parameters.pack(layers, architecture.dtype)
        parameters = Parameters(architecture.layer_sizes, architecture.dtype)
        # As in scikit-learn, the last layer is drawn like the one below it.
        names = (*architecture.activations, self.options.last_activation)
        factors = [ACTIVATIONS[name].glorot_factor for name in names]
        parameters.initialize(INITIALIZERS[self.options.init], factors, state.rng)
        return parameters


def plan_stochastic(plan: Plan, parameters: Parameters, state: TrainingState) -> StochasticSolver:
    """Return the training by batches, its rows noted in the state."""
    options, held_out = plan.options, _choose_rows(plan, state)
    n_samples = plan.problem.train.dataset.n_samples if state.order is None else len(state.order)
    batch_size = check_batch_size(options.batch_size, n_samples)
    optimizer = _configure(OPTIMIZERS[options.solver], options)
    kind = find_schedule(options.learning_rate, is_adaptive=optimizer.is_adaptive)
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
    return StochasticSolver(
        stepper,
        state,
        StopRule(options.tol, patience),
        batch_size=batch_size,
        shuffle=options.shuffle,
        n_epochs=1 if plan.request.incremental else options.max_iter - timetable.epochs_done(state),
        validate=_make_validation(plan, parameters, held_out),
        early_stopping=options.early_stopping,
        resumed=plan.request.resumed,
    )


def plan_lbfgs(plan: Plan, parameters: Parameters, state: TrainingState) -> LbfgsSolver:
    """Return the training on all rows at once."""
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
    "lbfgs": plan_lbfgs,
    **dict.fromkeys(OPTIMIZERS, plan_stochastic),
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
    if state.validation_rows is None:
        return _users_held_out(plan)
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
    check_validation_weights(reading.dataset, rows)
    return Validation(
        parameters,
        plan.architecture,
        reading.dataset,
        rows,
        loss=plan.loss,
        row_score=reading.targets.is_correct,
        score=make_score(plan.options.scoring, plan.draft, parameters, reading, rows),
    )
