"""A search whose candidates train together gives what each candidate's own fit gives."""

import warnings
from itertools import product
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.decomposition import PCA
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp_scratch import MLPClassifier, MLPGridSearchCV, MLPRandomizedSearchCV
from skmlp_scratch._data.inputs import DenseInputs
from skmlp_scratch._search.packs import Task, make_jobs
from skmlp_scratch._search.together import OWN_PARAMETERS

X, Y = (part[:240] for part in load_digits(return_X_y=True))
X = X / 16
TUMORS, KINDS = (part[:200] for part in load_breast_cancer(return_X_y=True))
TUMORS = StandardScaler().fit_transform(TUMORS)
LABELS = np.random.default_rng(0).integers(0, 2, (len(X), 3))

# Some candidates are meant to learn badly.
pytestmark = pytest.mark.filterwarnings("ignore:Hidden layer")

# What each member of a pack may have for itself, two values of each.
OWN: dict[str, tuple[Any, Any]] = {
    "alpha": (0.0, 0.5),
    "beta_1": (0.9, 0.5),
    "beta_2": (0.999, 0.9),
    "clip_norm": (None, 0.1),
    "epsilon": (1e-8, 1e-2),
    "learning_rate": ("constant", "one_cycle"),
    "learning_rate_init": (0.001, 0.03),
    "max_iter": (3, 6),
    "max_norm": (None, 0.5),
    "n_iter_no_change": (1, 10),
    "solver": ("adam", "adamw"),
    "tol": (1e-4, 0.5),
}
OWN_OF_ADAMW: dict[str, tuple[Any, Any]] = {"weight_decay": (0.01, 0.5), "beta_2": (0.999, 0.9)}
OWN_OF_SGD: dict[str, tuple[Any, Any]] = {
    "learning_rate": ("invscaling", "adaptive"),
    "momentum": (0.9, 0.2),
    "nesterovs_momentum": (True, False),
    "power_t": (0.5, 0.1),
}
OWN_OF_EARLY_STOPPING: dict[str, tuple[Any, Any]] = {
    "scoring": (None, "loss"),
    "n_iter_no_change": (1, 3),
    "verbose": (False, True),
    "warm_start": (False, True),
    "max_fun": (15_000, 10),  # of lbfgs, which others do not look at
}
RATES = {"learning_rate_init": [0.001, 0.01, 0.1]}


def model(**parameters: Any) -> MLPClassifier:
    return MLPClassifier(
        **{"hidden_layer_sizes": 8, "max_iter": 4, "random_state": 0, **parameters}
    )


def one_changed(values: dict[str, tuple[Any, Any]]) -> list[dict[str, list[Any]]]:
    """Return a grid of candidates that differ from a first one in one parameter each."""
    return [{name: list(pair)} for name, pair in values.items()]


class Keeper:
    """A scorer that keeps what it is given: the fitted models."""

    def __init__(self) -> None:
        self.models: dict[str, Any] = {}

    def __call__(self, estimator: Any, X: Any, y: Any) -> float:
        parameters = {
            name: value
            for name, value in estimator.get_params().items()
            if not (hasattr(value, "fit") or isinstance(value, np.random.RandomState))
        }
        self.models[f"{parameters} {joblib.hash(y)}"] = estimator
        return float(estimator.score(X, y))


def fitted(kind: Any, estimator: Any, grid: Any, X: Any, y: Any, **fit_params: Any) -> Any:
    """Return a search, and the models of all its candidates and splits."""
    keeper = Keeper()
    search = kind(clone(estimator), grid, cv=2, scoring=keeper).fit(X, y, **fit_params)
    return search, keeper.models


def final(estimator: Any) -> Any:
    return final(estimator[-1]) if isinstance(estimator, Pipeline) else estimator


def assert_equal_searches(
    estimator: Any, grid: Any, X: Any = X, y: Any = Y, rtol: float = 1e-6, **fit_params: Any
) -> None:
    theirs, alone = fitted(GridSearchCV, estimator, grid, X, y, **fit_params)
    ours, together = fitted(MLPGridSearchCV, estimator, grid, X, y, **fit_params)

    assert_equal_results(ours, theirs)
    assert alone.keys() == together.keys()
    for name in alone:
        assert_equal_models(final(together[name]), final(alone[name]), rtol)


def assert_equal_results(ours: Any, theirs: Any) -> None:
    assert list(ours.cv_results_) == list(theirs.cv_results_)
    for name in theirs.cv_results_:
        if not name.endswith("_time"):
            np.testing.assert_array_equal(ours.cv_results_[name], theirs.cv_results_[name])
    assert getattr(ours, "best_params_", None) == getattr(theirs, "best_params_", None)


