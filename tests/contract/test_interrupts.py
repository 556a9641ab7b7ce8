"""Ctrl-C at a given step of a training.

That it may come at any moment is in `system/test_faults.py`.
"""

import pytest

from tests._helpers.compare import same_parameters
from tests._helpers.data import Data
from tests._helpers.internals import interrupt_evaluation, interrupt_step
from tests._helpers.models import make_model


@pytest.mark.parametrize("number", [3, 6, 9])
def test_ctrl_c_in_lbfgs_keeps_the_parameters_of_the_last_iteration(
    iris: Data, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """And not those that the line search was just trying."""
    interrupt_evaluation(monkeypatch, number)
    with pytest.warns(UserWarning, match="interrupted"):
        model = make_model(solver="lbfgs").fit(*iris)
    shorter = make_model(solver="lbfgs", max_iter=model.n_iter_).fit(*iris)

    assert same_parameters(model, shorter)
    assert model.loss_ == shorter.loss_


def test_ctrl_c_after_a_step_that_overflows_keeps_finite_parameters(
    iris: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the next batch could show that the training diverges."""
    options = {"solver": "sgd", "dtype": "float32", "batch_size": 50}
    explode = {"learning_rate": lambda step: 0.001 if step < 7 else 1e300}  # of 3 steps an epoch
    interrupt_step(monkeypatch, 9)
    with pytest.warns(UserWarning, match="interrupted"):
        model = make_model(**options, **explode).fit(*iris)

    assert same_parameters(model, make_model(**options, max_iter=1).fit(*iris))
