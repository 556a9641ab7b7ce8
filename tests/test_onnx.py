"""Models as ONNX graphs: another runtime gives the same labels and probabilities."""

import sys
from functools import cache
from typing import Any

import numpy as np
import onnx
import pandas as pd
import pytest
import skl2onnx
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from onnxruntime import InferenceSession
from scipy import sparse
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_digits
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skmlp_scratch import HiddenFeatures, MLPClassifier
from skmlp_scratch import onnx as ours
from skmlp_scratch._activations import ACTIVATIONS
from skmlp_scratch._losses import LOSSES
from skmlp_scratch.onnx import register_converter, to_onnx

# A few epochs are enough to have something to convert.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

# What single precision costs: every probability is the sum of some hundred products.
TOLERANCE = 1e-5

X, DIGITS = load_digits(return_X_y=True)
X, DIGITS = X[:200], DIGITS[:200]
X.flags.writeable = DIGITS.flags.writeable = False

LABELS: dict[str, Any] = {
    "int": DIGITS + 3,
    "uint8": DIGITS.astype(np.uint8),
    "str": np.array([f"digit {number} ☘" for number in DIGITS]),
    "str objects": np.array([f"digit {number}" for number in DIGITS], dtype=object),
    "float": DIGITS / 1.0,
    "two ints": np.where(DIGITS > 4, 7, -7),
    "two strs": np.where(DIGITS > 4, "large", "small"),
    "bool": DIGITS > 4,
    "one int": np.full(len(X), 5),
    "indicators": DIGITS[:, np.newaxis] >> np.arange(4) & 1,
    "sparse indicators": sparse.csr_matrix(DIGITS[:, np.newaxis] >> np.arange(4) & 1),
}
KINDS = ["int", "two strs", "indicators"]
TYPES = ["float32", "float64", "float16", "uint8", "int32", "bool"]

every_label = pytest.mark.parametrize("labels", LABELS)
every_kind = pytest.mark.parametrize("labels", KINDS)
every_loss = pytest.mark.parametrize("loss", LOSSES)
every_activation = pytest.mark.parametrize("activation", [*ACTIVATIONS, ("relu", "gelu")], ids=str)


@cache
def fitted(labels: str, **parameters: Any) -> MLPClassifier:
    """Return a model that was trained for a moment on digits with labels of a kind."""
    defaults = {"hidden_layer_sizes": (9, 7), "max_iter": 3, "input_scale": 1 / 16}
    model = MLPClassifier(random_state=0, **defaults | parameters)
    return model.fit(X, LABELS[labels])


