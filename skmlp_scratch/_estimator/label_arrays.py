"""Labels of every container and type as arrays that can be sorted and compared.

scikit-learn takes labels as NumPy types or strings. Frames, nullable columns and lists often give
arrays of objects instead: integers, booleans or dates are brought into a type of their own here,
strings stay as they are, and everything else is refused.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np
from scipy import sparse

from skmlp_scratch._typing import Array, IntArray


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
    array = _to_array(labels)
    if array.ndim == 0:
        example = f", for instance list({name})" if array.dtype == object else ""
        raise ValueError(
            f"{name} is of type {type(labels).__name__}, which is not an array of labels. Pass a "
            f"list or an array with a label for each row{example}."
        )
    _check_present(array, name)
    is_done = (array.dtype != object and not _has_no_unit(array)) or not array.size
    return array if is_done else _from_objects(array, name)


def find_labels(classes: Array, labels: list[Any]) -> IntArray:
    """Return the position of each label in sorted classes, -1 where no class equals it."""
    try:
        array = to_label_array(_wrap(labels), "labels")
    except ValueError:  # of several types, or of one that no class has
        if len(labels) == 1:
            return np.array([-1])
        return np.concatenate([find_labels(classes, [label]) for label in labels])
    if not are_comparable(classes, array):
        return np.full(len(labels), -1)
    positions = np.searchsorted(classes, array)
    return np.where(classes.take(positions, mode="clip") == array, positions, -1)


def is_like(classes: Array, label: Any) -> bool:
    """Return whether a label is of a type that classes have, so that they might include it."""
    try:
        return are_comparable(classes, to_label_array(_wrap([label]), "label"))
    except ValueError:
        return False


def _wrap(labels: list[Any]) -> Array:
    """Return an array of objects, in which a tuple is a single label."""
    wrapped = np.empty(len(labels), object)
    for i, label in enumerate(labels):
        wrapped[i] = label
    return wrapped


def are_comparable(labels: Array, others: Array) -> bool:
    """Return whether both are strings, or numbers, or dates, or durations."""
    return _FAMILIES[labels.dtype.kind] == _FAMILIES[others.dtype.kind]


# Objects are strings once they have passed `to_label_array`.
_FAMILIES = dict.fromkeys("UO", "strings") | dict.fromkeys("biuf", "numbers")
_FAMILIES |= {"M": "dates", "m": "durations"}


def _to_array(labels: Any) -> Array:
    """Return labels of any container as an array, of objects if NumPy might make them equal."""
    if isinstance(labels, np.ma.MaskedArray):
        mask, labels = np.ma.getmaskarray(labels), np.asarray(labels)
        if mask.any():
            labels = labels.astype(object)
            labels[mask] = None
    # In a list, NumPy turns numbers and NaN beside a string into strings.
    is_list = isinstance(labels, Sequence) and not isinstance(labels, str)
    array = np.array(labels, object) if is_list else np.asarray(labels)
    return array if array.dtype.kind in _FAMILIES else array.astype(object)


def _has_no_unit(array: Array) -> bool:
    """Return whether these are dates or durations without a unit."""
    return array.dtype.kind in "mM" and np.datetime_data(array.dtype)[0] == "generic"


def _check_present(array: Array, name: str) -> None:
    """Raise if a label is None, NaN, NA or NaT."""
    if array.dtype == object:
        missing = np.fromiter(map(is_missing, array.flat), bool, array.size)
    elif array.dtype.kind in "mM":
        missing = np.isnat(array).ravel()
    elif array.dtype.kind == "f":
        missing = np.isnan(array).ravel()
    else:
        return
    if missing.any():
        first = int(missing.argmax())
        raise ValueError(
            f"Input {name} contains NaN. Missing labels, NaN or other: {int(missing.sum())}; the "
            f"first, at position {first}, is {array.flat[first]!r}. Leave those rows out, or give "
            "them a label of their own."
        )


def is_missing(label: Any) -> bool:
    """Return whether a label is None, masked, NaN, NaT or NA."""
    if label is None or label is np.ma.masked:
        return True
    try:
        return bool(label != label)
    except (ArithmeticError, TypeError, ValueError):  # a signaling NaN, NA, an array
        return not hasattr(label, "__len__")


def _from_objects(array: Array, name: str) -> Array:
    """Return an array of objects in the type that all its labels have."""
    for types, convert in _CONVERSIONS.items():
        if all(isinstance(label, types) for label in array.flat):
            try:
                return convert(array.ravel().tolist()).reshape(array.shape)
            except (OverflowError, TypeError, ValueError):
                break  # too large, or of units that have none in common
    found = sorted({_describe(label) for label in array.flat})
    # As scikit-learn's message begins.
    start = "Complex data not supported: " if "complex" in found else ""
    raise ValueError(
        f"{start}{name} has labels of type {' and '.join(found)}. Labels must be of one type: "
        "64-bit integers, strings, booleans, dates without a time zone, or durations. Convert them "
        f"with {_CODE.get(type(array.flat[0]), _CODE[object]).format(name)}."
    )


def _describe(label: Any) -> str:
    """Return the name of a label's type, and what is unusual about it."""
    detail = " with a time zone" if getattr(label, "tzinfo", None) is not None else ""
    if isinstance(label, np.timedelta64) and _has_no_unit(np.asarray(label)):
        detail = " without a unit"
    return f"{type(label).__name__}{detail}"


