"""Data that make no sense, and scikit-learn's errors for them."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from inspect import signature
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier as Theirs

from skmlp_scratch import MLPClassifier
from skmlp_scratch._estimator import problem
from tests._helpers.compare import same_parameters
from tests._helpers.data import Data
from tests._helpers.models import make_model


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
    "two columns of classes": lambda X, y: (X, np.column_stack([y, y])),
    "nan in weights": lambda X, y: (X, y, with_first(np.ones(len(y)), np.nan)),
    "a weight too few": lambda X, y: (X, y, np.ones(len(y) - 1)),
    "weights in columns": lambda X, y: (X, y, np.ones((len(y), 2))),
}

# Where scikit-learn's message lists all of y, or does not say what to do, ours begins like this.
OUR_WORDS = {
    "words in X": "X has values that are not numbers in the columns {0: 'str_'",
    "a measurement for y": "Unknown label type: continuous",
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


DAY = dt.datetime(2020, 1, 1)
NO_NUMBERS: dict[str, Any] = {
    "date": dt.date(2020, 1, 1),
    "datetime": DAY,
    "time": dt.time(1),
    "duration": dt.timedelta(1),
    "word": "red",
    "list": [1.0],
    "record": {"x": 1.0, "y": 2.0},
}
CATEGORIES = {
    "period": pd.Series(pd.period_range("2020", periods=150)),
    "category": pd.Series(["red"] * 150, dtype="category"),
    "time zone": pd.Series([DAY] * 150).dt.tz_localize("UTC"),
    "string": pd.Series(["red", None] * 75, dtype="string"),
    "first is missing": pd.Series([None] + [dt.date(2020, 1, 1)] * 149, dtype=object),
}


def assert_named(X: Any, y: Any) -> None:
    """Assert that fit, predict and X_val name the column "when" and a remedy."""
    match = r"X has values that are not numbers in the columns \{'when': .*OneHotEncoder.*days"
    numbers = np.zeros((150, 3))
    for call in (
        lambda: make_model().fit(X, y),
        lambda: make_model().fit(numbers, y).predict(X),
        lambda: make_model().fit(numbers, y, X_val=X, y_val=y),
    ):
        with pytest.raises(ValueError, match=match):
            call()


FRAMES = [pd.DataFrame, pl.DataFrame, pa.table]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("kind", NO_NUMBERS)
def test_a_column_of_no_numbers_is_named(iris: Data, kind: str, frame: Any) -> None:
    value = NO_NUMBERS[kind]
    assert_named(frame({"a": iris[0][:, 0], "b": iris[0][:, 1], "when": [value] * 150}), iris[1])


@pytest.mark.parametrize("kind", CATEGORIES)
def test_a_column_of_a_type_of_pandas_is_named(iris: Data, kind: str) -> None:
    X = pd.DataFrame({"a": iris[0][:, 0], "b": iris[0][:, 1], "when": CATEGORIES[kind]})
    assert_named(X, iris[1])


@pytest.mark.parametrize("container", [list, lambda X: np.array(X, object)])
@pytest.mark.parametrize("kind", ["date", "datetime", "time", "duration", "word", "record"])
def test_a_value_that_is_no_number_is_named_without_a_frame(
    iris: Data, kind: str, container: Any
) -> None:
    value = NO_NUMBERS[kind]
    X = container([[1.0, value]] * 150)
    name = type(value).__name__
    match = (
        rf"X has values that are not numbers in the columns \{{.*1: '{name}.*OneHotEncoder.*days"
    )
    for call in (
        lambda: make_model().fit(X, iris[1]),
        lambda: make_model().fit(iris[0][:, :2], iris[1]).predict(X),
    ):
        with pytest.raises((TypeError, ValueError), match=match):
            call()


@pytest.mark.parametrize("value", [pd.NA, pd.NaT, Decimal("sNaN")], ids=repr)
@pytest.mark.parametrize("container", [list, pd.DataFrame, lambda X: np.array(X, object)])
def test_what_stands_for_a_missing_number_is_one(iris: Data, value: Any, container: Any) -> None:
    X = container([[1.0, value], [0.5, 2.0]] * 75)
    with pytest.raises(ValueError, match=r"Input X contains NaN\. .* in the columns \[1\]"):
        make_model().fit(X, iris[1])


@pytest.mark.filterwarnings("ignore:Determining the data types")  # as scikit-learn 1.6 does
@pytest.mark.parametrize("rows", [pd.Series, pl.Series, lambda x: pl.DataFrame(x).lazy()])
def test_what_is_no_table_is_refused(iris: Data, rows: Any) -> None:
    with pytest.raises(ValueError, match=r"Expected (a )?2-?[dD]"):
        make_model().fit(rows(iris[0][:, 0]), iris[1])


@pytest.mark.parametrize("frame", FRAMES)
def test_numbers_of_several_types_are_features(iris: Data, frame: Any) -> None:
    X = frame({"a": iris[0][:, 0], "b": iris[1] > 1, "c": iris[1].astype(str)})
    plain = np.column_stack([iris[0][:, 0], iris[1] > 1, iris[1]])
    models = [make_model().fit(rows, iris[1]) for rows in (X, plain)]
    assert same_parameters(*models)


def test_an_array_of_another_library_is_named(iris: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    """As scikit-learn hands it on under array_api_dispatch=True."""

    class Tensor:
        """Stands for an array of another library."""

    monkeypatch.setattr(problem, "validate_data", lambda *_, **__: (Tensor(), iris[1]))
    with pytest.raises(
        ValueError, match=r"X is of type tests\.Tensor.*array_api_dispatch.*asarray"
    ):
        make_model().fit(*iris)
