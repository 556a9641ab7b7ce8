"""Labels: to the targets of a training, and back from logits."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils.multiclass import check_classification_targets, type_of_target, unique_labels

from skmlp_scratch._data.dataset import slices
from skmlp_scratch._data.targets import (
    BinaryTargets,
    ClassTargets,
    IndicatorTargets,
    OneHotTargets,
    predicted_codes,
)
from skmlp_scratch._estimator.label_arrays import are_comparable
from skmlp_scratch._typing import Array, BoolArray, FloatArray, IntArray

# Labels are encoded this many at a time, so that no temporary is as long as the data set.
_ENCODED_AT_ONCE = 2**16


@dataclass(frozen=True)
class Labels:
    """What the outputs of a network stand for.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        Sorted class labels; for multilabel targets, the column numbers.
    target_type : str
        "binary", "multiclass" or "multilabel".
    is_sparse : bool
        Whether predicted indicators are a sparse matrix.
    """

    classes: Array
    target_type: str
    is_sparse: bool

    @property
    def is_binary(self) -> bool:
        """Whether there are at most two classes, with one output."""
        return self.target_type == "binary"

    @property
    def is_multiclass(self) -> bool:
        """Whether there are three or more classes, of which a row has one."""
        return self.target_type == "multiclass"

    @property
    def is_multilabel(self) -> bool:
        """Whether a row may have several labels."""
        return self.target_type == "multilabel"

    def decode(self, logits: FloatArray) -> Array:
        """Return the labels that logits (n_outputs, rows) predict.

        Returns
        -------
        labels : ndarray of shape (rows,), or of int of shape (rows, n_outputs) for several labels
        """
        if self.is_multilabel:
            return (logits > 0).T.astype(int)
        return self.classes.take(predicted_codes(logits, len(self.classes)))


def find_classes(y: Array) -> Array:
    """Return the sorted classes of labels (n_samples,), or the columns of indicators.

    Raises
    ------
    ValueError
        If `y` has continuous values, or several columns that are not indicators.
    """
    check_classification_targets(y)
    if y.ndim == 2 and type_of_target(y) == "multiclass-multioutput":
        raise ValueError(
            f"y has {y.shape[1]} columns with more than two values each; several outputs are "
            "supported for labels coded as 0 and 1 only. Fit one classifier for each column, "
            "for instance with sklearn.multioutput.MultiOutputClassifier."
        )
    return _find_labels(y)


def _find_labels(y: Any) -> Array:
    """Return the sorted labels that occur, or the columns of indicators."""
    if y.ndim == 1 and y.dtype.kind in "biu":
        return np.unique(y)  # as below, in a thirtieth of the time
    return unique_labels(y)  # type: ignore[no-any-return]


def check_classes(y: Any, classes: Array, *, all_present: bool) -> None:
    """Raise unless the labels are known classes, or exactly those with `all_present`."""
    found = _find_labels(y)
    if all_present and set(found) != set(classes):
        raise ValueError(
            "warm_start can only be used where `y` has the same classes as in the previous call "
            f"to fit. Previously got {classes}, `y` has {found}."
        )
    is_known = are_comparable(found, classes) and np.isin(found, classes).all()
    if not is_known:
        raise ValueError(
            f"`y` has classes not in `self.classes_`. `self.classes_` has {classes}, "
            f"`y` has {found}."
        )


def make_targets(y: Any, classes: Array) -> ClassTargets:
    """Encode labels of known classes, (n_samples,) or indicators (n_samples, n_labels), as targets.

    Raises
    ------
    ValueError
        If indicators are not 0 and 1, or not one for each class.
    """
    if y.ndim == 2:
        return IndicatorTargets(_to_indicators(y, classes))
    codes = encode(y, classes)
    if len(classes) > 2:
        return OneHotTargets(codes, len(classes))
    return BinaryTargets(codes, len(classes))


def _to_indicators(y: Any, classes: Array) -> BoolArray:
    """Return a dense or sparse matrix of 0 and 1, (n_samples, n_classes), as dense booleans."""
    dense = y.toarray() if sparse.issparse(y) else y
    indicators: BoolArray = dense.astype(bool)
    if not np.array_equal(indicators, dense):
        raise ValueError(
            "Several labels for each row must be coded as 0 and 1, or false and true; y has "
            f"the values {np.unique(dense)}."
        )
    if dense.shape[1] != len(classes):
        raise ValueError(
            f"y has {dense.shape[1]} columns of labels, but there are {len(classes)} classes, "
            f"{classes}. Give one column for each."
        )
    return indicators


def encode(y: Array, classes: Array) -> IntArray:
    """Return each label's position in the sorted classes, in the smallest type that holds it."""
    codes = np.empty(len(y), np.min_scalar_type(len(classes) - 1))
    for rows in slices(len(y), _ENCODED_AT_ONCE):
        found = np.searchsorted(classes, y[rows])
        is_wrong = classes.take(found, mode="clip") != y[rows]
        if is_wrong.any():
            raise ValueError(
                f"y has the label {y[rows][is_wrong][0]!r}, which is not in classes_: NumPy cuts "
                "off a NUL at the end of a string. Remove it from the labels."
            )
        codes[rows] = found
    return codes
