"""Checks of the data."""

from typing import Any

import numpy as np
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import _check_sample_weight

from skmlp_scratch._data.targets import Targets
from skmlp_scratch._network.parameters import Layers
from skmlp_scratch._typing import Array


def check_numeric(X: Any) -> None:
    """Raise for dates and times, which scikit-learn's own check lets pass."""
    if X.dtype.kind in "mM":
        raise ValueError(
            f"X has values of type {X.dtype}. Turn them into numbers first, for instance into the "
            "days since the first one: (X - X.min()) / np.timedelta64(1, 'D')."
        )


def check_classes(y: Any, classes: Array, *, all_present: bool) -> None:
    """Raise unless the labels are known classes, or exactly those with `all_present`."""
    found = unique_labels(y)
    if all_present and set(found) != set(classes):
        raise ValueError(
            "warm_start can only be used where `y` has the same classes as in the previous call "
            f"to fit. Previously got {classes}, `y` has {found}."
        )
    if len(np.setdiff1d(found, classes, assume_unique=True)):
        raise ValueError(
            f"`y` has classes not in `self.classes_`. `self.classes_` has {classes}, "
            f"`y` has {found}."
        )


def check_outputs(targets: Targets, kind: str, n_outputs: int) -> None:
    """Raise unless the targets are of the same kind as a fitted model's."""
    if (targets.kind, targets.n_outputs) != (kind, n_outputs):
        raise ValueError(
            f"The fitted model has {n_outputs} {kind} output(s), but `y` asks for "
            f"{targets.n_outputs} {targets.kind} one(s): one label for each row and several "
            "labels for each row need models of their own. To train a new model, call fit with "
            "warm_start=False."
        )


def check_layer_sizes(layer_sizes: tuple[int, ...], layers: Layers) -> None:
    """Raise unless training can go on from a fitted model's layers."""
    if layer_sizes != layers.layer_sizes:
        raise ValueError(
            f"The fitted model has layers of {layers.layer_sizes} units, but hidden_layer_sizes "
            f"and the data now ask for {layer_sizes}. To train a new model, call fit with "
            "warm_start=False."
        )


def check_weights(
    sample_weight: Any, class_weight: Any, X: Any, y: Any, classes: Array, dtype: np.dtype[Any]
) -> Array | None:
    """Return the rows' weights, (n_rows,), in the type to compute in; None if all are 1."""
    weights = None
    if sample_weight is not None:
        weights = _check_sample_weight(sample_weight, X, dtype=dtype)
    if class_weight is not None:
        by_class = _weights_by_class(class_weight, y, classes).astype(dtype)
        if not (0 <= by_class.min() <= by_class.max() < np.inf):
            raise ValueError(f"class_weight must hold finite numbers >= 0, got {class_weight!r}.")
        weights = by_class if weights is None else weights * by_class
    if weights is not None and not weights.any():
        raise ValueError(
            "The weight of every row, sample_weight times class_weight, is zero, so there is "
            "nothing to learn from. At least one must be positive."
        )
    return weights


def _weights_by_class(class_weight: Any, y: Any, classes: Array) -> Array:
    """Return the weight of each row's class, or the product over its labels."""
    if y.ndim == 2:
        return compute_sample_weight(class_weight, y)  # type: ignore[no-any-return]
    weights = compute_class_weight(class_weight, classes=classes, y=y)
    return weights[np.searchsorted(classes, y)]  # type: ignore[no-any-return]
