"""Small networks."""

from typing import Any

import numpy as np

from skmlp_scratch._network.initializers import INITIALIZERS
from skmlp_scratch._network.parameters import Architecture, Parameters

N_ROWS, N_FEATURES, N_OUTPUTS = 12, 6, 3
DTYPE = np.dtype(np.float64)


def make_parameters(
    rng_seed: int = 0,
    hidden: tuple[int, ...] = (5, 4),
    n_outputs: int = N_OUTPUTS,
    dtype: np.dtype[Any] = DTYPE,
) -> Parameters:
    """Return parameters as they are drawn for a network."""
    parameters = Parameters([N_FEATURES, *hidden, n_outputs], dtype)
    factors = [6] * len(parameters.coefs)
    parameters.initialize(INITIALIZERS["glorot"], factors, np.random.RandomState(rng_seed))
    return parameters


def make_architecture(
    hidden: tuple[int, ...] = (5, 4), activation: str = "tanh", n_outputs: int = N_OUTPUTS
) -> Architecture:
    """Return the layers of such parameters."""
    return Architecture((N_FEATURES, *hidden, n_outputs), (activation,) * len(hidden), DTYPE)
