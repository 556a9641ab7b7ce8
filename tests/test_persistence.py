"""Models in files without code: what `save` writes, `load` reads, and nothing else is believed.

Damage of every other kind is in `test_fuzz_models.py`.
"""

import io
import json
import pickle
import re
import tracemalloc
import zipfile
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from scipy import sparse
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import scale

from skmlp_scratch import MLPClassifier
from skmlp_scratch._files.model import VERSION

# A few epochs are enough to have something to save.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, CODES = load_iris(return_X_y=True)
X = scale(X)
X.flags.writeable = CODES.flags.writeable = False

LABELS: dict[str, Any] = {
    "int": CODES + 3,
    "uint8": CODES.astype(np.uint8),
    "two ints": np.where(CODES == 1, 7, -7),
    "one int": np.full(len(CODES), 5),
    "float": CODES / 1.0,
    "bool": CODES == 1,
    "str": np.array(["setosa", "versicolor", "Ìris ☘"])[CODES],
    "str objects": np.array(["setosa", "versicolor", "virginica"], dtype=object)[CODES],
    "dates": np.array(["2020-02-29", "2021-01-01"], "M8[D]")[CODES % 2],
    "indicators": np.eye(3, dtype=int)[CODES],
    "sparse indicators": sparse.csr_matrix(np.eye(3, dtype=int)[CODES]),
}

OPTIONS: dict[str, dict[str, Any]] = {
    "adam": {},
    "sgd": {"solver": "sgd", "learning_rate": "adaptive"},
    "adamw": {"solver": "adamw", "learning_rate": "cosine", "activation": ["gelu", "elu"]},
    "lbfgs": {"solver": "lbfgs"},
    "lbfgs, warm": {"solver": "lbfgs", "warm_start": True},
    "no hidden layers": {"hidden_layer_sizes": ()},
    "dropout": {"dropout": (0.5, 0.0), "input_dropout": 0.1},
    "float32": {"dtype": np.float32},
    "early stopping": {"early_stopping": True},
    "warm": {"warm_start": True},
    "warm, everything": {
        "warm_start": True,
        "early_stopping": True,
        "dropout": 0.1,
        "scoring": "f1_macro",
        "loss": "squared_error",
    },
    "random state": {"random_state": np.random.RandomState(7)},
    "random state, warm": {"warm_start": True, "random_state": np.random.RandomState(7)},
}
options = pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)


def make_model(**parameters: Any) -> MLPClassifier:
    """Return an unfitted model that trains for a moment, and shares no parameter with another."""
    defaults = {"hidden_layer_sizes": (4, 3), "activation": "tanh", "max_iter": 3}
    defaults |= {"random_state": 1}
    return MLPClassifier(**deepcopy(defaults | parameters))


def reload(model: MLPClassifier, folder: Path) -> MLPClassifier:
    """Return the model saved and loaded."""
    model.save(folder / "model.npz")
    return MLPClassifier.load(folder / "model.npz")


def assert_same(one: Any, other: Any, where: str = "model") -> None:
    """Compare values of a model bit for bit, types included."""
    assert type(one) is type(other), where
    if isinstance(one, np.ndarray):
        assert_array_equal(one, other, err_msg=where, strict=True)
    elif (parts := parts_of(one)) is None:
        assert one == other or (one != one and other != other), where
    else:
        others = parts_of(other)
        keys, other_keys = ([(type(key), key) for key in p] for p in (parts, others))
        assert keys == other_keys, where
        for key, part in parts.items():
            assert_same(part, others[key], f"{where}.{key}")


def parts_of(value: Any) -> dict[Any, Any] | None:
    """Return what a value consists of; None if it is a whole."""
    if isinstance(value, MLPClassifier):
        return dict(sorted(vars(value).items()))  # parameters are listed in another order
    if isinstance(value, list | tuple):
        return dict(enumerate(value))
    if isinstance(value, np.random.RandomState):
        return dict(value.get_state(legacy=False))
    if isinstance(value, np.random.Generator):
        return dict(value.bit_generator.state)
    return value if isinstance(value, dict) else None


