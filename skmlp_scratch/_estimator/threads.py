"""How many threads BLAS works with: as many as pay, and a warning if they wait for cores.

OpenBLAS's threads spin at a barrier until each has done its part of a product. On a busy machine
one of them may have lost its core to another program, and all wait for milliseconds in place of the
microseconds that the product takes. The same happens in a container that may use two of 64 cores,
of which OpenBLAS knows nothing. So the number of threads is chosen here, from the sizes and the
machine and never from the clock, as long sums differ in the last bits with it.
"""

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from operator import mul
from typing import Any
from warnings import warn

import joblib
from threadpoolctl import ThreadpoolController

from skmlp_scratch._training.epochs import Epoch

# Multiply-adds of a product up to which OpenBLAS takes one thread by itself.
SMALL_PRODUCT = 2**18
# And from which on further threads are worth the risk. Below, on two quiet cores, the second one
# saves at most a sixth of a training step.
LARGE_PRODUCT = 2**23
# The share of the time, and the seconds, that a training must have waited for a warning. On a quiet
# machine it waits for a hundredth; with one other process on two cores, for a third.
WAITING_SHARE = 0.2
WAITING_SECONDS = 1.0


@contextmanager
def blas_threads(batch_size: int, layer_sizes: Sequence[int]) -> Iterator["CoreWatch"]:
    """Let BLAS use as many threads as pay, and at most as many as before.

    BLAS has one number of threads for the whole process, so only the main thread sets it: limits of
    several threads would overlap, and leave behind another number than they found.

    Parameters
    ----------
    batch_size : int
        Rows of a batch or chunk.
    layer_sizes : sequence of int
        Number of inputs, of units in each hidden layer, and of outputs.

    Yields
    ------
    watch : CoreWatch
        A listener for the training.
    """
    largest = batch_size * max(map(mul, layer_sizes, layer_sizes[1:]))
    before, limit = [], 1
    if largest > SMALL_PRODUCT:
        before = [(library, library.num_threads) for library in _blas_libraries()]
        limit = 1 if largest < LARGE_PRODUCT else _count_cores()
    if threading.current_thread() is not threading.main_thread():
        limit = sys.maxsize
    lowered = [(library, n) for library, n in before if n > limit]
    try:
        for library, _ in lowered:
            library.set_num_threads(limit)
        yield CoreWatch(min(limit, max((n for _, n in before), default=1)))
    finally:
        for library, n in lowered:
            library.set_num_threads(n)


class CoreWatch:
    """A listener that warns, once, if a training on several threads keeps waiting for cores.

    Linux counts the time that a thread was ready to run and had no core to run on, in which slow
    disks, callbacks and scorers have no part. Other systems do not, and no warning is given there.

    Parameters
    ----------
    n_threads : int
        Threads that BLAS has; an attribute, too.

    Attributes
    ----------
    held : list of UserWarning
        What the user has turned into an error, which must not cost the model: to be raised later.
    """

    def __init__(self, n_threads: int) -> None:
        self.held: list[UserWarning] = []
        self.n_threads = n_threads
        self._is_on = n_threads > 1
        self._start = self._waited = self._seconds = 0.0

    def epoch_begins(self) -> None:
        """Look at the clock of waiting."""
        if self._is_on:
            self._start = seconds_without_core()

    def epoch_ends(self, epoch: Epoch) -> bool:
        """Add up the waiting of all epochs; warn if it is much."""
        if self._is_on:
            self._waited += seconds_without_core() - self._start
            self._seconds += epoch.record.seconds
            if self._waited > max(WAITING_SECONDS, WAITING_SHARE * self._seconds):
                self._is_on = False
                self._warn()
        return False

    def _warn(self) -> None:
        try:
            warn(
                f"This training has waited {self._waited:.1f} of {self._seconds:.1f} seconds for "
                f"a processor core, as other programs keep them busy. Its {self.n_threads} BLAS "
                "threads also wait for each other then, and one alone is faster: import "
                "threadpoolctl, and fit in \"with threadpoolctl.threadpool_limits(1, 'blas'):\"."
            )
        except UserWarning as error:
            self.held.append(error)


def seconds_without_core() -> float:
    """Return how long this thread has been ready to run, but without a core; 0 if unknown."""
    try:
        with open("/proc/thread-self/schedstat") as file:  # noqa: PTH123 - in every epoch
            return int(file.read().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


@cache
def _blas_libraries() -> list[Any]:
    """Return the handles of all BLAS libraries; finding them takes ten milliseconds."""
    return ThreadpoolController().select(user_api="blas").lib_controllers  # type: ignore[no-any-return]


@cache
def _count_cores() -> int:
    """Return how many cores this process may use, which a container's share limits."""
    return int(joblib.cpu_count())
