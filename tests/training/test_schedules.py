"""Each schedule against its closed form."""

import math
from typing import Any

import numpy as np
import pytest

from skmlp_scratch._training.schedules import SCHEDULES, Progress, make_schedule

STEPS_PER_EPOCH, MAX_EPOCHS = 5, 2
TOTAL = STEPS_PER_EPOCH * MAX_EPOCHS


def options_of_a_schedule(
    init: float = 0.1, power_t: float = 0.5, steps_per_epoch: int = STEPS_PER_EPOCH
) -> Any:
    return {
        "learning_rate_init": init,
        "power_t": power_t,
        "steps_per_epoch": steps_per_epoch,
        "max_epochs": MAX_EPOCHS,
    }


def make(name: str, **options: Any) -> Any:
    return SCHEDULES[name](**options_of_a_schedule(**options))


def learning_rates(name: str, progresses: Any, **options: Any) -> Any:
    schedule = make(name, **options)
    return [schedule(progress) for progress in progresses]


def at_steps(name: str, steps: Any, **progress: Any) -> Any:
    return learning_rates(name, [Progress(n_steps=s, **progress) for s in steps])


def test_constant_is_constant() -> None:
    progresses = [Progress(n_steps=s, n_samples_seen=10 * s, n_stalls=s) for s in range(4)]

    assert learning_rates("constant", progresses) == [0.1] * 4


def test_invscaling_falls_with_a_power_of_the_samples_seen() -> None:
    progresses = [Progress(n_samples_seen=t) for t in (0, 3, 99)]

    assert learning_rates("invscaling", progresses) == pytest.approx([0.1, 0.05, 0.01])
    assert learning_rates("invscaling", progresses, power_t=0) == [0.1] * 3


def test_adaptive_divides_by_five_at_each_stall() -> None:
    progresses = [Progress(n_stalls=n) for n in range(3)]

    assert learning_rates("adaptive", progresses) == pytest.approx([0.1, 0.02, 0.004])


def test_adaptive_has_converged_once_its_learning_rate_is_tiny() -> None:
    schedule = make("adaptive", init=1e-3)
    converged = [schedule.has_converged(Progress(n_stalls=n)) for n in range(6)]

    assert converged == [False] * 5 + [True]  # 1e-3 / 5^4 = 1.6e-6, 1e-3 / 5^5 = 3.2e-7
    assert make("adaptive", init=1e-6).has_converged(Progress())


@pytest.mark.parametrize("name", sorted(SCHEDULES.keys() - {"adaptive"}))
def test_other_schedules_have_converged_at_the_first_stall(name: str) -> None:
    assert make(name).has_converged(Progress())


def test_linear_falls_in_equal_parts_to_zero() -> None:
    assert at_steps("linear", range(TOTAL + 1)) == pytest.approx(np.linspace(0.1, 0, TOTAL + 1))


def test_cosine_falls_along_half_a_cosine() -> None:
    expected = [0.05 * (1 + math.cos(math.pi * s / TOTAL)) for s in range(TOTAL + 1)]

    assert at_steps("cosine", range(TOTAL + 1)) == pytest.approx(expected)


def test_one_cycle_rises_to_its_peak_at_three_tenths_then_falls_to_zero() -> None:
    low, peak = 0.1 / 25, 0.1
    rises = [low + (peak - low) * (1 - math.cos(math.pi * s / 3)) / 2 for s in range(3)]
    falls = [peak * (1 + math.cos(math.pi * s / 7)) / 2 for s in range(8)]

    assert at_steps("one_cycle", range(TOTAL + 1)) == pytest.approx(rises + falls)


with_an_end = pytest.mark.parametrize("name", ["linear", "cosine", "one_cycle"])


@with_an_end
def test_a_schedule_goes_on_with_each_epoch_and_begins_again_after_its_end(name: str) -> None:
    first, second = at_steps(name, range(5)), at_steps(name, range(5, 10))

    assert at_steps(name, range(7, 12), n_epochs=1, first_step=7) == second
    assert at_steps(name, range(7, 12), n_epochs=MAX_EPOCHS, first_step=7) == first


@pytest.mark.parametrize("name", sorted(SCHEDULES))
def test_epochs_are_counted_up_to_the_end_of_a_schedule_that_has_one(name: str) -> None:
    schedule = SCHEDULES[name](**options_of_a_schedule() | {"max_epochs": 3})
    counted = [schedule.next_epoch(Progress(n_epochs=n)) for n in range(5)]

    # Three epochs are a whole schedule; a longer one that was in use before does not count.
    assert counted == ([1, 2, 0, 1, 1] if schedule.has_end else [0, 0, 0, 0, 0])


@with_an_end
def test_an_epoch_is_the_same_share_of_a_schedule_however_many_steps_it_has(name: str) -> None:
    def second_epoch(n_steps: Any) -> Any:
        schedule = make(name, steps_per_epoch=n_steps)
        return [schedule(Progress(n_steps=s, n_epochs=1)) for s in range(n_steps + 1)]

    assert second_epoch(3) == pytest.approx(second_epoch(6)[::2])


@pytest.mark.parametrize("is_sgd", [False, True])
def test_only_sgd_takes_the_schedules_that_scikit_learn_has(is_sgd: Any) -> None:
    options = options_of_a_schedule()
    kinds = {n: type(make_schedule(n, is_sgd=is_sgd, **options)) for n in SCHEDULES}
    changed = {name for name, kind in kinds.items() if kind is not SCHEDULES[name]}

    assert changed == (set() if is_sgd else {"invscaling", "adaptive"})


def test_a_function_is_given_the_number_of_steps_made() -> None:
    schedule = make_schedule(lambda step: 2 - step, is_sgd=False, **options_of_a_schedule())

    assert [schedule(Progress(n_steps=s)) for s in range(3)] == [2, 1, 0]


@pytest.mark.parametrize("value", [-0.1, math.nan, math.inf])
def test_a_function_must_give_a_learning_rate(value: Any) -> None:
    schedule = make_schedule(lambda _: value, is_sgd=False, **options_of_a_schedule())
    with pytest.raises(ValueError, match="learning_rate must give"):
        schedule(Progress())
