"""A grid search, its cores given to BLAS threads, to processes, or to both at once.

Each search runs in a process of its own, as BLAS reads OPENBLAS_NUM_THREADS only when it is loaded.
Unless that variable is set, joblib leaves each of its processes the cores divided by `n_jobs`. The
time is without the start of the processes and without the last fit to all rows.
"""

import json
import os
import sys
import warnings

from harness import (
    Contender,
    interleave,
    load_data,
    parse_arguments,
    print_table,
    ratios,
    run_python,
    seconds,
    summarize,
)
from sklearn.model_selection import GridSearchCV

from skmlp_scratch import MLPClassifier

N_CORES = os.cpu_count() or 1
N_ROWS = 12_000
WIDTHS = (64, 512)
# Processes, and threads that are forced on each of them.
SETTINGS = {
    "1 process, 1 BLAS thread": (1, 1),
    f"1 process, {N_CORES} BLAS threads": (1, None),
    f"{N_CORES} processes, 1 BLAS thread each": (N_CORES, None),
    f"{N_CORES} processes, {N_CORES} BLAS threads each (forced)": (N_CORES, N_CORES),
}


def search(width: int, n_jobs: int, n_threads: int | None, quick: bool) -> Contender:
    """Return a contender: a search in a new process."""
    variable = {} if n_threads is None else {"OPENBLAS_NUM_THREADS": str(n_threads)}
    rest = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
    task = json.dumps([width, n_jobs, quick])
    return lambda: float(run_python(__file__, "--measure", task, env=rest | variable))


def measure_here(width: int, n_jobs: int, quick: bool) -> None:
    """Print the seconds of a search in this process."""
    warnings.simplefilter("ignore")  # a few epochs are meant to be too few
    X, y = load_data(quick=quick)
    X, y = X[:N_ROWS], y[:N_ROWS]
    n_epochs = 1 if quick else 5
    model = MLPClassifier((width,), input_scale=1 / 255, max_iter=n_epochs, random_state=0)
    grid = {"learning_rate_init": [5e-4, 1e-3, 2e-3, 4e-3]}
    searcher = GridSearchCV(model, grid, cv=3, n_jobs=n_jobs, refit=False)
    searcher.fit(X[:500], y[:500])  # starts the processes
    print(seconds(lambda: searcher.fit(X, y)))


def main() -> None:
    """Time all settings and print one table."""
    arguments = parse_arguments(__doc__)
    load_data(quick=arguments.quick)  # says if there is no MNIST
    rows = []
    for width in WIDTHS[:1] if arguments.quick else WIDTHS:
        contenders = {
            name: search(width, *setting, arguments.quick) for name, setting in SETTINGS.items()
        }
        figures = interleave(contenders, arguments)
        one = figures[next(iter(SETTINGS))]
        rows += [
            [f"({width},)", name, summarize(figure, 1), summarize(ratios(one, figure))]
            for name, figure in figures.items()
        ]
    header = ["hidden layer", "setting", "seconds", "times as fast as on 1 core"]
    print_table(header, rows, arguments.markdown)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure_here(*json.loads(sys.argv[2]))
    else:
        main()
