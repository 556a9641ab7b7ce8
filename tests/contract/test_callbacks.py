"""scikit-learn's callbacks, which are new in its version 1.9."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests._helpers import models
from tests._helpers.compare import same_parameters
from tests._helpers.data import Data
from tests._helpers.internals import forbid_copies
from tests._helpers.models import SOLVERS

callback = pytest.importorskip("sklearn.callback", reason="scikit-learn has callbacks since 1.9")

make_model = partial(models.make_model, max_iter=5)


class Witness:
    """Writes down what it hears, and asks to stop after some epochs."""

    max_propagation_depth = None

    def __init__(self, n_epochs: float = np.inf) -> None:
        self.n_epochs = n_epochs
        self.heard: list[tuple[str, str]] = []

    def setup(self, estimator: Any, context: Any) -> None:
        self.heard.append(("setup", context.task_name))

    def teardown(self, estimator: Any, context: Any) -> None:
        self.heard.append(("teardown", context.task_name))

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        self.heard.append(("begin", context.task_name))

    def on_fit_task_end(self, estimator: Any, context: Any) -> bool:
        self.heard.append(("end", context.task_name))
        return context.task_name == "epoch" and context.task_id + 1 >= self.n_epochs


class Collector(Witness):
    """Keeps the ready-to-predict copies that it is given, and what they were made from."""

    def __init__(self) -> None:
        super().__init__()
        self.models: list[Any] = []
        self.given: list[Any] = []

    def on_fit_task_end(  # type: ignore[override]
        self, estimator: Any, context: Any, *, X: Any, y: Any, metadata: Any, fitted_estimator: Any
    ) -> None:
        if context.task_name == "epoch":
            self.models.append(fitted_estimator)
            self.given.append((X, y, metadata))


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_fit_is_a_task_with_one_for_each_epoch(iris: Data, solver: str) -> None:
    witness = Witness()
    make_model(solver=solver).set_callbacks(witness).fit(*iris)

    epochs = [("begin", "epoch"), ("end", "epoch")] * 5
    assert witness.heard == [
        ("setup", "fit"),
        ("begin", "fit"),
        *epochs,
        ("end", "fit"),
        ("teardown", "fit"),
    ]


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_callback_ends_the_fit(iris: Data, solver: str, recwarn: pytest.WarningsRecorder) -> None:
    stopped = make_model(solver=solver).set_callbacks(Witness(3)).fit(*iris)
    assert not recwarn
    shorter = make_model(solver=solver, max_iter=3).fit(*iris)

    assert stopped.n_iter_ == len(stopped.loss_curve_) == 3
    assert all(map(np.array_equal, stopped.coefs_, shorter.coefs_))


@pytest.mark.parametrize("solver", SOLVERS)
def test_copies_for_callbacks_are_as_if_the_fit_had_ended_there(iris: Data, solver: str) -> None:
    X, y = pd.DataFrame(iris[0], columns=list("abcd")), np.array(["x", "y", "z"])[iris[1]]
    collector = Collector()
    make_model(solver=solver).set_callbacks(collector).fit(X, y)

    for n_epochs, model in enumerate(collector.models, start=1):
        alone = make_model(solver=solver, max_iter=n_epochs).fit(X, y)
        assert_array_equal(model.predict_proba(X), alone.predict_proba(X))
        assert model.loss_curve_ == model.history_["loss"] == alone.loss_curve_


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_training_resumes_exactly_from_a_copy_for_a_callback(iris: Data, solver: str) -> None:
    options = {"solver": solver, "learning_rate": "linear", "max_iter": 6, "warm_start": True}
    collector = Collector()
    whole = make_model(**options).set_callbacks(collector).fit(*iris)
    halfway = collector.models[2]
    assert halfway.t_ == 3 * len(iris[0])

    assert same_parameters(halfway.set_callbacks().fit(*iris), whole)


def test_callbacks_see_what_the_user_gave(iris: Data) -> None:
    X, y = pd.DataFrame(iris[0], columns=list("abcd")), list(iris[1])
    weights, collector = np.ones(len(y)), Collector()
    make_model().set_callbacks(collector).fit(X, y, weights, X_val=X, y_val=y)

    for seen_X, seen_y, metadata in collector.given:
        assert seen_X is X
        assert seen_y is y
        assert metadata.keys() == {"sample_weight", "X_val", "y_val"}
        assert metadata["sample_weight"] is weights


def test_no_copy_is_made_for_a_callback_that_does_not_ask(
    iris: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_copies(monkeypatch)
    make_model().set_callbacks(Witness()).fit(*iris)


def test_teardown_follows_a_fit_that_fails(iris: Data) -> None:
    witness = Witness()
    model = make_model().set_callbacks(witness)
    with pytest.raises(ValueError, match="NaN"):
        model.fit(iris[0] * np.nan, iris[1])

    assert witness.heard[-1] == ("teardown", "fit")
    assert not hasattr(model, "coefs_")
    assert not hasattr(model, "_callback_fit_ctx")


def test_callbacks_survive_a_clone_and_leave_the_model_as_it_is(iris: Data) -> None:
    silent, heard = make_model().fit(*iris), make_model().set_callbacks(Witness()).fit(*iris)

    assert clone(heard).fit(*iris).n_iter_ == silent.n_iter_
    assert all(map(np.array_equal, silent.coefs_, heard.coefs_))


@pytest.mark.slow
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_progress_bars_of_each_fit_in_a_search(
    iris: Data, n_jobs: int, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("rich", reason="scikit-learn's ProgressBar draws with rich")
    pipeline = make_pipeline(StandardScaler(), make_model())
    search = GridSearchCV(
        pipeline, {"mlpclassifier__alpha": [0.0, 0.1]}, cv=2, n_jobs=n_jobs
    ).set_callbacks(callback.ProgressBar(max_propagation_depth=None))
    search.fit(*iris)

    shown = capsys.readouterr().out
    assert shown.count("MLPClassifier") == 5  # two candidates, two folds, and the refit
    assert shown.count("100%") >= 5


def test_scoring_monitor_follows_a_fit(iris: Data) -> None:
    monitor = callback.ScoringMonitor(scoring="accuracy")
    model = make_model().set_callbacks(monitor).fit(*iris)
    rows = monitor.get_logs(select="most_recent").data
    scores = [row["accuracy"] for row in rows if row["task_name"] == "epoch"]

    assert len(scores) == model.n_iter_
    assert scores[-1] == model.score(*iris)
