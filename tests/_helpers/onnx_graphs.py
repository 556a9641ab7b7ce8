"""Models to convert to ONNX, and the runtime."""

from functools import cache
from typing import Any

import onnx
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from onnxruntime import InferenceSession
from scipy import sparse
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler

from skmlp_scratch import HiddenFeatures, MLPClassifier
from skmlp_scratch._network.activations import ACTIVATIONS
from skmlp_scratch._network.losses import LOSSES
from tests._helpers import data
from tests._helpers.pairwise import all_pairs

# What single precision costs: every probability is the sum of some hundred products.
TOLERANCE = 1e-5
X, DIGITS = load_digits(return_X_y=True)
X, DIGITS = X[:200], DIGITS[:200]
X.flags.writeable = DIGITS.flags.writeable = False
LABELS = {name: label(DIGITS) for name, label in data.LABELS.items() if name != "dates"}
KINDS = ["int", "two strs", "indicators"]
TYPES = ["float32", "float64", "float16", "uint8", "int32", "bool"]
every_label = pytest.mark.parametrize("labels", LABELS)
every_kind = pytest.mark.parametrize("labels", KINDS)
every_loss = pytest.mark.parametrize("loss", LOSSES)
every_activation_loss_and_kind = all_pairs(
    labels=KINDS, loss=LOSSES, activation=[*ACTIVATIONS, ("relu", "gelu")]
)
every_activation = pytest.mark.parametrize("activation", [*ACTIVATIONS, ("relu", "gelu")], ids=str)


# To be fitted within other estimators, which copy it.
MLP = MLPClassifier((9,), max_iter=3, input_scale=1 / 16, random_state=0)


@cache
def fitted(labels: str, **parameters: Any) -> MLPClassifier:
    """Return a model that was trained for a moment on digits with labels of a kind."""
    defaults: dict[str, Any] = {"hidden_layer_sizes": (9, 7), "max_iter": 3, "input_scale": 1 / 16}
    model = MLPClassifier(random_state=0, **defaults | parameters)
    return model.fit(X, LABELS[labels])


def run(onnx_model: Any, feed: Any, *outputs: str) -> list[Any]:
    """Return what onnxruntime gives for a valid graph, by default labels and probabilities."""
    outputs = outputs or ("label", "probabilities")
    onnx.checker.check_model(onnx_model, full_check=True)
    session = InferenceSession(onnx_model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run([*outputs], feed)


def assert_equal_predictions(
    model: Any, X: Any, labels: NDArray[Any], probabilities: NDArray[Any]
) -> None:
    """Compare what a graph gives with what the model predicts."""
    expected = model.predict(X)
    assert_array_equal(labels, expected.toarray() if sparse.issparse(expected) else expected)
    assert_allclose(probabilities, model.predict_proba(X), rtol=0, atol=TOLERANCE)


def input_types(onnx_model: Any) -> dict[str, Any]:
    """Return the NumPy type of each input."""
    to_dtype = onnx.helper.tensor_dtype_to_np_dtype
    return {x.name: to_dtype(x.type.tensor_type.elem_type) for x in onnx_model.graph.input}


def nullable(rows: NDArray[Any]) -> pd.DataFrame:
    """Return a data frame of pandas' own types."""
    return pd.DataFrame(rows).convert_dtypes()


@cache
def wrapped(name: str) -> Any:
    """Return a fitted estimator of one of the kinds that are converted in different ways."""
    return {
        "alone": lambda: fitted("int"),
        "pipeline": lambda: make_pipeline(MaxAbsScaler(), MLPClassifier((9,), max_iter=3)),
        "features": lambda: HiddenFeatures(fitted("int")),
    }[name]().fit(X, DIGITS)


def expected_outputs(model: Any, rows: Any) -> dict[str, NDArray[Any]]:
    """Return what a graph should give, by name."""
    if hasattr(model, "predict"):
        return {"label": model.predict(rows), "probabilities": model.predict_proba(rows)}
    return {"features": model.transform(rows)}


def assert_equal_outputs(model: Any, rows: Any, onnx_model: Any, feed: Any) -> None:
    """Compare what a graph gives with what the model does."""
    expected = expected_outputs(model, rows)
    found = run(onnx_model, feed, *expected)
    for theirs, outputs in zip(found, expected.values(), strict=True):
        if outputs.dtype.kind == "f":
            assert_allclose(theirs, outputs, rtol=0, atol=TOLERANCE)
        else:
            assert_array_equal(theirs, outputs)
