"""A network within other estimators, which skl2onnx converts."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import skl2onnx
from onnx import helper, numpy_helper
from onnx.shape_inference import infer_shapes
from skl2onnx.common import data_types
from sklearn.base import BaseEstimator, is_classifier
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion, Pipeline

from skmlp_scratch._classifier import MLPClassifier
from skmlp_scratch._hidden_features import HiddenFeatures
from skmlp_scratch.onnx._graph import (
    OPSET,
    Graph,
    add_inputs,
    add_layers,
    element_type,
    label_type,
    make_graph,
    onnx_classes,
    type_to_compute_in,
)
from skmlp_scratch.onnx._parts import check_parts, parts_of, unwrap
from skmlp_scratch.onnx._rows import TensorSpec


def convert(model: Any, inputs: dict[str, TensorSpec]) -> Any:
    """Return the ONNX model of an estimator for rows of the types of its inputs.

    Raises
    ------
    ValueError
        If a part cannot be converted. The message names it and the remedy.
    """
    register_converter()
    model = unwrap(model, _has_converter)
    check_parts(model)
    try:
        onnx_model = _convert(model, inputs)
    except Exception as error:
        raise ValueError(_explain(model, error)) from error
    # In their order, as skl2onnx changes names that are not identifiers.
    for value, (dtype, _) in zip(onnx_model.graph.input, inputs.values(), strict=True):
        if dtype != _nearest_type(dtype):
            _cast_input(onnx_model.graph, value, dtype)
    return onnx_model


def _convert(model: Any, inputs: dict[str, TensorSpec]) -> Any:
    """Return the graph of skl2onnx, for inputs of the types that it knows."""
    onnx_model = skl2onnx.to_onnx(
        model,
        initial_types=[
            (name, _tensor_type(_nearest_type(dtype), shape))
            for name, (dtype, shape) in inputs.items()
        ],
        options={id(model): {"zipmap": False}} if is_classifier(model) else None,
        final_types=None if hasattr(model, "predict") else [("features", None)],
        target_opset=OPSET,
    )
    # Some converters mix the two precisions, which no runtime takes.
    infer_shapes(onnx_model, check_type=True)
    return onnx_model


def _explain(model: Any, error: Exception) -> str:
    """Return which part cannot be converted, why, and what to do."""
    kinds = {type(part) for part in parts_of(model) if isinstance(part, BaseEstimator)}
    # Private ones are converted as parts of others.
    names = sorted(k.__name__ for k in kinds if not (k.__name__[0] == "_" or _is_convertible(k)))
    if names:
        return (
            f"skl2onnx has no converter for {' and '.join(names)}. Register one with "
            "skl2onnx.update_registered_converter, or convert the other parts by themselves."
        )
    return (
        f"skl2onnx cannot convert this {type(model).__name__}: {error}\nPass X as float32, for "
        "which it can do more, replace the part that is the cause, or convert the other parts by "
        "themselves."
    )


def _is_convertible(kind: type[Any]) -> bool:
    """Return whether skl2onnx converts a class, or takes it apart."""
    return issubclass(kind, _TAKEN_APART) or _has_converter(kind)


# By the parser of each, subclasses included.
_TAKEN_APART = (Pipeline, FeatureUnion, ColumnTransformer)


def register_converter() -> None:
    """Register the converters of both classes and of their subclasses."""
    options = {"zipmap": [True, False, "columns"], "nocl": [False]}
    _register(MLPClassifier, _set_output_types, _convert_classifier, options)
    _register(HiddenFeatures, _set_feature_type, _convert_features, None)


def _register(
    kind: type[Any],
    set_types: Callable[[Any], None],
    convert: Callable[[Any, Any, Any], None],
    options: dict[str, Any] | None,
) -> None:
    """Register a converter for a class and its subclasses, as skl2onnx ignores inheritance."""
    register = skl2onnx.update_registered_converter
    alias = f"SkmlpScratch{kind.__name__}"
    register(kind, alias, set_types, convert, options=options)
    for subclass in _subclasses(kind):
        if not _has_converter(subclass):
            register(subclass, alias, set_types, convert, options=options)


def _subclasses(kind: type[Any]) -> Iterator[type[Any]]:
    """Yield all direct and indirect subclasses."""
    for subclass in kind.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


def _has_converter(kind: type[Any]) -> bool:
    """Return whether skl2onnx can convert a class."""
    try:
        skl2onnx.get_model_alias(kind)
    except RuntimeError:
        return False
    return True


def _nearest_type(dtype: np.dtype[Any]) -> Any:
    """Return the first type that holds all values of another, of those that skl2onnx knows well."""
    types = (np.float32, np.int64, np.float64, np.object_)
    return next(nearest for nearest in types if np.can_cast(dtype, nearest))


def _cast_input(graph: Any, value: Any, dtype: np.dtype[Any]) -> None:
    """Change the type of an input, and add a node that casts it to the type it had."""
    tensor, converted = value.type.tensor_type, f"{value.name}_converted"
    for node in graph.node:
        node.input[:] = [converted if name == value.name else name for name in node.input]
    cast = helper.make_node("Cast", [value.name], [converted], converted, to=tensor.elem_type)
    graph.node.insert(0, cast)
    tensor.elem_type = element_type(dtype)


def _tensor_type(dtype: Any, shape: list[int | None]) -> Any:
    """Return skl2onnx's name for a type and a shape."""
    by_dtype = {
        np.dtype(np.int64): data_types.Int64TensorType,
        np.dtype(np.float32): data_types.FloatTensorType,
        np.dtype(np.float64): data_types.DoubleTensorType,
        np.dtype(np.bool_): data_types.BooleanTensorType,
        np.dtype(np.object_): data_types.StringTensorType,
    }
    return by_dtype[np.dtype(dtype)](shape)


