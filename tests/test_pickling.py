"""Models saved and loaded: the same predictions, the same further training, small files."""

import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache, partial
from pathlib import Path
from typing import Any

import joblib
import models
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.exceptions import NotFittedError

from skmlp_scratch import MLPClassifier

Data = tuple[NDArray[Any], NDArray[Any]]

# A few epochs are enough to have something to save.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SOLVERS = ["sgd", "adam", "adamw", "lbfgs"]
STOCHASTIC = ["sgd", "adam", "adamw"]
PREDICTIONS = ["predict", "predict_proba", "predict_log_proba", "logits"]


@cache
def problem(kind: str) -> Data:
    """Return 300 rows with labels of one kind; read-only, as all tests share them."""
    X, y = load_breast_cancer(return_X_y=True) if kind == "binary" else load_digits(return_X_y=True)
    X, y = X[:300] / X.max(axis=0, initial=1), y[:300]
    if kind == "multilabel":
        y = y[:, np.newaxis] >> np.arange(4) & 1
    elif kind == "string":
        y = np.array([f"digit {number}" for number in y])
    elif kind == "object":
        y = np.array([f"digit {number}" for number in y], dtype=object)
    X.flags.writeable = y.flags.writeable = False
    return X, y


make_model = partial(
    models.make_model,
    hidden_layer_sizes=(12, 9),
    batch_size="auto",
    max_iter=6,
    random_state=5,
)


def saved(model: MLPClassifier, folder: Path, name: str = "model.joblib") -> Path:
    """Return the file of a model saved as it is, without compression."""
    return Path(joblib.dump(model, folder / name)[0])


def assert_same_predictions(one: MLPClassifier, other: MLPClassifier, X: NDArray[Any]) -> None:
    """Compare everything that a model predicts, bit for bit."""
    for name in PREDICTIONS:
        expected = getattr(one, name)(X)
        found = getattr(other, name)(X)
        assert found.dtype == expected.dtype, name
        assert_array_equal(found, expected, err_msg=name, strict=True)


def leaves(value: Any, path: str = "model") -> Iterator[tuple[str, Any]]:
    """Yield everything that is not a container, with where it was found."""
    if isinstance(value, MLPClassifier):
        value = vars(value)
    if isinstance(value, dict):
        for key, item in value.items():
            assert type(key) is str, f"{path}: {key!r}"
            yield from leaves(item, f"{path}.{key}")
    elif isinstance(value, (list, tuple)):
        for position, item in enumerate(value):
            yield from leaves(item, f"{path}[{position}]")
    else:
        yield path, value


def arrays(model: MLPClassifier) -> dict[str, NDArray[Any]]:
    """Return all arrays of a model by where they were found."""
    return {path: value for path, value in leaves(model) if isinstance(value, np.ndarray)}


def assert_same_arrays(one: MLPClassifier, other: MLPClassifier) -> None:
    """Compare weights, optimizer slots and whatever else the models hold, bit for bit."""
    expected, found = arrays(one), arrays(other)
    assert found.keys() == expected.keys()
    for path, array in expected.items():
        assert_array_equal(found[path], array, err_msg=path, strict=True)
    assert one.loss_curve_ == other.loss_curve_


# --- a round trip -------------------------------------------------------------------------------


@pytest.mark.parametrize("compress", [0, 3, ("zlib", 3), ("xz", 1)], ids=str)
@pytest.mark.parametrize("solver", SOLVERS)
def test_joblib_keeps_every_bit(tmp_path: Path, solver: str, compress: Any) -> None:
    X, y = problem("multiclass")
    model = make_model(solver=solver).fit(X, y)
    joblib.dump(model, tmp_path / "model", compress=compress)
    loaded = joblib.load(tmp_path / "model")
    assert_same_predictions(model, loaded, X)
    assert_same_arrays(model, loaded)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("solver", SOLVERS)
def test_pickle_keeps_every_bit(solver: str, protocol: int) -> None:
    X, y = problem("multiclass")
    model = make_model(solver=solver).fit(X, y)
    loaded = pickle.loads(pickle.dumps(model, protocol))
    assert_same_predictions(model, loaded, X)
    assert_same_arrays(model, loaded)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel", "string", "object"])
def test_every_kind_of_target(tmp_path: Path, kind: str, dtype: str) -> None:
    X, y = problem(kind)
    model = make_model(dtype=dtype).fit(X, y)
    assert_same_predictions(model, joblib.load(saved(model, tmp_path)), X)


