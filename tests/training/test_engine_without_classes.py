"""The engine knows no classes: a network with one real-valued output, from three rooms alone."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.datasets import load_diabetes
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import scale

from skmlp_scratch._data.dataset import Dataset
from skmlp_scratch._network.initializers import Glorot
from skmlp_scratch._network.parameters import Architecture, Parameters
from skmlp_scratch._training.epochs import Listeners
from skmlp_scratch._training.objective import Objective
from skmlp_scratch._training.optimizers import Adam
from skmlp_scratch._training.schedules import Constant
from skmlp_scratch._training.state import TrainingState
from skmlp_scratch._training.stochastic import Stepper, StochasticSolver, Timetable
from skmlp_scratch._training.stopping import StopRule
from skmlp_scratch._typing import FloatArray, Rows


class RealTargets:
    n_outputs = 1

    def __init__(self, y: FloatArray) -> None:
        self.y = y

    def write(self, rows: Rows, out: FloatArray) -> None:
        out[0] = self.y[rows]


class RealSquaredError:
    def __init__(self, *_: object) -> None:
        pass

    def losses_and_gradient(self, logits: FloatArray, targets: FloatArray) -> FloatArray:
        logits -= targets
        return logits[0] ** 2 / 2


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_regression_equals_that_of_scikit_learn() -> None:
    X, y = load_diabetes(return_X_y=True)
    X, y = scale(X), scale(y)
    rng, dtype = np.random.RandomState(0), np.dtype(np.float64)
    architecture = Architecture((10, 16, 8, 1), ("relu", "relu"), dtype)
    ours = Parameters(architecture.layer_sizes, dtype)
    ours.initialize(Glorot, [6, 6, 6], rng)
    objective = Objective(
        ours,
        Dataset(X, RealTargets(y)),
        architecture,
        loss=RealSquaredError,
        alpha=1e-4,
        batch_size=50,
    )
    stepper = Stepper(objective, Adam(0.9, 0.999, 1e-8), Constant(0.01), Timetable(10, 9, False))
    state = TrainingState(solver="adam", random_state=rng, order=np.arange(len(y)))
    solver = StochasticSolver(
        stepper, state, StopRule(1e-4, 10), batch_size=50, shuffle=True, max_epochs=10
    )
    outcome = solver.run(Listeners([]))

    options = {"learning_rate_init": 0.01, "batch_size": 50, "max_iter": 10, "random_state": 0}
    theirs = MLPRegressor(hidden_layer_sizes=(16, 8), **options).fit(X, y)
    assert outcome.loss == pytest.approx(theirs.loss_, rel=1e-6)
    for our, their in zip(ours.coefs, theirs.coefs_, strict=True):
        assert_allclose(our, their, rtol=1e-6, atol=1e-12)