def _set_output_types(operator: Any) -> None:
    """Set types and shapes of a classifier's outputs."""
    label, probabilities = operator.outputs
    dtype, shape = label_type(operator.raw_operator)
    label.set_type(_tensor_type(dtype, shape))
    _set_computed_type(operator, probabilities, len(onnx_classes(operator.raw_operator)))


def _set_feature_type(operator: Any) -> None:
    """Set type and shape of a transformer's output."""
    (features,) = operator.outputs
    _set_computed_type(operator, features, len(operator.raw_operator.get_feature_names_out()))


def _set_computed_type(operator: Any, output: Any, n_columns: int) -> None:
    """Set type and shape of an output in the type that its graph computes in."""
    dtype = type_to_compute_in(_describe_inputs(operator))
    output.set_type(_tensor_type(dtype, [None, n_columns]))


def _convert_classifier(scope: Any, operator: Any, container: Any) -> None:
    """Add a classifier's nodes and constants to a container."""
    model = operator.raw_operator
    graph = make_graph(
        model,
        _describe_inputs(operator),
        *(variable.full_name for variable in operator.outputs),
        prefix=scope.get_unique_variable_name("mlp"),
    )
    _fill(container, graph)


def _convert_features(scope: Any, operator: Any, container: Any) -> None:
    """Add a transformer's nodes and constants to a container."""
    model = operator.raw_operator.classifier
    inputs = _describe_inputs(operator)
    graph = Graph(type_to_compute_in(inputs), scope.get_unique_variable_name("hidden"))
    number = operator.raw_operator._find_layer()
    features = add_layers(graph, add_inputs(graph, inputs), model, number + 1)
    graph.add("Identity", features, output=operator.outputs[0].full_name)
    _fill(container, graph)


def _describe_inputs(operator: Any) -> dict[str, np.dtype[Any]]:
    """Return name and type of each input of an operator."""
    to_dtype = helper.tensor_dtype_to_np_dtype
    return {x.full_name: to_dtype(data_types.guess_proto_type(x.type)) for x in operator.inputs}


def _fill(container: Any, graph: Graph) -> None:
    """Add the nodes and constants of a graph to a container."""
    for constant in graph.constants:
        # Strings as bytes, which onnx 1.17 would take for ASCII otherwise.
        values = [*constant.string_data] or numpy_helper.to_array(constant).ravel()
        container.add_initializer(constant.name, constant.data_type, constant.dims, values)
    for node in graph.nodes:
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        container.add_node(
            node.op_type, [*node.input], [*node.output], name=node.name, **attributes
        )