@pytest.mark.parametrize("solver", STOCHASTIC)
def test_partial_fit_goes_on_after_loading(tmp_path: Path, solver: str) -> None:
    X, y = problem("multiclass")
    model = make_model(solver=solver).fit(X, y)
    loaded = joblib.load(saved(model, tmp_path))
    for either in (model, loaded):
        either.partial_fit(X, y).partial_fit(X[:50], y[:50])
    assert_same_arrays(model, loaded)


def test_an_unfitted_model_stays_unfitted() -> None:
    X, y = problem("multiclass")
    model = make_model(solver="sgd", hidden_layer_sizes=[7, 5])
    loaded = pickle.loads(pickle.dumps(model))
    assert loaded.get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        loaded.predict(X)
    assert_same_arrays(model.fit(X, y), loaded.fit(X, y))


@pytest.mark.parametrize("warm_start", [False, True])
@pytest.mark.parametrize("solver", SOLVERS)
def test_a_deep_copy_is_independent(solver: str, warm_start: bool) -> None:
    X, y = problem("multiclass")
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


def test_another_process_predicts_the_same(tmp_path: Path) -> None:
    X, y = problem("string")
    model = make_model(warm_start=True, early_stopping=True).fit(X, y)
    path, rows, out = saved(model, tmp_path), tmp_path / "X.npy", tmp_path / "out.npz"
    np.save(rows, X)
    command = [sys.executable, "-c", SCRIPT, path, rows, out, *PREDICTIONS]
    subprocess.run(command, check=True, timeout=120)  # noqa: S603
    with np.load(out) as found:
        for name in PREDICTIONS:
            assert_array_equal(found[name], getattr(model, name)(X), err_msg=name, strict=True)


# --- weights mapped from the file ---------------------------------------------------------------


def assert_mapped(model: MLPClassifier, *, read_only: bool) -> None:
    """Make sure that a test of memory maps has some."""
    for array in (*model.coefs_, *model.intercepts_):
        assert isinstance(array, np.memmap)
        assert array.flags.writeable != read_only


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
def test_predictions_from_mapped_weights(tmp_path: Path, kind: str) -> None:
    X, y = problem(kind)
    model = make_model().fit(X, y)
    mapped = joblib.load(saved(model, tmp_path), mmap_mode="r")
    assert_mapped(mapped, read_only=True)
    assert_same_predictions(model, mapped, X)


def fit_on(model: MLPClassifier, X: NDArray[Any], y: NDArray[Any]) -> None:
    """Train until the stop rule is met."""
    model.set_params(max_iter=4).fit(X, y)


def pass_on(model: MLPClassifier, X: NDArray[Any], y: NDArray[Any]) -> None:
    """Train for two passes."""
    model.partial_fit(X, y).partial_fit(X, y)


FURTHER_TRAINING = [
    *(pytest.param(solver, {}, pass_on, id=f"{solver}-partial_fit") for solver in STOCHASTIC),
    *(
        pytest.param(solver, {"warm_start": True}, train, id=f"{solver}-warm-{train.__name__}")
        for solver in STOCHASTIC
        for train in (pass_on, fit_on)
    ),
    *(
        pytest.param(
            solver, {"warm_start": True, "early_stopping": True}, fit_on, id=f"{solver}-es"
        )
        for solver in STOCHASTIC
    ),
    pytest.param("adam", {"warm_start": True, "dropout": 0.2}, fit_on, id="adam-dropout"),
    pytest.param("lbfgs", {"warm_start": True}, fit_on, id="lbfgs-warm"),
]


@pytest.mark.parametrize("mmap_mode", ["r", "r+", "c"])
@pytest.mark.parametrize(("solver", "options", "train"), FURTHER_TRAINING)
def test_further_training_from_mapped_weights(
    tmp_path: Path,
    solver: str,
    options: dict[str, Any],
    train: Callable[..., None],
    mmap_mode: str,
) -> None:
    X, y = problem("multiclass")
    path = saved(make_model(solver=solver, **options).fit(X, y), tmp_path)
    content = path.read_bytes()
    loaded, mapped = joblib.load(path), joblib.load(path, mmap_mode=mmap_mode)
    assert_mapped(mapped, read_only=mmap_mode == "r")
    n_epochs = len(loaded.loss_curve_)
    train(loaded, X, y)
    train(mapped, X, y)
    assert len(loaded.loss_curve_) > n_epochs
    assert_same_arrays(loaded, mapped)
    assert_same_predictions(loaded, mapped, X)
    del mapped
    assert path.read_bytes() == content


