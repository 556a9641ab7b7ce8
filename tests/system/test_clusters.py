"""What runs on dask or ray, against the same in this process.

dask-ml and ray are too large for the test extra; with them installed, as by
``pip install ".[test,dask,ray]"``, nothing here is skipped.
"""

from collections.abc import Iterator
from typing import Any

import joblib
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.model_selection import GridSearchCV

from skmlp_scratch import MLPClassifier

pytestmark = pytest.mark.slow

GRID = {"hidden_layer_sizes": [(8,), (16, 8)], "learning_rate_init": [0.001, 0.01]}


@pytest.fixture
def dask() -> Iterator[None]:
    """Run joblib's jobs in two worker processes of dask."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        yield


@pytest.fixture
def ray() -> Iterator[None]:
    """Run joblib's jobs in two worker processes of ray."""
    ray = pytest.importorskip("ray")
    from ray.util.joblib import register_ray

    register_ray()
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    with joblib.parallel_config(backend="ray", n_jobs=2):
        yield
    ray.shutdown()


@pytest.mark.parametrize("cluster", ["dask", "ray"])
def test_search_gives_the_same_scores(
    cluster: str, multiclass: Any, request: pytest.FixtureRequest
) -> None:
    model = MLPClassifier(learning_rate="one_cycle", max_iter=5, random_state=0)
    here = GridSearchCV(model, GRID, cv=3).fit(*multiclass)
    request.getfixturevalue(cluster)
    there = GridSearchCV(model, GRID, cv=3).fit(*multiclass)
    for split in range(3):
        score = f"split{split}_test_score"
        assert_array_equal(there.cv_results_[score], here.cv_results_[score])
    assert_array_equal(there.predict_proba(multiclass[0]), here.predict_proba(multiclass[0]))


def test_incremental_is_partial_fit_block_by_block(multiclass: Any) -> None:
    wrappers = pytest.importorskip("dask_ml.wrappers")
    import dask.array as da

    X, y = multiclass
    blocks = [slice(0, 40), slice(40, 70), slice(70, 120)]
    model = MLPClassifier((16,), learning_rate_init=0.01, random_state=0)
    incremental = wrappers.Incremental(model, shuffle_blocks=False)
    chunks = tuple(block.stop - block.start for block in blocks)
    X_blocks, y_blocks = da.from_array(X, (chunks, -1)), da.from_array(y, (chunks,))
    for _ in range(5):
        incremental.partial_fit(X_blocks, y_blocks, classes=np.unique(y))
        for block in blocks:
            model.partial_fit(X[block], y[block], classes=np.unique(y))
    assert_array_equal(incremental.predict_proba(X_blocks).compute(), model.predict_proba(X))
