"""Write the golden files of the present format: ``python tests/files/golden/write.py``.

Each is a small model that `save` has written, with rows and what it predicted for them beside it.
Files that are there stay as they are, since no later version can write them again.
"""

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale

from skmlp_scratch import MLPClassifier
from skmlp_scratch._files.model import VERSION

FOLDER = Path(__file__).parent

NAMES = ["sepal length", "sepal width", "petal length", "petal width"]
X, CODES = load_iris(return_X_y=True)
X, CODES = scale(X)[::3], CODES[::3]
SPECIES = np.array(["setosa", "versicolor", "virginica"])[CODES]

# Parameters, rows and labels that between them have everything that a file may hold.
CASES: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "adam": ({}, X, CODES),
    "sgd-bool-float32": ({"solver": "sgd", "activation": "tanh", "dtype": "float32"}, X, CODES > 0),
    "lbfgs-multilabel": ({"solver": "lbfgs", "alpha": 1.0}, X, np.eye(3, dtype=int)[CODES]),
    "adamw-squared-error": (
        {
            "solver": "adamw",
            "learning_rate": "cosine",
            "activation": ["gelu", "silu"],
            "loss": "squared_error",
            "input_scale": 0.5,
        },
        X,
        SPECIES,
    ),
    "warm-everything": (
        {
            "warm_start": True,
            "early_stopping": True,
            "dropout": (0.1, 0.2),
            "class_weight": {"setosa": 1, "versicolor": 2.5, "virginica": np.float32(3)},
            "n_iter_no_change": np.inf,
            "random_state": np.random.RandomState(0),
        },
        pd.DataFrame(X, columns=NAMES),
        SPECIES.astype(object),
    ),
}


def main() -> None:
    """Write the files that are missing."""
    for name, (parameters, rows, labels) in CASES.items():
        path = FOLDER / f"format{VERSION}-{name}.npz"
        if path.exists():
            continue
        defaults = {"learning_rate_init": 0.05, "max_iter": 20, "random_state": 0}
        model = MLPClassifier((4, 3), **defaults | parameters)
        model.fit(rows, labels).save(path)
        sample = rows[::9]
        expected = {
            "X": np.asarray(sample).tolist(),
            "predict": model.predict(sample).tolist(),
            "predict_proba": model.predict_proba(sample).tolist(),
        }
        path.with_suffix(".json").write_text(json.dumps(expected) + "\n", encoding="utf-8")


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # the models are hardly trained
    main()
