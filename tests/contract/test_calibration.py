"""The estimator calibrated: as well as scikit-learn's, whose probabilities are calibrated, too."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import accuracy_score, log_loss
from sklearn.neural_network import MLPClassifier as Theirs

from skmlp_scratch import MLPClassifier as Ours
from tests._helpers.data import Array, Data
from tests._helpers.ecosystem import (
    CALIBRATIONS,
    FOLDS,
    Kind,
    digits,
    flowers,
    halves,
    make_mlp,
    make_pipe,
    noisy_classes,
    rare_class,
    tumors,
    wines,
)
from tests._helpers.models import make_model

pytestmark = pytest.mark.slow  # each is several fits of other people's estimators


@pytest.mark.parametrize("ensemble", [True, False])
@pytest.mark.parametrize("method", CALIBRATIONS)
@pytest.mark.parametrize("data", [flowers, wines, tumors, digits, rare_class, noisy_classes])
def test_calibration_equals_theirs(
    data: Callable[[], tuple[Array, Array]], method: Any, ensemble: bool
) -> None:
    X_train, X_test, y_train, y_test = halves(data())

    def probabilities(kind: Kind) -> Array:
        calibrated = CalibratedClassifierCV(
            make_pipe(kind), method=method, cv=FOLDS, ensemble=ensemble
        )
        return calibrated.fit(X_train, y_train).predict_proba(X_test)

    # A minimization stops at a tolerance, and so carries rounding further. A probability of
    # isotonic regression is 0, or tiny.
    rtol = 1e-6 if method == "isotonic" else 1e-5
    ours, theirs = probabilities(Ours), probabilities(Theirs)
    assert_allclose(ours, theirs, rtol=rtol, atol=1e-9)
    assert log_loss(y_test, ours) == pytest.approx(log_loss(y_test, theirs), rel=1e-7)
    most_frequent = np.bincount(y_test).max() / len(y_test)
    assert accuracy_score(y_test, ours.argmax(axis=1)) > most_frequent


@pytest.mark.thread("https://github.com/skorch-dev/skorch/pull/1045")
def test_float32_probabilities_are_calibrated(binary: Data) -> None:
    X, y = binary[0].astype(np.float32), binary[1]
    model = CalibratedClassifierCV(make_model(learning_rate_init=0.01), cv=3).fit(X, y)
    assert model.score(X, y) > 0.9


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_calibration_of_a_model_that_is_too_sure(method: Literal["sigmoid", "isotonic"]) -> None:
    # Ten measurements that tell little, and far too many passes without a penalty.
    X, y = tumors()
    X_train, X_test, y_train, y_test = halves((X[:, 10:20], y))
    model = make_pipe(Ours, (100,), max_iter=150, alpha=0, tol=0)
    calibrated = CalibratedClassifierCV(model, method=method, cv=FOLDS).fit(X_train, y_train)
    raw = log_loss(y_test, model.fit(X_train, y_train).predict_proba(X_test))
    assert log_loss(y_test, calibrated.predict_proba(X_test)) < 0.75 * raw


def test_calibration_of_a_frozen_model() -> None:
    X_train, X_test, y_train, y_test = halves(digits())
    model = make_mlp().fit(X_train, y_train)
    before = [coef.copy() for coef in model.coefs_]
    calibrated = CalibratedClassifierCV(FrozenEstimator(model), cv=FOLDS).fit(X_test, y_test)
    inner = calibrated.calibrated_classifiers_[0].estimator
    assert_array_equal(inner.predict_proba(X_test), model.predict_proba(X_test))
    for coef, kept in zip(model.coefs_, before, strict=True):
        assert_array_equal(coef, kept)
