"""Schedules of the learning rate within a fit."""

from collections.abc import Callable

import pytest
from sklearn.base import clone

from tests._helpers.data import Data
from tests._helpers.internals import interrupt_step, interrupt_validation
from tests._helpers.models import make_model


@pytest.mark.parametrize("solver", ["sgd", "adam", "adamw"])
@pytest.mark.parametrize("name", ["linear", "cosine", "one_cycle"])
def test_a_schedule_runs_to_its_end_without_a_warning(
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
    ("interrupt", "number"),
    [(interrupt_step, 4 * 4 + 3), (interrupt_validation, 5)],
    ids=["step", "validation"],
)
def test_an_interrupted_schedule_begins_its_epoch_again(
    iris: Data,
    monkeypatch: pytest.MonkeyPatch,
    interrupt: Callable[..., None],
    number: int,
    name: str,
) -> None:
    """After four epochs of four batches each."""
    X, y = iris
    model = make_model(learning_rate=name, max_iter=12, warm_start=True)
    learning_rates = clone(model).fit(X, y).history_["learning_rate"]
    interrupt(monkeypatch, number)
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