# --- a round trip --------------------------------------------------------------------------------


@options
def test_all_that_a_model_holds_is_kept(tmp_path: Path, options: dict[str, Any]) -> None:
    model = make_model(**options).fit(X, CODES)
    assert_same(reload(model, tmp_path), model)


@options
def test_fit_goes_on_exactly(tmp_path: Path, options: dict[str, Any]) -> None:
    model = make_model(**options).fit(X, CODES)
    loaded = reload(model, tmp_path)
    for either in (model, loaded):
        either.fit(X, CODES)
        either.history_["seconds"] = []  # they differ
    assert_same(loaded, model)


@options
def test_partial_fit_goes_on_exactly(tmp_path: Path, options: dict[str, Any]) -> None:
    if options.get("solver") == "lbfgs":
        options = options | {"solver": "adam"}
    model = make_model(**options | {"early_stopping": False})
    model.partial_fit(X, CODES, classes=[0, 1, 2]).partial_fit(X[::2], CODES[::2])
    loaded = reload(model, tmp_path)
    for either in (model, loaded):
        either.partial_fit(X, CODES).partial_fit(X[::3], CODES[::3])
        either.history_["seconds"] = []
    assert_same(loaded, model)


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_every_kind_of_label(tmp_path: Path, labels: Any) -> None:
    model = make_model(max_iter=1).fit(X, labels)
    loaded = reload(model, tmp_path)
    assert_same(loaded, model)
    expected, found = model.predict(X), loaded.predict(X)
    if sparse.issparse(expected):
        expected, found = expected.toarray(), found.toarray()
    assert_array_equal(found, expected, strict=True)


def test_feature_names_are_known(tmp_path: Path) -> None:
    frame = pd.DataFrame(X, columns=["sepal length", "sepal width", "petal length", "☘"])
    model = make_model(max_iter=1).fit(frame, CODES)
    loaded = reload(model, tmp_path)
    assert_same(loaded, model)
    with pytest.raises(ValueError, match="feature names"):
        loaded.predict(frame.rename(columns={"☘": "clover"}))


PARAMETERS: dict[str, dict[str, Any]] = {
    "list": {"hidden_layer_sizes": [5, 4]},
    "array": {"hidden_layer_sizes": np.array([5, 4], np.int16)},
    "NumPy int": {"hidden_layer_sizes": np.int64(5), "max_iter": np.uint8(2)},
    "NumPy floats": {"alpha": np.float32(0.1), "tol": np.float64(0.1), "momentum": np.float16(0.5)},
    "NumPy learning rate": {
        "learning_rate_init": np.float64(2e-6),
        "solver": "sgd",
        "learning_rate": "adaptive",
        "max_iter": 30,
        "tol": 1.0,
        "n_iter_no_change": 1,
    },
    "NumPy bool": {"early_stopping": np.bool_(True)},
    "NumPy str": {"activation": np.str_("tanh")},
    "infinite": {"n_iter_no_change": np.inf},
    "many digits": {"alpha": 0.1 + 0.2, "epsilon": 5e-324},
    "dtype by type": {"dtype": np.float64},
    "dtype by name": {"dtype": "float32"},
    "activations": {"activation": ["relu", "silu"], "hidden_layer_sizes": (2, 2)},
    "class weights": {"class_weight": {0: 1, np.int64(1): 2.5, 2.0: np.float32(3)}},
    "random state": {"random_state": np.random.RandomState(3)},
    "random state of PCG64": {"random_state": np.random.RandomState(np.random.PCG64(3))},
}


@pytest.mark.parametrize("parameters", PARAMETERS.values(), ids=PARAMETERS)
def test_every_parameter_keeps_value_and_type(tmp_path: Path, parameters: dict[str, Any]) -> None:
    model = make_model(**{"max_iter": 1} | parameters).fit(X, CODES)
    loaded = reload(model, tmp_path)
    for name in parameters:
        assert_same(getattr(loaded, name), getattr(model, name), name)


