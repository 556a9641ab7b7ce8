"""Hints for the user about data and networks that hardly learn."""

from collections.abc import Iterator
from math import ceil
from typing import Any

import numpy as np

from skmlp_scratch._network.parameters import Architecture, Layers
from skmlp_scratch._network.predictor import MIN_CHUNK_ROWS, Predictor

WILD = 1e3


def hints(X: Any, layers: Layers, architecture: Architecture) -> Iterator[str]:
    """Yield what a look at some rows of the training set gives reason to say.

    Parameters
    ----------
    X : ndarray, or CSR array or matrix, of shape (n_rows, n_features)
        The training set.
    layers : Layers
        The trained parameters.
    architecture : Architecture
        Of the network.
    """
    # One chunk is enough; from all over, as rows may be sorted by class.
    X = X[:: ceil(X.shape[0] / MIN_CHUNK_ROWS)]
    largest = _largest_value(X) * architecture.input_scale
    if largest > WILD or 0 < largest < 1 / WILD:
        yield (
            f"The largest value of X, times input_scale={architecture.input_scale:g}, is "
            f"{largest:.3g}. Networks learn best from features around 1: scale X, for instance "
            "with StandardScaler, or set input_scale."
        )
    for number in _dead_layers(X, layers, architecture):
        yield (
            f"Hidden layer {number} gives 0 for every row, whatever its units get, so that the "
            "network has stopped learning. Lower learning_rate_init, scale X, or use "
            "activation='leaky_relu'."
        )


def _largest_value(X: Any) -> float:
    """Return the largest absolute value of a dense array or CSR matrix."""
    values = X if isinstance(X, np.ndarray) else X.data
    if not values.size:
        return 0.0
    return max(abs(float(values.max())), abs(float(values.min())))


@np.errstate(all="ignore")  # as in the training itself
def _dead_layers(X: Any, layers: Layers, architecture: Architecture) -> list[int]:
    """Return the number, from 1, of each hidden layer whose units are all off in all rows."""
    predictor = Predictor(X, architecture)
    [(_, workspace)] = predictor.chunks(layers)
    outputs = enumerate(workspace.outputs[:-1], start=1)
    return [number for number, output in outputs if not output.any()]
