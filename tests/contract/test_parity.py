"""Step for step the same numbers as scikit-learn's own MLPClassifier, from the same seed.

`ours` and `theirs` are fitted with the same parameters on the same float64 data for at least ten
epochs, so that a difference in any step, draw or stop rule has time to grow. Left are roundings:
sums in another order.

warm_start is not compared: scikit-learn's drops the optimizer's memory and keeps a counter that
stops the next fit, where ours goes on exactly (`test_resume.py`).
"""

import re
from collections.abc import Callable
from functools import partial
from inspect import signature
from itertools import product
from typing import Any

import numpy as np
import pytest
import sklearn.neural_network._multilayer_perceptron as their_module
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from scipy import sparse
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier as Theirs
from sklearn.utils.multiclass import unique_labels

from skmlp_scratch import MLPClassifier as Ours

Data = tuple[NDArray[Any], NDArray[Any]]

# A fixed number of epochs, and not convergence, is what most tests compare after.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ACTIVATIONS = ["identity", "logistic", "tanh", "relu"]
SOLVERS = ["sgd", "adam", "lbfgs"]
CONTAINERS = [pytest.param(np.asarray, id="dense"), pytest.param(sparse.csr_array, id="sparse")]
SCHEDULES = ["constant", "invscaling", "adaptive"]
MOMENTA = {
    "plain": {"momentum": 0},
    "momentum": {"momentum": 0.9, "nesterovs_momentum": False},
    "nesterov": {"momentum": 0.9, "nesterovs_momentum": True},
}
SEED = 0
# Attributes that both have after training with any of the solvers.
FITTED = ["n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_"]

weighted = pytest.mark.skipif(
    "sample_weight" not in signature(Theirs.fit).parameters,
    reason="scikit-learn's MLPClassifier takes sample_weight since 1.7",
)


def make_both(**parameters: Any) -> tuple[Ours, Theirs]:
    """Return both estimators, unfitted."""
    parameters = {"random_state": SEED, "max_iter": 10, "hidden_layer_sizes": (10,)} | parameters
    return Ours(**parameters), Theirs(**parameters)


def fit_both(X: Any, y: Any, *weights: Any, **parameters: Any) -> tuple[Ours, Theirs]:
    """Return both estimators, fitted."""
    ours, theirs = make_both(**parameters)
    return ours.fit(X, y, *weights), theirs.fit(X, y, *weights)


def assert_equal(ours: Ours, theirs: Theirs, X: Any, rtol: float = 1e-6, atol: float = 0) -> None:
    """Compare everything that scikit-learn's estimator learns and predicts."""
    close = partial(assert_allclose, rtol=rtol, atol=atol)
    for name in FITTED:
        assert getattr(ours, name) == getattr(theirs, name), name
    assert_array_equal(ours.classes_, theirs.classes_)
    close(ours.loss_, theirs.loss_)
    if theirs.solver != "lbfgs":
        assert len(ours.loss_curve_) == len(theirs.loss_curve_) >= 10
        close(ours.loss_curve_, theirs.loss_curve_)
        if theirs.validation_scores_ is None:
            assert ours.validation_scores_ is ours.best_validation_score_ is None
            close(ours.best_loss_, theirs.best_loss_)
        else:
            assert ours.best_loss_ is None
            close(ours.validation_scores_, theirs.validation_scores_)
            close(ours.best_validation_score_, theirs.best_validation_score_)
    for our_layer, their_layer in zip(
        [*ours.coefs_, *ours.intercepts_], [*theirs.coefs_, *theirs.intercepts_], strict=True
    ):
        assert our_layer.shape == their_layer.shape
        close(our_layer, their_layer)
    close(ours.predict_proba(X), theirs.predict_proba(X))
    assert_array_equal(ours.predict(X), theirs.predict(X))


# --- the product of the options -----------------------------------------------------------------


