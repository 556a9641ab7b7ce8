"""A good file."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests._helpers.model_files import LABELS, X, make_model


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a file with everything that a model may hold."""
    model = make_model(
        hidden_layer_sizes=(2,),
        warm_start=True,
        early_stopping=True,
        dropout=0.1,
        random_state=np.random.RandomState(1),
    ).fit(pd.DataFrame(X[::5], columns=list("abcd")), LABELS["str"][::5])
    path = tmp_path_factory.mktemp("good") / "model.npz"
    model.save(path)
    return path
