"""The file that `save` writes."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skmlp_scratch import MLPClassifier
from tests._helpers.model_files import CODES, X, make_model


@pytest.mark.parametrize("name", ["model.npz", "model", "model.bin"])
def test_the_name_is_taken_as_it_is(tmp_path: Path, name: str) -> None:
    make_model().fit(X, CODES).save(str(tmp_path / name))
    assert [path.name for path in tmp_path.iterdir()] == [name]
    MLPClassifier.load(str(tmp_path / name))


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
    assert (header["format"], header["version"]) == ("skmlp_scratch.MLPClassifier", 2)


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


def test_the_error_names_a_missing_folder(tmp_path: Path) -> None:
    model = make_model().fit(X, CODES)
    with pytest.raises(FileNotFoundError, match=r"no-such-folder'$"):
        model.save(tmp_path / "no-such-folder" / "model.npz")
