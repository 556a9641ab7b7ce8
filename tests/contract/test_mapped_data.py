"""Training on data that joblib maps from a file."""

from pathlib import Path

import joblib
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.ensemble import (
    VotingClassifier,
)
from sklearn.model_selection import (
    GridSearchCV,
)

from skmlp_scratch import MLPClassifier as Ours
from tests._helpers.ecosystem import FOLDS, large_digits, make_mlp, within
from tests._helpers.estimators import NeedsMappedData

pytestmark = pytest.mark.slow  # each is several fits of other people's estimators


def test_workers_train_on_mapped_data() -> None:
    X, y = large_digits()
    options = {"max_iter": 5, "early_stopping": True}
    kinds = (Ours, NeedsMappedData)
    members = [
        [(str(seed), make_mlp(kind, random_state=seed, **options)) for seed in (0, 1)]
        for kind in kinds
    ]
    alone = VotingClassifier(members[0], voting="soft").fit(X, y)
    mapped = within(120, VotingClassifier(members[1], voting="soft", n_jobs=2).fit, X, y)
    assert_allclose(mapped.predict_proba(X), alone.predict_proba(X), rtol=1e-6)
    assert mapped.score(X, y) > 0.9


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/pull/12122")
def test_early_stopping_in_a_search_on_mapped_data() -> None:
    X, y = large_digits()
    alone, parallel = (
        within(
            120,
            GridSearchCV(
                make_mlp(Ours, max_iter=40, early_stopping=True, n_iter_no_change=2),
                {"hidden_layer_sizes": [(30,), (20, 10)]},
                cv=FOLDS,
                scoring="neg_log_loss",
                n_jobs=n_jobs,
                error_score="raise",
            ).fit,
            X,
            y,
        )
        for n_jobs in (1, 2)
    )
    for fold in range(3):
        name = f"split{fold}_test_score"
        assert_allclose(parallel.cv_results_[name], alone.cv_results_[name], rtol=1e-6)
    assert parallel.best_params_ == alone.best_params_
    assert parallel.best_estimator_.n_iter_ < 40
    assert parallel.best_estimator_.best_validation_score_ > 0.9


def test_early_stopping_on_a_mapped_file(tmp_path: Path) -> None:
    X, y = large_digits()
    joblib.dump(X, tmp_path / "X")
    mapped = joblib.load(tmp_path / "X", mmap_mode="r")
    model = make_mlp(early_stopping=True, max_iter=5)
    assert_array_equal(
        clone(model).fit(mapped, y).predict_proba(mapped), model.fit(X, y).predict_proba(X)
    )
