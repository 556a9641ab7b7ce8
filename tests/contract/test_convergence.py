"""When training ends, and the warning if it ends before it converges."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from tests._helpers.compare import same_parameters
from tests._helpers.data import Data
from tests._helpers.models import make_model

# --- each option changes the result -------------------------------------------------------------


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_warning_turned_into_an_error_does_not_cost_the_model(
    multiclass: Data, solver: str
) -> None:
    model = make_model(solver=solver, max_iter=2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ConvergenceWarning):
            model.fit(*multiclass)

    assert same_parameters(model, make_model(solver=solver, max_iter=2).fit(*multiclass))


# --- when training ends -------------------------------------------------------------------------


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/pull/8947")
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_end_before_convergence_gives_a_warning(iris: Data, solver: str) -> None:
    with pytest.warns(ConvergenceWarning, match=r"[Mm]ax.*\b3\b") as caught:
        model = make_model(solver=solver, max_iter=3).fit(*iris)
    assert len(caught) == 1
    assert model.n_iter_ == len(model.loss_curve_) == 3


@pytest.mark.parametrize("early_stopping", [True, False])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_convergence_gives_no_warning(iris: Data, solver: str, early_stopping: bool) -> None:
    options = {"max_iter": 500, "tol": 0.05, "alpha": 1.0, "early_stopping": early_stopping}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = make_model(solver=solver, **options).fit(*iris)
        assert model.n_iter_ < 500
        if solver != "lbfgs" and not early_stopping:
            model.partial_fit(*iris)


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/issues/9273")
def test_evaluations_of_lbfgs_are_limited(iris: Data) -> None:
    with pytest.warns(ConvergenceWarning, match="max_fun=4"):
        model = make_model(solver="lbfgs", max_iter=100, max_fun=4).fit(*iris)
    assert 0 < model.n_iter_ <= 4


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/issues/6512")
@pytest.mark.parametrize("n_iter_no_change", [1, 3, 8])
def test_patience_counts_epochs_without_improvement(iris: Data, n_iter_no_change: int) -> None:
    model = make_model(tol=1e9, n_iter_no_change=n_iter_no_change, max_iter=100).fit(*iris)
    # The first epoch is an improvement on nothing.
    assert model.n_iter_ == 1 + n_iter_no_change + 1


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/pull/9914")
@pytest.mark.parametrize("early_stopping", [True, False])
def test_infinite_patience(iris: Data, early_stopping: bool) -> None:
    options = {"tol": 1e9, "n_iter_no_change": np.inf, "early_stopping": early_stopping}
    assert make_model(max_iter=40, verbose=True, **options).fit(*iris).n_iter_ == 40
