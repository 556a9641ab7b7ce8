"""The same numbers as scikit-learn's own MLPClassifier, from the same seed: options and data.

`ours` and `theirs` are fitted with the same parameters on the same float64 data for at least ten
epochs, so that a difference in any step, draw or stop rule has time to grow. Left are roundings:
sums in another order.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import sparse

from tests._helpers.data import CONTAINERS, Data
from tests._helpers.pairwise import all_pairs
from tests._helpers.parity import (
    ACTIVATIONS,
    PROBLEMS,
    SCHEDULES,
    SEED,
    SOLVERS,
    assert_equal,
    fit_both,
    make_both,
    they_take_weights,
)

MOMENTA: dict[str, dict[str, Any]] = {
    "plain": {"momentum": 0},
    "momentum": {"momentum": 0.9, "nesterovs_momentum": False},
    "nesterov": {"momentum": 0.9, "nesterovs_momentum": True},
}

# --- the product of the options -----------------------------------------------------------------


@all_pairs(
    indirect=["problem"],
    problem=PROBLEMS,
    solver=SOLVERS,
    activation=ACTIVATIONS,
    container=CONTAINERS,
    alpha=[0, 0.5],
    batch_size=["auto", 50],
)
def test_solver_activation_data_penalty_batch(
    problem: Data,
    solver: str,
    batch_size: Any,
    activation: str,
    container: Callable[[Any], Any],
    alpha: float,
) -> None:
    X, y = container(problem[0]), problem[1]
    options = {"solver": solver, "activation": activation}
    batch_size = "auto" if solver == "lbfgs" else batch_size
    assert_equal(*fit_both(X, y, alpha=alpha, batch_size=batch_size, **options), X)


@all_pairs(
    indirect=["problem"],
    problem=PROBLEMS,
    activation=ACTIVATIONS,
    schedule=SCHEDULES,
    momentum=MOMENTA,
)
def test_schedule_and_momentum(
    problem: Data, activation: str, schedule: str, momentum: str
) -> None:
    X, y = problem
    options: dict[str, Any] = {"solver": "sgd", "activation": activation}
    # With this tolerance, epochs that improve are few: adaptive cuts the learning rate up to three
    # times, the others stop, though not before ten epochs.
    options |= {"learning_rate": schedule, "learning_rate_init": 0.05, "power_t": 0.3}
    options |= {"n_iter_no_change": 9, "tol": 0.1}
    ours, theirs = fit_both(X, y, max_iter=35, batch_size=60, **options | MOMENTA[momentum])
    assert_equal(ours, theirs, problem[0])


@they_take_weights
@all_pairs(
    indirect=["problem"],
    problem=PROBLEMS,
    solver=SOLVERS,
    schedule=SCHEDULES,  # for SGD alone
    activation=ACTIVATIONS,
    container=CONTAINERS,
)
def test_sample_weights(
    problem: Data, solver: str, schedule: str, activation: str, container: Callable[[Any], Any]
) -> None:
    X, y = container(problem[0]), problem[1]
    sample_weight = np.random.default_rng(0).integers(0, 4, len(y)) * 0.7
    options = {"solver": solver, "activation": activation, "learning_rate": schedule}
    assert_equal(*fit_both(X, y, sample_weight, alpha=0.1, batch_size=50, **options), X)


@all_pairs(
    indirect=["problem"],
    problem=PROBLEMS,
    solver=SOLVERS,
    activation=ACTIVATIONS,
    sizes=[(), 7, [12, 8], np.array([9, 7, 5])],
)
def test_any_number_of_hidden_layers(
    problem: Data, solver: str, activation: str, sizes: Any
) -> None:
    options = {"solver": solver, "activation": activation, "hidden_layer_sizes": sizes}
    assert_equal(*fit_both(*problem, **options), problem[0])


@all_pairs(
    indirect=["problem"], problem=PROBLEMS, solver=["sgd", "adam"], batch_size=["auto", 17, 1]
)
def test_no_shuffle(problem: Data, solver: str, batch_size: Any) -> None:
    X, y = (part[:40] for part in problem)
    assert_equal(*fit_both(X, y, solver=solver, shuffle=False, batch_size=batch_size), X)


@pytest.mark.parametrize(
    "options",
    [
        {"beta_1": 0.5},
        {"beta_1": 0.0, "beta_2": 0.0},
        {"beta_2": 0.9},
        {"epsilon": 0.1},
        {"learning_rate_init": 0.1},
        {"solver": "sgd", "momentum": 1},
        {"solver": "sgd", "learning_rate": "invscaling", "power_t": 0},
        {"solver": "lbfgs", "max_fun": 12, "max_iter": 50},
        {"solver": "lbfgs", "tol": 0.05, "max_iter": 50},
    ],
    ids=str,
)
def test_numbers_of_the_solvers(problem: Data, options: dict[str, Any]) -> None:
    assert_equal(*fit_both(*problem, **options), problem[0])


# --- the one difference in the numbers ----------------------------------------------------------


@pytest.mark.filterwarnings("ignore:The largest value of X")
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("problem", ["binary", "multiclass"], indirect=True)
def test_mistakes_made_with_certainty_cost_the_same(problem: Data, solver: str) -> None:
    """Both losses of a row end at 36 = -log(2e-16)."""
    X, y = problem[0] * 1e4, problem[1]
    # So small a step, or large a tolerance, leaves the parameters as they were drawn.
    options = {"learning_rate_init": 1e-100} if solver != "lbfgs" else {"max_fun": 1, "tol": 1e9}
    ours, theirs = fit_both(X, y, solver=solver, alpha=0, max_iter=1, **options)
    assert_allclose(ours.loss_, theirs.loss_, rtol=1e-6)
    assert ours.loss_ > 10


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("activation", ["logistic", "relu"])
def test_lbfgs_is_equal_for_any_seed(problem: Data, activation: str, seed: int) -> None:
    """Line searches that overshoot to such mistakes included: some of these do."""
    options = {"solver": "lbfgs", "activation": activation, "random_state": seed}
    ours, theirs = fit_both(*problem, hidden_layer_sizes=(9, 7, 5), **options)
    assert_equal(ours, theirs, problem[0])


# --- labels, seeds, precision -------------------------------------------------------------------


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("problem", ["binary", "multiclass"], indirect=True)
def test_string_labels(problem: Data, solver: str) -> None:
    X, y = problem
    names = np.array([f"kind {9 - label}" for label in range(10)])  # not in the order of the codes
    ours, theirs = fit_both(X, names[y], solver=solver)
    assert_equal(ours, theirs, X)
    assert ours.predict(X).dtype == theirs.predict(X).dtype


def test_sparse_labels(multilabel: Data) -> None:
    X, y = multilabel
    ours, theirs = fit_both(X, sparse.csr_matrix(y))
    for model in (ours, theirs):
        assert sparse.issparse(model.predict(X))
        # From here on the labels are compared as arrays.
        vars(model)["predict"] = lambda X, predict=model.predict: predict(X).toarray()
    assert_equal(ours, theirs, X)


def test_single_class(binary: Data) -> None:
    X, _ = binary
    ours, theirs = fit_both(X, np.full(len(X), 7))
    assert_equal(ours, theirs, X)


@pytest.mark.parametrize("solver", SOLVERS)
def test_random_state_instance_is_left_at_the_same_place(multiclass: Data, solver: str) -> None:
    ours, theirs = make_both(solver=solver)
    for model in (ours, theirs):
        model.set_params(random_state=np.random.RandomState(SEED)).fit(*multiclass)
    assert_equal(ours, theirs, multiclass[0])
    assert ours.random_state.rand() == theirs.random_state.rand()


def test_global_random_state(multiclass: Data) -> None:
    ours, theirs = make_both(random_state=None)
    for model in (ours, theirs):
        np.random.seed(4)  # noqa: NPY002 - what random_state=None stands for
        model.fit(*multiclass)
    assert_equal(ours, theirs, multiclass[0])


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_float32(problem: Data, solver: str, activation: str) -> None:
    """In single precision, roundings of 6e-8 a step leave three digits after ten epochs."""
    X, y = problem[0].astype(np.float32), problem[1]
    ours, theirs = fit_both(X, y, solver=solver, activation=activation)
    # Relative to 1, the scale of weights and probabilities: small ones hold fewer digits.
    assert_equal(ours, theirs, X, rtol=1e-3, atol=1e-4)
    assert ours.predict_proba(X).dtype == theirs.predict_proba(X).dtype == np.float32
    assert {c.dtype for c in ours.coefs_} == {c.dtype for c in theirs.coefs_} == {X.dtype}


@pytest.mark.slow
@pytest.mark.mnist
@pytest.mark.parametrize("solver", SOLVERS)
def test_mnist(mnist: dict[str, Data], solver: str) -> None:
    X, y = (part[:2000] for part in mnist["train"])
    X = X / 255.0
    assert_equal(*fit_both(X, y, solver=solver, learning_rate_init=0.01), X)
