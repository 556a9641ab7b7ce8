"""Files that earlier versions wrote."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from skmlp_scratch import MLPClassifier
from skmlp_scratch._files.model import VERSION
from tests._helpers.paths import GOLDEN

FILES = sorted(GOLDEN.glob("*.npz"))


def test_there_are_golden_files_of_every_format() -> None:
    formats = {int(re.match(r"format(\d+)-", path.name).group(1)) for path in FILES}
    assert formats == set(range(1, VERSION + 1))


def read_golden(path: Path) -> tuple[MLPClassifier, Any, dict[str, Any]]:
    """Return a model, rows as it takes them, and what it predicted for them."""
    model = MLPClassifier.load(path)
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    rows = np.array(expected.pop("X"))
    if hasattr(model, "feature_names_in_"):
        rows = pd.DataFrame(rows, columns=model.feature_names_in_)
    return model, rows, expected


@pytest.mark.thread("https://github.com/zhangxin1995/PTD/issues/2")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_golden_files_predict_what_they_did(path: Path) -> None:
    model, rows, expected = read_golden(path)
    assert model.predict(rows).tolist() == expected["predict"]
    # Another BLAS adds up in another order.
    tolerance = 50 * np.finfo(model.coefs_[0].dtype).eps
    found = model.predict_proba(rows)
    assert_allclose(found, expected["predict_proba"], rtol=0, atol=tolerance)


@pytest.mark.parametrize(
    "path", [path for path in FILES if "lbfgs" not in path.stem], ids=lambda path: path.stem
)
def test_golden_files_train_on(path: Path) -> None:
    model, rows, expected = read_golden(path)
    n_epochs = len(model.loss_curve_)
    model.set_params(early_stopping=False).partial_fit(rows, np.array(expected["predict"]))
    assert len(model.loss_curve_) == n_epochs + 1
