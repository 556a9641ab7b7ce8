"""Inputs, targets and sample weights, and how rows of them are selected."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from skmlp_scratch._data.targets import Targets
from skmlp_scratch._typing import FloatArray, Rows


@dataclass(frozen=True)
class Dataset:
    """Inputs, encoded targets and sample weights.

    Parameters
    ----------
    X : ndarray, or CSR array or matrix, of shape (n_samples, n_features)
        Inputs, in any numeric type.
    targets : Targets
        Desired outputs.
    sample_weight : ndarray of shape (n_samples,) or None
        Weights in the type to compute in; None if all are 1.
    """

    X: Any
    targets: Targets
    sample_weight: FloatArray | None = None

    @property
    def n_samples(self) -> int:
        """Number of rows."""
        return int(self.X.shape[0])

    @property
    def all_rows(self) -> slice:
        """All rows, in their order."""
        return slice(0, self.n_samples)

    def total_weight(self, rows: Rows) -> float:
        """Return the sum of the weights of `rows`; raise if it is 0 and the weights are not."""
        if self.sample_weight is None:
            return count_rows(rows)
        weights = self.sample_weight[rows]
        total = float(weights.sum(dtype=np.float64))
        if total == 0 and weights.any():
            raise ValueError(
                "The weights of rows that share a mean loss (a batch, the validation rows or all "
                "rows), positive and negative ones, add up to 0, so that it is not defined. Make "
                "all weights positive, or batches larger."
            )
        return total


def slices(n_samples: int, size: int) -> Iterator[slice]:
    """Cut ``range(n_samples)`` into slices of `size` rows, the last one possibly shorter."""
    for start in range(0, n_samples, size):
        yield slice(start, min(start + size, n_samples))


def select(rows: Rows, part: slice) -> Rows:
    """Return a part of the selected rows; both slices have both ends."""
    if isinstance(rows, slice):
        return slice(rows.start + part.start, rows.start + part.stop)
    return rows[part]


def count_rows(rows: Rows) -> int:
    """Return how many rows a slice with both ends, or an array of row numbers, selects."""
    return int(rows.stop - rows.start) if isinstance(rows, slice) else len(rows)
