"""The contract of the estimator: parameters, labels, containers, precision, errors and reports.

What holds for any data and parameters is in `test_properties.py`.
"""

import re
import warnings
from collections.abc import Callable
from copy import deepcopy
from inspect import Parameter, signature
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from models import interrupt, make_model, same_parameters
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit, softmax
from sklearn.base import clone, is_classifier
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning, NotFittedError
from sklearn.neural_network import MLPClassifier as Theirs
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmlp_scratch import MLPClassifier
from skmlp_scratch._network.activations import ACTIVATIONS
from skmlp_scratch._network.initializers import INITIALIZERS
from skmlp_scratch._training.stochastic import Training

Data = tuple[NDArray[Any], NDArray[Any]]

# Most tests need no converged model and train for a few epochs; those about the warning expect it.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


# --- scikit-learn's checks ----------------------------------------------------------------------


@parametrize_with_checks(
    [
        MLPClassifier(max_iter=100, random_state=0),
        MLPClassifier(
            max_iter=100, solver="sgd", learning_rate="adaptive", dtype="float64", random_state=0
        ),
        # The penalty keeps probabilities away from 0, where a check compares predict_log_proba with
        # the logarithm of predict_proba, which is -inf.
        MLPClassifier((10,), max_iter=30, solver="lbfgs", alpha=1.0, random_state=0),
        MLPClassifier((), max_iter=100, learning_rate_init=0.1, random_state=0),
    ]
)
def test_scikit_learn_checks(estimator: Any, check: Callable[[Any], None]) -> None:
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


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_same_seed_same_model(multiclass: Data, solver: str) -> None:
    first = make_model(solver=solver).fit(*multiclass)
    np.random.rand(3)  # noqa: NPY002 - draws from the stream that has nothing to do with it
    assert same_parameters(first, make_model(solver=solver).fit(*multiclass))
    assert same_parameters(first, clone(first).fit(*multiclass))
    # A fit starts from nothing, whatever was before it.
    assert same_parameters(first, make_model(solver=solver).fit(*multiclass).fit(*multiclass))


# --- each option changes the result -------------------------------------------------------------

SGD, LBFGS = {"solver": "sgd"}, {"solver": "lbfgs"}
STOPS = {"tol": 1.0, "n_iter_no_change": 2}
CHANGES: dict[str, list[tuple[dict[str, Any], Any]]] = {
    "hidden_layer_sizes": [({}, (9,)), ({}, (8, 8)), ({}, ())],
    "activation": [({}, name) for name in sorted(ACTIVATIONS.keys() - {"relu"})]
    + [({"hidden_layer_sizes": (8, 7)}, ["relu", "tanh"])],
    "solver": [({}, "sgd"), ({}, "lbfgs"), ({}, "adamw")],
    "alpha": [({}, 1.0), (SGD, 1.0), (LBFGS, 1.0)],
    "batch_size": [({}, 20), ({}, "auto")],
    "learning_rate": [(SGD, "invscaling"), (SGD | STOPS, "adaptive")]
    + [(solver, name) for solver in ({}, SGD) for name in ("linear", "cosine", "one_cycle")]
    + [({}, lambda step: 0.01 / (1 + step))],
    "learning_rate_init": [({}, 0.01), (SGD, 0.01)],
    "power_t": [(SGD | {"learning_rate": "invscaling"}, 0.3)],
    "max_iter": [({}, 16), (SGD, 16), (LBFGS, 16)],
    "shuffle": [({}, False), (SGD, False)],
    "random_state": [({}, 1), (SGD, 1), (LBFGS, 1)],
    "tol": [({"n_iter_no_change": 2}, 1.0), (LBFGS, 0.1)],
    "momentum": [(SGD, 0.5), (SGD, 0)],
    "nesterovs_momentum": [(SGD, False)],
    "early_stopping": [({}, True)],
    "validation_fraction": [({"early_stopping": True}, 0.3)],
    "beta_1": [({}, 0.5)],
    "beta_2": [({}, 0.5)],
    "epsilon": [({}, 0.01)],
    "n_iter_no_change": [(STOPS, 5)],
    "max_fun": [(LBFGS, 5)],
    "dropout": [({}, 0.3), (SGD, 0.3), ({"hidden_layer_sizes": (8, 7)}, [0, 0.5])],
    "input_dropout": [({}, 0.3), (SGD, 0.3)],
    "max_norm": [({}, 0.7), (SGD, 0.7)],
    "clip_norm": [({}, 0.1), (SGD, 0.1)],
    "weight_decay": [({"solver": "adamw"}, 0.5)],
    "class_weight": [({}, "balanced"), (SGD, {3: 5.0}), (LBFGS, {3: 5.0})],
    "loss": [({}, "squared_error"), (SGD, "squared_error"), (LBFGS, "squared_error")],
    "label_smoothing": [({}, 0.2), (SGD, 0.2), (LBFGS, 0.2)],
    "init": [({}, init) for init in sorted(INITIALIZERS.keys() - {"glorot"})] + [(LBFGS, "he")],
    "scoring": [({"early_stopping": True, "max_iter": 40}, "loss")],
    "input_scale": [({}, 0.5), (SGD, 0.5), (LBFGS, 0.5)],
    "dtype": [({}, "float32"), ({}, np.float32)],
}


@pytest.mark.parametrize(
    ("name", "others", "value"),
    [(name, others, value) for name, cases in CHANGES.items() for others, value in cases],
)
def test_option_changes_the_result(
    multiclass: Data, name: str, others: dict[str, Any], value: Any
) -> None:
    default, changed = make_model(**others), make_model(**others | {name: value})
    assert not same_parameters(default.fit(*multiclass), changed.fit(*multiclass))


