"""Frozen estimators, and searches that skl2onnx does not know, convert as what they wrap."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skmlp_scratch import HiddenFeatures
from skmlp_scratch.onnx import to_onnx
from tests._helpers.onnx_graphs import DIGITS, MLP, X, assert_equal_outputs, fitted, input_types

pytestmark = pytest.mark.slow  # each is several fits of other people's estimators


def frozen(model: Any) -> Any:
    """Return a frozen estimator of what is fitted first."""
    return FrozenEstimator(clone(model).fit(X, DIGITS))


WRAPPED: dict[str, Any] = {
    "frozen": lambda: frozen(MLP),
    "frozen twice": lambda: FrozenEstimator(frozen(MLP)),
    "frozen pipeline": lambda: frozen(make_pipeline(StandardScaler(), MLP)),
    "frozen features": lambda: FrozenEstimator(HiddenFeatures(fitted("int"))),
    "last step": lambda: make_pipeline(FunctionTransformer(), frozen(MLP)),
    "first step": lambda: make_pipeline(frozen(PCA(5)), clone(MLP)),
    "frozen step of a frozen pipeline": lambda: frozen(make_pipeline(frozen(PCA(5)), MLP)),
    "columns": lambda: make_pipeline(
        make_column_transformer((FrozenEstimator(StandardScaler().fit(X[:, :9])), list(range(9)))),
        clone(MLP),
    ),
    "calibrated": lambda: CalibratedClassifierCV(frozen(MLP)),
    "calibrated pipeline": lambda: CalibratedClassifierCV(
        frozen(make_pipeline(StandardScaler(), MLP))
    ),
    "calibrated in a pipeline": lambda: make_pipeline(
        FunctionTransformer(), CalibratedClassifierCV(frozen(MLP))
    ),
    "vote": lambda: VotingClassifier(
        [("a", frozen(MLP)), ("b", MLP)], voting="soft", flatten_transform=False
    ),
    "stacking": lambda: StackingClassifier([("a", frozen(MLP))], cv=2),
    "random search": lambda: RandomizedSearchCV(MLP, {"alpha": [0.1]}, n_iter=1, cv=2),
    "random search of a frozen step": lambda: make_pipeline(
        FunctionTransformer(),
        RandomizedSearchCV(
            make_pipeline(frozen(PCA(5)), MLP), {"mlpclassifier__alpha": [0.1]}, n_iter=1, cv=2
        ),
    ),
}


@pytest.mark.parametrize("name", WRAPPED)
def test_frozen_estimators_and_searches_are_what_they_wrap(name: str) -> None:
    model, rows = WRAPPED[name]().fit(X, DIGITS), X.astype(np.float32)
    before = repr(model)
    assert_equal_outputs(model, rows, to_onnx(model, rows), {"X": rows})
    assert repr(model) == before


def test_a_frozen_classifier_takes_a_data_frame_as_one_input() -> None:
    frame = pd.DataFrame(X.astype(np.float32))
    assert list(input_types(to_onnx(FrozenEstimator(fitted("int")), frame))) == ["X"]
