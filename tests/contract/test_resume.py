"""A training resumes exactly where it stopped.

Equal means bit for bit here: the same operations in the same order, whatever was saved in between.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.utils.multiclass import unique_labels

from skmlp_scratch import MLPClassifier
from skmlp_scratch.augmentation import GaussianNoise, ImageDeformation
from tests._helpers.compare import assert_same_training, same_parameters
from tests._helpers.data import Data
from tests._helpers.pairwise import all_pairs
from tests._helpers.training import make_model, reload

N_EPOCHS = 12
SCHEDULES = [("adam", "constant"), ("sgd", "constant"), ("sgd", "invscaling"), ("sgd", "adaptive")]
seed_kinds = pytest.mark.parametrize("seed_kind", [int, np.random.RandomState])
schedules = pytest.mark.parametrize(("solver", "schedule"), SCHEDULES)


def train_in_pieces(model: MLPClassifier, pieces: list[int], *data: Any) -> MLPClassifier:
    """Train for some epochs at a time, saved and loaded in between."""
    for n_epochs in pieces:
        model = reload(model.set_params(max_iter=n_epochs).fit(*data))
    return model


# --- warm_start ---------------------------------------------------------------------------------


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/issues/8713")
@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/issues/24764")
@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/issues/13656")
@all_pairs(
    solver_and_schedule=SCHEDULES,
    early_stopping=[True, False],
    seed_kind=[int, np.random.RandomState],
    weights=["weighted", "unweighted"],
    pieces=[[1, 11], [5, 7], [11, 1], [2, 1, 4, 5], [1] * 12],
)
def test_pieces_make_the_whole(
    multiclass: Data,
    solver_and_schedule: tuple[str, str],
    early_stopping: bool,
    seed_kind: Callable[[int], Any],
    weights: str,
    pieces: list[int],
) -> None:
    """Before and after the cuts the learning rate is cut and epochs fail to improve."""
    X, y = multiclass
    sample_weight = np.random.default_rng(0).random(len(y)) if weights == "weighted" else None
    solver, schedule = solver_and_schedule
    # Patience for all 12 epochs, except where running out of it is not the end.
    patience = 2 if schedule == "adaptive" else 20
    options = {
        "solver": solver,
        "learning_rate": schedule,
        "early_stopping": early_stopping,
        "learning_rate_init": 0.05,
        "n_iter_no_change": patience,
        "tol": 0.1,
    }
    whole, parts = (make_model(random_state=seed_kind(5), **options) for _ in range(2))
    whole.set_params(max_iter=N_EPOCHS).fit(X, y, sample_weight)
    parts = train_in_pieces(parts, pieces, X, y, sample_weight)
    assert len(parts.loss_curve_) == N_EPOCHS
    assert parts.n_iter_ == pieces[-1]
    assert_same_training(whole, parts)


@pytest.mark.parametrize("early_stopping", [True, False])
@pytest.mark.parametrize("shuffle", [True, False])
def test_pieces_make_the_whole_with_the_users_validation_rows(
    multiclass: Data, shuffle: bool, early_stopping: bool
) -> None:
    """With a learning rate so high that the last epoch is not the best."""
    X, y = multiclass
    options = {"shuffle": shuffle, "early_stopping": early_stopping, "n_iter_no_change": 20}

    def train(pieces: list[int]) -> MLPClassifier:
        model = make_model(learning_rate_init=0.1, **options)
        for n_epochs in pieces:
            model.set_params(max_iter=n_epochs)
            model = reload(model.fit(X[::2], y[::2], X_val=X[1::2], y_val=y[1::2]))
        return model

    assert_same_training(train([N_EPOCHS]), train([7, N_EPOCHS - 7]))


def test_pieces_make_the_whole_after_early_stopping_is_turned_off(multiclass: Data) -> None:
    X, y = multiclass

    def train(pieces: list[int]) -> MLPClassifier:
        model = make_model(learning_rate_init=0.1, early_stopping=True, max_iter=5)
        model.fit(X[::2], y[::2], X_val=X[1::2], y_val=y[1::2]).set_params(early_stopping=False)
        for n_epochs in pieces:
            model.set_params(max_iter=n_epochs)
            model.fit(X[::2], y[::2], X_val=X[1::2], y_val=y[1::2])
        return model

    assert_same_training(train([7]), train([3, 4]))


@pytest.mark.parametrize("early_stopping", [True, False])
def test_pieces_cut_the_learning_rate_where_the_whole_does(
    iris: Data, early_stopping: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    def train(pieces: list[int]) -> tuple[list[str], MLPClassifier]:
        options = {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.1, "n_iter_no_change": 2}
        model = make_model(early_stopping=early_stopping, verbose=True, **options)
        model = train_in_pieces(model, pieces, *iris)
        return re.findall("Setting learning rate to .*", capsys.readouterr().out), model

    whole_cuts, whole = train([14])
    cuts, parts = train([5, 9])
    assert cuts == whole_cuts
    assert len(cuts) >= 3
    assert_same_training(whole, parts)


@pytest.mark.filterwarnings("ignore:scoring=.*without validation:UserWarning")
@pytest.mark.slow
@seed_kinds
@pytest.mark.parametrize("early_stopping", [True, False])
@pytest.mark.parametrize(
    "options",
    [
        {"dropout": 0.3, "input_dropout": 0.1},
        {"solver": "adamw", "dropout": 0.3, "max_norm": 1.0},
        {"solver": "sgd", "clip_norm": 0.1, "label_smoothing": 0.1, "loss": "squared_error"},
        {"learning_rate": lambda step: 0.01 / (1 + step / 20), "activation": ["silu"]},
        {"class_weight": {3: 4.0}, "init": "he_normal", "activation": "gelu"},
        {"scoring": "loss", "solver": "adamw"},
        {"augment": GaussianNoise(0.1), "dropout": 0.3, "dtype": "float32"},
        {"augment": ImageDeformation((8, 8), shift=0.5, elastic=0.5), "solver": "sgd"},
    ],
    ids="-".join,
)
def test_pieces_for_each_option(
    multiclass: Data, options: dict[str, Any], early_stopping: bool, seed_kind: Callable[[int], Any]
) -> None:
    function = options.get("learning_rate", "constant")
    options = options | {"learning_rate": "constant", "early_stopping": early_stopping}
    whole, parts = (
        make_model(random_state=seed_kind(5), n_iter_no_change=20, **options) for _ in range(2)
    )
    whole.set_params(max_iter=N_EPOCHS, learning_rate=function).fit(*multiclass)
    for n_epochs in (5, 7):  # a lambda can't be saved
        parts.set_params(max_iter=n_epochs, learning_rate=function).fit(*multiclass)
        parts = reload(parts.set_params(learning_rate="constant"))
    assert len(parts.loss_curve_) == N_EPOCHS
    assert_same_training(whole, parts)


@all_pairs(
    indirect=["problem"],
    problem=["binary", "multiclass", "multilabel"],
    solver=["adam", "sgd"],
    dtype=["float32", "float64"],
    shuffle=[True, False],
)
def test_pieces_for_each_kind_of_target(
    problem: Data, solver: str, dtype: str, shuffle: bool
) -> None:
    options = {"solver": solver, "dtype": dtype, "shuffle": shuffle, "early_stopping": True}
    whole = make_model(max_iter=N_EPOCHS, n_iter_no_change=20, **options).fit(*problem)
    parts = train_in_pieces(make_model(n_iter_no_change=20, **options), [5, 7], *problem)
    assert_same_training(whole, parts)


def test_pieces_do_not_depend_on_other_draws_from_the_random_state(multiclass: Data) -> None:
    whole = make_model(random_state=np.random.RandomState(5), max_iter=N_EPOCHS).fit(*multiclass)
    random_state = np.random.RandomState(5)
    parts = make_model(random_state=random_state, max_iter=5).fit(*multiclass)
    random_state.rand(3)
    parts.set_params(max_iter=N_EPOCHS - 5).fit(*multiclass)
    assert_same_training(whole, parts)


@pytest.mark.slow
def test_pieces_in_two_processes(multiclass: Data, tmp_path: Path) -> None:
    X, y = multiclass
    whole = make_model(max_iter=N_EPOCHS, n_iter_no_change=20, early_stopping=True).fit(X, y)

    first = make_model(max_iter=5, n_iter_no_change=20, early_stopping=True).fit(X, y)
    joblib.dump((first, X, y), tmp_path / "first")
    program = """
