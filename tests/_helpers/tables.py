"""Tables of other libraries."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


class ArrowTable:
    """As much of Arrow's table as is needed. Its `columns` are arrays, not names."""

    def __init__(self, columns: Mapping[str, Any]) -> None:
        self._columns = {name: np.array(column) for name, column in columns.items()}
        self.shape = len(self.columns[0]), len(columns)

    @property
    def column_names(self) -> list[str]:
        return list(self._columns)

    @property
    def columns(self) -> list[NDArray[Any]]:
        return list(self._columns.values())

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._columns[name]
