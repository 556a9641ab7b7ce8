"""Ctrl-C, killed workers, full disks, forks and threads: nothing hangs, and nothing is lost.

Downloads that break off are in `datasets/test_fetch.py`, Ctrl-C at a given step in
`contract/test_interrupts.py`.
"""

import json
import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest
from joblib.externals.loky.process_executor import TerminatedWorkerError
from numpy.testing import assert_array_equal
from sklearn.model_selection import GridSearchCV

import skmlp_scratch
from skmlp_scratch import MLPClassifier
from skmlp_scratch.datasets import read_idx, write_idx
from tests._helpers.compare import same_parameters
from tests._helpers.data import Data
from tests._helpers.estimators import KilledInWorkers
from tests._helpers.models import make_model

pytestmark = pytest.mark.slow

on_posix = pytest.mark.skipif(os.name != "posix", reason="a test of POSIX's signals and limits")
OPTIONS: list[dict[str, Any]] = [
    {"solver": "adam"},
    {"solver": "sgd", "early_stopping": True},
    {"solver": "lbfgs"},
    {"solver": "adamw", "dropout": 0.1, "batch_size": 1},  # one epoch takes seconds
]

# --- Ctrl-C -------------------------------------------------------------------------------------

# Given options and moments, in seconds, interrupts a fit at each; prints a line about what is left.
PROGRAM = """
import json, os, signal, sys, threading, warnings
import numpy as np
from skmlp_scratch import MLPClassifier

signal.signal(signal.SIGINT, signal.default_int_handler)  # which a parent may have switched off
rng = np.random.default_rng(0)
X, y = rng.random((20_000, 30)), rng.integers(0, 10, 20_000)
all_options, moments = map(json.loads, sys.argv[1:])
for number, moment in enumerate(moments):
    options = all_options[number % len(all_options)]
    model = MLPClassifier((20,), tol=0, n_iter_no_change=10**6, warm_start=True, **options)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.set_params(max_iter=1).fit(X[:100], y[:100])
        caught.clear()
        model.set_params(max_iter=10**6)
        timer = threading.Timer(moment, os.kill, (os.getpid(), signal.SIGINT))
        try:
            timer.start()
            model.fit(X, y)
        except KeyboardInterrupt:
            caught.append("interrupted before the training")
    print(json.dumps({
        "warnings": [str(getattr(w, "message", w)) for w in caught],
        "finite": bool(np.isfinite(model.predict_log_proba(X[:100])).all()),
        "epochs": sorted({len(model.loss_curve_), *map(len, model.history_.values())}),
        "classes": model.classes_.tolist(),
    }), flush=True)
"""


@on_posix
def test_ctrl_c_at_any_moment_leaves_a_model_and_a_warning() -> None:
    moments = np.random.default_rng(0).uniform(0, 0.2, 20)
    command = [sys.executable, "-c", PROGRAM, json.dumps(OPTIONS), json.dumps(moments.tolist())]
    env = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    output = subprocess.check_output(command, text=True, env=env, timeout=300)  # noqa: S603
    reports = [json.loads(line) for line in output.splitlines()]
    assert len(reports) == len(moments)
    for report in reports:
        [warning] = report["warnings"]
        assert warning in ("Training interrupted by user.", "interrupted before the training")
        assert report["finite"]
        assert len(report["epochs"]) == 1  # all columns of the history are equally long
        assert report["classes"] == list(range(10))


def interrupted_at(line: int, function: Callable[[], Any]) -> int:
    """Call a function with a KeyboardInterrupt before a line of ours, counted as they are run.

    Returns
    -------
    n_lines : int
        Number of lines run.
    """
    package, n_lines = str(Path(skmlp_scratch.__file__).parent), 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal n_lines
        if not frame.f_code.co_filename.startswith(package):
            return None
        if event == "line":
            n_lines += 1
            if n_lines == line:
                raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function()
    finally:
        sys.settrace(before)
    return n_lines


@pytest.mark.parametrize("options", OPTIONS[:3], ids=str)
def test_an_interrupt_before_any_line_leaves_the_old_model_or_a_new_one_with_a_warning(
    iris: Data, options: dict[str, Any], tmp_path: Path
) -> None:
    X, y = iris
    old = make_model(max_iter=2, batch_size=130, warm_start=True, **options).fit(X, y)
    new = pickle.loads(pickle.dumps(old))
    n_lines = interrupted_at(-1, partial(new.fit, X, y))
    for line in range(1, n_lines, 11):
        model = pickle.loads(pickle.dumps(old))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                interrupted_at(line, partial(model.fit, X, y))
            except KeyboardInterrupt:
                assert same_parameters(model, old) or same_parameters(model, new)
            else:
                assert "Training interrupted by user." in [str(w.message) for w in caught]
        model.save(tmp_path / "model")  # which can't be loaded again if its parts do not fit
        assert_array_equal(MLPClassifier.load(tmp_path / "model").predict(X), model.predict(X))
        model.fit(X, y)


