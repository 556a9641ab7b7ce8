"""Converters that are registered with skl2onnx: of our classes, and of their subclasses."""

from typing import Any

import numpy as np
import pytest
import skl2onnx
from onnxruntime import InferenceSession
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skmlp_scratch import HiddenFeatures, MLPClassifier
from skmlp_scratch.onnx import _skl2onnx, register_converter, to_onnx
from tests._helpers.onnx_graphs import (
    DIGITS,
    LABELS,
    X,
    assert_equal_outputs,
    assert_equal_predictions,
    fitted,
    run,
)

pytestmark = pytest.mark.slow  # each is several fits of other people's estimators


class Subclass(MLPClassifier):
    """As people make them, to change a default for instance."""


class SubSubclass(Subclass):
    pass


class OtherFeatures(HiddenFeatures):
    pass


@pytest.mark.parametrize("labels", ["int", "two strs"])
@pytest.mark.parametrize("kind", [Subclass, SubSubclass])
@pytest.mark.parametrize(
    "wrap",
    [
        lambda mlp: mlp,
        lambda mlp: make_pipeline(PCA(5), mlp),
        lambda mlp: GridSearchCV(mlp, {}, cv=2),
        lambda mlp: CalibratedClassifierCV(make_pipeline(PCA(5), mlp), cv=2),
    ],
)
def test_subclasses_convert_wherever_the_class_does(wrap: Any, kind: Any, labels: str) -> None:
    mlp = kind((9,), max_iter=3, input_scale=1 / 16, random_state=0)
    model = wrap(mlp).fit(X, LABELS[labels])
    rows = X.astype(np.float32)
    assert_equal_predictions(model, rows, *run(to_onnx(model), {"X": rows}))


def test_subclasses_of_the_transformer_convert_too() -> None:
    rows = X.astype(np.float32)
    for model in (OtherFeatures(fitted("int")), make_pipeline(OtherFeatures(fitted("int")))):
        assert_equal_outputs(model, rows, to_onnx(model, rows), {"X": rows})


def test_a_subclass_keeps_a_converter_of_its_own() -> None:
    class Changed(MLPClassifier):
        """As if it predicted something else."""

    def convert(scope: Any, operator: Any, container: Any) -> None:
        _skl2onnx._convert_classifier(scope, operator, container)
        converted.append(operator.raw_operator)

    converted: list[Any] = []
    options = {"zipmap": [False]}
    skl2onnx.update_registered_converter(
        Changed, "Changed", _skl2onnx._set_output_types, convert, options=options
    )
    pipeline = make_pipeline(Changed((2,), max_iter=1, random_state=0)).fit(X, DIGITS)
    to_onnx(pipeline, X)
    assert converted == [pipeline[-1]]


def test_skl2onnx_with_its_own_options() -> None:
    register_converter()
    model, rows = fitted("two strs"), X.astype(np.float32)
    onnx_model = skl2onnx.to_onnx(model, rows[:1])
    session = InferenceSession(onnx_model.SerializeToString())
    labels, probabilities = session.run(["output_label", "output_probability"], {"X": rows})
    columns = np.array([[row["even"], row["odd"]] for row in probabilities])
    assert_equal_predictions(model, rows, labels, columns)
    onnx_model = skl2onnx.to_onnx(model, rows[:1], options={"zipmap": False})
    assert_equal_predictions(model, rows, *run(onnx_model, {"X": rows}))
