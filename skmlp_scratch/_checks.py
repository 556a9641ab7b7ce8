"""Checks of parameters and data before any work is done, of logits, and the split of rows."""

from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any
from warnings import warn

import numpy as np
from numpy.typing import DTypeLike, NDArray
from sklearn.model_selection import train_test_split
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import _check_sample_weight

from skmlp_scratch._activations import ACTIVATIONS
from skmlp_scratch._batches import Dataset, Rows, Targets
from skmlp_scratch._network import Layers

Array = NDArray[Any]


def check_hidden_layer_sizes(sizes: Any) -> list[int]:
    """Return the hidden layers' widths, given as one whole number or an array-like of them."""
    widths = list(sizes) if isinstance(sizes, Iterable) else [sizes]
    for width in widths:
        if isinstance(width, bool) or not isinstance(width, Integral):
            raise ValueError(
                "hidden_layer_sizes must hold one whole number for each hidden layer, "
                f"got {width!r} in {sizes!r}."
            )
    if any(width <= 0 for width in widths):
        raise ValueError(f"hidden_layer_sizes must be > 0, got {widths}.")
    return [int(width) for width in widths]


def check_activations(activation: Any, n_hidden: int) -> tuple[str, ...]:
    """Return the name of each hidden layer's activation, given as one name or as one for each."""
    names = (activation,) * n_hidden if isinstance(activation, str) else tuple(activation)
    if unknown := [name for name in names if name not in ACTIVATIONS]:
        raise ValueError(
            f"activation must hold names among {sorted(ACTIVATIONS)}, got {unknown[0]!r}."
        )
    _check_one_for_each_layer("activation", names, n_hidden)
    return names


def check_dropout(dropout: Any, input_dropout: float, n_hidden: int) -> list[float]:
    """Return the dropout rate of the inputs, then of each hidden layer."""
    rates = [dropout] * n_hidden if isinstance(dropout, Real) else list(dropout)
    for rate in rates:
        if not isinstance(rate, Real) or not 0 <= float(rate) < 1:
            raise ValueError(f"dropout must hold numbers in [0, 1), got {rate!r} in {dropout!r}.")
    _check_one_for_each_layer("dropout", rates, n_hidden)
    return [float(rate) for rate in (input_dropout, *rates)]


def _check_one_for_each_layer(name: str, values: Any, n_hidden: int) -> None:
    if len(values) != n_hidden:
        raise ValueError(
            f"{name} has {len(values)} entries, {values!r}, but hidden_layer_sizes asks for "
            f"{n_hidden} hidden layer(s). Give one value for all layers, or one for each."
        )


def check_full_batch_options(**options: Any) -> None:
    """Raise if an option that only makes sense in stochastic training is on."""
    if used := [name for name, value in options.items() if np.any(value)]:
        raise ValueError(
            f"{used[0]}={options[used[0]]!r} needs a stochastic solver: the line searches of "
            "solver='lbfgs' compare values of one fixed objective. Use 'adam', 'adamw' or 'sgd', "
            f"or leave {used[0]} at its default."
        )


def compute_dtype(data_dtype: np.dtype[Any], override: DTypeLike | None) -> np.dtype[Any]:
    """Return the type to compute in: the one policy for all input.

    float32 and float64 keep their precision. Integers and booleans, pixels and counts mostly,
    compute in float32, and so does float16, which no processor's BLAS handles.
    """
    if override is not None:
        return np.dtype(override)
    is_wide = data_dtype.kind == "f" and data_dtype.itemsize >= 8
    return np.dtype(np.float64 if is_wide else np.float32)


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


def check_finite(logits: Array, first_row: int) -> None:
    """Raise unless the logits of some rows, (n_outputs, n_rows), are finite."""
    is_finite = np.isfinite(logits)
    if not is_finite.all():
        row = first_row + int(is_finite.all(axis=0).argmin())
        raise ValueError(
            f"The outputs for row {row} of X are too large for {logits.dtype}. Scale X as for the "
            "training, for instance with StandardScaler or input_scale."
        )


def check_split_weights(dataset: Dataset, training: Rows, validation: Rows) -> None:
    """Raise if a part of the data set has no weight at all."""
    for name, rows in {"train": training, "validate": validation}.items():
        if dataset.total_weight(rows) == 0:
            raise ValueError(
                f"early_stopping=True leaves nothing to {name} on: sample_weight is zero for all "
                "those rows. Change validation_fraction or random_state, or drop the rows of "
                "weight zero."
            )


def check_batch_size(batch_size: int | str, n_rows: int) -> int:
    """Return the number of rows in a batch, at most all of them."""
    if isinstance(batch_size, str):
        return min(200, n_rows)
    if batch_size > n_rows:
        warn(
            f"Got `batch_size` larger than sample size: {batch_size} rows of {n_rows}. It is "
            "going to be clipped."
        )
    return min(batch_size, n_rows)


def split_rows(
    targets: Targets,
    classes: Array,
    n_rows: int,
    validation_fraction: float,
    rng: np.random.RandomState,
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return row numbers for training and for validation, stratified unless multilabel.

    Drawn as scikit-learn's MLPClassifier does, which stratifies two classes only.
    """
    codes = targets.codes
    if codes is not None:
        _check_class_counts(codes, classes)
    try:
        training, validation = train_test_split(
            np.arange(n_rows), test_size=validation_fraction, random_state=rng, stratify=codes
        )
    except ValueError as error:
        raise ValueError(
            f"early_stopping=True could not set aside validation_fraction={validation_fraction} "
            f"of {n_rows} rows: {str(error).removesuffix('.')}. Increase 'validation_fraction' or "
            "the size of your dataset."
        ) from error
    if len(validation) < 2:
        raise ValueError(
            "The validation set is too small. Increase 'validation_fraction' or the size of your "
            "dataset."
        )
    return training, validation


def _check_class_counts(codes: Array, classes: Array) -> None:
    """Raise unless each class that occurs has a row to train on and one to validate on."""
    counts = np.bincount(codes)
    single = classes[: len(counts)][counts == 1]
    if len(single):
        raise ValueError(
            f"early_stopping=True needs at least 2 samples of each class, one to train on and one "
            f"to validate on, but y has 1 sample of class {single[0]}."
        )
