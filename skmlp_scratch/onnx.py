"""Models as ONNX graphs, for runtimes without Python, in browsers and on phones.

Needs the extra ``onnx``: ``pip install "skmlp-scratch[onnx]"``.
"""

import math
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

import skmlp_scratch
from skmlp_scratch._activations import LeakyRelu
from skmlp_scratch._classifier import MLPClassifier
from skmlp_scratch._features import HiddenFeatures
from skmlp_scratch._losses import (
    Loss,
    NormalizedSquaredError,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
    SquaredError,
)

__all__ = ["register_converter", "to_onnx"]

Array = NDArray[Any]

# What onnxruntime has read since 1.14; later operator sets have nothing that the graphs need.
OPSET = 18


def to_onnx(model: Any, X: Any = None) -> Any:
    """Convert a fitted classifier, or an estimator that contains one, to ONNX.

    The graph has the input "X" and the outputs "label" and "probabilities", which are what
    `predict` and `predict_proba` return. `input_scale` is part of it. It computes in double
    precision if `X` is float64 and in single precision otherwise, whatever the model was trained
    in. Labels that are floats become integers.

    Parameters
    ----------
    model : MLPClassifier, Pipeline or other estimator
        A fitted model. MLPClassifier is converted by itself; pipelines, searches and ensembles that
        contain it or `HiddenFeatures` by skl2onnx, which has to know their other parts.
    X : ndarray or pandas DataFrame of shape (n_samples, n_features), default=None
        Rows like those that the graph will get, of which only the type counts: uint8, for instance,
        for pixels with `input_scale`. None for float32. For a pipeline, a data frame makes an input
        of shape (n_samples, 1) of each column, as steps that select columns by name need.

    Returns
    -------
    onnx_model : onnx.ModelProto
        ``onnx_model.SerializeToString()`` is what belongs in a file, by convention with a name that
        ends in ``.onnx``, and what `onnxruntime.InferenceSession` takes.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the model is not fitted.
    ValueError
        If the classes are dates, which ONNX does not have.
    ImportError
        If onnx is not installed, or skl2onnx for anything but MLPClassifier.

    See Also
    --------
    register_converter : Needed for calling skl2onnx itself, with all its options.

    References
    ----------
    .. [1] Open Neural Network Exchange, "ONNX operators", https://onnx.ai/onnx/operators/

    Examples
    --------
    >>> import numpy as np
    >>> from onnxruntime import InferenceSession
    >>> from sklearn.datasets import load_digits
    >>> from skmlp_scratch import MLPClassifier
    >>> from skmlp_scratch.onnx import to_onnx
    >>> X, y = load_digits(return_X_y=True)
    >>> pixels = X.astype(np.uint8)
    >>> clf = MLPClassifier(input_scale=1 / 16, early_stopping=True, random_state=0).fit(pixels, y)
    >>> session = InferenceSession(to_onnx(clf, pixels[:1]).SerializeToString())
    >>> label, probabilities = session.run(["label", "probabilities"], {"X": pixels})
    >>> bool((label == clf.predict(pixels)).all())
    True
    >>> bool(abs(probabilities - clf.predict_proba(pixels)).max() < 1e-5)
    True
    """
    check_is_fitted(model)
    if X is None:
        X = np.zeros((1, model.n_features_in_), np.float32)
    if isinstance(model, MLPClassifier):
        return _convert_alone(model, np.asarray(X).dtype)
    register_converter()
    return _require("skl2onnx").to_onnx(model, X[:1], options={"zipmap": False}, target_opset=OPSET)


def register_converter() -> None:
    """Tell skl2onnx how to convert `MLPClassifier` and `HiddenFeatures` within other estimators.

    `to_onnx` does so itself. Of skl2onnx's options, the classifier has "zipmap" and "raw_scores";
    the second gives the logits in place of the probabilities, as `CalibratedClassifierCV` needs
    them.

    Raises
    ------
    ImportError
        If skl2onnx is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> import skl2onnx
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skmlp_scratch import MLPClassifier
    >>> from skmlp_scratch.onnx import register_converter
    >>> X, y = load_iris(return_X_y=True)
    >>> pipeline = make_pipeline(StandardScaler(), MLPClassifier(solver="lbfgs")).fit(X, y)
    >>> register_converter()
    >>> graph = skl2onnx.to_onnx(pipeline, X[:1].astype(np.float32))
    >>> [output.name for output in graph.graph.output]
    ['output_label', 'output_probability']
    """
    register = _require("skl2onnx").update_registered_converter
    register(
        MLPClassifier,
        "SkmlpScratchMLPClassifier",
        _set_output_types,
        _convert_classifier,
        options={"zipmap": [True, False, "columns"], "raw_scores": [True, False], "nocl": [False]},
    )
    register(HiddenFeatures, "SkmlpScratchHiddenFeatures", _set_feature_type, _convert_features)