def run(onnx_model: Any, feed: Any) -> list[Any]:
    """Return what onnxruntime gives for a valid graph: labels and probabilities."""
    onnx.checker.check_model(onnx_model, full_check=True)
    session = InferenceSession(onnx_model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(["label", "probabilities"], feed)


def assert_equal_predictions(
    model: Any, X: Any, labels: NDArray[Any], probabilities: NDArray[Any]
) -> None:
    """Compare what a graph gives with what the model predicts."""
    expected = model.predict(X)
    assert_array_equal(labels, expected.toarray() if sparse.issparse(expected) else expected)
    assert_allclose(probabilities, model.predict_proba(X), rtol=0, atol=TOLERANCE)


# --- a model on its own --------------------------------------------------------------------------


def test_there_are_nodes_for_every_activation_and_loss() -> None:
    assert ours.ACTIVATIONS.keys() == ACTIVATIONS.keys()
    assert ours.LINKS.keys() == {loss for losses in LOSSES.values() for loss in losses.values()}


@every_activation
@every_loss
@every_kind
def test_every_activation_and_loss(labels: str, loss: str, activation: Any) -> None:
    model = fitted(labels, loss=loss, activation=activation)
    rows = X.astype(np.float32)
    assert_equal_predictions(model, rows, *run(to_onnx(model), {"X": rows}))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@every_loss
@every_label
def test_every_label(labels: str, loss: str, dtype: str) -> None:
    model = fitted(labels, loss=loss, dtype=dtype)
    rows = X.astype(np.float32)
    assert_equal_predictions(model, rows, *run(to_onnx(model), {"X": rows}))


@every_activation
@pytest.mark.parametrize("dtype", TYPES)
def test_every_type_of_input(dtype: str, activation: Any) -> None:
    model = fitted("int", activation=activation)
    rows = X.astype(dtype)
    labels, probabilities = run(to_onnx(model, rows), {"X": rows})
    assert_equal_predictions(model, rows, labels, probabilities)
    assert probabilities.dtype == ("float64" if dtype == "float64" else "float32")


@every_loss
@every_kind
def test_double_precision_gives_sixteen_digits(labels: str, loss: str) -> None:
    model = fitted(labels, loss=loss, activation="silu")
    _, probabilities = run(to_onnx(model, X), {"X": X})
    assert_allclose(probabilities, model.predict_proba(X), rtol=0, atol=1e-14)


@every_kind
@pytest.mark.parametrize("sizes", [(), (5,), (5, 4, 3)], ids=str)
def test_every_depth(labels: str, sizes: tuple[int, ...]) -> None:
    model = fitted(labels, hidden_layer_sizes=sizes, activation="tanh")
    rows = X.astype(np.float32)
    assert_equal_predictions(model, rows, *run(to_onnx(model), {"X": rows}))


@every_loss
@every_kind
def test_probabilities_where_all_outputs_of_a_row_underflow(labels: str, loss: str) -> None:
    model = MLPClassifier((), loss=loss, max_iter=1, input_scale=1 / 16, random_state=0)
    model.fit(X.astype(np.float32), LABELS[labels])
    model.coefs_[-1] *= 10
    model.intercepts_[-1] -= 120
    rows = X.astype(np.float32)
    logits = model.decision_function(rows)
    assert (logits.reshape(len(X), -1).max(axis=1) < np.log(np.finfo(np.float32).tiny)).any()
    assert_equal_predictions(model, rows, *run(to_onnx(model), {"X": rows}))


def test_names_types_and_shapes() -> None:
    graph = to_onnx(fitted("str"), X.astype(np.uint8)).graph
    session = InferenceSession(to_onnx(fitted("str"), X.astype(np.uint8)).SerializeToString())
    found = [(v.name, v.type, v.shape) for v in (*session.get_inputs(), *session.get_outputs())]
    assert found == [
        ("X", "tensor(uint8)", [None, 64]),
        ("label", "tensor(string)", [None]),
        ("probabilities", "tensor(float)", [None, 10]),
    ]
    assert len({node.name for node in graph.node}) == len(graph.node)


def test_one_row_at_a_time() -> None:
    model = fitted("int")
    session = InferenceSession(to_onnx(model).SerializeToString())
    for row in X[:3].astype(np.float32):
        labels, probabilities = session.run(None, {"X": row[np.newaxis]})
        assert_equal_predictions(model, row[np.newaxis], labels, probabilities)


def test_the_oldest_format_that_will_do() -> None:
    onnx_model = to_onnx(fitted("int"))
    assert [(opset.domain, opset.version) for opset in onnx_model.opset_import] == [("", 18)]
    assert onnx_model.ir_version == 8


def test_a_data_frame_counts_as_one_input() -> None:
    frame = pd.DataFrame(X.astype(np.float32), columns=[f"pixel {i}" for i in range(64)])
    model = MLPClassifier((5,), max_iter=2, input_scale=1 / 16, random_state=0).fit(frame, DIGITS)
    assert_equal_predictions(model, frame, *run(to_onnx(model, frame), {"X": frame.to_numpy()}))


# --- within other estimators ---------------------------------------------------------------------


@every_activation
@every_loss
@every_kind
def test_pipeline_with_every_activation_and_loss(labels: str, loss: str, activation: Any) -> None:
    pipeline = make_pipeline(
        StandardScaler(),
        MLPClassifier((9, 7), max_iter=3, loss=loss, activation=activation, random_state=0),
    ).fit(X, LABELS[labels])
    rows = X.astype(np.float32)
    assert_equal_predictions(pipeline, rows, *run(to_onnx(pipeline), {"X": rows}))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@every_label
def test_pipeline_with_every_label(labels: str, dtype: str) -> None:
    pipeline = make_pipeline(
        StandardScaler(), MLPClassifier((9,), max_iter=3, input_scale=0.5, random_state=0)
    ).fit(X, LABELS[labels])
    rows = X.astype(dtype)
    found = run(to_onnx(pipeline, rows), {"X": rows})
    assert_equal_predictions(pipeline, rows, *found)
    assert found[1].dtype == dtype


def test_pipeline_on_a_data_frame_of_several_types() -> None:
    frame = pd.DataFrame(X[:, 10:14].astype(np.float32), columns=list("abcd"))
    frame["size"] = np.where(DIGITS > 4, "large", "small")
    columns = make_column_transformer(
        (StandardScaler(), list("abcd")), (OneHotEncoder(sparse_output=False), ["size"])
    )
    pipeline = make_pipeline(columns, MLPClassifier((9,), max_iter=3, random_state=0)).fit(
        frame, DIGITS
    )
    feed = {name: frame[[name]].to_numpy() for name in frame}
    assert_equal_predictions(pipeline, frame, *run(to_onnx(pipeline, frame), feed))


def test_search_on_a_data_frame() -> None:
    """The columns, inputs of their own, reach the network without a step in between."""
    frame = pd.DataFrame(X[:, 10:14].astype(np.float32), columns=list("abcd"))
    search = GridSearchCV(
        MLPClassifier((9,), max_iter=3, random_state=0), {"alpha": [0.1, 1]}, cv=2
    )
    search.fit(frame, DIGITS)
    feed = {name: frame[[name]].to_numpy() for name in frame}
    assert_equal_predictions(search, frame, *run(to_onnx(search, frame), feed))


@pytest.mark.parametrize("labels", ["int", "two ints"])
def test_calibration_takes_the_logits(labels: str) -> None:
    mlp = MLPClassifier((9,), max_iter=3, input_scale=1 / 16, random_state=0)
    model = CalibratedClassifierCV(mlp, cv=2).fit(X, LABELS[labels])
    rows = X.astype(np.float32)
    assert_equal_predictions(model, rows, *run(to_onnx(model), {"X": rows}))


@pytest.mark.parametrize("layer", [0, -1])
@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8"])
def test_hidden_features_before_another_classifier(dtype: str, layer: int) -> None:
    features = HiddenFeatures(fitted("int"), layer=layer)
    pipeline = make_pipeline(features, LogisticRegression(max_iter=1000)).fit(X, DIGITS)
    rows = X.astype(dtype)
    labels, probabilities = run(to_onnx(pipeline, rows[:1]), {"X": rows})
    assert_equal_predictions(pipeline, rows, labels, probabilities)


def test_two_networks_in_one_graph() -> None:
    mlps = [
        (
            activation,
            MLPClassifier((9,), activation, max_iter=3, input_scale=1 / 16, random_state=0),
        )
        for activation in ("relu", "gelu")
    ]
    model = VotingClassifier(mlps, voting="soft", flatten_transform=False).fit(X, DIGITS)
    rows = X.astype(np.float32)
    assert_equal_predictions(model, rows, *run(to_onnx(model), {"X": rows}))


def test_skl2onnx_with_its_own_options() -> None:
    register_converter()
    model, rows = fitted("two strs"), X.astype(np.float32)
    onnx_model = skl2onnx.to_onnx(model, rows[:1])
    session = InferenceSession(onnx_model.SerializeToString())
    labels, probabilities = session.run(["output_label", "output_probability"], {"X": rows})
    columns = np.array([[row["large"], row["small"]] for row in probabilities])
    assert_equal_predictions(model, rows, labels, columns)
    onnx_model = skl2onnx.to_onnx(model, rows[:1], options={"zipmap": False, "raw_scores": True})
    _, scores = run(onnx_model, {"X": rows})
    assert_allclose(scores[:, 1], model.decision_function(rows), rtol=1e-5, atol=1e-5)


# --- what cannot be converted --------------------------------------------------------------------


def test_an_unfitted_model_is_refused() -> None:
    with pytest.raises(NotFittedError):
        to_onnx(MLPClassifier())


def test_dates_are_refused_with_the_remedy() -> None:
    dates = np.array(["2020-02-29", "2021-01-01"], "M8[D]")[DIGITS % 2]
    model = MLPClassifier((2,), "tanh", max_iter=1, input_scale=1 / 16, random_state=0).fit(
        X, dates
    )
    with pytest.raises(ValueError, match=r"classes_ are of type datetime64\[D\], .*strings"):
        to_onnx(model)


@pytest.mark.parametrize("name", ["onnx", "skl2onnx"])
def test_a_missing_package_is_named_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    model = fitted("int")
    if name == "skl2onnx":
        model = make_pipeline(model)
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=rf'needs {name}: pip install "skmlp-scratch\[onnx\]"'):
        to_onnx(model)
