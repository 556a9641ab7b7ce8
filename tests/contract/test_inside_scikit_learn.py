"""Both classes inside everything of scikit-learn that takes a classifier: the same comes out.

A use is a function of how to make the model and of data; what it returns, or raises, must be the
same for both, types and shapes included. `test_calibration.py`, `test_ensembles.py`,
`test_searches.py` and their neighbors are about what comes out: that it is good, and the same in
parallel.
"""

from collections.abc import Callable
from functools import cache, partial
from itertools import permutations
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import loguniform
from sklearn import metrics
from sklearn.calibration import CalibratedClassifierCV, CalibrationDisplay
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_selection import RFE, SelectFromModel, SequentialFeatureSelector
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import DecisionBoundaryDisplay, partial_dependence, permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer, get_scorer_names, make_scorer, roc_auc_score
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    HalvingGridSearchCV,
    RandomizedSearchCV,
    TunedThresholdClassifierCV,
    cross_val_predict,
    cross_validate,
    learning_curve,
    permutation_test_score,
    validation_curve,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.neural_network import MLPClassifier as Theirs
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier

from skmlp_scratch import MLPClassifier as Ours
from tests._helpers.data import Array, Data
from tests._helpers.ecosystem import CALIBRATIONS, FOLDS, Kind
from tests._helpers.parity import they_take_weights

pytestmark = pytest.mark.slow  # many fits in each

Make = Callable[..., Any]
Use = Callable[[Make, Array, Array], Any]

RESPONSES = ["decision_function", "predict_proba", "predict"]
METHODS = [*RESPONSES, "predict_log_proba", "transform"]
SEEDED = {"random_state": 0}


@cache
def problem(name: str) -> Data:
    """Return 90 rows of two classes (0 and 1) or of three (strings), not easy to tell apart."""
    n_classes = {"binary": 2, "three classes": 3}[name]
    X, codes = make_classification(
        90,
        5,
        n_informative=4,
        n_redundant=0,
        n_classes=n_classes,
        n_clusters_per_class=1,
        flip_y=0.1,
        random_state=1,
    )
    y = codes if n_classes == 2 else np.array(["left", "middle", "right"])[codes]
    X.flags.writeable = y.flags.writeable = False
    return X, y


PROBLEMS = ["binary", "three classes"]


def make(kind: Kind, **parameters: Any) -> Any:
    """Return a model that learns in 9 steps what tells the classes apart, though not well."""
    defaults = {"max_iter": 3, "batch_size": 30, "learning_rate_init": 0.1, "random_state": 3}
    return kind((8,), **defaults | parameters)


@cache
def fitted(kind: Kind, name: str) -> Any:
    """Return such a model after its fit, for what does not fit it."""
    return make(kind).fit(*problem(name))