def test_no_option_is_without_a_test_that_it_changes_the_result() -> None:
    tested_elsewhere = {"warm_start", "verbose"}
    assert CHANGES.keys() | tested_elsewhere == signature(MLPClassifier).parameters.keys()


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_warning_turned_into_an_error_does_not_cost_the_model(
    multiclass: Data, solver: str
) -> None:
    model = make_model(solver=solver, max_iter=2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ConvergenceWarning):
            model.fit(*multiclass)

    assert same_parameters(model, make_model(solver=solver, max_iter=2).fit(*multiclass))


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_input_scale_is_the_same_as_scaled_input(
    multiclass: Data, solver: str, container: Any
) -> None:
    X, y = multiclass
    pixels = container((X * 16).astype(np.uint8))
    scaled = container(X.astype(np.float32))
    # A power of two, so that scaling rounds nothing.
    ours = make_model(solver=solver, input_scale=1 / 16).fit(pixels, y)
    reference = make_model(solver=solver).fit(scaled, y)

    assert same_parameters(ours, reference)
    assert_array_equal(ours.predict_proba(pixels), reference.predict_proba(scaled))


@pytest.mark.parametrize("value", [0, -1, None, "1/255", np.nan])
def test_input_scale_is_a_positive_number(iris: Data, value: Any) -> None:
    with pytest.raises(ValueError, match="input_scale"):
        make_model(input_scale=value).fit(*iris)


def test_warm_start_changes_the_second_fit(multiclass: Data) -> None:
    cold, warm = make_model(), make_model(warm_start=True)
    for _ in range(2):
        cold.fit(*multiclass)
        warm.fit(*multiclass)
    assert len(cold.loss_curve_) == 15
    assert len(warm.loss_curve_) == 30
    assert warm.loss_ < cold.loss_


# --- parameters that make no sense --------------------------------------------------------------

BAD: dict[str, list[Any]] = {
    "hidden_layer_sizes": [0, -1, 2.5, None, (5, 0), [-1], np.array([5, -5])],
    "activation": ["sigmoid", None, 1],
    "solver": ["sdg", None],
    "alpha": [-1e-9, "0", None, np.inf, np.nan],
    "batch_size": [0, -1, 2.5, "all", None],
    "learning_rate": ["optimal", 0.1, None],
    "learning_rate_init": [0, -1, "0.1", None, np.inf, np.nan],
    "power_t": [-1, "0.5", None],
    "max_iter": [0, -1, 10.5, None, np.inf],
    "shuffle": [2, "yes", None],
    "random_state": [-1, 0.5, "seed"],
    "tol": [-1, "low", None, np.nan],
    "verbose": [-1, "yes", None],
    "warm_start": [2, "yes", None],
    "momentum": [-0.1, 1.1, "0.9", None],
    "nesterovs_momentum": [2, "yes", None],
    "early_stopping": [2, "yes", None],
    "validation_fraction": [-0.1, 1, 2, None],
    "beta_1": [-0.1, 1, None],
    "beta_2": [-0.1, 1, None],
    "epsilon": [0, -1, None],
    "n_iter_no_change": [0, -1, 2.5, None, -np.inf],
    "max_fun": [0, -1, 2.5, None],
}
MORE_CHOICES = {"activation", "solver", "learning_rate"}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in BAD.items() for value in values]
)
def test_bad_parameter_gives_the_error_of_scikit_learn(iris: Data, name: str, value: Any) -> None:
    errors = []
    for kind in (MLPClassifier, Theirs):
        model = kind(**{name: value})
        with pytest.raises(ValueError, match=name) as caught:
            model.fit(*iris)
        assert not hasattr(model, "coefs_")
        errors.append(caught.value)
    assert type(errors[0]) is type(errors[1])
    ours, theirs = map(str, errors)
    if name in MORE_CHOICES:
        assert ours.split("{")[0] == theirs.split("{")[0]
        assert ours.split("Got")[-1] == theirs.split("Got")[-1]
    else:  # the same letters: allowed words come in any order
        assert sorted(ours) == sorted(theirs)


def test_no_parameter_of_scikit_learn_is_without_a_bad_value() -> None:
    assert BAD.keys() == signature(Theirs).parameters.keys()


@pytest.mark.parametrize("dtype", ["float16", np.int32, "double", np.dtype("float32"), 32])
def test_bad_dtype(iris: Data, dtype: Any) -> None:
    with pytest.raises(ValueError, match="dtype"):
        MLPClassifier(dtype=dtype).fit(*iris)


@pytest.mark.parametrize(
    "sizes", [7, np.int64(7), (7,), [7], np.array([7]), np.array([7], np.uint8)]
)
def test_hidden_layer_sizes_of_any_kind(iris: Data, sizes: Any) -> None:
    model = make_model(hidden_layer_sizes=sizes).fit(*iris)
    assert [coef.shape for coef in model.coefs_] == [(4, 7), (7, 3)]
    assert [intercept.shape for intercept in model.intercepts_] == [(7,), (3,)]
    assert model.n_layers_ == 3


@pytest.mark.parametrize(
    ("sizes", "found"),
    [
        ((5, 2.0), "2.0"),
        ([5.5], "5.5"),
        (np.array([5.0]), "5.0"),
        ((5, np.nan), "nan"),
        (("12",), "12"),
        ((5, None), "None"),
        ((True,), "True"),
        (True, "True"),
        ([[5, 3], [4, 4]], "[5, 3]"),
        ([(5,)], "(5,)"),
        (np.array([[5, 3]]), "5, 3"),
    ],
    ids=repr,
)
def test_hidden_layer_size_that_is_not_a_whole_number_is_named(
    iris: Data, sizes: Any, found: str
) -> None:
    with pytest.raises(ValueError, match=f"hidden_layer_sizes.*{re.escape(found)}"):
        make_model(hidden_layer_sizes=sizes).fit(*iris)


# --- data that make no sense --------------------------------------------------------------------


def with_first(array: NDArray[Any], value: Any) -> NDArray[Any]:
    """Return a copy with another first element."""
    array = array.astype(np.result_type(array, type(value)))
    array.flat[0] = value
    return array


