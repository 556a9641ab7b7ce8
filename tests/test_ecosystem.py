"""The estimator inside scikit-learn's tools: pipelines, searches, ensembles, calibration, routing.

Where a tool gives numbers, `ours` and scikit-learn's own `theirs` give the same ones, from the same
seed on the same float64 data, and good ones. A failure inside a tool is an error here.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import cache, partial
from inspect import signature
from itertools import permutations
from pathlib import Path
from typing import Any, Literal

import joblib
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from scipy.stats import loguniform
from sklearn import calibration, config_context, get_config
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.datasets import load_breast_cancer, load_digits, load_iris
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, get_scorer, log_loss, make_scorer, roc_auc_score
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
    StratifiedKFold,
    cross_val_predict,
    cross_validate,
    learning_curve,
    train_test_split,
    validation_curve,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neural_network import MLPClassifier as Theirs
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skmlp_scratch import MLPClassifier as Ours

Array = NDArray[Any]
Kind = type[Ours] | type[Theirs]

# A few epochs are enough for good scores.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

they_take_weights = pytest.mark.skipif(
    "sample_weight" not in signature(Theirs.fit).parameters,
    reason="scikit-learn's MLPClassifier takes sample_weight since 1.7",
)

FOLDS = StratifiedKFold(3, shuffle=True, random_state=0)


@cache
def digits() -> tuple[Array, Array]:
    """Return 600 handwritten digits of 8 x 8 pixels in [0, 1]; read-only."""
    X, y = load_digits(return_X_y=True)
    return _read_only(X[:600] / 16, y[:600])


@cache
def large_digits() -> tuple[Array, Array]:
    """Return all 1797 digits in 16 x 16 pixels: 3.7 MB, which joblib maps from a file."""
    X, y = load_digits(return_X_y=True)
    images = np.kron(X.reshape(-1, 8, 8) / 16, np.ones((2, 2)))
    return _read_only(images.reshape(len(X), 256), y)


@cache
def tumours() -> tuple[Array, Array]:
    """Return 569 tumours of two kinds with 30 measurements of very different scales; read-only."""
    return _read_only(*load_breast_cancer(return_X_y=True))


@cache
def flowers() -> tuple[Array, Array]:
    """Return 150 irises of three kinds with 4 measurements; read-only."""
    return _read_only(*load_iris(return_X_y=True))


def _read_only(X: Array, y: Array) -> tuple[Array, Array]:
    X.flags.writeable = y.flags.writeable = False
    return X, y


def make_model(kind: Kind = Ours, *sizes: Any, **parameters: Any) -> Any:
    """Return a small model that learns fast."""
    defaults = {"max_iter": 15, "learning_rate_init": 0.01, "random_state": 3, "batch_size": 50}
    return kind(*(sizes or [(40,)]), **defaults | parameters)


def make_pipe(kind: Kind = Ours, *sizes: Any, **parameters: Any) -> Pipeline:
    """Return such a model behind a scaler."""
    return make_pipeline(StandardScaler(), make_model(kind, *sizes, **parameters))


def same_for_both(function: Callable[[Kind], Any], rtol: float = 1e-6, atol: float = 0) -> Array:
    """Return what a function makes of our estimator, which is what it makes of theirs."""
    ours, theirs = (np.asarray(function(kind)) for kind in (Ours, Theirs))
    assert_allclose(ours, theirs, rtol=rtol, atol=atol)
    return ours


def within(seconds: float, function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what the function returns; fail if that takes too long, as worker processes might."""
    future: Future[Any] = Future()
    config = get_config()  # each thread has its own

    def run() -> None:
        try:
            with config_context(**config):
                future.set_result(function(*arguments))
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future.result(seconds)


# --- pipelines and columns ----------------------------------------------------------------------


def test_pipeline() -> None:
    X_train, X_test, y_train, y_test = train_test_split(*tumours(), random_state=0)
    pipes = [make_pipe(kind).fit(X_train, y_train) for kind in (Ours, Theirs)]
    ours, theirs = (pipe.predict_proba(X_test) for pipe in pipes)
    assert_allclose(ours, theirs, rtol=1e-6)
    assert pipes[0].score(X_test, y_test) > 0.95


