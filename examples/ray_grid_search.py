"""A grid search on ray: the same scores as in this machine's own processes.

Nothing changes but the name of joblib's backend. Here ray takes two cores of this machine; with
``ray.init(address="auto")`` instead, the fits run on all machines of the cluster that this one is
part of, where skmlp_scratch must be installed too. Its time includes the start of processes, which
ray makes anew for each search.
"""

import sys

try:
    import ray
    from _cluster import compare, run_search
    from _shared import is_quick, load_pixels
    from ray.util.joblib import register_ray
except ImportError as error:
    sys.exit(f'{error}. Install what this example needs: pip install ".[ray]"')


def main() -> None:
    """Run the search twice and compare."""
    X, y = load_pixels(1_000 if is_quick(__doc__) else 10_000)
    here = run_search("loky", X, y)
    register_ray()
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    there = run_search("ray", X, y)
    ray.shutdown()
    compare(here, there, "ray")


if __name__ == "__main__":
    main()
