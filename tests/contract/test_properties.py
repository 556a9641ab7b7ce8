"""What holds for the estimator whatever the data and the parameters are.

Sizes, types and parameters are drawn by Hypothesis, the numbers behind them from a seed.
``pytest tests/contract/test_properties.py --hypothesis-profile=long`` tries 50 times as many.
"""

import pickle
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from skmlp_scratch import MLPClassifier
from skmlp_scratch._network.activations import ACTIVATIONS
from skmlp_scratch._network.initializers import INITIALIZERS
from tests._helpers.compare import assert_close_models, assert_same_training
from tests._helpers.data import LABELS, Array
from tests._helpers.models import STOCHASTIC

# Few epochs and wild data are what these tests are about.
pytestmark = [
    pytest.mark.slow,  # hundreds of examples for each property
    pytest.mark.filterwarnings("ignore:Hidden layer . outputs 0"),
    pytest.mark.filterwarnings("ignore:The largest value of X"),
    pytest.mark.filterwarnings("ignore:.* has no effect with"),  # as options are drawn at random
]

# A case is two fits or more, so that there are fewer of them than elsewhere.
some_cases = settings(max_examples=settings.default.max_examples // 8)

# --- data and parameters ------------------------------------------------------------------------

KINDS = ["int", "uint8", "float", "str", "str objects"]
TYPES = ["float32", "float64", "float16", "uint8", "int16", "bool"]
LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "C": np.ascontiguousarray,
    "Fortran": np.asfortranarray,
    "every other row": lambda X: np.repeat(X, 2, axis=0)[::2],
    "backwards": lambda X: np.ascontiguousarray(X[::-1, ::-1])[::-1, ::-1],
}


@dataclass
class Problem:
    """Rows, what to learn of them, and how much each one counts."""

    X: Array
    y: Array
    weights: Array | None

    def fit(self, model: MLPClassifier) -> MLPClassifier:
        return model.fit(self.X, self.y, self.weights)