def test_pipeline_sets_parameters_by_name() -> None:
    X, y = tumours()
    pipe = make_pipe().set_params(mlpclassifier__hidden_layer_sizes=(7, 4), mlpclassifier__alpha=1)
    pipe.fit(X, y)
    assert [len(coef) for coef in pipe[-1].coefs_] == [30, 7, 4]


def make_columns(kind: Kind) -> Pipeline:
    """Return a model on scaled numbers and one-hot encoded strings, passed on as a data frame."""
    columns = ColumnTransformer(
        [
            ("number", StandardScaler(), make_column_selector(dtype_include="number")),
            (
                "string",
                OneHotEncoder(sparse_output=False),
                make_column_selector(dtype_exclude="number"),
            ),
        ]
    ).set_output(transform="pandas")
    return make_pipeline(columns, make_model(kind))


def tumours_frame() -> tuple[Any, Any]:
    """Return the tumours as a data frame, one measurement of which is in words."""
    import pandas as pd

    frame, y = load_breast_cancer(return_X_y=True, as_frame=True)
    words = pd.cut(frame.pop("mean area"), 3, labels=["small", "medium", "large"])
    return frame.assign(size=words.astype(object)), y.map({0: "malignant", 1: "benign"})


def test_column_transformer() -> None:
    X, y = tumours_frame()
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    models = [make_columns(kind).fit(X_train, y_train) for kind in (Ours, Theirs)]
    ours, theirs = (model.predict_proba(X_test) for model in models)
    assert_allclose(ours, theirs, rtol=1e-6)
    assert models[0].score(X_test, y_test) > 0.95
    assert set(models[0].predict(X_test)) == {"benign", "malignant"}


def test_columns_are_known_by_name() -> None:
    X, y = tumours_frame()
    model = make_columns(Ours).fit(X, y)
    assert "number__mean radius" in model[-1].feature_names_in_
    assert "string__size_small" in model[-1].feature_names_in_
    assert_array_equal(model.predict_proba(X[X.columns[::-1]]), model.predict_proba(X))
    transformed = model[0].transform(X)
    with pytest.raises(ValueError, match="feature names should match"):
        model[-1].predict(transformed[transformed.columns[::-1]])


# --- cross-validation ---------------------------------------------------------------------------


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_cross_validate(n_jobs: int) -> None:
    X, y = tumours()

    def scores(kind: Kind) -> Any:
        metrics = ["accuracy", "neg_log_loss", "roc_auc", "f1"]
        result = cross_validate(
            make_pipe(kind),
            X,
            y,
            cv=FOLDS,
            scoring=metrics,
            return_train_score=True,
            n_jobs=n_jobs,
            error_score="raise",
        )
        return [result[f"{part}_{name}"] for part in ("test", "train") for name in metrics]

    accuracy, _, area, *_ = within(120, same_for_both, scores)
    assert accuracy.mean() > 0.95
    assert area.mean() > 0.98


@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba"])
def test_cross_val_predict(method: str) -> None:
    X, y = digits()
    predicted = same_for_both(
        lambda kind: cross_val_predict(make_model(kind), X, y, cv=FOLDS, method=method)
    )
    labels = predicted if method == "predict" else predicted.argmax(axis=1)
    assert accuracy_score(y, labels) > 0.9


def test_learning_curve_of_passes() -> None:
    # Calls partial_fit with more and more rows.
    X, y = digits()

    def curve(kind: Kind) -> Any:
        _, _, test_scores = learning_curve(
            make_model(kind),
            X,
            y,
            cv=FOLDS,
            train_sizes=[50, 100, 200, 400],
            exploit_incremental_learning=True,
            scoring="neg_log_loss",
            error_score="raise",
        )
        return test_scores

    means = same_for_both(curve).mean(axis=1)
    assert_array_equal(np.argsort(means), range(4))


