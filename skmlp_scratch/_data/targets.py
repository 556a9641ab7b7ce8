"""Desired outputs, written batch by batch.

Targets of classes know codes, numbers from 0 on, and no labels.
"""

from typing import Protocol

import numpy as np

from skmlp_scratch._typing import Array, BoolArray, FloatArray, IntArray, Rows


class Targets(Protocol):
    """What the training needs of targets."""

    n_outputs: int

    def write(self, rows: Rows, out: FloatArray) -> None:
        """Write the targets of the selected rows into `out` of shape (n_outputs, rows)."""


class ClassTargets(Targets, Protocol):
    """What validation and prediction of classes need in addition."""

    target_type: str
    """"binary", "multiclass" or "multilabel"."""
    smoothing_target: float
    """Target of label smoothing: 1 / n_outputs for one class out of several, 1/2 otherwise."""

    encoded: Array
    """Codes or indicators of all rows."""

    @property
    def codes(self) -> IntArray | None:
        """Class of each row; None if a row may have several."""

    def is_correct(self, rows: Rows, logits: FloatArray) -> BoolArray:
        """Return for each row whether the logits, (n_outputs, rows), predict its class."""


class OneHotTargets:
    """One class out of three or more for each row.

    Parameters
    ----------
    codes : ndarray of int of shape (n_samples,)
        Class of each row.
    n_outputs : int
        Number of classes.
    """

    target_type = "multiclass"

    def __init__(self, codes: IntArray, n_outputs: int) -> None:
        self.codes = self.encoded = codes
        self.n_outputs = n_outputs
        self.smoothing_target = 1 / n_outputs
        self._column = np.arange(n_outputs, dtype=codes.dtype)[:, np.newaxis]

    def write(self, rows: Rows, out: FloatArray) -> None:
        """Write 1 at the class of each row and 0 elsewhere."""
        np.equal(self._column, self.codes[rows], out=out, casting="unsafe")

    def is_correct(self, rows: Rows, logits: FloatArray) -> BoolArray:
        """Return for each row whether its class has the largest logit."""
        return np.asarray(predicted_codes(logits, self.n_outputs) == self.codes[rows])


class BinaryTargets:
    """One class out of at most two for each row, as one output.

    Parameters
    ----------
    codes : ndarray of int of shape (n_samples,)
        Class of each row, 0 or 1.
    n_classes : int
        Number of classes, 1 or 2.
    """

    target_type = "binary"
    n_outputs = 1
    smoothing_target = 0.5

    def __init__(self, codes: IntArray, n_classes: int) -> None:
        self.codes = self.encoded = codes
        self.n_classes = n_classes

    def write(self, rows: Rows, out: FloatArray) -> None:
        """Write the codes."""
        out[0] = self.codes[rows]

    def is_correct(self, rows: Rows, logits: FloatArray) -> BoolArray:
        """Return for each row whether its class is predicted."""
        return np.asarray(predicted_codes(logits, self.n_classes) == self.codes[rows])


class IndicatorTargets:
    """Any number of labels out of several for each row.

    Parameters
    ----------
    indicators : ndarray of shape (n_samples, n_outputs)
        1 or true where the label holds.
    """

    target_type = "multilabel"
    smoothing_target = 0.5
    codes = None

    def __init__(self, indicators: Array) -> None:
        self.indicators = self.encoded = indicators
        self.n_outputs = indicators.shape[1]

    def write(self, rows: Rows, out: FloatArray) -> None:
        """Write the indicators."""
        out[...] = self.indicators[rows].T

    def is_correct(self, rows: Rows, logits: FloatArray) -> BoolArray:
        """Return for each row whether the positive logits are exactly its labels."""
        return np.asarray((self.indicators[rows] == (logits > 0).T).all(axis=1))


class SmoothedTargets:
    """Targets with label smoothing, ``(1 - share) y + share smoothing_target``.

    Parameters
    ----------
    targets : ClassTargets
        The targets ``y``.
    share : float
        Strength of the smoothing, in [0, 1).

    References
    ----------
    C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens and Z. Wojna, "Rethinking the Inception
    architecture for computer vision", CVPR 2016, arXiv:1512.00567, section 7.
    """

    def __init__(self, targets: ClassTargets, share: float) -> None:
        self.n_outputs = targets.n_outputs
        self._targets = targets
        self._share = share

    def write(self, rows: Rows, out: FloatArray) -> None:
        """Write the smoothed targets."""
        self._targets.write(rows, out)
        out *= 1 - self._share
        out += self._share * self._targets.smoothing_target


def predicted_codes(logits: FloatArray, n_classes: int) -> IntArray:
    """Return the class of each row, counted from 0, that logits (n_outputs, rows) predict."""
    if n_classes > 2:
        return np.asarray(logits.argmax(axis=0))
    # A model of a single class has one output, too, and can predict no other.
    return np.asarray(np.minimum(logits[0] > 0, n_classes - 1))
