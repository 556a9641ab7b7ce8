"""Small models, how to compare and to interrupt them, and what memory a call takes."""

import gc
import tracemalloc
from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from skmlp_scratch import MLPClassifier


def make_model(**options: Any) -> MLPClassifier:
    """Return a small model that trains in milliseconds."""
    defaults = {"hidden_layer_sizes": (8,), "max_iter": 15, "random_state": 0, "batch_size": 40}
    return MLPClassifier(**defaults | options)


def same_parameters(one: Any, other: Any) -> bool:
    """Return whether two models have the same weights and biases, bit for bit and type for type."""
    ours, others = ([*model.coefs_, *model.intercepts_] for model in (one, other))
    return len(ours) == len(others) and all(map(_same, ours, others))


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return one.dtype == other.dtype and np.array_equal(one, other)


def interrupt(monkeypatch: pytest.MonkeyPatch, owner: type, method: str, number: int) -> None:
    """Let Ctrl-C come once, where a method is called for the `number`-th time."""
    function, calls = getattr(owner, method), count(1)

    def interrupted(*arguments: Any) -> Any:
        if next(calls) == number:
            raise KeyboardInterrupt
        return function(*arguments)

    monkeypatch.setattr(owner, method, interrupted)


def peak_of(function: Callable[[], Any]) -> int:
    """Return the most bytes that a call holds at a time."""
    gc.collect()
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
