"""The parameters of an estimator, checked and in the form that the engine takes."""

from collections.abc import Iterable, Mapping, Set, ValuesView
from difflib import get_close_matches
from numbers import Integral, Real
from types import SimpleNamespace
from typing import Any, Self
from warnings import warn

import numpy as np
from numpy.typing import DTypeLike

from skmlp_scratch._network.activations import ACTIVATIONS
from skmlp_scratch._training.optimizers import OPTIMIZERS
from skmlp_scratch._training.schedules import Schedule, find_schedule

# What scikit-learn's MLPClassifier takes for the parameters that take more here.
SKLEARN_CHOICES = {
    "activation": ("identity", "logistic", "relu", "tanh"),
    "learning_rate": ("adaptive", "constant", "invscaling"),
    "solver": ("adam", "lbfgs", "sgd"),
}


class Options(SimpleNamespace):
    """The parameters of an estimator as they are when a fit begins.

    `hidden_layer_sizes` and `activation` have a value for each hidden layer; `dropout` has one for
    the inputs and one for each hidden layer. `last_activation` is the activation that the last
    layer's parameters are drawn for. The others are as the user has set them.
    """

    @classmethod
    def of(cls, estimator: Any) -> Self:
        """Read the parameters off an estimator."""
        values = {name: getattr(estimator, name) for name in parameter_names(estimator)}
        options = cls(**{name: plain(value) for name, value in values.items()})
        options.hidden_layer_sizes = check_hidden_layer_sizes(options.hidden_layer_sizes)
        n_hidden = len(options.hidden_layer_sizes)
        if not takes_batches(options.solver):
            check_full_batch_options(options)
        names = check_activations(options.activation, n_hidden)
        no_layer = options.activation if isinstance(options.activation, str) else "identity"
        options.last_activation = names[-1] if names else no_layer
        options.activation = names
        options.dropout = check_dropout(options.dropout, options.input_dropout, n_hidden)
        return options


def plain(value: Any) -> Any:
    """Return a NumPy scalar, such as grids hold, as a Python number, which takes any precision."""
    return value.item() if isinstance(value, np.generic) else value


def parameter_names(estimator: Any) -> Iterable[str]:
    """Return the names of an estimator's parameters, without a look at its signature."""
    return estimator._parameter_constraints  # type: ignore[no-any-return]


def parameter_advice(estimator: Any, error: Exception) -> str:
    """Return what the user may have meant by a parameter that an error refuses."""
    name = str(error).split("'")[1]
    value = getattr(estimator, name)
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if name == "learning_rate" and is_number:
        return f" It names a schedule; set learning_rate_init={value!s} for the rate itself."
    constraints = estimator._parameter_constraints[name]
    return closest(value, [o for c in constraints for o in getattr(c, "options", ())])


def closest(value: Any, choices: Iterable[Any]) -> str:
    """Return the sentence that suggests a name like the one that was given, "" if there is none."""
    if not isinstance(value, str) or not value:
        return ""
    given = value.lower()
    names = sorted((c for c in choices if isinstance(c, str)), key=lambda name: (len(name), name))
    longer = [name for name in names if name.startswith(given)]
    longer += [name for name in names if given in name]
    close = longer or get_close_matches(given, names, n=1, cutoff=0.65)
    return f" Did you mean {close[0]!r}?" if close else ""


def takes_batches(solver: str) -> bool:
    """Return whether a solver trains batch by batch, so that it can make a single pass."""
    return solver in OPTIMIZERS


def schedule_of(options: Options) -> type[Schedule]:
    """Return the learning-rate schedule that a stochastic solver follows."""
    is_adaptive = OPTIMIZERS[options.solver].is_adaptive
    return find_schedule(options.learning_rate, is_adaptive=is_adaptive)


def is_in_sklearn(name: str, value: Any) -> bool:
    """Return whether scikit-learn's MLPClassifier takes this value for one of its parameters."""
    choices = SKLEARN_CHOICES.get(name)
    return choices is None or (isinstance(value, str) and value in choices)


