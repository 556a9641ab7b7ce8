"""What there is to learn from, and how its rows are selected."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from skmlp_scratch._data.targets import Targets
from skmlp_scratch._typing import Array, Rows


@dataclass
class Dataset:
    """What there is to learn.

    Parameters
    ----------
    X : ndarray, or CSR array or matrix, of shape (n_rows, n_features)
        The rows, in any numeric type.
    targets : Targets
        Their desired outputs.
    sample_weight : ndarray of shape (n_rows,) or None
        Their weights, in the type to compute in; None if they are all 1.
    """

    X: Any
    targets: Targets
    sample_weight: Array | None

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return int(self.X.shape[0])

    def total_weight(self, rows: Rows) -> float:
        """Return the sum of the weights of `rows`; raise if it is 0 and they are not."""
        if self.sample_weight is None:
            return count_rows(rows)
        weights = self.sample_weight[rows]
        total = float(weights.sum(dtype=np.float64))
        if total == 0 and weights.any():
            raise ValueError(
                "The weights of a batch, positive and negative ones, add up to 0, so that its mean "
                "loss is not defined. Make all weights positive, or batches larger."
            )
        return total


def slices(n_rows: int, size: int) -> Iterator[slice]:
    """Cut ``range(n_rows)`` into slices of `size` rows, the last one possibly shorter."""
    for start in range(0, n_rows, size):
        yield slice(start, min(start + size, n_rows))


def select(rows: Rows, part: slice) -> Rows:
    """Return a part of the selected rows; both slices have both ends."""
    if isinstance(rows, slice):
        return slice(rows.start + part.start, rows.start + part.stop)
    return rows[part]


def count_rows(rows: Rows) -> int:
    """Return how many rows a slice with both ends, or an array of row numbers, selects."""
    return rows.stop - rows.start if isinstance(rows, slice) else len(rows)
