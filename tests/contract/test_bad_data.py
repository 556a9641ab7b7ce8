"""Data that make no sense, and scikit-learn's errors for them."""

from collections.abc import Callable
from inspect import signature
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier as Theirs

from skmlp_scratch import MLPClassifier
from tests._helpers.data import Data
from tests._helpers.models import make_model


def with_first(array: NDArray[Any], value: Any) -> NDArray[Any]:
    """Return a copy with another first element."""
    array = array.astype(np.result_type(array, type(value)))
    array.flat[0] = value
    return array


BAD_DATA: dict[str, Callable[[Any, Any], tuple[Any, ...]]] = {
    "nan in X": lambda X, y: (with_first(X, np.nan), y),
    "inf in X": lambda X, y: (with_first(X, np.inf), y),
    "words in X": lambda X, y: (np.full(X.shape, "word"), y),
    "complex X": lambda X, y: (X * 1j, y),
    "one dimension": lambda X, y: (X[0], y[:4]),
    "three dimensions": lambda X, y: (X[np.newaxis], y),
    "no rows": lambda X, y: (X[:0], y[:0]),
    "no columns": lambda X, y: (X[:, :0], y),
    "a row too few": lambda X, y: (X[1:], y),
    "no y": lambda X, _: (X, None),
    "nan in y": lambda X, y: (X, with_first(y, np.nan)),
    "a measurement for y": lambda X, y: (X, y / 3),
    "two columns of classes": lambda X, y: (X, np.column_stack([y, y])),
    "nan in weights": lambda X, y: (X, y, with_first(np.ones(len(y)), np.nan)),
    "a weight too few": lambda X, y: (X, y, np.ones(len(y) - 1)),
    "weights in columns": lambda X, y: (X, y, np.ones((len(y), 2))),
}

# Where scikit-learn's message lists all of y, or does not say what to do, ours begins like this.
OUR_WORDS = {
    "words in X": "dtype='numeric' is not compatible with arrays of bytes/strings",
    "a measurement for y": "Unknown label type: continuous",
    "two columns of classes": "y has 2 columns",
}


@pytest.mark.parametrize("mistake", BAD_DATA)
def test_bad_data_give_the_error_of_scikit_learn(iris: Data, mistake: str) -> None:
    data = BAD_DATA[mistake](*iris)
    messages = []
    for kind in (MLPClassifier, Theirs):
        if len(data) >= len(signature(kind.fit).parameters):
            continue  # before 1.7, scikit-learn's takes no weights
        model = kind()
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - see below
            model.fit(*data)
        assert not hasattr(model, "coefs_")
        assert caught.type is ValueError
        messages.append(str(caught.value))
    assert messages[0].startswith(OUR_WORDS.get(mistake, messages[-1]))


@pytest.mark.parametrize("method", ["predict", "predict_proba", "score", "partial_fit"])
def test_wrong_number_of_features(iris: Data, method: str) -> None:
    X, y = iris
    model = make_model().fit(X, y)
    data = (X[:, 1:], y) if method in ("score", "partial_fit") else (X[:, 1:],)
    with pytest.raises(ValueError, match="X has 3 features, but MLPClassifier is expecting 4"):
        getattr(model, method)(*data)