import sys, warnings, joblib, threadpoolctl
warnings.simplefilter("ignore")
model, X, y = joblib.load(sys.argv[1])
with threadpoolctl.threadpool_limits(1):
    joblib.dump(model.set_params(max_iter=7).fit(X, y), sys.argv[2])
"""
    files = [tmp_path / "first", tmp_path / "second"]
    subprocess.run([sys.executable, "-c", program, *files], check=True)  # noqa: S603 - ours
    assert_same_training(whole, joblib.load(tmp_path / "second"))


@pytest.mark.parametrize("early_stopping", [True, False])
@schedules
def test_first_fit_is_the_same_with_and_without_warm_start(
    multiclass: Data, solver: str, schedule: str, early_stopping: bool
) -> None:
    options = {"solver": solver, "learning_rate": schedule, "early_stopping": early_stopping}
    cold, warm = (make_model(warm_start=w, max_iter=5, **options) for w in (False, True))
    assert_same_training(cold.fit(*multiclass), warm.fit(*multiclass))


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/pull/25443")
@pytest.mark.parametrize("early_stopping", [True, False])
@schedules
def test_refit_of_a_converged_model_trains_on(
    iris: Data, solver: str, schedule: str, early_stopping: bool
) -> None:
    """Patience is whole again, and an adaptive learning rate is the first one again."""
    patience = 4
    model = make_model(
        solver=solver,
        learning_rate=schedule,
        early_stopping=early_stopping,
        tol=0.02,
        n_iter_no_change=patience,
        max_iter=300,
    ).fit(*iris)
    assert model.n_iter_ < 300
    parameters, n_epochs = model.coefs_[0], model.n_iter_
    model.fit(*iris)
    assert model.n_iter_ > patience
    assert len(model.loss_curve_) == n_epochs + model.n_iter_
    if not early_stopping:  # which may find no better parameters
        assert abs(model.coefs_[0] - parameters).max() > 1e-3


def test_best_parameters_survive_a_worse_refit(multiclass: Data) -> None:
    model = make_model(early_stopping=True, max_iter=60, learning_rate_init=0.02).fit(*multiclass)
    before = reload(model)
    model.set_params(learning_rate_init=10, max_iter=4).fit(*multiclass)
    assert max(model.validation_scores_[-4:]) < before.best_validation_score_
    assert model.best_validation_score_ == before.best_validation_score_
    assert_array_equal(model.predict_proba(multiclass[0]), before.predict_proba(multiclass[0]))


def test_best_parameters_are_those_of_the_best_epoch_of_both_fits(multiclass: Data) -> None:
    model = make_model(early_stopping=True, max_iter=3).fit(*multiclass)
    before = reload(model)
    model.set_params(learning_rate_init=0.05, max_iter=20).fit(*multiclass)
    assert model.best_validation_score_ == max(model.validation_scores_)
    assert model.best_validation_score_ > before.best_validation_score_
    assert model.score(*multiclass) > before.score(*multiclass)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_parameters_of_any_solver_survive_a_worse_refit(multiclass: Data, solver: str) -> None:
    X, y = multiclass
    before = make_model(solver=solver, max_iter=60, learning_rate_init=0.02).fit(X, y)
    model = reload(before).set_params(
        solver="sgd", learning_rate_init=50, early_stopping=True, max_iter=4
    )
    assert same_parameters(model.fit(X, y), before)


@pytest.mark.parametrize("n_rows", [60, 119])
@pytest.mark.parametrize("early_stopping", [True, False])
def test_refit_on_another_number_of_rows(iris: Data, early_stopping: bool, n_rows: int) -> None:
    X, y = iris
    rows = np.random.default_rng(0).permutation(len(X))[:n_rows]
    model = make_model(max_iter=5, early_stopping=early_stopping).fit(X, y)
    t = model.t_
    model.fit(X[rows], y[rows])
    n_validation_rows = int(np.ceil(n_rows * 0.1)) if early_stopping else 0
    assert model.t_ == t + 5 * (n_rows - n_validation_rows)
    assert len(model.loss_curve_) == 10


@pytest.mark.parametrize(("first", "second"), [("adam", "sgd"), ("sgd", "adam"), ("lbfgs", "adam")])
def test_refit_with_another_solver_starts_from_the_parameters(
    multiclass: Data, first: str, second: str
) -> None:
    model = make_model(solver=first, max_iter=5).fit(*multiclass)
    before = reload(model)
    model.set_params(solver=second, learning_rate_init=1e-12).fit(*multiclass)
    for a, b in zip(model.coefs_, before.coefs_, strict=True):
        assert_allclose(a, b, atol=1e-9)  # the steps made in between


def test_refit_with_another_solver_counts_on_and_keeps_the_best_parameters(
    multiclass: Data,
) -> None:
    model = make_model(early_stopping=True, max_iter=60, learning_rate_init=0.02).fit(*multiclass)
    before = reload(model)
    model.set_params(solver="sgd", learning_rate_init=50, max_iter=2).fit(*multiclass)
    assert max(model.validation_scores_[-2:]) < model.best_validation_score_
    assert_array_equal(model.predict_proba(multiclass[0]), before.predict_proba(multiclass[0]))
    assert model.t_ == before.t_ + 2 * 108


def test_lbfgs_refit_starts_from_the_parameters(multiclass: Data) -> None:
    model = make_model(solver="lbfgs", max_iter=5).fit(*multiclass)
    losses = list(model.loss_curve_)
    model.fit(*multiclass)
    assert model.loss_curve_[:5] == losses
    assert len(model.loss_curve_) == 10
    assert model.loss_curve_[5] < losses[-1]


def test_refit_keeps_the_precision(multiclass: Data) -> None:
    X, y = multiclass
    model = make_model(max_iter=2).fit(X.astype(np.float32), y)
    model.fit(X, y)
    assert {part.dtype for part in model.coefs_} == {np.dtype(np.float32)}


# --- partial_fit --------------------------------------------------------------------------------


@all_pairs(
    indirect=["problem"],
    problem=["binary", "multiclass", "multilabel"],
    solver_and_schedule=SCHEDULES,
    seed_kind=[int, np.random.RandomState],
)
def test_partial_fit_with_and_without_pickling_in_between(
    problem: Data, solver_and_schedule: tuple[str, str], seed_kind: Callable[[int], Any]
) -> None:
    solver, schedule = solver_and_schedule
    X, y = problem
    options = {"solver": solver, "learning_rate": schedule, "n_iter_no_change": 2, "tol": 0.1}
    classes = unique_labels(y)

    def train(between: Callable[[Any], Any]) -> MLPClassifier:
        model = make_model(random_state=seed_kind(5), warm_start=False, **options)
        for first in [0, 40, 80] * 3:
            rows = slice(first, first + 40)
            model = between(model.partial_fit(X[rows], y[rows], classes=classes))
        return model

    assert_same_training(train(lambda model: model), train(reload))
