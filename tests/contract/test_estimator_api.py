"""What scikit-learn asks of an estimator: its checks, signatures, tags, clones and seeds."""

from collections.abc import Callable
from inspect import Parameter, signature
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.neural_network import MLPClassifier as Theirs
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmlp_scratch import MLPClassifier
from tests._helpers.compare import same_parameters
from tests._helpers.data import Data
from tests._helpers.models import make_model


@pytest.mark.slow
@parametrize_with_checks([MLPClassifier(max_iter=100, random_state=0)])
def test_scikit_learn_checks(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)


@pytest.mark.slow
@parametrize_with_checks(
    [
        MLPClassifier(
            max_iter=100, solver="sgd", learning_rate="adaptive", dtype="float64", random_state=0
        ),
        # The penalty keeps probabilities away from 0, where a check compares predict_log_proba with
        # the logarithm of predict_proba, which is -inf.
        MLPClassifier((10,), max_iter=30, solver="lbfgs", alpha=1.0, random_state=0),
        MLPClassifier((), max_iter=100, learning_rate_init=0.1, random_state=0),
    ]
)
def test_scikit_learn_checks_of_other_options(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)


SPLIT = {
    # scikit-learn's own MLPClassifier fails these too with early_stopping=True; for it alone, the
    # check on dense data is set to run with solver="lbfgs", which splits nothing.
    "check_fit_score_takes_y": "calls partial_fit",
    "check_n_features_in_after_fitting": "calls partial_fit",
    "check_estimators_partial_fit_n_features": "calls partial_fit",
    "check_sample_weight_equivalence_on_dense_data": "repeated rows are split differently",
    "check_sample_weight_equivalence_on_sparse_data": "repeated rows are split differently",
}
ROUNDING = {
    "check_sample_weight_equivalence_on_dense_data": "asks for 1e-7, float32 resolves 6e-8",
    "check_sample_weight_equivalence_on_sparse_data": "asks for 1e-7, float32 resolves 6e-8",
}


@pytest.mark.slow
@parametrize_with_checks(
    [
        MLPClassifier(max_iter=100, early_stopping=True, validation_fraction=0.3, random_state=0),
        MLPClassifier(max_iter=100, dtype="float32", random_state=0),
    ],
    expected_failed_checks=lambda estimator: SPLIT if estimator.early_stopping else ROUNDING,
)
def test_scikit_learn_checks_of_options_that_rule_some_out(
    estimator: Any, check: Callable[[Any], None]
) -> None:
    check(estimator)


def test_signature_is_that_of_scikit_learn_and_more() -> None:
    ours, theirs = (list(signature(kind).parameters.values()) for kind in (MLPClassifier, Theirs))
    assert len(theirs) == 23
    for our, their in zip(ours, theirs, strict=False):
        assert (our.name, our.kind, our.default) == (their.name, their.kind, their.default)
    assert {parameter.kind for parameter in ours[23:]} <= {Parameter.KEYWORD_ONLY}


@pytest.mark.parametrize("method", ["fit", "partial_fit", "predict", "predict_proba", "score"])
def test_signatures_of_the_methods(method: str) -> None:
    ours, theirs = (signature(getattr(kind, method)) for kind in (MLPClassifier, Theirs))
    assert list(theirs.parameters) == [
        name for name in ours.parameters if name in theirs.parameters
    ]


def test_is_a_classifier_with_tags() -> None:
    tags = MLPClassifier().__sklearn_tags__()
    assert is_classifier(MLPClassifier())
    assert tags.input_tags.sparse
    assert tags.classifier_tags.multi_label
    assert tags.classifier_tags.multi_class


@pytest.mark.thread("https://github.com/keras-team/keras/issues/13586")
def test_clone_has_the_parameters_and_nothing_else(iris: Data) -> None:
    model = make_model(hidden_layer_sizes=[5, 3], alpha=0.25, dtype=np.float32).fit(*iris)
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    assert vars(copy).keys() == model.get_params().keys()
    with pytest.raises(NotFittedError):
        copy.predict(iris[0])


def test_repr_shows_what_was_changed(iris: Data) -> None:
    model = MLPClassifier((5, 3), alpha=0.25)
    assert repr(model) == "MLPClassifier(alpha=0.25, hidden_layer_sizes=(5, 3))"
    assert "alpha" in model._repr_html_()
    fitted = model.set_params(random_state=0).fit(*iris)  # by chance, all three units may die
    assert "MLPClassifier" in fitted._repr_html_()


@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba", "logits"])
def test_unfitted_model_refuses_to_predict(iris: Data, method: str) -> None:
    with pytest.raises(NotFittedError):
        getattr(MLPClassifier(), method)(iris[0])


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/issues/15266")
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_same_seed_same_model(multiclass: Data, solver: str) -> None:
    first = make_model(solver=solver).fit(*multiclass)
    np.random.rand(3)  # noqa: NPY002 - draws from the stream that has nothing to do with it
    assert same_parameters(first, make_model(solver=solver).fit(*multiclass))
    assert same_parameters(first, clone(first).fit(*multiclass))
    # A fit starts from nothing, whatever was before it.
    assert same_parameters(first, make_model(solver=solver).fit(*multiclass).fit(*multiclass))
