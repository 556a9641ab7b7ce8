"""Checks of parameters and data before any work is done, of logits, and the split of rows."""

from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any
from warnings import warn

import numpy as np
from numpy.typing import DTypeLike

from skmlp_scratch._network.activations import ACTIVATIONS


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
