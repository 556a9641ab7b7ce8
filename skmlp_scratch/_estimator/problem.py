"""Reading the data of a fit: checked once, and turned into numbers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils.validation import column_or_1d, validate_data

from skmlp_scratch._data.dataset import Dataset
from skmlp_scratch._data.targets import ClassTargets
from skmlp_scratch._estimator.class_weight import weights_by_class
from skmlp_scratch._estimator.label_arrays import to_label_array
from skmlp_scratch._estimator.labels import Labels, check_classes, find_classes, make_targets
from skmlp_scratch._estimator.options import Options, compute_dtype
from skmlp_scratch._estimator.sklearn_compat import (
    check_partial_fit_first_call,
    check_sample_weight,
)
from skmlp_scratch._network.parameters import LayerArrays
from skmlp_scratch._typing import Array, FloatArray


@dataclass(frozen=True)
class Samples:
    """Rows, labels and sample weights as the user gave them."""

    X: Any
    y: Any
    sample_weight: Any = None

    @classmethod
    def held_out(cls, X_val: Any, y_val: Any, sample_weight_val: Any) -> "Samples | None":
        """Return the user's validation data, None if there are none."""
        if X_val is None and y_val is None and sample_weight_val is None:
            return None
        if X_val is None or y_val is None:
            raise ValueError("X_val and y_val belong together, but only one of them was given.")
        return cls(X_val, y_val, sample_weight_val)


@dataclass(frozen=True)
class Request:
    """A call of `fit` or `partial_fit`.

    Parameters
    ----------
    train : Samples
        Training data.
    held_out : Samples or None
        The user's own validation data.
    resumed : bool
        Whether training resumes from the model's parameters.
    incremental : bool
        Whether it is a single pass by `partial_fit`, whose labels need not include all classes.
    classes : array-like or None, default=None
        The classes that were given to `partial_fit`.
    """

    train: Samples
    held_out: Samples | None
    resumed: bool
    incremental: bool
    classes: Any = None


@dataclass(frozen=True)
class Reading:
    """Checked rows and labels, in numeric terms.

    Parameters
    ----------
    dataset : Dataset
        Inputs, targets, and weights with those of the classes.
    targets : ClassTargets
        The targets, as what they are.
    y : array of shape (n_samples,) or (n_samples, n_labels)
        The labels, for scorers.
    sample_weight : ndarray of shape (n_samples,) or None
        The user's own weights; None if all are 1.
    """

    dataset: Dataset
    targets: ClassTargets
    y: Any
    sample_weight: FloatArray | None


@dataclass(frozen=True)
class Problem:
    """What there is to learn.

    Parameters
    ----------
    train : Reading
        Training data.
    held_out : Reading or None
        The user's own validation data.
    labels : Labels
        What the outputs stand for.
    dtype : dtype
        Floating-point type to compute in.
    layers : LayerArrays or None
        The model's weights and biases, if training resumes from them.
    """

    train: Reading
    held_out: Reading | None
    labels: Labels
    dtype: np.dtype[Any]
    layers: LayerArrays | None


def read_problem(draft: Any, options: Options, request: Request) -> Problem:
    """Check the data of a fit, and turn them into numbers.

    Parameters
    ----------
    draft : MLPClassifier
        Where scikit-learn's helpers write what they find out, and what an earlier fit has left.
    options : Options
        The estimator's parameters.
    request : Request
        The data, and what is asked for.
    """
    train, resumed, incremental = request.train, request.resumed, request.incremental
    if incremental:
        check_partial_fit_first_call(draft, to_label_array(request.classes, "classes"))
    X, y = read_rows(draft, train.X, train.y, "y", reset=not resumed)
    if resumed or incremental:
        check_classes(y, draft.classes_, all_present=not incremental)
    else:
        draft.classes_ = find_classes(y)
    layers = read_layers(draft) if resumed else None
    dtype = compute_dtype(layers.dtype if layers else X.dtype, options.dtype)
    reading = _encode(X, y, train.sample_weight, options.class_weight, draft.classes_, dtype)
    labels = Labels(draft.classes_, reading.targets.target_type, sparse.issparse(y))
    if layers:
        _check_outputs(reading.targets, draft._target_type, draft.n_outputs_)
        layer_sizes = (X.shape[1], *options.hidden_layer_sizes, reading.targets.n_outputs)
        _check_layer_sizes(layer_sizes, layers)
    held_out = _read_held_out(draft, request.held_out, labels, dtype)
    return Problem(reading, held_out, labels, dtype, layers)


def _read_held_out(
    draft: Any, samples: Samples | None, labels: Labels, dtype: np.dtype[Any]
) -> Reading | None:
    """Check the user's own validation data, if there are any."""
    if samples is None:
        return None
    try:
        X, y = read_rows(draft, samples.X, samples.y, "y_val", reset=False)
        check_classes(y, labels.classes, all_present=False)
        reading = _encode(X, y, samples.sample_weight, None, labels.classes, dtype)
    except ValueError as error:
        raise ValueError(
            f"The validation data X_val, y_val and sample_weight_val cannot be used: {error}"
        ) from error
    if reading.targets.target_type != labels.target_type:
        raise ValueError(
            f"y_val has {reading.targets.target_type} labels, but y has {labels.target_type} "
            "ones; both must have the same form."
        )
    return reading


