"""Columns of data frames that hold no numbers."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from skmlp_scratch._estimator.label_arrays import is_missing

ABOUT_NUMBERS = (
    "Turn them into numbers first: words by sklearn.preprocessing.OneHotEncoder, and dates or "
    "durations for instance into days, by (X - X.min()) / np.timedelta64(1, 'D')."
)


def check_columns(X: Any) -> None:
    """Raise if a frame, of pandas, polars or Arrow, has columns that hold no numbers.

    NumPy names no column, and polars turns dates into numbers without a word.
    """
    columns, numeric_types, wrong = [*_columns(X)], set(), {}
    if len({name for name, _ in columns}) < len(columns):
        return  # a name of several columns gives none of them; scikit-learn has a word on that
    for name, dtype in columns:
        if dtype in numeric_types:
            continue
        values = np.asarray(X[name])
        if values.dtype.kind in "biufc" and values.ndim == 1:
            numeric_types.add(dtype)
        elif (found := _find_wrong_type(values)) is not None:
            wrong[name] = found
    if wrong:
        raise ValueError(
            f"X has values that are not numbers in the columns {wrong!r:.500}. {ABOUT_NUMBERS}"
        )


def _columns(X: Any) -> Iterator[tuple[Any, Any]]:
    """Return name and type of each column of a frame; nothing for other containers."""
    if hasattr(X, "column_names") and hasattr(X, "schema"):
        return zip(X.column_names, X.schema.types, strict=True)
    return zip(getattr(X, "columns", ()), getattr(X, "dtypes", ()), strict=False)


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
        except (TypeError, ValueError):
            return type(value).__name__
    return None
