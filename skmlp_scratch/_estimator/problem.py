"""Reading the data of a fit: checked once, and turned into numbers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils.validation import check_array, column_or_1d, validate_data

from skmlp_scratch._data.dataset import Dataset
from skmlp_scratch._data.targets import ClassTargets
from skmlp_scratch._estimator.class_weight import weights_by_class
from skmlp_scratch._estimator.draft import double
from skmlp_scratch._estimator.frames import ABOUT_NUMBERS, check_columns, to_numbers
from skmlp_scratch._estimator.label_arrays import to_label_array
from skmlp_scratch._estimator.labels import Labels, check_classes, find_classes, make_targets
from skmlp_scratch._estimator.options import Options, compute_dtype
from skmlp_scratch._estimator.sklearn_compat import (
    check_partial_fit_first_call,
    check_sample_weight,
)
from skmlp_scratch._network.parameters import LayerArrays, layer_shapes
from skmlp_scratch._network.predictor import check_finite_layers
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
            raise ValueError("X_val and y_val belong together: give both or neither.")
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
    feature_names : ndarray of shape (n_features,) or None
        Names of the features, if they have any.
    dtype : dtype
        Floating-point type to compute in.
    layers : LayerArrays or None
        The model's weights and biases, if training resumes from them.
    """

    train: Reading
    held_out: Reading | None
    labels: Labels
    feature_names: Array | None
    dtype: np.dtype[Any]
    layers: LayerArrays | None


def read_problem(model: Any, options: Options, request: Request) -> Problem:
    """Check the data of a fit, and turn them into numbers.

    Parameters
    ----------
    model : MLPClassifier
        The estimator, with what an earlier fit has left. It stays as it is.
    options : Options
        The estimator's parameters.
    request : Request
        The data, and what is asked for.
    """
    train, resumed, incremental = request.train, request.resumed, request.incremental
    reader = double(model)  # on which scikit-learn's helpers write what they find out
    if incremental:
        check_partial_fit_first_call(reader, to_label_array(request.classes, "classes"))
    X, y = read_rows(reader, train.X, train.y, "y", reset=not resumed)
    if resumed or incremental:
        classes = reader.classes_
        check_classes(y, classes, all_present=not incremental)
    else:
        classes = find_classes(y)
    layers = read_layers(model) if resumed else None
    dtype = compute_dtype(layers.dtype if layers else X.dtype, options.dtype)
    reading = _encode(X, y, train.sample_weight, options.class_weight, classes, dtype)
    labels = Labels(classes, reading.targets.target_type, sparse.issparse(y))
    if layers:
        check_finite_layers(layers)
        _check_outputs(reading.targets, model._target_type, model.n_outputs_)
        layer_sizes = (X.shape[1], *options.hidden_layer_sizes, reading.targets.n_outputs)
        _check_layer_sizes(layer_sizes, layers)
    held_out = _read_held_out(reader, request.held_out, labels, dtype)
    feature_names = getattr(reader, "feature_names_in_", None)
    return Problem(reading, held_out, labels, feature_names, dtype, layers)


def _read_held_out(
    reader: Any, samples: Samples | None, labels: Labels, dtype: np.dtype[Any]
) -> Reading | None:
    """Check the user's own validation data, if there are any."""
    if samples is None:
        return None
    try:
        X, y = read_rows(reader, samples.X, samples.y, "y_val", reset=False)
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


def read_rows(reader: Any, X: Any, y: Any, name: str, *, reset: bool) -> tuple[Any, Any]:
    """Return rows and labels as arrays, or sparse in CSR format; a column of labels as 1-D."""
    y = to_label_array(y, name)
    with np.errstate(all="ignore"):  # scikit-learn's search for NaN may overflow
        X, y = _validate(reader, X, y=y, multi_output=True, reset=reset)
    if y.ndim == 2 and y.shape[1] == 1:
        y = column_or_1d(y, warn=True)
    return X, y


def read_inputs(estimator: Any, X: Any) -> Any:
    """Return the rows to predict for as an array, or sparse in CSR format."""
    return X if _is_ready(estimator, X) else _validate(estimator, X, reset=False)


def _is_ready(estimator: Any, X: Any) -> bool:
    """Return whether scikit-learn's check would find nothing to do, in a twentieth of its time."""
    if type(X) is not np.ndarray or X.ndim != 2 or hasattr(estimator, "feature_names_in_"):
        return False
    if X.shape[1] != estimator.n_features_in_ or not len(X) or X.dtype.kind not in "biuf":
        return False
    return X.dtype.kind != "f" or bool(np.isfinite(np.add.reduce(X, axis=None)))


def _validate(estimator: Any, X: Any, **options: Any) -> Any:
    """Return what scikit-learn's check makes of the data, with rows of real numbers only."""
    check_columns(X)
    checked = validate_data(estimator, to_numbers(X), accept_sparse="csr", **options)
    rows, *labels = checked if isinstance(checked, tuple) else (checked,)
    if not (isinstance(rows, np.ndarray) or sparse.issparse(rows)):
        kind = f"{type(rows).__module__.partition('.')[0]}.{type(rows).__name__}"
        raise ValueError(
            f"X is of type {kind}, as set_config(array_api_dispatch=True) leaves it, but "
            f"{type(estimator).__name__} computes with NumPy. Pass np.asarray(X), or X.cpu()."
            "numpy() for PyTorch, or set array_api_dispatch=False."
        )
    if rows.dtype == object:  # from a frame or list of several types
        rows = check_array(rows, input_name="X", estimator=estimator)
    if rows.dtype.kind in "mM":
        raise ValueError(f"X has values of type {rows.dtype}. {ABOUT_NUMBERS}")
    return (rows, *labels) if labels else rows


def read_layers(model: Any) -> LayerArrays:
    """Return a model's weights and biases, which its user may have replaced, as float arrays."""
    try:
        coefs, intercepts = (
            [_to_floats(array) for array in arrays] for arrays in (model.coefs_, model.intercepts_)
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            "coefs_ and intercepts_ must be lists with an array of numbers for each layer, but "
            f"they are not: {error}"
        ) from error
    widths = [model.n_features_in_, *(intercept.size for intercept in intercepts)]
    found = [array.shape for array in (*coefs, *intercepts)]
    if not coefs or found != layer_shapes(widths) or widths[-1] != model.n_outputs_:
        raise ValueError(
            f"coefs_ and intercepts_ have the shapes {found}, which do not make a network of "
            f"{model.n_features_in_} features and {model.n_outputs_} output(s)."
        )
    dtype = compute_dtype(np.result_type(*{array.dtype for array in (*coefs, *intercepts)}), None)
    return LayerArrays(
        [coef.astype(dtype, copy=False) for coef in coefs],
        [intercept.astype(dtype, copy=False) for intercept in intercepts],
    )


def _to_floats(values: Any) -> FloatArray:
    """Return numbers as an array of floats."""
    array: Any = np.asarray(values)
    if array.dtype.kind not in "biufO":
        raise TypeError(f"an array has the type {array.dtype}.")
    return array if array.dtype.kind == "f" else array.astype(np.float64)  # type: ignore[no-any-return]


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