def assert_equal_models(ours: Any, theirs: Any, rtol: float) -> None:
    assert ours.n_iter_ == theirs.n_iter_
    assert ours.t_ == theirs.t_
    for name in ("loss", "validation_loss", "validation_score", "learning_rate"):
        np.testing.assert_allclose(ours.history_[name], theirs.history_[name], rtol=rtol)
    for a, b in zip(
        ours.coefs_ + ours.intercepts_, theirs.coefs_ + theirs.intercepts_, strict=True
    ):
        # Weights that shrink to nothing have no relative accuracy.
        np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol * np.abs(b).max())
    assert vars(ours).keys() == vars(theirs).keys()


TABLES: dict[str, tuple[dict[str, Any], dict[str, tuple[Any, Any]]]] = {
    "adam": ({}, OWN),
    "adamw": ({"solver": "adamw"}, OWN_OF_ADAMW),
    "sgd": ({"solver": "sgd"}, OWN_OF_SGD),
    "early stopping": ({"early_stopping": True, "max_iter": 8}, OWN_OF_EARLY_STOPPING),
}


@pytest.mark.slow
@pytest.mark.parametrize(("parameters", "values"), TABLES.values(), ids=TABLES)
def test_parameters_that_members_have_for_themselves(parameters: Any, values: Any) -> None:
    assert_equal_searches(model(**parameters), one_changed(values))


def test_all_parameters_of_members_are_tried() -> None:
    assert {name for _, values in TABLES.values() for name in values} == OWN_PARAMETERS


SHARED: dict[str, dict[str, Any]] = {
    "two layers": {"hidden_layer_sizes": (9, 7), "activation": ["tanh", "gelu"]},
    "dropout": {"hidden_layer_sizes": (9, 7), "dropout": 0.3, "input_dropout": 0.2},
    "in order": {"shuffle": False, "batch_size": 50},
    "early stopping": {"early_stopping": True, "n_iter_no_change": 1, "max_iter": 8},
    "scored": {"early_stopping": True, "scoring": "balanced_accuracy", "validation_fraction": 0.3},
    "loss": {"loss": "squared_error", "label_smoothing": 0.1, "init": "he"},
    "class weights": {"class_weight": "balanced"},
    "single precision": {"dtype": "float32"},
    "generator": {"random_state": np.random.RandomState(3)},
    "large batch": {"batch_size": 1000},
}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Got `batch_size` larger")
@pytest.mark.parametrize("parameters", SHARED.values(), ids=SHARED)
def test_parameters_that_members_share(parameters: dict[str, Any]) -> None:
    # Single precision keeps 7 digits, of which a few steps cost one.
    rtol = 1e-5 if "dtype" in parameters else 1e-6

    assert_equal_searches(model(**parameters), RATES, rtol=rtol)


DATA: dict[str, tuple[Any, Any]] = {
    "sparse": (sparse.csr_array(X), Y),
    "two classes": (TUMORS, KINDS),
    "labels": (X, LABELS),
    "sparse labels": (X, sparse.csr_matrix(LABELS)),
    "strings": (X, Y.astype(str)),
    "bytes": ((X * 16).astype(np.uint8), Y),
}


@pytest.mark.parametrize("data", DATA.values(), ids=DATA)
def test_data(data: tuple[Any, Any]) -> None:
    assert_equal_searches(model(dtype="float64", dropout=0.1, input_dropout=0.1), RATES, *data)


def test_frames() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=[f"pixel{number}" for number in range(X.shape[1])])

    assert_equal_searches(model(), RATES, frame, pandas.Series(Y))


@pytest.mark.filterwarnings("ignore:The scoring")
def test_weights_and_held_out_rows() -> None:
    weights = np.random.default_rng(0).uniform(0, 2, len(X))

    assert_equal_searches(model(), RATES, sample_weight=weights)
    assert_equal_searches(model(), RATES, X_val=X[:50], y_val=Y[:50])


def test_what_has_left_a_pack_trains_on_like_a_model_of_its_own() -> None:
    grid = {"max_iter": [2, 5]}
    estimator = model(warm_start=True, dropout=0.2)
    for name, alone in fitted(GridSearchCV, estimator, grid, X, Y)[1].items():
        together = fitted(MLPGridSearchCV, estimator, grid, X, Y)[1][name]
        rows = len(alone._state.order)
        for clf in (together, alone):
            clf.set_params(max_iter=2).fit(X[:rows], Y[:rows])
        assert_equal_models(together, alone, 1e-6)


