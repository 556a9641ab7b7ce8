"""All that is needed to resume a training exactly where it stopped."""

from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, Self, cast
from zlib import crc32

import numpy as np

from skmlp_scratch._typing import Array, FloatArray, IntArray


@dataclass(kw_only=True)
class TrainingState:
    """Where a training stands; its two doors are `checkpoint` and `resume`.

    Parameters
    ----------
    solver : str
        Name of the solver that the slots belong to.
    random_state : RandomState or None, default=None
        Source of the coming shuffles.
    dropout_generator : Generator or None, default=None
        Source of the coming dropout masks; None without dropout.
    augment_generator : Generator or None, default=None
        Source of the coming changes of the batches; None without any.
    slots : dict of str to ndarray of shape (n_parameters,)
        State of the optimizer.
    n_steps : int, default=0
        Updates made so far.
    n_epochs : int, default=0
        Epochs, or calls of `partial_fit`, since a schedule that has an end began.
    first_step : int, default=0
        Updates that had been made when the present epoch began.
    n_samples_seen : int, default=0
        Rows used so far, counted at the end of each epoch.
    n_rate_cuts : int, default=0
        How often a plateau has cut the learning rate.
    best : float, default=inf
        What later epochs must fall below: the lowest training loss so far, or the highest
        validation score with its sign changed.
    n_epochs_no_change : int, default=0
        Epochs since the last improvement.
    has_converged : bool, default=False
        Whether the stop rule has ended the training.
    order : ndarray of int of shape (n_training_rows,) or None, default=None
        The last epoch's order of rows, which the next epoch shuffles.
    validation_rows : ndarray of int of shape (n_validation_rows,) or None, default=None
        Rows set aside for early stopping.
    targets_checksum : int or None, default=None
        Checksum of the targets that the validation rows were chosen for; None without any.
    last_parameters : ndarray of shape (n_parameters,) or None, default=None
        Parameters after the last epoch, if the model has those of the best epoch.
    parameters_checksum : int or None, default=None
        Checksum of the model's own parameters, by which it is seen whether they were replaced.
    """

    solver: str
    random_state: np.random.RandomState | None = None
    dropout_generator: np.random.Generator | None = None
    augment_generator: np.random.Generator | None = None
    slots: dict[str, FloatArray] = field(default_factory=dict)
    n_steps: int = 0
    n_epochs: int = 0
    first_step: int = 0
    n_samples_seen: int = 0
    n_rate_cuts: int = 0
    best: float = np.inf
    n_epochs_no_change: int = 0
    has_converged: bool = False
    order: IntArray | None = None
    validation_rows: IntArray | None = None
    targets_checksum: int | None = None
    last_parameters: FloatArray | None = None
    parameters_checksum: int | None = None

    @property
    def rng(self) -> np.random.RandomState:
        """The source of randomness, which every state of a running training has."""
        return cast("np.random.RandomState", self.random_state)

    def checkpoint(self, *, with_data: bool) -> Self:
        """Return a state to keep; what it shares with this one is never changed in place.

        Parameters
        ----------
        with_data : bool
            Whether to keep what only resuming with the same rows needs, some of it as long as the
            data set.
        """
        if with_data:
            # The caller may draw from the original.
            return replace(self, random_state=deepcopy(self.random_state))
        return replace(
            self, random_state=None, order=None, validation_rows=None, last_parameters=None
        )

    def resume(self) -> Self:
        """Return a copy that a training can change."""
        return type(self)(**{name: _copy(value) for name, value in vars(self).items()})

    def suits(self, solver: str, n_parameters: int) -> bool:
        """Return whether a solver with so many parameters can resume from here."""
        vectors = (*self.slots.values(), self.last_parameters)
        sizes = {vector.size for vector in vectors if vector is not None}
        return solver == self.solver and sizes <= {n_parameters}

    def renew(self) -> Self:
        """Return a state at the beginning of another training of the same model."""
        return type(self)(solver=self.solver, n_samples_seen=self.n_samples_seen)

    def divides(self, n_samples: int) -> bool:
        """Return whether order and validation rows, if there are any, divide up `n_samples`."""
        parts = [part for part in (self.order, self.validation_rows) if part is not None]
        return not parts or sum(map(len, parts)) == n_samples


def checksum(array: Array) -> int:
    """Return a number that two arrays have in common only if they are equal, or by rare chance."""
    return crc32(np.ascontiguousarray(array).data)


def _copy(value: Any) -> Any:
    """Copy a field's value; memory maps become plain arrays."""
    if isinstance(value, np.ndarray):
        return np.array(value)
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return deepcopy(value)
