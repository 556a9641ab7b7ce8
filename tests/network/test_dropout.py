"""Properties of the masks."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from skmlp_scratch._network.dropout import Dropout, make_dropouts

SHAPE = (200, 150)


def make(rate: float, dtype: Any = np.float64) -> Any:
    return Dropout(rate, *SHAPE, np.dtype(dtype), np.random.default_rng(0))


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_rate_is_dropped_and_the_rest_makes_up_for_it(rate: float) -> None:
    a = np.ones(SHAPE)
    dropped = make(rate).forward(a)

    assert set(np.unique(dropped)) == {0, 1 / (1 - rate)}
    # Four standard errors of a share of 30,000.
    assert (dropped == 0).mean() == pytest.approx(rate, abs=4 * np.sqrt(rate * (1 - rate) / a.size))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_goes_in_stays_as_it_is_and_what_comes_out_has_its_type(dtype: Any) -> None:
    a = np.ones(SHAPE, dtype)
    a.flags.writeable = False

    assert make(0.5, dtype).forward(a).dtype == dtype


def test_backward_uses_the_masks_of_forward() -> None:
    dropout, delta = make(0.3), np.ones(SHAPE)
    dropped = dropout.forward(np.ones(SHAPE)).copy()
    dropout.backward(delta)

    assert_array_equal(delta, dropped)


def test_each_batch_is_masked_anew() -> None:
    dropout, a = make(0.5), np.ones(SHAPE)
    first = dropout.forward(a).copy()

    assert not np.array_equal(first, dropout.forward(a))


@pytest.mark.parametrize("container", [sparse.csr_array, sparse.csr_matrix])
def test_a_sparse_batch_keeps_its_zeros_and_its_kind(
    container: Any, rng: np.random.Generator
) -> None:
    dense = rng.random(SHAPE) * (rng.random(SHAPE) < 0.3)
    x = container(dense)
    dropped = make(0.5).forward(x)
    kept = dropped.toarray() != 0

    assert type(dropped) is type(x)
    assert_array_equal(x.toarray(), dense)
    assert_allclose(dropped.toarray()[kept], 2 * dense[kept])
    assert kept[dense != 0].mean() == pytest.approx(0.5, abs=0.03)


def test_there_is_none_where_the_rate_is_zero() -> None:
    dropouts = make_dropouts([0, 0.5, 0], (3, 4, 5, 6), 7, np.dtype(float), None)

    assert [dropout is None for dropout in dropouts] == [True, False, True]
