"""Hidden layers as features: the method and the transformer."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier as TheirMLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.utils.validation import check_is_fitted

from skmlp_scratch import HiddenFeatures, MLPClassifier
from tests._helpers.data import CONTAINERS, Data
from tests._helpers.models import make_model

MISSING = [((9, 7), 2), ((9, 7), -3), ((), -1), ((), 0), ((9, 7), "last"), ((9, 7), 0.0)]
every_missing_layer = pytest.mark.parametrize(("sizes", "layer"), MISSING)


@pytest.fixture
def model(iris: Data) -> MLPClassifier:
    """Return a fitted classifier with two hidden layers."""
    return make_model(hidden_layer_sizes=(9, 7)).fit(*iris)


# --- the method ---------------------------------------------------------------------------------


@pytest.mark.parametrize("container", CONTAINERS)
def test_hidden_activations_are_what_the_next_layer_gets(
    multiclass: Data, container: Callable[[Any], Any]
) -> None:
    X, y = multiclass
    model = make_model(hidden_layer_sizes=(9, 7), activation=["tanh", "relu"]).fit(X, y)
    first = np.tanh(X @ model.coefs_[0] + model.intercepts_[0])
    second = np.maximum(first @ model.coefs_[1] + model.intercepts_[1], 0)

    assert_allclose(model.hidden_activations(container(X), 0), first, rtol=1e-12)
    assert_allclose(model.hidden_activations(container(X)), second, rtol=1e-12, atol=1e-15)
    assert_array_equal(model.hidden_activations(X, -2), model.hidden_activations(X, 0))


@every_missing_layer
def test_a_layer_that_does_not_exist(iris: Data, sizes: tuple[int, ...], layer: Any) -> None:
    """The method and all of the transformer say the same."""
    model = make_model(hidden_layer_sizes=sizes).fit(*iris)
    features = HiddenFeatures(model, layer)
    message = rf"layer={layer!r} does not exist: the model has {len(sizes)} hidden layer\(s\)"
    for use in (
        lambda: model.hidden_activations(iris[0], layer),
        lambda: features.fit(*iris),
        lambda: features.transform(iris[0]),
        features.get_feature_names_out,
    ):
        with pytest.raises(ValueError, match=message):
            use()


# --- the transformer ----------------------------------------------------------------------------


def test_in_a_pipeline_and_a_search(multiclass: Data) -> None:
    X, y = multiclass
    features = HiddenFeatures(make_model(max_iter=60, learning_rate_init=0.02).fit(X, y))
    pipeline = make_pipeline(features, KNeighborsClassifier(1))
    search = GridSearchCV(pipeline, {"kneighborsclassifier__n_neighbors": [1, 3]}, cv=3).fit(X, y)

    assert search.best_score_ > 0.8


@pytest.mark.parametrize("layer", [0, 1, -1, -2, np.int64(1)])
def test_names_and_numbers_of_features(iris: Data, model: MLPClassifier, layer: int) -> None:
    features = HiddenFeatures(model, layer)
    n_units = features.transform(iris[0]).shape[1]

    assert features.n_features_in_ == 4
    assert [*features.get_feature_names_out()] == [f"hidden{unit}" for unit in range(n_units)]


def test_names_of_other_features_are_refused(iris: Data, model: MLPClassifier) -> None:
    """What scikit-learn checks of its own transformers."""
    frame = pd.DataFrame(iris[0], columns=list("abcd"))
    named = make_model(hidden_layer_sizes=(9, 7)).fit(frame, iris[1])
    names = [*HiddenFeatures(model).get_feature_names_out()]

    assert [*HiddenFeatures(model).get_feature_names_out(list("wxyz"))] == names
    assert [*HiddenFeatures(named).get_feature_names_out(list("abcd"))] == names
    with pytest.raises(ValueError, match="input_features should have length equal"):
        HiddenFeatures(model).get_feature_names_out(list("abc"))
    with pytest.raises(ValueError, match="input_features is not equal to feature_names_in_"):
        HiddenFeatures(named).get_feature_names_out(list("wxyz"))


def test_data_frames_in_and_out(iris: Data) -> None:
    frame = pd.DataFrame(iris[0], columns=list("abcd"))
    features = HiddenFeatures(make_model().fit(frame, iris[1]))
    pipeline = make_pipeline(features.set_output(transform="pandas")).fit(frame)

    assert [*pipeline.feature_names_in_] == list("abcd")
    assert [*pipeline.transform(frame)] == [*features.get_feature_names_out()]


def test_no_names_where_the_classifier_has_seen_none(model: MLPClassifier) -> None:
    assert not hasattr(HiddenFeatures(model), "feature_names_in_")


def test_it_is_fitted_if_its_classifier_is(iris: Data) -> None:
    model = make_model()
    assert not HiddenFeatures(model).__sklearn_is_fitted__()
    check_is_fitted(HiddenFeatures(model.fit(*iris)))


def test_an_unfitted_classifier_is_refused(iris: Data) -> None:
    features = HiddenFeatures(make_model())
    assert not hasattr(features, "n_features_in_")
    for use in (
        lambda: features.fit(*iris),
        lambda: features.transform(iris[0]),
        features.get_feature_names_out,
    ):
        with pytest.raises(NotFittedError, match="MLPClassifier"):
            use()


@pytest.mark.parametrize(
    "make_other",
    [
        lambda X, y: LogisticRegression().fit(X, y),
        lambda X, y: FrozenEstimator(LogisticRegression().fit(X, y)),
        lambda X, y: TheirMLPClassifier(max_iter=1).fit(X, y),
        lambda X, y: make_pipeline(make_model()).fit(X, y),
        lambda *_: None,
    ],
)
def test_another_classifier_is_refused(iris: Data, make_other: Callable[..., Any]) -> None:
    features = HiddenFeatures(make_other(*iris))
    for use in (
        lambda: features.fit(*iris),
        lambda: features.transform(iris[0]),
        features.get_feature_names_out,
    ):
        with pytest.raises(TypeError, match=r"classifier must be a fitted MLPClassifier .*, got "):
            use()


# --- the frozen classifier ----------------------------------------------------------------------


def test_clones_share_the_classifier_and_nothing_else(model: MLPClassifier) -> None:
    features = HiddenFeatures(model, 0).set_output(transform="pandas")
    copy = clone(features)
    assert copy is not features
    assert copy.classifier is model
    assert copy.layer == 0
    assert copy._sklearn_output_config == {"transform": "pandas"}

    copy.set_params(layer=1).set_output(transform="default")
    assert features.layer == 0
    assert features._sklearn_output_config == {"transform": "pandas"}


def test_the_classifiers_parameters_are_out_of_reach(iris: Data, model: MLPClassifier) -> None:
    features = HiddenFeatures(model)
    pipeline = make_pipeline(features, KNeighborsClassifier())
    assert features.get_params() == features.get_params(deep=False)
    assert features.get_params() == {"classifier": model, "layer": -1}

    before = model.get_params()
    search = GridSearchCV(pipeline, {"hiddenfeatures__classifier__alpha": [7.0]}, cv=2)
    for use in (
        lambda: features.set_params(layer=0, classifier__alpha=7.0),
        lambda: pipeline.set_params(hiddenfeatures__classifier__alpha=7.0),
        lambda: search.fit(*iris),
    ):
        with pytest.raises(ValueError, match=r"classifier__alpha cannot be set: .* frozen"):
            use()
    assert model.get_params() == before
    assert features.layer == -1


def test_its_own_parameters_are_searched(iris: Data, model: MLPClassifier) -> None:
    X, y = iris
    pipeline = make_pipeline(HiddenFeatures(model), KNeighborsClassifier())
    other = FrozenEstimator(make_model(hidden_layer_sizes=(3, 2)).fit(X, y))
    grid = {
        "hiddenfeatures__layer": [0, -1],
        "hiddenfeatures__classifier": [FrozenEstimator(model), other],
    }
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(X, y)

    assert len(search.cv_results_["params"]) == 4
    assert pipeline[0].get_params() == {"classifier": model, "layer": -1}


def test_an_unknown_parameter_is_refused(model: MLPClassifier) -> None:
    with pytest.raises(ValueError, match="Invalid parameter 'units'"):
        HiddenFeatures(model).set_params(units=3)
