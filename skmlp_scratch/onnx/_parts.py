"""The parts of an estimator: unwrapped, and checked for what skl2onnx does not support."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import AdaBoostClassifier, StackingClassifier, VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import TunedThresholdClassifierCV
from sklearn.pipeline import Pipeline

from skmlp_scratch._classifier import MLPClassifier
from skmlp_scratch._hidden_features import HiddenFeatures
from skmlp_scratch.onnx._graph import onnx_classes


def parts_of(model: Any) -> list[Any]:
    """Return an estimator and all estimators within it, except those within `HiddenFeatures`."""
    found: dict[int, Any] = {}
    _collect(model, found)
    return [part for part in found.values() if not isinstance(part, (list, tuple, dict))]


def _collect(value: Any, found: dict[int, Any]) -> None:
    """Add an estimator, or the estimators in a container, and all that they hold."""
    if id(value) in found or not _may_hold_parts(value):
        return
    found[id(value)] = value
    for inner in _contents(value):
        _collect(inner, found)


def _may_hold_parts(value: Any) -> bool:
    # The members of a CalibratedClassifierCV are not instances of BaseEstimator.
    is_part = isinstance(value, BaseEstimator) or hasattr(type(value), "predict_proba")
    return is_part or isinstance(value, (list, tuple, dict))


def _contents(value: Any) -> Iterator[Any]:
    """Yield what a container or an estimator holds."""
    if isinstance(value, (MLPClassifier, HiddenFeatures)):
        return
    if isinstance(value, (list, tuple)):
        yield from value
    else:
        yield from (value if isinstance(value, dict) else vars(value)).values()


def unwrap(model: Any, is_known: Callable[[type[Any]], bool]) -> Any:
    """Replace frozen estimators, and searches without a converter, by the estimators in them.

    Parameters
    ----------
    model : estimator
        A fitted estimator. It stays as it is.
    is_known : callable
        Whether there is a converter for a class.

    Returns
    -------
    unwrapped : estimator
        The estimator itself, if there is nothing to replace, or a copy.
    """
    parts = parts_of(model)
    wrapped = {id(part): part for part in parts if _inner(part, is_known) is not part}
    if not wrapped:
        return model
    # deepcopy takes these for copied already. Networks are large and need no copy.
    memo = {id(part): part for part in parts if isinstance(part, (MLPClassifier, HiddenFeatures))}
    for key, part in wrapped.items():
        inner = part
        while (further := _inner(inner, is_known)) is not inner:
            inner = further
        memo[key] = unwrap(inner, is_known)
    return deepcopy(model, memo)


def _inner(part: Any, is_known: Callable[[type[Any]], bool]) -> Any:
    """Return what a part wraps, or the part itself."""
    if isinstance(part, FrozenEstimator):
        return part.estimator
    if hasattr(part, "best_estimator_") and not is_known(type(part)):
        return part.best_estimator_
    return part


def check_parts(model: Any) -> None:
    """Raise for parts that skl2onnx 1.20 converts wrongly, or refuses without naming the cause.

    Raises
    ------
    ValueError
        If there is such a part. The message names it and the remedy.
    """
    for part in parts_of(model):
        _check_labels(part)
        for name, remedy in _faults(part):
            raise ValueError(f"{type(part).__name__} with {name} has no ONNX graph: {remedy}.")


def _check_labels(part: Any) -> None:
    """Raise if the labels of a classifier have a type that ONNX or skl2onnx does not have."""
    if isinstance(part, MLPClassifier):
        if hasattr(part, "classes_"):
            onnx_classes(part)
        return
    passes_on = isinstance(part, Pipeline) or hasattr(part, "best_estimator_")
    classes = getattr(part, "classes_", None)
    if passes_on or not isinstance(part, ClassifierMixin) or not isinstance(classes, np.ndarray):
        return
    name = type(part).__name__
    kinds = "ifUO" if isinstance(part, AdaBoostClassifier) else "ibfUO"
    if classes.dtype.kind not in kinds:
        raise ValueError(
            f"classes_ of {name} are of type {classes.dtype}, which skl2onnx does not convert. "
            "Train on strings or signed integers instead, for instance y.astype(np.int64)."
        )
    if classes.dtype.kind in "if":
        beyond = classes[(classes < -(2**31)) | (classes >= 2**31)]
        if len(beyond):
            raise ValueError(
                f"classes_ of {name} has {beyond[0]}, which is beyond the 32-bit integers of "
                "skl2onnx's labels. Train on strings or smaller integers instead."
            )


def _faults(part: Any) -> Iterator[tuple[str, str]]:
    """Yield what is not supported in a part, with its remedy."""
    if isinstance(part, CalibratedClassifierCV) and part.method != "sigmoid":
        # Isotonic regression is not interpolated between its steps, temperatures are not known.
        yield f"method={part.method!r}", "calibrate with method='sigmoid'"
    if isinstance(part, TunedThresholdClassifierCV):
        # The threshold would be lost.
        remedy = "convert its estimator_ and compare the probability with its best_threshold_"
        yield "a tuned threshold", remedy
    if isinstance(part, VotingClassifier) and part.flatten_transform:
        yield "flatten_transform=True", "set flatten_transform=False; predictions stay the same"
    if isinstance(part, StackingClassifier):
        for method in {*getattr(part, "stack_method_", [])} - {"predict_proba"}:
            if method == "predict" or len(part.classes_) == 2:
                yield f"stack_method={method!r}", "fit it with stack_method='predict_proba'"
