"""Labels of any kind: numbers, words, one or several for a row."""

import datetime as dt
import enum
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray
from scipy import sparse
from sklearn.exceptions import DataConversionWarning

from tests._helpers.compare import same_parameters
from tests._helpers.data import Data
from tests._helpers.models import make_model


class Size(str, enum.Enum):  # noqa: UP042 - whose str() is not its value
    """An enumeration of strings."""

    SMALL, MEDIUM, LARGE = "a", "b", "c"


# Codes 0 to 9 to labels in the same order, so that all must give the same model.
ORDERED: dict[str, Callable[[NDArray[Any]], Any]] = {
    "list": list,
    "int8": lambda codes: codes.astype(np.int8),
    "uint8": lambda codes: codes.astype(np.uint8),
    "int32": lambda codes: codes.astype(np.int32),
    "negative": lambda codes: codes - 5,
    "fractions": lambda codes: [Fraction(code - 5) for code in codes.tolist()],
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
    "objects": lambda codes: codes.astype(object),
    "column of objects": lambda codes: pd.Series(codes, dtype=object),
    "beyond 63 bits": lambda codes: (codes.astype(np.uint64) + np.uint64(2**63)).astype(object),
    "dates": lambda codes: np.datetime64("2020-01-01") + codes,
    "list of datetimes": lambda codes: [dt.datetime(2020, 1, 1 + code) for code in codes.tolist()],
    "Timestamps": lambda codes: pd.Series([pd.Timestamp(2020, 1, 1 + code) for code in codes]),
    "polars dates": lambda codes: pl.Series([dt.date(2020, 1, 1 + code) for code in codes]),
    "durations": lambda codes: pl.Series([dt.timedelta(code) for code in codes.tolist()]),
    "polars Enum": lambda codes: pl.Series(codes.astype(str), dtype=pl.Enum(list("9876543210"))),
    "arrow": pa.array,
    "arrow chunks": lambda codes: pa.chunked_array(
        [codes[:700].astype(str), codes[700:].astype(str)]
    ),
    "arrow dictionary": lambda codes: pa.array(codes.astype(str)).dictionary_encode(),
    "arrow dates": lambda codes: pa.array([dt.date(2020, 1, 1 + code) for code in codes.tolist()]),
    "pandas arrow": lambda codes: pd.Series(codes, dtype="int64[pyarrow]"),
    "fixed strings": lambda codes: codes.astype(str).astype(np.dtypes.StringDType()),
    "no mask": np.ma.array,
    "read-only": lambda codes: np.lib.stride_tricks.as_strided(codes, writeable=False),
    "every other": lambda codes: np.repeat(codes, 2)[::2],
    "polars decimals": lambda codes: pl.Series([Decimal(code) for code in codes.tolist()]),
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
    assert model.classes_.dtype != object or kind == "object"
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


SAME_LABELS: dict[str, list[Any]] = {
    "integers and bools": [True, 2, np.int8(5)],
    "large": [2**63 + 1, 2**63 + 2, 5],
    "integers that floats cannot tell apart": [2**60, 2**60 + 1, 2.0],
    "enumeration": list(Size),
    "numbers of an enumeration": list(enum.IntEnum("Number", "A B C")),
    "dates of several units": [
        np.datetime64("2020", "Y"),
        np.datetime64("2020-01-02"),
        dt.date.min,
    ],
}


@pytest.mark.parametrize("container", [list, tuple, pd.Series, lambda y: np.array(y, object)])
@pytest.mark.parametrize("kind", SAME_LABELS)
def test_predicted_labels_equal_those_given(iris: Data, kind: str, container: Any) -> None:
    given = SAME_LABELS[kind]
    if kind == "integers that floats cannot tell apart" and container is pd.Series:
        pytest.skip("pandas makes them equal")
    X, y = np.eye(3)[iris[1]], container([given[code] for code in iris[1]])
    model = make_model(solver="lbfgs", max_iter=100).fit(X, y)
    assert model.score(X, y) == 1
    assert all(a == b for a, b in zip(model.predict(X), y, strict=True))
    model = make_model().partial_fit(X, y, classes=given).partial_fit(X, y)
    assert len(model.classes_) == 3


MISSING: dict[str, Any] = {
    "None": ["a", "b", None],
    "NaN among strings": ["a", "b", np.nan],
    "float32 NaN": ["a", "b", np.float32("nan")],
    "NA": ["a", "b", pd.NA],
    "NaT": [pd.Timestamp("2020-01-01"), pd.Timestamp("2021-01-01"), pd.NaT],
    "None among ints": [1, 2, None],
    "None among bools": [True, False, None],
    "decimal": [1, 2, Decimal("nan")],
    "signaling decimal": [1, 2, Decimal("sNaN")],
}
HOLDERS: dict[str, Callable[[Any], Any]] = {
    "list": list,
    "objects": lambda y: np.array(y, object),
    "series": pd.Series,
    "frame": lambda y: pd.DataFrame({"y": y}),
}


@pytest.mark.parametrize("container", HOLDERS.values(), ids=HOLDERS)
@pytest.mark.parametrize("kind", MISSING)
def test_missing_labels_give_one_error(iris: Data, kind: str, container: Any) -> None:
    X, codes = iris
    y = container([MISSING[kind][code] for code in codes])
    message = "Input {} contains NaN. Missing labels, NaN or other: 50; the first, at position 100"
    for fit in (lambda: make_model().fit(X, y), lambda: make_model().fit(X, codes).score(X, y)):
        with pytest.raises(ValueError, match=message.format("y")):
            fit()
    with pytest.raises(ValueError, match=message.format("y_val")):
        make_model().fit(X, codes, X_val=X, y_val=y)
    with pytest.raises(ValueError, match="Input classes contains NaN"):
        make_model().partial_fit(X, codes, classes=container(MISSING[kind]))


@pytest.mark.parametrize("null", [pl.Series, pa.array])
@pytest.mark.parametrize("kind", ["None", "None among ints", "None among bools"])
def test_nulls_are_missing_labels(iris: Data, kind: str, null: Callable[[Any], Any]) -> None:
    X, codes = iris
    y = null([MISSING[kind][code] for code in codes])
    match = r"Input y contains NaN\. .*: 50; .* position 100"
    with pytest.raises(ValueError, match=match):
        make_model().fit(X, y)


def test_masked_labels_are_missing(iris: Data) -> None:
    for y in (np.ma.masked_equal(iris[1], 1), np.ma.array(np.array(list("abc"))[iris[1]], mask=1)):
        with pytest.raises(ValueError, match="Input y contains NaN"):
            make_model().fit(iris[0], y)


def test_missing_indicators_give_the_same_error(multilabel: Data) -> None:
    frame = pd.DataFrame(multilabel[1]).astype("boolean")
    assert make_model().fit(multilabel[0], frame).n_outputs_ == 4
    frame.iloc[0, 1] = pd.NA
    with pytest.raises(
        ValueError, match=r"Input y contains NaN\. Missing labels, NaN or other: 1;"
    ):
        make_model().fit(multilabel[0], frame)


REFUSED: dict[str, tuple[list[Any], str]] = {
    "int and str": ([1, "1", 2], r"\[str\(label\) for label in y\]"),
    "bytes": ([b"a", b"b", b"c"], r"\[label.decode\(\) for label in y\]"),
    "set": ([{1}, {1, 2}, {3}], "MultiLabelBinarizer"),
    "list": ([[1], [1, 2], [3]], "MultiLabelBinarizer"),
    "int": ([2**70, 2**71, 2**72], "64-bit integers"),
    "Decimal": ([Decimal("0.5"), Decimal(1), Decimal(2)], "str"),
    "complex": ([1j, 2j, 3j], "str"),
    "timedelta64 without a unit": ([np.timedelta64(code) for code in (1, 2, 3)], "str"),
    "Timestamp with a time zone": (
        [pd.Timestamp(2020, 1, day, tz="UTC") for day in (1, 2, 3)],
        "dates without a time zone",
    ),
    "datetime and datetime64": (
        [dt.datetime(9999, 1, 1), np.datetime64(1, "ns"), dt.datetime(1, 1, 1)],
        "str",
    ),
    "timedelta64": (
        [np.timedelta64(1, "M"), np.timedelta64(1, "D"), np.timedelta64(2, "D")],
        "str",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_labels_without_an_order_are_refused_by_type(iris: Data, kind: str) -> None:
    given, remedy = REFUSED[kind]
    y = np.empty(150, object)
    for i, code in enumerate(iris[1]):
        y[i] = given[code]
    for labels in (y, list(y)):
        with pytest.raises(ValueError, match=f"y has labels of type {kind}.*{remedy}"):
            make_model().fit(iris[0], labels)


@pytest.mark.parametrize("as_type", [complex, "m8"])
def test_arrays_of_labels_without_an_order_are_refused_by_type(iris: Data, as_type: Any) -> None:
    with pytest.raises(ValueError, match=r"y has labels of type .*str\(label\)"):
        make_model().fit(iris[0], iris[1].astype(as_type))


@pytest.mark.parametrize("label", [1, "a", np.datetime64("2020-01-01"), np.array(True)])
def test_a_single_label_is_refused(iris: Data, label: Any) -> None:
    with pytest.raises(ValueError, match=r"y is of type .*with a label for each row\."):
        make_model().fit(iris[0], label)


@pytest.mark.parametrize("make", [iter, set, dict.fromkeys])
def test_what_is_no_array_of_labels_is_refused(iris: Data, make: Any) -> None:
    with pytest.raises(ValueError, match=r"y is of type .*not an array of labels.*list\(y\)"):
        make_model().fit(iris[0], make(iris[1].tolist()))


@pytest.mark.parametrize("as_type", [str, "M8[D]", "m8[D]"])
def test_labels_of_another_type_than_the_classes_are_unknown(iris: Data, as_type: Any) -> None:
    X, y = iris
    for classes, labels in ((range(3), y.astype(as_type)), (np.arange(3).astype(as_type), y)):
        with pytest.raises(ValueError, match="classes not in"):
            make_model().partial_fit(X, labels, classes=classes)


def test_classes_may_come_in_another_unit(iris: Data) -> None:
    days = np.datetime64("2020-01-01") + iris[1]
    model = make_model().partial_fit(iris[0], days.astype("M8[ns]"), classes=np.unique(days))
    assert_array_equal(model.classes_, np.unique(days))
