"""The public functions, which import the optional packages when they need them."""

from importlib import import_module
from typing import Any

from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import check_is_fitted

from skmlp_scratch._classifier import MLPClassifier
from skmlp_scratch.onnx._rows import describe_rows


def to_onnx(model: Any, X: Any = None) -> Any:
    """Convert a fitted classifier, or an estimator that contains one, to ONNX.

    The graph has the input "X" and the outputs "label" and "probabilities", which are what
    `predict` and `predict_proba` return. The graph of a transformer, like `HiddenFeatures` or a
    pipeline that ends in it, has the output "features" instead. `input_scale` is part of the graph.
    The graph computes in double precision if `X` is float64, and in single precision otherwise,
    whatever the model was trained in. Labels that are floats become integers.

    Parameters
    ----------
    model : MLPClassifier, Pipeline or other estimator
        A fitted model. `MLPClassifier` needs onnx only. `HiddenFeatures`, and estimators that
        contain either, like Pipeline, GridSearchCV or CalibratedClassifierCV, need skl2onnx, and
        skl2onnx has to know their other parts. A frozen estimator is converted as what it wraps,
        and so is a search that skl2onnx does not know, like RandomizedSearchCV.
    X : {array-like, sparse matrix, data frame, Arrow table} of shape (n_samples, n_features), \
            default=None
        Rows like those that the graph will get, of which only the type counts: uint8, for instance,
        for pixels with `input_scale`. None stands for float32. Lists of Python's floats are
        float64, as in NumPy. The graph takes dense arrays, also if `X` is a sparse matrix. For a
        pipeline or another foreign estimator, each column of a data frame becomes an input of shape
        (n_samples, 1), for steps that select columns by name; ``X.to_numpy()`` makes one input.

    Returns
    -------
    onnx_model : onnx.ModelProto
        Write ``onnx_model.SerializeToString()`` to a file, by convention with a name that ends in
        ``.onnx``, or pass it to `onnxruntime.InferenceSession`.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the model is not fitted.
    ValueError
        If a part of the model cannot be converted; if the classes are dates or beyond 64-bit
        integers, which ONNX's labels cannot be; if `X` has another number of features than the
        model, or holds neither numbers nor strings. The message names the part and the remedy.
    TypeError
        If the model is not an estimator.
    ImportError
        If onnx is not installed, or skl2onnx for anything but MLPClassifier.

    See Also
    --------
    register_converter : Needed for calling skl2onnx itself, with all its options.

    Notes
    -----
    Compare what a graph gives with the model's own predictions before you rely on it: parts other
    than networks are converted by skl2onnx. Its version 1.20 has no right graph for
    CalibratedClassifierCV with ``method="isotonic"`` or ``method="temperature"`` and for
    TunedThresholdClassifierCV, which `to_onnx` therefore refuses.

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

    A graph of the last hidden layer, as input of another model:

    >>> features = to_onnx(HiddenFeatures(clf), pixels[:1])
    >>> session = InferenceSession(features.SerializeToString())
    >>> session.run(["features"], {"X": pixels})[0].shape
    (1797, 100)
    """
    check_is_fitted(model)
    while isinstance(model, FrozenEstimator):
        model = model.estimator
    inputs = describe_rows(model, X)
    if isinstance(model, MLPClassifier):
        return _import_submodule("_graph").convert(model, *inputs["X"])
    return _import_submodule("_skl2onnx").convert(model, inputs)


def register_converter() -> None:
    """Register converters of `MLPClassifier` and `HiddenFeatures` with skl2onnx.

    Call it before skl2onnx's own functions; `to_onnx` calls it itself. It registers the subclasses
    that are defined by then, too, except those that have a converter of their own. The classifier
    takes skl2onnx's option "zipmap".

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
    _import_submodule("_skl2onnx").register_converter()


def _import_submodule(name: str) -> Any:
    """Import one of the modules that need optional packages."""
    try:
        return import_module(f"skmlp_scratch.onnx.{name}")
    except ImportError as error:
        raise ImportError(
            f'Conversion to ONNX needs {error.name}: pip install "skmlp-scratch[onnx]".'
        ) from error
