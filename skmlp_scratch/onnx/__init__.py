"""Models as ONNX graphs, for runtimes without Python, in browsers and on phones.

Needs the extra ``onnx``: ``pip install "skmlp-scratch[onnx]"``.
"""

import math
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import StackingClassifier
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from skmlp_scratch._classifier import MLPClassifier
from skmlp_scratch._hidden_features import HiddenFeatures
from skmlp_scratch._network.activations import LeakyRelu
from skmlp_scratch._network.losses import (
    BinaryCrossEntropy,
    BinarySquaredError,
    Loss,
    NormalizedSquaredError,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
    SquaredError,
)
from skmlp_scratch._typing import Array
from skmlp_scratch._version import __version__

__all__ = ["register_converter", "to_onnx"]


# What onnxruntime has read since 1.14; later operator sets have nothing that the graphs need.
OPSET = 18


def to_onnx(model: Any, X: Any = None) -> Any:
    """Convert a fitted classifier, or an estimator that contains one, to ONNX.

    The graph has the input "X" and the outputs "label" and "probabilities", which are what
    `predict` and `predict_proba` return. A transformer, like `HiddenFeatures` or a pipeline that
    ends in it, has the output "features" instead. `input_scale` is part of the graph. It computes
    in double precision if `X` is float64 and in single precision otherwise, whatever the model was
    trained in. Labels that are floats become integers.

    Parameters
    ----------
    model : MLPClassifier, Pipeline or other estimator
        A fitted model. MLPClassifier is converted by itself; `HiddenFeatures` and what contains
        either, like Pipeline, GridSearchCV or CalibratedClassifierCV, by skl2onnx, which has to
        know the other parts. Of a search that it does not know, convert ``best_estimator_``.
    X : {array-like, sparse matrix, data frame} of shape (n_samples, n_features), default=None
        Rows like those that the graph will get, of which only the type counts: uint8, for instance,
        for pixels with `input_scale`. None for float32. Lists of Python's floats are float64, as in
        NumPy. A graph takes dense arrays only: of a sparse matrix too, just the type counts. For a
        pipeline or another foreign estimator, a data frame makes an input of shape (n_samples, 1)
        of each column, as steps that select columns by name need; ``X.to_numpy()`` makes one.

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
        If the classes are dates or beyond the integers of 64 bits, which ONNX's labels are; if `X`
        has another number of features than the model, or neither numbers nor strings.
    TypeError
        If the model is not an estimator.
    ImportError
        If onnx is not installed, or skl2onnx for anything but MLPClassifier.

    See Also
    --------
    register_converter : Needed for calling skl2onnx itself, with all its options.

    Notes
    -----
    Three graphs are wrong because of skl2onnx 1.20 itself, with LogisticRegression as much as with
    MLPClassifier: ``CalibratedClassifierCV(method="isotonic")`` gives other probabilities, as it
    does not interpolate between the steps; `TunedThresholdClassifierCV` loses its threshold, and so
    gives other labels; a ``StackingClassifier(stack_method="decision_function")`` of two classes
    does not run. The methods "sigmoid" and "predict_proba" are right. Compare what any graph of
    foreign parts gives with the model's own predictions before relying on it.

    References
    ----------
    .. [1] Open Neural Network Exchange, "ONNX operators", https://onnx.ai/onnx/operators/

    Examples
    --------
    >>> import numpy as np
    >>> from onnxruntime import InferenceSession
    >>> from sklearn.datasets import load_digits
    >>> from skmlp_scratch import HiddenFeatures, MLPClassifier
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

    What the last hidden layer gives, for another model elsewhere:

    >>> features = to_onnx(HiddenFeatures(clf), pixels[:1])
    >>> session = InferenceSession(features.SerializeToString())
    >>> session.run(["features"], {"X": pixels})[0].shape
    (1797, 100)
    """
    check_is_fitted(model)
    if isinstance(model, MLPClassifier):
        return _convert_alone(model, *_describe_rows(model, X)["X"])
    return _convert_within(model, _describe_rows(model, X))