def test_validation_curve() -> None:
    X, y = digits()
    widths = [(1,), (4,), (16, 16)]

    def curve(kind: Kind) -> Any:
        return validation_curve(
            make_model(kind),
            X,
            y,
            cv=FOLDS,
            param_name="hidden_layer_sizes",
            param_range=widths,
            error_score="raise",
        )

    _, test_scores = same_for_both(curve)
    means = test_scores.mean(axis=1)
    assert means[0] < 0.5 < means[1] < means[2]


# --- searches -----------------------------------------------------------------------------------

# Of unequal lengths, so that a table of them would be ragged.
SIZES = [(12,), (8, 6), (), (4, 4, 4)]
LAYERS, RATE = "mlpclassifier__hidden_layer_sizes", "mlpclassifier__learning_rate_init"
EPOCHS = "mlpclassifier__max_iter"


class RandomSizes:
    """A distribution of one to three hidden layers, as a user writes it."""

    def rvs(self, random_state: Any = None) -> tuple[int, ...]:
        """Draw a tuple."""
        return tuple(random_state.randint(3, 15, random_state.randint(1, 4)).tolist())


def make_search(name: str, kind: Kind, n_jobs: int | None) -> Any:
    """Return a search over the sizes and learning rates of a pipeline."""
    grid = {LAYERS: SIZES, RATE: [1e-5, 0.01]}
    distributions = {LAYERS: RandomSizes(), RATE: loguniform(1e-4, 0.1)}
    # Not accuracy: neither ties nor equal scores of unequal models.
    common = {"scoring": "neg_log_loss", "cv": FOLDS, "n_jobs": n_jobs, "error_score": "raise"}
    seeded = common | {"random_state": 0}
    epochs = {"resource": EPOCHS, "min_resources": 3, "max_resources": 12, "factor": 2}
    rows = {"min_resources": 150, "factor": 2}
    searches: dict[str, Callable[[Any], Any]] = {
        "grid": lambda model: GridSearchCV(model, grid, **common),
        "random": lambda model: RandomizedSearchCV(model, distributions, n_iter=5, **seeded),
        "halving epochs": lambda model: HalvingGridSearchCV(model, grid, **seeded, **epochs),
        "halving rows": lambda model: HalvingGridSearchCV(model, grid, **seeded, **rows),
        "halving random": lambda model: HalvingRandomSearchCV(
            model, distributions, n_candidates=4, **seeded, **epochs
        ),
    }
    return searches[name](make_pipe(kind))


SEARCHES = ["grid", "random", "halving epochs", "halving rows", "halving random"]


@cache
def searched(name: str, kind: Kind, n_jobs: int) -> Any:
    """Return such a search after its fit on the digits."""
    return within(120, make_search(name, kind, n_jobs).fit, *digits())


def comparable(search: Any) -> dict[str, Any]:
    """Return a search's table without the times."""
    return {name: column for name, column in search.cv_results_.items() if "time" not in name}


def assert_same_search(one: Any, other: Any) -> None:
    """Compare the tables of two searches, apart from rounding, and what they chose."""
    expected, found = comparable(one), comparable(other)
    assert found.keys() == expected.keys()
    for name, column in found.items():
        if np.asarray(column).dtype == object:
            assert_array_equal(column, expected[name], err_msg=name)
        else:
            assert_allclose(column, expected[name], rtol=1e-6, err_msg=name)
    assert other.best_params_ == one.best_params_


@pytest.mark.parametrize("name", SEARCHES)
def test_search_equals_theirs(name: str) -> None:
    X, y = digits()
    ours = searched(name, Ours, 1)
    assert_same_search(ours, searched(name, Theirs, 1))
    assert ours.score(X, y) > -0.3
    assert accuracy_score(y, ours.predict(X)) > 0.9


@pytest.mark.parametrize("name", SEARCHES)
def test_parallel_search_equals_one_after_the_other(name: str) -> None:
    assert_same_search(searched(name, Ours, 1), searched(name, Ours, 2))


@pytest.mark.parametrize("name", SEARCHES)
def test_search_keeps_tuples(name: str) -> None:
    search = searched(name, Ours, 2)
    sizes = [*search.cv_results_["param_" + LAYERS], search.best_params_[LAYERS]]
    assert {type(size) for size in sizes} == {tuple}
    assert len({len(size) for size in sizes}) > 1
    fitted = search.best_estimator_[-1]
    assert tuple(coef.shape[1] for coef in fitted.coefs_[:-1]) == search.best_params_[LAYERS]


