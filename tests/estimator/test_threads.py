"""BLAS threads: as many as pay, never more than the user's, and as before afterwards."""

import threading
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from skmlp_scratch import MLPClassifier
from skmlp_scratch._estimator import threads
from skmlp_scratch._estimator.threads import CoreWatch, blas_threads
from skmlp_scratch._network.activations import Relu
from skmlp_scratch._training.epochs import Epoch, Record
from tests._helpers.data import Data

SMALL, MEDIUM, LARGE = (200, (10, 4, 3)), (200, (128, 64, 10)), (200, (784, 128, 10))
CORES = 3


def n_threads() -> int:
    return max(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")


@pytest.fixture(autouse=True)
def three_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the machine seem to have three cores."""
    monkeypatch.setattr(threads, "_count_cores", lambda: CORES)


@pytest.mark.parametrize(
    ("sizes", "given", "used"),
    [
        (MEDIUM, 4, 1),
        (LARGE, 4, CORES),
        (LARGE, 2, 2),
        (LARGE, 1, 1),
        (SMALL, 4, 4),  # of which OpenBLAS uses one, without a word from us
    ],
)
def test_threads_are_chosen_by_sizes_and_never_more_than_before(
    sizes: Any, given: int, used: int
) -> None:
    with threadpool_limits(given, "blas"):
        with blas_threads(*sizes):
            assert n_threads() == used
        assert n_threads() == given


def test_they_are_as_before_after_an_error() -> None:
    with threadpool_limits(4, "blas"):
        with pytest.raises(KeyboardInterrupt), blas_threads(*MEDIUM):
            raise KeyboardInterrupt
        assert n_threads() == 4


def test_other_python_threads_leave_them_alone() -> None:
    """They would overlap, and BLAS has one number for all."""
    seen = []

    def look() -> None:
        with blas_threads(*MEDIUM) as watch:
            seen.extend([n_threads(), watch.n_threads])

    with threadpool_limits(4, "blas"):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert seen == [4, 4]


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_fits_and_predictions_are_limited(solver: str, rng: np.random.Generator) -> None:
    X, y = rng.random((500, 64)), np.arange(500) % 2
    seen = []

    def score(*_: Any) -> float:
        seen.append(n_threads())
        return 0.5

    def look(logits: Any, _: Any) -> Any:
        seen.append(n_threads())
        return logits.T

    model = MLPClassifier((64,), solver=solver, batch_size=100, max_iter=2, scoring=score)
    with threadpool_limits(4, "blas"):
        model.fit(X, y, X_val=X, y_val=y)
        model._map_chunks(X, look)
        assert n_threads() == 4
    assert set(seen) == {1}
    assert len(seen) >= 2


def test_every_product_of_a_fit_is_limited(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of the look for dead units after the training, too."""
    seen, forward = [], Relu.forward

    def look(relu: Relu, z: Any) -> None:
        seen.append(n_threads())
        forward(relu, z)

    monkeypatch.setattr(Relu, "forward", look)
    with threadpool_limits(4, "blas"):
        MLPClassifier((64,), batch_size=125, max_iter=1).fit(rng.random((500, 64)), [0, 1] * 250)
    assert seen == [1] * 5


def test_a_failed_fit_restores_them(multiclass: Data) -> None:
    X, y = multiclass
    with threadpool_limits(4, "blas"):
        with pytest.raises(ValueError, match="non-finite"):
            MLPClassifier(
                (300,), solver="sgd", learning_rate_init=1e300, batch_size=100, max_iter=2
            ).fit(X * 1e30, y)
        assert n_threads() == 4


# --- the warning that threads wait ----------------------------------------------------------------


class Clock:
    """Stands in for Linux's count of the time without a core."""

    def __init__(self, share: float) -> None:
        self.share, self.waited = share, 0.0

    def __call__(self) -> float:
        return self.waited

    def run(self, watch: CoreWatch, *seconds: float) -> None:
        """Let epochs of so many seconds pass."""
        for number, duration in enumerate(seconds, start=1):
            watch.epoch_begins()
            self.waited += self.share * duration
            watch.epoch_ends(Epoch(number, 9, Record(0.5, seconds=duration)))
            self.waited += 10 * duration  # as a callback does its work


def start_clock(monkeypatch: pytest.MonkeyPatch, share: float) -> Clock:
    clock = Clock(share)
    monkeypatch.setattr(threads, "seconds_without_core", clock)
    return clock


def test_waiting_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = start_clock(monkeypatch, 0.5)
    with pytest.warns(UserWarning, match=r"waited 1\.5 of 3\.0 s.*2 BLAS.*limits\(1, ") as caught:
        clock.run(CoreWatch(2), 1, 2, 3, 4)
    assert len(caught) == 1


@pytest.mark.parametrize(
    ("n_threads", "share", "seconds"),
    [
        (2, 0.02, [30] * 5),  # a quiet machine
        (2, 0.9, [0.1] * 5),  # little is lost
        (1, 0.9, [30] * 5),  # nothing that fewer threads could help
    ],
)
def test_it_is_not_said_in_vain(
    n_threads: int, share: float, seconds: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    start_clock(monkeypatch, share).run(CoreWatch(n_threads), *seconds)


@pytest.mark.filterwarnings("error::UserWarning")
def test_as_an_error_it_does_not_cost_the_model(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "LARGE_PRODUCT", 0)
    monkeypatch.setattr(threads, "WAITING_SECONDS", -1.0)
    monkeypatch.setattr(threads, "WAITING_SHARE", -1.0)
    model = MLPClassifier((64,), batch_size=100, max_iter=3, learning_rate="linear")
    with threadpool_limits(2, "blas"), pytest.raises(UserWarning, match="waited"):
        model.fit(rng.random((500, 64)), np.arange(500) % 2)
    assert model.n_iter_ == 3


def test_time_without_a_core_is_read_where_the_system_tells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = threads.seconds_without_core()
    assert 0 <= before <= threads.seconds_without_core()

    def fail(*_: Any) -> None:
        raise FileNotFoundError

    monkeypatch.setattr("builtins.open", fail)
    assert threads.seconds_without_core() == 0