def _require(name: str) -> Any:
    """Import an optional package."""
    try:
        return import_module(name)
    except ImportError as error:
        raise ImportError(
            f'Conversion to ONNX needs {name}: pip install "skmlp-scratch[onnx]".'
        ) from error


# --- the graph -----------------------------------------------------------------------------------


class Graph:
    """A graph under construction, of nodes with one output each.

    Parameters
    ----------
    dtype : {np.float32, np.float64}
        Type to compute in.
    prefix : str, default=""
        What the names that are made up begin with.

    Attributes
    ----------
    nodes : list of onnx.NodeProto
        The nodes, each after those that it takes its inputs from.
    constants : list of onnx.TensorProto
        The constants among their inputs.
    """

    def __init__(self, dtype: type[np.floating[Any]], prefix: str = "") -> None:
        self.dtype = dtype
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._prefix = prefix
        self._onnx = _require("onnx")

    def add(
        self, op_type: str, *inputs: str | float | Array, output: str = "", **attributes: Any
    ) -> str:
        """Add a node and return the name of its output, `output` if it is given.

        Inputs are names, or values, which become constants.
        """
        names = [x if isinstance(x, str) else self._add_constant(x) for x in inputs]
        output = output or f"{self._prefix}{op_type}{len(self.nodes)}"
        node = self._onnx.helper.make_node(op_type, names, [output], output, **attributes)
        self.nodes.append(node)
        return output

    def cast(self, x: str, dtype: Any, output: str = "") -> str:
        """Add a node that converts to another type."""
        return self.add("Cast", x, output=output, to=_element_type(dtype))

    def _add_constant(self, values: float | Array) -> str:
        array = np.asarray(values)
        if isinstance(values, float) or array.dtype.kind == "f":
            array = array.astype(self.dtype)
        name = f"{self._prefix}constant{len(self.constants)}"
        self.constants.append(self._onnx.numpy_helper.from_array(array, name))
        return name


def _element_type(dtype: Any) -> int:
    """Return ONNX's number for a type."""
    return int(_require("onnx").helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))


def _make_graph(
    model: MLPClassifier,
    inputs: dict[str, np.dtype[Any]],
    label: str,
    probabilities: str,
    *,
    raw_scores: bool = False,
    prefix: str = "",
) -> Graph:
    """Return the graph of a model.

    Parameters
    ----------
    model : MLPClassifier
        A fitted model.
    inputs : dict of str to dtype
        Name and type of each input; their columns are taken together.
    label, probabilities : str
        Names of the outputs.
    raw_scores : bool, default=False
        Whether the logits take the place of the probabilities.
    prefix : str, default=""
        Of the names of nodes and constants.
    """
    graph = Graph(_type_to_compute_in(inputs), prefix)
    logits = _add_layers(graph, _add_inputs(graph, inputs), model, model.n_layers_ - 1)
    if model.n_outputs_ == 1:
        # For two classes there is one output z; 1 - sigmoid(z) is sigmoid(-z).
        logits = graph.add("Concat", graph.add("Neg", logits), logits, axis=1)
    link = _raw_scores if raw_scores else LINKS[model._loss]
    link(graph, logits, probabilities)
    if model._target_kind == "multilabel":
        graph.cast(graph.add("Greater", logits, 0.0), np.int64, label)
    else:
        number = graph.add("ArgMax", logits, axis=1, keepdims=0)
        graph.add("Gather", _classes(model), number, output=label)
    return graph


def _type_to_compute_in(inputs: dict[str, np.dtype[Any]]) -> type[np.floating[Any]]:
    """Return double precision if any input has it."""
    return np.float64 if np.float64 in inputs.values() else np.float32