def test_halving_gives_epochs_to_the_best() -> None:
    search = searched("halving epochs", Ours, 2)
    assert search.n_resources_ == [3, 6, 12]
    assert search.n_candidates_ == [8, 4, 2]
    assert search.best_params_[RATE] == 0.01
    assert search.best_estimator_[-1].n_iter_ == 12


# --- ensembles and calibration ------------------------------------------------------------------


def halves(data: tuple[Array, Array]) -> Any:
    """Return training and test rows, as many of each."""
    return train_test_split(*data, test_size=0.5, random_state=0, stratify=data[1])


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_soft_voting(n_jobs: int) -> None:
    X_train, X_test, y_train, y_test = halves(digits())

    def probabilities(kind: Kind) -> Array:
        members = [(f"seed {seed}", make_model(kind, random_state=seed)) for seed in range(3)]
        vote = VotingClassifier(members, voting="soft", n_jobs=n_jobs).fit(X_train, y_train)
        single = np.mean([member.predict_proba(X_test) for member in vote.estimators_], axis=0)
        assert_allclose(vote.predict_proba(X_test), single)
        return vote.predict_proba(X_test)

    ours = within(120, same_for_both, probabilities)
    assert accuracy_score(y_test, ours.argmax(axis=1)) > 0.9


def test_stacking() -> None:
    X_train, X_test, y_train, y_test = halves(digits())

    def probabilities(kind: Kind) -> Array:
        members = [("wide", make_model(kind)), ("deep", make_model(kind, (20, 20)))]
        stack = StackingClassifier(members, LogisticRegression(), cv=FOLDS)
        return stack.fit(X_train, y_train).predict_proba(X_test)

    # The final minimisation stops at a tolerance, and so carries rounding further.
    ours = same_for_both(probabilities, rtol=1e-4)
    assert accuracy_score(y_test, ours.argmax(axis=1)) > 0.9


@they_take_weights
def test_bagging() -> None:
    X_train, X_test, y_train, y_test = halves(digits())

    def probabilities(kind: Kind) -> Array:
        bag = BaggingClassifier(make_model(kind), 5, max_features=0.7, random_state=0)
        return bag.fit(X_train, y_train).predict_proba(X_test)

    ours = same_for_both(probabilities)
    assert accuracy_score(y_test, ours.argmax(axis=1)) > 0.9


@pytest.mark.filterwarnings("ignore:Hidden layer 1 gives 0")  # three units are few
@pytest.mark.parametrize("name", ["bagging", "boosting"])
def test_many_weak_models_beat_one(name: str) -> None:
    X_train, X_test, y_train, y_test = halves(digits())
    weak = make_model(Ours, (3,))
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
        boost = AdaBoostClassifier(make_model(kind, (6,)), n_estimators=6, random_state=0)
        boost.fit(X_train, y_train)
        return [*boost.estimator_errors_, *boost.estimator_weights_, boost.score(X_test, y_test)]

    assert same_for_both(errors)[-1] > 0.8


CALIBRATIONS = ["sigmoid", "isotonic"]
if hasattr(calibration, "_TemperatureScaling"):  # since scikit-learn 1.8
    CALIBRATIONS.append("temperature")


@pytest.mark.parametrize("method", CALIBRATIONS)
@pytest.mark.parametrize("data", [tumours, flowers, digits])
def test_calibration(data: Callable[[], tuple[Array, Array]], method: Any) -> None:
    X_train, X_test, y_train, y_test = halves(data())

    def probabilities(kind: Kind) -> Array:
        calibrated = CalibratedClassifierCV(make_pipe(kind), method=method, cv=FOLDS)
        return calibrated.fit(X_train, y_train).predict_proba(X_test)

    # For the tolerance of a minimisation, and for zeros of isotonic regression.
    ours = same_for_both(probabilities, rtol=1e-4, atol=1e-8)
    assert accuracy_score(y_test, ours.argmax(axis=1)) > 0.85


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_calibration_of_a_model_that_is_too_sure(method: Literal["sigmoid", "isotonic"]) -> None:
    # Ten measurements that tell little, and far too many passes without a penalty.
    X, y = tumours()
    X_train, X_test, y_train, y_test = halves((X[:, 10:20], y))
    model = make_pipe(Ours, (100,), max_iter=150, alpha=0, tol=0)
    calibrated = CalibratedClassifierCV(model, method=method, cv=FOLDS).fit(X_train, y_train)
    raw = log_loss(y_test, model.fit(X_train, y_train).predict_proba(X_test))
    assert log_loss(y_test, calibrated.predict_proba(X_test)) < 0.75 * raw


