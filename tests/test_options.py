"""The options that scikit-learn's MLPClassifier does not have: what each does, and with what.

That each changes the result is in `test_classifier.py`, that training goes on exactly with each in
`test_resume.py`, their gradients are in `test_network.py`.
"""

from collections.abc import Callable
from copy import deepcopy
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from models import interrupt, make_model, same_parameters
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from scipy import sparse
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning
from sklearn.metrics import log_loss, make_scorer, recall_score
from sklearn.model_selection import RandomizedSearchCV, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skmlp_scratch import HiddenLayerSizes
from skmlp_scratch._estimator.options import check_dropout
from skmlp_scratch._training.objective import Objective
from skmlp_scratch._training.validation import Validation

Data = tuple[NDArray[Any], NDArray[Any]]

# Most tests need no converged model and train for a few epochs.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SOLVERS = ["sgd", "adam", "adamw", "lbfgs"]
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
CONTAINERS = [pytest.param(np.asarray, id="dense"), pytest.param(sparse.csr_array, id="sparse")]


# --- all at once --------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", ["log_loss", "squared_error"])
@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("solver", ["sgd", "adam", "adamw"])
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


@pytest.mark.parametrize("name", ["dropout", "input_dropout", "max_norm", "clip_norm"])
def test_lbfgs_refuses_what_needs_steps(iris: Data, name: str) -> None:
    with pytest.raises(ValueError, match=rf"{name}=0\.5 needs a stochastic solver"):
        make_model(solver="lbfgs", **{name: 0.5}).fit(*iris)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"activation": ["relu", "tanh"]}, "activation has 2 entries"),
        ({"activation": ["softplus"]}, "activation must hold names among"),
        ({"dropout": [0.1, 0.2]}, "dropout has 2 entries"),
        ({"dropout": [1.0]}, r"dropout must hold numbers in \[0, 1\)"),
        ({"dropout": ["half"]}, r"dropout must hold numbers in \[0, 1\)"),
        ({"dropout": 1}, "The 'dropout' parameter"),
        ({"input_dropout": -0.1}, "The 'input_dropout' parameter"),
        ({"max_norm": 0}, "The 'max_norm' parameter"),
        ({"clip_norm": -1}, "The 'clip_norm' parameter"),
        ({"weight_decay": -1}, "The 'weight_decay' parameter"),
        ({"label_smoothing": 1}, "The 'label_smoothing' parameter"),
        ({"loss": "hinge"}, "The 'loss' parameter"),
        ({"init": "zeros"}, "The 'init' parameter"),
        ({"scoring": "acuracy"}, "The 'scoring' parameter"),
        ({"class_weight": "equal"}, "The 'class_weight' parameter"),
        ({"class_weight": {7: 2.0}}, "class_weight"),
        ({"class_weight": {0: 0, 1: 0, 2: 0}}, "weight of every row.* is zero"),
    ],
)
def test_bad_values_are_named(iris: Data, options: dict[str, Any], message: str) -> None:
    model = make_model(**options)
    with pytest.raises(ValueError, match=message):
        model.fit(*iris)

    assert not hasattr(model, "coefs_")


# --- dropout ------------------------------------------------------------------------------------


def test_dropout_is_off_in_prediction_and_validation(multiclass: Data) -> None:
    X, y = multiclass
    model = make_model(dropout=0.5, input_dropout=0.2).fit(X, y, X_val=X, y_val=y)

    assert_array_equal(model.predict_proba(X), model.predict_proba(X))
    assert model.history_["validation_score"][-1] == model.score(X, y)


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_dropout_leaves_initial_parameters_and_shuffles_as_they_were(
    multiclass: Data, solver: str
) -> None:
    """With steps that change nothing, the losses of an input dropout of almost 0 tell the order."""
    options = {"solver": solver, "learning_rate_init": 1e-100, "max_iter": 2}
    without = make_model(**options).fit(*multiclass)
    with_dropout = make_model(input_dropout=1e-12, **options).fit(*multiclass)

    assert_allclose(with_dropout.loss_curve_, without.loss_curve_, rtol=1e-9)


