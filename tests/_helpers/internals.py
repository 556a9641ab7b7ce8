"""Every access of the tests to a private part of the estimator, one function for each."""

from itertools import count
from typing import Any

import pytest
from numpy.typing import NDArray

from skmlp_scratch import MLPClassifier
from skmlp_scratch._training.objective import Objective
from skmlp_scratch._training.stochastic import StochasticSolver
from skmlp_scratch._training.validation import Validation


def validation_rows(model: MLPClassifier) -> NDArray[Any]:
    """Return the rows that a model with ``warm_start=True`` has set aside."""
    assert model._state is not None
    assert model._state.validation_rows is not None
    return model._state.validation_rows


def forbid_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every copy of a model for a callback fail."""

    def fail(*_: Any) -> None:
        raise AssertionError

    monkeypatch.setattr("skmlp_scratch._base.snapshot", fail)


def let_epochs_take_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give training a clock that each look moves on by a second."""
    monkeypatch.setattr("skmlp_scratch._estimator.callbacks.perf_counter", count().__next__)


def compute_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the chunks in which rows are predicted be as small as they can."""
    monkeypatch.setattr("skmlp_scratch._network.predictor.CHUNK_BYTES", 1)


# --- Ctrl-C -------------------------------------------------------------------------------------


def interrupt_epoch(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let Ctrl-C come once, at the beginning of an epoch, counted from 1."""
    _interrupt(monkeypatch, StochasticSolver, "run_epoch", number)


def interrupt_step(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let Ctrl-C come once, at the beginning of a step of a stochastic solver."""
    _interrupt(monkeypatch, Objective, "evaluate", number)


def interrupt_evaluation(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let Ctrl-C come once, as L-BFGS evaluates the objective."""
    _interrupt(monkeypatch, Objective, "evaluate_all", number)


def interrupt_validation(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let Ctrl-C come once, as an epoch is validated."""
    _interrupt(monkeypatch, Validation, "__call__", number)


def _interrupt(monkeypatch: pytest.MonkeyPatch, owner: type, method: str, number: int) -> None:
    """Let Ctrl-C come once, where a method is called for the `number`-th time."""
    function, calls = getattr(owner, method), count(1)

    def interrupted(*arguments: Any) -> Any:
        if next(calls) == number:
            raise KeyboardInterrupt
        return function(*arguments)

    monkeypatch.setattr(owner, method, interrupted)
