"""What cannot be converted to ONNX."""

import sys
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp_scratch import HiddenFeatures, MLPClassifier
from skmlp_scratch.onnx import to_onnx
from tests._helpers.onnx_graphs import DIGITS, X, assert_equal_predictions, fitted, run


@pytest.mark.parametrize(
    "wrap", [lambda model: model, HiddenFeatures, lambda mlp: make_pipeline(StandardScaler(), mlp)]
)
def test_an_unfitted_model_is_refused(wrap: Any) -> None:
    with pytest.raises(NotFittedError):
        to_onnx(wrap(MLPClassifier()))


def test_dates_are_refused_with_the_remedy() -> None:
    dates = np.array(["2020-02-29", "2021-01-01"], "M8[D]")[DIGITS % 2]
    model = MLPClassifier((2,), "tanh", max_iter=1, input_scale=1 / 16, random_state=0).fit(
        X, dates
    )
    with pytest.raises(ValueError, match=r"classes_ are of type datetime64\[D\], .*strings"):
        to_onnx(model)


@pytest.mark.parametrize("wrap", [lambda model: model, make_pipeline])
def test_classes_that_are_no_64_bit_integers_are_refused_with_the_remedy(wrap: Any) -> None:
    classes = np.array([3, 2**63 - 1, 2**63], np.uint64)
    model = MLPClassifier((2,), "tanh", max_iter=1, input_scale=1 / 16, random_state=0)
    rows = X.astype(np.float32)
    model.fit(rows, classes[DIGITS % 2])
    assert_equal_predictions(model, rows, *run(to_onnx(wrap(model)), {"X": rows}))

    model.fit(rows, classes[DIGITS % 3])
    with pytest.raises(ValueError, match=r"classes_ has 9223372036854775808, .*strings"):
        to_onnx(wrap(model))


def test_objects_that_are_no_strings_are_refused_as_labels() -> None:
    model = MLPClassifier((2,), max_iter=1, input_scale=1 / 16).fit(X, DIGITS)
    model.classes_ = model.classes_.astype(object)
    with pytest.raises(ValueError, match=r"classes_ are of type object, .*strings or integers"):
        to_onnx(model)


@pytest.mark.parametrize("wrap", [lambda features: features, make_pipeline])
def test_a_layer_that_does_not_exist_is_refused(wrap: Any) -> None:
    with pytest.raises(ValueError, match="layer=5 does not exist"):
        to_onnx(wrap(HiddenFeatures(fitted("int"), layer=5)))


def test_only_estimators_are_converted() -> None:
    for model in (MLPClassifier, "digits.onnx", None):
        with pytest.raises(TypeError, match="instance"):
            to_onnx(model)


@pytest.mark.parametrize("name", ["onnx", "skl2onnx"])
def test_the_error_names_a_missing_package_and_the_remedy(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    model = fitted("int")
    if name == "skl2onnx":
        model = make_pipeline(model)
    monkeypatch.setitem(sys.modules, name, None)
    for module in ("_graph", "_skl2onnx"):
        monkeypatch.delitem(sys.modules, f"skmlp_scratch.onnx.{module}", raising=False)
    with pytest.raises(ImportError, match=rf'needs {name}: pip install "skmlp-scratch\[onnx\]"'):
        to_onnx(model)