@pytest.mark.parametrize("labels", ["bool", "str", "float"])
def test_class_weights_by_label(tmp_path: Path, labels: str) -> None:
    class_weight = dict.fromkeys(np.unique(LABELS[labels]).tolist(), 2)
    model = make_model(class_weight=class_weight).fit(X, LABELS[labels])
    assert_same(reload(model, tmp_path).class_weight, class_weight)


def test_class_weights_for_several_labels(tmp_path: Path) -> None:
    class_weight = [{0: 1.0, 1: 2.0}, {0: 1.0, 1: 3.0}, {0: 1.0, 1: 4.0}]
    model = make_model(class_weight=class_weight).fit(X, LABELS["indicators"])
    assert_same(reload(model, tmp_path).class_weight, class_weight)


def test_a_random_state_is_not_shared_after_loading(tmp_path: Path) -> None:
    model = make_model(random_state=np.random.RandomState(3)).fit(X, CODES)
    loaded = reload(model, tmp_path)
    drawn = model.random_state.uniform(size=3)
    assert_array_equal(loaded.random_state.uniform(size=3), drawn)


def test_weights_mapped_by_joblib_are_saved(tmp_path: Path) -> None:
    model = make_model().fit(X, CODES)
    joblib.dump(model, tmp_path / "model.joblib")
    mapped = joblib.load(tmp_path / "model.joblib", mmap_mode="r")
    assert_same(reload(mapped, tmp_path), model)


def test_a_subclass_loads_its_own_files(tmp_path: Path) -> None:
    class Mine(MLPClassifier):
        pass

    make_model().fit(X, CODES).save(tmp_path / "model.npz")
    assert type(Mine.load(tmp_path / "model.npz")) is Mine


# --- files of earlier versions --------------------------------------------------------------------

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.npz"))


def test_there_are_golden_files_of_every_format() -> None:
    formats = {int(re.match(r"format(\d+)-", path.name).group(1)) for path in GOLDEN}
    assert formats == set(range(1, VERSION + 1))


def read_golden(path: Path) -> tuple[MLPClassifier, Any, dict[str, Any]]:
    """Return a model, rows as it takes them, and what it predicted for them."""
    model = MLPClassifier.load(path)
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    rows = np.array(expected.pop("X"))
    if hasattr(model, "feature_names_in_"):
        rows = pd.DataFrame(rows, columns=model.feature_names_in_)
    return model, rows, expected


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_files_predict_what_they_did(path: Path) -> None:
    model, rows, expected = read_golden(path)
    assert model.predict(rows).tolist() == expected["predict"]
    # Another BLAS adds up in another order.
    tolerance = 50 * np.finfo(model.coefs_[0].dtype).eps
    found = model.predict_proba(rows)
    assert_allclose(found, expected["predict_proba"], rtol=0, atol=tolerance)


@pytest.mark.parametrize(
    "path", [path for path in GOLDEN if "lbfgs" not in path.stem], ids=lambda path: path.stem
)
def test_golden_files_train_on(path: Path) -> None:
    model, rows, expected = read_golden(path)
    n_epochs = len(model.loss_curve_)
    model.set_params(early_stopping=False).partial_fit(rows, np.array(expected["predict"]))
    assert len(model.loss_curve_) == n_epochs + 1


# --- the file ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["model.npz", "model", "model.bin"])
def test_the_name_is_taken_as_it_is(tmp_path: Path, name: str) -> None:
    make_model().fit(X, CODES).save(str(tmp_path / name))
    assert [path.name for path in tmp_path.iterdir()] == [name]
    MLPClassifier.load(str(tmp_path / name))


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    model = make_model().fit(X, CODES)
    model.save("~/model.npz")
    assert (tmp_path / "model.npz").is_file()
    assert_same(MLPClassifier.load(Path("~", "model.npz")), model)


