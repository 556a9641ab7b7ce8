"""What users call."""

from importlib import import_module
from typing import Any

from sklearn.utils.validation import check_is_fitted

from skmlp_scratch._classifier import MLPClassifier
from skmlp_scratch.onnx._rows import describe_rows


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
    Two graphs are wrong because of skl2onnx 1.20 itself, with LogisticRegression as much as with
    MLPClassifier: ``CalibratedClassifierCV(method="isotonic")`` gives other probabilities, as it
    does not interpolate between the steps; `TunedThresholdClassifierCV` loses its threshold, and so
    gives other labels. Compare what any graph of foreign parts gives with the model's own
    predictions before relying on it.

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
    inputs = describe_rows(model, X)
    if isinstance(model, MLPClassifier):
        return _import_submodule("_graph").convert(model, *inputs["X"])
    return _import_submodule("_skl2onnx").convert(model, inputs)


def register_converter() -> None:
    """Tell skl2onnx how to convert `MLPClassifier` and `HiddenFeatures` within other estimators.

    That includes the subclasses that are defined by then; one that has a converter keeps it.
    `to_onnx` does so itself. Of skl2onnx's options, the classifier has "zipmap".

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