def _add_inputs(graph: Graph, inputs: dict[str, np.dtype[Any]]) -> str:
    """Take the columns of all inputs together, in the type to compute in."""
    columns = [
        name if dtype == graph.dtype else graph.cast(name, graph.dtype)
        for name, dtype in inputs.items()
    ]
    return columns[0] if len(columns) == 1 else graph.add("Concat", *columns, axis=1)


def _add_layers(graph: Graph, x: str, model: MLPClassifier, n_layers: int) -> str:
    """Add the first layers of the network, without the input layer; return their output."""
    if model.input_scale != 1:
        x = graph.add("Mul", x, float(model.input_scale))
    activations = [*model._architecture.activations, "identity"]
    layers = list(zip(model.coefs_, model.intercepts_, activations, strict=True))
    for coef, intercept, name in layers[:n_layers]:
        x = ACTIVATIONS[name](graph, graph.add("Gemm", x, coef, intercept))
    return x


def _classes(model: MLPClassifier) -> Array:
    """Return the class that each logit stands for, of a type that ONNX has."""
    classes = model.classes_
    if classes.dtype.kind not in _LABEL_TYPES:
        raise ValueError(
            f"classes_ are of type {classes.dtype}, which ONNX does not have. Train on strings or "
            "integers instead."
        )
    # A model of a single class has two columns of probabilities, too.
    classes = classes.take(np.arange(max(2, len(classes))), mode="clip")
    return classes.astype(_LABEL_TYPES[classes.dtype.kind])


# By the kind of the classes. Floats that scikit-learn takes as classes are whole numbers.
_LABEL_TYPES: dict[str, Any] = {
    "i": np.int64,
    "u": np.int64,
    "b": np.bool_,
    "f": np.int64,
    "U": np.object_,
    "O": np.object_,
}


def _gelu(graph: Graph, z: str) -> str:
    x = graph.add("Mul", z, math.sqrt(0.5))
    if graph.dtype is np.float32:
        erf = graph.add("Erf", x)
    else:  # which onnxruntime has in single precision only
        erf = graph.cast(graph.add("Erf", graph.cast(x, np.float32)), np.float64)
    return graph.add("Mul", graph.add("Mul", z, 0.5), graph.add("Add", erf, 1.0))


def _silu(graph: Graph, z: str) -> str:
    # σ(z) = (1 + tanh(z / 2)) / 2; onnxruntime 1.20 makes z σ(z) a node that it cannot run in
    # double precision.
    half = graph.add("Mul", z, 0.5)
    return graph.add("Mul", half, graph.add("Add", graph.add("Tanh", half), 1.0))


# From the pre-activations to the outputs of a layer.
ACTIVATIONS: dict[str, Callable[[Graph, str], str]] = {
    "identity": lambda _, z: z,
    "logistic": lambda graph, z: graph.add("Sigmoid", z),
    "tanh": lambda graph, z: graph.add("Tanh", z),
    "relu": lambda graph, z: graph.add("Relu", z),
    "leaky_relu": lambda graph, z: graph.add("LeakyRelu", z, alpha=LeakyRelu.slope),
    "elu": lambda graph, z: graph.add("Elu", z, alpha=1.0),
    "gelu": _gelu,
    "silu": _silu,
}


def _raw_scores(graph: Graph, logits: str, output: str) -> None:
    graph.add("Identity", logits, output=output)


def _softmax(graph: Graph, logits: str, output: str) -> None:
    graph.add("Softmax", logits, axis=1, output=output)


def _sigmoid(graph: Graph, logits: str, output: str) -> None:
    graph.add("Sigmoid", logits, output=output)


def _normalized_sigmoid(graph: Graph, logits: str, output: str) -> None:
    # Through the logarithms, as all sigmoids of a row may underflow: log σ(z) = -log(1 + exp(-z)).
    negative_log = graph.add("Softplus", graph.add("Neg", logits))
    _softmax(graph, graph.add("Neg", negative_log), output)


# From the logits to the probabilities of each loss.
LINKS: dict[type[Loss], Callable[[Graph, str, str], None]] = {
    SoftmaxCrossEntropy: _softmax,
    SigmoidCrossEntropy: _sigmoid,
    SquaredError: _sigmoid,
    NormalizedSquaredError: _normalized_sigmoid,
}


# --- a model on its own --------------------------------------------------------------------------


