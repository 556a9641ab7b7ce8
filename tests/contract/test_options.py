"""Each option changes the result, and they work together.

That training resumes exactly with each is in `test_resume.py`, their gradients are in
`training/test_objective.py`.
"""

from collections.abc import Callable
from inspect import signature
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

from skmlp_scratch import MLPClassifier
from skmlp_scratch._network.activations import ACTIVATIONS
from skmlp_scratch._network.initializers import INITIALIZERS
from skmlp_scratch.augmentation import GaussianNoise, ImageDeformation
from tests._helpers.compare import same_parameters
from tests._helpers.data import CONTAINERS, Data
from tests._helpers.models import make_model
from tests._helpers.pairwise import all_pairs

SGD: dict[str, Any] = {"solver": "sgd"}
LBFGS: dict[str, Any] = {"solver": "lbfgs"}
STOPS: dict[str, Any] = {"tol": 1.0, "n_iter_no_change": 2}
CHANGES: dict[str, list[tuple[dict[str, Any], Any]]] = {
    "hidden_layer_sizes": [({}, (9,)), ({}, (8, 8)), ({}, ())],
    "activation": [({}, name) for name in sorted(ACTIVATIONS.keys() - {"relu"})]
    + [({"hidden_layer_sizes": (8, 7)}, ["relu", "tanh"])],
    "solver": [({}, "sgd"), ({}, "lbfgs"), ({}, "adamw")],
    "alpha": [({}, 1.0), (SGD, 1.0), (LBFGS, 1.0)],
    "batch_size": [({}, 20), ({}, "auto")],
    "learning_rate": [(SGD, "invscaling"), (SGD | STOPS, "adaptive")]
    + [(solver, name) for solver in ({}, SGD) for name in ("linear", "cosine", "one_cycle")]
    + [({}, lambda step: 0.01 / (1 + step))],
    "learning_rate_init": [({}, 0.01), (SGD, 0.01)],
    "power_t": [(SGD | {"learning_rate": "invscaling"}, 0.3)],
    "max_iter": [({}, 16), (SGD, 16), (LBFGS, 16)],
    "shuffle": [({}, False), (SGD, False)],
    "random_state": [({}, 1), (SGD, 1), (LBFGS, 1)],
    "tol": [({"n_iter_no_change": 2}, 1.0), (LBFGS, 0.1)],
    "momentum": [(SGD, 0.5), (SGD, 0)],
    "nesterovs_momentum": [(SGD, False)],
    "early_stopping": [({}, True)],
    "validation_fraction": [({"early_stopping": True}, 0.3)],
    "beta_1": [({}, 0.5)],
    "beta_2": [({}, 0.5)],
    "epsilon": [({}, 0.01)],
    "n_iter_no_change": [(STOPS, 5)],
    "max_fun": [(LBFGS, 5)],
    "dropout": [({}, 0.3), (SGD, 0.3), ({"hidden_layer_sizes": (8, 7)}, [0, 0.5])],
    "input_dropout": [({}, 0.3), (SGD, 0.3)],
    "max_norm": [({}, 0.7), (SGD, 0.7)],
    "clip_norm": [({}, 0.1), (SGD, 0.1)],
    "weight_decay": [({"solver": "adamw"}, 0.5)],
    "class_weight": [({}, "balanced"), (SGD, {3: 5.0}), (LBFGS, {3: 5.0})],
    "loss": [({}, "squared_error"), (SGD, "squared_error"), (LBFGS, "squared_error")],
    "label_smoothing": [({}, 0.2), (SGD, 0.2), (LBFGS, 0.2)],
    "init": [({}, init) for init in sorted(INITIALIZERS.keys() - {"glorot"})] + [(LBFGS, "he")],
    "scoring": [({"early_stopping": True, "max_iter": 40}, "loss")],
    "input_scale": [({}, 0.5), (SGD, 0.5), (LBFGS, 0.5)],
    "dtype": [({}, "float32"), ({}, np.float32)],
    "augment": [({}, GaussianNoise(0.1)), (SGD, ImageDeformation((8, 8)))],
}


