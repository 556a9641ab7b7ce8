"""Models to train in several pieces."""

import io
from functools import partial
from typing import Any

import joblib

from skmlp_scratch import MLPClassifier
from tests._helpers import models

make_model = partial(  # can be trained in several pieces
    models.make_model,
    hidden_layer_sizes=(9,),
    batch_size=32,
    max_iter=200,
    random_state=3,
    warm_start=True,
)


def reload(model: MLPClassifier) -> Any:
    """Return what joblib makes of the model once it is saved and loaded."""
    file = io.BytesIO()
    joblib.dump(model, file)
    file.seek(0)
    return joblib.load(file)
