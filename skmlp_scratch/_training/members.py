"""A pack: several trainings by batches that see the same rows, run as one.

Its members start with their own parameters and have their own optimizer, learning rate, penalty,
stop rule, history and outcome. What they have in common are the architecture, the order of the
rows, the batches and the dropout masks. Each learns what it would learn alone.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from math import isfinite
from typing import Any

import numpy as np

from skmlp_scratch._data.dataset import count_rows, select, slices
from skmlp_scratch._network.members import PackWorkspace, StackedLayers, backward, forward
from skmlp_scratch._training.epochs import Ending, Listener, Outcome
from skmlp_scratch._training.objective import Objective
from skmlp_scratch._training.state import TrainingState
from skmlp_scratch._training.stochastic import StochasticSolver
from skmlp_scratch._typing import FloatArray, Rows


class PackObjective:
    """The objectives of several networks over the same batch, and their gradients.

    Parameters
    ----------
    objectives : sequence of Objective
        Those of the members, which agree in all but parameters and `alpha`. Their parameters and
        gradients move into stacks.
    source : Objective
        One like them, which gives the batches, and dropout with masks that all members share.

    Attributes
    ----------
    parameters, gradient : StackedLayers
        Parameters, and gradients at the last evaluation, of all members.
    """

    def __init__(self, objectives: Sequence[Objective], source: Objective) -> None:
        architecture, batch_size = source.architecture, source.batch_size
        n_members, n_outputs, dtype = len(objectives), architecture.n_outputs, architecture.dtype
        self.parameters = StackedLayers([objective.parameters for objective in objectives])
        self.gradient = StackedLayers([objective.gradient for objective in objectives])
        self._alphas = np.array([objective.alpha for objective in objectives])
        self._dataset, self._inputs = source.dataset, source.inputs
        self._workspace = PackWorkspace(architecture, n_members, batch_size, source.dropouts)
        self._loss = source.loss(n_outputs, n_members * batch_size, dtype)
        self._targets: FloatArray = np.empty(n_outputs * batch_size, dtype)
        self._all_targets: FloatArray = np.empty(n_outputs * n_members * batch_size, dtype)
        self._penalty_gradient = np.empty(self.parameters.weights.shape, dtype)

    def evaluate(self, rows: Rows, total_weight: float) -> list[float]:
        """Return each member's value for one batch and fill the gradients."""
        values = self._evaluate_losses(rows, total_weight) + self._add_penalties(total_weight)
        return values.tolist()  # type: ignore[no-any-return]

    def _evaluate_losses(self, rows: Rows, total_weight: float) -> FloatArray:
        """Return the part of the values that comes from the rows; set the gradients to theirs."""
        logits = forward(self.parameters, self._workspace, self._inputs.batch(rows))
        n_outputs, n_members, n_samples = logits.shape
        targets = self._write_targets(rows, logits.shape)
        # To a loss, which takes column by column, the members' rows are more rows.
        flat_logits, flat_targets = (x.reshape(n_outputs, -1) for x in (logits, targets))
        losses = self._loss.losses_and_gradient(flat_logits, flat_targets)
        losses = losses.reshape(n_members, n_samples)
        delta = logits  # the loss has overwritten the logits with its gradient
        if self._dataset.sample_weight is not None:
            weights = self._dataset.sample_weight[rows]
            losses *= weights
            delta *= weights
        delta *= 1 / total_weight
        backward(self.parameters, self._workspace, delta.transpose(1, 2, 0), self.gradient)
        return np.add.reduce(losses, axis=1, dtype=np.float64) / total_weight  # type: ignore[no-any-return]

    def _add_penalties(self, total_weight: float) -> FloatArray:
        """Return the penalties' part of the values; add their gradients."""
        weights, strengths = self.parameters.weights, self._alphas / total_weight
        if not strengths.any():
            return strengths
        factors = strengths.astype(weights.dtype)[:, np.newaxis]
        self.gradient.weights += np.multiply(weights, factors, out=self._penalty_gradient)
        # Where there is no penalty, squares may overflow.
        return np.where(strengths, 0.5 * strengths * np.vecdot(weights, weights), 0.0)

    def _write_targets(self, rows: Rows, shape: tuple[int, ...]) -> FloatArray:
        """Return the targets, repeated for each member, (n_outputs, n_members, rows)."""
        n_outputs, n_members, n_samples = shape
        targets = self._targets[: n_outputs * n_samples].reshape(n_outputs, n_samples)
        self._dataset.targets.write(rows, targets)
        repeated = self._all_targets[: n_members * targets.size].reshape(shape)
        repeated[...] = targets[:, np.newaxis]
        return repeated


