"""What activations and losses need of an ONNX graph, to describe themselves as nodes of one."""

from typing import Any, Protocol

import numpy as np

from skmlp_scratch._typing import Array


class Graph(Protocol):
    """A graph under construction, which computes in one floating-point type."""

    @property
    def dtype(self) -> type[np.floating[Any]]:
        """The type to compute in, float32 or float64."""

    def add(self, op_type: str, *inputs: str | float | Array, **attributes: Any) -> str:
        """Add a node and return the name of its output.

        Inputs are names of outputs, or numbers, which become constants of the graph's type.
        """

    def cast(self, x: str, dtype: Any) -> str:
        """Add a node that converts to another type."""
