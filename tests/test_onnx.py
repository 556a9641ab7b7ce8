"""Models as ONNX graphs: another runtime gives the same labels and probabilities."""

import re
import sys
from functools import cache
from typing import Any

import numpy as np
import onnx
import pandas as pd
import polars as pl
import pytest
import skl2onnx
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from onnxruntime import InferenceSession
from scipy import sparse
from sklearn import calibration
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.ensemble import BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    TunedThresholdClassifierCV,
)
from sklearn.multiclass import OneVsRestClassifier, OutputCodeClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    OneHotEncoder,
    StandardScaler,
)

from skmlp_scratch import HiddenFeatures, MLPClassifier
from skmlp_scratch._network.activations import ACTIVATIONS
from skmlp_scratch._network.losses import LOSSES
from skmlp_scratch.onnx import _skl2onnx, register_converter, to_onnx

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


# --- a model on its own --------------------------------------------------------------------------


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


# --- what the rows may be ------------------------------------------------------------------------


def input_types(onnx_model: Any) -> dict[str, Any]:
    """Return the NumPy type of each input."""
    to_dtype = onnx.helper.tensor_dtype_to_np_dtype
    return {x.name: to_dtype(x.type.tensor_type.elem_type) for x in onnx_model.graph.input}


def nullable(rows: NDArray[Any]) -> pd.DataFrame:
    """Return a data frame of pandas' own types."""
    return pd.DataFrame(rows).convert_dtypes()


CONTAINERS: dict[str, Any] = {
    "list": lambda rows: rows.tolist(),
    "tuple": lambda rows: tuple(map(tuple, rows)),
    "list of arrays": list,
    "Fortran": np.asfortranarray,
    "big-endian": lambda rows: rows.astype(rows.dtype.newbyteorder(">")),
    "csr_array": sparse.csr_array,
    "csr_matrix": sparse.csr_matrix,
    "csc_array": sparse.csc_array,
    "coo_array": sparse.coo_array,
}
FRAMES: dict[str, Any] = {"pandas": pd.DataFrame, "nullable": nullable, "polars": pl.DataFrame}


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


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("dtype", ["float64", "int64"])
@pytest.mark.parametrize("kind", ["alone", "pipeline", "features"])
def test_every_container_has_the_type_of_its_values(kind: str, dtype: str, container: str) -> None:
    model, rows = wrapped(kind), X.astype(dtype)
    onnx_model = to_onnx(model, CONTAINERS[container](rows))
    assert input_types(onnx_model) == {"X": dtype}
    assert_equal_outputs(model, rows, onnx_model, {"X": rows})


@pytest.mark.parametrize("kind", ["alone", "pipeline", "features"])
def test_objects_that_are_numbers_are_float64(kind: str) -> None:
    """As which scikit-learn takes them."""
    model = wrapped(kind)
    onnx_model = to_onnx(model, X.astype(np.int64).astype(object))
    assert input_types(onnx_model) == {"X": np.float64}
    assert_equal_outputs(model, X, onnx_model, {"X": X})


@pytest.mark.parametrize("kind", ["alone", "pipeline", "features"])
def test_without_rows_the_graph_takes_single_precision(kind: str) -> None:
    model, rows = wrapped(kind), X.astype(np.float32)
    assert_equal_outputs(model, rows, to_onnx(model), {"X": rows})


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("kind", ["alone", "features"])
def test_a_data_frame_is_one_input_of_what_takes_numbers(kind: str, frame: str) -> None:
    model, rows = wrapped(kind), X.astype(np.float32)
    onnx_model = to_onnx(model, FRAMES[frame](rows))
    assert input_types(onnx_model).keys() == {"X"}
    (dtype,) = input_types(onnx_model).values()
    assert_equal_outputs(model, rows, onnx_model, {"X": rows.astype(dtype)})


@pytest.mark.parametrize("container", [*CONTAINERS.values(), *FRAMES.values()])
@pytest.mark.parametrize("kind", ["alone", "pipeline", "features"])
def test_rows_of_another_width_are_refused(kind: str, container: Any) -> None:
    if kind == "pipeline" and container in FRAMES.values():
        return  # steps may leave columns out
    with pytest.raises(ValueError, match=r"X has shape \(200, 5\), .*shape \(n_samples, 64\)"):
        to_onnx(wrapped(kind), container(X[:, :5]))


