"""Small real data sets, scaled and read-only, and the full MNIST where it is at hand.

Each is a pair ``X, y`` of arrays in float64 and int64. Read-only, so that a fit that writes into
its input fails whichever test it happens in.

What takes long to import is imported in the fixtures: the process that hands out tests to the
others needs none of it.
"""

from __future__ import annotations

import os
import socket
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import settings
from threadpoolctl import threadpool_limits

from tests._helpers.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tests._helpers.data import Data


# ``pytest --hypothesis-profile=long`` takes hours for the whole suite, minutes for a file.
settings.register_profile("normal", max_examples=200, deadline=None)
settings.register_profile("long", max_examples=10_000, deadline=None)
settings.load_profile("normal")


def _read_only(X: NDArray[Any], y: NDArray[Any]) -> Data:
    X.flags.writeable = y.flags.writeable = False
    return X, y


# Worker processes import `tests._helpers`, too. At the end, so that an installed package is the one
# that is tested.
sys.path.append(str(ROOT))

# One thread for BLAS, here and in the processes that tests start: products this small only lose by
# more, and tenfold while tests keep the other cores busy.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MPLBACKEND"] = "Agg"  # pictures that nobody looks at need no screen


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Keep a BLAS that was loaded before to one thread too."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def binary() -> Data:
    """Breast cancer: 120 tumors of two kinds, 30 measurements."""
    from sklearn.datasets import load_breast_cancer
    from sklearn.preprocessing import scale

    X, y = load_breast_cancer(return_X_y=True)
    return _read_only(scale(X)[:120].copy(), y[:120].copy())


@pytest.fixture(scope="session")
def multiclass() -> Data:
    """Handwritten digits: 120 images of 8 x 8 pixels in [0, 1], many of them 0."""
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    return _read_only(X[:120] / 16, y[:120].astype(np.int64))


@pytest.fixture(scope="session")
def multilabel(multiclass: Data) -> Data:
    """Give the same digits, with the four bits of the number as labels."""
    X, y = multiclass
    return _read_only(X.copy(), y[:, np.newaxis] >> np.arange(4) & 1)


@pytest.fixture(scope="session")
def iris() -> Data:
    """150 flowers of three kinds, 4 measurements, sorted by kind."""
    from sklearn.datasets import load_iris
    from sklearn.preprocessing import scale

    X, y = load_iris(return_X_y=True)
    return _read_only(scale(X), y.astype(np.int64))


@pytest.fixture(params=["binary", "multiclass", "multilabel"])
def problem(request: pytest.FixtureRequest) -> Any:
    """Each of the three kinds of targets in turn; by name with ``indirect``."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def mnist() -> dict[str, Data]:
    """Load the original MNIST as uint8, ``"train"`` and ``"test"``, for tests marked ``mnist``."""
    from skmlp_scratch.datasets import load_mnist

    folder = os.environ.get("SKMLP_DATA")
    if not folder:
        pytest.skip("SKMLP_DATA does not name the folder of the four MNIST files")
    return {
        "train": load_mnist(folder, split="train", return_X_y=True),
        "test": load_mnist(folder, split="test", return_X_y=True),
    }


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Return an environment without data, where every download is refused at once."""
    with socket.socket() as closed_port:
        closed_port.bind(("127.0.0.1", 0))  # bound, but nobody listens
        proxy = f"http://127.0.0.1:{closed_port.getsockname()[1]}"
        unwanted = {"SKMLP_DATA", "NO_PROXY", "ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY"}
        environment = {k: v for k, v in os.environ.items() if k.upper() not in unwanted}
        yield environment | {
            "HTTP_PROXY": proxy,
            "HTTPS_PROXY": proxy,
            "SCIKIT_LEARN_DATA": str(tmp_path_factory.mktemp("data_home")),
        }
