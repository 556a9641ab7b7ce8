"""A second fit with warm_start=True.

That it resumes exactly is in `test_resume.py`.
"""

import pytest

from tests._helpers.data import Data
from tests._helpers.models import make_model


def test_warm_start_changes_the_second_fit(multiclass: Data) -> None:
    cold, warm = make_model(), make_model(warm_start=True)
    for _ in range(2):
        cold.fit(*multiclass)
        warm.fit(*multiclass)
    assert len(cold.loss_curve_) == 15
    assert len(warm.loss_curve_) == 30
    assert warm.loss_ < cold.loss_


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/issues/16812")
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_each_warm_fit_has_max_iter_epochs(iris: Data, solver: str) -> None:
    model = make_model(solver=solver, max_iter=4, warm_start=True)
    for n_fits in range(1, 4):
        model.fit(*iris)
        assert model.n_iter_ == 4
        assert len(model.loss_curve_) == 4 * n_fits
