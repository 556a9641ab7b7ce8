"""Memory of a fit and of a prediction, in the process as a whole and in each epoch.

The process is measured from outside of Python, each time a new one: the peak of its resident memory
while a statement runs, minus what was resident before. Whatever happens for the first time then,
the buffers of BLAS included, counts.
"""

import json
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from skmlp_scratch import MLPClassifier
from skmlp_scratch.datasets import write_idx
from tests._helpers.data import Data

pytestmark = pytest.mark.slow

# --- the process --------------------------------------------------------------------------------

# Given a folder in MNIST's format, keyword arguments for load_mnist, a statement to prepare and the
# statement to measure. Prints the MiB that the latter added.
SCRIPT = """
import json, sys, warnings
from pathlib import Path
import numpy as np
from skmlp_scratch import MLPClassifier
from skmlp_scratch.datasets import load_mnist

def mebibytes(field):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024

warnings.simplefilter("ignore")
folder, options, prepare, statement = sys.argv[1:]
X, y = load_mnist(folder, return_X_y=True, **json.loads(options))
exec(prepare)
Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew from what is resident now
before = mebibytes("VmRSS:")
exec(statement)
print(mebibytes("VmHWM:") - before)
"""


def _can_measure() -> bool:
    """Return whether the kernel tells the peak of a process and starts it anew on request."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        return "VmHWM" in Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return False


on_linux = pytest.mark.skipif(not _can_measure(), reason="needs Linux's /proc/self/clear_refs")


def added(folder: Path, statement: str, prepare: str = "", **loading: Any) -> float:
    """Return the MiB that a statement adds to a new process that has loaded `X, y`."""
    command = [sys.executable, "-c", SCRIPT, folder, json.dumps(loading), prepare, statement]
    # Each thread of BLAS has buffers of its own, and a machine may have many.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    output = subprocess.check_output(command, env=environment, text=True, timeout=300)  # noqa: S603
    return float(output)


@pytest.fixture(scope="module")
def synthetic_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20,000 images of noise, in uncompressed IDX files: 15 MiB, as float32 60, as float64 120."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (20_000, 28, 28), dtype=np.uint8)
    return save(tmp_path_factory.mktemp("noise"), images, rng.integers(0, 10, 20_000, np.uint8))


@pytest.fixture(scope="module")
def mnist_folder(tmp_path_factory: pytest.TempPathFactory, mnist: dict[str, Data]) -> Path:
    """MNIST's 60,000 images in uncompressed IDX files: 45 MiB."""
    X, y = mnist["train"]
    return save(tmp_path_factory.mktemp("mnist"), X.reshape(-1, 28, 28), y)


def save(folder: Path, images: NDArray[Any], labels: NDArray[Any]) -> Path:
    """Write images and labels under the names of MNIST's files."""
    write_idx(folder / "train-images-idx3-ubyte", images)
    write_idx(folder / "train-labels-idx1-ubyte", labels)
    return folder


# A limit separates a fit with a copy of X from one without: it lies half a copy above what the fit
# needs beside X, so that buffers of another size, on another machine, make no difference.
COPY = {"uint8": 15, "float32": 60}  # MiB
# The type of X, the parameters, and the MiB that the fit needs: buffers of BLAS and of a batch, the
# validation rows' outputs, and L-BFGS's vectors.
FITS = {
    "adam": ("uint8", "", 4),
    "early stopping": ("uint8", "early_stopping=True", 10),
    "float64": ("uint8", "solver='sgd', hidden_layer_sizes=(300, 100), dtype='float64'", 17),
    "lbfgs": ("uint8", "solver='lbfgs'", 18),
    "adam on float32": ("float32", "", 4),
    "early stopping on float32": ("float32", "early_stopping=True", 10),
}


@on_linux
def test_the_instrument_sees_what_is_freed_again(synthetic_folder: Path) -> None:
    assert 49 < added(synthetic_folder, "np.ones(50 << 20, np.uint8).sum()") < 60


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/pull/14075")
@on_linux
@pytest.mark.parametrize(("dtype", "options", "needed"), FITS.values(), ids=FITS)
def test_fit_makes_no_copy(synthetic_folder: Path, dtype: str, options: str, needed: float) -> None:
    fit = f"MLPClassifier(max_iter=1, {options}).fit(X, y)"
    assert (
        added(synthetic_folder, fit, f"X = X.astype('{dtype}', copy=False)")
        < needed + COPY[dtype] / 2
    )


@on_linux
def test_fit_on_mapped_bytes_makes_no_copy(synthetic_folder: Path) -> None:
    # Read once before, as the pages of a mapped file count as resident but can be dropped.
    fit = "MLPClassifier(max_iter=1, early_stopping=True).fit(X, y)"
    assert (
        added(synthetic_folder, fit, "assert not X.flags.writeable; X.sum()", mmap=True)
        < 10 + COPY["uint8"] / 2
    )