def test_each_partial_fit_draws_new_masks(multiclass: Data) -> None:
    """Though an int seed gives the same order of rows in each call."""
    X, y = multiclass
    model = make_model(dropout=0.5, learning_rate_init=1e-100, shuffle=False)
    losses = [model.partial_fit(X, y, classes=np.unique(y)).loss_ for _ in range(3)]

    assert len(set(losses)) == 3


def test_masks_depend_on_the_random_state(multiclass: Data) -> None:
    """Parameters and order of the rows are the same for all, so that losses tell the masks."""
    X, y = multiclass
    start = make_model(learning_rate_init=1e-100, shuffle=False)
    start.partial_fit(X, y, classes=np.unique(y))
    losses = [
        deepcopy(start).set_params(dropout=0.5, random_state=seed).partial_fit(X, y).loss_
        for seed in (0, 1, 2, 0)
    ]

    assert len(set(losses)) == 3
    assert losses[3] == losses[0]


# --- max_norm and clip_norm ---------------------------------------------------------------------


@pytest.mark.parametrize("solver", ["sgd", "adam", "adamw"])
def test_no_hidden_unit_gets_weights_above_max_norm(multiclass: Data, solver: str) -> None:
    options = {"hidden_layer_sizes": (9, 8), "learning_rate_init": 0.1, "solver": solver}
    norms = {
        limit: [np.linalg.norm(coef, axis=0).max() for coef in model.coefs_[:-1]]
        for limit in (None, 0.8)
        for model in [make_model(max_norm=limit, **options).fit(*multiclass)]
    }

    assert min(norms[None]) > 0.8
    assert max(norms[0.8]) <= 0.8 * (1 + 1e-12)


def test_clipping_bounds_a_step_of_sgd(multiclass: Data) -> None:
    options = {"solver": "sgd", "momentum": 0, "batch_size": 120, "learning_rate_init": 1.0}
    before = make_model(max_iter=1, **options | {"learning_rate_init": 1e-100}).fit(*multiclass)
    after = make_model(max_iter=1, clip_norm=0.01, **options).fit(*multiclass)
    change = [a - b for a, b in zip(after.coefs_, before.coefs_, strict=True)]
    change += [a - b for a, b in zip(after.intercepts_, before.intercepts_, strict=True)]

    assert np.sqrt(sum(np.sum(c**2) for c in change)) == pytest.approx(0.01)


# --- class_weight -------------------------------------------------------------------------------


@pytest.mark.parametrize("solver", SOLVERS)
def test_class_weights_multiply_sample_weights(multiclass: Data, solver: str) -> None:
    X, y = multiclass
    weights = np.random.default_rng(0).random(len(y))
    by_class = make_model(solver=solver, class_weight={3: 4.0, 5: 0.5}).fit(X, y, weights)
    by_row = make_model(solver=solver).fit(X, y, weights * np.select([y == 3, y == 5], [4, 0.5], 1))

    assert same_parameters(by_class, by_row)


def test_balanced_classes_count_the_same(iris: Data) -> None:
    X, y = iris[0][:70], iris[1][:70]  # 50 of one, 20 of the other
    balanced = make_model(class_weight="balanced").fit(X, y)
    by_hand = make_model(class_weight={0: 70 / 2 / 50, 1: 70 / 2 / 20}).fit(X, y)

    assert same_parameters(balanced, by_hand)


def test_class_weights_leave_validation_rows_alone_which_may_lack_a_class(iris: Data) -> None:
    X, y = iris
    model = make_model(class_weight="balanced").fit(X, y, X_val=X[:100], y_val=y[:100])

    assert model.history_["validation_score"][-1] == model.score(X[:100], y[:100])


def test_weights_for_string_labels(iris: Data) -> None:
    X, y = iris[0], np.array(["a", "b", "c"])[iris[1]]
    named = make_model(class_weight={"b": 3.0}).fit(X, y)
    numbered = make_model(class_weight={1: 3.0}).fit(*iris)

    assert same_parameters(named, numbered)


