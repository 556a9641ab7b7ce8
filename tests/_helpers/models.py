"""Small models, and what memory a call takes."""

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

from skmlp_scratch import MLPClassifier

SOLVERS = ["sgd", "adam", "adamw", "lbfgs"]
STOCHASTIC = ["sgd", "adam", "adamw"]


def make_model(**options: Any) -> MLPClassifier:
    """Return a small model that trains in milliseconds."""
    defaults: dict[str, Any] = {
        "hidden_layer_sizes": (8,),
        "max_iter": 15,
        "random_state": 0,
        "batch_size": 40,
    }
    return MLPClassifier(**defaults | options)


def peak_of(function: Callable[[], Any]) -> int:
    """Return the most bytes that a call holds at a time."""
    gc.collect()
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
