"""Grid searches in two processes: MLPGridSearchCV, and GridSearchCV over both classifiers."""

import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from harness import (
    as_floats,
    interleave,
    load_data,
    parse_arguments,
    print_table,
    ratios,
    seconds,
    summarize,
)
from sklearn.datasets import load_breast_cancer, load_digits, make_classification
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier
from sklearn.preprocessing import scale

from skmlp_scratch import MLPClassifier, MLPGridSearchCV

HEADER = ["search", "candidates", "seconds", "scikit-learn's / ours", "GridSearchCV / ours"]


class Work(NamedTuple):
    """A search: its data, grid and other parameters of the classifier."""

    name: str
    data: Callable[[], tuple[np.ndarray, np.ndarray]]
    grid: dict[str, list]
    parameters: dict[str, int]


def grid(sizes: list[int], n_rates: int, **others: list) -> dict[str, list]:
    """Return widths of one hidden layer, learning rates, and others."""
    widths = [(size,) for size in sizes]
    rates = np.geomspace(3e-4, 3e-2, n_rates).tolist()
    return {"hidden_layer_sizes": widths, "learning_rate_init": rates, **others}


def make_table():
    """Return 5,000 rows of 40 features, 3 classes."""
    return make_classification(5_000, 40, n_informative=10, n_classes=3, random_state=0)


def load_tumors():
    """Return 569 rows of 30 features, 2 classes."""
    X, y = load_breast_cancer(return_X_y=True)
    return scale(X), y


def load_small_digits():
    """Return 1,797 rows of 64 pixels."""
    X, y = load_digits(return_X_y=True)
    return X / 16, y


def mnist_sample():
    """Return 12,000 rows of 784 pixels."""
    X, y = load_data()
    return as_floats(X[:12_000], "float32"), y[:12_000]


WORKS = [
    Work("table", make_table, grid([50, 100], 12, alpha=[1e-4, 1e-2]), {"max_iter": 20}),
    Work(
        "breast cancer",
        load_tumors,
        grid([16, 32, 64], 8),
        {"max_iter": 60, "batch_size": 64},
    ),
    Work("digits", load_small_digits, grid([32, 64], 6), {"max_iter": 30}),
    Work("MNIST", mnist_sample, grid([32, 128], 4), {"max_iter": 5}),
]


def make_search(search, model, work: Work, X, y):
    """Time a search; its processes start in the warm-up round."""

    def run() -> float:
        return seconds(lambda: search(model, work.grid, cv=3, n_jobs=2).fit(X, y))

    return run


def measure(work: Work, arguments) -> list[str]:
    """Time one search by all contenders; return a row of the table."""
    X, y = work.data()
    if arguments.quick:
        X, y, work = X[::10], y[::10], work._replace(parameters=work.parameters | {"max_iter": 3})
    ours = MLPClassifier(**work.parameters, random_state=0)
    theirs = SklearnMLPClassifier(**work.parameters, random_state=0)
    contenders = {
        "ours": make_search(MLPGridSearchCV, ours, work, X, y),
        "GridSearchCV": make_search(GridSearchCV, ours, work, X, y),
        "scikit-learn's": make_search(GridSearchCV, theirs, work, X, y),
    }
    figures = interleave(contenders, arguments)
    faster = [ratios(figures[name], figures["ours"]) for name in ("scikit-learn's", "GridSearchCV")]
    n_candidates = np.prod([len(values) for values in work.grid.values()])
    return [work.name, f"{n_candidates}", summarize(figures["ours"], 2), *map(summarize, faster)]


def main() -> None:
    """Time all and print one table."""
    arguments = parse_arguments(__doc__, rounds=3)
    rows = [measure(work, arguments) for work in WORKS]
    print_table(HEADER, rows, arguments.markdown)


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # a few epochs are meant to be too few
    main()
