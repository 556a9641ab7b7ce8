"""Labels: to the targets of a training, and back from logits."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils.multiclass import check_classification_targets, type_of_target, unique_labels

from skmlp_scratch._data.dataset import slices
from skmlp_scratch._data.targets import (
    BinaryTargets,
    IndicatorTargets,
    OneHotTargets,
    Targets,
    predicted_codes,
)
from skmlp_scratch._typing import Array

# Labels are encoded this many at a time, so that no temporary is as long as the data set.
_ENCODED_AT_ONCE = 2**16


def find_classes(y: Array) -> Array:
    """Return the sorted classes of labels (n_rows,), or the columns of indicators.

    Raises
    ------
    ValueError
        If `y` has continuous values, or several columns that are not indicators.
    """
    check_classification_targets(y)
    if type_of_target(y) == "multiclass-multioutput":
        raise ValueError(
            f"y has {y.shape[1]} columns with more than two values each; several outputs are "
            "supported for labels coded as 0 and 1 only. Fit one classifier for each column, "
            "for instance with sklearn.multioutput.MultiOutputClassifier."
        )
    return unique_labels(y)  # type: ignore[no-any-return]


def make_targets(y: Any, classes: Array) -> Targets:
    """Encode labels (n_rows,), or indicators (n_rows, n_labels), as targets.

    Raises
    ------
    ValueError
        If indicators are not 0 and 1, or not one for each class.
    """
    if type_of_target(y) == "multilabel-indicator":
        return IndicatorTargets(_to_indicators(y, classes))
    codes = encode(y, classes)
    if len(classes) > 2:
        return OneHotTargets(codes, len(classes))
    return BinaryTargets(codes, len(classes))


def _to_indicators(y: Any, classes: Array) -> NDArray[np.bool_]:
    """Return a dense or sparse matrix of 0 and 1, (n_rows, n_classes), as dense booleans."""
    dense = y.toarray() if sparse.issparse(y) else y
    indicators: NDArray[np.bool_] = dense.astype(bool)
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


def encode(y: Array, classes: Array) -> NDArray[np.unsignedinteger[Any]]:
    """Return each label's position in the sorted classes, in the smallest type that holds it."""
    codes = np.empty(len(y), np.min_scalar_type(len(classes) - 1))
    for rows in slices(len(y), _ENCODED_AT_ONCE):
        found = np.searchsorted(classes, y[rows])
        is_wrong = classes.take(found, mode="clip") != y[rows]
        if is_wrong.any():
            # Strings that end in a NUL, for instance, which NumPy cuts off.
            raise ValueError(f"y has the label {y[rows][is_wrong][0]!r}, which is not in classes_.")
        codes[rows] = found
    return codes


def decode(logits: Array, classes: Array, kind: str) -> Array:
    """Return the labels that logits (n_outputs, rows) for targets of a kind stand for.

    Returns
    -------
    labels : ndarray of shape (rows,), or of int of shape (rows, n_outputs) for several labels
    """
    if kind == "multilabel":
        return (logits > 0).T.astype(int)
    return classes.take(predicted_codes(logits, len(classes)))
