"""Searches wherever scikit-learn takes an estimator."""

import pickle
import re
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, make_scorer
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


def test_routed_metadata() -> None:
    weights, groups = np.linspace(0, 2, len(X)), np.arange(len(X)) % 4
    results = []
    with config_context(enable_metadata_routing=True):
        scorer = make_scorer(accuracy_score).set_score_request(sample_weight=True)
        model = MLPClassifier(8, max_iter=4, random_state=0).set_fit_request(sample_weight=True)
        for kind in (MLPGridSearchCV, GridSearchCV):
            search = kind(model, RATES, cv=GroupKFold(2), scoring=scorer)
            search.fit(X, Y, sample_weight=weights, groups=groups)
            results.append((search.cv_results_["mean_test_score"], search.predict_proba(X)))
        scorer.set_score_request(sample_weight=False)
        search.fit(X, Y, sample_weight=weights, groups=groups)

    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert (search.cv_results_["mean_test_score"] != results[0][0]).all()


def test_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    printed = []
    for search in searches(verbose=3, refit=False):
        search.fit(X, Y)
        printed.append(re.sub(r"[0-9.]+(s|min)", "", capsys.readouterr().out).splitlines())

    assert sorted(printed[0]) == sorted(printed[1])
    assert len(printed[0]) == 5  # their number, and a line for each


class Witness:
    """Notes the beginnings and ends of tasks: where each stands in the tree, and its estimator."""

    max_propagation_depth: int | None = None

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []

    def setup(self, estimator: Any, context: Any) -> None:
        """Be ready."""

    def teardown(self, estimator: Any, context: Any) -> None:
        """Have heard all."""

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        self._hear("begin", estimator, context)

    def on_fit_task_end(self, estimator: Any, context: Any) -> None:
        self._hear("end", estimator, context)

    def _hear(self, event: str, estimator: Any, context: Any) -> None:
        path = [context.task_id]
        while context.parent is not None:
            context = context.parent
            path.append(context.task_id)
        name = type(estimator).__name__.removeprefix("MLP")
        rate = getattr(estimator, "learning_rate_init", None)
        self.heard.append((*path[::-1], event, name, rate))


@pytest.mark.parametrize("depth", [None, 0])
def test_callbacks_are_called_for_candidates_and_epochs(depth: int | None) -> None:
    pytest.importorskip("sklearn.callback", reason="scikit-learn has callbacks since 1.9")
    attributes: list[Any] = []

    def score(clf: MLPClassifier, X: Any, y: Any) -> float:
        attributes.append(vars(clf).keys())
        return float(clf.score(X, y))

    heard = []
    for search in searches(scoring=score):
        witness = Witness()
        witness.max_propagation_depth = depth
        search.set_callbacks(witness).fit(X, Y)
        heard.append(witness.heard)

    assert attributes[:4] == attributes[4:]  # nothing of the callbacks is left on the models
    assert sorted(heard[0], key=repr) == sorted(heard[1], key=repr)
    if depth is None:  # members train side by side
        epochs = [task[:-4] for task in heard[0] if task[-3:-1] == ("end", "Classifier")]
        assert epochs != sorted(epochs)


@pytest.mark.slow
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_progress_bar(n_jobs: int, capsys: pytest.CaptureFixture[str]) -> None:
    callback = pytest.importorskip("sklearn.callback")
    pytest.importorskip("rich", reason="scikit-learn's ProgressBar draws with rich")
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(8, max_iter=4, random_state=0))
    rates = {f"mlpclassifier__{name}": values for name, values in RATES.items()}
    for estimator, grid in ((pipeline[-1], RATES), (pipeline, rates)):
        search = MLPGridSearchCV(estimator, grid, cv=2, n_jobs=n_jobs)
        search.set_callbacks(callback.ProgressBar(max_propagation_depth=None)).fit(X, Y)
        shown = capsys.readouterr().out

        assert shown.count("MLPClassifier - fit") == 5  # two candidates, two folds, and the refit
        assert shown.count("100%") == shown.count("%")