def test_weights_for_several_labels(multilabel: Data) -> None:
    X, y = multilabel
    weights = [{0: 1.0, 1: 2.0}] * y.shape[1]
    ours = make_model(class_weight=weights).fit(X, y)
    by_row = make_model().fit(X, y, 2.0 ** y.sum(axis=1))

    assert same_parameters(ours, by_row)


def test_partial_fit_takes_weights_of_classes_that_a_batch_lacks(iris: Data) -> None:
    X, y = iris[0][:100], iris[1][:100]
    weighted = make_model(class_weight={1: 2.0, 2: 9.0}).partial_fit(X, y, classes=[0, 1, 2])
    by_row = make_model().partial_fit(X, y, np.where(y == 1, 2.0, 1.0), classes=[0, 1, 2])

    assert same_parameters(weighted, by_row)


def test_partial_fit_can_not_balance(iris: Data) -> None:
    with pytest.raises(ValueError, match="class_weight='balanced' is not supported by partial_fit"):
        make_model(class_weight="balanced").partial_fit(*iris, classes=[0, 1, 2])


# --- validation data and scoring ----------------------------------------------------------------


def halves(X: Any, y: Any) -> tuple[Any, Any, Any, Any]:
    return X[::2], X[1::2], y[::2], y[1::2]


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("solver", SOLVERS)
def test_the_users_own_rows_are_validated_on_and_change_nothing(
    problem: Data, solver: str, container: Callable[[Any], Any]
) -> None:
    X, X_val, y, y_val = halves(*problem)
    X, X_val = container(X), container(X_val)
    model = make_model(solver=solver, alpha=0).fit(X, y, X_val=X_val, y_val=y_val)
    n_epochs = len(model.loss_curve_)

    assert same_parameters(model, make_model(solver=solver, alpha=0).fit(X, y))
    assert {name: len(column) for name, column in model.history_.items()} == dict.fromkeys(
        ["loss", "validation_loss", "validation_score", "learning_rate", "seconds"], n_epochs
    )
    assert model.history_["loss"] == model.loss_curve_
    assert model.history_["validation_score"][-1] == model.score(X_val, y_val)
    assert model.validation_scores_ is None


@pytest.mark.parametrize("fit", ["fit", "partial_fit"])
def test_validation_loss_is_the_weighted_log_loss_without_smoothing_and_penalty(
    multiclass: Data, fit: str
) -> None:
    X, X_val, y, y_val = halves(*multiclass)
    weights = np.random.default_rng(0).random(len(y_val))
    model = make_model(alpha=1.0, label_smoothing=0.2).partial_fit(X, y, classes=range(10))
    getattr(model, fit)(X, y, X_val=X_val, y_val=y_val, sample_weight_val=weights)
    expected = log_loss(y_val, model.predict_proba(X_val), sample_weight=weights)

    assert model.history_["validation_loss"][-1] == pytest.approx(expected, rel=1e-6)
    assert model.history_["validation_score"][-1] == pytest.approx(
        model.score(X_val, y_val, weights)
    )


@pytest.mark.parametrize("scoring", ["accuracy", "loss", "recall_macro", "neg_log_loss"])
def test_early_stopping_keeps_the_epoch_that_scores_best_on_the_users_rows(
    multiclass: Data, scoring: str
) -> None:
    X, X_val, y, y_val = halves(*multiclass)
    model = make_model(
        early_stopping=True, scoring=scoring, max_iter=300, learning_rate_init=0.05
    ).fit(X, y, X_val=X_val, y_val=y_val)
    scores = model.history_["validation_score"]
    reached = {
        "accuracy": lambda: model.score(X_val, y_val),
        "loss": lambda: -log_loss(y_val, model.predict_proba(X_val)),
        "neg_log_loss": lambda: -log_loss(y_val, model.predict_proba(X_val)),
        "recall_macro": lambda: recall_score(y_val, model.predict(X_val), average="macro"),
    }[scoring]()

    assert model.n_iter_ < 300
    assert model.validation_scores_ == scores
    assert model.best_validation_score_ == max(scores) == pytest.approx(reached)