@pytest.mark.parametrize("kind", ["alone", "pipeline", "features"])
def test_rows_that_are_none_are_refused(kind: str) -> None:
    model = wrapped(kind)
    with pytest.raises(ValueError, match=r"X has shape \(64,\)"):
        to_onnx(model, X[0])
    for dtype in ("complex128", "datetime64[s]"):
        with pytest.raises(ValueError, match=f"X has values of type {re.escape(dtype)}"):
            to_onnx(model, X.astype("int64").astype(dtype))
    with pytest.raises(ValueError, match=r"X has values of type object, .*X\.astype"):
        to_onnx(model, np.full((3, 64), None))
    if kind != "pipeline":
        with pytest.raises(ValueError, match="X holds strings"):
            to_onnx(model, X.astype(str))


def test_rows_are_needed_where_their_width_is_not_known() -> None:
    pipeline = make_pipeline(FunctionTransformer(), fitted("int"))
    with pytest.raises(ValueError, match="X is needed, as Pipeline does not know"):
        to_onnx(pipeline)
    rows = X.astype(np.float32)
    assert_equal_predictions(pipeline, rows, *run(to_onnx(pipeline, rows), {"X": rows}))


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


@pytest.mark.parametrize("dtype", [*TYPES, "int8", "uint16", "uint32", "int64", "uint64"])
@pytest.mark.parametrize("step", [StandardScaler, PCA, OneHotEncoder, HiddenFeatures])
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


class ArrowTable:
    """As much of Arrow's table as is needed. Its `columns` are arrays, not names."""

    def __init__(self, columns: dict[str, NDArray[Any]]) -> None:
        self.column_names = list(columns)
        self.columns = list(columns.values())
        self.shape = len(self.columns[0]), len(columns)

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[self.column_names.index(name)]


def test_arrow_table() -> None:
    columns = {f"pixel {i}": column for i, column in enumerate(X.astype(np.float32).T)}
    table, rows = ArrowTable(columns), X.astype(np.float32)
    assert_equal_outputs(fitted("int"), rows, to_onnx(fitted("int"), table), {"X": rows})
    inputs = input_types(to_onnx(wrapped("pipeline"), table))
    assert list(inputs) == [f"pixel_{i}" for i in range(64)]


def test_columns_of_one_name_are_refused() -> None:
    frame = pd.DataFrame(X[:, :3], columns=["a", "b", "a"])
    pipeline = make_pipeline(StandardScaler(), MLPClassifier((2,), max_iter=1)).fit(
        X[:, :3], DIGITS
    )
    with pytest.raises(ValueError, match=r"several columns 'a', .*Rename"):
        to_onnx(pipeline, frame)


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


@pytest.mark.parametrize("layer", [0, -1])
@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("ending", ["alone", "pipeline", "union", "nested"])
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


@pytest.mark.parametrize("labels", ["int", "str", "two strs"])
@pytest.mark.parametrize("other", OTHERS)
def test_other_estimators(other: str, labels: str) -> None:
    mlp = MLPClassifier((9,), max_iter=3, input_scale=1 / 16, random_state=0)
    model = OTHERS[other](mlp).fit(X, LABELS[labels])
    rows = X.astype(np.float32)
    assert_equal_predictions(model, rows, *run(to_onnx(model), {"X": rows}))


def test_one_versus_rest_of_several_labels() -> None:
    mlp = MLPClassifier((9,), max_iter=3, input_scale=1 / 16, random_state=0)
    model = OneVsRestClassifier(mlp).fit(X, LABELS["indicators"])
    rows = X.astype(np.float32)
    assert_equal_predictions(model, rows, *run(to_onnx(model), {"X": rows}))


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
    pipeline = make_pipeline(Changed((2,), max_iter=1)).fit(X, DIGITS)
    to_onnx(pipeline, X)
    assert converted == [pipeline[-1]]


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
    onnx_model = skl2onnx.to_onnx(model, rows[:1], options={"zipmap": False})
    assert_equal_predictions(model, rows, *run(onnx_model, {"X": rows}))


def frozen(model: Any) -> Any:
    """Return a frozen estimator of what is fitted first."""
    return FrozenEstimator(model.fit(X, DIGITS))


MLP = MLPClassifier((9,), max_iter=3, input_scale=1 / 16, random_state=0)