@pytest.mark.parametrize(("solver", "options", "train"), FURTHER_TRAINING)
def test_further_training_from_mapped_weights_makes_plain_arrays(
    tmp_path: Path, solver: str, options: dict[str, Any], train: Callable[..., None]
) -> None:
    # Readers like skops do not take np.memmap, not even one that has become an array in memory.
    X, y = problem("multiclass")
    path = saved(make_model(solver=solver, **options).fit(X, y), tmp_path)
    mapped = joblib.load(path, mmap_mode="r")
    train(mapped, X, y)
    found = {path for path, array in arrays(mapped).items() if type(array) is not np.ndarray}
    assert found <= {"model.classes_"}  # the one array that training has no part in


def test_a_mapped_model_can_be_saved_again(tmp_path: Path) -> None:
    X, y = problem("multiclass")
    model = make_model(warm_start=True).fit(X, y)
    mapped = joblib.load(saved(model, tmp_path), mmap_mode="r")
    again = joblib.load(saved(mapped, tmp_path, "again.joblib"))
    assert_same_arrays(model, again)
    assert_same_arrays(model.fit(X, y), again.fit(X, y))


# --- what is in the file ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("solver", "times_weights"), [("sgd", 2.1), ("adam", 3.1), ("adamw", 3.1), ("lbfgs", 1.1)]
)
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_file_holds_weights_and_slots_only(
    solver: str, times_weights: float, early_stopping: bool, dtype: str
) -> None:
    X, y = problem("multiclass")
    model = make_model(
        solver=solver,
        hidden_layer_sizes=(400, 200),
        early_stopping=early_stopping,
        dtype=dtype,
        max_iter=2,
    ).fit(X, y)
    weights = [*model.coefs_, *model.intercepts_]
    assert sum(array.size for array in weights) > 100_000
    n_bytes = sum(array.nbytes for array in weights)
    assert n_bytes < len(pickle.dumps(model)) <= times_weights * n_bytes
    assert n_bytes < len(pickle.dumps(model.compact())) <= 1.1 * n_bytes


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", SOLVERS)
def test_the_size_of_a_file_does_not_tell_the_number_of_rows(
    solver: str, early_stopping: bool
) -> None:
    X, y = problem("multiclass")
    sizes = [
        len(
            pickle.dumps(
                make_model(
                    solver=solver, max_iter=3, batch_size=50, early_stopping=early_stopping
                ).fit(X[:n_rows], y[:n_rows])
            )
        )
        for n_rows in (100, 300)
    ]
    # A counter of rows or steps may take a byte or two more.
    assert abs(sizes[1] - sizes[0]) < 16


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("warm_start", [False, True])
@pytest.mark.parametrize("solver", SOLVERS)
def test_a_file_holds_no_training_data(solver: str, warm_start: bool, early_stopping: bool) -> None:
    X, y = problem("multiclass")
    weights = np.random.default_rng(0).uniform(1, 2, len(y))
    model = make_model(solver=solver, warm_start=warm_start, early_stopping=early_stopping)
    content = pickle.dumps(model.fit(X, y, weights))
    assert not [row for row in X if row.tobytes() in content]
    assert y[:20].tobytes() not in content
    assert weights[:2].tobytes() not in content


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel", "string"])
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("warm_start", [False, True])
@pytest.mark.parametrize("solver", SOLVERS)
def test_a_fitted_model_holds_plain_values(
    solver: str, warm_start: bool, early_stopping: bool, kind: str
) -> None:
    X, y = problem(kind)
    model = make_model(solver=solver, warm_start=warm_start, early_stopping=early_stopping)
    plain = {np.ndarray, bool, int, float, str, type(None)}
    if warm_start:
        plain.add(np.random.RandomState)
    odd = {path: type(value) for path, value in leaves(model.fit(X, y)) if type(value) not in plain}
    assert not odd


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("warm_start", [False, True])
@pytest.mark.parametrize("solver", SOLVERS)
def test_every_array_of_a_fitted_model_owns_its_memory(
    solver: str, warm_start: bool, early_stopping: bool
) -> None:
    # A view would be saved with a memory of its own, and keep a training's buffer alive before.
    X, y = problem("multiclass")
    model = make_model(solver=solver, warm_start=warm_start, early_stopping=early_stopping)
    found = arrays(model.fit(X, y))
    assert len({id(array) for array in found.values()}) == len(found)
    assert not [path for path, array in found.items() if array.base is not None]
    assert all(array.flags.c_contiguous for array in found.values())