@pytest.mark.slow
def test_pipelines() -> None:
    pipeline = make_pipeline(StandardScaler(), make_pipeline(PCA(6), model()))
    end = "pipeline__mlpclassifier"
    rates = {f"{end}__learning_rate_init": [0.001, 0.1]}
    grid = [
        {"standardscaler__with_std": [True, False], **rates},
        {"pipeline__pca": ["passthrough"], f"{end}__hidden_layer_sizes": [4, 6], **rates},
        {end: [model(alpha=0), model(alpha=1), model(activation="elu")]},
    ]

    assert_equal_searches(pipeline, grid)


class CountingScaler(StandardScaler):  # type: ignore[misc]
    """Counts the calls of all of its kind."""

    n_fits = 0

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Any:
        type(self).n_fits += 1
        return super().fit(X, y, sample_weight)


def test_steps_are_fitted_once_for_each_setting_and_split() -> None:
    CountingScaler.n_fits = 0
    models = {"mlpclassifier__alpha": [0, 1e-4], "mlpclassifier__hidden_layer_sizes": [4, 5]}
    grid = [
        {"countingscaler__with_mean": [True, False], **models},
        {"countingscaler__with_mean": [True], "mlpclassifier__solver": ["lbfgs"]},
    ]

    MLPGridSearchCV(make_pipeline(CountingScaler(), model()), grid, cv=3, refit=False).fit(X, Y)

    assert CountingScaler.n_fits == 2 * 3


def test_pipelines_with_a_memory(tmp_path: Path) -> None:
    pipeline = make_pipeline(PCA(6), model(), memory=str(tmp_path))

    assert_equal_searches(pipeline, {"pca__n_components": [4, 6], "mlpclassifier__alpha": [0, 1]})
    assert any(tmp_path.iterdir())


