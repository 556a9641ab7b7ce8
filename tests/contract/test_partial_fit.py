"""Training by calls of partial_fit."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tests._helpers.compare import same_parameters
from tests._helpers.data import Data
from tests._helpers.models import make_model


def test_first_partial_fit_needs_the_classes(iris: Data) -> None:
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        make_model().partial_fit(*iris)


def test_classes_of_later_calls_are_those_of_the_first(iris: Data) -> None:
    model = make_model().partial_fit(*iris, classes=[2, 1, 0])
    model.partial_fit(*iris, classes=[0, 1, 2])
    with pytest.raises(ValueError, match="is not the same as on last call"):
        model.partial_fit(*iris, classes=[0, 1, 3])


@pytest.mark.parametrize("first", [True, False])
def test_labels_that_are_not_among_the_classes(iris: Data, first: bool) -> None:
    X, y = iris
    model = make_model()
    if not first:
        model.partial_fit(X[:100], y[:100], classes=[0, 1])
    with pytest.raises(ValueError, match=r"`y` has classes not in `self.classes_`.*\[0 1 2\]"):
        model.partial_fit(X, y, classes=[0, 1])


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/issues/6994")
def test_classes_may_come_late(iris: Data) -> None:
    X, y = iris
    names = np.array(["a", "b", "c", "d"])
    model = make_model(learning_rate_init=0.02)
    for _ in range(50):
        for kind in range(3):
            model.partial_fit(X[y == kind], names[y[y == kind]], classes=names)
    assert_array_equal(model.classes_, names)
    assert model.predict_proba(X).shape == (150, 4)
    assert set(model.predict(X)) == {"a", "b", "c"}


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/issues/12505")
def test_partial_fit_of_several_labels_is_an_epoch_of_fit(multilabel: Data) -> None:
    X, y = multilabel
    one = make_model().partial_fit(X, y, classes=range(4))
    assert same_parameters(one, make_model(max_iter=1).fit(X, y))


def test_partial_fit_is_one_epoch(iris: Data) -> None:
    model = make_model()
    for n_calls in range(1, 4):
        model.partial_fit(*iris, classes=range(3))
        assert model.n_iter_ == 1
        assert model.t_ == 150 * n_calls
        assert len(model.loss_curve_) == n_calls


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/issues/25693")
def test_partial_fit_does_not_stop_early(iris: Data) -> None:
    with pytest.raises(ValueError, match="partial_fit does not support early_stopping=True"):
        make_model(early_stopping=True).partial_fit(*iris, classes=range(3))
    model = make_model(early_stopping=True).fit(*iris)
    with pytest.raises(ValueError, match="partial_fit does not support early_stopping=True"):
        model.partial_fit(*iris)
    model.set_params(early_stopping=False).partial_fit(*iris)
    assert model.best_loss_ == model.loss_


def test_lbfgs_has_no_partial_fit(iris: Data) -> None:
    model = make_model(solver="lbfgs")
    assert not hasattr(model, "partial_fit")
    with pytest.raises(AttributeError, match="partial_fit"):
        model.partial_fit(*iris)
    assert hasattr(model.set_params(solver="sgd"), "partial_fit")


def test_partial_fit_resumes_after_lbfgs(iris: Data) -> None:
    model = make_model(solver="lbfgs", max_iter=100, alpha=0.1).fit(*iris)
    score = model.score(*iris)
    model.set_params(solver="adam", learning_rate_init=1e-5).partial_fit(*iris)
    assert model.score(*iris) == pytest.approx(score, abs=0.01)
