"""The types of arrays, named once."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

Array = NDArray[Any]
FloatArray = NDArray[np.floating[Any]]
IntArray = NDArray[np.integer[Any]]
BoolArray = NDArray[np.bool_]

# What selects a batch: a slice with both ends, which costs nothing, or an array of row numbers.
Rows = slice | IntArray

# What users may pass for rows.
MatrixLike = ArrayLike | sparse.sparray | sparse.spmatrix
