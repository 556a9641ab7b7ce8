"""Two equal fits are equal bytes, so that caches and stores of models know them by their hash."""

import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from dask.base import tokenize
from sklearn.base import clone
from sklearn.neural_network import MLPClassifier as Theirs

from skmlp_scratch import MLPClassifier as Ours
from tests._helpers.data import Data
from tests._helpers.ecosystem import Kind
from tests._helpers.models import SOLVERS, make_model
from tests._helpers.pairwise import all_pairs
from tests._helpers.paths import ROOT
from tests._helpers.pickling import make_problem

pytestmark = pytest.mark.slow  # many formats, and processes

# What is fitted on: rows, and labels.
INPUTS: dict[str, Callable[[Any, Any], tuple[Any, Any]]] = {
    "int": lambda X, y: (X, y),
    "str": lambda X, y: (X, y.astype(str)),
    "objects": lambda X, y: (X, y.astype(str).astype(object)),
    "indicators": lambda X, y: (X, y[:, np.newaxis] >> np.arange(4) & 1),
    "frame": lambda X, y: (pd.DataFrame(X).rename(columns="pixel {}".format), y),
    "float32": lambda X, y: (X.astype(np.float32), y),
}
OPTIONS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "RandomState": {"random_state": np.random.RandomState(7)},
    "of our own": {"dropout": 0.1, "class_weight": "balanced", "activation": ["gelu", "tanh"]},
}


def skops_content(model: Any) -> Any:
    """Return what skops writes, without the addresses in memory and the times that it adds."""
    archive = ZipFile(BytesIO(skops.io.dumps(model)))

    def strip(node: Any) -> Any:
        if isinstance(node, list):
            return [strip(item) for item in node]
        if not isinstance(node, dict):
            return node
        content = {key: strip(item) for key, item in node.items() if key != "__id__"}
        return content | {"file": archive.read(node["file"])} if "file" in node else content

    return strip(json.loads(archive.read("schema.json")))


@all_pairs(
    solver=SOLVERS,
    warm_start=[False, True],
    early_stopping=[False, True],
    inputs=INPUTS,
    options=OPTIONS,
    calls=["fit", "twice", "partial_fit"],
)
@pytest.mark.filterwarnings("ignore:learning_rate")
def test_equal_fits_are_equal_bytes(
    solver: str,
    warm_start: bool,
    early_stopping: bool,
    inputs: str,
    options: str,
    calls: str,
    tmp_path: Path,
) -> None:
    X, y = INPUTS[inputs](*make_problem("multiclass"))
    if solver == "lbfgs" and options == "of our own":
        options = "defaults"

    def fitted() -> Any:
        model = make_model(
            hidden_layer_sizes=(12, 9),
            max_iter=3,
            solver=solver,
            warm_start=warm_start,
            early_stopping=early_stopping,
            **deepcopy(OPTIONS[options]),
        ).fit(X, y)
        if calls == "twice":
            model.fit(X, y)
        elif calls == "partial_fit" and solver != "lbfgs":
            model.set_params(early_stopping=False, class_weight=None)
            model.partial_fit(X, y)
        return model

    models = fitted(), fitted()
    for number, model in enumerate(models):
        model.save(tmp_path / f"{number}.npz")
    assert (tmp_path / "0.npz").read_bytes() == (tmp_path / "1.npz").read_bytes()
    for digest in (joblib.hash, pickle.dumps, tokenize, skops_content):
        assert digest(models[0]) == digest(models[1]), digest.__name__
    copies = [pickle.loads(pickle.dumps(models[0])), deepcopy(models[0])]
    assert {joblib.hash(copy) for copy in copies} == {joblib.hash(models[0])}
    loaded = [Ours.load(tmp_path / name) for name in ("0.npz", "1.npz")]
    assert joblib.hash(loaded[0]) == joblib.hash(loaded[1])


def test_unequal_fits_are_unequal_bytes(iris: Data) -> None:
    models = [make_model(max_iter=n_epochs).fit(*iris) for n_epochs in (2, 3)]
    models.append(clone(models[0]).set_params(random_state=1).fit(*iris))
    for digest in (joblib.hash, pickle.dumps, tokenize):
        assert len({digest(model) for model in models}) == 3


CODE = """
import hashlib, joblib, pickle, sys
from tests._helpers.models import make_model
from tests._helpers.pickling import make_problem

model = make_model(max_iter=3, warm_start=True).fit(*make_problem("string"))
model.save(sys.argv[1])
content = open(sys.argv[1], "rb").read()
print(joblib.hash(model), *(hashlib.md5(c).hexdigest() for c in (pickle.dumps(model), content)))
"""


def test_other_processes_make_the_same_bytes(tmp_path: Path) -> None:
    """Whatever order sets have there, and however far the clock has gone on."""
    hashes = {
        subprocess.run(  # noqa: S603
            [sys.executable, "-c", CODE, str(tmp_path / "model.npz")],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(hashes) == 1


def test_memory_knows_an_equal_model(iris: Data, tmp_path: Path) -> None:
    calls = []

    def evaluate(model: Any) -> float:
        calls.append(model)
        return float(model.score(*iris))

    cached = joblib.Memory(tmp_path, verbose=0).cache(evaluate)
    scores = {cached(make_model().fit(*iris)) for _ in range(3)}
    assert len(scores) == len(calls) == 1


@pytest.mark.parametrize("solver", SOLVERS)
def test_seconds_stay_in_the_session(iris: Data, solver: str, tmp_path: Path) -> None:
    model = make_model(solver=solver).fit(*iris)
    model.save(tmp_path / "model.npz")
    seconds = np.array(model.history_["seconds"])
    assert seconds.shape == (model.n_iter_,)
    assert (seconds > 0).all()

    content = skops.io.dumps(model)
    copies = [
        pickle.loads(pickle.dumps(model)),
        deepcopy(model),
        Ours.load(tmp_path / "model.npz"),
        skops.io.loads(content, trusted=skops.io.get_untrusted_types(data=content)),
    ]
    for copy in copies:
        history = copy.history_
        assert np.isnan(history.pop("seconds")).all()
        for name, column in history.items():
            np.testing.assert_array_equal(column, model.history_[name])
    np.testing.assert_array_equal(model.history_["seconds"], seconds)


def test_seconds_continue_after_a_copy(iris: Data) -> None:
    model = make_model(warm_start=True, max_iter=2).fit(*iris)
    copy = pickle.loads(pickle.dumps(model)).fit(*iris)
    np.testing.assert_array_equal(np.isnan(copy.history_["seconds"]), [True, True, False, False])
    assert joblib.hash(copy) == joblib.hash(model.fit(*iris))


# --- size -----------------------------------------------------------------------------------------


def after(kind: Kind, n_epochs: int, **options: Any) -> Any:
    X, y = make_problem("multiclass")
    return kind(
        (12, 9),
        max_iter=n_epochs,
        tol=0,
        n_iter_no_change=10_000,
        random_state=0,
        learning_rate_init=0.002,
        **options,
    ).fit(X, y)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_many_epochs_are_few_bytes(early_stopping: bool) -> None:
    """Six numbers of 8 bytes for each epoch; scikit-learn's curve has a file for each number."""
    options = {"early_stopping": early_stopping, "validation_fraction": 0.2}
    few, many = (len(skops.io.dumps(after(Ours, n, **options))) for n in (2, 200))
    theirs = len(skops.io.dumps(after(Theirs, 200, **options)))
    assert many <= 1.1 * few + 198 * 6 * 8
    assert many < theirs
