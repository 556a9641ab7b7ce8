"""Models to pickle."""

from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_digits

from skmlp_scratch import MLPClassifier
from tests._helpers import models
from tests._helpers.data import Data


@cache
def make_problem(kind: str) -> Data:
    """Return 300 rows with labels of one kind; read-only, as all tests share them."""
    X, y = load_breast_cancer(return_X_y=True) if kind == "binary" else load_digits(return_X_y=True)
    X, y = X[:300] / X.max(axis=0, initial=1), y[:300]
    if kind == "multilabel":
        y = y[:, np.newaxis] >> np.arange(4) & 1
    elif kind == "string":
        y = np.array([f"digit {number}" for number in y])
    elif kind == "object":
        y = np.array([f"digit {number}" for number in y], dtype=object)
    X.flags.writeable = y.flags.writeable = False
    return X, y


make_model = partial(
    models.make_model,
    hidden_layer_sizes=(12, 9),
    batch_size="auto",
    max_iter=6,
    random_state=5,
)


def saved(model: MLPClassifier, folder: Path, name: str = "model.joblib") -> Path:
    """Return the file of a model saved as it is, without compression."""
    return Path(joblib.dump(model, folder / name)[0])


def leaves(value: Any, path: str = "model") -> Iterator[tuple[str, Any]]:
    """Yield everything that is not a container, with where it was found."""
    if isinstance(value, MLPClassifier):
        value = value.__getstate__()
    if isinstance(value, dict):
        for key, item in value.items():
            assert type(key) is str, f"{path}: {key!r}"
            yield from leaves(item, f"{path}.{key}")
    elif isinstance(value, (list, tuple)):
        for position, item in enumerate(value):
            yield from leaves(item, f"{path}[{position}]")
    else:
        yield path, value


def arrays(model: MLPClassifier) -> dict[str, NDArray[Any]]:
    """Return all arrays of a model by where they were found."""
    return {path: value for path, value in leaves(model) if isinstance(value, np.ndarray)}
