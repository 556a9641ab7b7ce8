"""ONNX graphs of pipelines, searches and ensembles that hold our estimators."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    OneHotEncoder,
    PolynomialFeatures,
    StandardScaler,
)

from skmlp_scratch import HiddenFeatures, MLPClassifier
from skmlp_scratch.onnx import to_onnx
from tests._helpers.onnx_graphs import (
    DIGITS,
    LABELS,
    TYPES,
    X,
    assert_equal_outputs,
    assert_equal_predictions,
    every_activation_loss_and_kind,
    every_label,
    fitted,
    input_types,
    run,
)
from tests._helpers.pairwise import all_pairs

pytestmark = pytest.mark.slow  # each is several fits of other people's estimators


INTEGERS = ["int8", "uint16", "uint32", "int64", "uint64"]


@every_activation_loss_and_kind
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


def test_data_frame_of_any_types_and_names() -> None:
    digits = DIGITS.astype(np.uint8)
    frame = pd.DataFrame(
        {
            "a b": X[:, 20].astype(np.uint8),
            "c-d": X[:, 21].astype(np.float16),
            "left out": X[:, 28],
            "flag": DIGITS > 4,
            "nullable": pd.array(digits, dtype="UInt8"),
            "category": pd.Categorical(np.where(DIGITS % 2, "odd", "even")),
            "string": pd.Series(np.where(DIGITS % 3, "other", "third"), dtype="string"),
        }
    )
    columns = make_column_transformer(
        (StandardScaler(), ["a b", "c-d", "nullable"]),
        (OneHotEncoder(sparse_output=False), ["category", "string"]),
        (OneHotEncoder(sparse_output=False), ["flag"]),
    )
    pipeline = make_pipeline(columns, MLPClassifier((9,), max_iter=3, random_state=0))
    pipeline.fit(frame, DIGITS)
    onnx_model = to_onnx(pipeline, frame)
    types = input_types(onnx_model)
    assert [str(dtype) for dtype in types.values()] == [
        *("uint8", "float16", "float64", "bool", "uint8", "object", "object")
    ]
    feed = {
        name: frame[[column]].to_numpy().astype(dtype)
        for column, (name, dtype) in zip(frame, types.items(), strict=True)
    }
    assert_equal_predictions(pipeline, frame, *run(onnx_model, feed))


# The type of the input is the first step's matter; what follows gets its output.
@pytest.mark.parametrize(
    ("step", "dtype"),
    [
        *((StandardScaler, dtype) for dtype in [*TYPES, *INTEGERS]),
        *((step, dtype) for step in (PCA, OneHotEncoder, HiddenFeatures) for dtype in TYPES),
    ],
)
def test_pipeline_with_every_type_of_input(step: Any, dtype: str) -> None:
    """Also with those that skl2onnx's own operators do not take."""
    rows = X[:, 18:22].astype(dtype)
    transformer = (
        step()
        if step is not HiddenFeatures
        else step(MLPClassifier((5,), max_iter=2, random_state=0).fit(rows, DIGITS))
    )
    pipeline = make_pipeline(transformer, MLPClassifier((9,), max_iter=3, random_state=0))
    pipeline.fit(rows, DIGITS)
    onnx_model = to_onnx(pipeline, rows)
    assert input_types(onnx_model) == {"X": dtype}
    # scikit-learn's scalers round float16 to float16 in between; the graph does not.
    exact = rows.astype(np.float32) if dtype == "float16" else rows
    assert_equal_predictions(pipeline, exact, *run(onnx_model, {"X": rows}))


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
def test_calibration(labels: str) -> None:
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


@all_pairs(ending=["alone", "pipeline", "union", "nested"], dtype=TYPES, layer=[0, -1])
def test_hidden_features_as_the_result(ending: str, dtype: str, layer: int) -> None:
    rows = X.astype(dtype)
    features = HiddenFeatures(fitted("int", activation="tanh"), layer=layer)
    model = {
        "alone": features,
        "pipeline": make_pipeline(FunctionTransformer(), features),
        "union": make_union(features, HiddenFeatures(FrozenEstimator(fitted("str")))),
        "nested": make_pipeline(make_pipeline(features)),
    }[ending].fit(rows, DIGITS)
    assert_equal_outputs(model, rows, to_onnx(model, rows), {"X": rows})


OTHERS: dict[str, Any] = {
    "search of pipeline": lambda mlp: GridSearchCV(make_pipeline(StandardScaler(), mlp), {}, cv=2),
    "search in pipeline": lambda mlp: make_pipeline(StandardScaler(), GridSearchCV(mlp, {}, cv=2)),
    "nested": lambda mlp: make_pipeline(make_pipeline(PCA(5)), make_pipeline(PCA(4), mlp)),
    "calibrated": lambda mlp: CalibratedClassifierCV(mlp, cv=2, ensemble=False),
    "calibrated pipeline": lambda mlp: CalibratedClassifierCV(make_pipeline(PCA(5), mlp), cv=2),
    "calibrated nested": lambda mlp: make_pipeline(
        PCA(6),
        CalibratedClassifierCV(make_pipeline(PCA(5), make_pipeline(PCA(4), mlp)), ensemble=False),
    ),
    "calibrated search": lambda mlp: CalibratedClassifierCV(
        GridSearchCV(make_pipeline(PCA(5), mlp), {}, cv=2), cv=2
    ),
    "vote of calibrated": lambda mlp: VotingClassifier(
        [
            ("a", CalibratedClassifierCV(make_pipeline(PCA(5), mlp), cv=2)),
            ("b", make_pipeline(PCA(4), mlp)),
        ],
        voting="soft",
        flatten_transform=False,
    ),
    "calibrated in pipeline": lambda mlp: make_pipeline(PCA(5), CalibratedClassifierCV(mlp, cv=2)),
    "one versus rest": OneVsRestClassifier,
    "bagging": lambda mlp: BaggingClassifier(mlp, n_estimators=2, random_state=0),
    "stacking": lambda mlp: StackingClassifier([("a", mlp), ("b", clone(mlp))], cv=2),
}


@pytest.mark.parametrize("labels", ["str", "two strs"])
@pytest.mark.parametrize("other", OTHERS)
def test_other_estimators(other: str, labels: str) -> None:
    mlp = MLPClassifier((9,), max_iter=3, input_scale=1 / 16, random_state=0)
    model = OTHERS[other](mlp).fit(X, LABELS[labels])
    rows = X.astype(np.float32)
    assert_equal_predictions(model, rows, *run(to_onnx(model), {"X": rows}))


@pytest.mark.parametrize(
    "step", [PolynomialFeatures(), KBinsDiscretizer(3, encode="onehot-dense", strategy="uniform")]
)
def test_a_graph_that_mixes_precisions_is_refused(step: Any) -> None:
    rows = X[:, 10:14]
    model = make_pipeline(step, MLPClassifier((4,), max_iter=3, random_state=0)).fit(rows, DIGITS)
    with pytest.raises(ValueError, match=r"skl2onnx cannot convert(.|\n)*Pass X as float32"):
        to_onnx(model, rows)
    single = rows.astype(np.float32)
    assert_equal_predictions(model, single, *run(to_onnx(model, single), {"X": single}))


def test_one_versus_rest_of_several_labels() -> None:
    mlp = MLPClassifier((9,), max_iter=3, input_scale=1 / 16, random_state=0)
    model = OneVsRestClassifier(mlp).fit(X, LABELS["indicators"])
    rows = X.astype(np.float32)
    assert_equal_predictions(model, rows, *run(to_onnx(model), {"X": rows}))


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