# What a part wraps stands in its place.
WRAPPED: dict[str, Any] = {
    "frozen": lambda: frozen(clone(MLP)),
    "frozen twice": lambda: FrozenEstimator(frozen(clone(MLP))),
    "frozen pipeline": lambda: frozen(make_pipeline(StandardScaler(), clone(MLP))),
    "frozen features": lambda: FrozenEstimator(HiddenFeatures(fitted("int"))),
    "last step": lambda: make_pipeline(FunctionTransformer(), frozen(clone(MLP))),
    "first step": lambda: make_pipeline(frozen(PCA(5)), clone(MLP)),
    "frozen step of a frozen pipeline": lambda: frozen(make_pipeline(frozen(PCA(5)), clone(MLP))),
    "columns": lambda: make_pipeline(
        make_column_transformer((FrozenEstimator(StandardScaler().fit(X[:, :9])), list(range(9)))),
        MLP,
    ),
    "calibrated": lambda: CalibratedClassifierCV(frozen(clone(MLP))),
    "calibrated pipeline": lambda: CalibratedClassifierCV(
        frozen(make_pipeline(StandardScaler(), clone(MLP)))
    ),
    "calibrated in a pipeline": lambda: make_pipeline(
        FunctionTransformer(), CalibratedClassifierCV(frozen(clone(MLP)))
    ),
    "vote": lambda: VotingClassifier(
        [("a", frozen(clone(MLP))), ("b", clone(MLP))], voting="soft", flatten_transform=False
    ),
    "stacking": lambda: StackingClassifier([("a", frozen(clone(MLP)))], cv=2),
    "random search": lambda: RandomizedSearchCV(clone(MLP), {"alpha": [0.1]}, n_iter=1, cv=2),
    "random search of a frozen step": lambda: make_pipeline(
        FunctionTransformer(),
        RandomizedSearchCV(
            make_pipeline(frozen(PCA(5)), clone(MLP)),
            {"mlpclassifier__alpha": [0.1]},
            n_iter=1,
            cv=2,
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


# --- what cannot be converted --------------------------------------------------------------------


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


@pytest.mark.parametrize("wrap", [lambda features: features, make_pipeline])
def test_a_layer_that_does_not_exist_is_refused(wrap: Any) -> None:
    with pytest.raises(ValueError, match="layer=5 does not exist"):
        to_onnx(wrap(HiddenFeatures(fitted("int"), layer=5)))


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
        r"cannot convert this Pipeline: FunctionTransformer .*\nReplace the part",
    ),
}


@pytest.mark.parametrize("name", NOT_CONVERTED)
def test_parts_that_are_not_converted_are_named_with_the_remedy(name: str) -> None:
    model, message = NOT_CONVERTED[name]
    model = clone(model).fit(X, LABELS["two ints"])
    with pytest.raises(ValueError, match=message):
        to_onnx(model, X)


@pytest.mark.skipif(
    not hasattr(calibration, "_TemperatureScaling"),
    reason="scikit-learn calibrates by temperature since 1.8",
)
def test_temperature_is_named_with_the_remedy() -> None:
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
def test_labels_of_other_estimators_that_are_not_converted(
    make: Any, classes: NDArray[Any], message: str
) -> None:
    """Which skl2onnx would cut off, or complain about in its own code."""
    model = make().fit(X, classes[DIGITS])
    with pytest.raises(ValueError, match=rf"classes_ of \w+ .*{message}"):
        to_onnx(model, X)


def test_objects_that_are_no_strings_are_refused_as_labels() -> None:
    model = clone(MLP).fit(X, DIGITS)
    model.classes_ = model.classes_.astype(object)
    with pytest.raises(ValueError, match=r"classes_ are of type object, .*strings or integers"):
        to_onnx(model)


def test_what_is_no_estimator_is_refused() -> None:
    for model in (MLPClassifier, "digits.onnx", None):
        with pytest.raises(TypeError, match="instance"):
            to_onnx(model)


@pytest.mark.parametrize("name", ["onnx", "skl2onnx"])
def test_a_missing_package_is_named_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    model = fitted("int")
    if name == "skl2onnx":
        model = make_pipeline(model)
    monkeypatch.setitem(sys.modules, name, None)
    for module in ("_graph", "_skl2onnx"):
        monkeypatch.delitem(sys.modules, f"skmlp_scratch.onnx.{module}")
    with pytest.raises(ImportError, match=rf'needs {name}: pip install "skmlp-scratch\[onnx\]"'):
        to_onnx(model)
