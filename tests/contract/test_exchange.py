"""The same model as scikit-learn's class, and the way back."""

import pickle
from collections.abc import Callable
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import onnxruntime
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from skl2onnx import to_onnx
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.neural_network import MLPClassifier as Theirs
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.multiclass import unique_labels

from skmlp_scratch import MLPClassifier as Ours
from skmlp_scratch.onnx import register_converter
from tests._helpers.data import LABELS, Array, Data
from tests._helpers.ecosystem import Kind
from tests._helpers.model_files import reload
from tests._helpers.models import SOLVERS
from tests._helpers.pairwise import all_pairs
from tests._helpers.parity import SCHEDULES, assert_equal
from tests._helpers.pickling import arrays

pytestmark = pytest.mark.slow  # two classes, each trained further

SIZES = [(8,), (), (6, 5)]
SHARED = ["classes_", "loss_curve_", "n_iter_", "t_", "best_loss_", "validation_scores_"]


def make(kind: Kind, **options: Any) -> Any:
    """Return a small model."""
    defaults = {"hidden_layer_sizes": (8,), "max_iter": 6, "batch_size": 40, "random_state": 0}
    return kind(**defaults | options)


def exchanged(model: Any) -> Any:
    """Return the model of the other class."""
    return Ours.from_sklearn(model) if isinstance(model, Theirs) else model.to_sklearn()


def predictions(model: Any, X: Any) -> list[Any]:
    return [getattr(model, name)(X) for name in ("predict", "predict_proba", "predict_log_proba")]


def assert_same_predictions(one: Any, other: Any, X: Any, rtol: float = 1e-6) -> None:
    """Compare all that both classes predict, types and containers included."""
    for a, b in zip(predictions(one, X), predictions(other, X), strict=True):
        assert type(a) is type(b)
        a, b = (value.toarray() if sparse.issparse(value) else value for value in (a, b))
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        if a.dtype.kind == "f" and a.ndim == 2:
            assert_allclose(a, b, rtol=rtol, atol=1e-12)
        else:
            assert_array_equal(a, b)


# --- the same predictions -------------------------------------------------------------------------


@all_pairs(kind=[Ours, Theirs], labels=LABELS, solver=["sgd", "adam", "lbfgs"], sizes=SIZES)
def test_labels(multiclass: Data, kind: Kind, labels: str, solver: str, sizes: Any) -> None:
    X, codes = multiclass
    y = LABELS[labels](codes)
    model = make(kind, solver=solver, hidden_layer_sizes=sizes, activation="tanh").fit(X, y)
    other = exchanged(model)

    assert_same_predictions(model, other, X)
    assert_array_equal(model.classes_, other.classes_, strict=True)
    assert model.score(X, y) == other.score(X, y)


@all_pairs(
    kind=[Ours, Theirs],
    solver=["sgd", "adam", "lbfgs"],
    early_stopping=[False, True],
    activation=["identity", "logistic", "tanh", "relu"],
    dtype=["float32", "float64"],
)
def test_what_was_learned(
    multiclass: Data, kind: Kind, solver: str, early_stopping: bool, activation: str, dtype: str
) -> None:
    X, y = multiclass[0].astype(dtype), multiclass[1]
    options = {"validation_fraction": 0.2} if early_stopping else {}
    model = make(
        kind, solver=solver, early_stopping=early_stopping, activation=activation, **options
    ).fit(X, y)
    other = exchanged(model)

    # What one more epoch would have to improve on is compared, too.
    for name in [*SHARED, "best_validation_score_", "loss_", "out_activation_", "n_layers_"]:
        if name in ("loss_curve_", "best_loss_") and solver == "lbfgs" and kind is Theirs:
            continue  # which does not keep them
        expected = getattr(model, name, None)
        assert_array_equal(getattr(other, name), expected, err_msg=name)
    # Theirs may be float64 after L-BFGS.
    assert [coef.dtype for coef in other.coefs_] == [coef.dtype for coef in model.coefs_]
    assert_same_predictions(model, other, X, rtol=1e-6 if dtype == "float64" else 1e-4)
    ours, theirs = (model, other) if kind is Ours else (other, model)
    shared = theirs.get_params()
    assert shared == {name: ours.get_params()[name] for name in shared}