def _to_bools(labels: list[Any]) -> Array:
    return np.array(labels, bool)


def _to_strings(labels: list[Any]) -> Array:
    # An enumeration's own method may return the name of a member, and not its value.
    return np.array([str.__str__(label) for label in labels], object)


def _to_numbers(labels: list[Any]) -> Array:
    # By itself, NumPy makes floats of integers beyond 63 bits, and objects of decimal numbers.
    if any(isinstance(label, np.timedelta64) for label in labels):
        raise TypeError
    kinds = "iu" if all(isinstance(label, Integral | np.bool_) for label in labels) else "iuf"
    for dtype in (None, np.int64 if max(labels) < 2**63 else np.uint64):
        numbers = np.array(labels, dtype)
        if numbers.dtype.kind in kinds and numbers.tolist() == labels:
            return numbers
    raise OverflowError


def _to_times(labels: list[Any]) -> Array:
    if any(getattr(label, "tzinfo", None) is not None for label in labels):
        raise TypeError
    times = [_to_numpy_time(label) for label in labels]
    array = np.array(times)
    if array.dtype == object or _has_no_unit(array):
        raise TypeError
    if any(time != again.astype(time.dtype) for time, again in zip(times, array, strict=True)):
        raise OverflowError
    return array


def _to_numpy_time(label: Any) -> Any:
    """Return a date or duration, also of pandas, as NumPy's."""
    if isinstance(label, np.datetime64 | np.timedelta64):
        return label
    for method in ("to_datetime64", "to_timedelta64"):
        if hasattr(label, method):
            return getattr(label, method)()
    return np.datetime64(label) if isinstance(label, date) else np.timedelta64(label)


# The first that fits: for Python, NumPy's durations and bools are numbers, too.
_CONVERSIONS: dict[tuple[type, ...], Callable[[list[Any]], Array]] = {
    (date, datetime, np.datetime64): _to_times,
    (timedelta, np.timedelta64): _to_times,
    (bool, np.bool_): _to_bools,
    (Real, np.bool_, Decimal): _to_numbers,
    (str,): _to_strings,
}

# How to convert labels of a type that is refused.
_CODE: dict[type, str] = {
    bytes: "[label.decode() for label in {0}]",
    **dict.fromkeys(
        (list, tuple, set, frozenset, np.ndarray),
        "sklearn.preprocessing.MultiLabelBinarizer().fit_transform({0}) if they are several labels",
    ),
    object: "[str(label) for label in {0}]",
}
