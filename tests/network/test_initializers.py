"""Each distribution of initial parameters against its formula."""

from typing import Any

import numpy as np
import pytest

from skmlp_scratch._network.initializers import INITIALIZERS

FAN_IN, FAN_OUT = 300, 200
VARIANCES = {
    "glorot": 2 / (FAN_IN + FAN_OUT),
    "glorot_normal": 2 / (FAN_IN + FAN_OUT),
    "he": 2 / FAN_IN,
    "he_normal": 2 / FAN_IN,
    "lecun": 1 / FAN_IN,
    "lecun_normal": 1 / FAN_IN,
}


def draw(name: str, glorot_factor: Any = 6) -> Any:
    coef, intercept = np.empty((FAN_IN, FAN_OUT)), np.empty(FAN_OUT)
    INITIALIZERS[name].fill(coef, intercept, glorot_factor, np.random.RandomState(0))
    return coef, intercept


@pytest.mark.parametrize("name", INITIALIZERS)
def test_mean_and_variance_are_those_of_the_formula(name: str) -> None:
    coef, intercept = draw(name)

    # 60,000 draws: a mean is good to 0.4 %, a variance to about 1 % of the spread.
    assert coef.mean() == pytest.approx(0, abs=0.02 * np.sqrt(VARIANCES[name]))
    assert coef.var() == pytest.approx(VARIANCES[name], rel=0.02)
    assert intercept.var() == pytest.approx(VARIANCES[name], rel=0.3)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_uniform_draws_end_at_the_bound_and_normal_ones_go_beyond(name: str) -> None:
    bound = np.sqrt(3 * VARIANCES[name])
    beyond = (abs(draw(name)[0]) > bound).mean()

    # Of a normal distribution, 8.3 % lie beyond the square root of 3 deviations.
    assert beyond == (pytest.approx(0.083, abs=0.01) if name.endswith("normal") else 0)


def test_the_factor_of_the_activation_counts_for_glorot_only() -> None:
    for name in ("glorot", "glorot_normal"):
        assert draw(name, 2)[0].var() == pytest.approx(draw(name, 6)[0].var() / 3)
    for name in ("he", "lecun"):
        assert np.array_equal(draw(name, 2)[0], draw(name, 6)[0])
