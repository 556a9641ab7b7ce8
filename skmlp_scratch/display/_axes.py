"""Axes of a new figure."""

from typing import Any


def new_axes(width: float, height: float) -> Any:
    """Return axes in a figure of their own, in inches."""
    try:
        import matplotlib.pyplot as plt  # noqa: PLC0415  (optional, and only for drawing)
    except ImportError as error:
        raise ImportError(
            'Displays are drawn with matplotlib: pip install "skmlp-scratch[examples]".'
        ) from error
    return plt.subplots(figsize=(width, height), layout="constrained")[1]