class Member:
    """One of the trainings of a pack.

    Parameters
    ----------
    solver : StochasticSolver
        The training.
    listener : Listener
        Called for its epochs, and can stop it.

    Attributes
    ----------
    result : Outcome, Exception or None
        How it ended; None until then.
    learning_rate : float
        Learning rate of the present step.
    """

    def __init__(self, solver: StochasticSolver, listener: Listener) -> None:
        self.solver = solver
        self.stepper = solver.stepper
        self.result: Outcome | Exception | None = None
        self.learning_rate = 0.0
        self._listener = listener
        self._total = 0.0

    def attempt(self, action: Callable[..., None], *arguments: Any) -> None:
        """Do something, unless the training has ended; an error ends it."""
        if self.result is None:
            try:
                action(self, *arguments)
            except Exception as error:  # of any kind, as from a user's function
                self.result = error

    def begin(self) -> None:
        """Make ready for the first epoch."""
        self.solver.begin()

    def begin_epoch(self) -> None:
        """Make ready for an epoch."""
        self._total = 0.0
        self.solver.begin_epoch(self._listener)

    def begin_step(self, value: float, n_samples: int) -> None:
        """Take a batch's value, and make ready for a step unless one has not been finite."""
        # Values add up to one that is not finite as soon as one of them is not.
        self._total += value * n_samples
        if isfinite(self._total):
            self.stepper.limit_gradient()
            self.learning_rate = self.stepper.learning_rate(self.solver.state)
            self.solver.state.n_steps += 1

    def end_step(self) -> None:
        """Finish a step."""
        self.stepper.limit_weights()

    def end_epoch(self, n_samples: int) -> None:
        """Judge the epoch, and end the training if it ends it."""
        ending = self.solver.end_epoch(self._total / n_samples, self._listener)
        if ending is not None:
            self._end(ending)

    def _end(self, ending: Ending) -> None:
        """Leave the pack, with nothing in common with it that it still changes."""
        solver = self.solver
        for moved in (solver.parameters, self.stepper.objective.gradient):
            moved.move_to(moved.flat.copy())
        solver.state = solver.state.resume()
        self.result = solver.end(ending)


class Group:
    """Members whose optimizers are equal, and which make their steps at once.

    Parameters
    ----------
    members : sequence of Member
        Consecutive members of a pack.
    objective : PackObjective
        That of the pack.
    first : int
        Number of the first of them in the pack.
    """

    def __init__(self, members: Sequence[Member], objective: PackObjective, first: int) -> None:
        rows = slice(first, first + len(members))
        self.members = members
        self._optimizer = members[0].stepper.optimizer
        self._parameters = objective.parameters.part(rows)
        self._gradient = objective.gradient.part(rows)
        self._slots = {name: self._stack_slots(name) for name in self._optimizer.slot_names}

    def _stack_slots(self, name: str) -> FloatArray:
        """Let an array of the members' states be rows of one."""
        stack = np.stack([member.solver.state.slots[name] for member in self.members])
        for member, row in zip(self.members, stack, strict=True):
            member.solver.state.slots[name] = row
        return stack

    def step(self, number: int) -> None:
        """Make a step, counted from 1."""
        rates = np.array([[member.learning_rate] for member in self.members])
        self._optimizer.update(
            self._parameters, self._gradient, self._slots, learning_rate=rates, step=number
        )


class Pack:
    """Several trainings as one.

    Parameters
    ----------
    members : sequence of Member
        Their networks have one architecture and loss; they agree in the rows to train on, their
        targets and weights, the size and order of the batches and the dropout.
    """

    def __init__(self, members: Sequence[Member]) -> None:
        # Equal optimizers, dataclasses with equal texts, stand side by side.
        self._members = sorted(members, key=lambda member: repr(member.stepper.optimizer))
        # The first gives batches, their order and dropout, even after it has left.
        self._solver = members[0].solver
        self._state, self._source = self._solver.state, self._solver.stepper.objective
        self._n_steps = 0
        for member in members:
            self._share_randomness(member.solver.state)

    def _share_randomness(self, state: TrainingState) -> None:
        """Let a member have what the pack draws from, and the order of rows that it shuffles."""
        for name in ("random_state", "dropout_generator", "augment_generator", "order"):
            setattr(state, name, getattr(self._state, name))

    def run(self) -> None:
        """Train until each member has its result; what fails in a member ends that one only."""
        try:
            self._each(Member.begin)
            self._stack()
            while self._members:
                self._each(Member.begin_epoch)
                self._each(Member.end_epoch, self._run_epoch())
        except Exception as error:  # about a batch, which all have in common
            for member in self._members:
                member.result = member.result or error

    def _each(self, action: Callable[..., None], *arguments: Any) -> None:
        """Let all members do something; those that have ended leave, and the pack shrinks."""
        for member in self._members:
            member.attempt(action, *arguments)
        staying = [member for member in self._members if member.result is None]
        if len(staying) < len(self._members):
            self._members = staying
            self._stack()

    def _stack(self) -> None:
        """Bring the parameters, gradients and slots of all members together."""
        members = self._members
        if not members:
            return
        self._objective = PackObjective([m.stepper.objective for m in members], self._source)
        self._groups, first = [], 0
        for _, equal in groupby(members, lambda member: repr(member.stepper.optimizer)):
            group = Group([*equal], self._objective, first)
            self._groups.append(group)
            first += len(group.members)

    @np.errstate(all="ignore")  # as in a training alone
    def _run_epoch(self) -> int:
        """Take all rows once, in a new order; return how many there are."""
        order = self._state.order
        rows = self._source.dataset.all_rows if order is None else order
        if self._solver.shuffle and isinstance(rows, np.ndarray):
            self._state.rng.shuffle(rows)
        n_samples = count_rows(rows)
        for part in slices(n_samples, self._source.batch_size):
            self._step(select(rows, part))
        return n_samples

    def _step(self, rows: Rows) -> None:
        """Take a batch."""
        total_weight = self._source.dataset.total_weight(rows)
        if total_weight == 0:
            return  # nothing to learn from
        n_samples = count_rows(rows)
        values = self._objective.evaluate(rows, total_weight)
        self._n_steps += 1
        for member, value in zip(self._members, values, strict=True):
            member.attempt(Member.begin_step, value, n_samples)
        for group in self._groups:
            group.step(self._n_steps)
        for member in self._members:
            member.attempt(Member.end_step)
