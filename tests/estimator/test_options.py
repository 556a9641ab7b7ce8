"""Options as the network takes them."""

import numpy as np

from skmlp_scratch import MLPClassifier
from skmlp_scratch._estimator.options import Options, check_dropout


def test_input_dropout_is_that_of_the_inputs() -> None:
    assert check_dropout([0.2, 0.3], 0.1, n_hidden=2) == [0.1, 0.2, 0.3]
    assert check_dropout(0.2, 0.1, n_hidden=2) == [0.1, 0.2, 0.2]


def test_numbers_of_numpy_are_as_good_as_those_of_python() -> None:
    """In float32, NumPy computes with a float64 of its own in double precision."""
    model = MLPClassifier(alpha=np.float64(0.1), max_iter=np.int64(3), learning_rate_init=0.1)
    options = vars(Options.of(model))
    assert [type(options[name]) for name in ("alpha", "max_iter", "solver")] == [float, int, str]
