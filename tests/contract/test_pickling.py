"""Models pickled and loaded: the same predictions, the same further training."""

import pickle
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.exceptions import NotFittedError

from skmlp_scratch import MLPClassifier
from skmlp_scratch._network.activations import ACTIVATIONS
from skmlp_scratch._training.schedules import SCHEDULES
from tests._helpers.compare import PREDICTIONS, assert_same_model, assert_same_predictions
from tests._helpers.data import Data
from tests._helpers.models import SOLVERS, STOCHASTIC
from tests._helpers.pairwise import all_pairs
from tests._helpers.pickling import arrays, make_model, make_problem, saved


@pytest.mark.thread("https://github.com/dholzmueller/pytabkit/issues/11")
@pytest.mark.parametrize(
    ("name", "value"),
    [("activation", name) for name in ACTIVATIONS]
    + [("learning_rate", name) for name in SCHEDULES],
)
def test_every_activation_and_schedule_can_be_pickled(iris: Data, name: str, value: str) -> None:
    model = make_model(solver="sgd", **{name: value}).fit(*iris)
    loaded = pickle.loads(pickle.dumps(model)).partial_fit(*iris)
    assert_array_equal(loaded.coefs_[0], model.partial_fit(*iris).coefs_[0])


@pytest.mark.parametrize("compress", [0, 3, ("zlib", 3), ("xz", 1)], ids=str)
@pytest.mark.parametrize("solver", SOLVERS)
def test_joblib_keeps_every_bit(tmp_path: Path, solver: str, compress: Any) -> None:
    X, y = make_problem("multiclass")
    model = make_model(solver=solver).fit(X, y)
    joblib.dump(model, tmp_path / "model", compress=compress)
    loaded = joblib.load(tmp_path / "model")
    assert_same_predictions(model, loaded, X)
    assert_same_model(model, loaded)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("solver", SOLVERS)
def test_pickle_keeps_every_bit(solver: str, protocol: int) -> None:
    X, y = make_problem("multiclass")
    model = make_model(solver=solver).fit(X, y)
    loaded = pickle.loads(pickle.dumps(model, protocol))
    assert_same_predictions(model, loaded, X)
    assert_same_model(model, loaded)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel", "string", "object"])
def test_every_kind_of_target(tmp_path: Path, kind: str, dtype: str) -> None:
    X, y = make_problem(kind)
    model = make_model(dtype=dtype).fit(X, y)
    assert_same_predictions(model, joblib.load(saved(model, tmp_path)), X)


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/issues/19626")
@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/pull/19631")
@pytest.mark.parametrize("solver", STOCHASTIC)
def test_partial_fit_resumes_after_loading(tmp_path: Path, solver: str) -> None:
    X, y = make_problem("multiclass")
    model = make_model(solver=solver).fit(X, y)
    loaded = joblib.load(saved(model, tmp_path))
    for either in (model, loaded):
        either.partial_fit(X, y).partial_fit(X[:50], y[:50])
    assert_same_model(model, loaded)


@pytest.mark.thread("https://github.com/aigamedev/scikit-neuralnetwork/pull/70")
def test_an_unfitted_model_stays_unfitted() -> None:
    X, y = make_problem("multiclass")
    model = make_model(solver="sgd", hidden_layer_sizes=[7, 5])
    loaded = pickle.loads(pickle.dumps(model))
    assert loaded.get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        loaded.predict(X)
    assert_same_model(model.fit(X, y), loaded.fit(X, y))


@pytest.mark.parametrize("warm_start", [False, True])
@pytest.mark.parametrize("solver", SOLVERS)
def test_a_deep_copy_is_independent(solver: str, warm_start: bool) -> None:
    X, y = make_problem("multiclass")
    model = make_model(solver=solver, warm_start=warm_start).fit(X, y)
    before = {path: array.copy() for path, array in arrays(model).items()}
    curve = model.loss_curve_[:]
    copied = deepcopy(model)
    copied.set_params(max_iter=3).fit(X, y)
    for array in arrays(copied).values():
        array[...] = array[::-1].copy()
    assert model.loss_curve_ == curve
    for path, array in arrays(model).items():
        assert_array_equal(array, before[path], err_msg=path, strict=True)


SCRIPT = """
import sys
import joblib, numpy as np
model, X, out = joblib.load(sys.argv[1]), np.load(sys.argv[2]), sys.argv[3]
np.savez(out, **{name: getattr(model, name)(X) for name in sys.argv[4:]})
"""


@pytest.mark.slow
def test_another_process_predicts_the_same(tmp_path: Path) -> None:
    X, y = make_problem("string")
    model = make_model(warm_start=True, early_stopping=True).fit(X, y)
    path, rows, out = saved(model, tmp_path), tmp_path / "X.npy", tmp_path / "out.npz"
    np.save(rows, X)
    command = [sys.executable, "-c", SCRIPT, path, rows, out, *PREDICTIONS]
    subprocess.run(command, check=True, timeout=120)  # noqa: S603
    with np.load(out) as found:
        for name in PREDICTIONS:
            assert_array_equal(found[name], getattr(model, name)(X), err_msg=name, strict=True)


@pytest.mark.slow
@all_pairs(
    solver=SOLVERS,
    kind=["binary", "multilabel", "string", "object"],
    options=[{}, {"warm_start": True, "early_stopping": True}],
)
def test_skops_needs_to_trust_our_class_only(
    solver: str, kind: str, options: dict[str, Any]
) -> None:
    import skops.io

    X, y = make_problem(kind)
    model = make_model(solver=solver, dropout=0.0 if solver == "lbfgs" else 0.1, **options)
    content = skops.io.dumps(model.fit(X, y))
    assert skops.io.get_untrusted_types(data=content) == ["skmlp_scratch.MLPClassifier"]
    loaded = skops.io.loads(content, trusted=[MLPClassifier])
    assert_same_predictions(model, loaded, X)
    assert_same_model(model.fit(X, y), loaded.fit(X, y))
