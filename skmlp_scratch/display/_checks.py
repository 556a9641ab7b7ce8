"""Checks of what the displays are given."""

from collections.abc import Iterable
from math import isqrt, prod
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skmlp_scratch._estimator.pipelines import final_step
from skmlp_scratch._typing import Array


def find_network(estimator: Any, attribute: str) -> Any:
    """Return a fitted estimator, or the last step of a pipeline, which must have the attribute."""
    check_is_fitted(estimator)
    network = final_step(estimator)
    if not hasattr(network, attribute):
        raise ValueError(
            f"This display needs a network with {attribute}, such as a fitted MLPClassifier or a "
            f"pipeline that ends in one, got {network!r}."
        )
    return network


def to_images(rows: Array, shape: tuple[int, int] | None) -> Array:
    """Return rows of features as images, square ones for None."""
    if rows.ndim != 2:
        raise ValueError(
            "X must have shape (n_samples, height * width), each image as a row, but has rows of "
            f"shape {rows.shape[1:]}. Pass X.reshape(n_samples, -1)."
        )
    n_features = rows.shape[1]
    sizes = (isqrt(n_features),) * 2 if shape is None else shape
    if not _are_two_counts(sizes) or prod(map(int, sizes)) != n_features:
        raise ValueError(
            "shape must be (height, width), two positive integers with height * width = "
            f"{n_features}, the number of features, or None if that is a square; got {shape!r}."
        )
    return rows.reshape(-1, *sizes)


def check_images(name: str, values: Any) -> Array:
    """Return images as an array, of which there must be at least one."""
    images = to_numbers(name, values)
    if images.ndim != 3 or not images.size:
        raise ValueError(
            f"{name} must have shape (n_images, height, width) and hold at least one image, got "
            f"shape {images.shape}."
        )
    return images


def check_one_for_each(name: str, values: Any, n_images: int) -> Array | None:
    """Return values as an array, one for each image, or None."""
    if values is None:
        return None
    array: Array = np.asarray(values)
    if array.shape != (n_images,):
        raise ValueError(
            f"{name} must hold one value for each of the {n_images} images, got shape "
            f"{array.shape}."
        )
    return array


def check_comparable(y_true: Array, y_pred: Array) -> None:
    """Raise if only the labels or only the predictions are strings, as none would be equal."""
    for kind in (str, bytes):
        if _has_any(kind, y_true) != _has_any(kind, y_pred):
            raise ValueError(
                f"y_true and y_pred must be labels of one kind, but {y_true[0]!r} never equals "
                f"{y_pred[0]!r}. Convert one of them, for instance y_true.astype(y_pred.dtype)."
            )


def _has_any(kind: type, values: Array) -> bool:
    return any(isinstance(value, kind) for value in values)


def check_count(name: str, value: Any) -> None:
    """Raise unless a value is a positive integer."""
    if not _is_count(value):
        raise ValueError(f"{name} must be an integer of at least 1, got {value!r}.")


def _is_count(value: Any) -> bool:
    return isinstance(value, Integral) and int(value) > 0


def _are_two_counts(sizes: Any) -> bool:
    return isinstance(sizes, Iterable) and [_is_count(size) for size in sizes] == [True, True]


def to_numbers(name: str, values: Any) -> Array:
    """Return values as an array of numbers. None and pandas' NA become NaN."""
    try:
        array: Array = np.asarray(values)
        return array if array.dtype.kind in "biuf" else np.asarray(values, float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be an array of numbers: {error}.") from error
