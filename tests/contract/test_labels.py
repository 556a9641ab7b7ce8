"""Labels of any kind: numbers, words, one or several for a row."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray
from scipy import sparse
from sklearn.exceptions import DataConversionWarning

from tests._helpers.compare import same_parameters
from tests._helpers.data import Data
from tests._helpers.models import make_model

# Codes 0 to 9 to labels in the same order, so that all must give the same model.
ORDERED: dict[str, Callable[[NDArray[Any]], Any]] = {
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


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/issues/33760")
@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/pull/33774")
@pytest.mark.thread("https://github.com/skorch-dev/skorch/issues/161")
@pytest.mark.thread("https://github.com/skorch-dev/skorch/issues/554")
@pytest.mark.parametrize("early_stopping", [True, False])
@pytest.mark.parametrize("kind", ORDERED)
def test_labels_of_any_kind(multiclass: Data, kind: str, early_stopping: bool) -> None:
    X, codes = multiclass
    reference = make_model(early_stopping=early_stopping).fit(X, codes)
    labels = ORDERED[kind](codes)
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
def test_several_labels_must_be_coded_as_0_and_1(
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


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/pull/5718")
@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/pull/7393")
def test_several_labels_are_independent(multilabel: Data) -> None:
    X, y = multilabel
    model = make_model(max_iter=60, learning_rate_init=0.02).fit(X, y)
    probabilities = model.predict_proba(X)
    assert model.out_activation_ == "logistic"
    assert probabilities.shape == y.shape
    assert abs(probabilities.sum(axis=1) - 1).max() > 0.5
    assert_array_equal(model.predict(X), probabilities > 0.5)
    assert (model.predict(X) == y).mean() > 0.9
