"""Options that are set after a fit: they change the next fit, not the model that is there."""

from typing import Any

import pytest
from sklearn.base import clone

from tests._helpers.compare import assert_same_predictions, same_parameters
from tests._helpers.data import Data
from tests._helpers.models import make_model

LATER: dict[str, Any] = {
    "activation": "tanh",
    "input_scale": 0.1,
    "loss": "squared_error",
    "dtype": "float32",
    "hidden_layer_sizes": (5, 4),
}


@pytest.mark.parametrize("name", LATER)
def test_an_option_set_after_a_fit_leaves_the_predictions(problem: Data, name: str) -> None:
    X, y = problem
    model, changed = make_model().fit(X, y), make_model().fit(X, y)
    changed.set_params(**{name: LATER[name]})

    assert_same_predictions(model, changed, X)


@pytest.mark.parametrize("name", LATER)
def test_an_option_set_after_a_fit_counts_for_the_next(multiclass: Data, name: str) -> None:
    model = make_model().fit(*multiclass).set_params(**{name: LATER[name]})

    assert same_parameters(model.fit(*multiclass), clone(model).fit(*multiclass))
