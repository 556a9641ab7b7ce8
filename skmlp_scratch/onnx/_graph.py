"""The graph of one network."""

from typing import Any

import numpy as np
from onnx import helper, numpy_helper

from skmlp_scratch._classifier import MLPClassifier
from skmlp_scratch._network.activations import ACTIVATIONS
from skmlp_scratch._typing import Array
from skmlp_scratch._version import __version__
from skmlp_scratch.onnx._rows import TensorSpec

# Supported by onnxruntime since 1.14. The graphs need nothing of later operator sets.
OPSET = 18


class Graph:
    """A graph under construction, of nodes with one output each.

    Parameters
    ----------
    dtype : {np.float32, np.float64}
        Type to compute in.
    prefix : str, default=""
        Beginning of the generated names.

    Attributes
    ----------
    nodes : list of onnx.NodeProto
        The nodes, each after those that give its inputs.
    constants : list of onnx.TensorProto
        The constants among their inputs.
    """

    def __init__(self, dtype: type[np.floating[Any]], prefix: str = "") -> None:
        self.dtype = dtype
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._prefix = prefix

    def add(
        self, op_type: str, *inputs: str | float | Array, output: str = "", **attributes: Any
    ) -> str:
        """Add a node and return the name of its output, `output` if it is given.

        Inputs are names, or values, which become constants.
        """
        names = [x if isinstance(x, str) else self._add_constant(x) for x in inputs]
        output = output or f"{self._prefix}{op_type}{len(self.nodes)}"
        node = helper.make_node(op_type, names, [output], output, **attributes)
        self.nodes.append(node)
        return output

    def cast(self, x: str, dtype: Any, output: str = "") -> str:
        """Add a node that converts to another type."""
        return self.add("Cast", x, output=output, to=element_type(dtype))

    def _add_constant(self, values: float | Array) -> str:
        array = np.asarray(values)
        if isinstance(values, float) or array.dtype.kind == "f":
            array = array.astype(self.dtype)
        name = f"{self._prefix}constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        return name


def convert(model: MLPClassifier, dtype: np.dtype[Any], shape: list[int | None]) -> Any:
    """Return the ONNX model of a classifier for rows of a type."""
    graph = make_graph(model, {"X": dtype}, "label", "probabilities")
    described = {
        "X": (dtype, shape),
        "label": label_type(model),
        "probabilities": (graph.dtype, [None, len(onnx_classes(model))]),
    }
    x, *outputs = (
        helper.make_tensor_value_info(name, element_type(type_), shape)
        for name, (type_, shape) in described.items()
    )
    opset = helper.make_opsetid("", OPSET)
    return helper.make_model(
        helper.make_graph(graph.nodes, "MLPClassifier", [x], outputs, graph.constants),
        producer_name="skmlp_scratch",
        producer_version=__version__,
        opset_imports=[opset],
        # The oldest possible version, as runtimes refuse versions newer than themselves.
        ir_version=helper.find_min_ir_version_for([opset]),
    )


def make_graph(
    model: MLPClassifier,
    inputs: dict[str, np.dtype[Any]],
    label: str,
    probabilities: str,
    *,
    prefix: str = "",
) -> Graph:
    """Return the graph of a network.

    Parameters
    ----------
    model : MLPClassifier
        A fitted model.
    inputs : dict of str to dtype
        Name and type of each input. The network takes the columns of all inputs.
    label, probabilities : str
        Names of the outputs.
    prefix : str, default=""
        Beginning of the names of nodes and constants.
    """
    graph = Graph(type_to_compute_in(inputs), prefix)
    logits = add_layers(graph, add_inputs(graph, inputs), model, model.n_layers_ - 1)
    graph.add("Identity", model._link.nodes(graph, logits), output=probabilities)
    if model._labels.is_multilabel:
        graph.cast(graph.add("Greater", logits, 0.0), np.int64, label)
    else:
        graph.add("Gather", onnx_classes(model), _add_code(graph, logits, model), output=label)
    return graph


def _add_code(graph: Graph, logits: str, model: MLPClassifier) -> str:
    """Add the number of the predicted class, from logits, which are exact where a link rounds."""
    if model._labels.is_multiclass:
        return graph.add("ArgMax", logits, axis=1, keepdims=0)
    return graph.add(
        "Squeeze", graph.cast(graph.add("Greater", logits, 0.0), np.int64), np.array([1])
    )


def element_type(dtype: Any) -> int:
    """Return ONNX's number for a type."""
    return int(helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))


def type_to_compute_in(inputs: dict[str, np.dtype[Any]]) -> type[np.floating[Any]]:
    """Return double precision if any input has it."""
    return np.float64 if np.float64 in inputs.values() else np.float32


def add_inputs(graph: Graph, inputs: dict[str, np.dtype[Any]]) -> str:
    """Add nodes that cast all inputs to one type and join their columns."""
    columns = [
        name if dtype == graph.dtype else graph.cast(name, graph.dtype)
        for name, dtype in inputs.items()
    ]
    return columns[0] if len(columns) == 1 else graph.add("Concat", *columns, axis=1)


def add_layers(graph: Graph, x: str, model: MLPClassifier, n_layers: int) -> str:
    """Add the first `n_layers` layers after the input layer; return the name of their output."""
    if model._input_scale != 1:
        x = graph.add("Mul", x, model._input_scale)
    activations = [*model._activations, "identity"]
    arrays = model._layers
    layers = list(zip(arrays.coefs, arrays.intercepts, activations, strict=True))
    for coef, intercept, name in layers[:n_layers]:
        x = ACTIVATIONS[name].nodes(graph, graph.add("Gemm", x, coef, intercept))
    return x


def onnx_classes(model: MLPClassifier) -> Array:
    """Return the class of each column of probabilities, in a type that ONNX has."""
    classes = model.classes_
    are_strings = classes.dtype.kind != "O" or all(isinstance(label, str) for label in classes)
    if classes.dtype.kind not in _LABEL_TYPES or not are_strings:
        raise ValueError(
            f"classes_ are of type {classes.dtype}, which ONNX does not have. Train on strings or "
            "integers instead."
        )
    # A model of a single class has two columns of probabilities, too.
    classes = classes.take(np.arange(max(2, len(classes))), mode="clip")
    converted = classes.astype(_LABEL_TYPES[classes.dtype.kind])
    if (converted != classes).any():
        raise ValueError(
            f"classes_ has {classes[converted != classes][0]}, which is beyond the 64-bit integers "
            "of ONNX's labels. Train on strings or smaller integers instead."
        )
    return converted


# By the kind of the classes. Floats are whole numbers, as scikit-learn takes no others as classes.
_LABEL_TYPES: dict[str, Any] = {
    "i": np.int64,
    "u": np.int64,
    "b": np.bool_,
    "f": np.int64,
    "U": np.object_,
    "O": np.object_,
}


def label_type(model: MLPClassifier) -> TensorSpec:
    """Return the type and the shape of the labels."""
    classes = onnx_classes(model)
    return classes.dtype, [None, len(classes)] if model._labels.is_multilabel else [None]
