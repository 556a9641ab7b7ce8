"""Rows of any container as numbers, and errors for columns that hold none."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from skmlp_scratch._estimator.label_arrays import is_missing

ABOUT_NUMBERS = (
    "Turn them into numbers first: words by sklearn.preprocessing.OneHotEncoder, and dates or "
    "durations for instance into days, by (X - X.min()) / np.timedelta64(1, 'D')."
)


def column_names(X: Any) -> list[Any] | None:
    """Return the names of the columns of a data frame or an Arrow table, None for anything else."""
    # Of the class, as a frame of pandas has attributes of the names of its columns, too.
    for attribute in ("column_names", "columns"):
        if hasattr(type(X), attribute):
            return list(getattr(X, attribute))
    return None


def check_columns(X: Any) -> None:
    """Raise if a frame, of pandas, polars or Arrow, has columns that hold no numbers.

    NumPy names no column, and polars turns dates into numbers without a word.
    """
    columns, numeric_types, others = [*_columns(X)], set(), {}
    if len({name for name, _ in columns}) < len(columns):
        return  # scikit-learn has an error for columns of the same name
    for name, dtype in columns:
        if dtype in numeric_types:
            continue
        values = np.asarray(X[name])
        if values.dtype.kind in "biufc" and values.ndim == 1:
            numeric_types.add(dtype)
        else:
            others[name] = values
    _check_values(others)


def to_numbers(X: Any) -> Any:
    """Return lists, and arrays of objects or strings, as arrays of numbers; others as they are."""
    array = np.asarray(X) if isinstance(X, Sequence) else X
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "OSTU":
        return array
    if array.ndim != 2:
        return X  # scikit-learn has an error for other dimensions
    try:
        return array.astype(np.float64)
    except (OverflowError, TypeError, ValueError) as error:
        _check_values(dict(enumerate(array.T)), error)
        raise


def is_single(X: Any) -> bool:
    """Return whether an array, or a frame of NumPy's types, holds nothing but float32."""
    dtypes = getattr(X, "dtypes", None)
    if dtypes is None:
        dtypes = [getattr(X, "dtype", None)]
    return all(dtype == np.float32 for dtype in dtypes)


def _check_values(columns: dict[Any, Any], error: Exception | None = None) -> None:
    """Raise if columns of objects, strings or dates hold what is no number, and say where."""
    types = {name: _find_wrong_type(values) for name, values in columns.items()}
    if wrong := {name: found for name, found in types.items() if found is not None}:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        reason = f": {error}" if error else ""
        raise kind(
            f"X has values that are not numbers in the columns {wrong!r:.500}{reason}. "
            f"{ABOUT_NUMBERS}"
        ) from None
    missing = [name for name, values in columns.items() if any(map(is_missing, values))]
    if missing:
        raise ValueError(
            f"Input X contains NaN. Values are missing in the columns {missing!r:.500}. Leave "
            "those rows out, or fill them in, for instance by sklearn.impute.SimpleImputer."
        ) from None


def _columns(X: Any) -> Iterator[tuple[Any, Any]]:
    """Return name and type of each column of a frame; nothing for other containers."""
    names = column_names(X) if hasattr(X, "__array__") else None
    if names is None:
        return iter(())
    types = X.dtypes if hasattr(type(X), "dtypes") else X.schema.types
    return zip(names, types, strict=False)


def _find_wrong_type(values: Any) -> str | None:
    """Return the type of the first value that stands for no number, None if all do."""
    if values.ndim > 1:
        return f"{values.shape[1]} values in each row"
    if values.dtype.kind in "mM":
        return str(values.dtype)
    for value in values:
        try:
            if np.ndim(value):
                return type(value).__name__
            is_missing(value) or float(value)
        except (OverflowError, TypeError, ValueError):
            return type(value).__name__
    return None
