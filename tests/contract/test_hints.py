"""Hints at data or layers that cannot train well."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from skmlp_scratch import MLPClassifier
from tests._helpers.compare import same_parameters
from tests._helpers.data import CONTAINERS, Data
from tests._helpers.models import make_model


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("scale", [1e5, 1e-5])
def test_a_wild_scale_gives_a_hint(
    iris: Data, scale: float, container: Callable[[Any], Any]
) -> None:
    X, y = container(iris[0] * scale), iris[1]
    with pytest.warns(UserWarning, match="largest value of X.*StandardScaler"):
        make_model(solver="lbfgs").fit(X, y)


def test_rows_of_zeros_give_no_hint(recwarn: pytest.WarningsRecorder) -> None:
    X, y = sparse.csr_array((150, 4)), np.arange(150) % 3
    make_model(learning_rate="linear").fit(X, y)

    assert not recwarn


def test_input_scale_counts_for_the_hint(iris: Data, recwarn: pytest.WarningsRecorder) -> None:
    make_model(input_scale=1e-5, learning_rate="linear").fit(iris[0] * 1e5, iris[1])

    assert not recwarn


@pytest.mark.parametrize("layer", [1, 2])
def test_a_layer_of_dead_units_gives_a_hint(iris: Data, layer: int) -> None:
    X, y = iris
    model = make_model(hidden_layer_sizes=(6, 5), warm_start=True).fit(X, y)
    model.intercepts_[layer - 1][:] = -1e3
    with pytest.warns(UserWarning, match=f"Hidden layer {layer} outputs 0 for every sampled row"):
        model.fit(X, y)


def test_units_that_are_on_for_one_class_are_not_dead(recwarn: pytest.WarningsRecorder) -> None:
    """Rows sorted by class, and units that are off for all of the first class."""
    X = np.repeat([-1.0, 1.0], 500)[:, np.newaxis]
    model = make_model(warm_start=True, learning_rate="linear").fit(X, X[:, 0] > 0)
    model.coefs_[0][:], model.intercepts_[0][:] = 1, 0
    model.fit(X, X[:, 0] > 0)

    assert not recwarn


@pytest.mark.parametrize("n_rows", [129, 200, 255, 256, 383, 1000])
def test_the_last_rows_count_for_the_hint(n_rows: int, recwarn: pytest.WarningsRecorder) -> None:
    """Units that are on for the last rows alone."""
    X = np.full((n_rows, 1), -1.0)
    X[-n_rows // 8 :] = 1
    model = make_model(warm_start=True, learning_rate="linear").fit(X, X[:, 0] > 0)
    model.coefs_[0][:], model.intercepts_[0][:] = 1, 0
    model.fit(X, X[:, 0] > 0)

    assert not recwarn


def test_validation_rows_that_skip_the_scaler_give_a_hint(iris: Data) -> None:
    X, y = iris[0] * 1e3, iris[1]
    pipeline = make_pipeline(StandardScaler(), make_model(learning_rate="linear"))
    with pytest.warns(UserWarning, match=r"largest value of X_val is .*routing.*transform_input"):
        pipeline.fit(X, y, mlpclassifier__X_val=X, mlpclassifier__y_val=y)


def test_validation_rows_on_the_same_scale_give_no_hint(
    iris: Data, recwarn: pytest.WarningsRecorder
) -> None:
    X, y = iris
    make_model(learning_rate="linear").fit(X, y, X_val=X + 2 * X.std(axis=0), y_val=y)

    assert not recwarn


@pytest.mark.parametrize("scaler", [StandardScaler(), MinMaxScaler()])
def test_a_shift_of_the_features_shows_a_skipped_scaler_too(iris: Data, scaler: Any) -> None:
    """Where the largest values are alike."""
    X, y = iris[0] + 8, iris[1]
    pipeline = make_pipeline(scaler, make_model(learning_rate="linear"))
    with pytest.warns(UserWarning, match=r"means of X_val and X differ by \d+ standard dev"):
        pipeline.fit(X, y, mlpclassifier__X_val=X, mlpclassifier__y_val=y)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weight_decay": 0.5}, "weight_decay=0.5 has no effect with solver='adam'.*'adamw'"),
        ({"weight_decay": 0.5, "solver": "lbfgs"}, "weight_decay=0.5 has no effect"),
        ({"learning_rate": "cosine", "solver": "lbfgs"}, "learning_rate='cosine' has no effect"),
        ({"alpha": 0.5, "solver": "adamw"}, "alpha=0.5 has no effect with .*'adamw'.*weight_decay"),
        ({"scoring": "f1_macro"}, "scoring='f1_macro' has no effect without validation.*X_val"),
        (
            {"scoring": "loss", "solver": "lbfgs", "early_stopping": True},
            "scoring='loss' has no effect without validation",
        ),
        (
            {"dropout": np.float64(0.5), "hidden_layer_sizes": ()},
            "dropout=0.5 has no effect without hidden layers.*input_dropout",
        ),
        (
            {"max_norm": 2.0, "hidden_layer_sizes": ()},
            "max_norm=2.0 has no effect without hidden layers",
        ),
    ],
)
def test_an_option_without_effect_is_named_once(
    iris: Data, options: dict[str, Any], message: str
) -> None:
    with pytest.warns(UserWarning, match=message) as caught:
        make_model(max_iter=500, tol=1e-2, **options).fit(*iris)
    assert len(caught) == 1


def test_partial_fit_names_it_in_the_first_call(iris: Data) -> None:
    model = make_model(alpha=0.5, solver="adamw")
    with pytest.warns(UserWarning, match=r"alpha=0\.5 has no effect"):
        model.partial_fit(*iris, classes=range(3))
    model.partial_fit(*iris)  # warnings are errors


@pytest.mark.parametrize(
    "options",
    [
        {"weight_decay": 0.5, "solver": "adamw"},
        {"learning_rate": "adaptive", "solver": "lbfgs"},
        {"momentum": 0.5},
        {"weight_decay": 0.0},
        {"alpha": 0.0, "solver": "adamw"},
        {"scoring": "accuracy", "early_stopping": True},
        {"dropout": [], "hidden_layer_sizes": ()},
        {"validation_fraction": 0.2},
    ],
)
def test_what_is_used_or_ignored_by_scikit_learn_too_gives_no_warning(
    iris: Data, options: dict[str, Any], recwarn: pytest.WarningsRecorder
) -> None:
    make_model(max_iter=500, tol=1e-2, **options).fit(*iris)

    assert not recwarn


def test_validation_rows_are_scored_without_early_stopping(
    iris: Data, recwarn: pytest.WarningsRecorder
) -> None:
    make_model(max_iter=500, tol=1e-2, scoring="f1_macro").fit(*iris, X_val=iris[0], y_val=iris[1])

    assert not recwarn


@pytest.mark.filterwarnings("ignore:weight_decay:UserWarning")
def test_a_search_over_solvers_runs_with_an_option_of_one(iris: Data) -> None:
    model = make_model(max_iter=500, tol=1e-2, weight_decay=0.5)
    search = GridSearchCV(model, {"solver": ["adam", "adamw", "sgd"]}, error_score="raise", cv=2)
    assert search.fit(*iris).cv_results_["mean_test_score"].shape == (3,)


@pytest.mark.parametrize(
    ("options", "what"),
    [({}, "loss"), ({"early_stopping": True, "n_iter_no_change": 5}, "validation score")],
)
def test_the_end_before_convergence_says_how_far_and_what_to_try(
    iris: Data, options: dict[str, Any], what: str
) -> None:
    early_stopping = "" if options else ", stop by validation with early_stopping=True"
    advice = rf"training stops after .*tol=\S+ Increase max_iter{early_stopping}, or .*'one_cycle'"
    match = (
        rf"Over the last \d+ epoch\(s\), the {what} (improved by \S+ an epoch|did not).*{advice}"
    )
    with pytest.warns(ConvergenceWarning, match=match):
        make_model(max_iter=6, **options).fit(*iris)


@pytest.mark.parametrize("split", [True, False])
def test_scores_are_weighted_without_class_weight(iris: Data, split: bool) -> None:
    X, y = iris
    weights = np.random.default_rng(0).random(150)
    seen: list[Any] = []

    def score(_model: Any, _X: Any, _y: Any, sample_weight: Any = None) -> float:
        seen.append(sample_weight)
        return 1.0

    options: dict[str, Any] = {"early_stopping": True, "max_iter": 1, "scoring": score}
    held_out: dict[str, Any] = {"X_val": X[:20], "y_val": y[:20], "sample_weight_val": weights[:20]}
    for class_weight in (None, {0: 7.0, 1: 0.1}):
        model = make_model(class_weight=class_weight, **options)
        model.fit(X, y, weights, **({} if split else held_out))
    assert len(seen) == 2
    assert (seen[0] == seen[1]).all()
    assert set(seen[0]) <= set(weights)


@pytest.mark.parametrize("split", [True, False])
def test_the_accuracy_that_is_named_is_weighted_without_class_weight(
    iris: Data, split: bool
) -> None:
    """The default is weighted like the training loss, unless the rows are the user's own."""
    X, y = iris
    model = make_model(early_stopping=True, max_iter=1, class_weight={0: 100.0}, random_state=0)
    held_out: dict[str, Any] = {} if split else {"X_val": X[::3], "y_val": y[::3]}
    named = clone(model).set_params(scoring="accuracy").fit(X, y, **held_out)
    plain = clone(model).fit(X, y, **held_out)
    assert same_parameters(named, plain)
    assert (named.validation_scores_ == plain.validation_scores_) is not split
    if not split:
        assert named.validation_scores_ == [named.score(X[::3], y[::3])]


def test_a_history_can_be_cut_to_its_last_epoch(iris: Data) -> None:
    model = MLPClassifier((4,), random_state=0)
    for _ in range(5):
        model.partial_fit(*iris, classes=range(3))
    last, expected = model.loss_curve_[-1], model.predict_proba(iris[0])
    assert model.compact(history=False) is model
    assert (model.loss_curve_, model.n_iter_) == ([last], 1)
    assert (model.predict_proba(iris[0]) == expected).all()
    with pytest.warns(UserWarning, match="compact"):
        model.partial_fit(*iris)
    assert len(model.loss_curve_) == 2
