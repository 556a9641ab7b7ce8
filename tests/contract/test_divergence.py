"""Training that diverges."""

from copy import deepcopy

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier as Theirs

from skmlp_scratch import MLPClassifier
from tests._helpers.compare import same_parameters
from tests._helpers.data import Data
from tests._helpers.models import make_model


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/pull/22150")
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning", "ignore:invalid:RuntimeWarning")
def test_divergence_is_reported_as_in_scikit_learn(binary: Data) -> None:
    X, y = binary
    for kind in (MLPClassifier, Theirs):
        with pytest.raises(ValueError, match="Solver produced non-finite parameter weights"):
            kind(solver="sgd", learning_rate_init=1e300).fit(X * 1e300, y)


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/issues/29504")
@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/pull/29773")
def test_divergence_with_early_stopping_keeps_the_best_epoch(multiclass: Data) -> None:
    """Validation scores of a diverged model are scores, and the parameters are finite."""
    X, y = multiclass
    options = {"solver": "sgd", "activation": "identity", "momentum": 0}
    model = make_model(early_stopping=True, learning_rate_init=50, **options).fit(X, y)
    assert np.isfinite(model.validation_scores_).all()
    assert np.isfinite(model.predict_log_proba(X)).all()


def test_divergence_keeps_the_last_finite_epoch_and_says_what_to_try(multiclass: Data) -> None:
    X, y = multiclass
    options = {"solver": "sgd", "momentum": 0, "activation": "identity", "batch_size": 120}

    def explode(step: int) -> float:
        return 0.1 if step < 3 else 1e200

    model = make_model(learning_rate=explode, **options)
    with pytest.warns(ConvergenceWarning, match=r"infinite or NaN in epoch 5.*learning_rate_init"):
        model.fit(X, y)

    assert np.isfinite(model.predict_proba(X)).all()
    assert len(model.loss_curve_) == model.n_iter_ == 4


@pytest.mark.filterwarnings("ignore:The model is compact")
def test_training_resumes_after_divergence_with_a_reset_optimizer_state(
    multiclass: Data,
) -> None:
    X, y = multiclass
    options = {"solver": "sgd", "batch_size": 120, "activation": "identity"}
    model = make_model(learning_rate=lambda step: 0.1 if step < 3 else 1e200, **options)
    with pytest.warns(ConvergenceWarning, match="infinite or NaN"):
        model.fit(X, y)
    model.set_params(learning_rate="constant")
    with_new_memory = deepcopy(model).compact()

    assert same_parameters(model.partial_fit(X, y), with_new_memory.partial_fit(X, y))


def test_divergence_in_the_first_epoch_is_an_error_and_leaves_the_model(iris: Data) -> None:
    X, y = iris
    model = make_model(warm_start=True).fit(X, y)
    before = [coef.copy() for coef in model.coefs_]
    with pytest.raises(ValueError, match=r"non-finite.*learning_rate_init=1e\+300.*clip_norm"):
        model.set_params(solver="sgd", learning_rate_init=1e300).fit(X, y)

    for coef, old in zip(model.coefs_, before, strict=True):
        assert_array_equal(coef, old)