def outcome(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Return what a function returns, or the error that it raises."""
    try:
        return function(*arguments, **options)
    except Exception as error:
        return error


def answers(model: Any, X: Array) -> dict[str, Any]:
    """Return all that a fitted meta-estimator says about rows."""
    found = {name: outcome(getattr(model, name), X) for name in METHODS if hasattr(model, name)}
    assert found
    return found | {"classes_": getattr(model, "classes_", None)}


def assert_same(ours: Any, theirs: Any, rtol: float, where: str = "result") -> None:
    """Compare two results: types, shapes, and values apart from rounding."""
    assert type(ours) is type(theirs), f"{where}: {ours!r}, {theirs!r}"
    if isinstance(theirs, dict | list | tuple):
        parts, others = map(_parts_of, (ours, theirs))
        assert parts.keys() == others.keys(), where
        for key, part in parts.items():
            assert_same(part, others[key], rtol, f"{where}.{key}")
    elif isinstance(theirs, np.ndarray | np.generic | float):
        _assert_same_arrays(np.asarray(ours), np.asarray(theirs), rtol, where)
    elif not isinstance(theirs, Exception):
        assert ours == theirs, where


def _parts_of(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else dict(enumerate(value))


def _assert_same_arrays(ours: Array, theirs: Array, rtol: float, where: str) -> None:
    assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape), where
    if ours.dtype.kind == "f":
        # A probability of isotonic regression is 0, or tiny.
        assert_allclose(ours, theirs, rtol=rtol, atol=1e-9, err_msg=where)
    elif ours.dtype == object:
        assert_same(ours.tolist(), theirs.tolist(), rtol, where)
    else:
        assert_array_equal(ours, theirs, err_msg=where)


def same_outcome(function: Callable[[Kind], Any], rtol: float = 1e-6) -> Any:
    """Return what a function makes of our class, which is what it makes of theirs."""
    ours, theirs = outcome(function, Ours), outcome(function, Theirs)
    assert_same(ours, theirs, rtol)
    return theirs


# --- the table -----------------------------------------------------------------------------------


def pair(make: Make) -> list[tuple[str, Any]]:
    """Return two members of an ensemble."""
    return [("one", make()), ("other", make(random_state=4))]


def prefit(make: Make, X: Array, y: Array) -> list[tuple[str, Any]]:
    """Return them after their fits on half of the rows."""
    return [(name, model.fit(X[::2], y[::2])) for name, model in pair(make)]


def indicators(y: Array) -> Array:
    """Return a column for each of the last two classes."""
    return np.column_stack([y == label for label in np.unique(y)[-2:]]).astype(int)


def some_unlabeled(y: Array) -> Array:
    """Return the classes as numbers, with -1 for two rows of three."""
    codes = np.unique(y, return_inverse=True)[1]
    return np.where(np.arange(len(y)) % 3, -1, codes)


def fit(meta: Callable[[Make], Any], targets: Callable[[Array], Array] = np.asarray) -> Use:
    """Return what a meta-estimator answers after its fit."""
    return lambda make, X, y: answers(meta(make).fit(X, targets(y)), X)


def calibrated(**options: Any) -> Use:
    return fit(lambda make: CalibratedClassifierCV(make(), **options))


def calibrated_frozen(make: Make, X: Array, y: Array) -> Any:
    model = FrozenEstimator(make().fit(X[::2], y[::2]))
    return answers(CalibratedClassifierCV(model).fit(X[1::2], y[1::2]), X)


def stacked(method: str = "auto", final: Any = None, **options: Any) -> Use:
    return fit(
        lambda make: StackingClassifier(
            pair(make), final or make(), stack_method=method, cv=FOLDS, **options
        )
    )


def stacked_prefit(make: Make, X: Array, y: Array) -> Any:
    return answers(StackingClassifier(prefit(make, X, y), make(), cv="prefit").fit(X, y), X)


def bagged(**options: Any) -> Use:
    def use(make: Make, X: Array, y: Array) -> Any:
        bag = BaggingClassifier(make(), **{"n_estimators": 3} | SEEDED | options).fit(X, y)
        return answers(bag, X) | {"out of bag": getattr(bag, "oob_decision_function_", None)}

    return use


def boosted(make: Make, X: Array, y: Array) -> Any:
    boost = AdaBoostClassifier(make(), n_estimators=3, **SEEDED).fit(X, y)
    return answers(boost, X) | {
        "errors": boost.estimator_errors_,
        "weights": boost.estimator_weights_,
        "stages": [*boost.staged_predict_proba(X)],
    }


def self_trained(**options: Any) -> Use:
    def use(make: Make, X: Array, y: Array) -> Any:
        model = SelfTrainingClassifier(make(), max_iter=3, **options).fit(X, some_unlabeled(y))
        return answers(model, X) | {
            "labels": model.transduction_,
            "rounds": model.labeled_iter_,
            "ending": model.termination_condition_,
        }

    return use


def chained(method: str, **options: Any) -> Use:
    """Return a use of a chain, of models that are not so sure that log(0) would warn in theirs."""
    return fit(
        lambda make: ClassifierChain(make(learning_rate_init=0.01), chain_method=method, **options),
        indicators,
    )


def selected(**options: Any) -> Use:
    def use(make: Make, X: Array, y: Array) -> Any:
        selector = SequentialFeatureSelector(make(max_iter=2), cv=FOLDS, **options).fit(X, y)
        return selector.get_support()

    return use


def threshold_tuned(**options: Any) -> Use:
    def use(make: Make, X: Array, y: Array) -> Any:
        tuned = TunedThresholdClassifierCV(
            make(), cv=FOLDS, store_cv_results=True, **SEEDED, **options
        ).fit(X, y)
        return answers(tuned, X) | {"threshold": tuned.best_threshold_, "all": tuned.cv_results_}

    return use


def threshold_fixed(method: str) -> Use:
    """Return a use of such a classifier, which asks for responses only in `predict`."""

    def use(make: Make, X: Array, y: Array) -> Any:
        fixed = FixedThresholdClassifier(make(), threshold=0.4, response_method=method)
        return fixed.fit(X, y).predict(X)

    return use


def without_times(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: column for name, column in columns.items() if "time" not in name}


def searched(search: Callable[..., Any], space: dict[str, Any], **options: Any) -> Use:
    def use(make: Make, X: Array, y: Array) -> Any:
        found = search(make(), space, scoring="neg_log_loss", cv=FOLDS, **options).fit(X, y)
        table = {name: [*column] for name, column in without_times(found.cv_results_).items()}
        return answers(found, X) | {"table": table, "best": found.best_params_}

    return use


GRID = {"hidden_layer_sizes": [(8,), (), (4, 3)], "learning_rate_init": [1e-4, 0.1]}
DRAWN = {"alpha": loguniform(1e-5, 1), "activation": ["tanh", "relu"]}


def cross_validated(make: Make, X: Array, y: Array) -> Any:
    result = cross_validate(
        make(),
        X,
        y,
        cv=FOLDS,
        scoring=["accuracy", "neg_log_loss", "roc_auc_ovr"],
        return_train_score=True,
        return_estimator=True,
        return_indices=True,
    )
    models = result.pop("estimator")
    return without_times(result) | {"models": [answers(model, X) for model in models]}


def predicted_by_others(method: str) -> Use:
    return lambda make, X, y: cross_val_predict(make(), X, y, cv=FOLDS, method=method)


def learning_by_rows(**options: Any) -> Use:
    common = {"train_sizes": [30, 45, 60], "scoring": "neg_log_loss", "error_score": "raise"}
    return lambda make, X, y: learning_curve(
        make(batch_size=15), X, y, cv=FOLDS, **common, **options
    )


def validated_by_width(make: Make, X: Array, y: Array) -> Any:
    widths = [(1,), (4,), (8, 8)]
    return validation_curve(
        make(),
        X,
        y,
        cv=FOLDS,
        param_name="hidden_layer_sizes",
        param_range=widths,
        error_score="raise",
    )


def importances(make: Make, X: Array, y: Array) -> Any:
    model = make().fit(X, y)
    scoring = ["accuracy", "neg_log_loss"]
    found = permutation_importance(model, X, y, n_repeats=2, scoring=scoring, **SEEDED)
    return {name: dict(scores) for name, scores in found.items()}


def dependence(method: str) -> Use:
    def use(make: Make, X: Array, y: Array) -> Any:
        model = make().fit(X, y)
        options = {"grid_resolution": 4, "response_method": method}
        both = partial_dependence(model, X, [0], kind="both", **options)
        return dict(both), dict(partial_dependence(model, X, [(1, 2)], **options))

    return use


def drawn(draw: Callable[..., Any], *, n_features: int = 5, **options: Any) -> Use:
    """Return a use of a display, which gives what it draws; what it draws with ends with "_"."""

    def use(make: Make, X: Array, y: Array) -> Any:
        X = X[:, :n_features]
        try:
            display = draw(make().fit(X, y), X, y, **options)
        finally:
            plt.close("all")
        return {name: value for name, value in vars(display).items() if not name.endswith("_")}

    return use


def draw_boundary(model: Any, X: Array, _: Array, **options: Any) -> Any:
    if options["response_method"] == "predict_proba":  # of all classes only since 1.7
        options["class_of_interest"] = model.classes_[1]
    return DecisionBoundaryDisplay.from_estimator(model, X, grid_resolution=5, **options)


CURVES = {
    "ROC curve": metrics.RocCurveDisplay.from_estimator,
    "precision-recall curve": metrics.PrecisionRecallDisplay.from_estimator,
    "DET curve": metrics.DetCurveDisplay.from_estimator,
}
THEIR_FINAL = LogisticRegression()

USES: dict[str, Use] = {
    "pipeline": fit(lambda make: make_pipeline(StandardScaler(), make())),
    "frozen": lambda make, X, y: answers(FrozenEstimator(make().fit(X, y)), X),
    **{f"calibrated, {method}": calibrated(method=method, cv=FOLDS) for method in CALIBRATIONS},
    **{
        f"calibrated, {method}, one model": calibrated(method=method, cv=FOLDS, ensemble=False)
        for method in CALIBRATIONS
    },
    "calibrated, frozen": calibrated_frozen,
    "voting, hard": fit(lambda make: VotingClassifier(pair(make))),
    "voting, soft": fit(lambda make: VotingClassifier(pair(make), voting="soft", weights=[2, 1])),
    "stacked": stacked(),
    "stacked, predict_proba": stacked("predict_proba", passthrough=True),
    "stacked, predict": stacked("predict"),
    "stacked, decision_function": stacked("decision_function"),
    "stacked, prefit": stacked_prefit,
    "stacked, logistic regression": stacked(final=THEIR_FINAL),
    "bagged": bagged(),
    "bagged, of features": bagged(max_features=0.7, bootstrap=False),
    "bagged, out of bag": bagged(oob_score=True, max_samples=0.5, n_estimators=10),
    "boosted": boosted,
    "one versus rest": fit(lambda make: OneVsRestClassifier(make())),
    "one versus rest, several labels": fit(lambda make: OneVsRestClassifier(make()), indicators),
    "one versus one": fit(lambda make: OneVsOneClassifier(make())),
    "output code": fit(lambda make: OutputCodeClassifier(make(), code_size=2, **SEEDED)),
    **{f"chain, {method}": chained(method) for method in METHODS[:4]},
    "chain, cross-validated": chained("predict_proba", cv=3, order=[1, 0]),
    "several outputs": fit(
        lambda make: MultiOutputClassifier(make()), lambda y: np.column_stack([y, y[::-1]])
    ),
    "self-training": self_trained(threshold=0.8),
    "self-training, the best": self_trained(criterion="k_best", k_best=15),
    "threshold tuned": threshold_tuned(),
    "threshold tuned, decision_function": threshold_tuned(response_method="decision_function"),
    **{
        f"threshold fixed, {method}": threshold_fixed(method)
        for method in ["auto", "predict_proba", "decision_function"]
    },
    "features forward": selected(n_features_to_select=1, scoring="neg_log_loss"),
    "features backward": selected(n_features_to_select=4, direction="backward"),
    "features recursively": fit(lambda make: RFE(make())),
    "features by importance": lambda make, X, y: SelectFromModel(make()).fit(X, y).transform(X),
    "grid search": searched(GridSearchCV, GRID),
    "random search": searched(RandomizedSearchCV, DRAWN, n_iter=3, **SEEDED),
    "halving search": searched(
        HalvingGridSearchCV,
        GRID,
        resource="max_iter",
        min_resources=1,
        max_resources=4,
        factor=2,
        **SEEDED,
    ),
    "cross-validated": cross_validated,
    **{f"predicted by others, {method}": predicted_by_others(method) for method in METHODS[:4]},
    "learning curve": learning_by_rows(),
    "learning curve, partial_fit": learning_by_rows(exploit_incremental_learning=True),
    "validation curve": validated_by_width,
    "permutation test": lambda make, X, y: permutation_test_score(
        make(), X, y, cv=FOLDS, n_permutations=3, **SEEDED
    ),
    "permutation importance": importances,
    **{
        f"partial dependence, {method}": dependence(method)
        for method in ["auto", "predict_proba", "decision_function"]
    },
    **{
        f"decision boundary, {method}": drawn(draw_boundary, n_features=2, response_method=method)
        for method in ["auto", *RESPONSES]
    },
    **{name: drawn(draw) for name, draw in CURVES.items()},
    **{
        f"{name}, {method}": drawn(draw, response_method=method)
        for name, draw in CURVES.items()
        for method in ["predict_proba", "decision_function"]
    },
    "calibration curve": drawn(CalibrationDisplay.from_estimator, n_bins=4),
    "confusion matrix": drawn(metrics.ConfusionMatrixDisplay.from_estimator),
}

# What neither can do; the model has no decision_function, and no importances of features.
REFUSED = {name for name in USES if "decision_function" in name} | {
    "features recursively",
    "features by importance",
}
BINARY_ONLY = {
    name for name in USES if name.startswith((*CURVES, "threshold", "calibration curve"))
}


# Where an inner minimization stops at a tolerance, it carries rounding further.
TOLERANCES = {name: 1e-5 for name in USES if name.startswith(("calibrated", "stacked, logistic"))}

WEIGHTED = ("bagged", "boosted")


def case(name: str) -> Any:
    """Return the case of a use."""
    return pytest.param(name, marks=[they_take_weights] * name.startswith(WEIGHTED))


@pytest.mark.parametrize("problem_name", PROBLEMS)
@pytest.mark.parametrize("name", [case(name) for name in USES])
def test_the_same_comes_out(name: str, problem_name: str) -> None:
    X, y = problem(problem_name)
    result = same_outcome(
        lambda kind: USES[name](partial(make, kind), X, y), TOLERANCES.get(name, 1e-6)
    )
    is_refused = name in REFUSED or (problem_name != "binary" and name in BINARY_ONLY)
    assert isinstance(result, Exception) == is_refused, result


@pytest.mark.parametrize("problem_name", PROBLEMS)
def test_a_model_tells_the_classes_apart(problem_name: str) -> None:
    """Otherwise the comparisons would be of constants."""
    X, y = problem(problem_name)
    assert 0.7 < fitted(Ours, problem_name).score(X, y) < 0.99


# --- scorers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("problem_name", PROBLEMS)
def test_every_scorer_gives_the_same(problem_name: str) -> None:
    X, y = problem(problem_name)
    scores = same_outcome(
        lambda kind: {
            name: outcome(get_scorer(name), fitted(kind, problem_name), X, y)
            for name in get_scorer_names()
        }
    )
    # For strings, none of the regressors' and none that need to know which is positive.
    n_scores = sum(not isinstance(score, Exception) for score in scores.values())
    assert n_scores >= {"binary": 45, "three classes": 20}[problem_name]


ORDERS = [order for n in (1, 2, 3) for order in permutations(RESPONSES, n)]


@pytest.mark.parametrize("problem_name", PROBLEMS)
@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
def test_scorers_find_the_same_response(order: tuple[str, ...], problem_name: str) -> None:
    """A list of methods names them by preference; the model lacks decision_function."""
    X, y = problem(problem_name)
    scorers = {
        "area": make_scorer(roc_auc_score, response_method=order, multi_class="ovr"),
        "loss": make_scorer(metrics.log_loss, response_method=order),
        "accuracy": make_scorer(metrics.accuracy_score, response_method=order),
    }
    scores = same_outcome(
        lambda kind: {
            name: outcome(scorer, fitted(kind, problem_name), X, y)
            for name, scorer in scorers.items()
        }
    )
    first = next((method for method in order if method != "decision_function"), None)
    works = {"predict_proba": {"area", "loss"}, "predict": {"accuracy"}, None: set()}[first]
    assert works <= {name for name, score in scores.items() if not isinstance(score, Exception)}