# --- compact models -----------------------------------------------------------------------------

IS_COMPACT = "The model is compact: .* new optimizer.* keep a copy"


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("warm_start", [False, True])
@pytest.mark.parametrize("solver", SOLVERS)
def test_a_compact_model_is_weights_and_curves(
    solver: str, warm_start: bool, early_stopping: bool
) -> None:
    X, y = problem("multiclass")
    model = make_model(solver=solver, warm_start=warm_start, early_stopping=early_stopping)
    before = deepcopy(model.fit(X, y))
    assert model.compact() is model
    assert_same_predictions(before, model, X)
    parts = {path.split(".")[1].split("[")[0] for path in arrays(model)}
    assert parts == {"classes_", "coefs_", "intercepts_"}
    assert model.history_ == before.history_


def partial_fit(model: MLPClassifier, X: NDArray[Any], y: NDArray[Any]) -> None:
    """Train for one pass."""
    model.partial_fit(X, y)


@pytest.mark.parametrize("train", [partial_fit, MLPClassifier.fit])
@pytest.mark.parametrize("solver", STOCHASTIC)
def test_a_compact_model_trains_on_from_its_weights_and_says_so_once(
    solver: str, train: Callable[..., None]
) -> None:
    X, y = problem("multiclass")
    model = make_model(solver=solver, warm_start=True).fit(X, y).compact()
    before = deepcopy(model)
    model.set_params(learning_rate_init=1e-12)
    with pytest.warns(UserWarning, match=IS_COMPACT):
        train(model, X, y)
    assert abs(model.coefs_[0] - before.coefs_[0]).max() < 1e-8
    assert model.t_ == len(model.loss_curve_) * len(X)
    train(model, X, y)  # warnings are errors


def test_a_compact_model_stays_as_it_is_where_the_warning_is_an_error() -> None:
    X, y = problem("multiclass")
    model = make_model().fit(X, y).compact()
    before = deepcopy(model)
    with pytest.raises(UserWarning, match=IS_COMPACT):
        model.partial_fit(X, y)
    assert_same_arrays(before, model)


def test_a_saved_model_knows_that_it_is_compact(tmp_path: Path) -> None:
    X, y = problem("multiclass")
    model = make_model().fit(X, y).compact()
    model.save(tmp_path / "model.npz")
    for loaded in (MLPClassifier.load(tmp_path / "model.npz"), deepcopy(model)):
        with pytest.warns(UserWarning, match=IS_COMPACT):
            loaded.partial_fit(X, y)


def test_a_compact_model_starts_anew_without_a_word() -> None:
    X, y = problem("multiclass")
    model = make_model().fit(X, y)
    again = deepcopy(model).compact().fit(X, y)
    assert_same_arrays(model, again)


def test_lbfgs_has_nothing_to_forget() -> None:
    X, y = problem("multiclass")
    model = make_model(solver="lbfgs", warm_start=True).fit(X, y)
    compact = deepcopy(model).compact()
    assert_same_arrays(model.fit(X, y), compact.fit(X, y))


def test_an_unfitted_model_cannot_be_compact() -> None:
    with pytest.raises(NotFittedError):
        make_model().compact()


# --- skops --------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"warm_start": True, "early_stopping": True}], ids=str)
@pytest.mark.parametrize("kind", ["binary", "multilabel", "string", "object"])
@pytest.mark.parametrize("solver", SOLVERS)
def test_skops_needs_to_trust_our_class_only(
    solver: str, kind: str, options: dict[str, Any]
) -> None:
    import skops.io

    X, y = problem(kind)
    model = make_model(solver=solver, dropout=0.0 if solver == "lbfgs" else 0.1, **options)
    content = skops.io.dumps(model.fit(X, y))
    assert skops.io.get_untrusted_types(data=content) == ["skmlp_scratch.MLPClassifier"]
    loaded = skops.io.loads(content, trusted=[MLPClassifier])
    assert_same_predictions(model, loaded, X)
    assert_same_arrays(model.fit(X, y), loaded.fit(X, y))
