"""What verbose prints."""

import re
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests._helpers.data import Data
from tests._helpers.internals import interrupt_epoch, let_epochs_take_a_second
from tests._helpers.models import make_model


@pytest.mark.parametrize("early_stopping", [True, False])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_silent_by_default(
    iris: Data, solver: str, early_stopping: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    make_model(solver=solver, early_stopping=early_stopping).fit(*iris)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("verbose", [True, 1, 10])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_verbose_prints_each_loss(
    iris: Data, solver: str, verbose: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    model = make_model(solver=solver, verbose=verbose).fit(*iris)
    out, err = capfd.readouterr()
    lines = [f"Iteration {n}, loss = {loss:.8f}" for n, loss in enumerate(model.loss_curve_, 1)]
    for line, start in zip(out.splitlines(), lines, strict=True):
        assert line.startswith(start)
    assert err == ""


def test_verbose_partial_fit(iris: Data, capsys: pytest.CaptureFixture[str]) -> None:
    make_model(verbose=True).partial_fit(*iris, classes=range(3))
    assert capsys.readouterr().out.startswith("Iteration 1, loss = ")


def test_verbose_tells_the_time_left(
    iris: Data, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By a clock that each epoch moves on by a second."""
    let_epochs_take_a_second(monkeypatch)
    make_model(verbose=True, max_iter=5).fit(*iris)

    assert re.findall(r"up to (\d+) s left", capsys.readouterr().out) == ["4", "3", "2", "1", "0"]


def test_verbose_prints_the_time_left_of_a_training_that_resumes(
    iris: Data, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = make_model(verbose=True, max_iter=5, learning_rate="linear", warm_start=True)
    interrupt_epoch(monkeypatch, 4)
    with pytest.warns(UserWarning, match="interrupted"):
        model.fit(*iris)
    capsys.readouterr()
    let_epochs_take_a_second(monkeypatch)
    model.fit(*iris)
    model.partial_fit(*iris)

    assert re.findall(r"up to (\d+) s left", capsys.readouterr().out) == ["1", "0", "0"]


@pytest.mark.parametrize(
    ("early_stopping", "measure"), [(False, "Training loss"), (True, "Validation score")]
)
def test_verbose_says_why_training_ends(
    iris: Data, early_stopping: bool, measure: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = {"tol": 0.125, "n_iter_no_change": 3, "max_iter": 200}
    model = make_model(early_stopping=early_stopping, verbose=True, **options).fit(*iris)
    *epochs, last = capsys.readouterr().out.splitlines()
    assert len(epochs) == model.n_iter_ < 200
    assert last == (
        f"{measure} did not improve more than tol=0.125000 for 3 consecutive epochs. Stopping."
    )
    if early_stopping:
        scores = [re.search(r"validation score = ([\d.]+)", line)[1] for line in epochs]
        assert_allclose(np.array(scores, float), model.validation_scores_, atol=1e-6)


def test_verbose_names_the_loss_where_validation_only_watches(
    iris: Data, capsys: pytest.CaptureFixture[str]
) -> None:
    model = make_model(tol=0.125, n_iter_no_change=3, max_iter=200, verbose=True)
    model.fit(*iris, X_val=iris[0], y_val=iris[1])

    assert "Training loss did not improve" in capsys.readouterr().out
