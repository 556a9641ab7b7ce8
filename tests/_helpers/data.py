"""Data and kinds of data that tests share."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

Data = tuple[NDArray[Any], NDArray[Any]]
Array = NDArray[Any]
Quarters = tuple[Array, Array, Array, Array]  # rows and labels to train on, and others

CONTAINERS = [pytest.param(np.asarray, id="dense"), pytest.param(sparse.csr_array, id="sparse")]

# Codes from 0 to 9 to labels that stand for them; of some kinds, there are only one or two.
LABELS: dict[str, Callable[[Array], Any]] = {
    "int": lambda codes: codes - 3,
    "uint8": lambda codes: codes.astype(np.uint8),
    "float": lambda codes: codes * 0.5e9,
    "str": lambda codes: np.array([f"{9 - code} ☘" for code in codes]),  # in another order
    "str objects": lambda codes: np.array([f"{9 - code}th" for code in codes], dtype=object),
    "two ints": lambda codes: np.where(codes % 2, 7, -7),
    "two strs": lambda codes: np.where(codes % 2, "odd", "even"),
    "bool": lambda codes: codes % 2 == 1,
    "dates": lambda codes: np.array(["2020-02-29", "2021-01-01"], "M8[D]")[codes % 2],
    "one int": lambda codes: np.full(len(codes), 5),
    "indicators": lambda codes: codes[:, np.newaxis] >> np.arange(4) & 1,
    "sparse indicators": lambda codes: sparse.csr_matrix(codes[:, np.newaxis] >> np.arange(4) & 1),
}


def halves(X: Any, y: Any) -> tuple[Any, Any, Any, Any]:
    """Return every other row to train on, and the rows between."""
    return X[::2], X[1::2], y[::2], y[1::2]
