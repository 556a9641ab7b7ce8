"""Tables of other libraries."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


class ArrowTable:
    """As much of Arrow's table as is needed. Its `columns` are arrays, not names."""

    def __init__(self, columns: Mapping[str, Any]) -> None:
        self.column_names = list(columns)
        self.columns = [np.array(column) for column in columns.values()]
        self.shape = len(self.columns[0]), len(columns)

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[self.column_names.index(name)]
