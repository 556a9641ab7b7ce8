"""Searches wherever scikit-learn takes an estimator."""

import pickle
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmlp_scratch import MLPClassifier, MLPGridSearchCV, MLPRandomizedSearchCV

X, Y = (part[:240] for part in load_digits(return_X_y=True))
X = X / 16
RATES = {"learning_rate_init": [0.001, 0.01]}


def searches(**options: Any) -> list[Any]:
    """Return the same search of both kinds."""
    model = MLPClassifier(8, max_iter=4, random_state=0)
    return [kind(model, RATES, cv=2, **options) for kind in (MLPGridSearchCV, GridSearchCV)]


def small(kind: Any, **options: Any) -> Any:
    model = MLPClassifier(8, max_iter=20, learning_rate_init=0.02, random_state=0)
    return kind(model, {"alpha": [1e-4, 1e-2]}, cv=2, **options)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # about folds whose fits or scores fail
@parametrize_with_checks(
    [small(MLPGridSearchCV), small(MLPRandomizedSearchCV, n_iter=2, random_state=0)]
)
def test_scikit_learn_checks(estimator: Any, check: Any) -> None:
    check(estimator)


def test_nested_cross_validation() -> None:
    ours, theirs = (cross_val_score(search, X, Y, cv=2) for search in searches())

    np.testing.assert_array_equal(ours, theirs)


def test_in_a_pipeline_and_in_another_search() -> None:
    ours, theirs = (
        GridSearchCV(
            make_pipeline(StandardScaler(), search),
            {f"{type(search).__name__.lower()}__estimator__alpha": [0, 1]},
            cv=2,
        ).fit(X, Y)
        for search in searches()
    )

    for name in ("mean_test_score", "rank_test_score"):
        np.testing.assert_array_equal(ours.cv_results_[name], theirs.cv_results_[name])
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


def test_groups() -> None:
    groups = np.arange(len(X)) % 6
    ours, theirs = (
        search.set_params(cv=GroupKFold(3)).fit(X, Y, groups=groups) for search in searches()
    )

    np.testing.assert_array_equal(
        ours.cv_results_["mean_test_score"], theirs.cv_results_["mean_test_score"]
    )


def test_clone_and_pickle() -> None:
    search = searches()[0].fit(X, Y)
    again = clone(search).fit(X, Y)
    loaded = pickle.loads(pickle.dumps(search))

    np.testing.assert_array_equal(again.predict_proba(X), search.predict_proba(X))
    np.testing.assert_array_equal(loaded.predict_proba(X), search.predict_proba(X))
    assert loaded.cv_results_["params"] == search.cv_results_["params"]


def test_the_best_estimator_is_that_of_an_ordinary_fit() -> None:
    search = searches()[0].fit(X, Y)
    alone = clone(search.estimator).set_params(**search.best_params_).fit(X, Y)

    assert vars(search.best_estimator_).keys() == vars(alone).keys()
    assert joblib.hash(search.best_estimator_.coefs_) == joblib.hash(alone.coefs_)


@pytest.mark.parametrize("other", [LogisticRegression(), make_pipeline(StandardScaler())])
def test_other_estimators_are_refused(other: Any) -> None:
    with pytest.raises(TypeError, match=r"skmlp_scratch\.MLPClassifier.*GridSearchCV"):
        MLPGridSearchCV(other, {}).fit(X, Y)
    pipeline = make_pipeline(StandardScaler(), MLPClassifier())
    with pytest.raises(TypeError, match="GridSearchCV"):
        MLPGridSearchCV(pipeline, {"mlpclassifier": [other]}).fit(X, Y)


def test_ctrl_c_ends_the_search() -> None:
    def press(*_: Any) -> float:
        raise KeyboardInterrupt

    search = searches()[0]
    search.estimator.set_params(early_stopping=True, scoring=press)
    with pytest.raises(KeyboardInterrupt):
        search.fit(X, Y)
