"""The estimator in ensembles. That they equal theirs, `test_inside_scikit_learn.py` says."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    VotingClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import accuracy_score

from skmlp_scratch import MLPClassifier as Ours
from tests._helpers.data import Array
from tests._helpers.ecosystem import (
    Kind,
    digits,
    halves,
    make_mlp,
    same_for_both,
    within,
)

pytestmark = pytest.mark.slow  # each is several fits of other people's estimators


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


def test_a_frozen_model_stays_as_it_is() -> None:
    X, y = digits()
    model = make_mlp().fit(X[:300], y[:300])
    frozen = clone(FrozenEstimator(model)).fit(X[300:], y[300:])
    assert_array_equal(frozen.predict_proba(X), model.predict_proba(X))