def register_converter() -> None:
    """Tell skl2onnx how to convert `MLPClassifier` and `HiddenFeatures` within other estimators.

    That includes the subclasses that are defined by then; one that has a converter keeps it.
    `to_onnx` does so itself. Of skl2onnx's options, the classifier has "zipmap" and "raw_scores";
    the second gives the logits in place of the probabilities, as `CalibratedClassifierCV` needs
    them. At the end of a pipeline or a search that is calibrated, it has to be set by hand, which
    `to_onnx` does: skl2onnx 1.20 gives wrong probabilities without.

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
    options = {"zipmap": [True, False, "columns"], "raw_scores": [True, False], "nocl": [False]}
    _register(MLPClassifier, _set_output_types, _convert_classifier, options)
    _register(HiddenFeatures, _set_feature_type, _convert_features, None)


def _register(
    kind: type[Any],
    set_types: Callable[[Any], None],
    convert: Callable[[Any, Any, Any], None],
    options: dict[str, Any] | None,
) -> None:
    """Register a converter for a class and its subclasses, as skl2onnx knows no inheritance."""
    register = _require("skl2onnx").update_registered_converter
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
        _require("skl2onnx").get_model_alias(kind)
    except RuntimeError:
        return False
    return True


def _require(name: str) -> Any:
    """Import an optional package."""
    try:
        return import_module(name)
    except ImportError as error:
        raise ImportError(
            f'Conversion to ONNX needs {name}: pip install "skmlp-scratch[onnx]".'
        ) from error


# --- the inputs ----------------------------------------------------------------------------------


# Type and shape of a graph's input or output; None stands for the number of rows.
Described = tuple[np.dtype[Any], list[int | None]]


def _describe_rows(model: Any, X: Any) -> dict[str, Described]:
    """Return the inputs, by name, of a graph that gets rows like `X`."""
    takes_numbers = isinstance(model, (MLPClassifier, HiddenFeatures))
    if hasattr(X, "columns"):
        columns = {str(name): _type_of(X[name]) for name in X.columns}
        if not takes_numbers:
            return {name: (dtype, [None, 1]) for name, dtype in columns.items()}
        common = np.result_type(np.bool_, *columns.values())
        X = np.broadcast_to(np.empty((), common), X.shape)
    name, n_features = type(model).__name__, getattr(model, "n_features_in_", None)
    if X is None:
        if n_features is None:
            raise ValueError(f"X is needed, as {name} does not know its number of features.")
        return {"X": (np.dtype(np.float32), [None, n_features])}
    if not sparse.issparse(X):
        X = np.asarray(X)
    dtype, shape = _type_of(X), X.shape
    if dtype == np.object_ and takes_numbers:
        raise ValueError(f"X holds strings, but {name} takes numbers.")
    # Strings may be texts, which have one dimension.
    if dtype != np.object_ and (len(shape) != 2 or n_features not in (None, shape[1])):
        expected = f"(n_samples, {n_features or 'n_features'})"
        raise ValueError(f"X has shape {shape}, but {name} takes rows of shape {expected}.")
    return {"X": (dtype, [None, *shape[1:]])}


def _type_of(X: Any) -> np.dtype[Any]:
    """Return the type of an array or a column; that of strings is object."""
    if not sparse.issparse(X):
        X = np.asarray(X)
    if X.dtype.kind in "biuf" and X.dtype.itemsize <= 8:
        return X.dtype.newbyteorder("=")  # type: ignore[no-any-return]
    if X.dtype.kind == "U" or X.size == 0 or any(isinstance(x, str) for x in X.flat):
        return np.dtype(object)
    raise ValueError(
        f"X has values of type {X.dtype}, but a graph takes numbers of up to 64 bits or strings. "
        "Pass rows of the type that it will get, for instance X.astype(np.float32)."
    )


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
    link = _raw_scores if raw_scores else LINKS[model._link]
    link(graph, logits, probabilities)
    if model._target_type == "multilabel":
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
    activations = [*model._activations, "identity"]
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
    converted = classes.astype(_LABEL_TYPES[classes.dtype.kind])
    if (converted != classes).any():
        raise ValueError(
            f"classes_ has {classes[converted != classes][0]}, which is beyond the 64-bit integers "
            "of ONNX's labels. Train on strings or smaller integers instead."
        )
    return converted


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
    BinaryCrossEntropy: _sigmoid,
    BinarySquaredError: _sigmoid,
    SoftmaxCrossEntropy: _softmax,
    SigmoidCrossEntropy: _sigmoid,
    SquaredError: _sigmoid,
    NormalizedSquaredError: _normalized_sigmoid,
}


# --- a model on its own --------------------------------------------------------------------------


def _convert_alone(model: MLPClassifier, dtype: np.dtype[Any], shape: list[int | None]) -> Any:
    """Return the ONNX model of a classifier for rows of a type."""
    helper = _require("onnx").helper
    graph = _make_graph(model, {"X": dtype}, "label", "probabilities")
    described = {
        "X": (dtype, shape),
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
        producer_version=__version__,
        opset_imports=[opset],
        # The oldest that will do: runtimes refuse those that are newer than they are.
        ir_version=helper.find_min_ir_version_for([opset]),
    )


def _label_type(model: MLPClassifier) -> Described:
    """Return the type and the shape of the labels."""
    classes = _classes(model)
    is_multilabel = model._target_type == "multilabel"
    return classes.dtype, [None, len(classes)] if is_multilabel else [None]


# --- a model within others, for skl2onnx ----------------------------------------------------------


def _convert_within(model: Any, inputs: dict[str, Described]) -> Any:
    """Return the ONNX model of an estimator for rows of the types of its inputs."""
    register_converter()
    onnx_model = _require("skl2onnx").to_onnx(
        model,
        initial_types=[
            (name, _tensor_type(_nearest_type(dtype), shape))
            for name, (dtype, shape) in inputs.items()
        ],
        options=_choose_options(model),
        final_types=None if hasattr(model, "predict") else [("features", None)],
        target_opset=OPSET,
    )
    # In their order, as skl2onnx changes names that are not identifiers.
    for value, (dtype, _) in zip(onnx_model.graph.input, inputs.values(), strict=True):
        if dtype != _nearest_type(dtype):
            _cast_input(onnx_model.graph, value, dtype)
    return onnx_model


def _choose_options(model: Any) -> dict[int, Any]:
    """Return skl2onnx's options for the parts of an estimator, by their ids."""
    options = {id(model): {"zipmap": False}} if is_classifier(model) else {}
    walk = import_module("skl2onnx.common.utils_sklearn").enumerate_model_names
    for _, part in walk(model):
        # Which skl2onnx itself does not pass on to the end of a pipeline or a search.
        for last in map(_last_step, _sources_of_logits(part)):
            if isinstance(last, MLPClassifier):
                options[id(last)] = {"zipmap": False, "raw_scores": True}
    return options


