"""Small networks."""

import numpy as np

from skmlp_scratch._network.initializers import INITIALIZERS
from skmlp_scratch._network.parameters import Architecture, Parameters

N_ROWS, N_FEATURES, N_OUTPUTS = 12, 6, 3
DTYPE = np.dtype(np.float64)


def make_parameters(rng_seed=0, hidden=(5, 4), n_outputs=N_OUTPUTS, dtype=DTYPE):
    parameters = Parameters([N_FEATURES, *hidden, n_outputs], dtype)
    factors = [6] * len(parameters.coefs)
    parameters.initialize(INITIALIZERS["glorot"], factors, np.random.RandomState(rng_seed))
    return parameters


def make_architecture(hidden=(5, 4), activation="tanh"):
    return Architecture((N_FEATURES, *hidden, N_OUTPUTS), (activation,) * len(hidden), DTYPE)