BAD_DATA: dict[str, Callable[[Any, Any], tuple[Any, ...]]] = {
    "nan in X": lambda X, y: (with_first(X, np.nan), y),
    "inf in X": lambda X, y: (with_first(X, np.inf), y),
    "words in X": lambda X, y: (np.full(X.shape, "word"), y),
    "complex X": lambda X, y: (X * 1j, y),
    "one dimension": lambda X, y: (X[0], y[:4]),
    "three dimensions": lambda X, y: (X[np.newaxis], y),
    "no rows": lambda X, y: (X[:0], y[:0]),
    "no columns": lambda X, y: (X[:, :0], y),
    "a row too few": lambda X, y: (X[1:], y),
    "no y": lambda X, _: (X, None),
    "nan in y": lambda X, y: (X, with_first(y, np.nan)),
    "a measurement for y": lambda X, y: (X, y / 3),
    "numbers as objects": lambda X, y: (X, y.astype(object)),
    "two columns of classes": lambda X, y: (X, np.column_stack([y, y])),
    "nan in weights": lambda X, y: (X, y, with_first(np.ones(len(y)), np.nan)),
    "a weight too few": lambda X, y: (X, y, np.ones(len(y) - 1)),
    "weights in columns": lambda X, y: (X, y, np.ones((len(y), 2))),
}


# Where scikit-learn's message lists all of y, or does not say what to do, ours begins like this.
OUR_WORDS = {
    "words in X": "dtype='numeric' is not compatible with arrays of bytes/strings",
    "a measurement for y": "Unknown label type: continuous",
    "numbers as objects": "Unknown label type: unknown",
    "two columns of classes": "y has 2 columns",
}


@pytest.mark.parametrize("mistake", BAD_DATA)
def test_bad_data_give_the_error_of_scikit_learn(iris: Data, mistake: str) -> None:
    data = BAD_DATA[mistake](*iris)
    messages = []
    for kind in (MLPClassifier, Theirs):
        if len(data) >= len(signature(kind.fit).parameters):
            continue  # before 1.7, scikit-learn's takes no weights
        model = kind()
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - see below
            model.fit(*data)
        assert not hasattr(model, "coefs_")
        assert caught.type is ValueError
        messages.append(str(caught.value))
    assert messages[0].startswith(OUR_WORDS.get(mistake, messages[-1]))


@pytest.mark.parametrize("method", ["predict", "predict_proba", "score", "partial_fit"])
def test_wrong_number_of_features(iris: Data, method: str) -> None:
    X, y = iris
    model = make_model().fit(X, y)
    data = (X[:, 1:], y) if method in ("score", "partial_fit") else (X[:, 1:],)
    with pytest.raises(ValueError, match="X has 3 features, but MLPClassifier is expecting 4"):
        getattr(model, method)(*data)


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning", "ignore:invalid:RuntimeWarning")
def test_divergence_is_reported_as_in_scikit_learn(binary: Data) -> None:
    X, y = binary
    for kind in (MLPClassifier, Theirs):
        with pytest.raises(ValueError, match="Solver produced non-finite parameter weights"):
            kind(solver="sgd", learning_rate_init=1e300).fit(X * 1e300, y)


# --- labels -------------------------------------------------------------------------------------

# Codes 0 to 9 to labels in the same order, so that all must give the same model.
LABELS: dict[str, Callable[[NDArray[Any]], Any]] = {
    "list": list,
    "int8": lambda codes: codes.astype(np.int8),
    "uint8": lambda codes: codes.astype(np.uint8),
    "int32": lambda codes: codes.astype(np.int32),
    "negative": lambda codes: codes - 5,
    "far apart": lambda codes: codes * 10**12,
    "float": lambda codes: codes.astype(float),
    "str": lambda codes: codes.astype(str),
    "list of str": lambda codes: codes.astype(str).tolist(),
    "object": lambda codes: codes.astype(str).astype(object),
    "pandas": pd.Series,
    "pandas str": lambda codes: pd.Series(codes.astype(str)),
    "pandas categorical": lambda codes: pd.Series(codes.astype(str), dtype="category"),
    "pandas nullable": lambda codes: pd.Series(codes, dtype="Int64"),
    "pandas index": lambda codes: pd.Series(codes, index=range(7, 7 + len(codes))),
    "polars": pl.Series,
    "polars str": lambda codes: pl.Series(codes.astype(str)),
    "read-only": lambda codes: np.lib.stride_tricks.as_strided(codes, writeable=False),
    "every other": lambda codes: np.repeat(codes, 2)[::2],
}


@pytest.mark.parametrize("early_stopping", [True, False])
@pytest.mark.parametrize("kind", LABELS)
def test_labels_of_any_kind(multiclass: Data, kind: str, early_stopping: bool) -> None:
    X, codes = multiclass
    reference = make_model(early_stopping=early_stopping).fit(X, codes)
    labels = LABELS[kind](codes)
    model = make_model(early_stopping=early_stopping).fit(X, labels)
    names = np.unique(np.asarray(labels))
    assert isinstance(model.classes_, np.ndarray)
    assert_array_equal(model.classes_, names)
    assert same_parameters(model, reference)
    assert_array_equal(model.predict(X), names[reference.predict(X)])
    assert model.predict(X).dtype == model.classes_.dtype
    assert model.score(X, labels) == reference.score(X, codes)


@pytest.mark.parametrize(
    "make",
    [lambda y: y.astype(bool), lambda y: pd.Series(y, dtype=bool), lambda y: pl.Series(y > 0)],
)
def test_bool_labels(binary: Data, make: Callable[[Any], Any]) -> None:
    X, y = binary
    model = make_model().fit(X, make(y))
    assert_array_equal(model.classes_, [False, True])
    assert model.predict(X).dtype == bool
    assert same_parameters(model, make_model().fit(X, y))


def test_labels_may_come_in_any_order(iris: Data) -> None:
    X, y = iris
    names = np.array(["virginica", "setosa", "versicolor"])
    model = make_model(max_iter=60, learning_rate_init=0.02).fit(X, names[y])
    assert_array_equal(model.classes_, ["setosa", "versicolor", "virginica"])
    assert model.score(X, names[y]) > 0.9
    assert_array_equal(model.predict(X), model.classes_[model.predict_proba(X).argmax(axis=1)])


