"""Factors of the rows' weights."""

import datetime as dt
import re
import warnings
from collections import OrderedDict, UserDict
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skmlp_scratch._data.targets import IndicatorTargets, OneHotTargets
from skmlp_scratch._estimator.class_weight import weights_by_class

CODES = np.array([0, 1, 2, 1])
F64 = np.dtype(np.float64)


def weigh(class_weight: Any, classes: Any = (0, 1, 2), dtype: Any = F64) -> Any:
    """Return the weights of four rows."""
    return weights_by_class(class_weight, OneHotTargets(CODES, 3), np.asarray(classes), dtype)


@pytest.mark.parametrize("classes", [["0", "1", "2"], ["-1", "01", "1"], ["a", "b", "b "]])
def test_a_weight_belongs_to_the_label_that_equals_its_key(classes: list[str]) -> None:
    assert_array_equal(weigh({classes[1]: 3}, classes), [1, 3, 1, 3])
    assert_array_equal(weigh({classes[2]: 3, classes[0]: 0}, classes), [0, 1, 3, 1])


@pytest.mark.parametrize("weight", [3, np.float32(3), np.array(3), Decimal(3)])
@pytest.mark.parametrize("key", [1, 1.0, np.int8(1), True, Decimal(1), Fraction(1)])
def test_keys_and_weights_of_any_type_of_number(key: Any, weight: Any) -> None:
    assert_array_equal(weigh({key: weight}), [1, 3, 1, 3])


@pytest.mark.parametrize("kind", [OrderedDict, UserDict, MappingProxyType])
def test_mappings_of_any_type(kind: Any) -> None:
    assert_array_equal(weigh(kind({1: 3})), [1, 3, 1, 3])


def test_no_weights() -> None:
    assert_array_equal(weigh({}), [1, 1, 1, 1])


@pytest.mark.parametrize("key", ["1", None, np.nan, (1,), b"1", Decimal("NaN"), 2**70, dt.date.min])
@pytest.mark.parametrize("others", [{1: 2}, {0: 1, 1: 2, 2: 1}])
def test_a_key_that_is_no_label_is_named(key: Any, others: dict[int, float]) -> None:
    with pytest.raises(ValueError, match=r"has weights for \[.*not labels.*\[0 1 2\], of type int"):
        weigh({**others, key: 3})


def test_weights_of_all_labels_may_have_one_beside_them_that_a_fold_lacks() -> None:
    assert_array_equal(weigh({0: 1, 1: 2, 2: 1, 7: 3}), [1, 2, 1, 2])
    with pytest.raises(ValueError, match=r"has weights for \[7\]"):
        weigh({1: 2, 7: 3})


def test_a_string_is_no_date() -> None:
    days = np.arange("2019-01-01", "2019-01-04", dtype="M8[D]")
    assert_array_equal(weigh({dt.datetime(2019, 1, 2): 3}, days), [1, 3, 1, 3])
    with pytest.raises(ValueError, match=r"'2019-01-02'\], which are not .* of type datetime64"):
        weigh({"2019-01-02": 3}, days)


@pytest.mark.parametrize("weight", [-1, np.nan, np.inf, "3", None, [3], 3j, 10**400])
def test_a_weight_that_is_no_number_is_named(weight: Any) -> None:
    with pytest.raises(ValueError, match=r"finite numbers >= 0, got .* for the label 1"):
        weigh({1: weight})


@pytest.mark.parametrize("weight", [1e-50, 1e50])
def test_a_weight_beyond_the_type_is_named(weight: float) -> None:
    with pytest.raises(ValueError, match=r"class_weight.*too small or too large for float32"):
        weigh({1: weight}, dtype=np.dtype(np.float32))


@pytest.mark.parametrize("weight", [1e-200, 1e200])
def test_a_product_beyond_every_type_is_named(weight: float) -> None:
    targets = IndicatorTargets(np.ones((4, 2), bool))
    with pytest.raises(ValueError, match=r"multiplies a factor for each of 2 labels.*float64"):
        weights_by_class([{1: weight}] * 2, targets, np.arange(2), F64)
    weights = weights_by_class([{1: weight}, {1: 0}], targets, np.arange(2), F64)
    assert_array_equal(weights, [0, 0, 0, 0])


@pytest.mark.parametrize(("n_labels", "is_few"), [(3, False), (100, True)])
def test_many_labels_leave_the_weight_to_a_few_rows_which_is_said(
    n_labels: int, is_few: bool
) -> None:
    indicators = np.random.default_rng(0).random((500, n_labels)) < 2 / n_labels
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        weights_by_class("balanced", IndicatorTargets(indicators), np.arange(2), F64)
    messages = [str(warning.message) for warning in caught]
    match = r"class_weight='balanced' .* 100 labels, so that half .* 1 of 500 rows\. Pass sample_w"
    assert [bool(re.search(match, message)) for message in messages] == [True] * is_few


def test_rows_without_weight_are_not_counted() -> None:
    """Whoever gives zeros wants few rows."""
    targets = IndicatorTargets(np.arange(300)[:, np.newaxis] == [0])
    weights = weights_by_class([{0: 0, 1: 1}], targets, np.arange(2), F64)
    assert weights.sum() == 1


@pytest.mark.parametrize("given", [[1.0, 2.0], [None, {}], ["x", {}], [{}], [], {0: 1}])
def test_several_labels_take_a_dict_for_each(given: Any) -> None:
    with pytest.raises(ValueError, match=r"class_weight must be .* list of 2 dicts"):
        weights_by_class(given, IndicatorTargets(np.ones((4, 2), bool)), np.arange(2), F64)


def test_one_label_takes_no_list() -> None:
    with pytest.raises(ValueError, match=r"class_weight=\[1, 2, 3\] is a list.*give a dict"):
        weigh([1, 2, 3])