@np.errstate(all="ignore")  # scikit-learn's search for NaN may overflow
def read_rows(draft: Any, X: Any, y: Any, name: str, *, reset: bool) -> tuple[Any, Any]:
    """Return rows and labels as arrays, or sparse in CSR format; a column of labels as 1-D."""
    y = to_label_array(y, name)
    with _naming_dates(X):
        X, y = validate_data(draft, X, y, accept_sparse="csr", multi_output=True, reset=reset)
    check_numeric(X)
    if y.ndim == 2 and y.shape[1] == 1:
        y = column_or_1d(y, warn=True)
    return X, y


@np.errstate(all="ignore")
def read_inputs(estimator: Any, X: Any) -> Any:
    """Return the rows to predict for as an array, or sparse in CSR format."""
    with _naming_dates(X):
        X = validate_data(estimator, X, accept_sparse="csr", reset=False)
    check_numeric(X)
    return X


def read_layers(model: Any) -> LayerArrays:
    """Return a model's weights and biases, which its user may have replaced, as float arrays."""
    arrays = [np.asarray(array) for array in (*model.coefs_, *model.intercepts_)]
    n_layers = len(model.coefs_)
    widths = [model.n_features_in_, *(array.size for array in arrays[n_layers:])]
    expected = [*pairwise(widths), *((width,) for width in widths[1:])]
    found = [array.shape for array in arrays]
    if found != expected or widths[-1] != model.n_outputs_:
        raise ValueError(
            f"coefs_ and intercepts_ have the shapes {found}, which do not make a network of "
            f"{model.n_features_in_} features and {model.n_outputs_} output(s)."
        )
    dtype = compute_dtype(np.result_type(*arrays), None)
    arrays = [array.astype(dtype, copy=False) for array in arrays]
    return LayerArrays(arrays[:n_layers], arrays[n_layers:])


def check_numeric(X: Any) -> None:
    """Raise for dates and times, which scikit-learn's own check lets pass."""
    if X.dtype.kind in "mM":
        raise ValueError(f"X has values of type {X.dtype}. {_ABOUT_DATES}")


_ABOUT_DATES = (
    "Turn dates and durations into numbers first, for instance into the days since the first one: "
    "(X - X.min()) / np.timedelta64(1, 'D')."
)


@contextmanager
def _naming_dates(X: Any) -> Iterator[None]:
    """Name the columns of dates of a frame that cannot be read as numbers."""
    try:
        yield
    except (TypeError, ValueError) as error:
        names = [name for name in getattr(X, "columns", ()) if _holds_times(X[name])]
        if not names:
            raise
        raise ValueError(
            f"X has dates or durations in the columns {names}. {_ABOUT_DATES}"
        ) from error


def _holds_times(column: Any) -> bool:
    """Return whether a column of a frame holds dates, times of day or durations."""
    values = np.asarray(column)
    return values.dtype.kind in "mM" or isinstance(
        next(iter(values.flat), None), date | time | timedelta
    )


def _encode(
    X: Any, y: Any, sample_weight: Any, class_weight: Any, classes: Array, dtype: np.dtype[Any]
) -> Reading:
    """Return checked rows and labels in numeric terms, without a copy of `X`."""
    if sample_weight is not None:
        sample_weight = check_sample_weight(sample_weight, X, dtype=dtype)
    targets = make_targets(y, classes)
    weights = sample_weight
    if class_weight is not None:
        weights = weights_by_class(class_weight, targets, classes, dtype)
        if sample_weight is not None:
            weights = weights * sample_weight
    if weights is not None and not weights.any():
        raise ValueError(
            "The weight of every row, sample_weight times class_weight, is zero, so there is "
            "nothing to learn from. At least one must be positive."
        )
    return Reading(Dataset(X, targets, weights), targets, y, sample_weight)


def _check_outputs(targets: ClassTargets, target_type: str, n_outputs: int) -> None:
    """Raise unless the targets are of the same type as a fitted model's."""
    if (targets.target_type, targets.n_outputs) != (target_type, n_outputs):
        raise ValueError(
            f"The fitted model has {n_outputs} {target_type} output(s), but `y` asks for "
            f"{targets.n_outputs} {targets.target_type} one(s): one label for each row and several "
            "labels for each row need models of their own. To train a new model, call fit with "
            "warm_start=False."
        )


def _check_layer_sizes(layer_sizes: tuple[int, ...], layers: LayerArrays) -> None:
    """Raise unless training can resume from a fitted model's layers."""
    if layer_sizes != layers.layer_sizes:
        raise ValueError(
            f"The fitted model has layers of {layers.layer_sizes} units, but hidden_layer_sizes "
            f"and the data now ask for {layer_sizes}. To train a new model, call fit with "
            "warm_start=False."
        )
