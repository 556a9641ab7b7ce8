"""Labels as arrays, and where a label is among the classes."""

import datetime as dt
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse

from skmlp_scratch._estimator.label_arrays import find_labels, to_label_array


@pytest.mark.parametrize(
    "labels", [np.arange(3, dtype=np.int8), np.array(["a", "b"]), np.eye(2), sparse.eye(2), None]
)
def test_what_can_be_sorted_stays_as_it_is(labels: Any) -> None:
    assert to_label_array(labels, "y") is labels


@pytest.mark.parametrize(
    ("labels", "dtype"),
    [
        ([True, False], "bool"),
        ([1, 2], "int64"),
        ([np.int8(1), np.int8(2)], "int8"),
        ([2**63, 1], "uint64"),
        ([1.0, 2], "float64"),
        (["a", np.str_("b")], "object"),
        ([dt.date(2020, 1, 1)], "datetime64[D]"),
        ([dt.date(2020, 1, 1), dt.datetime(2020, 1, 1)], "datetime64[us]"),
        ([dt.timedelta(1)], "timedelta64[us]"),
        ([], "object"),
    ],
)
def test_lists_and_objects_get_a_type_of_their_own(labels: Any, dtype: str) -> None:
    for given in (labels, np.array(labels, object)):
        array = to_label_array(given, "y")
        assert array.dtype == dtype
        assert len(array) == len(labels)


def test_indicators_keep_their_shape() -> None:
    assert to_label_array([[0, True], [1, np.False_]], "y").tolist() == [[0, 1], [1, 0]]


def test_a_label_is_found_by_equality() -> None:
    days = np.array(["2020-01-01", "2020-01-02"], "M8[D]")
    same = [dt.datetime(2020, 1, 2), days[1].astype("M8[ns]"), dt.date(2020, 1, 1), "2020-01-01", 0]
    assert_array_equal(find_labels(days, same), [1, 1, 0, -1, -1])
    numbers = [2, np.uint8(1), 1.0, True, "1", (0,), None, np.nan]
    assert_array_equal(find_labels(np.arange(3), numbers), [2, 1, 1, 1, -1, -1, -1, -1])
    assert_array_equal(
        find_labels(np.array(["1", "a"]), ["a", np.str_("1"), 1, b"a"]), [1, 0, -1, -1]
    )
    assert_array_equal(find_labels(np.array(["1"]), []), [])