@st.composite
def problems(
    draw: st.DrawFn, types: Iterable[str] = TYPES, kinds: Iterable[int] = (0, 2, 3, 4)
) -> Problem:
    """Rows of a type in a layout, and 2 to 4 classes in equal parts, or 0 for three labels."""
    n_rows, n_features, n_classes = draw(
        st.tuples(st.integers(8, 40), st.integers(1, 8), st.sampled_from([*kinds]))
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    X = (rng.normal(scale=2, size=(n_rows, n_features)) + 1).round(2)
    X = LAYOUTS[draw(st.sampled_from([*LAYOUTS]))](abs(X).astype(draw(st.sampled_from([*types]))))
    if n_classes == 0:
        y = rng.integers(0, 2, (n_rows, 3))
    else:
        codes = rng.permutation(np.arange(n_rows) % n_classes)
        y = LABELS[draw(st.sampled_from(KINDS))](codes)
    weights = {
        "none": None,
        "whole": rng.integers(1, 4, n_rows),
        "real": rng.random(n_rows) + 0.1,
        "some zero": rng.integers(0, 2, n_rows) * 1.5 + (np.arange(n_rows) < 1),
    }[draw(st.sampled_from(["none", "whole", "real", "some zero"]))]
    return Problem(X, y, weights)


@st.composite
def parameters(
    draw: st.DrawFn, solvers: Iterable[str] = (*STOCHASTIC, "lbfgs"), **fixed: Any
) -> dict[str, Any]:
    """Parameters of a small network that trains for a few epochs, in float64."""
    drawn = {
        "hidden_layer_sizes": draw(st.lists(st.integers(1, 9), max_size=3)),
        "activation": draw(st.sampled_from(sorted(ACTIVATIONS))),
        "solver": draw(st.sampled_from([*solvers])),
        "learning_rate": draw(st.sampled_from(["constant", "invscaling", "adaptive"])),
        "learning_rate_init": draw(st.sampled_from([1e-3, 1e-2])),
        "alpha": draw(st.sampled_from([0, 1e-4, 1.0])),
        "batch_size": draw(st.integers(1, 8)),
        "max_iter": draw(st.integers(1, 6)),
        "momentum": draw(st.sampled_from([0, 0.9, 1])),
        "nesterovs_momentum": draw(st.booleans()),
        "loss": draw(st.sampled_from(["log_loss", "squared_error"])),
        "label_smoothing": draw(st.sampled_from([0, 0.1])),
        "init": draw(st.sampled_from(sorted(INITIALIZERS))),
        "shuffle": draw(st.booleans()),
        "random_state": draw(st.integers(0, 2**32 - 1)),
        "dtype": "float64",
    }
    return drawn | fixed


def rounding(options: dict[str, Any]) -> dict[str, float]:
    """Return how far the rounding of sums in another order may be carried by the steps."""
    if options["solver"] == "lbfgs":  # whose line searches compare nearly equal losses
        return {"rtol": 1e-3, "atol": 1e-4}
    return {"rtol": 1e-6, "atol": 1e-7}


# --- what a fit leaves alone --------------------------------------------------------------------


@some_cases
@given(
    problem=problems(),
    options=parameters(dtype=None, batch_size=4, validation_fraction=0.5),
    as_sparse=st.booleans(),
    early_stopping=st.booleans(),
)
def test_fit_and_predictions_change_neither_parameters_nor_input(
    problem: Problem, options: dict[str, Any], as_sparse: bool, early_stopping: bool
) -> None:
    # Some weights would leave nothing to validate on.
    options["early_stopping"] = early_stopping and problem.weights is None
    if as_sparse and problem.X.dtype != np.float16:  # which SciPy does not have
        problem.X = sparse.csr_array(problem.X)
    model, before, given_options = MLPClassifier(**options), deepcopy(problem), deepcopy(options)
    assert problem.fit(model) is model
    model.predict(problem.X), model.predict_proba(problem.X), model.predict_log_proba(problem.X)

    assert model.get_params() == MLPClassifier(**given_options).get_params()
    dense = [p.X.toarray() if sparse.issparse(p.X) else p.X for p in (problem, before)]
    assert_array_equal(*dense, strict=True)
    assert_array_equal(problem.y, before.y, strict=True)
    if before.weights is not None:
        assert_array_equal(problem.weights, before.weights, strict=True)


# --- what does not matter -----------------------------------------------------------------------


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/pull/30155")
@some_cases
@given(
    problem=problems(),
    # Not 'invscaling', whose rate falls with the number of rows.
    options=parameters(shuffle=False, learning_rate="adaptive"),
    data=st.data(),
)
def test_whole_weights_are_repeated_rows(
    problem: Problem, options: dict[str, Any], data: st.DataObject
) -> None:
    n_rows = len(problem.X)
    times = np.array(data.draw(st.lists(st.integers(0, 3), min_size=n_rows, max_size=n_rows)))
    axis = 0 if problem.y.ndim == 2 else None  # without need, objects are refused
    _, firsts = np.unique(problem.y, axis=axis, return_index=True)
    times[firsts] += 1  # each class stays
    weighted, repeated = (
        MLPClassifier(**options | {"batch_size": n}) for n in (n_rows, int(times.sum()))
    )
    weighted.fit(problem.X, problem.y, times)
    repeated.fit(np.repeat(problem.X, times, axis=0), np.repeat(problem.y, times, axis=0))
    assert_close_models(weighted, repeated, **rounding(options))


@some_cases
@given(problem=problems(), options=parameters(), seed=st.integers(0, 2**32 - 1))
def test_the_order_of_rows_does_not_matter_in_a_single_batch(
    problem: Problem, options: dict[str, Any], seed: int
) -> None:
    options["batch_size"] = len(problem.X)
    order = np.random.default_rng(seed).permutation(len(problem.X))
    weights = None if problem.weights is None else problem.weights[order]
    shuffled = Problem(problem.X[order], problem.y[order], weights)
    models = [each.fit(MLPClassifier(**options)) for each in (problem, shuffled)]
    assert_close_models(*models, **rounding(options))


@some_cases
@given(
    problem=problems([name for name in TYPES if name != "float16"]),
    options=parameters(),
    container=st.sampled_from([sparse.csr_array, sparse.csc_matrix, sparse.coo_array]),
)
def test_sparse_and_dense_rows_give_the_same(
    problem: Problem, options: dict[str, Any], container: Callable[[Any], Any]
) -> None:
    problem.X[problem.X < 1] = 0
    same = replace(problem, X=container(problem.X))
    dense, other = (each.fit(MLPClassifier(**options)) for each in (problem, same))
    assert_close_models(dense, other, **rounding(options))
    assert_allclose(
        other.predict_proba(same.X), dense.predict_proba(problem.X), **rounding(options)
    )


@some_cases
@given(
    problem=problems(["float32"]),
    # A larger epsilon, as Adam else makes whole steps of the rounding of a gradient that is 0.
    options=parameters(STOCHASTIC, epsilon=1e-3, dtype=None),
)
def test_float32_is_near_float64(problem: Problem, options: dict[str, Any]) -> None:
    problem.X *= np.float32(0.1)  # so that no row's loss reaches the cap, which the types differ in
    double = replace(problem, X=problem.X.astype(np.float64))
    ours, theirs = (each.fit(MLPClassifier(**options)) for each in (problem, double))
    assert {part.dtype for part in ours.coefs_} == {np.dtype(np.float32)}
    assert {part.dtype for part in theirs.coefs_} == {np.dtype(np.float64)}
    assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-3)
    assert_allclose(ours.predict_proba(problem.X), theirs.predict_proba(double.X), atol=1e-3)


