"""Data and models for scikit-learn's tools."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from typing import Any

import numpy as np
from numpy.testing import assert_allclose
from sklearn import calibration, config_context, get_config
from sklearn.datasets import (
    load_breast_cancer,
    load_digits,
    load_iris,
    load_wine,
    make_classification,
)
from sklearn.model_selection import (
    StratifiedKFold,
    train_test_split,
)
from sklearn.neural_network import MLPClassifier as Theirs
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp_scratch import MLPClassifier as Ours
from tests._helpers.data import Array

Kind = type[Ours] | type[Theirs]
FOLDS = StratifiedKFold(3, shuffle=True, random_state=0)
CALIBRATIONS = ["sigmoid", "isotonic"]
if hasattr(calibration, "_TemperatureScaling"):  # since scikit-learn 1.8
    CALIBRATIONS.append("temperature")


@cache
def digits() -> tuple[Array, Array]:
    """Return 600 handwritten digits of 8 x 8 pixels in [0, 1]; read-only."""
    X, y = load_digits(return_X_y=True)
    return _read_only(X[:600] / 16, y[:600])


@cache
def large_digits() -> tuple[Array, Array]:
    """Return all 1797 digits in 16 x 16 pixels: 3.7 MB, which joblib maps from a file."""
    X, y = load_digits(return_X_y=True)
    images = np.kron(X.reshape(-1, 8, 8) / 16, np.ones((2, 2)))
    return _read_only(images.reshape(len(X), 256), y)


@cache
def tumors() -> tuple[Array, Array]:
    """Return 569 tumors of two kinds with 30 measurements of very different scales; read-only."""
    return _read_only(*load_breast_cancer(return_X_y=True))


@cache
def flowers() -> tuple[Array, Array]:
    """Return 150 irises of three kinds with 4 measurements; read-only."""
    return _read_only(*load_iris(return_X_y=True))


@cache
def wines() -> tuple[Array, Array]:
    """Return 178 wines of three kinds with 13 measurements of different scales; read-only."""
    return _read_only(*load_wine(return_X_y=True))


@cache
def rare_class() -> tuple[Array, Array]:
    """Return 600 rows, a tenth of them of the second class; read-only."""
    return _read_only(*make_classification(600, 10, weights=[0.9], random_state=0))


@cache
def noisy_classes() -> tuple[Array, Array]:
    """Return 600 rows of three classes, with a fifth of the labels drawn anew; read-only."""
    return _read_only(
        *make_classification(600, 10, n_informative=5, n_classes=3, flip_y=0.2, random_state=0)
    )


def _read_only(X: Array, y: Array) -> tuple[Array, Array]:
    X.flags.writeable = y.flags.writeable = False
    return X, y


def make_mlp(kind: Kind = Ours, *sizes: Any, **parameters: Any) -> Any:
    """Return a small model that learns fast."""
    defaults: dict[str, Any] = {
        "max_iter": 15,
        "learning_rate_init": 0.01,
        "random_state": 3,
        "batch_size": 50,
    }
    return kind(*(sizes or [(40,)]), **defaults | parameters)


def make_pipe(kind: Kind = Ours, *sizes: Any, **parameters: Any) -> Pipeline:
    """Return such a model behind a scaler."""
    return make_pipeline(StandardScaler(), make_mlp(kind, *sizes, **parameters))


def same_for_both(function: Callable[[Kind], Any], rtol: float = 1e-6, atol: float = 0) -> Array:
    """Return what a function makes of our estimator, which is what it makes of theirs."""
    ours, theirs = (np.asarray(function(kind)) for kind in (Ours, Theirs))
    assert_allclose(ours, theirs, rtol=rtol, atol=atol)
    return ours


def within(seconds: float, function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what the function returns; fail if that takes too long, as worker processes might."""
    future: Future[Any] = Future()
    config = get_config()  # each thread has its own

    def run() -> None:
        try:
            with config_context(**config):
                future.set_result(function(*arguments))
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future.result(seconds)


LAYERS, RATE = "mlpclassifier__hidden_layer_sizes", "mlpclassifier__learning_rate_init"


def halves(data: tuple[Array, Array]) -> Any:
    """Return training and test rows, as many of each."""
    return train_test_split(*data, test_size=0.5, random_state=0, stratify=data[1])
