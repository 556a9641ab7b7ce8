"""Training beside other programs: quiet, with one and two busy processes, and with 16 BLAS threads.

Each training runs in a process of its own, as BLAS reads OPENBLAS_NUM_THREADS only when it is
loaded. The busy processes do nothing but count. The last column is against the same training, in a
quiet moment, with one BLAS thread.
"""

import json
import os
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
    run_python,
    seconds,
    summarize,
)
from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier

from skmlp_scratch import MLPClassifier

CLASSES = {"ours": MLPClassifier, "scikit-learn": SklearnMLPClassifier}
N_FEATURES, N_EPOCHS = 128, 3
SIZES = ((16,), (64,), (128,), (512,))
# Busy processes, and threads that are forced on BLAS.
SETTINGS = {
    "quiet, 1 BLAS thread": (0, 1),
    "quiet": (0, None),
    "1 busy process": (1, None),
    "2 busy processes": (2, None),
    "quiet, 16 BLAS threads": (0, 16),
}


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


def training(name: str, hidden: tuple[int, ...], n_rows: int, setting: str) -> Contender:
    """Return a contender: a training in a new process."""
    n_processes, n_threads = SETTINGS[setting]
    variable = {} if n_threads is None else {"OPENBLAS_NUM_THREADS": str(n_threads)}
    rest = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
    task = json.dumps([name, hidden, n_rows])

    def run() -> float:
        with busy(n_processes):
            return float(run_python(__file__, "--measure", task, env=rest | variable))

    return run


def measure_here(name: str, hidden: list[int], n_rows: int) -> None:
    """Print the seconds of a training in this process."""
    warnings.simplefilter("ignore")  # a few epochs are meant to be too few
    rng = np.random.default_rng(0)
    X = rng.random((n_rows, N_FEATURES), np.float32)
    y = rng.integers(0, N_CLASSES, n_rows)
    model = CLASSES[name](tuple(hidden), max_iter=N_EPOCHS, random_state=0)
    model.fit(X[:400], y[:400])  # loads what is loaded once
    time.sleep(0.1)  # until BLAS's threads no longer spin
    print(seconds(lambda: model.fit(X, y)))


def main() -> None:
    """Time all sizes in all settings and print one table."""
    arguments = parse_arguments(__doc__, rounds=3)
    n_rows = 600 if arguments.quick else 6_000
    rows = []
    for hidden in SIZES[:1] if arguments.quick else SIZES:
        contenders = {
            (name, setting): training(name, hidden, n_rows, setting)
            for setting in SETTINGS
            for name in CLASSES
        }
        figures = interleave(contenders, arguments)
        for setting in SETTINGS:
            ours, theirs = (figures[name, setting] for name in CLASSES)
            slower = ratios(ours, figures["ours", next(iter(SETTINGS))])
            cells = [summarize(ours, 3), summarize(theirs, 3), summarize(slower)]
            rows.append([f"{hidden}", setting, *cells])
    header = ["hidden layer", "setting", "ours, s", "scikit-learn, s", "ours / quiet, 1 thread"]
    print_table(header, rows, arguments.markdown)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure_here(*json.loads(sys.argv[2]))
    else:
        main()
