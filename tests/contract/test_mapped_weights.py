"""Models whose weights joblib maps from a file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from numpy.typing import NDArray

from skmlp_scratch import MLPClassifier
from tests._helpers.compare import assert_same_model, assert_same_predictions
from tests._helpers.models import STOCHASTIC
from tests._helpers.pickling import arrays, make_model, make_problem, saved

pytestmark = pytest.mark.slow  # many files


def assert_mapped(model: MLPClassifier, *, read_only: bool) -> None:
    """Make sure that a test of memory maps has some."""
    for array in (*model.coefs_, *model.intercepts_):
        assert isinstance(array, np.memmap)
        assert array.flags.writeable != read_only


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
def test_predictions_from_mapped_weights(tmp_path: Path, kind: str) -> None:
    X, y = make_problem(kind)
    model = make_model().fit(X, y)
    mapped = joblib.load(saved(model, tmp_path), mmap_mode="r")
    assert_mapped(mapped, read_only=True)
    assert_same_predictions(model, mapped, X)


def fit_on(model: MLPClassifier, X: NDArray[Any], y: NDArray[Any]) -> None:
    """Train until the stop rule is met."""
    model.set_params(max_iter=4).fit(X, y)


def pass_on(model: MLPClassifier, X: NDArray[Any], y: NDArray[Any]) -> None:
    """Train for two passes."""
    model.partial_fit(X, y).partial_fit(X, y)


FURTHER_TRAINING = [
    *(pytest.param(solver, {}, pass_on, id=f"{solver}-partial_fit") for solver in STOCHASTIC),
    *(
        pytest.param(solver, {"warm_start": True}, train, id=f"{solver}-warm-{train.__name__}")
        for solver in STOCHASTIC
        for train in (pass_on, fit_on)
    ),
    *(
        pytest.param(
            solver, {"warm_start": True, "early_stopping": True}, fit_on, id=f"{solver}-es"
        )
        for solver in STOCHASTIC
    ),
    pytest.param("adam", {"warm_start": True, "dropout": 0.2}, fit_on, id="adam-dropout"),
    pytest.param("lbfgs", {"warm_start": True}, fit_on, id="lbfgs-warm"),
]


@pytest.mark.parametrize("mmap_mode", ["r", "r+", "c"])
@pytest.mark.parametrize(("solver", "options", "train"), FURTHER_TRAINING)
def test_further_training_from_mapped_weights(
    tmp_path: Path,
    solver: str,
    options: dict[str, Any],
    train: Callable[..., None],
    mmap_mode: str,
) -> None:
    X, y = make_problem("multiclass")
    path = saved(make_model(solver=solver, **options).fit(X, y), tmp_path)
    content = path.read_bytes()
    loaded, mapped = joblib.load(path), joblib.load(path, mmap_mode=mmap_mode)
    assert_mapped(mapped, read_only=mmap_mode == "r")
    n_epochs = len(loaded.loss_curve_)
    train(loaded, X, y)
    train(mapped, X, y)
    assert len(loaded.loss_curve_) > n_epochs
    assert_same_model(loaded, mapped)
    assert_same_predictions(loaded, mapped, X)
    del mapped
    assert path.read_bytes() == content


@pytest.mark.parametrize(("solver", "options", "train"), FURTHER_TRAINING)
def test_further_training_from_mapped_weights_makes_plain_arrays(
    tmp_path: Path, solver: str, options: dict[str, Any], train: Callable[..., None]
) -> None:
    # Readers like skops do not take np.memmap, not even one that has become an array in memory.
    X, y = make_problem("multiclass")
    path = saved(make_model(solver=solver, **options).fit(X, y), tmp_path)
    mapped = joblib.load(path, mmap_mode="r")
    train(mapped, X, y)
    found = {path for path, array in arrays(mapped).items() if type(array) is not np.ndarray}
    assert found <= {"model.classes_"}  # the one array that training has no part in


def test_a_mapped_model_can_be_saved_again(tmp_path: Path) -> None:
    X, y = make_problem("multiclass")
    model = make_model(warm_start=True).fit(X, y)
    mapped = joblib.load(saved(model, tmp_path), mmap_mode="r")
    again = joblib.load(saved(mapped, tmp_path, "again.joblib"))
    assert_same_model(model, again)
    assert_same_model(model.fit(X, y), again.fit(X, y))
