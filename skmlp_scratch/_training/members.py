"""A pack: several trainings by batches that see the same rows, run as one.

Its members start with their own parameters and have their own optimizer, learning rate, penalty,
stop rule, history and outcome. What they have in common are the architecture, the order of the
rows, the batches and the dropout masks. Each learns what it would learn alone.
"""

from collections.abc import Callable, Sequence
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
    """Mean losses of several networks over the same batch, and their gradients.

    Penalties are left to the members' own objectives, whose parameters and gradients move into
    stacks.

    Parameters
    ----------
    objectives : sequence of Objective
        Those of the members, which agree in all but `alpha`.
    source : Objective
        One like them, which gives the batches, and dropout with masks that all members share.
    """

    def __init__(self, objectives: Sequence[Objective], source: Objective) -> None:
        architecture, batch_size = source.architecture, source.batch_size
        n_members = len(objectives)
        dtype, n_outputs = architecture.dtype, architecture.n_outputs
        self._parameters = StackedLayers([objective.parameters for objective in objectives])
        self._gradient = StackedLayers([objective.gradient for objective in objectives])
        self._dataset, self._inputs = source.dataset, source.inputs
        self._workspace = PackWorkspace(
            architecture, n_members, batch_size, source.dropouts
        )
        self._loss = source.loss(n_outputs, n_members * batch_size, dtype)
        self._targets: FloatArray = np.empty(n_outputs * batch_size, dtype)
        self._all_targets: FloatArray = np.empty(n_outputs * n_members * batch_size, dtype)

    def evaluate(self, rows: Rows, total_weight: float) -> list[float]:
        """Return each member's value without its penalty, and fill the gradients."""
        logits = forward(self._parameters, self._workspace, self._inputs.batch(rows))
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
        backward(self._parameters, self._workspace, delta.transpose(1, 2, 0), self._gradient)
        return (losses.sum(axis=1, dtype=np.float64) / total_weight).tolist()  # type: ignore[no-any-return]

    def _write_targets(self, rows: Rows, shape: tuple[int, ...]) -> FloatArray:
        """Return the targets of the rows, repeated for each member, (n_outputs, n_members, rows)."""
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
        Is told of its epochs and can stop it.

    Attributes
    ----------
    result : Outcome, Exception or None
        How it ended; None as long as it goes on.
    """

    def __init__(self, solver: StochasticSolver, listener: Listener) -> None:
        self.solver = solver
        self.result: Outcome | Exception | None = None
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

    def step(self, loss: float, total_weight: float, n_samples: int) -> None:
        """Make a step from the batch's loss and gradient, unless a loss has not been finite."""
        if not isfinite(self._total):
            return
        stepper = self.solver.stepper
        loss += stepper.objective.add_penalty(total_weight)
        self._total += loss * n_samples
        if isfinite(loss):
            stepper.descend(self.solver.state)

    def end_epoch(self, n_samples: int) -> None:
        """Judge the epoch, and end the training if it ends it."""
        ending = self.solver.end_epoch(self._total / n_samples, self._listener)
        if ending is not None:
            self._end(ending)

    def _end(self, ending: Ending) -> None:
        """Leave the pack, with nothing in common with it that it still changes."""
        solver = self.solver
        for moved in (solver.parameters, solver.stepper.objective.gradient):
            moved.move_to(moved.flat.copy())
        solver.state = solver.state.resume()
        self.result = solver.end(ending)


class Pack:
    """Several trainings as one.

    Parameters
    ----------
    members : sequence of Member
        Their networks have one architecture and loss; they agree in the rows to train on, their
        targets and weights, the size and order of the batches and the dropout.
    """

    def __init__(self, members: Sequence[Member]) -> None:
        self._members = list(members)
        # The first gives batches, their order and dropout, even after it has left.
        self._solver = members[0].solver
        self._state, self._source = self._solver.state, self._solver.stepper.objective
        for member in members:
            self._share_randomness(member.solver.state)
        self._stack()

    def _share_randomness(self, state: TrainingState) -> None:
        """Let a member have the order of the rows that the pack shuffles, and what it draws from."""
        for name in ("random_state", "dropout_generator", "order"):
            setattr(state, name, getattr(self._state, name))

    def run(self) -> None:
        """Train until each member has its result; what fails in a member ends that one only."""
        try:
            self._each(Member.begin)
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
        """Bring the parameters of all members together."""
        if self._members:
            objectives = [member.solver.stepper.objective for member in self._members]
            self._objective = PackObjective(objectives, self._source)

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
        losses = self._objective.evaluate(rows, total_weight)
        for member, loss in zip(self._members, losses, strict=True):
            member.attempt(Member.step, loss, total_weight, n_samples)