def check_hidden_layer_sizes(sizes: Any) -> tuple[int, ...]:
    """Return the hidden layers' widths, given as one whole number or an array-like of them."""
    values = _to_values("hidden_layer_sizes", sizes)
    widths = values if isinstance(values, list) else [values]
    for width in widths:
        if isinstance(width, bool) or not isinstance(width, Integral):
            raise ValueError(
                "hidden_layer_sizes must hold one whole number for each hidden layer, "
                f"got {width!r} in {sizes!r}."
            )
    if any(width <= 0 for width in widths):
        given = list(sizes) if np.ndim(sizes) else [sizes]
        raise ValueError(f"hidden_layer_sizes must be > 0, got {given}.")
    return tuple(int(width) for width in widths)


def check_activations(activation: Any, n_hidden: int) -> tuple[str, ...]:
    """Return the name of each hidden layer's activation, given as one name or as one for each."""
    values = _to_values("activation", activation)
    names = values if isinstance(values, list) else [values] * n_hidden
    for name in names:
        if not isinstance(name, str) or name not in ACTIVATIONS:
            raise ValueError(
                f"activation must hold names among {sorted(ACTIVATIONS)}, got {name!r}."
                f"{closest(name, ACTIVATIONS)}"
            )
    _check_one_for_each_layer("activation", names, n_hidden)
    return tuple(map(str, names))


def check_dropout(dropout: Any, input_dropout: float, n_hidden: int) -> list[float]:
    """Return the dropout rate of the inputs, then of each hidden layer."""
    values = _to_values("dropout", dropout)
    rates = values if isinstance(values, list) else [values] * n_hidden
    for rate in rates:
        if not isinstance(rate, Real) or not 0 <= float(rate) < 1:
            raise ValueError(f"dropout must hold numbers in [0, 1), got {rate!r} in {dropout!r}.")
    _check_one_for_each_layer("dropout", rates, n_hidden)
    return [float(rate) for rate in (input_dropout, *rates)]


def _to_values(name: str, values: Any) -> Any:
    """Return the values of any sequence as a list, and a single value as it is.

    Raises
    ------
    ValueError
        For a container without order, or of bytes.
    """
    if isinstance(values, Set | Mapping | bytes | bytearray):
        raise ValueError(
            f"{name} must be a list, tuple or array with a value for each hidden layer, in their "
            f"order, got {values!r}."
        )
    if isinstance(values, ValuesView):
        values = list(values)
    return np.asanyarray(values, object).tolist()


def _check_one_for_each_layer(name: str, values: Any, n_hidden: int) -> None:
    if len(values) != n_hidden:
        raise ValueError(
            f"{name} has {len(values)} entries, {values!r}, but hidden_layer_sizes asks for "
            f"{n_hidden} hidden layer(s). Give one value for all layers, or one for each."
        )


def check_full_batch_options(options: Options) -> None:
    """Raise if an option is on that only makes sense with a stochastic solver."""
    for name in ("dropout", "input_dropout", "max_norm", "clip_norm", "augment"):
        value = getattr(options, name)
        if np.any(value):
            raise ValueError(
                f"{name}={value!r} needs a stochastic solver: the line searches of "
                f"solver={options.solver!r} compare values of one fixed objective. Use "
                f"{' or '.join(map(repr, OPTIMIZERS))}, or leave {name} at its default."
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


def check_batch_size(batch_size: int | str, n_samples: int) -> int:
    """Return the number of rows in a batch, at most all of them."""
    if not isinstance(batch_size, str) and batch_size > n_samples:
        warn(
            f"Got `batch_size` larger than sample size: {batch_size} rows of {n_samples}. It is "
            "going to be clipped."
        )
    return min(largest_batch(batch_size), n_samples)


def largest_batch(batch_size: int | str) -> int:
    """Return the number of rows in a batch of a large data set."""
    return 200 if isinstance(batch_size, str) else batch_size
