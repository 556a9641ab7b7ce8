"""Prediction speed: ``predict_proba`` on 60,000 rows, on 1,000 and on one, against scikit-learn.

The floor is the matrix products alone. Both estimators check the rows first, which takes longer
than all else for a single one.
"""

import warnings
from collections.abc import Callable
from functools import partial

import numpy as np
from harness import (
    Contender,
    as_floats,
    interleave,
    load_data,
    parse_arguments,
    print_table,
    ratios,
    seconds,
    summarize,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier

from skmlp_scratch import MLPClassifier

N_ROWS = (60_000, 1_000, 1)
SECONDS_A_ROUND = 0.2


def floor(model, X) -> Callable[[], object]:
    """Return the matrix products of a prediction, and nothing else."""
    hidden_weights, output_weights = model.coefs_
    hidden = np.empty((len(X), hidden_weights.shape[1]), X.dtype)
    logits = np.empty((len(X), output_weights.shape[1]), X.dtype)

    def products() -> None:
        np.matmul(X, hidden_weights, out=hidden)
        np.matmul(hidden, output_weights, out=logits)

    return products


def repeated(predict: Callable[[], object], times: int) -> Contender:
    """Milliseconds of a prediction, as the mean of several."""

    def run() -> float:
        return 1e3 / times * seconds(lambda: [predict() for _ in range(times)])

    return run


def main() -> None:
    """Time all sizes and print one table."""
    arguments = parse_arguments(__doc__)
    warnings.simplefilter("ignore", ConvergenceWarning)  # what it has learned does not matter
    X, y = load_data(quick=arguments.quick)
    X = as_floats(X, "float32")
    models = {
        name: cls((128,), max_iter=1, random_state=0).fit(X[:3_000], y[:3_000])
        for name, cls in {"ours": MLPClassifier, "scikit-learn": SklearnMLPClassifier}.items()
    }
    rows = []
    for n_rows in N_ROWS:
        part = X[:n_rows]
        predictions = {
            name: partial(model.predict_proba, part) for name, model in models.items()
        } | {"floor": floor(models["ours"], part)}
        times = max(1, int(SECONDS_A_ROUND / seconds(predictions["ours"])))
        contenders = {name: repeated(predict, times) for name, predict in predictions.items()}
        figures = interleave(contenders, arguments)
        faster = ratios(figures["scikit-learn"], figures["ours"])
        above = ratios(figures["ours"], figures["floor"])
        rows.append(
            [f"{len(part)}", summarize(figures["ours"], 3), summarize(faster), summarize(above)]
        )
    header = ["rows", "milliseconds", "scikit-learn / ours", "ours / floor"]
    print_table(header, rows, arguments.markdown)


if __name__ == "__main__":
    main()
