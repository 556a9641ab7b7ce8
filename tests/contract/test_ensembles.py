"""The estimator in ensembles, and calibrated."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import calibration
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss

from skmlp_scratch import MLPClassifier as Ours
from tests._helpers.data import Array, Data
from tests._helpers.ecosystem import (
    FOLDS,
    Kind,
    digits,
    flowers,
    halves,
    make_mlp,
    make_pipe,
    same_for_both,
    tumors,
    within,
)
from tests._helpers.models import make_model
from tests._helpers.parity import they_take_weights

pytestmark = pytest.mark.slow  # each is several fits of other people's estimators


@pytest.mark.thread("https://github.com/skorch-dev/skorch/pull/1045")
def test_float32_probabilities_are_calibrated(binary: Data) -> None:
    X, y = binary[0].astype(np.float32), binary[1]
    model = CalibratedClassifierCV(make_model(learning_rate_init=0.01), cv=3).fit(X, y)
    assert model.score(X, y) > 0.9


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_soft_voting(n_jobs: int) -> None:
    X_train, X_test, y_train, y_test = halves(digits())

    def probabilities(kind: Kind) -> Array:
        members = [(f"seed {seed}", make_mlp(kind, random_state=seed)) for seed in range(3)]
        vote = VotingClassifier(members, voting="soft", n_jobs=n_jobs).fit(X_train, y_train)
        single = np.mean([member.predict_proba(X_test) for member in vote.estimators_], axis=0)
        assert_allclose(vote.predict_proba(X_test), single)
        return vote.predict_proba(X_test)

    ours = within(120, same_for_both, probabilities)
    assert accuracy_score(y_test, ours.argmax(axis=1)) > 0.9


def test_stacking() -> None:
    X_train, X_test, y_train, y_test = halves(digits())

    def probabilities(kind: Kind) -> Array:
        members = [("wide", make_mlp(kind)), ("deep", make_mlp(kind, (20, 20)))]
        stack = StackingClassifier(members, LogisticRegression(), cv=FOLDS)
        return stack.fit(X_train, y_train).predict_proba(X_test)

    # The final minimization stops at a tolerance, and so carries rounding further.
    ours = same_for_both(probabilities, rtol=1e-4)
    assert accuracy_score(y_test, ours.argmax(axis=1)) > 0.9


@they_take_weights
def test_bagging() -> None:
    X_train, X_test, y_train, y_test = halves(digits())

    def probabilities(kind: Kind) -> Array:
        bag = BaggingClassifier(make_mlp(kind), 5, max_features=0.7, random_state=0)
        return bag.fit(X_train, y_train).predict_proba(X_test)

    ours = same_for_both(probabilities)
    assert accuracy_score(y_test, ours.argmax(axis=1)) > 0.9


@pytest.mark.filterwarnings("ignore:Hidden layer 1 outputs 0")  # three units are few
@pytest.mark.parametrize("name", ["bagging", "boosting"])
def test_many_weak_models_beat_one(name: str) -> None:
    X_train, X_test, y_train, y_test = halves(digits())
    weak = make_mlp(Ours, (3,))
    ensemble = {
        "bagging": BaggingClassifier(weak, 12, random_state=0),
        "boosting": AdaBoostClassifier(weak, n_estimators=12, random_state=0),
    }[name].fit(X_train, y_train)
    alone = np.mean([member.score(X_test, y_test) for member in ensemble.estimators_])
    assert ensemble.score(X_test, y_test) > alone + 0.1


@they_take_weights
def test_boosting() -> None:
    X_train, X_test, y_train, y_test = halves(digits())

    def errors(kind: Kind) -> Any:
        boost = AdaBoostClassifier(make_mlp(kind, (6,)), n_estimators=6, random_state=0)
        boost.fit(X_train, y_train)
        return [*boost.estimator_errors_, *boost.estimator_weights_, boost.score(X_test, y_test)]

    assert same_for_both(errors)[-1] > 0.8


CALIBRATIONS = ["sigmoid", "isotonic"]
if hasattr(calibration, "_TemperatureScaling"):  # since scikit-learn 1.8
    CALIBRATIONS.append("temperature")


@pytest.mark.parametrize("method", CALIBRATIONS)
@pytest.mark.parametrize("data", [tumors, flowers, digits])
def test_calibration(data: Callable[[], tuple[Array, Array]], method: Any) -> None:
    X_train, X_test, y_train, y_test = halves(data())

    def probabilities(kind: Kind) -> Array:
        calibrated = CalibratedClassifierCV(make_pipe(kind), method=method, cv=FOLDS)
        return calibrated.fit(X_train, y_train).predict_proba(X_test)

    # For the tolerance of a minimization, and for zeros of isotonic regression.
    ours = same_for_both(probabilities, rtol=1e-4, atol=1e-8)
    assert accuracy_score(y_test, ours.argmax(axis=1)) > 0.85


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


def test_a_frozen_model_stays_as_it_is() -> None:
    X, y = digits()
    model = make_mlp().fit(X[:300], y[:300])
    frozen = clone(FrozenEstimator(model)).fit(X[300:], y[300:])
    assert_array_equal(frozen.predict_proba(X), model.predict_proba(X))
