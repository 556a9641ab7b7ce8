"""Training beside other programs: quiet, with one and two busy processes, and with 16 BLAS threads.

The busy processes do nothing but count. More BLAS threads than cores are what a container gets that
may use two cores of many; threadpoolctl sets them here, as OpenBLAS cuts OPENBLAS_NUM_THREADS to
the machine's cores. The last column is against the same training, in a quiet moment, with one
thread.
"""

import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from harness import (
    N_CLASSES,
    Contender,
    interleave,
    parse_arguments,
    print_table,
    ratios,
    seconds,
    summarize,
)
from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier
from threadpoolctl import threadpool_limits

from skmlp_scratch import MLPClassifier

CLASSES = {"ours": MLPClassifier, "scikit-learn": SklearnMLPClassifier}
N_FEATURES, N_EPOCHS = 128, 3
SIZES = ((16,), (64,), (128,), (512,))
# Busy processes, and threads that BLAS is set to.
SETTINGS = {
    "quiet, 1 BLAS thread": (0, 1),
    "quiet": (0, None),
    "1 busy process": (1, None),
    "2 busy processes": (2, None),
    "quiet, 16 BLAS threads": (0, 16),
}
PAUSE = 0.3  # seconds, until the others are busy and BLAS's new threads no longer spin


@contextmanager
def busy(n_processes: int) -> Iterator[None]:
    """Keep cores busy with so many processes."""
    command = [sys.executable, "-c", "while True: pass"]
    processes = [subprocess.Popen(command) for _ in range(n_processes)]  # noqa: S603 - our own
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def training(name: str, hidden: tuple[int, ...], setting: str, n_rows: int) -> Contender:
    """Return a contender: a training in a setting."""
    n_processes, n_threads = SETTINGS[setting]
    rng = np.random.default_rng(0)
    X = rng.random((n_rows, N_FEATURES), np.float32)
    y = rng.integers(0, N_CLASSES, n_rows)
    model = CLASSES[name](hidden, max_iter=N_EPOCHS, random_state=0)

    def run() -> float:
        with busy(n_processes), threadpool_limits(n_threads, "blas"):
            time.sleep(PAUSE)
            return seconds(lambda: model.fit(X, y))

    model.fit(X[:400], y[:400])  # loads what is loaded once
    return run


def main() -> None:
    """Time all sizes in all settings and print one table."""
    arguments = parse_arguments(__doc__, rounds=3)
    warnings.simplefilter("ignore")  # a few epochs are meant to be too few
    n_rows, sizes = (600, SIZES[:1]) if arguments.quick else (2_000, SIZES)
    rows = []
    for hidden in sizes:
        contenders = {
            (name, setting): training(name, hidden, setting, n_rows)
            for setting in SETTINGS
            for name in CLASSES
        }
        figures = interleave(contenders, arguments, warm_up=False, pause=0)
        alone = figures["ours", next(iter(SETTINGS))]
        for setting in SETTINGS:
            ours, theirs = (figures[name, setting] for name in CLASSES)
            cells = [summarize(ours, 3), summarize(theirs, 3), summarize(ratios(ours, alone))]
            rows.append([f"{hidden}", setting, *cells])
    header = ["hidden layer", "setting", "ours, s", "scikit-learn, s", "ours / quiet, 1 thread"]
    print_table(header, rows, arguments.markdown)


if __name__ == "__main__":
    main()
