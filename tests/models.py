"""Small models, how to compare them, and what memory a call takes."""

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
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


def peak_of(function: Callable[[], Any]) -> int:
    """Return the most bytes that a call holds at a time."""
    gc.collect()
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