def _sources_of_logits(model: Any) -> list[Any]:
    """Return the classifiers within a model that it takes logits of, not probabilities."""
    if isinstance(model, CalibratedClassifierCV):
        return [calibrated.estimator for calibrated in model.calibrated_classifiers_]
    if isinstance(model, StackingClassifier):
        methods = zip(model.estimators_, model.stack_method_, strict=True)
        return [estimator for estimator, method in methods if method == "decision_function"]
    return []


def _last_step(model: Any) -> Any:
    """Return what gives the output of a pipeline or a search."""
    if isinstance(model, Pipeline):
        return _last_step(model.steps[-1][1])
    return _last_step(model.best_estimator_) if hasattr(model, "best_estimator_") else model


def _nearest_type(dtype: np.dtype[Any]) -> Any:
    """Return the first type that holds all values of another; most of skl2onnx knows only these."""
    types = (np.float32, np.int64, np.float64, np.object_)
    return next(nearest for nearest in types if np.can_cast(dtype, nearest))


def _cast_input(graph: Any, value: Any, dtype: np.dtype[Any]) -> None:
    """Let a graph take an input of another type, which a first node converts."""
    tensor, converted = value.type.tensor_type, f"{value.name}_converted"
    for node in graph.node:
        node.input[:] = [converted if name == value.name else name for name in node.input]
    make_node = _require("onnx").helper.make_node
    cast = make_node("Cast", [value.name], [converted], converted, to=tensor.elem_type)
    graph.node.insert(0, cast)
    tensor.elem_type = _element_type(dtype)


def _tensor_type(dtype: Any, shape: list[int | None]) -> Any:
    """Return skl2onnx's name for a type and a shape."""
    types = import_module("skl2onnx.common.data_types")
    by_dtype = {
        np.dtype(np.int64): types.Int64TensorType,
        np.dtype(np.float32): types.FloatTensorType,
        np.dtype(np.float64): types.DoubleTensorType,
        np.dtype(np.bool_): types.BooleanTensorType,
        np.dtype(np.object_): types.StringTensorType,
    }
    return by_dtype[np.dtype(dtype)](shape)


def _set_output_types(operator: Any) -> None:
    """Set types and shapes of a classifier's outputs."""
    label, probabilities = operator.outputs
    dtype, shape = _label_type(operator.raw_operator)
    label.set_type(_tensor_type(dtype, shape))
    _set_computed_type(operator, probabilities, len(_classes(operator.raw_operator)))


def _set_feature_type(operator: Any) -> None:
    """Set type and shape of a transformer's output."""
    (features,) = operator.outputs
    _set_computed_type(operator, features, len(operator.raw_operator.get_feature_names_out()))


def _set_computed_type(operator: Any, output: Any, n_columns: int) -> None:
    """Set type and shape of an output in the type that its graph computes in."""
    dtype = _type_to_compute_in(_describe_inputs(operator))
    output.set_type(_tensor_type(dtype, [None, n_columns]))


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
    model = operator.raw_operator.classifier
    inputs = _describe_inputs(operator)
    graph = Graph(_type_to_compute_in(inputs), scope.get_unique_variable_name("hidden"))
    number = operator.raw_operator._find_layer()
    features = _add_layers(graph, _add_inputs(graph, inputs), model, number + 1)
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
