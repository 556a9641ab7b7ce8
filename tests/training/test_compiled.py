"""The compiled update: the same bits as NumPy's, chosen where it pays, and nothing lost without."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skmlp_scratch import MLPClassifier
from skmlp_scratch._training import compiled
from tests._helpers.data import Data
from tests._helpers.training import reload

OPTIMIZERS: dict[str, dict[str, Any]] = {
    "sgd": {"solver": "sgd"},
    "sgd with classical momentum": {"solver": "sgd", "nesterovs_momentum": False},
    "sgd without momentum": {"solver": "sgd", "momentum": 0},
    "adam": {"solver": "adam"},
    "adam without penalty": {"solver": "adam", "alpha": 0},
    "adam with other rates": {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3, "alpha": 0.1},
    "adamw": {"solver": "adamw", "weight_decay": 0.1},
    "max-norm, one cycle, dropout": {"max_norm": 0.5, "learning_rate": "one_cycle", "dropout": 0.2},
    "clipped": {"clip_norm": 0.01},
    "sample weights": {"class_weight": "balanced"},
    "rates of NumPy's own types": {
        "beta_1": np.float64(0.9),
        "learning_rate_init": np.float64(0.01),
    },
}
pytest.importorskip("numba")
Switch = Callable[[bool], None]


@pytest.fixture
def compile_updates(monkeypatch: pytest.MonkeyPatch) -> Switch:
    """Return what lets all later fits use the compiled update, or none of them."""

    def switch(is_on: bool) -> None:
        monkeypatch.setattr(compiled, "WORTH_IT", 0 if is_on else np.inf)
        choose = compiled.choose_update if is_on else lambda stepper, *_: stepper.optimizer.update
        monkeypatch.setattr("skmlp_scratch._estimator.plan.choose_update", choose)

    return switch


@pytest.fixture
def nothing_loaded() -> Iterator[None]:
    """Let a test begin and end as a new process does."""
    compiled.load_kernels.cache_clear()
    yield
    compiled.load_kernels.cache_clear()


def make(**options: Any) -> MLPClassifier:
    return MLPClassifier((8, 5), max_iter=3, batch_size=32, random_state=0, **options)


def assert_same(a: MLPClassifier, b: MLPClassifier) -> None:
    for ours, theirs in zip(a.coefs_ + a.intercepts_, b.coefs_ + b.intercepts_, strict=True):
        assert_array_equal(ours, theirs)
    assert a.loss_curve_ == b.loss_curve_


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_training_has_the_same_bits(
    name: str, dtype: str, multiclass: Data, compile_updates: Switch
) -> None:
    models = []
    for is_on in (True, False):
        compile_updates(is_on)
        models.append(make(dtype=dtype, **OPTIMIZERS[name]).fit(*multiclass))

    assert_same(*models)


@pytest.mark.parametrize("name", ["sgd", "sgd with classical momentum", "adam", "adamw"])
def test_what_is_compiled_has_the_same_bits_in_python(
    name: str, iris: Data, compile_updates: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    compile_updates(False)
    expected = make(dtype="float32", **OPTIMIZERS[name]).fit(*iris)

    compile_updates(True)
    loops = {"sgd": compiled._sgd, "adam": compiled._adam}
    for kind, loop in loops.items():
        monkeypatch.setitem(compiled.load_kernels(), kind, loop)
    assert_same(make(dtype="float32", **OPTIMIZERS[name]).fit(*iris), expected)


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw"])
@pytest.mark.parametrize("first", [True, False])
def test_either_resumes_what_the_other_began(
    name: str, first: bool, multiclass: Data, compile_updates: Switch
) -> None:
    options = OPTIMIZERS[name] | {"warm_start": True}
    compile_updates(False)
    whole = make(**options).set_params(max_iter=6).fit(*multiclass)

    compile_updates(first)
    half = reload(make(**options).fit(*multiclass))
    compile_updates(not first)
    half.fit(*multiclass)

    for ours, theirs in zip(half.coefs_, whole.coefs_, strict=True):
        assert_array_equal(ours, theirs)


def test_it_is_what_runs(
    multiclass: Data, compile_updates: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    compile_updates(True)
    steps: list[int] = []
    call = compiled.CompiledUpdate.__call__

    def count(self: Any, *arguments: Any, step: int, **options: Any) -> None:
        steps.append(step)
        call(self, *arguments, step=step, **options)

    monkeypatch.setattr(compiled.CompiledUpdate, "__call__", count)
    make().fit(*multiclass)

    assert steps == list(range(1, 3 * 4 + 1))


@pytest.mark.usefixtures("nothing_loaded")
def test_short_trainings_do_not_wait_for_the_compiler(multiclass: Data) -> None:
    make().fit(*multiclass)
    assert compiled.load_kernels.cache_info().currsize == 0


@pytest.mark.usefixtures("nothing_loaded")
@pytest.mark.parametrize("error", [ImportError, OSError, RuntimeError, AttributeError])
def test_a_broken_numba_is_not_missed(
    error: type[Exception],
    multiclass: Data,
    compile_updates: Switch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compile_updates(False)
    expected = make().fit(*multiclass)

    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr("numba.njit", fail)
    compile_updates(True)
    assert_same(make().fit(*multiclass), expected)


@pytest.mark.slow
@pytest.mark.parametrize("cache", ["/proc/nowhere", None])
def test_without_a_place_for_the_cache_a_training_is_the_same(cache: str | None) -> None:
    """And the import of the package is not that of Numba."""
    program = """
import sys
import numpy as np
from skmlp_scratch import MLPClassifier
from skmlp_scratch._training import compiled
assert "numba" not in sys.modules
X, y = np.eye(30), np.arange(30) % 3
def fit():
    return MLPClassifier((5,), max_iter=3, learning_rate="linear", random_state=0).fit(X, y).coefs_
expected = fit()
compiled.WORTH_IT = 0
assert all((a == b).all() for a, b in zip(fit(), expected))
assert "numba" in sys.modules
"""
    variables = {} if cache is None else {"NUMBA_CACHE_DIR": cache}
    command = [sys.executable, "-W", "error::RuntimeWarning", "-c", program]
    result = subprocess.run(  # noqa: S603 - our own program
        command, env=os.environ | variables, capture_output=True, text=True, check=False
    )

    assert (result.returncode, result.stderr) == (0, "")