@pytest.mark.parametrize("n_jobs", [1, 2, 3, 7])
def test_jobs_are_long_ones_first_for_all_processes(n_jobs: int) -> None:
    sizes, splits, settings = [4, 64, 16], 5, [True, False]
    estimator = make_pipeline(StandardScaler(), model())
    tasks = [
        Task(
            None,
            (estimator, X, Y),
            {
                "candidate_progress": (number, None),
                "split_progress": (split, splits),
                "parameters": {
                    "standardscaler__with_mean": setting,
                    "mlpclassifier__hidden_layer_sizes": size,
                },
            },
        )
        for number, (setting, size) in enumerate(product(settings, sizes))
        for split in range(splits)
    ]
    jobs = make_jobs(tasks, n_jobs)

    assert sorted(number for job in jobs for pack in job for number in pack) == [*range(len(tasks))]
    costs = [sum(sizes[number // splits % 3] for [number] in job) for job in jobs]
    assert costs == sorted(costs, reverse=True)
    n_left = splits * len(settings) % n_jobs
    assert len(jobs) == splits * len(settings) - n_left + n_left * min(n_jobs, len(sizes))


def test_members_share_their_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = [count_batches(monkeypatch, kind) for kind in (GridSearchCV, MLPGridSearchCV)]

    assert counts[0] == len(RATES["learning_rate_init"]) * counts[1]


def test_members_share_their_time() -> None:
    pipeline = make_pipeline(StandardScaler(), model())
    rates = {"mlpclassifier__learning_rate_init": RATES["learning_rate_init"]}
    results = MLPGridSearchCV(pipeline, rates, cv=2, refit=False).fit(X, Y).cv_results_

    assert np.ptp(results["mean_fit_time"]) == 0 < results["mean_fit_time"].min()
    assert np.ptp(results["mean_score_time"]) > 0


def count_batches(monkeypatch: pytest.MonkeyPatch, kind: Any) -> int:
    """Return how many batches a search gathers."""
    n_batches = 0

    def batch(self: Any, rows: Any) -> Any:
        nonlocal n_batches
        n_batches += isinstance(rows, np.ndarray)
        return original(self, rows)

    original = DenseInputs.batch
    with monkeypatch.context() as patch:
        patch.setattr(DenseInputs, "batch", batch)
        kind(model(), RATES, cv=2, refit=False).fit(X, Y)
    return n_batches


def test_candidates_that_cannot_share() -> None:
    grid = [
        {"solver": ["lbfgs"], "max_iter": [20]},
        {"hidden_layer_sizes": [4, (5, 3)], "random_state": [1, 2], "learning_rate_init": [0.1, 1]},
    ]

    assert_equal_searches(model(), grid)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:One or more of the test scores")
@pytest.mark.parametrize("error_score", [np.nan, 0.25])
def test_failing_candidates(error_score: float) -> None:
    """Some parameters are not valid, one training fails at once, one later; others go on."""
    grid = [
        {"learning_rate_init": [0.01, -1, 1e200], "alpha": [1e-4, "high"], "tol": [0, 1e-4]},
        {"batch_size": [30, "all"], "max_iter": [2, "many"]},
        {
            "learning_rate": [
                lambda step: 0.01 + step,
                lambda step: 0.01 / (2 - step),
                lambda step: -1 - step,
            ]
        },
    ]
    searches = [
        kind(model(), grid, cv=2, error_score=error_score, refit=False)
        for kind in (GridSearchCV, MLPGridSearchCV)
    ]
    messages = []
    for search in searches:
        with pytest.warns(FitFailedWarning) as caught:
            search.fit(X, Y)
        messages.append(last_lines(caught))

    assert_equal_results(searches[1], searches[0])
    assert messages[0] == messages[1]


def last_lines(caught: Any) -> list[str]:
    """Return the errors that a warning about failed fits reports."""
    [text] = [str(w.message) for w in caught if w.category is FitFailedWarning]
    return sorted(line for line in text.splitlines() if "Error: " in line)


def test_an_error_ends_the_search_if_it_should() -> None:
    grid = {"learning_rate_init": [0.01, -1]}
    with pytest.raises(ValueError, match="'learning_rate_init'"):
        MLPGridSearchCV(model(), grid, error_score="raise").fit(X, Y)


def test_an_error_in_a_step_is_that_of_all_candidates() -> None:
    pipeline = make_pipeline(PCA(1000), model())
    with pytest.raises(ValueError, match="n_components=1000"):
        MLPGridSearchCV(pipeline, {"mlpclassifier__alpha": [0, 1]}).fit(X, Y)


def test_warnings_are_those_of_each_candidate() -> None:
    grid = {"learning_rate_init": [1e-3, 1e3], "max_iter": [1, 2]}
    caught = []
    for kind in (GridSearchCV, MLPGridSearchCV):
        with warnings.catch_warnings(record=True) as messages:
            warnings.simplefilter("always")
            kind(model(), grid, cv=2, refit=False).fit(X * 1e4, Y)
        caught.append(sorted(f"{w.category} {w.message}" for w in messages))

    assert caught[0] == caught[1]
    assert len(caught[0]) >= 8


SCORINGS: dict[str, Any] = {
    "names": {"scoring": ["accuracy", "neg_log_loss"], "refit": "neg_log_loss"},
    "dict": {"scoring": {"a": "accuracy", "f": "f1_macro"}, "refit": False},
    "function": {"scoring": lambda clf, X, y: {"right": clf.score(X, y)}, "refit": "right"},
    "choice": {"refit": lambda results: int(results["mean_test_score"].argmin())},
    "train": {"return_train_score": True},
}


@pytest.mark.slow
@pytest.mark.parametrize("options", SCORINGS.values(), ids=SCORINGS)
def test_options_of_the_search(options: dict[str, Any]) -> None:
    ours, theirs = (
        kind(model(), RATES, cv=2, **options).fit(X, Y) for kind in (MLPGridSearchCV, GridSearchCV)
    )

    assert_equal_results(ours, theirs)
    if options.get("refit", True):
        assert type(ours.best_estimator_) is MLPClassifier
        np.testing.assert_array_equal(ours.predict_proba(X), theirs.predict_proba(X))


@pytest.mark.slow
def test_processes() -> None:
    ours, theirs = (
        kind(model(), RATES, cv=3, n_jobs=2).fit(X, Y) for kind in (MLPGridSearchCV, GridSearchCV)
    )

    assert_equal_results(ours, theirs)


def test_randomized_search() -> None:
    grid = RATES | {"alpha": [1e-5, 1e-3], "batch_size": [30, 60]}
    ours, theirs = (
        kind(model(), grid, n_iter=6, cv=2, random_state=0).fit(X, Y)
        for kind in (MLPRandomizedSearchCV, RandomizedSearchCV)
    )

    assert_equal_results(ours, theirs)


def test_members_of_a_pack_without_a_seed_begin_alike() -> None:
    candidates = {"max_iter": [1, 2, 3]}
    _, models = fitted(MLPGridSearchCV, model(random_state=None), candidates, X, Y)

    # A pack for each of two splits.
    assert len({clf.loss_curve_[0] for clf in models.values()}) == 2