def test_equal_models_give_equal_files(tmp_path: Path) -> None:
    model = make_model(warm_start=True).fit(X, CODES)
    model.save(tmp_path / "a")
    MLPClassifier.load(tmp_path / "a").save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_numpy_and_json_are_enough_to_predict(tmp_path: Path) -> None:
    model = make_model().fit(X, CODES)
    model.save(tmp_path / "model.npz")
    with np.load(tmp_path / "model.npz", allow_pickle=False) as file:
        header = json.loads(file["header"].tobytes())
        a = X
        for layer in range(header["attributes"]["n_layers_"] - 1):
            z = a @ file[f"coefs_/{layer}"] + file[f"intercepts_/{layer}"]
            a = np.tanh(z)
        assert_array_equal(file["classes_"][z.argmax(axis=1)], model.predict(X))
    assert (header["format"], header["version"]) == ("skmlp_scratch.MLPClassifier", 1)


def test_json_is_of_the_standard(tmp_path: Path) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    make_model(n_iter_no_change=np.inf).fit(X, CODES).save(tmp_path / "model.npz")
    with np.load(tmp_path / "model.npz") as file:
        header = json.loads(file["header"].tobytes(), parse_constant=refuse)
    assert header["parameters"]["n_iter_no_change"] == {"float": "inf"}


def test_a_file_takes_little_more_than_weights_and_slots(tmp_path: Path) -> None:
    model = make_model(hidden_layer_sizes=(400, 200)).fit(X, CODES)
    n_bytes = sum(array.nbytes for array in [*model.coefs_, *model.intercepts_])
    model.save(tmp_path / "model.npz")
    assert 3 * n_bytes < (tmp_path / "model.npz").stat().st_size < 3.1 * n_bytes


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace", "numpy.savez"])
def test_a_failure_keeps_the_old_file_and_leaves_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    model = make_model().fit(X, CODES)
    model.save(tmp_path / "model.npz")
    before = (tmp_path / "model.npz").read_bytes()

    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    model.fit(X, CODES)
    with monkeypatch.context() as patch:
        patch.setattr(step, fail)
        with pytest.raises(OSError, match="the disk is full"):
            model.save(tmp_path / "model.npz")
    assert (tmp_path / "model.npz").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    model = make_model().fit(X, CODES)
    with pytest.raises(FileNotFoundError, match=r"no-such-folder'$"):
        model.save(tmp_path / "no-such-folder" / "model.npz")


# --- what is not saved ---------------------------------------------------------------------------


def decaying(step: int) -> float:
    """Return a learning rate."""
    return 0.01 / (step + 1)


def accuracy(model: MLPClassifier, X: NDArray[Any], y: NDArray[Any]) -> float:
    """Score as `score` does."""
    return float(model.score(X, y))