def test_scorer_of_the_users_own_on_rows_set_aside(iris: Data) -> None:
    seen = []

    def score(model: Any, X: Any, y: Any) -> float:
        seen.append((len(X), set(y)))
        return float(model.score(X, y))

    X, y = pd.DataFrame(iris[0], columns=list("abcd")), np.array(["x", "y", "z"])[iris[1]]
    custom = make_model(early_stopping=True, scoring=score).fit(X, y)
    standard = make_model(early_stopping=True).fit(X, y)

    assert seen == [(15, {"x", "y", "z"})] * custom.n_iter_
    assert custom.validation_scores_ == standard.validation_scores_


def test_scorer_gets_the_weights(iris: Data) -> None:
    X, y = iris
    weights = np.random.default_rng(0).random(len(y))
    scorer = make_scorer(recall_score, average="macro")
    model = make_model(scoring=scorer).fit(X, y, X_val=X, y_val=y, sample_weight_val=weights)
    expected = recall_score(y, model.predict(X), average="macro", sample_weight=weights)

    assert model.history_["validation_score"][-1] == pytest.approx(expected)


@pytest.mark.parametrize(
    "scoring",
    [
        "rand_score",
        make_scorer(lambda y, predicted: float(np.mean(y == predicted))),
        lambda model, X, y: float(model.score(X, y)),
    ],
)
def test_scorer_that_takes_no_weights_goes_without(iris: Data, scoring: Any) -> None:
    weights = {0: 1, 1: 2, 2: 3}
    model = make_model(early_stopping=True, class_weight=weights, scoring=scoring).fit(*iris)

    assert len(model.validation_scores_) == model.n_iter_


def test_scorer_looks_at_the_users_rows_where_they_are(iris: Data) -> None:
    X, y = iris
    seen = []

    def score(model: Any, X: Any, y: Any) -> float:
        seen.append(X)
        return float(model.score(X, y))

    make_model(scoring=score, max_iter=1).fit(X, y, X_val=X, y_val=y)

    assert np.shares_memory(seen[0], X)


@pytest.mark.parametrize("n_defined", [0, 3])
def test_a_score_of_nan_is_no_improvement(iris: Data, n_defined: int) -> None:
    """Where it is NaN from the start, nothing could ever be one, and the fit says so."""
    scores = [0.1, 0.3, 0.2][:n_defined]
    model = make_model(
        early_stopping=True,
        scoring=lambda *_: scores.pop(0) if scores else np.nan,
        n_iter_no_change=4,
        max_iter=50,
    )
    if n_defined == 0:
        with pytest.raises(ValueError, match="scoring gives NaN"):
            model.fit(*iris)
    else:
        assert model.fit(*iris).n_iter_ == 2 + 4 + 1
        assert model.best_validation_score_ == 0.3


@pytest.mark.parametrize("scoring", ["f1", lambda *_: None], ids=["f1 of 3 classes", "None"])
def test_a_scorer_that_fails_is_named(iris: Data, scoring: Any) -> None:
    with pytest.raises((ValueError, TypeError)) as failure:
        make_model(early_stopping=True, scoring=scoring).fit(*iris)

    assert failure.value.__notes__ == [
        f"It was scoring={scoring!r} that failed, on validation rows."
    ]


def test_a_scorer_that_fails_later_leaves_the_model(iris: Data) -> None:
    X, y = iris
    model = make_model(early_stopping=True, warm_start=True).fit(X, y)
    before = deepcopy(vars(model))
    model.set_params(scoring=lambda *_: {}[0] if len(model.loss_curve_) > 20 else 0.0)
    with pytest.raises(KeyError):
        model.fit(X, y)

    for name in ("loss_curve_", "history_", "validation_scores_", "n_iter_", "t_"):
        assert getattr(model, name) == before[name]


