"""Compact models, which hold no state of the training."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from numpy.typing import NDArray
from sklearn.exceptions import NotFittedError

from skmlp_scratch import MLPClassifier
from tests._helpers.compare import assert_same_model, assert_same_predictions, assert_same_training
from tests._helpers.models import SOLVERS, STOCHASTIC
from tests._helpers.pickling import arrays, make_model, make_problem

IS_COMPACT = "The model is compact: .* new optimizer.* keep a copy"


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("warm_start", [False, True])
@pytest.mark.parametrize("solver", SOLVERS)
def test_a_compact_model_is_weights_and_curves(
    solver: str, warm_start: bool, early_stopping: bool
) -> None:
    X, y = make_problem("multiclass")
    model = make_model(solver=solver, warm_start=warm_start, early_stopping=early_stopping)
    before = deepcopy(model.fit(X, y))
    assert model.compact() is model
    assert_same_predictions(before, model, X)
    parts = {path.split(".")[1].split("[")[0] for path in arrays(model)}
    assert parts == {"classes_", "coefs_", "intercepts_", "_history"}
    assert_same_training(model, before)


def partial_fit(model: MLPClassifier, X: NDArray[Any], y: NDArray[Any]) -> None:
    """Train for one pass."""
    model.partial_fit(X, y)


@pytest.mark.parametrize("train", [partial_fit, MLPClassifier.fit])
@pytest.mark.parametrize("solver", STOCHASTIC)
def test_a_compact_model_trains_on_from_its_weights_and_says_so_once(
    solver: str, train: Callable[..., None]
) -> None:
    X, y = make_problem("multiclass")
    model = make_model(solver=solver, warm_start=True).fit(X, y).compact()
    before = deepcopy(model)
    model.set_params(learning_rate_init=1e-12)
    with pytest.warns(UserWarning, match=IS_COMPACT):
        train(model, X, y)
    assert abs(model.coefs_[0] - before.coefs_[0]).max() < 1e-8
    assert model.t_ == len(model.loss_curve_) * len(X)
    train(model, X, y)  # warnings are errors


def test_a_compact_model_stays_as_it_is_where_the_warning_is_an_error() -> None:
    X, y = make_problem("multiclass")
    model = make_model().fit(X, y).compact()
    before = deepcopy(model)
    with pytest.raises(UserWarning, match=IS_COMPACT):
        model.partial_fit(X, y)
    assert_same_model(before, model)


def test_a_saved_model_knows_that_it_is_compact(tmp_path: Path) -> None:
    X, y = make_problem("multiclass")
    model = make_model().fit(X, y).compact()
    model.save(tmp_path / "model.npz")
    for loaded in (MLPClassifier.load(tmp_path / "model.npz"), deepcopy(model)):
        with pytest.warns(UserWarning, match=IS_COMPACT):
            loaded.partial_fit(X, y)


def test_a_compact_model_starts_anew_without_a_word() -> None:
    X, y = make_problem("multiclass")
    model = make_model().fit(X, y)
    again = deepcopy(model).compact().fit(X, y)
    assert_same_model(model, again)


def test_lbfgs_has_nothing_to_forget() -> None:
    X, y = make_problem("multiclass")
    model = make_model(solver="lbfgs", warm_start=True).fit(X, y)
    compact = deepcopy(model).compact()
    assert_same_model(model.fit(X, y), compact.fit(X, y))


@pytest.mark.parametrize("solver", STOCHASTIC)
def test_a_stream_resumes_exactly_after_its_history_was_shortened(solver: str) -> None:
    X, y = make_problem("multiclass")
    options = {"solver": solver, "dropout": 0.2, "learning_rate": "cosine", "max_iter": 5}
    model, other = (make_model(**options).partial_fit(X, y, classes=range(10)) for _ in range(2))
    for _ in range(3):
        model.partial_fit(X, y)
        other.partial_fit(X, y).compact(history=False, state=True)
    assert_same_predictions(model, other, X)
    assert len(other.loss_curve_) == other.n_iter_ == 1
    assert (model.loss_, model.best_loss_, model.t_) == (other.loss_, other.best_loss_, other.t_)


def test_a_warm_start_is_exact_after_the_history_was_shortened() -> None:
    X, y = make_problem("multiclass")
    options = {"warm_start": True, "early_stopping": True, "max_iter": 3}
    model, other = (make_model(**options).fit(X, y) for _ in range(2))
    other.compact(history=False, state=True)
    assert_same_predictions(model.fit(X, y), other.fit(X, y), X)
    assert model.loss_curve_[-3:] == other.loss_curve_[-3:]


def test_an_unfitted_model_cannot_be_compact() -> None:
    with pytest.raises(NotFittedError):
        make_model().compact()