@pytest.mark.parametrize("label", [0, 7, "only", True])
def test_single_class(iris: Data, label: Any) -> None:
    X, _ = iris
    model = make_model().fit(X, np.full(len(X), label))
    assert_array_equal(model.classes_, [label])
    assert_array_equal(model.predict(X), np.full(len(X), label))
    assert model.predict_proba(X)[:, 0].min() > 0.5


def test_labels_in_a_column_are_taken_with_a_warning(iris: Data) -> None:
    X, y = iris
    with pytest.warns(DataConversionWarning, match="A column-vector y was passed"):
        model = make_model().fit(X, y[:, np.newaxis])
    assert model.predict(X).shape == (150,)
    assert same_parameters(model, make_model().fit(X, y))


def test_labels_in_several_columns_are_refused_with_advice(iris: Data) -> None:
    X, y = iris
    with pytest.raises(ValueError, match=r"y has 2 columns.*MultiOutputClassifier"):
        make_model().fit(X, np.column_stack([y, y]))


INDICATORS: dict[str, Callable[[NDArray[Any]], Any]] = {
    "bool": lambda y: y.astype(bool),
    "float": lambda y: y.astype(float),
    "uint8": lambda y: y.astype(np.uint8),
    "list": lambda y: y.tolist(),
    "Fortran": np.asfortranarray,
    "pandas": lambda y: pd.DataFrame(y, columns=list("abcd")),
    "polars": lambda y: pl.DataFrame(y, schema=list("abcd")),
    "csr_matrix": sparse.csr_matrix,
    "csr_array": sparse.csr_array,
    "csc_matrix": sparse.csc_matrix,
    "csc_array": sparse.csc_array,
}


@pytest.mark.parametrize("early_stopping", [True, False])
@pytest.mark.parametrize("kind", INDICATORS)
def test_several_labels_of_any_kind(multilabel: Data, kind: str, early_stopping: bool) -> None:
    X, y = multilabel
    reference = make_model(early_stopping=early_stopping).fit(X, y)
    labels = INDICATORS[kind](y)
    model = make_model(early_stopping=early_stopping).fit(X, labels)
    assert_array_equal(model.classes_, range(4))
    assert same_parameters(model, reference)
    predicted = model.predict(X)
    assert sparse.issparse(predicted) == sparse.issparse(labels)
    predicted = predicted.toarray() if sparse.issparse(predicted) else predicted
    assert predicted.dtype.kind == "i"
    assert_array_equal(predicted, reference.predict(X))
    assert model.score(X, labels) == reference.score(X, y)


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("codes", [(-1, 1), (1, 2), (0, 3)], ids=str)
def test_labels_coded_otherwise_than_as_0_and_1(
    multilabel: Data, codes: tuple[int, int], container: Any
) -> None:
    X, y = multilabel
    with pytest.raises(ValueError, match="coded as 0 and 1"):
        make_model().fit(X, container(np.array(codes)[y]))


def test_partial_fit_needs_a_column_for_each_class(multilabel: Data) -> None:
    X, y = multilabel
    with pytest.raises(ValueError, match="4 columns of labels, but there are 5 classes"):
        make_model().partial_fit(X, y, classes=range(5))


def test_labels_that_numpy_cannot_tell_apart(iris: Data) -> None:
    """NumPy's strings lose a NUL at their end."""
    labels = np.array(["a", "b", "c\0"], object)[iris[1]]
    with pytest.raises(ValueError, match=r"label .*c.* not in classes_"):
        make_model().fit(iris[0], labels)


def test_a_single_class_is_always_predicted(iris: Data) -> None:
    X, y = iris[0], np.full(len(iris[1]), "only")
    model = make_model(early_stopping=True, max_iter=2).fit(X, y)

    assert model.validation_scores_ == [1.0, 1.0]
    assert model.score(X, y) == 1


def test_dates_are_no_features(iris: Data) -> None:
    with pytest.raises(ValueError, match="X has values of type datetime64"):
        make_model().fit(iris[0].astype("M8[s]"), iris[1])
    with pytest.raises(ValueError, match="X has values of type timedelta64"):
        make_model().fit(*iris).predict(iris[0].astype("m8[s]"))


def test_several_labels_are_independent(multilabel: Data) -> None:
    X, y = multilabel
    model = make_model(max_iter=60, learning_rate_init=0.02).fit(X, y)
    probabilities = model.predict_proba(X)
    assert model.out_activation_ == "logistic"
    assert probabilities.shape == y.shape
    assert abs(probabilities.sum(axis=1) - 1).max() > 0.5
    assert_array_equal(model.predict(X), probabilities > 0.5)
    assert (model.predict(X) == y).mean() > 0.9


# --- containers and precision -------------------------------------------------------------------


def to_memmap(X: NDArray[Any], folder: Path) -> NDArray[Any]:
    """Return X as a read-only memory map."""
    np.save(folder / "X.npy", X)
    return np.load(folder / "X.npy", mmap_mode="r")


