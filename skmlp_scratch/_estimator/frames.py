"""Columns of data frames that hold no numbers."""

from typing import Any

import numpy as np

from skmlp_scratch._estimator.label_arrays import is_missing

ABOUT_NUMBERS = (
    "Turn them into numbers first: words by sklearn.preprocessing.OneHotEncoder, and dates or "
    "durations for instance into days, by (X - X.min()) / np.timedelta64(1, 'D')."
)


def check_columns(X: Any) -> None:
    """Raise if a frame, of pandas or polars, has columns that hold no numbers.

    NumPy names no column, and polars turns dates into numbers without a word.
    """
    if not (hasattr(X, "columns") and hasattr(X, "dtypes")):
        return
    numeric_types, wrong = set(), {}
    for name, dtype in zip(X.columns, X.dtypes, strict=True):
        if dtype in numeric_types:
            continue
        values = np.asarray(X[name])
        if values.dtype.kind in "biufc":
            numeric_types.add(dtype)
        elif (found := _find_wrong_type(values)) is not None:
            wrong[name] = found
    if wrong:
        raise ValueError(
            f"X has values that are not numbers in the columns {wrong!r:.500}. {ABOUT_NUMBERS}"
        )


def _find_wrong_type(values: Any) -> str | None:
    """Return the type of the first value that stands for no number, None if all do."""
    if values.dtype.kind in "mM":
        return str(values.dtype)
    for value in values.flat:
        try:
            is_missing(value) or float(value)
        except (TypeError, ValueError):
            return type(value).__name__
    return None
