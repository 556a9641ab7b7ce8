"""The weights of classes: a factor of the sample weight of each row."""

from collections.abc import Mapping
from typing import Any
from warnings import warn

import numpy as np

from skmlp_scratch._data.targets import ClassTargets, IndicatorTargets
from skmlp_scratch._estimator.label_arrays import find_labels, is_like
from skmlp_scratch._typing import Array, BoolArray, FloatArray, IntArray

# Where fewer than one row in so many has half of all weight, the other rows hardly count.
FEW_ROWS = 50
_REMEDY = (
    "Pass sample_weight with weights of your own around 1 instead, for instance those of the "
    "rarest label of each row."
)


def weights_by_class(
    class_weight: Any, targets: ClassTargets, classes: Array, dtype: np.dtype[Any]
) -> FloatArray:
    """Return the factor of each row's weight: that of its class, or the product over its labels.

    Parameters
    ----------
    class_weight : mapping, 'balanced' or list of mapping
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
        _warn_of_few_rows(class_weight, targets, factors)
    else:
        codes: Any = targets.codes
        factors = _by_code(class_weight, codes, classes)[codes]
    with np.errstate(over="ignore"):
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
    if not isinstance(class_weight, Mapping):
        raise ValueError(
            f"class_weight={class_weight!r} is a list, which is for several labels in each row. "
            "For one label in each row, give a dict {label: weight} or 'balanced'."
        )
    labels, factors = list(class_weight), np.ones(len(classes))
    weights = np.array([_to_factor(class_weight[label], label) for label in labels])
    positions = find_labels(classes, labels)
    is_known = positions >= 0
    factors[positions[is_known]] = weights[is_known]
    unknown = [label for label, known in zip(labels, is_known, strict=True) if not known]
    if len(np.unique(positions[is_known])) == len(classes):
        # Labels of the same type may be those of rows outside this fold.
        unknown = [label for label in unknown if not is_like(classes, label)]
    if unknown:
        raise ValueError(
            f"class_weight has weights for {unknown!r:.300}, which are not labels of y. Its labels "
            f"are {classes}, of type {type(classes[0]).__name__}."
        )
    return factors


def _to_factor(weight: Any, label: Any) -> float:
    """Return the weight of a label as a float."""
    try:
        factor = np.nan if isinstance(weight, str | bytes) else float(weight)
    except (TypeError, ValueError, OverflowError):
        factor = np.nan
    if not 0 <= factor < np.inf:
        raise ValueError(
            f"class_weight must hold finite numbers >= 0, got {weight!r:.80} for the label "
            f"{label!r}."
        )
    return factor


def _products(class_weight: Any, indicators: BoolArray) -> FloatArray:
    """Return the product of the factors of each row's labels, and of those it does not have."""
    n_samples, n_labels = indicators.shape
    is_list = isinstance(class_weight, list) and all(isinstance(c, Mapping) for c in class_weight)
    if not (isinstance(class_weight, str) or (is_list and len(class_weight) == n_labels)):
        raise ValueError(
            f"class_weight must be 'balanced' or a list of {n_labels} dicts {{0: weight, 1: "
            f"weight}}, one for each label of a row, got {class_weight!r}."
        )
    products, is_zero = np.ones(n_samples), np.zeros(n_samples, bool)
    for label in range(n_labels):
        codes = indicators[:, label].astype(np.intp)
        factor = class_weight if isinstance(class_weight, str) else class_weight[label]
        factors = _by_code(factor, codes, np.array([0, 1]))[codes]
        is_zero |= factors == 0
        with np.errstate(over="ignore"):
            products *= factors
    products[(products == 0) & ~is_zero] = np.nan  # too small for a float
    return products


def _refuse_range(class_weight: Any, targets: ClassTargets, dtype: np.dtype[Any]) -> None:
    """Raise the error for factors beyond the range of a type."""
    what = f"class_weight={class_weight!r:.80} has factors that"
    if targets.codes is None:
        what = f"{_multiplies(class_weight, targets)}, and the products"
    raise ValueError(f"{what} are too small or too large for {dtype}. {_REMEDY}")


def _warn_of_few_rows(class_weight: Any, targets: ClassTargets, products: FloatArray) -> None:
    """Warn if half of the total weight lies on very few rows."""
    weights = np.sort(products[products > 0])[::-1]
    n_half = int(np.searchsorted(np.cumsum(weights), weights.sum() / 2)) + 1
    if FEW_ROWS * n_half < len(weights):
        warn(
            f"{_multiplies(class_weight, targets)}, so that half of the weight lies on {n_half} of "
            f"{len(weights)} rows. {_REMEDY}"
        )


def _multiplies(class_weight: Any, targets: ClassTargets) -> str:
    return (
        f"class_weight={class_weight!r:.80} multiplies a factor for each of {targets.n_outputs} "
        "labels"
    )
