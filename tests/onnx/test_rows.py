"""The input of an ONNX graph for each kind of rows."""

import re
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.typing import NDArray
from scipy import sparse
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skmlp_scratch import MLPClassifier
from skmlp_scratch.onnx import to_onnx
from tests._helpers.onnx_graphs import (
    DIGITS,
    X,
    assert_equal_outputs,
    assert_equal_predictions,
    fitted,
    input_types,
    nullable,
    run,
    wrapped,
)
from tests._helpers.pairwise import all_pairs
from tests._helpers.tables import ArrowTable

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


def make_table(rows: NDArray[Any]) -> ArrowTable:
    """Return a table of pixels."""
    return ArrowTable({f"pixel {i}": column for i, column in enumerate(rows.T)})


@all_pairs(kind=["alone", "pipeline", "features"], dtype=["float64", "int64"], container=CONTAINERS)
def test_every_container_has_the_type_of_its_values(kind: str, dtype: str, container: str) -> None:
    model, rows = wrapped(kind), X.astype(dtype)
    onnx_model = to_onnx(model, CONTAINERS[container](rows))
    assert input_types(onnx_model) == {"X": dtype}
    assert_equal_outputs(model, rows, onnx_model, {"X": rows})


@pytest.mark.parametrize("kind", ["alone", "pipeline", "features"])
def test_objects_that_are_numbers_are_float64(kind: str) -> None:
    """As in scikit-learn."""
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


@pytest.mark.parametrize("kind", ["alone", "features"])
def test_an_arrow_table_is_one_input_of_what_takes_numbers(kind: str) -> None:
    model, rows = wrapped(kind), X.astype(np.float32)
    assert_equal_outputs(model, rows, to_onnx(model, make_table(rows)), {"X": rows})


def test_each_column_of_an_arrow_table_is_an_input_of_a_pipeline() -> None:
    inputs = input_types(to_onnx(wrapped("pipeline"), make_table(X.astype(np.float32))))
    assert inputs == {f"pixel_{i}": np.float32 for i in range(64)}


def test_columns_of_one_name_are_refused() -> None:
    frame = pd.DataFrame(X[:, :3], columns=["a", "b", "a"])
    model = MLPClassifier((2,), max_iter=1, random_state=0).fit(X[:, :3], DIGITS)
    with pytest.raises(ValueError, match=r"several columns 'a', .*Rename"):
        to_onnx(make_pipeline(FunctionTransformer(), model), frame)


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