def test_what_theirs_lacks_does_not_change_predictions(multiclass: Data) -> None:
    X, y = multiclass
    model = make(
        Ours,
        solver="adamw",
        learning_rate="cosine",
        dropout=0.1,
        label_smoothing=0.1,
        class_weight="balanced",
        hidden_layer_sizes=np.array([8, 6]),
        activation=["tanh", "tanh"],
    ).fit(X, y)
    theirs = model.to_sklearn()

    assert_same_predictions(model, theirs, X)
    assert (theirs.solver, theirs.learning_rate, theirs.activation) == ("adam", "constant", "tanh")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_scale_becomes_part_of_the_weights(multiclass: Data, dtype: str) -> None:
    X, y = (multiclass[0] * 16).astype(dtype), multiclass[1]
    model = make(Ours, input_scale=1 / 16).fit(X, y)
    theirs = model.to_sklearn()
    back = Ours.from_sklearn(theirs)

    rtol = 1e-6 if dtype == "float64" else 1e-4
    assert_same_predictions(model, theirs, X, rtol)
    assert_same_predictions(theirs, back, X, rtol)
    assert back.input_scale == 1


def test_a_binary_squared_error_has_the_same_sigmoid(binary: Data) -> None:
    model = make(Ours, loss="squared_error").fit(*binary)
    assert_same_predictions(model, model.to_sklearn(), binary[0])


@pytest.mark.parametrize("kind", [Ours, Theirs])
def test_names_of_features(iris: Data, kind: Kind) -> None:
    frame = pd.DataFrame(iris[0], columns=list("abcd"))
    model = make(kind).fit(frame, iris[1])
    other = exchanged(model)

    assert_array_equal(other.feature_names_in_, list("abcd"))
    assert_same_predictions(model, other, frame)
    with pytest.raises(ValueError, match="feature names"):
        other.predict(frame[list("dcba")])


@pytest.mark.parametrize("kind", [Ours, Theirs])
def test_parameters_set_after_the_fit_stay_without_effect(iris: Data, kind: Kind) -> None:
    X, y = iris
    model = make(kind).fit(X, y)
    expected = model.predict_proba(X)
    other = exchanged(model.set_params(hidden_layer_sizes=(3, 3), solver="sgd", max_iter=1))

    assert_allclose(other.predict_proba(X), expected, rtol=1e-12)
    assert (other.hidden_layer_sizes, other.solver, other.max_iter) == ((3, 3), "sgd", 1)


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"activation": "gelu"}, r"activation=\['gelu', 'gelu'\] has no counterpart"),
        ({"activation": ["tanh", "relu"]}, r"activation=\['tanh', 'relu'\] has no counterpart"),
        ({"loss": "squared_error"}, "loss='squared_error' of three or more classes"),
    ],
)
def test_what_theirs_cannot_hold(iris: Data, options: dict[str, Any], message: str) -> None:
    model = make(Ours, hidden_layer_sizes=(4, 3), **options).fit(*iris)
    with pytest.raises(ValueError, match=message):
        model.to_sklearn()


def test_models_that_cannot_be_taken(iris: Data) -> None:
    with pytest.raises(NotFittedError):
        Ours().to_sklearn()
    with pytest.raises(NotFittedError):
        Ours.from_sklearn(Theirs())
    with pytest.raises(TypeError, match=r"takes a fitted sklearn.*MLPClassifier, got MLPRegressor"):
        Ours.from_sklearn(make(MLPRegressor).fit(*iris))
    with pytest.raises(TypeError, match="got Pipeline"):
        Ours.from_sklearn(make_pipeline(StandardScaler(), make(Theirs)).fit(*iris))


# --- training continues -------------------------------------------------------------------------


@all_pairs(
    indirect=["problem"],
    problem=["binary", "multiclass", "multilabel"],
    solver=["sgd", "adam"],
    schedule=SCHEDULES,
    beginning=["fit", "partial_fit"],
    seed=[int, np.random.RandomState],
    momentum=[0, 0.9],
)
def test_partial_fit_continues_like_theirs(
    problem: Data,
    solver: str,
    schedule: str,
    beginning: str,
    seed: Callable[[int], Any],
    momentum: float,
) -> None:
    """With a rate that plateaus have cut, so that optimizer and stop rule matter."""
    X, y = problem
    theirs = make(
        Theirs,
        solver=solver,
        learning_rate=schedule,
        learning_rate_init=0.05,
        momentum=momentum,
        tol=0.05,
        n_iter_no_change=1,
        random_state=seed(3),
        max_iter=12,
    )
    if beginning == "fit":
        theirs.fit(X, y)
    else:
        for _ in range(12):
            theirs.partial_fit(X, y, classes=unique_labels(y))
    ours = Ours.from_sklearn(theirs)
    for _ in range(9):
        for model in (ours, theirs):
            model.partial_fit(X[:90], y[:90])

    assert_equal(ours, theirs, X)