# --- processes and threads ----------------------------------------------------------------------


@on_posix
@pytest.mark.filterwarnings("ignore:A worker stopped while some jobs were given")
def test_a_killed_worker_ends_a_search_with_an_error_and_not_the_next_search(iris: Data) -> None:
    grid = {"alpha": [1e-4, 1e-3]}
    search = GridSearchCV(KilledInWorkers(os.getpid()), grid, n_jobs=2, cv=2)
    with pytest.raises(TerminatedWorkerError, match="SIGKILL"):
        search.fit(*iris)
    search = GridSearchCV(make_model(), grid, n_jobs=2, cv=2, error_score="raise")
    assert search.fit(*iris).best_score_ > 0


FORK = """
import multiprocessing
import numpy as np
from skmlp_scratch import MLPClassifier

rng = np.random.default_rng(0)
X, y = rng.random((2000, 300)), rng.integers(0, 3, 2000)
model = MLPClassifier((300,), max_iter=1, batch_size=1000, warm_start=True).fit(X, y)

def work(queue):
    queue.put(model.fit(X, y).predict(X))

context = multiprocessing.get_context("fork")
queue = context.Queue()
child = context.Process(target=work, args=(queue,))
child.start()
predicted = queue.get(timeout=60)
child.join(60)
assert child.exitcode == 0
assert (predicted == model.fit(X, y).predict(X)).all()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' libraries do not survive forks")
def test_a_fork_after_a_fit_does_not_hang() -> None:
    """In processes of its own, with threads of BLAS that a fork does not copy."""
    command = [sys.executable, "-W", "ignore", "-c", FORK]
    env = os.environ | {"OPENBLAS_NUM_THREADS": "2"}
    subprocess.run(command, env=env, check=True, timeout=120)  # noqa: S603


def test_fits_in_threads_are_those_of_the_main_thread(iris: Data) -> None:
    models = [make_model(random_state=seed, max_iter=30) for seed in range(4)]
    threads = [threading.Thread(target=model.fit, args=iris) for model in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for seed, model in enumerate(models):
        assert same_parameters(model, make_model(random_state=seed, max_iter=30).fit(*iris))


# --- files --------------------------------------------------------------------------------------


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """Make a folder that all users of the machine may enter, unlike those of `tmp_path`."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def save_model(path: Path, n_units: int) -> None:
    """Write a model, small or large."""
    X = np.random.default_rng(0).random((10, 200))
    model = make_model(hidden_layer_sizes=(n_units,), max_iter=1, batch_size=10)
    model.fit(X, np.arange(10) % 3).save(path)


def save_array(path: Path, n_units: int) -> None:
    """Write an array, small or large."""
    write_idx(path, np.random.default_rng(0).random((n_units, 200)))


WRITERS = {"model.npz": save_model, "array.idx": save_array, "array.idx.gz": save_array}


@on_posix
# NumPy 2.0 forgets to close its archive after an error, and so complains once more.
@pytest.mark.filterwarnings("ignore:.*ZipFile.__del__:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_keeps_the_old_file_and_leaves_no_other(tmp_path: Path, name: str) -> None:
    from tests._helpers.faults import full_disk

    WRITERS[name](tmp_path / name, 1)
    before = (tmp_path / name).read_bytes()
    for n_bytes in (0, 100, 20_000, 150_000):
        with full_disk(n_bytes), pytest.raises(OSError, match="File too large"):
            WRITERS[name](tmp_path / name, 100)
        assert (tmp_path / name).read_bytes() == before
        assert len([*tmp_path.iterdir()]) == 1


@on_posix
@pytest.mark.parametrize("name", WRITERS)
def test_a_read_only_folder_keeps_the_old_file(shared_folder: Path, name: str) -> None:
    from tests._helpers.faults import read_only

    WRITERS[name](shared_folder / name, 1)
    before = (shared_folder / name).read_bytes()
    with read_only(shared_folder), pytest.raises(PermissionError, match=name):
        WRITERS[name](shared_folder / name, 100)
    assert (shared_folder / name).read_bytes() == before
    assert len([*shared_folder.iterdir()]) == 1


@on_posix
def test_a_killed_writer_leaves_the_old_file(tmp_path: Path) -> None:
    write_idx(path := tmp_path / "a", np.arange(3, dtype=np.int32))
    program = (
        "import sys, numpy as np; from skmlp_scratch.datasets import write_idx\n"
        "while True: write_idx(sys.argv[1], np.full(3_000_000, 7, np.int32))"
    )
    child = subprocess.Popen([sys.executable, "-c", program, str(path)])  # noqa: S603
    while len([*tmp_path.iterdir()]) == 1:
        assert child.poll() is None, "the writer ended by itself"
        time.sleep(0.001)
    child.kill()
    child.wait(30)
    assert read_idx(path).tolist() in ([0, 1, 2], [7] * 3_000_000)
