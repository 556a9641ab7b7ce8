"""A grid search on ray: the same scores as in this machine's own processes.

Nothing changes but the name of joblib's back end. Here ray takes two cores of this machine; with
``ray.init(address="auto")`` instead, the fits run on all machines of the cluster that this one is
part of, where skmlp_scratch must be installed too. The times include the start of the processes:
ray starts new ones for each search.
"""

import sys
from time import perf_counter
from typing import Any

try:
    import numpy as np
    import ray
    from _shared import is_quick, load_pixels
    from joblib import Parallel, delayed, parallel_config
    from ray.util.joblib import register_ray
    from sklearn.model_selection import GridSearchCV
    from threadpoolctl import threadpool_info

    from skmlp_scratch import MLPClassifier
except ImportError as error:
    sys.exit(f'{error}. Install what this example needs: pip install ".[ray]"')

GRID = {"hidden_layer_sizes": [(32,), (128,), (64, 32)], "learning_rate_init": [0.002, 0.01]}


def main() -> None:
    """Run the search twice and compare."""
    X, y = load_pixels(1_000 if is_quick(__doc__) else 10_000)
    here = run_search("loky", X, y)
    register_ray()
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    there = run_search("ray", X, y)
    ray.shutdown()

    print("\nMean accuracy in three folds, on loky and on ray:")
    for candidate, *scores in zip(
        here["params"], here["mean_test_score"], there["mean_test_score"], strict=True
    ):
        print("  {:.4f}  {:.4f}  {}".format(*scores, candidate))
    if not np.array_equal(here["mean_test_score"], there["mean_test_score"]):
        sys.exit("The scores differ: do this machine and the cluster have the same versions?")


def run_search(backend: str, X: Any, y: Any) -> dict[str, Any]:
    """Return the results of a search on a back end of joblib; print how it ran."""
    model = MLPClassifier(
        input_scale=1 / 255, max_iter=10, learning_rate="one_cycle", random_state=0
    )
    search = GridSearchCV(model, GRID, cv=3)
    start = perf_counter()
    with parallel_config(backend=backend, n_jobs=2):
        search.fit(X, y)
        seconds = perf_counter() - start
        threads = Parallel()(delayed(count_blas_threads)() for _ in range(2))
    print(f"{backend}: {seconds:.1f} s; BLAS threads in each process: {max(threads)}")
    return search.cv_results_


def count_blas_threads() -> int:
    """Return how many threads a matrix product may take in the process that this runs in."""
    np.ones((2, 2)) @ np.ones((2, 2))  # BLAS is there once it has been used
    return max(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")


if __name__ == "__main__":
    main()