@pytest.mark.parametrize("n_epochs", range(6, 14))
def test_a_plateau_continues(iris: Data, n_epochs: int) -> None:
    """Wherever training is handed over, the rate is cut in the same epochs."""
    X, y = iris
    options = {"solver": "sgd", "learning_rate": "adaptive", "learning_rate_init": 0.1}
    theirs = make(Theirs, tol=0.03, n_iter_no_change=2, **options)
    rates = []
    for number in range(20):
        if number == n_epochs:
            ours = Ours.from_sklearn(theirs)
        if number >= n_epochs:
            rates.append(theirs._optimizer.learning_rate)
            ours.partial_fit(X, y)
        theirs.partial_fit(X, y, classes=[0, 1, 2])

    assert_allclose(ours.history_["learning_rate"][n_epochs:], rates)
    assert len(set(rates)) >= 3
    assert_allclose(ours.predict_proba(X), theirs.predict_proba(X))


@all_pairs(solver=["sgd", "adam", "lbfgs"], early_stopping=[False, True], labels=["int", "bool"])
@pytest.mark.parametrize("kind", [Ours, Theirs])
def test_a_warm_start_continues(
    multiclass: Data, kind: Kind, solver: str, early_stopping: bool, labels: str
) -> None:
    X, codes = multiclass
    y = LABELS[labels](codes)
    options = {"early_stopping": early_stopping, "validation_fraction": 0.2}
    model = make(kind, solver=solver, learning_rate_init=0.01, **options).fit(X, y)
    other = exchanged(model).set_params(warm_start=True, max_iter=30)
    before = deepcopy(other)
    other.fit(X, y)

    assert other.n_iter_ > 5
    assert other.score(X, y) >= before.score(X, y)
    assert other.loss_ < before.loss_


def test_a_converged_model_trains_on(iris: Data) -> None:
    theirs = make(Theirs, max_iter=300, learning_rate_init=0.05, tol=0.01).fit(*iris)
    assert theirs.n_iter_ < 300
    ours = Ours.from_sklearn(theirs).set_params(warm_start=True).fit(*iris)
    assert ours.n_iter_ > ours.n_iter_no_change


def test_theirs_begins_with_a_new_optimizer(iris: Data) -> None:
    """None that has learned from the rows by which the model was set up."""
    X, y = iris
    ours = make(Ours, solver="sgd", max_iter=20).fit(X, y)
    theirs = ours.to_sklearn().partial_fit(X, y)
    with pytest.warns(UserWarning, match="The model is compact"):
        ours.compact().partial_fit(X, y)
    assert_equal(ours, theirs, X)


def test_theirs_keeps_its_parameters_where_no_epoch_is_better(iris: Data) -> None:
    X, y = iris
    options = {"early_stopping": True, "learning_rate_init": 0.05, "max_iter": 60}
    theirs = make(Ours, **options).fit(X, y).to_sklearn()
    before = theirs.score(X, y)
    theirs.set_params(warm_start=True, learning_rate_init=1e-12, max_iter=2).fit(X, y)
    assert theirs.score(X, y) == before > 0.8


def test_training_after_early_stopping_has_no_scores(iris: Data) -> None:
    """Which theirs cannot do, but leaves a loss without a score when it fails."""
    X, y = iris
    theirs = make(Theirs, early_stopping=True).fit(X, y).set_params(early_stopping=False)
    with pytest.raises(TypeError):
        theirs.partial_fit(X, y)
    ours = Ours.from_sklearn(theirs)

    assert len(ours.loss_curve_) == len(theirs.loss_curve_) == 7
    assert ours.validation_scores_ is None
    assert_array_equal(ours.history_["validation_score"], [*theirs.validation_scores_, np.nan])


def test_an_optimizer_of_another_solver_is_left_behind(iris: Data) -> None:
    theirs = make(Theirs, solver="adam").fit(*iris).set_params(solver="sgd")
    assert Ours.from_sklearn(theirs).partial_fit(*iris).n_iter_ == 1


# --- two models of their own ----------------------------------------------------------------------


def all_arrays(model: Any) -> list[Array]:
    """Return all arrays that a model holds, those of its optimizer included."""
    if isinstance(model, Ours):
        return [*arrays(model).values()]
    parts = [vars(model), vars(getattr(model, "_optimizer", model)), vars(model._label_binarizer)]
    values = [value for part in parts for value in part.values()]
    lists = [value for value in values if isinstance(value, list)]
    values += [value for values in lists for value in values]
    return [value for value in values if isinstance(value, np.ndarray)]


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
@pytest.mark.parametrize("kind", [Ours, Theirs])
def test_neither_side_shares_memory(iris: Data, kind: Kind, solver: str) -> None:
    frame = pd.DataFrame(iris[0], columns=list("abcd"))
    model = make(kind, solver=solver).fit(frame, iris[1])
    others = all_arrays(exchanged(model))
    assert len(others) >= 6
    assert not [
        None for one in all_arrays(model) for other in others if np.may_share_memory(one, other)
    ]


