"""Each schedule against its closed form."""

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest

from skmlp_scratch._training.schedules import SCHEDULES, Custom, Progress, Schedule, find_schedule

OPTIONS = {"learning_rate_init": 0.1, "power_t": 0.5}


def make(name: str, **options: float) -> Schedule:
    """Return a schedule of a name."""
    kind: Any = SCHEDULES[name]
    return kind(**{option: (OPTIONS | options)[option] for option in kind.options})


def learning_rates(name: str, progresses: Iterable[Progress], **options: float) -> list[float]:
    """Return the learning rate at each progress."""
    schedule = make(name, **options)
    return [schedule(progress) for progress in progresses]


def at_tenths(name: str) -> list[float]:
    """Return the learning rate at each tenth of the planned steps."""
    return learning_rates(name, [Progress(fraction=n / 10) for n in range(11)])


def test_constant_is_constant() -> None:
    progresses = [Progress(n / 10, n, 10 * n, n) for n in range(4)]

    assert learning_rates("constant", progresses) == [0.1] * 4


def test_invscaling_falls_with_a_power_of_the_samples_seen() -> None:
    progresses = [Progress(n_samples_seen=t) for t in (0, 3, 99)]

    assert learning_rates("invscaling", progresses) == pytest.approx([0.1, 0.05, 0.01])
    assert learning_rates("invscaling", progresses, power_t=0) == [0.1] * 3


def test_adaptive_divides_by_five_at_each_cut() -> None:
    progresses = [Progress(n_rate_cuts=n) for n in range(3)]

    assert learning_rates("adaptive", progresses) == pytest.approx([0.1, 0.02, 0.004])


def test_adaptive_ends_on_a_plateau_once_its_learning_rate_is_tiny() -> None:
    schedule = make("adaptive", learning_rate_init=1e-3)
    ends = [schedule.ends_on_plateau(Progress(n_rate_cuts=n)) for n in range(6)]

    assert ends == [False] * 5 + [True]  # 1e-3 / 5^4 = 1.6e-6, 1e-3 / 5^5 = 3.2e-7
    assert make("adaptive", learning_rate_init=1e-6).ends_on_plateau(Progress())


@pytest.mark.parametrize("name", sorted(SCHEDULES.keys() - {"adaptive"}))
def test_other_schedules_end_on_the_first_plateau(name: str) -> None:
    assert make(name).ends_on_plateau(Progress())


def test_linear_falls_in_equal_parts_to_zero() -> None:
    assert at_tenths("linear") == pytest.approx(np.linspace(0.1, 0, 11))


def test_cosine_falls_along_half_a_cosine() -> None:
    expected = [0.05 * (1 + math.cos(math.pi * n / 10)) for n in range(11)]

    assert at_tenths("cosine") == pytest.approx(expected)


def test_one_cycle_rises_to_its_peak_at_three_tenths_then_falls_to_zero() -> None:
    low, peak = 0.1 / 25, 0.1
    rises = [low + (peak - low) * (1 - math.cos(math.pi * n / 3)) / 2 for n in range(3)]
    falls = [peak * (1 + math.cos(math.pi * n / 7)) / 2 for n in range(8)]

    assert at_tenths("one_cycle") == pytest.approx(rises + falls)


@pytest.mark.parametrize("name", sorted(SCHEDULES))
def test_a_schedule_has_an_end_if_it_depends_on_the_fraction(name: str) -> None:
    depends = len(set(at_tenths(name))) > 1

    assert SCHEDULES[name].has_end == depends


@pytest.mark.parametrize("is_adaptive", [False, True])
def test_adaptive_optimizers_do_not_take_the_schedules_of_scikit_learn(is_adaptive: bool) -> None:
    changed = {
        name
        for name, kind in SCHEDULES.items()
        if find_schedule(name, is_adaptive=is_adaptive) is not kind
    }

    assert changed == ({"invscaling", "adaptive"} if is_adaptive else set())


def test_a_function_is_given_the_number_of_steps_made() -> None:
    schedule = Custom(lambda step: 2 - step)

    assert find_schedule(lambda step: step, is_adaptive=True) is Custom
    assert [schedule(Progress(n_steps=n)) for n in range(3)] == [2, 1, 0]


@pytest.mark.parametrize("value", [-0.1, math.nan, math.inf])
def test_a_function_must_give_a_learning_rate(value: float) -> None:
    function: Callable[[int], float] = lambda _: value  # noqa: E731 - a name for its type
    with pytest.raises(ValueError, match="learning_rate must give"):
        Custom(function)(Progress())