@on_linux
@pytest.mark.mnist
@pytest.mark.parametrize(("early_stopping", "mmap"), [(False, False), (True, False), (True, True)])
def test_fit_on_mnist(mnist_folder: Path, early_stopping: bool, mmap: bool) -> None:
    fit = f"MLPClassifier(max_iter=1, early_stopping={early_stopping}).fit(X, y)"
    # It needs 10, and a copy takes 45.
    assert added(mnist_folder, fit, "X.sum()", mmap=mmap) < 10 + 45 / 2


@on_linux
def test_predict_proba_of_60_000_rows(synthetic_folder: Path) -> None:
    prepare = (
        "model = MLPClassifier((300, 100), max_iter=1).fit(X[:2000], y[:2000]);"
        "X = np.concatenate([X, X, X]); assert len(X) == 60_000"
    )
    assert added(synthetic_folder, "model.predict_proba(X)", prepare) < 45 / 2  # a copy takes 45


@on_linux
@pytest.mark.mnist
def test_predict_proba_of_mnist(mnist_folder: Path) -> None:
    prepare = "model = MLPClassifier(max_iter=1).fit(X[:2000], y[:2000]); assert len(X) == 60_000"
    assert added(mnist_folder, "model.predict_proba(X)", prepare) < 45 / 2


# --- an epoch -----------------------------------------------------------------------------------


class EpochMeter(np.random.RandomState):
    """A source of randomness that notes, at each epoch's shuffle, the peak memory of the last one.

    Attributes
    ----------
    peaks : list of int
        For each epoch but the last, the bytes that its peak lies above its beginning.
    """

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.peaks: list[int] = []
        self._at_begin: int | None = None

    def shuffle(self, x: Any) -> None:
        """Shuffle in place, at the beginning of an epoch."""
        now, peak = tracemalloc.get_traced_memory()
        if self._at_begin is not None:
            self.peaks.append(peak - self._at_begin)
        super().shuffle(x)
        self._at_begin = now
        tracemalloc.reset_peak()


def epoch_peaks(
    X: NDArray[Any], y: NDArray[Any], sample_weight: Any = None, **parameters: Any
) -> list[int]:
    """Return the bytes that each epoch from 2 to 5 had allocated at most, by batches of 500."""
    meter = EpochMeter(0)
    model = MLPClassifier(random_state=meter, max_iter=6, batch_size=500, **parameters)
    tracemalloc.start()
    try:
        model.fit(X, y, sample_weight)
    finally:
        tracemalloc.stop()
    assert len(meter.peaks) == 5, "each epoch begins with a shuffle"
    return meter.peaks[1:]


def images(n_rows: int, dtype: str = "uint8") -> Data:
    """Return so many handwritten digits, with repetitions, magnified to 16 x 16 pixels."""
    X, y = load_digits(return_X_y=True)
    rows = np.arange(n_rows) % len(X)
    large = np.kron(X.reshape(-1, 8, 8), np.ones((2, 2))).reshape(len(X), 256)
    return large[rows].astype(dtype), y[rows]


# NumPy buffers 8,192 numbers to add a row to each row of an array. A batch of 500 digits holds
# 128,000 numbers, the output of a hidden layer of 100 units 50,000, weights and slots 26,000 each.
SMALL = {"uint8": 45_000, "float32": 45_000, "float64": 90_000}


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_a_step_does_not_allocate(solver: str, activation: str, dtype: str) -> None:
    peaks = epoch_peaks(*images(1100, dtype), solver=solver, activation=activation)
    assert max(peaks) < SMALL[dtype]


@pytest.mark.parametrize("kind", ["binary", "multilabel", "weighted"])
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_a_step_of_other_targets_does_not_allocate(solver: str, kind: str) -> None:
    X, y = images(1100)
    weights = np.linspace(0, 2, len(y)) if kind == "weighted" else None
    if kind == "multilabel":
        y = y[:, np.newaxis] >> np.arange(4) & 1
    elif kind == "binary":
        y = y > 4
    assert max(epoch_peaks(X, y, weights, solver=solver)) < SMALL["uint8"]


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_an_epoch_of_more_batches_does_not_allocate_more(solver: str) -> None:
    few, many = (max(epoch_peaks(*images(n_rows), solver=solver)) for n_rows in (1000, 10_000))
    assert many < few + 2000


def test_later_epochs_do_not_allocate_more() -> None:
    peaks = epoch_peaks(*images(1100))
    assert peaks[-1] < peaks[0] + 1000


def test_the_meter_sees_a_temporary_array() -> None:
    meter = EpochMeter(0)
    tracemalloc.start()
    try:
        meter.shuffle(np.arange(3))
        np.ones(50_000, np.uint8).sum()
        meter.shuffle(np.arange(3))
    finally:
        tracemalloc.stop()
    assert meter.peaks[0] >= 50_000
