"""Labels of every container and type as arrays that can be sorted and compared.

scikit-learn takes labels as NumPy types or strings. Frames, nullable columns and lists often give
arrays of objects instead: integers, booleans or dates are brought into a type of their own here,
strings stay as they are, and everything else is refused.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from numbers import Integral, Real
from typing import Any

import numpy as np
from scipy import sparse

from skmlp_scratch._typing import Array


def to_label_array(labels: Any, name: str) -> Any:
    """Return labels as an array, with their own shape; a sparse matrix as it is.

    Parameters
    ----------
    labels : array-like or sparse matrix
        Labels, or indicators of several labels.
    name : str
        Name of the parameter, for errors.

    Raises
    ------
    ValueError
        If labels are missing, of several types, or of one that has no order.
    """
    if labels is None or sparse.issparse(labels):
        return labels
    array = np.asarray(labels)
    if array.dtype.kind == "T":
        array = array.astype(object)
    _check_present(array, name)
    if array.dtype.kind == "S":
        raise ValueError(
            f"{name} holds labels of type bytes, whose encoding is not known. Decode them, for "
            f"instance by np.char.decode({name}, 'utf-8')."
        )
    return _from_objects(array, name) if array.dtype == object and array.size else array


def _check_present(array: Array, name: str) -> None:
    """Raise if a label is None, NaN, NA or NaT."""
    if array.dtype == object:
        is_missing = np.fromiter(map(_is_missing, array.flat), bool, array.size)
    elif array.dtype.kind in "mM":
        is_missing = np.isnat(array).ravel()
    elif array.dtype.kind == "f":
        is_missing = np.isnan(array).ravel()
    else:
        return
    if is_missing.any():
        first = int(is_missing.argmax())
        raise ValueError(
            f"Input {name} contains NaN. {int(is_missing.sum())} of its labels are missing; the "
            f"first, at position {first}, is {array.flat[first]!r}. Leave those rows out, or give "
            "them a label of their own."
        )


def _is_missing(label: Any) -> bool:
    """Return whether a label is None, NaN, NaT or NA, of which only the last has no truth."""
    if label is None:
        return True
    try:
        return bool(label != label)
    except (TypeError, ValueError):
        return not hasattr(label, "__len__")


def _from_objects(array: Array, name: str) -> Array:
    """Return an array of objects in the type that all its labels have."""
    for types, convert in _CONVERSIONS.items():
        if all(isinstance(label, types) for label in array.flat):
            converted = convert(array.ravel().tolist())
            if converted.dtype == object and types != (str,):
                break
            return converted.reshape(array.shape)
    found = sorted({type(label).__name__ for label in array.flat})
    raise ValueError(
        f"{name} is an array of type object with labels of type {' and '.join(found)}, which "
        "cannot be sorted as one type. Make them integers of 64 bits, strings, booleans or dates, "
        f"for instance by {name}.astype(str)."
    )


def _to_bools(labels: list[Any]) -> Array:
    return np.array(labels, bool)


def _to_strings(labels: list[Any]) -> Array:
    return np.array([str(label) for label in labels], object)


def _to_numbers(labels: list[Any]) -> Array:
    numbers: Array = np.array(labels)
    is_whole = all(isinstance(label, Integral) for label in labels)
    # Integers beyond 64 bits become objects, and some of mixed signs floats.
    return numbers if numbers.dtype.kind in ("iu" if is_whole else "f") else numbers.astype(object)


def _to_times(labels: list[Any]) -> Array:
    if any(getattr(label, "tzinfo", None) is not None for label in labels):
        return np.array(labels, object)
    return np.array([_to_numpy_time(label) for label in labels])


def _to_numpy_time(label: Any) -> Any:
    """Return a date or duration, also of pandas, as NumPy's."""
    for method in ("to_datetime64", "to_timedelta64"):
        if hasattr(label, method):
            return getattr(label, method)()
    return np.datetime64(label) if isinstance(label, date) else np.timedelta64(label)


# The first that fits: a bool is an integer, and an integer a real number.
_CONVERSIONS: dict[tuple[type, ...], Callable[[list[Any]], Array]] = {
    (bool, np.bool_): _to_bools,
    (Integral, Real): _to_numbers,
    (str,): _to_strings,
    (date, datetime, np.datetime64): _to_times,
    (timedelta, np.timedelta64): _to_times,
}