CONTAINERS: dict[str, Callable[[NDArray[Any], Path], Any]] = {
    "list": lambda X, _: X.tolist(),
    "pandas": lambda X, _: pd.DataFrame(X),
    "pandas of both precisions": lambda X, _: pd.DataFrame(X).astype({0: np.float32}),
    "polars": lambda X, _: pl.DataFrame(X),
    "Fortran": lambda X, _: np.asfortranarray(X),
    "writeable": lambda X, _: X.copy(),
    "memory map": to_memmap,
    "every other row": lambda X, _: np.repeat(X, 2, axis=0)[::2],
    "every other column": lambda X, _: np.repeat(X, 2, axis=1)[:, ::2],
    "backwards": lambda X, _: X[::-1, ::-1].copy()[::-1, ::-1],
    "not aligned": lambda X, _: np.frombuffer(b"." + X.tobytes(), X.dtype, offset=1).reshape(
        X.shape
    ),
    "big-endian": lambda X, _: X.astype(">f8"),
    "longdouble": lambda X, _: X.astype(np.longdouble),
}
SPARSE = [
    sparse.csr_array,
    sparse.csr_matrix,
    sparse.csc_array,
    sparse.csc_matrix,
    sparse.coo_array,
]


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("kind", CONTAINERS)
def test_dense_input_of_any_kind(
    multiclass: Data, kind: str, shuffle: bool, tmp_path: Path
) -> None:
    """Pixels are sixteenths, which every one of these types can hold."""
    X, y = multiclass
    reference = make_model(shuffle=shuffle).fit(X, y)
    data = CONTAINERS[kind](X, tmp_path)
    model = make_model(shuffle=shuffle).fit(data, y)
    assert same_parameters(model, reference)
    assert_allclose(model.predict_proba(data), reference.predict_proba(X), rtol=1e-12)


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("early_stopping", [True, False])
@pytest.mark.parametrize("container", SPARSE)
def test_sparse_input(
    multiclass: Data, container: Callable[[Any], Any], early_stopping: bool, shuffle: bool
) -> None:
    X, y = multiclass
    options = {"shuffle": shuffle, "early_stopping": early_stopping}
    reference, model = make_model(**options).fit(X, y), make_model(**options).fit(container(X), y)
    for a, b in zip(model.coefs_, reference.coefs_, strict=True):
        assert_allclose(a, b, rtol=1e-6)
    for method in ["predict", "predict_proba", "predict_log_proba", "logits"]:
        predict = getattr(model, method)
        assert isinstance(predict(container(X)), np.ndarray)
        assert_allclose(predict(container(X)), predict(X), rtol=1e-9)


@pytest.mark.parametrize("index_type", [np.int32, np.int64])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8, bool])
def test_sparse_input_of_any_type(multiclass: Data, dtype: Any, index_type: Any) -> None:
    X, y = multiclass
    X = sparse.csr_array((X * 16).astype(dtype))
    X.indices, X.indptr = X.indices.astype(index_type), X.indptr.astype(index_type)
    model = make_model().fit(X, y)
    reference = make_model().fit(X.astype(model.coefs_[0].dtype), y)
    assert_allclose(model.predict_proba(X), reference.predict_proba(X), rtol=1e-5)


TYPES = {
    "float32": "float32",
    "float64": "float64",
    "float16": "float32",
    "longdouble": "float64",
    ">f4": "float32",
    ">f8": "float64",
    "uint8": "float32",
    "int8": "float32",
    "int64": "float32",
    ">i2": "float32",
    "bool": "float32",
}


def assert_computes_in(model: MLPClassifier, dtype: Any, X: NDArray[Any]) -> None:
    """Check the type of all that is learnt and predicted, whatever the type of the rows."""
    assert {part.dtype for part in [*model.coefs_, *model.intercepts_]} == {np.dtype(dtype)}
    assert isinstance(model.loss_, float)
    for rows in (X, X.astype(np.float64), X.astype(np.float32), X.astype(np.int16)):
        for method in ["predict_proba", "predict_log_proba", "logits"]:
            assert getattr(model, method)(rows).dtype == dtype


@pytest.mark.parametrize("override", [None, "float32", "float64", np.float32, np.float64])
@pytest.mark.parametrize("dtype", TYPES)
def test_precision(multiclass: Data, dtype: str, override: Any) -> None:
    X, y = (multiclass[0] * 16).astype(dtype), multiclass[1]
    expected = np.dtype(override or TYPES[dtype])
    model = make_model(dtype=override, max_iter=3).fit(X, y)
    assert_computes_in(model, expected, X)
    # A batch at a time is cast as the whole would be.
    assert same_parameters(model, make_model(max_iter=3).fit(X.astype(expected), y))


@pytest.mark.parametrize("early_stopping", [True, False])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_precision_of_each_solver(
    problem: Data, dtype: str, solver: str, early_stopping: bool
) -> None:
    X, y = problem[0].astype(dtype), problem[1]
    model = make_model(solver=solver, early_stopping=early_stopping, max_iter=3).fit(X, y)
    assert_computes_in(model, dtype, X)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_precision_of_a_model_trained_step_by_step(multiclass: Data, dtype: str) -> None:
    """The first call decides."""
    X, y = multiclass
    model = make_model().partial_fit(X.astype(dtype), y, classes=range(10))
    for other in ["float32", "float64", "float16"]:
        model.partial_fit(X.astype(other), y)
    assert_computes_in(model, dtype, X)


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
@pytest.mark.parametrize("early_stopping", [True, False])
def test_feature_names(iris: Data, make: Callable[[Any], Any], early_stopping: bool) -> None:
    X, y = iris
    names = ["length", "width", "height", "depth"]
    frame = make(dict(zip(names, X.T, strict=True)))
    model = make_model(early_stopping=early_stopping).fit(frame, y)  # without a warning
    assert_array_equal(model.feature_names_in_, names)
    assert_array_equal(model.predict(frame), model.predict(frame[names]))
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(frame[names[::-1]])
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        model.predict(X)
    assert not hasattr(model.fit(X, y), "feature_names_in_")


# --- predictions --------------------------------------------------------------------------------


def test_logits_are_what_the_probabilities_are_made_of(problem: Data) -> None:
    X, y = problem
    model = make_model().fit(X, y)
    logits, probabilities = model.logits(X), model.predict_proba(X)
    assert logits.shape == (len(X), model.n_outputs_)
    if model.out_activation_ == "softmax":
        assert_allclose(softmax(logits, axis=1), probabilities, rtol=1e-12)
        assert_array_equal(model.classes_[logits.argmax(axis=1)], model.predict(X))
    elif y.ndim == 1:
        assert_allclose(expit(logits), probabilities[:, 1:], rtol=1e-12)
        assert_array_equal(model.classes_[(logits[:, 0] > 0).astype(int)], model.predict(X))
    else:
        assert_allclose(expit(logits), probabilities, rtol=1e-12)
        assert_array_equal(logits > 0, model.predict(X))


def test_probabilities(problem: Data) -> None:
    X, y = problem
    model = make_model().fit(X, y)
    probabilities = model.predict_proba(X)
    assert probabilities.shape == (len(X), y.shape[1] if y.ndim == 2 else len(model.classes_))
    assert probabilities.min() >= 0
    if y.ndim == 1:
        assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)
    assert_allclose(model.predict_log_proba(X), np.log(probabilities), rtol=1e-9)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("factor", [1e5, 1e10, 1e30])