@pytest.mark.parametrize("score", [np.inf, np.nan])
def test_odd_scores_do_not_outlast_their_training(iris: Data, score: float) -> None:
    scores = [0.5, 0.6, 0.7, score]
    model = make_model(
        early_stopping=True,
        scoring=lambda *_: scores.pop(0) if scores else 0.8,
        max_iter=4,
        n_iter_no_change=10,
        warm_start=True,
    ).fit(*iris)
    model.set_params(max_iter=3).fit(*iris)
    assert model.best_validation_score_ == 0.8
    model.set_params(early_stopping=False, max_iter=30).fit(*iris)

    assert model.n_iter_ == 30
    assert model.best_loss_ == min(model.loss_curve_[-30:])


def test_lbfgs_records_validation_but_never_stops_early(iris: Data) -> None:
    X, X_val, y, y_val = halves(*iris)
    model = make_model(solver="lbfgs", early_stopping=True).fit(X, y, X_val=X_val, y_val=y_val)

    assert model.history_["validation_score"][-1] == model.score(X_val, y_val)
    assert model.validation_scores_ is model.best_validation_score_ is None
    assert model.best_loss_ == model.loss_


def test_partial_fit_validates_too(iris: Data) -> None:
    X, X_val, y, y_val = halves(*iris)
    model = make_model()
    for _ in range(3):
        model.partial_fit(X, y, classes=[0, 1, 2], X_val=X_val, y_val=y_val)
    model.partial_fit(X, y)
    scores = model.history_["validation_score"]

    assert np.isfinite(scores[:3]).all()
    assert np.isnan(scores[3])
    assert len(pd.DataFrame(model.history_)) == 4


def test_validation_labels_in_a_column_are_taken_with_a_warning(iris: Data) -> None:
    X, X_val, y, y_val = halves(*iris)
    with pytest.warns(DataConversionWarning, match="A column-vector y was passed"):
        column = make_model().fit(X, y, X_val=X_val, y_val=y_val[:, np.newaxis])
    row = make_model().fit(X, y, X_val=X_val, y_val=y_val)

    assert column.history_["validation_score"] == row.history_["validation_score"]


