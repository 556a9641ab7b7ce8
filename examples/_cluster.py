"""What the two examples of a grid search on a cluster share: the search, and how runs compare."""

import sys
from time import perf_counter
from typing import Any

import numpy as np
from joblib import Parallel, delayed, parallel_config
from sklearn.model_selection import GridSearchCV
from threadpoolctl import threadpool_info

from skmlp_scratch import MLPClassifier

GRID = {"hidden_layer_sizes": [(32,), (128,), (64, 32)], "learning_rate_init": [0.002, 0.01]}


def run_search(backend: str, X: Any, y: Any) -> dict[str, Any]:
    """Return the results of a search on a backend of joblib; print how it ran."""
    model = MLPClassifier(
        input_scale=1 / 255, max_iter=10, learning_rate="one_cycle", random_state=0
    )
    search = GridSearchCV(model, GRID, cv=3)
    with parallel_config(backend=backend, n_jobs=2):
        # Also so that the search's time is without the start of its processes.
        threads = Parallel()(delayed(count_blas_threads)() for _ in range(2))
        start = perf_counter()
        search.fit(X, y)
    seconds = perf_counter() - start
    print(f"{backend}: {seconds:.1f} s; BLAS threads in each process: {max(threads)}")
    return search.cv_results_


def count_blas_threads() -> int:
    """Return how many threads a matrix product may take in the process that this runs in."""
    np.ones((2, 2)) @ np.ones((2, 2))  # BLAS is there once it has been used
    return max(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")


def compare(here: dict[str, Any], there: dict[str, Any], backend: str) -> None:
    """Print the scores of a search here and on a cluster; end the program if they differ."""
    print(f"\nMean accuracy in three folds, on loky and on {backend}:")
    for candidate, *scores in zip(
        here["params"], here["mean_test_score"], there["mean_test_score"], strict=True
    ):
        print("  {:.4f}  {:.4f}  {}".format(*scores, candidate))
    if not np.array_equal(here["mean_test_score"], there["mean_test_score"]):
        sys.exit("The scores differ: do this machine and the cluster have the same versions?")
