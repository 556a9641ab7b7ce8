"""The desired outputs of each row, written batch by batch."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from skmlp_scratch._typing import Array, Rows


class Targets(Protocol):
    """The desired outputs of each row of a data set."""

    kind: str
    """"binary", "multiclass" or "multilabel"."""
    n_outputs: int
    uninformed: float
    """What an output should give if nothing is known about a row."""

    @property
    def codes(self) -> NDArray[np.integer[Any]] | None:
        """Class of each row; None where a row may have several."""

    def batch(self, rows: Rows, out: Array) -> None:
        """Write the selected rows' targets into `out` of shape (n_outputs, rows)."""

    def hits(self, rows: Rows, logits: Array) -> NDArray[np.bool_]:
        """Return for each row whether the logits, (n_outputs, rows), name its class."""


class OneHotTargets:
    """One class out of three or more for each row.

    Parameters
    ----------
    codes : ndarray of int of shape (n_rows,)
        The rows' classes.
    n_outputs : int
        Number of classes.
    """

    kind = "multiclass"

    def __init__(self, codes: NDArray[np.integer[Any]], n_outputs: int) -> None:
        self.codes = codes
        self.n_outputs = n_outputs
        self.uninformed = 1 / n_outputs
        self._column = np.arange(n_outputs, dtype=codes.dtype)[:, np.newaxis]

    def batch(self, rows: Rows, out: Array) -> None:
        """Write 1 at the class of each row and 0 elsewhere."""
        np.equal(self._column, self.codes[rows], out=out, casting="unsafe")

    def hits(self, rows: Rows, logits: Array) -> NDArray[np.bool_]:
        """Return for each row whether its class has the largest logit."""
        return np.asarray(predicted_codes(logits, self.n_outputs) == self.codes[rows])


class BinaryTargets:
    """One class out of at most two for each row.

    Parameters
    ----------
    codes : ndarray of int of shape (n_rows,)
        The rows' classes, 0 or 1.
    n_classes : int
        Number of classes, 1 or 2.
    """

    kind = "binary"
    n_outputs = 1
    uninformed = 0.5

    def __init__(self, codes: NDArray[np.integer[Any]], n_classes: int) -> None:
        self.codes = codes
        self.n_classes = n_classes

    def batch(self, rows: Rows, out: Array) -> None:
        """Write the rows' codes."""
        out[0] = self.codes[rows]

    def hits(self, rows: Rows, logits: Array) -> NDArray[np.bool_]:
        """Return for each row whether its class is predicted."""
        return np.asarray(predicted_codes(logits, self.n_classes) == self.codes[rows])


class IndicatorTargets:
    """Any number of labels out of several for each row.

    Parameters
    ----------
    indicators : ndarray of shape (n_rows, n_outputs)
        1 or true where the label holds.
    """

    kind = "multilabel"
    uninformed = 0.5
    codes = None

    def __init__(self, indicators: Array) -> None:
        self.indicators = indicators
        self.n_outputs = indicators.shape[1]

    def batch(self, rows: Rows, out: Array) -> None:
        """Write the rows' indicators."""
        out[...] = self.indicators[rows].T

    def hits(self, rows: Rows, logits: Array) -> NDArray[np.bool_]:
        """Return for each row whether the positive logits are exactly its labels."""
        return np.asarray((self.indicators[rows] == (logits > 0).T).all(axis=1))


def predicted_codes(logits: Array, n_classes: int) -> NDArray[np.intp]:
    """Return the class, counted from 0, that the logits (n_outputs, rows) of each row name."""
    if n_classes > 2:
        return np.asarray(logits.argmax(axis=0))
    # A model of a single class has one output, too, and can name no other.
    return np.asarray(np.minimum(logits[0] > 0, n_classes - 1))