def test_log_probabilities_of_extreme_input_are_finite(
    problem: Data, factor: float, dtype: Any
) -> None:
    X, y = problem[0].astype(dtype), problem[1]
    model = make_model().fit(X, y)
    extremes = X * np.dtype(dtype).type(factor)
    logs, probabilities = model.predict_log_proba(extremes), model.predict_proba(extremes)
    assert np.isfinite(logs).all()
    assert logs.max() <= 0
    assert logs.min() < -100
    # In the binary problem, probabilities of the first class are what the other's leave of 1.
    assert_allclose(np.exp(logs), probabilities, rtol=1e-4, atol=np.finfo(dtype).eps)


def test_chunks_do_not_show(multiclass: Data) -> None:
    """Wide layers, so that these rows are too many to be computed at once."""
    X, y = multiclass
    model = make_model(hidden_layer_sizes=(3000,), max_iter=1).fit(X, y)
    X = np.tile(X, (5, 1))
    whole = model.predict_proba(X)
    parts = [model.predict_proba(X[rows : rows + 50]) for rows in range(0, len(X), 50)]
    assert_allclose(whole, np.vstack(parts), rtol=1e-12)
    assert_allclose(model.predict_proba(sparse.csr_array(X)), whole, rtol=1e-12)


def test_score_takes_weights(multiclass: Data) -> None:
    X, y = multiclass
    model = make_model().fit(X, y)
    hits = model.predict(X) == y
    assert 0 < hits.mean() < 1
    assert model.score(X, y, sample_weight=hits) == 1
    assert model.score(X, y, sample_weight=~hits) == 0


