"""Fits that are one training: which models can, and what happens to those that cannot."""

from typing import Any

import numpy as np
import pytest

from skmlp_scratch import MLPClassifier
from skmlp_scratch._search.together import fit_together, model_key
from tests._helpers.data import Data
from tests._helpers.models import make_model


class OwnFit(MLPClassifier):
    def fit(self, *args: Any, **params: Any) -> "OwnFit":
        return self


def test_models_that_have_to_train_alone_have_no_key() -> None:
    alike = make_model(alpha=0.1), make_model(solver="sgd")

    assert len({model_key(model) for model in alike}) == 1
    assert model_key(make_model(solver="lbfgs")) is None
    assert model_key(make_model(alpha="high")) is None
    assert model_key(OwnFit()) is None
    # It has no pickle, so that it is not known whether another one is equal.
    assert model_key(make_model(augment=lambda batch, _: batch)) is None


def test_a_fit_that_cannot_begin_raises_its_own_error(iris: Data) -> None:
    X, y = iris
    y = np.where(np.arange(150) == 0, 3, y)
    models = [make_model(early_stopping=True, alpha=alpha) for alpha in (0.1, 1)]

    for finish in fit_together(models, X, y):
        with pytest.raises(ValueError, match="at least 2 samples of each class"):
            finish()
    assert not any(hasattr(model, "coefs_") for model in models)