@pytest.mark.thread("https://github.com/aigamedev/scikit-neuralnetwork/issues/175")
@pytest.mark.thread("https://github.com/dholzmueller/pytabkit/issues/34")
@pytest.mark.parametrize(
    ("name", "others", "value"),
    [(name, others, value) for name, cases in CHANGES.items() for others, value in cases],
)
def test_option_changes_the_result(
    multiclass: Data, name: str, others: dict[str, Any], value: Any
) -> None:
    default, changed = make_model(**others), make_model(**others | {name: value})
    assert not same_parameters(default.fit(*multiclass), changed.fit(*multiclass))


def test_every_option_has_a_test_that_it_changes_the_result() -> None:
    tested_elsewhere = {"warm_start", "verbose"}
    assert CHANGES.keys() | tested_elsewhere == signature(MLPClassifier).parameters.keys()


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_input_scale_is_the_same_as_scaled_input(
    multiclass: Data, solver: str, container: Any
) -> None:
    X, y = multiclass
    pixels = container((X * 16).astype(np.uint8))
    scaled = container(X.astype(np.float32))
    # A power of two, so that scaling rounds nothing.
    ours = make_model(solver=solver, input_scale=1 / 16).fit(pixels, y)
    reference = make_model(solver=solver).fit(scaled, y)

    assert same_parameters(ours, reference)
    assert_array_equal(ours.predict_proba(pixels), reference.predict_proba(scaled))


EVERYTHING = {
    "activation": ["silu", "leaky_relu"],
    "dropout": [0.1, 0.2],
    "input_dropout": 0.1,
    "max_norm": 2.0,
    "clip_norm": 1.0,
    "label_smoothing": 0.1,
    "init": "he_normal",
    "learning_rate": "one_cycle",
    "hidden_layer_sizes": (12, 10),
}


@pytest.mark.slow
@all_pairs(
    indirect=["problem"],
    problem=["binary", "multiclass", "multilabel"],
    solver=["sgd", "adam", "adamw"],
    dtype=["float32", "float64"],
    container=CONTAINERS,
    loss=["log_loss", "squared_error"],
)
def test_options_compose(
    problem: Data, solver: str, dtype: str, container: Callable[[Any], Any], loss: str
) -> None:
    X, y = container(problem[0]), problem[1]
    weights = np.random.default_rng(0).random(len(y))
    model = make_model(solver=solver, dtype=dtype, loss=loss, max_iter=30, **EVERYTHING)
    model.set_params(learning_rate_init=0.02, class_weight="balanced").fit(
        X, y, weights, X_val=X, y_val=y
    )

    assert model.history_["loss"][-1] < model.history_["loss"][0]
    assert model.coefs_[0].dtype == dtype
    assert same_parameters(model, clone(model).fit(X, y, weights, X_val=X, y_val=y))
    assert np.isfinite(model.predict_log_proba(X)).all()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("dropout", 0.5), ("input_dropout", 0.5), ("max_norm", 0.5), ("clip_norm", 0.5)),
        ("augment", GaussianNoise(0.5)),
    ],
)
def test_lbfgs_refuses_what_needs_steps(iris: Data, name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=rf"{name}=.*0\.5.* needs a stochastic solver"):
        make_model(solver="lbfgs", **{name: value}).fit(*iris)


@pytest.mark.parametrize("activation", ["leaky_relu", "elu", "gelu", "silu", ["relu", "tanh"]])
def test_every_activation_learns(multiclass: Data, activation: Any) -> None:
    X, y = multiclass
    model = make_model(
        activation=activation, hidden_layer_sizes=(16, 12), max_iter=60, learning_rate_init=0.02
    )

    assert cross_val_score(model, X, y, cv=3).mean() > 0.7


def test_squared_error_gives_normalized_sigmoids(multiclass: Data) -> None:
    X, y = multiclass
    model = make_model(loss="squared_error", learning_rate_init=0.05, max_iter=60).fit(X, y)
    outputs = 1 / (1 + np.exp(-model.logits(X)))

    assert model.out_activation_ == "logistic"
    assert_allclose(model.predict_proba(X), outputs / outputs.sum(axis=1, keepdims=True))
    assert_array_equal(model.predict(X), model.classes_[outputs.argmax(axis=1)])
    assert model.score(X, y) > 0.9