# --- sample weights and batches -----------------------------------------------------------------


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_weights_of_one_are_no_weights(multiclass: Data, solver: str) -> None:
    X, y = multiclass
    model, weighted = make_model(solver=solver), make_model(solver=solver)
    model.fit(X, y)
    weighted.fit(X, y, np.ones(len(X)))
    for a, b in zip(model.coefs_, weighted.coefs_, strict=True):
        assert_allclose(a, b, rtol=1e-9)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_batch_of_zero_weights_is_as_if_it_were_not_there(multiclass: Data, solver: str) -> None:
    """scikit-learn raises ZeroDivisionError here."""
    X, y = multiclass
    weights = np.where(np.arange(len(X)) // 40 == 1, 0.0, 1.0)  # the second of three batches
    options = {"solver": solver, "shuffle": False, "hidden_layer_sizes": (8,)}
    model = make_model(**options).fit(X, y, weights)
    others = make_model(**options).fit(X[weights > 0], y[weights > 0], weights[weights > 0])
    assert same_parameters(model, others)
    assert np.isfinite(model.loss_curve_).all()


@pytest.mark.parametrize("fit", ["fit", "partial_fit"])
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_some_rows_of_weight_in_many_batches(multiclass: Data, solver: str, fit: str) -> None:
    X, y = multiclass
    weights = np.where(np.arange(len(X)) % 30 == 0, 1.0, 0.0)
    model = make_model(solver=solver, batch_size=5).partial_fit(X, y, classes=range(10))
    getattr(model, fit)(X, y, weights)
    assert np.isfinite(model.predict_log_proba(X)).all()


@pytest.mark.parametrize("without_weight", ["training", "validation"])
def test_weights_that_leave_nothing_to_train_or_to_validate_on_are_refused(
    binary: Data, without_weight: str
) -> None:
    X, y = binary
    model = make_model(early_stopping=True, warm_start=True).fit(X, y)
    weights = np.isin(np.arange(len(X)), validation_rows(model)).astype(float)
    if without_weight == "validation":
        weights = 1 - weights
    with pytest.raises(ValueError, match=r"(?i)weight"):
        make_model(early_stopping=True).fit(X, y, weights)


def test_weights_that_cancel_in_a_batch_are_refused_and_cost_nothing(iris: Data) -> None:
    X, y = iris
    model = make_model(batch_size=150).fit(X, y)
    before = deepcopy(model)
    with pytest.raises(ValueError, match="weights of a batch, positive and negative"):
        model.fit(X, y, np.where(np.arange(len(y)) % 2, 1, -1), X_val=X, y_val=y)

    assert same_parameters(model, before)


@pytest.mark.parametrize("weight", [-2, np.nan, np.inf])
def test_class_weights_that_make_no_sense_are_refused(iris: Data, weight: float) -> None:
    with pytest.raises(ValueError, match="class_weight must hold finite numbers >= 0"):
        make_model(class_weight={1: weight}).fit(*iris)


@pytest.mark.parametrize("fit", ["fit", "partial_fit"])
def test_zero_weights_only_are_refused(iris: Data, fit: str) -> None:
    X, y = iris
    model = make_model().partial_fit(X, y, classes=range(3))
    with pytest.raises(ValueError, match=r"(?i)sample.weight"):
        getattr(model, fit)(X, y, np.zeros(len(y)))


@pytest.mark.parametrize("fit", ["fit", "partial_fit"])
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_batch_size_above_the_number_of_rows_is_clipped(iris: Data, solver: str, fit: str) -> None:
    X, y = iris
    options = {"classes": range(3)} if fit == "partial_fit" else {}
    clipped = make_model(solver=solver, batch_size=151)
    with pytest.warns(UserWarning, match="Got `batch_size`.*larger than.*sample size.*clipped"):
        getattr(clipped, fit)(X, y, **options)
    whole = getattr(make_model(solver=solver, batch_size=150), fit)(X, y, **options)
    assert same_parameters(clipped, whole)


def test_batch_size_above_the_number_of_training_rows_is_clipped(iris: Data) -> None:
    with pytest.warns(UserWarning, match="clipped"):
        make_model(early_stopping=True, batch_size=140).fit(*iris)


def test_automatic_batch_size_is_at_most_200(multiclass: Data) -> None:
    X, y = (np.concatenate([part, part[::-1]]) for part in multiclass)
    for n_rows in (150, 240):
        models = [make_model(batch_size=b) for b in ("auto", min(n_rows, 200))]
        assert same_parameters(*(model.fit(X[:n_rows], y[:n_rows]) for model in models))


# --- partial_fit --------------------------------------------------------------------------------


def test_first_partial_fit_needs_the_classes(iris: Data) -> None:
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        make_model().partial_fit(*iris)


def test_classes_of_later_calls_are_those_of_the_first(iris: Data) -> None:
    model = make_model().partial_fit(*iris, classes=[2, 1, 0])
    model.partial_fit(*iris, classes=[0, 1, 2])
    with pytest.raises(ValueError, match="is not the same as on last call"):
        model.partial_fit(*iris, classes=[0, 1, 3])


@pytest.mark.parametrize("first", [True, False])
def test_labels_that_are_not_among_the_classes(iris: Data, first: bool) -> None:
    X, y = iris
    model = make_model()
    if not first:
        model.partial_fit(X[:100], y[:100], classes=[0, 1])
    with pytest.raises(ValueError, match=r"`y` has classes not in `self.classes_`.*\[0 1 2\]"):
        model.partial_fit(X, y, classes=[0, 1])


def test_classes_may_come_late(iris: Data) -> None:
    X, y = iris
    names = np.array(["a", "b", "c", "d"])
    model = make_model(learning_rate_init=0.02)
    for _ in range(50):
        for kind in range(3):
            model.partial_fit(X[y == kind], names[y[y == kind]], classes=names)
    assert_array_equal(model.classes_, names)
    assert model.predict_proba(X).shape == (150, 4)
    assert set(model.predict(X)) == {"a", "b", "c"}


def test_partial_fit_of_several_labels_is_an_epoch_of_fit(multilabel: Data) -> None:
    X, y = multilabel
    one = make_model().partial_fit(X, y, classes=range(4))
    assert same_parameters(one, make_model(max_iter=1).fit(X, y))


def test_partial_fit_is_one_epoch(iris: Data) -> None:
    model = make_model()
    for n_calls in range(1, 4):
        model.partial_fit(*iris, classes=range(3))
        assert model.n_iter_ == 1
        assert model.t_ == 150 * n_calls
        assert len(model.loss_curve_) == n_calls


def test_partial_fit_does_not_stop_early(iris: Data) -> None:
    with pytest.raises(ValueError, match="partial_fit does not support early_stopping=True"):
        make_model(early_stopping=True).partial_fit(*iris, classes=range(3))
    model = make_model(early_stopping=True).fit(*iris)
    with pytest.raises(ValueError, match="partial_fit does not support early_stopping=True"):
        model.partial_fit(*iris)
    model.set_params(early_stopping=False).partial_fit(*iris)
    assert model.best_loss_ == model.loss_


def test_lbfgs_has_no_partial_fit(iris: Data) -> None:
    model = make_model(solver="lbfgs")
    assert not hasattr(model, "partial_fit")
    with pytest.raises(AttributeError, match="partial_fit"):
        model.partial_fit(*iris)
    assert hasattr(model.set_params(solver="sgd"), "partial_fit")


def test_partial_fit_goes_on_after_lbfgs(iris: Data) -> None:
    model = make_model(solver="lbfgs", max_iter=100, alpha=0.1).fit(*iris)
    score = model.score(*iris)
    model.set_params(solver="adam", learning_rate_init=1e-5).partial_fit(*iris)
    assert model.score(*iris) == pytest.approx(score, abs=0.01)


# --- when training ends -------------------------------------------------------------------------


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_end_before_convergence_gives_a_warning(iris: Data, solver: str) -> None:
    with pytest.warns(ConvergenceWarning, match=r"[Mm]ax.*\b3\b") as caught:
        model = make_model(solver=solver, max_iter=3).fit(*iris)
    assert len(caught) == 1
    assert model.n_iter_ == len(model.loss_curve_) == 3


@pytest.mark.parametrize("early_stopping", [True, False])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_convergence_gives_no_warning(iris: Data, solver: str, early_stopping: bool) -> None:
    options = {"max_iter": 500, "tol": 0.05, "alpha": 1.0, "early_stopping": early_stopping}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = make_model(solver=solver, **options).fit(*iris)
        assert model.n_iter_ < 500
        if solver != "lbfgs" and not early_stopping:
            model.partial_fit(*iris)


def test_evaluations_of_lbfgs_are_limited(iris: Data) -> None:
    with pytest.warns(ConvergenceWarning, match="max_fun=4"):
        model = make_model(solver="lbfgs", max_iter=100, max_fun=4).fit(*iris)
    assert 0 < model.n_iter_ <= 4


@pytest.mark.parametrize("n_iter_no_change", [1, 3, 8])
def test_patience_counts_epochs_without_improvement(iris: Data, n_iter_no_change: int) -> None:
    model = make_model(tol=1e9, n_iter_no_change=n_iter_no_change, max_iter=100).fit(*iris)
    # The first epoch is an improvement on nothing.
    assert model.n_iter_ == 1 + n_iter_no_change + 1


@pytest.mark.parametrize("early_stopping", [True, False])
def test_infinite_patience(iris: Data, early_stopping: bool) -> None:
    options = {"tol": 1e9, "n_iter_no_change": np.inf, "early_stopping": early_stopping}
    assert make_model(max_iter=40, verbose=True, **options).fit(*iris).n_iter_ == 40


@pytest.mark.parametrize("early_stopping", [True, False])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_silent_by_default(
    iris: Data, solver: str, early_stopping: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    make_model(solver=solver, early_stopping=early_stopping).fit(*iris)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("verbose", [True, 1, 10])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_verbose_prints_each_loss(
    iris: Data, solver: str, verbose: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    model = make_model(solver=solver, verbose=verbose).fit(*iris)
    out, err = capfd.readouterr()
    lines = [f"Iteration {n}, loss = {loss:.8f}" for n, loss in enumerate(model.loss_curve_, 1)]
    for line, start in zip(out.splitlines(), lines, strict=True):
        assert line.startswith(start)
    assert err == ""


def test_verbose_partial_fit(iris: Data, capsys: pytest.CaptureFixture[str]) -> None:
    make_model(verbose=True).partial_fit(*iris, classes=range(3))
    assert capsys.readouterr().out.startswith("Iteration 1, loss = ")


def test_verbose_tells_the_time_left(
    iris: Data, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By a clock that each epoch moves on by a second."""
    monkeypatch.setattr("skmlp_scratch._estimator.callbacks.perf_counter", count().__next__)
    make_model(verbose=True, max_iter=5).fit(*iris)

    assert re.findall(r"up to (\d+) s left", capsys.readouterr().out) == ["4", "3", "2", "1", "0"]


def test_verbose_tells_the_time_left_of_a_training_that_goes_on(
    iris: Data, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = make_model(verbose=True, max_iter=5, learning_rate="linear", warm_start=True)
    interrupt(monkeypatch, Training, "run_epoch", 4)
    with pytest.warns(UserWarning, match="interrupted"):
        model.fit(*iris)
    capsys.readouterr()
    monkeypatch.setattr("skmlp_scratch._estimator.callbacks.perf_counter", count().__next__)
    model.fit(*iris)
    model.partial_fit(*iris)

    assert re.findall(r"up to (\d+) s left", capsys.readouterr().out) == ["1", "0", "0"]


@pytest.mark.parametrize(
    ("early_stopping", "measure"), [(False, "Training loss"), (True, "Validation score")]
)
def test_verbose_says_why_training_ends(
    iris: Data, early_stopping: bool, measure: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = {"tol": 0.125, "n_iter_no_change": 3, "max_iter": 200}
    model = make_model(early_stopping=early_stopping, verbose=True, **options).fit(*iris)
    *epochs, last = capsys.readouterr().out.splitlines()
    assert len(epochs) == model.n_iter_ < 200
    assert last == (
        f"{measure} did not improve more than tol=0.125000 for 3 consecutive epochs. Stopping."
    )
    if early_stopping:
        scores = [re.search(r"validation score = ([\d.]+)", line)[1] for line in epochs]
        assert_allclose(np.array(scores, float), model.validation_scores_, atol=1e-6)


def test_verbose_names_the_loss_where_validation_only_watches(
    iris: Data, capsys: pytest.CaptureFixture[str]
) -> None:
    model = make_model(tol=0.125, n_iter_no_change=3, max_iter=200, verbose=True)
    model.fit(*iris, X_val=iris[0], y_val=iris[1])

    assert "Training loss did not improve" in capsys.readouterr().out


# --- early stopping -----------------------------------------------------------------------------


def validation_rows(model: MLPClassifier) -> NDArray[Any]:
    """Return the rows that a model with ``warm_start=True`` has set aside."""
    return model._training_state["validation_rows"]


@pytest.mark.parametrize("validation_fraction", [0.1, 0.2, 0.3])
@pytest.mark.parametrize("seed", range(3))
def test_split_is_stratified(iris: Data, seed: int, validation_fraction: float) -> None:
    X, y = iris
    model = make_model(
        early_stopping=True,
        validation_fraction=validation_fraction,
        random_state=seed,
        warm_start=True,
    ).fit(X, y)
    counts = np.bincount(y[validation_rows(model)])
    assert_array_equal(counts, np.full(3, 50 * validation_fraction))


@pytest.mark.filterwarnings("ignore:Hidden layer 1 gives 0")  # what such large steps lead to
@pytest.mark.parametrize("problem", ["multiclass", "multilabel"], indirect=True)
def test_model_is_that_of_the_best_epoch(problem: Data) -> None:
    X, y = problem
    model = make_model(
        early_stopping=True, warm_start=True, max_iter=60, learning_rate_init=0.5
    ).fit(X, y)
    scores, rows = model.validation_scores_, validation_rows(model)
    assert len(scores) == model.n_iter_
    assert scores[-1] < model.best_validation_score_ == max(scores)
    assert model.score(X[rows], y[rows]) == model.best_validation_score_


def test_validation_rows_are_not_trained_on(iris: Data) -> None:
    X, y = iris
    model = make_model(early_stopping=True, warm_start=True).fit(X, y)
    other_X = X.copy()
    other_X[validation_rows(model)] *= -1
    other = make_model(early_stopping=True).fit(other_X, y)
    assert other.loss_curve_[: other.n_iter_] == model.loss_curve_[: other.n_iter_]
    assert other.validation_scores_ != model.validation_scores_


@pytest.mark.parametrize("dtype", [str, object])
def test_class_with_a_single_row_is_named(iris: Data, dtype: Any) -> None:
    X, y = iris
    names = np.array(["setosa", "versicolor", "virginica"]).astype(dtype)
    rows = np.r_[:51, 100:150]  # one of the second class
    with pytest.raises(ValueError, match="1 sample of class versicolor"):
        make_model(early_stopping=True).fit(X[rows], names[y[rows]])


def test_fewer_rows_to_validate_on_than_classes(iris: Data) -> None:
    model = make_model(early_stopping=True, validation_fraction=0.01)
    with pytest.raises(ValueError, match=r"set aside validation_fraction=0\.01 of 150 rows.*3"):
        model.fit(*iris)


@pytest.mark.parametrize("n_rows", [2, 5])
def test_too_few_rows_to_validate_on(multilabel: Data, n_rows: int) -> None:
    X, y = multilabel
    with pytest.raises(ValueError, match="validation set is too small"):
        make_model(early_stopping=True).fit(X[:n_rows], y[:n_rows])


def test_divergence_with_early_stopping_keeps_the_best_epoch(multiclass: Data) -> None:
    """Validation scores of a diverged model are scores, and the parameters are finite."""
    X, y = multiclass
    options = {"solver": "sgd", "activation": "identity", "momentum": 0}
    model = make_model(early_stopping=True, learning_rate_init=50, **options).fit(X, y)
    assert np.isfinite(model.validation_scores_).all()
    assert np.isfinite(model.predict_log_proba(X)).all()
