"""Names for the types of arrays."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
FloatArray = NDArray[Any]
Rows = slice | NDArray[np.integer[Any]]