@pytest.mark.parametrize("tool", [OneVsOneClassifier, OutputCodeClassifier])
def test_tools_that_prefer_a_decision_function(tool: Callable[..., Any]) -> None:
    """Which scikit-learn's MLPClassifier does not have, so that they take probabilities."""
    X_train, X_test, y_train, y_test = halves(digits())

    def labels(kind: Kind) -> Array:
        model = tool(make_model(kind, max_iter=4))
        if "random_state" in model.get_params():
            model.set_params(random_state=0)
        return model.fit(X_train, y_train).predict(X_test)

    assert accuracy_score(y_test, same_for_both(labels)) > 0.6


@pytest.mark.parametrize("methods", list(permutations(["decision_function", "predict_proba"])))
@pytest.mark.parametrize("data", [tumours, flowers])
def test_scorer_of_either_response(
    data: Callable[[], tuple[Array, Array]], methods: tuple[str, ...]
) -> None:
    X_train, X_test, y_train, y_test = halves(data())
    scorer = make_scorer(roc_auc_score, response_method=methods, multi_class="ovr")

    def area(kind: Kind) -> Any:
        return scorer(make_pipe(kind).fit(X_train, y_train), X_test, y_test)

    assert same_for_both(area) > 0.95


def test_calibration_of_a_frozen_model() -> None:
    X_train, X_test, y_train, y_test = halves(digits())
    model = make_model().fit(X_train, y_train)
    before = [coef.copy() for coef in model.coefs_]
    calibrated = CalibratedClassifierCV(FrozenEstimator(model), cv=FOLDS).fit(X_test, y_test)
    inner = calibrated.calibrated_classifiers_[0].estimator
    assert_array_equal(inner.predict_proba(X_test), model.predict_proba(X_test))
    for coef, kept in zip(model.coefs_, before, strict=True):
        assert_array_equal(coef, kept)


def test_a_frozen_model_stays_as_it_is() -> None:
    X, y = digits()
    model = make_model().fit(X[:300], y[:300])
    frozen = clone(FrozenEstimator(model)).fit(X[300:], y[300:])
    assert_array_equal(frozen.predict_proba(X), model.predict_proba(X))


# --- other tools --------------------------------------------------------------------------------


def test_permutation_importance() -> None:
    X, y = flowers()
    X_train, X_test, y_train, y_test = halves((X, y))

    def importances(kind: Kind) -> Array:
        pipe = make_pipe(kind).fit(X_train, y_train)
        return permutation_importance(pipe, X_test, y_test, random_state=0).importances

    sepal_length, sepal_width, petal_length, petal_width = same_for_both(importances).mean(axis=1)
    assert min(petal_length, petal_width) > max(sepal_length, sepal_width)
    assert petal_width > 0.1


def test_a_pixel_without_ink_has_no_importance() -> None:
    X, y = digits()
    model = make_model().fit(X, y)
    result = permutation_importance(model, X, y, n_repeats=2, random_state=0)
    assert_array_equal(result.importances[X.any(axis=0) == 0], 0)
    assert result.importances.any()


def test_one_versus_rest() -> None:
    X_train, X_test, y_train, y_test = halves(digits())

    def probabilities(kind: Kind) -> Array:
        model = OneVsRestClassifier(make_model(kind)).fit(X_train, y_train)
        probabilities = model.predict_proba(X_test)
        assert_array_equal(model.predict(X_test), probabilities.argmax(axis=1))
        return probabilities

    assert accuracy_score(y_test, same_for_both(probabilities).argmax(axis=1)) > 0.9


