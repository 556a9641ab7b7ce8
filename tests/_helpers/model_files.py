"""Models to save, and their files taken apart."""

import io
import json
import re
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale

from skmlp_scratch import MLPClassifier
from tests._helpers import data

X, CODES = load_iris(return_X_y=True)
X = scale(X)
X.flags.writeable = CODES.flags.writeable = False
LABELS = {name: label(CODES) for name, label in data.LABELS.items()}


def make_model(**parameters: Any) -> MLPClassifier:
    """Return an unfitted model that trains for a moment, and shares no parameter with another."""
    defaults: dict[str, Any] = {"hidden_layer_sizes": (4, 3), "activation": "tanh", "max_iter": 3}
    defaults |= {"random_state": 1}
    return MLPClassifier(**deepcopy(defaults | parameters))


def reload(model: MLPClassifier, folder: Path) -> MLPClassifier:
    """Return the model saved and loaded."""
    model.save(folder / "model.npz")
    return MLPClassifier.load(folder / "model.npz")


def unpack(path: Path) -> SimpleNamespace:
    """Return header and arrays of a file."""
    with np.load(path) as archive:
        arrays = dict(archive)
    return SimpleNamespace(header=json.loads(arrays.pop("header").tobytes()), arrays=arrays)


def pack(file: SimpleNamespace) -> bytes:
    """Return the bytes of a file with a header and arrays."""
    return npz(header=np.frombuffer(json.dumps(file.header).encode(), np.uint8), **file.arrays)


def npz(**arrays: Any) -> bytes:
    """Return an archive of arrays."""
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


def refused(folder: Path, content: bytes, message: str) -> None:
    """Check that a file gives one error that names it, what was expected and what was found."""
    path = folder / "name-of-the-file"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        MLPClassifier.load(path)
    assert re.fullmatch(
        rf"{re.escape(str(path))} cannot be loaded as an MLPClassifier: expected .*; found .*\.",
        str(caught.value),
        re.DOTALL,
    )
