"""Each schedule against its closed form."""

import pytest

from skmlp_scratch._schedules import SCHEDULES, Progress


def learning_rates(name, progresses, init=0.1, power_t=0.5):
    schedule = SCHEDULES[name](init, power_t)
    return [schedule(progress) for progress in progresses]


def test_constant_is_constant():
    progresses = [Progress(n_steps=s, n_samples_seen=10 * s, n_stalls=s) for s in range(4)]

    assert learning_rates("constant", progresses) == [0.1] * 4


def test_invscaling_falls_with_a_power_of_the_samples_seen():
    progresses = [Progress(n_samples_seen=t) for t in (0, 3, 99)]

    assert learning_rates("invscaling", progresses) == pytest.approx([0.1, 0.05, 0.01])
    assert learning_rates("invscaling", progresses, power_t=0) == [0.1] * 3


def test_adaptive_divides_by_five_at_each_stall():
    progresses = [Progress(n_stalls=n) for n in range(3)]

    assert learning_rates("adaptive", progresses) == pytest.approx([0.1, 0.02, 0.004])


def test_adaptive_has_converged_once_its_learning_rate_is_tiny():
    schedule = SCHEDULES["adaptive"](1e-3, 0.5)
    converged = [schedule.has_converged(Progress(n_stalls=n)) for n in range(6)]

    assert converged == [False] * 5 + [True]  # 1e-3 / 5^4 = 1.6e-6, 1e-3 / 5^5 = 3.2e-7


@pytest.mark.parametrize("name", ["constant", "invscaling"])
def test_other_schedules_have_converged_at_the_first_stall(name):
    assert SCHEDULES[name](0.1, 0.5).has_converged(Progress())
