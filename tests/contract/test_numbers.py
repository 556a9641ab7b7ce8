"""Numbers and sizes at the edge of what is possible: finite results or one clear error."""

import re
from collections.abc import Callable
from itertools import cycle
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from skmlp_scratch import MLPClassifier
from skmlp_scratch._network.activations import ACTIVATIONS
from tests._helpers.data import Array
from tests._helpers.models import SOLVERS, make_model
from tests._helpers.pairwise import all_pairs

pytestmark = [
    pytest.mark.filterwarnings("ignore:Hidden layer . outputs 0"),
    pytest.mark.filterwarnings("ignore:The largest value of X"),
]
NORMAL = np.random.default_rng(0).normal(size=(30, 4))
UNIT = NORMAL / abs(NORMAL).max()
EXTREMES: dict[str, Callable[[Any], Array]] = {
    "large": lambda _: UNIT * 1e30,
    "large, of one sign": lambda _: -abs(UNIT) * 1e30,
    "large and small": lambda _: UNIT * [1e30, 1e-30, 1, -1e30],
    "the largest": lambda dtype: UNIT * float(np.finfo(dtype).max),
    "tiny": lambda _: UNIT * 1e-30,
    "denormal": lambda dtype: UNIT * 4 * float(np.finfo(dtype).smallest_normal) / 7,
    "the smallest": lambda dtype: np.sign(UNIT) * float(np.finfo(dtype).smallest_subnormal),
    "zero": lambda _: UNIT * 0,
    "constant": lambda _: np.full_like(UNIT, 7),
    "one row": lambda _: UNIT[:1],
    "one feature": lambda _: UNIT[:, :1],
}


@pytest.mark.slow
@all_pairs(kind=EXTREMES, dtype=["float32", "float64"], solver=SOLVERS)
def test_extreme_input_gives_finite_results_or_an_error(kind: str, dtype: str, solver: str) -> None:
    with np.errstate(under="ignore"):
        X = EXTREMES[kind](dtype).astype(dtype)
    numbers = np.arange(len(X))
    labels = cycle([numbers % 2, numbers % 3, numbers[:, np.newaxis] >> np.arange(3) & 1])
    for activation, y in zip(ACTIVATIONS, labels, strict=False):
        model = make_model(
            activation=activation, solver=solver, max_iter=2, batch_size=1 if len(X) == 1 else 8
        )
        with np.errstate(all="raise"):  # nothing depends on how NumPy is set
            if may_overflow(kind, dtype, solver):
                check_finite_or_refused(model, X, y)
            else:
                check_finite(model, X, y)


def may_overflow(kind: str, dtype: str, solver: str) -> bool:
    """Return whether a sum of products can be too large for the type.

    A step of plain gradient descent is as large as the input, so that the next products are its
    square; the other solvers' steps do not grow with the input.
    """
    return kind == "the largest" or ("large" in kind and dtype == "float32" and solver == "sgd")


def check_finite(model: MLPClassifier, X: Array, y: Array) -> None:
    """Fit, and check that all results are finite."""
    model.fit(X, y)
    for method in ("predict_proba", "predict_log_proba", "logits"):
        assert np.isfinite(getattr(model, method)(X)).all()
    assert np.isfinite([*model.loss_curve_, model.loss_]).all()


def check_finite_or_refused(model: MLPClassifier, X: Array, y: Array) -> None:
    """Check that all results are finite, unless an error says that X is too large and a remedy."""
    try:
        check_finite(model, X, y)
    except ValueError as error:
        assert re.search(r"(values|too large).*(preprocessed|Scale X)", str(error))  # noqa: PT017


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])
@pytest.mark.parametrize("wide", ["float32", "float64"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_error_names_a_row_whose_outputs_overflow(
    n_classes: int, wide: str, container: Callable[[Array], Any]
) -> None:
    """A float32 model gets what is too large for its products, or for its type."""
    model = make_model(dtype="float32", batch_size=10).fit(UNIT, np.arange(30) % n_classes)
    X = UNIT.astype(wide)
    X[17] = 3e38 if wide == "float32" else 1e300
    for method in ("predict", "predict_proba", "logits", "hidden_activations"):
        with pytest.raises(ValueError, match=r"outputs for row 17 of X .* float32\. Scale X"):
            getattr(model, method)(container(X))


@pytest.mark.slow
@pytest.mark.parametrize("n_hidden", [0, 1, 2, 6])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_layers_of_one_unit(activation: str, n_hidden: int) -> None:
    model = make_model(hidden_layer_sizes=(1,) * n_hidden, activation=activation, batch_size=5)
    check_finite(model, NORMAL, np.arange(30) % 3)


@pytest.mark.parametrize("solver", ["sgd", "lbfgs"])
def test_the_users_own_code_runs_with_the_users_own_settings(solver: str) -> None:
    """What a scorer divides by zero is for its author to see."""
    seen = []

    def scorer(model: MLPClassifier, X: Array, y: Array) -> float:
        seen.append(np.geterr())
        return float(model.score(X, y))

    model = make_model(solver=solver, scoring=scorer, max_iter=2, batch_size=10)
    with np.errstate(divide="raise", invalid="print"):
        expected = np.geterr()
        model.fit(UNIT, np.arange(len(UNIT)) % 2, X_val=UNIT, y_val=np.arange(len(UNIT)) % 2)
    assert seen == [expected] * model.n_iter_