def _convert_alone(model: MLPClassifier, dtype: np.dtype[Any]) -> Any:
    """Return the ONNX model of a classifier for inputs of a type."""
    helper = _require("onnx").helper
    graph = _make_graph(model, {"X": dtype}, "label", "probabilities")
    described = {
        "X": (dtype, [None, model.n_features_in_]),
        "label": _label_type(model),
        "probabilities": (graph.dtype, [None, len(_classes(model))]),
    }
    x, *outputs = (
        helper.make_tensor_value_info(name, _element_type(type_), shape)
        for name, (type_, shape) in described.items()
    )
    opset = helper.make_opsetid("", OPSET)
    return helper.make_model(
        helper.make_graph(graph.nodes, "MLPClassifier", [x], outputs, graph.constants),
        producer_name="skmlp_scratch",
        producer_version=skmlp_scratch.__version__,
        opset_imports=[opset],
        # The oldest that will do: runtimes refuse those that are newer than they are.
        ir_version=helper.find_min_ir_version_for([opset]),
    )


def _label_type(model: MLPClassifier) -> tuple[np.dtype[Any], list[int | None]]:
    """Return the type and the shape of the labels."""
    classes = _classes(model)
    is_multilabel = model._target_kind == "multilabel"
    return classes.dtype, [None, len(classes)] if is_multilabel else [None]


# --- a model within others, for skl2onnx ----------------------------------------------------------


def _set_output_types(operator: Any) -> None:
    """Set types and shapes of a classifier's outputs."""
    types = import_module("skl2onnx.common.data_types")
    by_kind = {
        "i": types.Int64TensorType,
        "b": types.BooleanTensorType,
        "O": types.StringTensorType,
    }
    label, probabilities = operator.outputs
    dtype, shape = _label_type(operator.raw_operator)
    label.set_type(by_kind[dtype.kind](shape))
    probabilities.type.shape = [None, len(_classes(operator.raw_operator))]


def _set_feature_type(operator: Any) -> None:
    """Set type and shape of a transformer's output."""
    types = import_module("skl2onnx.common.data_types")
    by_dtype = {np.float32: types.FloatTensorType, np.float64: types.DoubleTensorType}
    n_features = len(operator.raw_operator.get_feature_names_out())
    dtype = _type_to_compute_in(_describe_inputs(operator))
    operator.outputs[0].set_type(by_dtype[dtype]([None, n_features]))


def _convert_classifier(scope: Any, operator: Any, container: Any) -> None:
    """Add a classifier's nodes and constants to a container."""
    model = operator.raw_operator
    graph = _make_graph(
        model,
        _describe_inputs(operator),
        *(variable.full_name for variable in operator.outputs),
        raw_scores=container.get_options(model, {"raw_scores": False})["raw_scores"],
        prefix=scope.get_unique_variable_name("mlp"),
    )
    _fill(container, graph)


def _convert_features(scope: Any, operator: Any, container: Any) -> None:
    """Add a transformer's nodes and constants to a container."""
    model, layer = operator.raw_operator.classifier, operator.raw_operator.layer
    inputs = _describe_inputs(operator)
    graph = Graph(_type_to_compute_in(inputs), scope.get_unique_variable_name("hidden"))
    n_layers = range(1, model.n_layers_ - 1)[layer]
    features = _add_layers(graph, _add_inputs(graph, inputs), model, n_layers)
    graph.add("Identity", features, output=operator.outputs[0].full_name)
    _fill(container, graph)


def _describe_inputs(operator: Any) -> dict[str, np.dtype[Any]]:
    """Return name and type of each input of an operator."""
    guess_proto_type = import_module("skl2onnx.common.data_types").guess_proto_type
    to_dtype = _require("onnx").helper.tensor_dtype_to_np_dtype
    return {x.full_name: to_dtype(guess_proto_type(x.type)) for x in operator.inputs}


def _fill(container: Any, graph: Graph) -> None:
    """Add the nodes and constants of a graph to a container."""
    onnx = _require("onnx")
    for constant in graph.constants:
        # Strings as bytes, which onnx 1.17 would take for ASCII otherwise.
        values = [*constant.string_data] or onnx.numpy_helper.to_array(constant).ravel()
        container.add_initializer(constant.name, constant.data_type, constant.dims, values)
    for node in graph.nodes:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        container.add_node(
            node.op_type, [*node.input], [*node.output], name=node.name, **attributes
        )
