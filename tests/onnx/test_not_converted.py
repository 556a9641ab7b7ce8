"""Parts of other estimators that are not converted: the error names them, and the remedy."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import calibration
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import PCA
from sklearn.ensemble import BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.model_selection import GridSearchCV, TunedThresholdClassifierCV
from sklearn.multiclass import OneVsRestClassifier, OutputCodeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skmlp_scratch.onnx import to_onnx
from tests._helpers.onnx_graphs import DIGITS, LABELS, MLP, X

pytestmark = pytest.mark.slow  # each is several fits of other people's estimators


class Scaler(StandardScaler):  # type: ignore[misc]
    """Which skl2onnx does not know, as it knows no inheritance."""


NOT_CONVERTED: dict[str, tuple[Any, str]] = {
    "isotonic": (
        CalibratedClassifierCV(MLP, method="isotonic", cv=2),
        r"CalibratedClassifierCV with method='isotonic' .*method='sigmoid'",
    ),
    "isotonic in a pipeline": (
        make_pipeline(PCA(5), CalibratedClassifierCV(MLP, method="isotonic", cv=2)),
        r"CalibratedClassifierCV with method='isotonic' .*method='sigmoid'",
    ),
    "tuned threshold": (
        TunedThresholdClassifierCV(MLP, cv=2),
        r"TunedThresholdClassifierCV with a tuned threshold .*estimator_ .*best_threshold_",
    ),
    "vote": (
        VotingClassifier([("a", MLP)], voting="soft"),
        r"VotingClassifier with flatten_transform=True .*flatten_transform=False",
    ),
    "stacking of labels": (
        StackingClassifier([("a", MLP)], cv=2, stack_method="predict"),
        r"StackingClassifier with stack_method='predict' .*stack_method='predict_proba'",
    ),
    "output codes": (
        OutputCodeClassifier(MLP),
        r"no converter for OutputCodeClassifier\. Register .*update_registered_converter",
    ),
    "subclass": (
        make_pipeline(Scaler(), MLP),
        r"no converter for Scaler\. Register .*update_registered_converter",
    ),
    "subclass in a search": (
        GridSearchCV(make_pipeline(Scaler(), MLP), {}, cv=2),
        r"no converter for Scaler\. Register .*update_registered_converter",
    ),
    "function": (
        make_pipeline(FunctionTransformer(np.log1p), MLP),
        r"cannot convert this Pipeline: FunctionTransformer .*\n.*eplace the part",
    ),
}


@pytest.mark.parametrize("name", NOT_CONVERTED)
def test_the_error_names_the_part_and_the_remedy(name: str) -> None:
    model, message = NOT_CONVERTED[name]
    model = clone(model).fit(X, LABELS["two ints"])
    with pytest.raises(ValueError, match=message):
        to_onnx(model, X)


@pytest.mark.skipif(
    not hasattr(calibration, "_TemperatureScaling"),
    reason="scikit-learn calibrates by temperature since 1.8",
)
def test_the_error_names_calibration_by_temperature_and_the_remedy() -> None:
    model = CalibratedClassifierCV(MLP, method="temperature", cv=2).fit(X, DIGITS)
    with pytest.raises(ValueError, match=r"method='temperature' .*method='sigmoid'"):
        to_onnx(model)


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (np.arange(10, dtype=np.uint8), r"of type uint8, .*y\.astype\(np\.int64\)"),
        (np.arange(10).astype("M8[D]"), r"of type datetime64\[D\], .*strings"),
        (np.arange(10) - 2**40, "has -1099511627776, .*strings"),
        (np.arange(10) + 2.0**31, "has 2147483648.0, .*strings"),
    ],
    ids=["unsigned", "dates", "large", "large floats"],
)
@pytest.mark.parametrize(
    "make",
    [
        lambda: CalibratedClassifierCV(MLP, cv=2),
        lambda: make_pipeline(PCA(5), BaggingClassifier(MLP, n_estimators=2)),
        lambda: OneVsRestClassifier(MLP),
    ],
    ids=["calibrated", "bagging", "one versus rest"],
)
def test_labels_that_are_not_converted_are_refused(
    make: Any, classes: NDArray[Any], message: str
) -> None:
    """Which skl2onnx would cut off, or complain about in its own code."""
    model = make().fit(X, classes[DIGITS])
    with pytest.raises(ValueError, match=rf"classes_ of \w+ .*{message}"):
        to_onnx(model, X)
