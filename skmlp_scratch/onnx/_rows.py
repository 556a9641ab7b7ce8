"""The inputs of a graph: their names, types and shapes."""

from collections import Counter
from numbers import Real
from typing import Any

import numpy as np
from scipy import sparse

from skmlp_scratch._classifier import MLPClassifier
from skmlp_scratch._estimator.frames import column_names
from skmlp_scratch._hidden_features import HiddenFeatures
from skmlp_scratch._typing import Array

# Type and shape of an input or output of a graph. None stands for the number of rows.
TensorSpec = tuple[np.dtype[Any], list[int | None]]


def describe_rows(model: Any, X: Any) -> dict[str, TensorSpec]:
    """Return the inputs of a graph for rows like `X`, by their names."""
    takes_numbers = isinstance(model, (MLPClassifier, HiddenFeatures))
    names = column_names(X)
    if names is not None:
        types = [_type_of(X[name]) for name in names]
        if not takes_numbers:
            return _describe_columns([str(name) for name in names], types)
        X = np.broadcast_to(np.empty((), np.result_type(np.bool_, *types)), X.shape)
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


def _describe_columns(names: list[str], types: list[np.dtype[Any]]) -> dict[str, TensorSpec]:
    """Return an input for each column."""
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise ValueError(
            f"X has several columns {repeated[0]!r}, but each column is an input of the graph. "
            "Rename them, or pass X.to_numpy() for a single input."
        )
    return {name: (dtype, [None, 1]) for name, dtype in zip(names, types, strict=True)}


def _type_of(X: Any) -> np.dtype[Any]:
    """Return the type of an array or a column, which is object for strings."""
    if not sparse.issparse(X):
        X = np.asarray(X)
    if X.dtype.kind in "biuf" and X.dtype.itemsize <= 8:
        return X.dtype.newbyteorder("=")  # type: ignore[no-any-return]
    if X.dtype.kind == "U" or X.size == 0 or any(isinstance(x, str) for x in X.flat):
        return np.dtype(object)
    if X.dtype.kind == "O" and _are_numbers(X):
        return np.dtype(np.float64)  # as in scikit-learn
    raise ValueError(
        f"X has values of type {X.dtype}, but a graph takes numbers of up to 64 bits or strings. "
        "Pass rows of the type that it will get, for instance X.astype(np.float32)."
    )


def _are_numbers(X: Array) -> bool:
    """Return whether all objects are real numbers."""
    return all(isinstance(x, (Real, np.bool_)) for x in X.flat)
