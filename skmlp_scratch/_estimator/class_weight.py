"""The weights of classes: a factor of the sample weight of each row."""

from typing import Any

import numpy as np

from skmlp_scratch._data.targets import ClassTargets, IndicatorTargets
from skmlp_scratch._typing import Array, BoolArray, FloatArray, IntArray


def weights_by_class(
    class_weight: Any, targets: ClassTargets, classes: Array, dtype: np.dtype[Any]
) -> FloatArray:
    """Return the factor of each row's weight: that of its class, or the product over its labels.

    Parameters
    ----------
    class_weight : dict, 'balanced' or list of dict
        The estimator's parameter.
    targets : ClassTargets
        Encoded labels of the rows.
    classes : ndarray of shape (n_classes,)
        The label of each code.
    dtype : dtype
        Floating-point type of the weights.
    """
    if isinstance(targets, IndicatorTargets):
        factors = _products(class_weight, targets.indicators)
    else:
        codes: Any = targets.codes
        factors = _by_code(class_weight, codes, classes)[codes]
    if not (0 <= factors.min() <= factors.max() < np.inf):
        raise ValueError(f"class_weight must hold finite numbers >= 0, got {class_weight!r}.")
    weights = factors.astype(dtype)
    if ((weights == 0) != (factors == 0)).any() or not np.isfinite(weights).all():
        _refuse_range(class_weight, targets, dtype)
    return weights


def _by_code(class_weight: Any, codes: IntArray, classes: Array) -> FloatArray:
    """Return the factor of each class."""
    if isinstance(class_weight, str):
        counts = np.bincount(codes, minlength=len(classes))
        # As in scikit-learn, the number of classes that occur.
        return len(codes) / (np.count_nonzero(counts) * np.maximum(counts, 1))
    if not isinstance(class_weight, dict):
        raise ValueError(
            f"class_weight={class_weight!r} is a list, which is for several labels in each row. "
            "For one label in each row, give a dict {label: weight} or 'balanced'."
        )
    factors, is_given = np.ones(len(classes)), np.zeros(len(classes), bool)
    unknown = []
    for label, weight in class_weight.items():
        is_label = _equals(classes, label)
        factors[is_label], is_given = weight, is_given | is_label
        if not is_label.any():
            unknown.append(label)
    # Weights of all classes may have others beside them, of rows that a fold does not have.
    if unknown and not is_given.all():
        raise ValueError(
            f"class_weight has weights for {unknown!r}, which are no labels of y. Its labels are "
            f"{classes.tolist()!r}."
        )
    return factors


def _equals(classes: Array, label: Any) -> BoolArray:
    """Return which of the classes equal a label; a string equals no number."""
    if classes.dtype.kind in "mM":
        return np.asarray(classes == np.asarray(label))  # dates of any unit
    return np.array([bool(known == label) for known in classes.tolist()])


def _products(class_weight: Any, indicators: BoolArray) -> FloatArray:
    """Return the product of the factors of each row's labels, and of those it does not have."""
    n_samples, n_labels = indicators.shape
    if isinstance(class_weight, dict) or (
        not isinstance(class_weight, str) and len(class_weight) != n_labels
    ):
        raise ValueError(
            f"class_weight must be 'balanced' or a list of {n_labels} dicts {{0: weight, 1: "
            f"weight}}, one for each label of a row, got {class_weight!r}."
        )
    products = np.ones(n_samples)
    for label in range(n_labels):
        codes = indicators[:, label].astype(np.intp)
        factor = class_weight if isinstance(class_weight, str) else class_weight[label]
        products *= _by_code(factor, codes, np.array([0, 1]))[codes]
    return products


def _refuse_range(class_weight: Any, targets: ClassTargets, dtype: np.dtype[Any]) -> None:
    """Raise as factors are beyond the range of a type."""
    what = f"class_weight={class_weight!r:.80}"
    if targets.target_type == "multilabel":
        what += f" multiplies a factor for each of {targets.n_outputs} labels, and the products"
    else:
        what += " has factors that"
    raise ValueError(
        f"{what} are too small or too large for {dtype}. Pass sample_weight with weights of your "
        "own around 1 instead, for instance those of the rarest label of each row."
    )
