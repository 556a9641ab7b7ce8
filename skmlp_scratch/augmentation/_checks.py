"""Checks of the parameters, cheap enough for each batch."""

from math import inf
from numbers import Real
from typing import Any


def check_amount(owner: Any, name: str, *, above: float = -inf, below: float = inf) -> None:
    """Raise unless a parameter is a number between two bounds, and neither negative nor NaN."""
    value = getattr(owner, name)
    if isinstance(value, Real) and float(value) >= 0 and above < float(value) < below:
        return
    least = f"> {above:g}" if above >= 0 else ">= 0"
    most = f"< {below:g}" if below < inf else "finite"
    raise ValueError(
        f"The {name!r} parameter of {type(owner).__name__} must be a number {least} and {most}, "
        f"got {value!r}."
    )
