"""A grid search on a dask cluster: the same scores as in this machine's own processes.

Nothing changes but the name of joblib's backend. The cluster here is two worker processes; with
``Client("tcp://scheduler:8786")`` instead, the fits run on all machines of the cluster that has its
scheduler there, where skmlp_scratch must be installed too.
"""

import sys

try:
    from _cluster import compare, run_search
    from _shared import is_quick, load_pixels
    from distributed import Client, LocalCluster
except ImportError as error:
    sys.exit(f'{error}. Install what this example needs: pip install ".[dask]"')


def main() -> None:
    """Run the search twice and compare."""
    X, y = load_pixels(1_000 if is_quick(__doc__) else 10_000)
    here = run_search("loky", X, y)
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs="ERROR"
        ) as cluster,
        Client(cluster),
    ):
        there = run_search("dask", X, y)
    compare(here, there, "dask")


if __name__ == "__main__":
    main()