def fresh(problem: Problem, options: dict[str, Any]) -> MLPClassifier:
    """Return a model with its parameters as they are drawn, to be trained by its next fit."""
    model = MLPClassifier(**options | {"solver": "lbfgs", "tol": 1e300, "warm_start": True})
    return problem.fit(model).set_params(**options, tol=1e-4)


@some_cases
@given(problem=problems(kinds=(0, 3, 4)), options=parameters(), seed=st.integers(0, 2**32 - 1))
def test_permuting_classes_permutes_outputs(
    problem: Problem, options: dict[str, Any], seed: int
) -> None:
    """With the initial weights of the outputs permuted likewise."""
    if problem.y.ndim == 2:
        order = np.random.default_rng(seed).permutation(3)
        y = problem.y[:, order]
    else:
        classes, codes = np.unique(problem.y, return_inverse=True)
        order = np.random.default_rng(seed).permutation(len(classes))
        y = classes[np.argsort(order)[codes]]
    permuted = replace(problem, y=y)
    models = [fresh(each, options) for each in (problem, permuted)]
    models[1].coefs_[-1] = models[0].coefs_[-1][:, order]
    models[1].intercepts_[-1] = models[0].intercepts_[-1][order]
    for model, each in zip(models, (problem, permuted), strict=True):
        each.fit(model)
    assert_allclose(
        models[1].logits(problem.X),
        models[0].logits(problem.X)[:, order],
        **rounding(options),
    )


@some_cases
@given(problem=problems(kinds=(2,)), options=parameters())
def test_swapping_two_classes_negates_the_logits(problem: Problem, options: dict[str, Any]) -> None:
    """With the initial weights of the output negated likewise."""
    classes, codes = np.unique(problem.y, return_inverse=True)
    swapped = replace(problem, y=classes[1 - codes])
    models = [fresh(each, options) for each in (problem, swapped)]
    models[1].coefs_[-1] = -models[1].coefs_[-1]
    models[1].intercepts_[-1] = -models[1].intercepts_[-1]
    for model, each in zip(models, (problem, swapped), strict=True):
        each.fit(model)
    logits = [model.logits(problem.X) for model in models]
    assert_allclose(logits[1], -logits[0], **rounding(options))


# --- pickling -----------------------------------------------------------------------------------

regularizers = st.fixed_dictionaries(
    {
        "dropout": st.sampled_from([0.0, 0.3]),
        "input_dropout": st.sampled_from([0.0, 0.2]),
        "max_norm": st.sampled_from([None, 0.8]),
        "clip_norm": st.sampled_from([None, 0.1]),
    }
)


@some_cases
@given(
    problem=problems(),
    options=parameters(STOCHASTIC, dtype=None, warm_start=True),
    more=regularizers,
    n_epochs=st.lists(st.integers(1, 3), min_size=1, max_size=4),
)
def test_pickling_after_any_epoch_changes_nothing(
    problem: Problem, options: dict[str, Any], more: dict[str, Any], n_epochs: list[int]
) -> None:
    whole, parts = (MLPClassifier(**options | more) for _ in range(2))
    problem.fit(whole.set_params(max_iter=sum(n_epochs)))
    for n in n_epochs:
        parts = pickle.loads(pickle.dumps(problem.fit(parts.set_params(max_iter=n))))
    assert_same_training(whole, parts)