REFUSED: dict[str, dict[str, Any]] = {
    "learning_rate": {"learning_rate": decaying},
    "scoring": {"scoring": accuracy},
    "random_state": {"random_state": np.random.RandomState(np.random.SFC64(1))},
    "hidden_layer_sizes": {"hidden_layer_sizes": range(3, 5)},
    "alpha": {"alpha": np.longdouble(0.1)},
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_data_is_refused_by_name_with_the_remedy(tmp_path: Path, name: str) -> None:
    model = make_model(**REFUSED[name]).fit(X, CODES)
    with pytest.raises(ValueError, match=f"^{name} is .*{name} .*set_params.*joblib") as caught:
        model.save(tmp_path / "model.npz")
    assert repr(getattr(model, name)) in str(caught.value)
    assert not any(tmp_path.iterdir())


def test_the_remedy_works(tmp_path: Path) -> None:
    model = make_model(learning_rate=decaying).fit(X, CODES)
    model.set_params(learning_rate="constant").save(tmp_path / "model.npz")
    loaded = MLPClassifier.load(tmp_path / "model.npz").set_params(learning_rate=decaying)
    model.set_params(learning_rate=decaying).partial_fit(X, CODES)
    assert_same(loaded.partial_fit(X, CODES).coefs_, model.coefs_)


def test_an_unfitted_model_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(NotFittedError):
        make_model().save(tmp_path / "model.npz")
    assert not any(tmp_path.iterdir())


def test_parameters_that_no_model_may_have_are_not_saved(tmp_path: Path) -> None:
    model = make_model().fit(X, CODES).set_params(max_iter=-1)
    with pytest.raises(ValueError, match="'max_iter' parameter of MLPClassifier"):
        model.save(tmp_path / "model.npz")


def test_what_load_would_refuse_is_not_saved(tmp_path: Path) -> None:
    model = make_model().fit(X, CODES).set_params(activation=["relu", "relu", "relu"])
    with pytest.raises(ValueError, match=r"cannot be saved.* activation has 3 entries"):
        model.save(tmp_path / "model.npz")
    del model.set_params(activation="relu").n_iter_
    with pytest.raises(ValueError, match=r"cannot be saved.* no n_iter_"):
        model.save(tmp_path / "model.npz")

    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_model_whose_first_epoch_was_interrupted(tmp_path: Path, solver: str) -> None:
    def interrupt(*_: Any) -> float:
        raise KeyboardInterrupt

    model = make_model(solver=solver, scoring=interrupt)
    with pytest.warns(UserWarning, match="interrupted"):
        model.fit(X, CODES, X_val=X, y_val=CODES)
    loaded = reload(model.set_params(scoring="accuracy"), tmp_path)

    assert_same(loaded, model)
    assert np.isnan(loaded.loss_) == (loaded.n_iter_ == 0)


def test_what_does_not_belong_to_the_model_is_left_out(tmp_path: Path) -> None:
    model = make_model().fit(X, CODES)
    loaded = reload(model, tmp_path)
    model._skl_callbacks = [print]
    assert_same(reload(model, tmp_path), loaded)


# --- bad files -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a file with everything that a model may hold."""
    model = make_model(
        hidden_layer_sizes=(2,),
        warm_start=True,
        early_stopping=True,
        dropout=0.1,
        random_state=np.random.RandomState(1),
    ).fit(pd.DataFrame(X[::5], columns=list("abcd")), LABELS["str"][::5])
    path = tmp_path_factory.mktemp("good") / "model.npz"
    model.save(path)
    return path


def unpack(path: Path) -> SimpleNamespace:
    """Return header and arrays of a file."""
    with np.load(path) as archive:
        arrays = dict(archive)
    return SimpleNamespace(header=json.loads(arrays.pop("header").tobytes()), arrays=arrays)


def pack(file: SimpleNamespace) -> bytes:
    """Return the bytes of a file with a header and arrays."""
    return npz(header=np.frombuffer(json.dumps(file.header).encode(), np.uint8), **file.arrays)


def npz(**arrays: Any) -> bytes:
    """Return an archive of arrays."""
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


def refused(folder: Path, content: bytes, message: str) -> None:
    """Check that a file gives one error that names it, what was expected and what was found."""
    path = folder / "name-of-the-file"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        MLPClassifier.load(path)
    assert re.fullmatch(
        rf"{re.escape(str(path))} cannot be loaded as an MLPClassifier: expected .*; found .*\.",
        str(caught.value),
        re.DOTALL,
    )


FOREIGN = {
    "empty": (b"", r"expected an \.npz archive.*found b''"),
    "text": (b"sepal,petal\n", "found b'se'"),
    "pickle": (pickle.dumps({}), r"found b'\\x80"),
    "half a zip file": (b"PK\x03\x04", "BadZipFile"),
    "other arrays": (npz(weights=np.zeros(3)), r"array 'header'; found only \['weights'\]"),
    "other header": (npz(header=np.frombuffer(b"[1]", np.uint8)), "the format .*MLPClassifier"),
    "other format": (
        pack(SimpleNamespace(header={"format": "keras"}, arrays={})),
        "found {'format': 'keras'}",
    ),
    "no JSON": (npz(header=np.frombuffer(b"{", np.uint8)), "JSONDecodeError"),
    "no text": (npz(header=np.frombuffer(b"\xff\xfe\xff", np.uint8)), "UnicodeDecodeError"),
    "deep JSON": (npz(header=np.frombuffer(b"[" * 100_000, np.uint8)), "RecursionError"),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_a_foreign_file_is_explained(tmp_path: Path, case: str) -> None:
    refused(tmp_path, *FOREIGN[case])


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no-such-file"):
        MLPClassifier.load(tmp_path / "no-such-file")


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, good: Path, share: float) -> None:
    content = good.read_bytes()
    refused(tmp_path, content[: int(share * len(content))], "expected an")


def test_a_changed_byte_of_the_weights_is_noticed(tmp_path: Path, good: Path) -> None:
    content = bytearray(good.read_bytes())
    content[content.index(unpack(good).arrays["coefs_/0"].tobytes())] ^= 1
    refused(tmp_path, bytes(content), "Bad CRC-32")


def test_a_later_format_is_refused_with_the_remedy(tmp_path: Path, good: Path) -> None:
    file = unpack(good)
    file.header |= {"version": 2, "written_by": "7.8.9"}
    message = r"expected version 1 .*; found version 2, .* 7\.8\.9; upgrade"
    refused(tmp_path, pack(file), message)


def test_parameters_of_a_later_version_are_refused_with_the_remedy(
    tmp_path: Path, good: Path
) -> None:
    file = unpack(good)
    file.header["parameters"]["batch_norm"] = True
    refused(tmp_path, pack(file), r"found \['batch_norm'\] .*; upgrade")


def test_parameters_that_an_earlier_version_lacked_have_their_defaults(
    tmp_path: Path, good: Path
) -> None:
    file = unpack(good)
    del file.header["parameters"]["dropout"]
    (tmp_path / "model.npz").write_bytes(pack(file))
    assert MLPClassifier.load(tmp_path / "model.npz").dropout == 0.0


Tamper = Callable[[SimpleNamespace], Any]


def test_a_file_from_a_machine_of_another_byte_order(tmp_path: Path, good: Path) -> None:
    file = unpack(good)
    swapped = {name: a.astype(a.dtype.newbyteorder("S")) for name, a in file.arrays.items()}
    (tmp_path / "model.npz").write_bytes(pack(SimpleNamespace(header=file.header, arrays=swapped)))
    assert_same(MLPClassifier.load(tmp_path / "model.npz"), MLPClassifier.load(good))


def attributes(**changed: Any) -> Tamper:
    return lambda file: file.header["attributes"].update(changed)


def parameters(**changed: Any) -> Tamper:
    return lambda file: file.header["parameters"].update(changed)


def change(array: str, function: Callable[[NDArray[Any]], NDArray[Any]]) -> Tamper:
    """Change an array of the file."""
    return lambda file: file.arrays.update({array: function(file.arrays[array])})


def state(name: str, value: Any) -> Tamper:
    """Change, or take away, a value of the training's state."""

    def tamper(file: SimpleNamespace) -> None:
        pairs = file.header["attributes"]["_training_state"]["dict"]
        pairs[:] = [pair for pair in pairs if pair[0] != name]
        if value is not None:
            pairs.append([name, value])

    return tamper


def position(value: int) -> Tamper:
    """Change the position in the words of the parameter random_state."""

    def tamper(file: SimpleNamespace) -> None:
        [_, (_, inner), *_] = file.header["parameters"]["random_state"]["random_state"]["dict"]
        inner["dict"][1] = ["pos", value]

    return tamper


TAMPERED: dict[str, tuple[Tamper, str]] = {
    "no version": (lambda file: file.header.pop("version"), "KeyError: 'version'"),
    "odd version": (lambda file: file.header.update(version="new"), "from 1; found new"),
    "version below": (lambda file: file.header.update(version=0), "from 1; found 0"),
    "no parameters": (lambda file: file.header.pop("parameters"), "KeyError: 'parameters'"),
    "bad parameter": (parameters(max_iter=-1), "InvalidParameterError: The 'max_iter' parameter"),
    "unknown tag": (parameters(alpha={"code": "import os"}), "KeyError: 'code'"),
    "two tags": (parameters(alpha={"float": "inf", "tuple": []}), "ValueError"),
    "odd scalar": (parameters(alpha={"scalar": ["V1000000000", 9]}), "type of a number"),
    "odd type": (parameters(dtype={"type": "object"}), "KeyError: 'object'"),
    "odd bit generator": (
        parameters(random_state={"random_state": {"dict": [["bit_generator", "os"]]}}),
        "KeyError: 'os'",
    ),
    "position below": (position(-1), "expected a position among 624 random words; found -1"),
    "position beyond": (position(625), "expected a position among 624 random words; found 625"),
    "attribute missing": (lambda file: file.header["attributes"].pop("t_"), "found no t_"),
    "method replaced": (attributes(predict="x"), "expected predict to be absent; found str"),
    "type of attribute": (attributes(n_iter_="3"), "expected n_iter_ to be Integral; found str"),
    "counter below": (attributes(t_=-1), "expected t_ to be a number from 0"),
    "counter of steps below": (state("n_steps", -1), "expected n_steps to be a number from 0"),
    "counter beyond": (state("n_stalls", 10**30), "expected n_stalls to be a number from 0"),
    "losses of text": (attributes(loss_curve_=["a"]), "loss_curve_ to be a list of numbers"),
    "scores of text": (attributes(validation_scores_=["a"]), "validation_scores_ to be numbers"),
    "link": (attributes(out_activation_="relu"), "out_activation_ to be softmax; found relu"),
    "classes in another order": (change("classes_", lambda a: a[::-1]), "classes_ in ascending"),
    "classes that are equal": (change("classes_", lambda a: a[[0, 0, 0]]), "classes_ in ascending"),
    "weights of NaN": (change("coefs_/0", lambda a: a * np.nan), "finite coefs_"),
    "type of two": (attributes(best_loss_="3"), "expected best_loss_ to be Real or NoneType"),
    "features": (attributes(n_features_in_=10**12), "the shapes of coefs_ and intercepts_"),
    "layers": (attributes(n_layers_=4), "expected n_layers_ to be 3; found 4"),
    "outputs": (attributes(n_outputs_=4), "expected n_outputs_ to be 3; found 4"),
    "kind": (attributes(_target_kind="binary"), "whether the model is binary to be False"),
    "kind unknown": (attributes(_target_kind="odd"), "targets of a kind in .*; found odd"),
    "activations": (parameters(activation=["relu"] * 3), "activation has 3 entries"),
    "weights transposed": (change("coefs_/0", np.transpose), "the shapes of coefs_"),
    "weights of int": (change("coefs_/0", lambda a: a.astype(int)), "float32 or float64"),
    "weights of another type": (change("coefs_/1", np.float32), "of one type"),
    "biases of two dimensions": (change("intercepts_/0", np.atleast_2d), "the shapes of coefs_"),
    "classes": (change("classes_", lambda a: a[:2]), r"classes for 3 output\(s\)"),
    "feature names": (attributes(feature_names_in_={"array": ["a"]}), "shape of feature_names_in_"),
    "odd feature names": (attributes(feature_names_in_={"array": [1, 2, 3, 4]}), "str objects"),
    "history": (attributes(history_={"dict": [["loss", []]]}), "the columns of history_ to be"),
    "losses": (attributes(loss_curve_=[]), "the lengths of columns to be"),
    "array missing": (lambda file: file.arrays.pop("classes_"), "KeyError: 'classes_'"),
    "array used twice": (attributes(classes_={"array": "coefs_/0"}), "KeyError: 'coefs_/0'"),
    "array left over": (lambda file: file.arrays.update(more=X), r"found \['more'\]"),
    "array of bytes": (change("classes_", np.bytes_), "found one of |S"),
    "solver": (state("solver", "rmsprop"), "a solver among .*; found rmsprop"),
    "state missing": (state("n_steps", None), "found no n_steps"),
    "state unknown": (state("run", "x"), "expected run to be absent"),
    "slots": (state("slots", {"dict": []}), "the arrays left over"),
    "slot of another size": (change("_training_state/slots/first_moment", lambda a: a[1:]), "slot"),
    "last parameters": (change("_training_state/last_parameters", lambda a: a[1:]), "slots and"),
    "rows beyond": (change("_training_state/order", lambda a: a + 1), "number all rows"),
    "rows of float": (change("_training_state/order", np.float64), "number all rows"),
}


@pytest.mark.parametrize("case", TAMPERED)
def test_a_tampered_file_is_explained(tmp_path: Path, good: Path, case: str) -> None:
    tamper, message = TAMPERED[case]
    file = unpack(good)
    tamper(file)
    refused(tmp_path, pack(file), message)


def test_no_code_is_executed(tmp_path: Path, good: Path) -> None:
    class Touch:
        def __reduce__(self) -> Any:
            return Path.touch, (tmp_path / "proof",)

    file = unpack(good)
    file.arrays["classes_"] = np.array([Touch(), Touch(), Touch()], dtype=object)
    refused(tmp_path, content := pack(file), "one of object")
    assert not (tmp_path / "proof").exists()
    with np.load(io.BytesIO(content), allow_pickle=True) as archive:
        archive["classes_"]
    assert (tmp_path / "proof").exists()


# --- memory --------------------------------------------------------------------------------------


def archive(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """Return a zip file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as zip_file:
        for name, content in members.items():
            zip_file.writestr(name, content)
    return file.getvalue()


def npy(shape: tuple[int, ...], dtype: str = "<f8", content: bytes = bytes(800)) -> bytes:
    """Return a .npy file of a shape that need not be true."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        file, {"descr": dtype, "fortran_order": False, "shape": shape}
    )
    return file.getvalue() + content


def declaring(content: bytes, size: int) -> bytes:
    """Return a zip file whose first member declares another size in both of its records."""
    [info, *_] = zipfile.ZipFile(io.BytesIO(content)).infolist()
    true = info.file_size.to_bytes(4, "little")
    assert content.count(true * 2) == 2
    return content.replace(true * 2, size.to_bytes(4, "little") * 2)


def overlapping(n_members: int) -> bytes:
    """Return a zip file whose members all are the same bytes."""
    content = archive({"header.npy": npy((125_000,), content=bytes(1_000_000))})
    start = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    record = content[start:end]
    tail = bytearray(content[end:])
    tail[8:12] = n_members.to_bytes(2, "little") * 2
    tail[12:16] = (len(record) * n_members).to_bytes(4, "little")
    names = [f"head{i:02d}.npy".encode() for i in range(n_members)]
    records = [record.replace(b"header.npy", name) for name in names]
    return content[:start] + b"".join(records) + bytes(tail)


BOMBS = {
    "shape": (archive({"header.npy": npy((10**12,))}), r"800 bytes .*found one of float64"),
    "shape of zeros": (archive({"header.npy": npy((10**12, 0))}), "800 bytes"),
    "negative shape": (archive({"header.npy": npy((-10, -10))}), "found"),
    "items of no size": (archive({"header.npy": npy((10**12,), "<U0", b"")}), "found"),
    "compressed zeros": (
        archive({"header.npy": npy((2 * 10**7,), "|u1", bytes(2 * 10**7))}, zipfile.ZIP_DEFLATED),
        "expected an uncompressed archive; found a compressed one",
    ),
    "declared size": (declaring(archive({"header.npy": npy((100,))}), 2**31), "2147483648 bytes"),
    "overlapping members": (overlapping(50), r"the file's \d+ bytes"),
}


@pytest.mark.parametrize("case", BOMBS)
def test_no_more_memory_is_taken_than_there_are_bytes_in_the_file(
    tmp_path: Path, case: str
) -> None:
    content, message = BOMBS[case]
    tracemalloc.start()
    try:
        refused(tmp_path, content, message)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < len(content) + 1_000_000


def test_loading_takes_the_memory_of_the_file(tmp_path: Path) -> None:
    make_model(hidden_layer_sizes=(1000, 500), max_iter=1).fit(X, CODES).save(tmp_path / "model")
    tracemalloc.start()
    MLPClassifier.load(tmp_path / "model")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.1 * (tmp_path / "model").stat().st_size