def test_multi_output() -> None:
    X, y = digits()
    pair = np.column_stack([y % 2, y // 2])
    X_train, X_test, y_train, y_test = halves((X, pair))

    def probabilities(kind: Kind) -> Array:
        model = MultiOutputClassifier(make_model(kind)).fit(X_train, y_train)
        return np.hstack(model.predict_proba(X_test))

    ours = same_for_both(probabilities)
    assert accuracy_score(y_test[:, 0], ours[:, :2].argmax(axis=1)) > 0.9
    assert accuracy_score(y_test[:, 1], ours[:, 2:].argmax(axis=1)) > 0.9


@pytest.mark.parametrize(
    "parameters",
    [
        {"hidden_layer_sizes": (5, 4)},
        {"hidden_layer_sizes": [5, 4]},
        {"hidden_layer_sizes": np.array([5, 4])},
        {"hidden_layer_sizes": 7, "solver": "sgd", "early_stopping": True},
        {"warm_start": True, "dtype": "float32"},
        {"random_state": np.random.RandomState(3)},
    ],
    ids=["tuple", "list", "array", "int", "dtype", "RandomState"],
)
def test_clone(parameters: dict[str, Any]) -> None:
    X, y = flowers()
    model = Ours(**{"max_iter": 5, "random_state": 0} | parameters)
    probabilities = clone(model).fit(X, y).predict_proba(X)
    assert_array_equal(model.fit(X, y).predict_proba(X), probabilities)
    cloned = clone(model)
    assert vars(cloned).keys() == cloned.get_params().keys()  # nothing learnt
    for name, value in cloned.get_params().items():
        assert str(value) == str(model.get_params()[name])


# --- sample weights -----------------------------------------------------------------------------


@pytest.fixture
def routing() -> Iterator[None]:
    """Let scikit-learn route metadata by request."""
    with config_context(enable_metadata_routing=True):
        yield


@cache
def tumour_weights() -> Array:
    """Return a weight for each tumour, 0 for some."""
    return np.random.default_rng(0).integers(0, 4, len(tumours()[1])) * 0.5


def make_weighted_pipe(kind: Kind = Ours) -> Pipeline:
    """Return a pipeline in which the model alone asks for weights."""
    model = make_model(kind).set_fit_request(sample_weight=True)
    scaler = StandardScaler().set_fit_request(sample_weight=False)
    return make_pipeline(scaler, model.set_score_request(sample_weight=True))


def fit_by_hand(X: Array, y: Array, *weights: Array) -> Pipeline:
    """Return the same pipeline, fitted step by step."""
    scaler = StandardScaler().fit(X)
    return make_pipeline(scaler, make_model().fit(scaler.transform(X), y, *weights))


@pytest.mark.parametrize("through", ["request", "prefix"])
def test_weights_through_a_pipeline(through: str) -> None:
    (X, y), w = tumours(), tumour_weights()
    if through == "prefix":
        model = make_pipe().fit(X, y, mlpclassifier__sample_weight=w)
    else:
        with config_context(enable_metadata_routing=True):
            model = make_weighted_pipe().fit(X, y, sample_weight=w)
            assert model.score(X, y, sample_weight=w) == accuracy_score(
                y, model.predict(X), sample_weight=w
            )
    assert_array_equal(model.predict_proba(X), fit_by_hand(X, y, w).predict_proba(X))
    assert not np.allclose(model.predict_proba(X), fit_by_hand(X, y).predict_proba(X))


def assert_weighted_folds(
    search: Any, X: Array, fit: Callable[..., Any], *, weighted_score: bool
) -> None:
    """Fit a search of one candidate with weights, and compare its scores with fits by hand."""
    y, w = tumours()[1], tumour_weights()
    results = within(120, partial(search.fit, sample_weight=w), X, y).cv_results_
    for fold, (train, test) in enumerate(FOLDS.split(X, y)):
        predicted = fit(X[train], y[train], w[train]).predict(X[test])
        weights = w[test] if weighted_score else None
        expected = accuracy_score(y[test], predicted, sample_weight=weights)
        assert results[f"split{fold}_test_score"] == pytest.approx([expected])


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("weighted_score", [True, False])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_weights_through_a_search(n_jobs: int, weighted_score: bool) -> None:
    X = StandardScaler().fit_transform(tumours()[0])
    model = make_model().set_fit_request(sample_weight=True)
    model.set_score_request(sample_weight=weighted_score)
    search = GridSearchCV(model, {"hidden_layer_sizes": [(40,)]}, cv=FOLDS, n_jobs=n_jobs)
    assert_weighted_folds(search, X, make_model().fit, weighted_score=weighted_score)


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("weighted_score", [True, False])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_weights_through_a_search_of_a_pipeline(n_jobs: int, weighted_score: bool) -> None:
    # With a scorer: in scikit-learn 1.6 a search cannot route to a pipeline's own score.
    scorer = get_scorer("accuracy").set_score_request(sample_weight=weighted_score)
    search = GridSearchCV(
        make_weighted_pipe(), {LAYERS: [(40,)]}, scoring=scorer, cv=FOLDS, n_jobs=n_jobs
    )
    assert_weighted_folds(search, tumours()[0], fit_by_hand, weighted_score=weighted_score)


@they_take_weights
@pytest.mark.usefixtures("routing")
def test_weights_through_cross_validate() -> None:
    (X, y), w = tumours(), tumour_weights()

    def scores(kind: Kind) -> Any:
        result = cross_validate(
            make_weighted_pipe(kind), X, y, cv=FOLDS, params={"sample_weight": w}
        )
        return result["test_score"]

    assert same_for_both(scores).mean() > 0.95


@pytest.mark.usefixtures("routing")
def test_weights_without_a_request_are_an_error() -> None:
    (X, y), w = tumours(), tumour_weights()
    with pytest.raises(UnsetMetadataPassedError, match="sample_weight"):
        make_pipe().fit(X, y, sample_weight=w)


@pytest.mark.usefixtures("routing")
def test_weights_through_partial_fit() -> None:
    X, y = digits()
    w = np.linspace(0, 2, len(y))
    model = make_model().set_partial_fit_request(sample_weight=True)
    pair = np.column_stack([y % 2, y // 2])
    outputs = MultiOutputClassifier(model)
    outputs.partial_fit(X, pair, classes=[range(2), range(5)], sample_weight=w)
    for fitted, column in zip(outputs.estimators_, pair.T, strict=True):
        alone = make_model().partial_fit(X, column, w, classes=np.unique(column))
        assert_array_equal(fitted.predict_proba(X), alone.predict_proba(X))


# --- data that joblib maps from a file ----------------------------------------------------------


class NeedsMappedData(Ours):
    """An estimator that refuses other data than joblib gives to its workers."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Check and fit."""
        if not isinstance(X, np.memmap) or X.flags.writeable:
            raise TypeError("not mapped, or not read-only")
        return super().fit(X, y, sample_weight)


def test_workers_train_on_mapped_data() -> None:
    X, y = large_digits()
    options = {"max_iter": 5, "early_stopping": True}
    kinds = (Ours, NeedsMappedData)
    members = [
        [(str(seed), make_model(kind, random_state=seed, **options)) for seed in (0, 1)]
        for kind in kinds
    ]
    alone = VotingClassifier(members[0], voting="soft").fit(X, y)
    mapped = within(120, VotingClassifier(members[1], voting="soft", n_jobs=2).fit, X, y)
    assert_allclose(mapped.predict_proba(X), alone.predict_proba(X), rtol=1e-6)
    assert mapped.score(X, y) > 0.9


def test_early_stopping_in_a_search_on_mapped_data() -> None:
    X, y = large_digits()
    alone, parallel = (
        within(
            120,
            GridSearchCV(
                make_model(Ours, max_iter=40, early_stopping=True, n_iter_no_change=2),
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
    model = make_model(early_stopping=True, max_iter=5)
    assert_array_equal(
        clone(model).fit(mapped, y).predict_proba(mapped), model.fit(X, y).predict_proba(X)
    )
