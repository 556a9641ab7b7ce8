"""Comparisons of two models, from their weights to all that they hold."""

from typing import Any

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from skmlp_scratch import MLPClassifier

HISTORY = ["loss_", "best_loss_", "validation_scores_", "best_validation_score_", "t_"]
PREDICTIONS = ["predict", "predict_proba", "predict_log_proba", "logits"]


def same_parameters(one: Any, other: Any) -> bool:
    """Return whether two models have the same weights and biases, bit for bit and type for type."""
    ours, others = ([*model.coefs_, *model.intercepts_] for model in (one, other))
    return len(ours) == len(others) and all(map(_same, ours, others))


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return one.dtype == other.dtype and np.array_equal(one, other)


def assert_same_predictions(one: MLPClassifier, other: MLPClassifier, X: NDArray[Any]) -> None:
    """Compare everything that a model predicts, bit for bit."""
    for name in PREDICTIONS:
        expected = getattr(one, name)(X)
        found = getattr(other, name)(X)
        assert found.dtype == expected.dtype, name
        assert_array_equal(found, expected, err_msg=name, strict=True)


def assert_same_model(one: Any, other: Any, where: str = "model") -> None:
    """Compare all that a model holds, bit for bit, types included; only its times may differ."""
    if isinstance(one, np.ndarray):
        assert isinstance(other, np.ndarray), where  # perhaps one that is mapped from a file
        assert_array_equal(one, other, err_msg=where, strict=True)
        return
    assert type(one) is type(other), where
    if (parts := _parts_of(one)) is None:
        assert one == other or (one != one and other != other), where
    else:
        others = _parts_of(other) or {}
        keys, other_keys = ([(type(key), key) for key in p] for p in (parts, others))
        assert keys == other_keys, where
        for key, part in parts.items():
            if key != "seconds":
                assert_same_model(part, others[key], f"{where}.{key}")


def _parts_of(value: Any) -> dict[Any, Any] | None:
    """Return what a value consists of; None if it is a whole."""
    if isinstance(value, MLPClassifier):
        return dict(sorted(value.__getstate__().items()))  # parameters come in another order
    if isinstance(value, BaseEstimator):
        return dict(value.get_params(deep=False))
    if isinstance(value, list | tuple):
        return dict(enumerate(value))
    if isinstance(value, np.random.RandomState):
        return dict(value.get_state(legacy=False))
    if isinstance(value, np.random.Generator):
        return dict(value.bit_generator.state)
    return value if isinstance(value, dict) else None


def assert_same_training(one: MLPClassifier, other: MLPClassifier) -> None:
    """Compare weights, biases and history bit for bit; options may differ."""
    assert same_parameters(one, other)
    for name in HISTORY:
        assert getattr(one, name) == getattr(other, name), name
    for name in one.history_.keys() - {"seconds"}:
        assert_array_equal(one.history_[name], other.history_[name], name)


def assert_close_models(one: Any, other: Any, *, rtol: float, atol: float) -> None:
    """Compare weights, biases and losses, apart from rounding."""
    for a, b in zip(
        [*one.coefs_, *one.intercepts_], [*other.coefs_, *other.intercepts_], strict=True
    ):
        assert_allclose(a, b, rtol=rtol, atol=atol)
        assert a.dtype == b.dtype
    assert_allclose(one.loss_curve_, other.loss_curve_, rtol=rtol, atol=atol)
