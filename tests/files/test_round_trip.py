"""What `save` writes, `load` reads: everything that a model holds."""

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse

from skmlp_scratch import MLPClassifier
from skmlp_scratch.augmentation import GaussianNoise, ImageDeformation
from tests._helpers.compare import assert_same_model
from tests._helpers.model_files import CODES, LABELS, X, make_model, reload

OPTIONS: dict[str, dict[str, Any]] = {
    "adam": {},
    "sgd": {"solver": "sgd", "learning_rate": "adaptive"},
    "adamw": {"solver": "adamw", "learning_rate": "cosine", "activation": ["gelu", "elu"]},
    "lbfgs": {"solver": "lbfgs"},
    "lbfgs, warm": {"solver": "lbfgs", "warm_start": True},
    "no hidden layers": {"hidden_layer_sizes": ()},
    "dropout": {"dropout": (0.5, 0.0), "input_dropout": 0.1},
    "float32": {"dtype": np.float32},
    "noise": {"augment": GaussianNoise(np.float32(0.1)), "dropout": 0.1},
    "images, warm": {"augment": ImageDeformation((1, 4), shift=0.5), "warm_start": True},
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


@options
def test_all_that_a_model_holds_is_kept(tmp_path: Path, options: dict[str, Any]) -> None:
    model = make_model(**options).fit(X, CODES)
    assert_same_model(reload(model, tmp_path), model)


def test_durations_are_kept(tmp_path: Path) -> None:
    model = make_model().fit(X, np.array([1, 90], "m8[h]")[CODES % 2])
    assert_same_model(reload(model, tmp_path), model)


@options
def test_fit_resumes_exactly(tmp_path: Path, options: dict[str, Any]) -> None:
    model = make_model(**options).fit(X, CODES)
    loaded = reload(model, tmp_path)
    for either in (model, loaded):
        either.fit(X, CODES)
        either.history_["seconds"] = []  # they differ
    assert_same_model(loaded, model)


@options
def test_partial_fit_resumes_exactly(tmp_path: Path, options: dict[str, Any]) -> None:
    if options.get("solver") == "lbfgs":
        options = options | {"solver": "adam"}
    model = make_model(**options | {"early_stopping": False, "scoring": None})
    model.partial_fit(X, CODES, classes=[0, 1, 2]).partial_fit(X[::2], CODES[::2])
    loaded = reload(model, tmp_path)
    for either in (model, loaded):
        either.partial_fit(X, CODES).partial_fit(X[::3], CODES[::3])
        either.history_["seconds"] = []
    assert_same_model(loaded, model)


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_every_kind_of_label(tmp_path: Path, labels: Any) -> None:
    model = make_model(max_iter=1).fit(X, labels)
    loaded = reload(model, tmp_path)
    assert_same_model(loaded, model)
    expected, found = model.predict(X), loaded.predict(X)
    if sparse.issparse(expected):
        expected, found = expected.toarray(), found.toarray()
    assert_array_equal(found, expected, strict=True)


def test_feature_names_are_known(tmp_path: Path) -> None:
    frame = pd.DataFrame(X, columns=["sepal length", "sepal width", "petal length", "☘"])
    model = make_model(max_iter=1).fit(frame, CODES)
    loaded = reload(model, tmp_path)
    assert_same_model(loaded, model)
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
        assert_same_model(getattr(loaded, name), getattr(model, name), name)


@pytest.mark.parametrize("labels", ["bool", "str", "float"])
def test_class_weights_by_label(tmp_path: Path, labels: str) -> None:
    class_weight = dict.fromkeys(np.unique(LABELS[labels]).tolist(), 2)
    model = make_model(class_weight=class_weight).fit(X, LABELS[labels])
    assert_same_model(reload(model, tmp_path).class_weight, class_weight)


def test_class_weights_for_several_labels(tmp_path: Path) -> None:
    class_weight = [{0: 1.0, 1: float(weight)} for weight in range(2, 6)]
    model = make_model(class_weight=class_weight).fit(X, LABELS["indicators"])
    assert_same_model(reload(model, tmp_path).class_weight, class_weight)


def test_a_random_state_is_not_shared_after_loading(tmp_path: Path) -> None:
    model = make_model(random_state=np.random.RandomState(3)).fit(X, CODES)
    loaded = reload(model, tmp_path)
    drawn = model.random_state.uniform(size=3)
    assert_array_equal(loaded.random_state.uniform(size=3), drawn)


def test_weights_mapped_by_joblib_are_saved(tmp_path: Path) -> None:
    model = make_model().fit(X, CODES)
    joblib.dump(model, tmp_path / "model.joblib")
    mapped = joblib.load(tmp_path / "model.joblib", mmap_mode="r")
    assert_same_model(reload(mapped, tmp_path), model)


def test_a_subclass_loads_its_own_files(tmp_path: Path) -> None:
    class Mine(MLPClassifier):
        pass

    make_model().fit(X, CODES).save(tmp_path / "model.npz")
    assert type(Mine.load(tmp_path / "model.npz")) is Mine


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    model = make_model().fit(X, CODES)
    model.save("~/model.npz")
    assert (tmp_path / "model.npz").is_file()
    assert_same_model(MLPClassifier.load(Path("~", "model.npz")), model)
