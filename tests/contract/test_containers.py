"""Rows in any container and of any type, and the precision that they are computed in."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from scipy import sparse
from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier

from skmlp_scratch import MLPClassifier
from tests._helpers.compare import same_parameters
from tests._helpers.data import Data
from tests._helpers.models import make_model
from tests._helpers.pairwise import all_pairs


def to_memmap(X: NDArray[Any], folder: Path) -> NDArray[Any]:
    """Return X as a read-only memory map."""
    np.save(folder / "X.npy", X)
    return np.load(folder / "X.npy", mmap_mode="r")


CONTAINERS: dict[str, Callable[[NDArray[Any], Path], Any]] = {
    "list": lambda X, _: X.tolist(),
    "strings": lambda X, _: X.astype(str),
    "list of strings": lambda X, _: X.astype(str).tolist(),
    "pandas": lambda X, _: pd.DataFrame(X),
    "pandas of both precisions": lambda X, _: pd.DataFrame(X).astype({0: np.float32}),
    "polars": lambda X, _: pl.DataFrame(X),
    "Fortran": lambda X, _: np.asfortranarray(X),
    "writeable": lambda X, _: X.copy(),
    "memory map": to_memmap,
    "every other row": lambda X, _: np.repeat(X, 2, axis=0)[::2],
    "every other column": lambda X, _: np.repeat(X, 2, axis=1)[:, ::2],
    "backwards": lambda X, _: X[::-1, ::-1].copy()[::-1, ::-1],
    "not aligned": lambda X, _: np.frombuffer(b"." + X.tobytes(), X.dtype, offset=1).reshape(
        X.shape
    ),
    "big-endian": lambda X, _: X.astype(">f8"),
    "longdouble": lambda X, _: X.astype(np.longdouble),
}
SPARSE = [
    sparse.csr_array,
    sparse.csr_matrix,
    sparse.csc_array,
    sparse.csc_matrix,
    sparse.coo_array,
]


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("kind", CONTAINERS)
def test_dense_input_of_any_kind(
    multiclass: Data, kind: str, shuffle: bool, tmp_path: Path
) -> None:
    """Pixels are sixteenths, which every one of these types can hold."""
    X, y = multiclass
    reference = make_model(shuffle=shuffle).fit(X, y)
    data = CONTAINERS[kind](X, tmp_path)
    model = make_model(shuffle=shuffle).fit(data, y)
    assert same_parameters(model, reference)
    assert_allclose(model.predict_proba(data), reference.predict_proba(X), rtol=1e-12)


@all_pairs(container=SPARSE, early_stopping=[True, False], shuffle=[True, False])
def test_sparse_input(
    multiclass: Data, container: Callable[[Any], Any], early_stopping: bool, shuffle: bool
) -> None:
    X, y = multiclass
    options = {"shuffle": shuffle, "early_stopping": early_stopping}
    reference, model = make_model(**options).fit(X, y), make_model(**options).fit(container(X), y)
    for a, b in zip(model.coefs_, reference.coefs_, strict=True):
        assert_allclose(a, b, rtol=1e-6)
    for method in ["predict", "predict_proba", "predict_log_proba", "logits"]:
        predict = getattr(model, method)
        assert isinstance(predict(container(X)), np.ndarray)
        assert_allclose(predict(container(X)), predict(X), rtol=1e-9)


@pytest.mark.parametrize("index_type", [np.int32, np.int64])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8, bool])
def test_sparse_input_of_any_type(multiclass: Data, dtype: Any, index_type: Any) -> None:
    X, y = multiclass
    X = sparse.csr_array((X * 16).astype(dtype))
    X.indices, X.indptr = X.indices.astype(index_type), X.indptr.astype(index_type)
    model = make_model().fit(X, y)
    reference = make_model().fit(X.astype(model.coefs_[0].dtype), y)
    assert_allclose(model.predict_proba(X), reference.predict_proba(X), rtol=1e-5)


TYPES = {
    "float32": "float32",
    "float64": "float64",
    "float16": "float32",
    "longdouble": "float64",
    ">f4": "float32",
    ">f8": "float64",
    "uint8": "float32",
    "int8": "float32",
    "int64": "float32",
    ">i2": "float32",
    "bool": "float32",
}


def assert_computes_in(model: MLPClassifier, dtype: Any, X: NDArray[Any]) -> None:
    """Check the type of all that is learned and predicted, whatever the type of the rows."""
    assert {part.dtype for part in [*model.coefs_, *model.intercepts_]} == {np.dtype(dtype)}
    assert isinstance(model.loss_, float)
    for kind in (X.dtype, np.float64, np.float32, np.int16):
        # As in scikit-learn, in double precision unless both are in single precision.
        is_single = {np.dtype(dtype), np.dtype(kind)} == {np.dtype(np.float32)}
        expected = np.float32 if is_single else np.float64
        for method in ["predict_proba", "predict_log_proba", "logits"]:
            assert getattr(model, method)(X.astype(kind)).dtype == expected


@pytest.mark.parametrize("override", [None, "float32", "float64", np.float32, np.float64])
@pytest.mark.parametrize("dtype", TYPES)
def test_precision(multiclass: Data, dtype: str, override: Any) -> None:
    X, y = (multiclass[0] * 16).astype(dtype), multiclass[1]
    expected = np.dtype(override or TYPES[dtype])
    model = make_model(dtype=override, max_iter=3).fit(X, y)
    assert_computes_in(model, expected, X)
    # A batch at a time is cast as the whole would be.
    assert same_parameters(model, make_model(max_iter=3).fit(X.astype(expected), y))


FRAMES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "float32": lambda frame: frame,
    "float64": lambda frame: frame.astype(np.float64),
    "both": lambda frame: frame.astype({"a": np.float64}),
    "beside integers": lambda frame: frame.astype({"a": int}),
    "nullable": lambda frame: frame.astype("Float32"),
    "polars": lambda frame: pl.DataFrame(frame.to_dict("series")),
    "arrow": pa.table,
}


@pytest.mark.parametrize("kind", FRAMES)
def test_probabilities_of_a_frame_are_of_the_type_of_scikit_learns(iris: Data, kind: str) -> None:
    X = FRAMES[kind](pd.DataFrame(iris[0].astype(np.float32), columns=list("abcd")))
    types = [
        model.partial_fit(X, iris[1], classes=[0, 1, 2]).predict_proba(X).dtype
        for model in (make_model(), SklearnMLPClassifier((4,)))
    ]
    assert types[0] == types[1]


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/pull/17759")
@all_pairs(
    indirect=["problem"],
    problem=["binary", "multiclass", "multilabel"],
    dtype=["float32", "float64"],
    solver=["adam", "sgd", "lbfgs"],
    early_stopping=[True, False],
)
def test_precision_of_each_solver(
    problem: Data, dtype: str, solver: str, early_stopping: bool
) -> None:
    X, y = problem[0].astype(dtype), problem[1]
    model = make_model(solver=solver, early_stopping=early_stopping, max_iter=3).fit(X, y)
    assert_computes_in(model, dtype, X)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_precision_of_a_model_trained_step_by_step(multiclass: Data, dtype: str) -> None:
    """The first call decides."""
    X, y = multiclass
    model = make_model().partial_fit(X.astype(dtype), y, classes=range(10))
    for other in ["float32", "float64", "float16"]:
        model.partial_fit(X.astype(other), y)
    assert_computes_in(model, dtype, X)


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/pull/24873")
@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
@pytest.mark.parametrize("early_stopping", [True, False])
def test_feature_names(iris: Data, make: Callable[[Any], Any], early_stopping: bool) -> None:
    X, y = iris
    names = ["length", "width", "height", "depth"]
    frame = make(dict(zip(names, X.T, strict=True)))
    model = make_model(early_stopping=early_stopping).fit(frame, y)  # without a warning
    assert_array_equal(model.feature_names_in_, names)
    assert_array_equal(model.predict(frame), model.predict(frame[names]))
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(frame[names[::-1]])
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        model.predict(X)
    assert not hasattr(model.fit(X, y), "feature_names_in_")


def test_columns_may_have_the_names_of_a_frames_attributes(iris: Data) -> None:
    X, y = iris
    frame = pd.DataFrame(X, columns=["column_names", "schema", "dtype", "shape"])
    clf = make_model().fit(frame, y)

    assert clf.feature_names_in_.tolist() == [*frame]
    assert_array_equal(clf.predict_proba(frame), make_model().fit(X, y).predict_proba(X))


@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.csr_matrix])
def test_validation_rows_may_be_stored_in_another_way(iris: Data, kind: Any) -> None:
    X, y = iris
    dense = make_model().fit(X, y, X_val=X, y_val=y)
    for rows, held_out in ((X, kind(X)), (kind(X), X)):
        clf = make_model().fit(rows, y, X_val=held_out, y_val=y)
        assert_allclose(clf.history_["validation_loss"], dense.history_["validation_loss"])