@pytest.mark.parametrize("alpha", [0, 0.5])
@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(
    ("solver", "batch_size"), [*product(["sgd", "adam"], ["auto", 50]), ("lbfgs", "auto")]
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
    assert_equal(*fit_both(X, y, alpha=alpha, batch_size=batch_size, **options), X)


@pytest.mark.parametrize("momentum", MOMENTA)
@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_schedule_and_momentum(
    problem: Data, activation: str, schedule: str, momentum: str
) -> None:
    options = {"solver": "sgd", "activation": activation, "learning_rate": schedule}
    # With this tolerance, epochs that improve are few: adaptive cuts the learning rate up to three
    # times, the others stop, though not before ten epochs.
    rule = {"learning_rate_init": 0.05, "n_iter_no_change": 9, "tol": 0.1, "power_t": 0.3}
    ours, theirs = fit_both(
        *problem, max_iter=35, batch_size=60, **options, **rule, **MOMENTA[momentum]
    )
    assert_equal(ours, theirs, problem[0])


@weighted
@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(
    ("solver", "schedule"),
    [*product(["sgd"], SCHEDULES), ("adam", "constant"), ("lbfgs", "constant")],
)
def test_sample_weights(
    problem: Data, solver: str, schedule: str, activation: str, container: Callable[[Any], Any]
) -> None:
    X, y = container(problem[0]), problem[1]
    sample_weight = np.random.default_rng(0).integers(0, 4, len(y)) * 0.7
    options = {"solver": solver, "activation": activation, "learning_rate": schedule}
    assert_equal(*fit_both(X, y, sample_weight, alpha=0.1, batch_size=50, **options), X)


@pytest.mark.parametrize("sizes", [(), 7, [12, 8], np.array([9, 7, 5])], ids=str)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("solver", SOLVERS)
def test_any_number_of_hidden_layers(
    problem: Data, solver: str, activation: str, sizes: Any
) -> None:
    options = {"solver": solver, "activation": activation, "hidden_layer_sizes": sizes}
    assert_equal(*fit_both(*problem, **options), problem[0])


@pytest.mark.parametrize("batch_size", ["auto", 17, 1])
@pytest.mark.parametrize("solver", ["sgd", "adam"])
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


# --- stop rules ---------------------------------------------------------------------------------


@pytest.mark.parametrize("n_iter_no_change", [1, 4, 10, np.inf])
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_patience(iris: Data, solver: str, n_iter_no_change: float) -> None:
    ours, theirs = fit_both(
        *iris,
        solver=solver,
        n_iter_no_change=n_iter_no_change,
        learning_rate_init=0.03,
        tol=0.005,
        max_iter=60,
    )
    assert (theirs.n_iter_ < 60) == np.isfinite(n_iter_no_change)
    assert_equal(ours, theirs, iris[0])


@pytest.mark.parametrize("batch_size", ["auto", 40])
def test_adaptive_schedule_cuts_down_to_its_end(
    iris: Data, batch_size: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, theirs = make_both(
        solver="sgd",
        learning_rate="adaptive",
        learning_rate_init=0.1,
        batch_size=batch_size,
        tol=0.01,
        n_iter_no_change=2,
        max_iter=200,
        verbose=True,
    )
    cuts = []
    for model in (ours, theirs):
        model.fit(*iris)
        cuts.append(re.findall(r"Setting learning rate to ([\d.]+)", capsys.readouterr().out))
    assert cuts[0] == cuts[1]
    assert len(cuts[0]) == 8  # 0.1 / 5^8 is the first below 1e-6
    assert ours.n_iter_ < 200
    assert_equal(ours, theirs, iris[0])


@pytest.fixture
def stratified(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let scikit-learn's early stopping stratify more than two classes, as ours always does.

    scikit-learn's documentation promises it, but up to 1.9 at least its code does it for a single
    output only. Given the same strata, all that follows must be equal.
    """

    def split(X: Any, y: Any, *weights: Any, stratify: Any, **options: Any) -> Any:
        is_one_hot = y.shape[1] > 1 and (y.sum(axis=1) == 1).all()
        stratify = y.argmax(axis=1) if is_one_hot else stratify
        return train_test_split(X, y, *weights, stratify=stratify, **options)

    monkeypatch.setattr(their_module, "train_test_split", split)


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.usefixtures("stratified")
def test_early_stopping(
    problem: Data, solver: str, schedule: str, container: Callable[[Any], Any]
) -> None:
    X, y = container(problem[0]), problem[1]
    options = {"solver": solver, "learning_rate": schedule, "n_iter_no_change": 9}
    ours, theirs = fit_both(
        X, y, early_stopping=True, max_iter=35, learning_rate_init=0.02, tol=0.05, **options
    )
    assert_equal(ours, theirs, X)


@weighted
@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("validation_fraction", [0.15, 0.3])
@pytest.mark.usefixtures("stratified")
def test_early_stopping_with_sample_weights(
    problem: Data, validation_fraction: float, shuffle: bool
) -> None:
    sample_weight = np.random.default_rng(0).random(len(problem[0]))
    options = {"validation_fraction": validation_fraction, "shuffle": shuffle, "batch_size": 37}
    ours, theirs = fit_both(*problem, sample_weight, early_stopping=True, max_iter=20, **options)
    assert_equal(ours, theirs, problem[0])


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


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("activation", ["logistic", "relu"])
def test_lbfgs_is_equal_for_any_seed(problem: Data, activation: str, seed: int) -> None:
    """Line searches that overshoot to such mistakes included: some of these do."""
    options = {"solver": "lbfgs", "activation": activation, "random_state": seed}
    ours, theirs = fit_both(*problem, hidden_layer_sizes=(9, 7, 5), **options)
    assert_equal(ours, theirs, problem[0])


# --- step by step -------------------------------------------------------------------------------


@pytest.mark.parametrize("seed_kind", [int, np.random.RandomState])
@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_partial_fit(
    problem: Data, solver: str, schedule: str, seed_kind: Callable[[int], Any]
) -> None:
    """An int seed starts again with each call, a RandomState goes on: both as in scikit-learn."""
    X, y = problem
    ours, theirs = make_both(
        solver=solver,
        learning_rate=schedule,
        learning_rate_init=0.02,
        batch_size=25,
        n_iter_no_change=2,
        tol=0.05,
    )
    for model in (ours, theirs):
        model.set_params(random_state=seed_kind(SEED))
        for first in [0, 30, 60, 90] * 3:
            rows = slice(first, first + 40)  # the last piece is shorter
            model.partial_fit(X[rows], y[rows], classes=unique_labels(y))
    assert_equal(ours, theirs, X)


@weighted
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_partial_fit_with_sample_weights(problem: Data, solver: str) -> None:
    X, y = problem
    sample_weight = np.random.default_rng(0).random(len(X))
    ours, theirs = make_both(solver=solver, batch_size=25)
    for model in (ours, theirs):
        for _ in range(10):
            model.partial_fit(X, y, sample_weight, classes=unique_labels(y))
    assert_equal(ours, theirs, X)


def test_partial_fit_with_classes_that_come_late(iris: Data) -> None:
    X, y = iris  # sorted by class
    ours, theirs = make_both()
    for model in (ours, theirs):
        for first in range(0, 150, 15):
            rows = slice(first, first + 15)
            model.partial_fit(X[rows], y[rows], classes=[2, 0, 1])
    assert_equal(ours, theirs, X)


@pytest.mark.parametrize("warm_start", [True, False])
@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("problem", ["multiclass"], indirect=True)
def test_fit_then_partial_fit_then_fit(
    problem: Data, solver: str, schedule: str, warm_start: bool
) -> None:
    options = {"solver": solver, "learning_rate": schedule, "warm_start": warm_start}
    ours, theirs = fit_both(*problem, batch_size=64, **options)
    for model in (ours, theirs):
        for _ in range(3):
            model.partial_fit(*problem)
    assert_equal(ours, theirs, problem[0])
    for model in (ours, theirs):
        model.set_params(warm_start=False).fit(*problem)  # forgets all of it
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
        model.predict = lambda X, predict=model.predict: predict(X).toarray()
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


@pytest.mark.mnist
@pytest.mark.parametrize("solver", SOLVERS)
def test_mnist(mnist: dict[str, Data], solver: str) -> None:
    X, y = (part[:2000] for part in mnist["train"])
    X = X / 255.0
    assert_equal(*fit_both(X, y, solver=solver, learning_rate_init=0.01), X)
