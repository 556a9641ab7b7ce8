"""All that is needed to go on exactly where a training stopped."""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skmlp_scratch._training.optimizers import Slots
from skmlp_scratch._training.schedules import Progress
from skmlp_scratch._typing import FloatArray


@dataclass(kw_only=True)
class TrainingState(Progress):
    """All that is needed to go on exactly where a training stopped.

    Parameters
    ----------
    solver : str
        Name of the optimizer that the slots belong to.
    random_state : RandomState
        Source of the coming shuffles.
    dropout_generator : Generator or None, default=None
        Source of the coming dropout masks; None without dropout.
    slots : dict of str to ndarray of shape (n_parameters,)
        The optimizer's memory.
    best : float, default=inf
        What later epochs must beat: the lowest training loss so far, or the highest validation
        score with its sign changed.
    n_epochs_no_change : int, default=0
        Epochs since the last improvement.
    has_converged : bool, default=False
        Whether the stop rule has ended the training.
    order : ndarray of int of shape (n_training_rows,) or None, default=None
        The last epoch's order of rows, which the next epoch shuffles.
    validation_rows : ndarray of shape (n_validation_rows,) or None, default=None
        Rows set aside for early stopping.
    last_parameters : ndarray of shape (n_parameters,) or None, default=None
        Parameters after the last epoch, where the model itself has those of the best epoch.
    """

    solver: str
    random_state: np.random.RandomState
    dropout_generator: np.random.Generator | None = None
    slots: Slots = field(default_factory=dict)
    best: float = np.inf
    n_epochs_no_change: int = 0
    has_converged: bool = False
    order: NDArray[np.integer[Any]] | None = None
    validation_rows: NDArray[np.intp] | None = None
    last_parameters: FloatArray | None = None

    def suits(self, n_rows: int, *, has_validation: bool) -> bool:
        """Return whether order and validation rows, if there are any, divide up `n_rows`."""
        parts = [part for part in (self.order, self.validation_rows) if part is not None]
        divides = not parts or sum(map(len, parts)) == n_rows
        return divides and (self.validation_rows is not None) == has_validation

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
