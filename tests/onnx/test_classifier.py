"""A model as an ONNX graph: another runtime gives the same labels and probabilities."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from onnxruntime import InferenceSession

from skmlp_scratch import MLPClassifier
from skmlp_scratch._network.losses import LOSSES
from skmlp_scratch.onnx import to_onnx
from tests._helpers.onnx_graphs import (
    DIGITS,
    LABELS,
    TYPES,
    X,
    assert_equal_predictions,
    every_activation,
    every_activation_loss_and_kind,
    every_kind,
    every_loss,
    fitted,
    run,
)
from tests._helpers.pairwise import all_pairs


@every_activation_loss_and_kind
def test_every_activation_and_loss(labels: str, loss: str, activation: Any) -> None:
    model = fitted(labels, loss=loss, activation=activation)
    rows = X.astype(np.float32)
    assert_equal_predictions(model, rows, *run(to_onnx(model), {"X": rows}))


@pytest.mark.thread("https://github.com/onnx/sklearn-onnx/pull/315")
@pytest.mark.thread("https://github.com/onnx/sklearn-onnx/pull/354")
@all_pairs(labels=LABELS, loss=LOSSES, dtype=["float32", "float64"])
def test_every_label(labels: str, loss: str, dtype: str) -> None:
    model = fitted(labels, loss=loss, dtype=dtype)
    rows = X.astype(np.float32)
    assert_equal_predictions(model, rows, *run(to_onnx(model), {"X": rows}))


@pytest.mark.thread("https://github.com/onnx/sklearn-onnx/issues/182")
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
    logits = model.logits(rows)
    assert (logits.max(axis=1) < np.log(np.finfo(np.float32).tiny)).any()
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
