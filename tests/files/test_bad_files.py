"""Files of models that are foreign, damaged or tampered with.

Damage of every other kind is in `system/test_fuzz_models.py`.
"""

import io
import pickle
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from skmlp_scratch import MLPClassifier
from tests._helpers.compare import assert_same_model
from tests._helpers.model_files import X, npz, pack, refused, unpack

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
    file.header |= {"version": 3, "written_by": "7.8.9"}
    message = r"expected version 2 .*; found version 3, .* 7\.8\.9; upgrade"
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
    assert_same_model(MLPClassifier.load(tmp_path / "model.npz"), MLPClassifier.load(good))


def attributes(**changed: Any) -> Tamper:
    return lambda file: file.header["attributes"].update(changed)


def parameters(**changed: Any) -> Tamper:
    return lambda file: file.header["parameters"].update(changed)


def change(array: str, function: Callable[[NDArray[Any]], NDArray[Any]]) -> Tamper:
    """Change an array of the file."""
    return lambda file: file.arrays.update({array: function(file.arrays[array])})


def state(name: str, value: Any) -> Tamper:
    """Change, or take away, a value of the training's state."""
    return item("_state", name, value)


def history(name: str, value: Any) -> Tamper:
    """Change, or take away, a value of the history."""
    return item("_history", name, value)


def item(attribute: str, name: str, value: Any) -> Tamper:
    """Change, or take away, an item of an attribute that is a dictionary."""

    def tamper(file: SimpleNamespace) -> None:
        pairs = file.header["attributes"][attribute]["dict"]
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
    "odd augmentation": (
        parameters(augment={"augmentation": ["system", {"dict": []}]}),
        "KeyError: 'system'",
    ),
    "odd noise": (
        parameters(augment={"augmentation": ["GaussianNoise", {"dict": [["shell", 1]]}]}),
        "TypeError: .*'shell'",
    ),
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
    "type of attribute": (attributes(t_="3"), "expected t_ to be Integral; found str"),
    "counter below": (attributes(t_=-1), "expected t_ to be a number from 0"),
    "counter of steps below": (state("n_steps", -1), "expected n_steps to be a number from 0"),
    "counter beyond": (state("n_rate_cuts", 10**30), "expected n_rate_cuts to be a number from 0"),
    "losses of int": (change("_history/loss", lambda a: a.astype(int)), "columns of the history"),
    "scores of text": (change("_history/best_score", np.str_), "columns of the history"),
    "epochs before": (history("n_earlier", 4), "n_earlier within the history; found 4"),
    "link": (attributes(out_activation_="relu"), "out_activation_ to be softmax; found relu"),
    "classes in another order": (change("classes_", lambda a: a[::-1]), "classes_ in ascending"),
    "classes that are equal": (change("classes_", lambda a: a[[0, 0, 0]]), "classes_ in ascending"),
    "weights of NaN": (change("coefs_/0", lambda a: a * np.nan), "finite coefs_"),
    "type in the state": (state("best", "3"), "expected best to be Real; found str"),
    "features": (attributes(n_features_in_=10**12), "the shapes of coefs_ and intercepts_"),
    "layers": (attributes(n_layers_=4), "expected n_layers_ to be 3; found 4"),
    "outputs": (attributes(n_outputs_=4), "expected n_outputs_ to be 3; found 4"),
    "kind": (attributes(_target_type="binary"), "whether the model is binary to be False"),
    "kind unknown": (
        attributes(_target_type="odd"),
        "a loss and a type of target; found log_loss of odd",
    ),
    "activations": (attributes(_activations=["relu"] * 3), "activation has 3 entries"),
    "weights transposed": (change("coefs_/0", np.transpose), "the shapes of coefs_"),
    "weights of int": (change("coefs_/0", lambda a: a.astype(int)), "float32 or float64"),
    "weights of another type": (change("coefs_/1", np.float32), "of one type"),
    "biases of two dimensions": (change("intercepts_/0", np.atleast_2d), "the shapes of coefs_"),
    "classes": (change("classes_", lambda a: a[:2]), r"classes for 3 output\(s\)"),
    "feature names": (attributes(feature_names_in_={"array": ["a"]}), "shape of feature_names_in_"),
    "odd feature names": (attributes(feature_names_in_={"array": [1, 2, 3, 4]}), "str objects"),
    "history": (history("n_earlier", None), "found no n_earlier"),
    "losses": (change("_history/loss", lambda a: a[1:]), "columns of the history"),
    "array missing": (lambda file: file.arrays.pop("classes_"), "KeyError: 'classes_'"),
    "array used twice": (attributes(classes_={"array": "coefs_/0"}), "KeyError: 'coefs_/0'"),
    "array left over": (lambda file: file.arrays.update(more=X), r"found \['more'\]"),
    "array of bytes": (change("classes_", np.bytes_), "found one of |S"),
    "solver": (state("solver", "rmsprop"), "a solver among .*; found rmsprop"),
    "state missing": (state("n_steps", None), "found no n_steps"),
    "state unknown": (state("run", "x"), "expected run to be absent"),
    "slots": (state("slots", {"dict": []}), "the arrays left over"),
    "slot of another size": (
        change("_state/slots/first_moment", lambda a: a[1:]),
        "slot",
    ),
    "last parameters": (change("_state/last_parameters", lambda a: a[1:]), "slots and"),
    "rows beyond": (change("_state/order", lambda a: a + 1), "number all rows"),
    "rows of float": (change("_state/order", np.float64), "number all rows"),
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