def test_validation_rows_go_through_a_pipeline(iris: Data) -> None:
    X, X_val, y, y_val = halves(*iris)
    with config_context(enable_metadata_routing=True):
        mlp = make_model().set_fit_request(X_val=True, y_val=True)
        pipeline = Pipeline(
            [("scale", StandardScaler()), ("mlp", mlp)], transform_input=["X_val"]
        ).fit(X, y, X_val=X_val, y_val=y_val)

    assert mlp.history_["validation_score"][-1] == pipeline.score(X_val, y_val)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"X_val": np.zeros((3, 4))}, "X_val and y_val belong together"),
        ({"y_val": [0, 1, 2]}, "X_val and y_val belong together"),
        ({"sample_weight_val": [1, 1, 1]}, "X_val and y_val belong together"),
        ({"X_val": np.zeros((3, 5)), "y_val": [0, 1, 2]}, "X_val, .* 5 features"),
        ({"X_val": np.zeros((3, 4)), "y_val": [0, 1, 7]}, "y_val .*classes not in"),
        ({"X_val": np.zeros((3, 4)), "y_val": [0, 1]}, "y_val .* inconsistent numbers of samples"),
        ({"X_val": np.full((3, 4), np.nan), "y_val": [0, 1, 2]}, "X_val, .* NaN"),
        (
            {"X_val": np.zeros((3, 4)), "y_val": [0, 1, 2], "sample_weight_val": [0, 0, 0]},
            "sample_weight_val .*zero",
        ),
        ({"X_val": np.zeros((3, 4)), "y_val": np.eye(3, dtype=int)}, "y_val has multilabel labels"),
    ],
)
def test_validation_data_that_make_no_sense(
    iris: Data, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        make_model().fit(*iris, **arguments)


# --- schedules ----------------------------------------------------------------------------------


@pytest.mark.parametrize("solver", ["sgd", "adam", "adamw"])
@pytest.mark.parametrize("name", ["linear", "cosine", "one_cycle"])
def test_a_schedule_runs_to_its_end_without_a_complaint(
    iris: Data, solver: str, name: str, recwarn: pytest.WarningsRecorder
) -> None:
    """Though the loss, by this tolerance, never improves."""
    model = make_model(solver=solver, learning_rate=name, tol=10.0, max_iter=30).fit(*iris)
    rates = model.history_["learning_rate"]

    assert model.n_iter_ == len(rates) == 30
    assert rates[-1] < rates[10] / 5
    assert not recwarn


def test_early_stopping_ends_a_schedule_before_its_end(iris: Data) -> None:
    model = make_model(learning_rate="linear", early_stopping=True, tol=10.0, max_iter=30)

    assert model.fit(*iris).n_iter_ < 30


def test_a_schedule_cut_short_by_early_stopping_begins_again(iris: Data) -> None:
    options = {"learning_rate": "linear", "early_stopping": True, "tol": 10.0, "max_iter": 30}
    model = make_model(warm_start=True, **options).fit(*iris)
    n_epochs = model.n_iter_
    rates = model.fit(*iris).history_["learning_rate"]

    assert n_epochs < 30
    assert rates[n_epochs:] == rates[: model.n_iter_]


@pytest.mark.parametrize("name", ["linear", "one_cycle"])
@pytest.mark.parametrize(
    ("owner", "number"), [(Objective, 4 * 4 + 3), (Validation, 5)], ids=["step", "validation"]
)
def test_an_interrupted_schedule_begins_its_epoch_again(
    iris: Data, monkeypatch: pytest.MonkeyPatch, owner: type, number: int, name: str
) -> None:
    """After four epochs of four batches each."""
    X, y = iris
    model = make_model(learning_rate=name, max_iter=12, warm_start=True)
    learning_rates = clone(model).fit(X, y).history_["learning_rate"]
    interrupt(monkeypatch, owner, "evaluate", number)
    with pytest.warns(UserWarning, match="interrupted"):
        model.fit(X, y, X_val=X, y_val=y)

    assert model.n_iter_ == len(model.loss_curve_) == 4
    assert model.t_ == 4 * len(X)
    assert model.fit(X, y).n_iter_ == 12 - 4
    assert model.history_["learning_rate"] == learning_rates
    assert model.fit(X, y).n_iter_ == 12  # a whole new run


@pytest.mark.parametrize("first", ["constant", "linear"])
@pytest.mark.parametrize("max_iter", [7, 10, 20])
def test_a_schedule_begins_at_its_beginning_whatever_was_before(
    iris: Data, max_iter: int, first: str
) -> None:
    model = make_model(learning_rate=first, max_iter=10, warm_start=True).fit(*iris)
    model.set_params(learning_rate="linear", max_iter=max_iter).fit(*iris)

    assert model.n_iter_ == max_iter
    assert model.history_["learning_rate"][10] == model.learning_rate_init


def test_max_iter_calls_of_partial_fit_are_a_whole_schedule(iris: Data) -> None:
    """Whatever the number of rows in each; the next call begins another one."""
    X, y = iris
    model = make_model(learning_rate="linear", max_iter=4, learning_rate_init=0.1)
    for n_rows in (150, 50, 110, 40, 150, 70):
        model.partial_fit(X[:n_rows], y[:n_rows], classes=[0, 1, 2])

    assert model.history_["learning_rate"] == pytest.approx([0.1, 0.075, 0.05, 0.025, 0.1, 0.075])


# --- divergence and hints -----------------------------------------------------------------------


def test_divergence_keeps_the_last_finite_epoch_and_says_what_to_try(multiclass: Data) -> None:
    X, y = multiclass
    options = {"solver": "sgd", "momentum": 0, "activation": "identity", "batch_size": 120}

    def explode(step: int) -> float:
        return 0.1 if step < 3 else 1e200

    model = make_model(learning_rate=explode, **options)
    with pytest.warns(ConvergenceWarning, match=r"infinite or NaN in epoch 5.*learning_rate_init"):
        model.fit(X, y)

    assert np.isfinite(model.predict_proba(X)).all()
    assert len(model.loss_curve_) == model.n_iter_ == 4


@pytest.mark.filterwarnings("ignore:The model is compact")
def test_training_goes_on_after_divergence_without_the_memory_that_led_astray(
    multiclass: Data,
) -> None:
    X, y = multiclass
    options = {"solver": "sgd", "batch_size": 120, "activation": "identity"}
    model = make_model(learning_rate=lambda step: 0.1 if step < 3 else 1e200, **options)
    with pytest.warns(ConvergenceWarning, match="infinite or NaN"):
        model.fit(X, y)
    model.set_params(learning_rate="constant")
    with_new_memory = deepcopy(model).compact()

    assert same_parameters(model.partial_fit(X, y), with_new_memory.partial_fit(X, y))


def test_divergence_in_the_first_epoch_is_an_error_and_leaves_the_model(iris: Data) -> None:
    X, y = iris
    model = make_model(warm_start=True).fit(X, y)
    before = [coef.copy() for coef in model.coefs_]
    with pytest.raises(ValueError, match=r"non-finite.*learning_rate_init=1e\+300.*clip_norm"):
        model.set_params(solver="sgd", learning_rate_init=1e300).fit(X, y)

    for coef, old in zip(model.coefs_, before, strict=True):
        assert_array_equal(coef, old)


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("scale", [1e5, 1e-5])
def test_a_wild_scale_is_hinted_at(
    iris: Data, scale: float, container: Callable[[Any], Any]
) -> None:
    X, y = container(iris[0] * scale), iris[1]
    with pytest.warns(UserWarning, match="largest value of X.*StandardScaler"):
        make_model(solver="lbfgs").fit(X, y)


def test_nothing_is_hinted_at_for_rows_of_zeros(recwarn: pytest.WarningsRecorder) -> None:
    X, y = sparse.csr_array((150, 4)), np.arange(150) % 3
    make_model(learning_rate="linear").fit(X, y)

    assert not recwarn


def test_input_scale_counts_for_the_hint(iris: Data, recwarn: pytest.WarningsRecorder) -> None:
    make_model(input_scale=1e-5, learning_rate="linear").fit(iris[0] * 1e5, iris[1])

    assert not recwarn


@pytest.mark.parametrize("layer", [1, 2])
def test_a_layer_of_dead_units_is_hinted_at(iris: Data, layer: int) -> None:
    X, y = iris
    model = make_model(hidden_layer_sizes=(6, 5), warm_start=True).fit(X, y)
    model.intercepts_[layer - 1][:] = -1e3
    with pytest.warns(UserWarning, match=f"Hidden layer {layer} gives 0 for every row"):
        model.fit(X, y)


def test_units_that_are_on_for_one_class_are_not_dead(recwarn: pytest.WarningsRecorder) -> None:
    """Rows sorted by class, and units that are off for all of the first class."""
    X = np.repeat([-1.0, 1.0], 500)[:, np.newaxis]
    model = make_model(warm_start=True, learning_rate="linear").fit(X, X[:, 0] > 0)
    model.coefs_[0][:], model.intercepts_[0][:] = 1, 0
    model.fit(X, X[:, 0] > 0)

    assert not recwarn


@pytest.mark.parametrize("n_rows", [129, 200, 255, 256, 383, 1000])
def test_the_last_rows_count_for_the_hint(n_rows: int, recwarn: pytest.WarningsRecorder) -> None:
    """Units that are on for the last rows alone."""
    X = np.full((n_rows, 1), -1.0)
    X[-n_rows // 8 :] = 1
    model = make_model(warm_start=True, learning_rate="linear").fit(X, X[:, 0] > 0)
    model.coefs_[0][:], model.intercepts_[0][:] = 1, 0
    model.fit(X, X[:, 0] > 0)

    assert not recwarn


# --- tuning -------------------------------------------------------------------------------------


def test_hidden_layer_sizes_cover_their_ranges() -> None:
    sizes, rng = HiddenLayerSizes(n_layers=(0, 2), width=(1, 4)), np.random.RandomState(0)
    drawn = {sizes.rvs(random_state=rng) for _ in range(2000)}

    assert drawn == {()} | {(w,) for w in range(1, 5)} | set(product(range(1, 5), repeat=2))


def test_hidden_layer_sizes_are_drawn_evenly_over_orders_of_magnitude() -> None:
    sizes, rng = HiddenLayerSizes(n_layers=(1, 1), width=(10, 1000)), np.random.RandomState(0)
    below = np.mean([sizes.rvs(random_state=rng)[0] < 100 for _ in range(2000)])

    assert below == pytest.approx(0.5, abs=0.04)


def test_layers_of_the_same_width() -> None:
    sizes = HiddenLayerSizes(n_layers=(3, 3), same_width=True)

    assert len(set(sizes.rvs(random_state=0))) == 1


@pytest.mark.parametrize(
    "options",
    [
        {"n_layers": (2, 1)},
        {"n_layers": (-1, 1)},
        {"n_layers": (1, 2.5)},
        {"n_layers": 2},
        {"width": (0, 5)},
        {"width": (9, 5)},
    ],
    ids=str,
)
def test_what_is_no_range_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=rf"{next(iter(options))} must be a range"):
        HiddenLayerSizes(**options)


def test_a_randomized_search_draws_hidden_layer_sizes(iris: Data) -> None:
    distributions = {"hidden_layer_sizes": HiddenLayerSizes(width=(4, 16))}
    search = RandomizedSearchCV(make_model(), distributions, n_iter=4, cv=2, random_state=0)
    tried = search.fit(*iris).cv_results_["param_hidden_layer_sizes"]

    assert all(isinstance(sizes, tuple) for sizes in tried)
    assert len(set(tried)) > 1


# --- what users know them for -------------------------------------------------------------------


@pytest.mark.parametrize("activation", ["leaky_relu", "elu", "gelu", "silu", ["relu", "tanh"]])
def test_every_activation_learns(multiclass: Data, activation: Any) -> None:
    X, y = multiclass
    model = make_model(
        activation=activation, hidden_layer_sizes=(16, 12), max_iter=60, learning_rate_init=0.02
    )

    assert cross_val_score(model, X, y, cv=3).mean() > 0.7


def test_squared_error_gives_normalised_sigmoids(multiclass: Data) -> None:
    X, y = multiclass
    model = make_model(loss="squared_error", learning_rate_init=0.05, max_iter=60).fit(X, y)
    outputs = 1 / (1 + np.exp(-model.logits(X)))

    assert model.out_activation_ == "logistic"
    assert_allclose(model.predict_proba(X), outputs / outputs.sum(axis=1, keepdims=True))
    assert_array_equal(model.predict(X), model.classes_[outputs.argmax(axis=1)])
    assert model.score(X, y) > 0.9


def test_weight_decay_does_not_depend_on_the_number_of_rows() -> None:
    """Where the loss's gradient is 0, as all labels are equally likely, only the decay is left."""
    X = np.zeros((300, 4))
    options = {"solver": "adamw", "weight_decay": 0.1, "learning_rate_init": 0.1, "max_iter": 1}
    options |= {"hidden_layer_sizes": (), "shuffle": False}
    shrunk = [
        np.abs(make_model(batch_size=n, **options).fit(X[:n], np.arange(n) % 2).coefs_[0]).sum()
        for n in (30, 300)
    ]

    assert shrunk[0] == pytest.approx(shrunk[1])


def test_input_dropout_is_that_of_the_inputs() -> None:
    assert check_dropout([0.2, 0.3], 0.1, n_hidden=2) == [0.1, 0.2, 0.3]
    assert check_dropout(0.2, 0.1, n_hidden=2) == [0.1, 0.2, 0.2]


def test_validation_in_chunks_equals_validation_at_once(
    binary: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y = (np.concatenate([part] * 3) for part in binary)

    def fit() -> Any:
        model = make_model(max_iter=2, batch_size=20)
        return model.fit(*binary, X_val=X, y_val=y).history_

    at_once = fit()
    monkeypatch.setattr("skmlp_scratch._network.predictor.CHUNK_BYTES", 1)
    in_chunks = fit()
    for name in ("validation_loss", "validation_score"):
        assert_allclose(in_chunks[name], at_once[name], rtol=1e-12)