@pytest.mark.parametrize("kind", [Ours, Theirs])
def test_training_one_does_not_change_the_other(iris: Data, kind: Kind) -> None:
    model = make(kind, random_state=np.random.RandomState(0)).fit(*iris)
    before = pickle.dumps(model)
    exchanged(model).partial_fit(*iris).fit(*iris)
    assert pickle.dumps(model) == before


def test_the_global_random_state_stays(iris: Data) -> None:
    model = make(Ours, random_state=None).fit(*iris)
    before = pickle.dumps(np.random.get_state())  # noqa: NPY002 - it is the subject
    model.to_sklearn()
    assert pickle.dumps(np.random.get_state()) == before  # noqa: NPY002


# --- what can be done with the result -------------------------------------------------------------


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
@pytest.mark.parametrize("kind", [Ours, Theirs])
def test_the_result_is_like_a_fitted_model(
    iris: Data, kind: Kind, solver: str, tmp_path: Any
) -> None:
    X, y = iris
    model = exchanged(make(kind, solver=solver).fit(X, y))
    file = BytesIO()
    joblib.dump(model, file)
    file.seek(0)
    copies = [pickle.loads(pickle.dumps(model)), joblib.load(file), deepcopy(model)]
    if isinstance(model, Ours):
        model.save(tmp_path / "model.npz")
        copies.append(Ours.load(tmp_path / "model.npz"))
    for copy in copies:
        assert_same_predictions(copy, model, X)
    refitted = clone(model).fit(X, y)
    assert_same_predictions(refitted, make(type(model), solver=solver).fit(X, y), X)


@pytest.mark.parametrize("kind", [Ours, Theirs])
def test_the_result_becomes_a_graph(binary: Data, kind: Kind) -> None:
    X = binary[0].astype(np.float32)
    model = make(kind).fit(X, binary[1])
    register_converter()
    graph = to_onnx(exchanged(model), X[:1], options={"zipmap": False})
    session = onnxruntime.InferenceSession(graph.SerializeToString())
    label, probabilities = session.run(None, {"X": X})
    assert_array_equal(label, model.predict(X))
    assert_allclose(probabilities, model.predict_proba(X), rtol=1e-4, atol=1e-6)


class Narrow(Ours):
    """A model that takes two parameters, and hands on only one of them."""

    def __init__(self, alpha: float = 1e-3, team: str = "") -> None:
        super().__init__((5,), alpha=alpha, max_iter=6, random_state=0)
        self.team = team


class NarrowTheirs(Theirs):  # type: ignore[misc]
    """The same of theirs."""

    def __init__(self, alpha: float = 1e-3, team: str = "") -> None:
        super().__init__((5,), alpha=alpha, max_iter=6, random_state=0)
        self.team = team


def test_subclasses(iris: Data) -> None:
    X, y = iris
    ours = Narrow(alpha=0.5).fit(X, y)
    theirs = ours.to_sklearn()
    back = Narrow.from_sklearn(theirs)

    assert type(theirs) is Theirs
    assert (theirs.alpha, theirs.max_iter, theirs.hidden_layer_sizes) == (0.5, 6, (5,))
    assert (type(back), back.alpha, back.team) == (Narrow, 0.5, "")
    for model in (theirs, back):
        assert_same_predictions(model, ours, X)
    partial = Ours.from_sklearn(NarrowTheirs(alpha=0.5).fit(X, y))
    assert (partial.alpha, partial.max_iter, partial.hidden_layer_sizes) == (0.5, 6, (5,))


@pytest.mark.parametrize("solver", SOLVERS)
def test_there_and_back_is_the_same_model(multiclass: Data, solver: str, tmp_path: Path) -> None:
    """And it can be saved, although it has no optimizer yet."""
    X, y = multiclass
    model = make(Ours, solver=solver).fit(X, y)
    back = Ours.from_sklearn(model.to_sklearn())
    for name in ("coefs_", "intercepts_"):
        for one, other in zip(getattr(model, name), getattr(back, name), strict=True):
            assert_array_equal(one, other, strict=True)
    for name in SHARED:
        assert_array_equal(getattr(model, name), getattr(back, name), err_msg=name)
    saved = reload(back, tmp_path)
    assert_array_equal(saved.predict_proba(X), model.predict_proba(X))
    back, saved = (each.set_params(solver="sgd").partial_fit(X, y) for each in (back, saved))
    assert_array_equal(saved.predict_proba(X), back.predict_proba(X))
