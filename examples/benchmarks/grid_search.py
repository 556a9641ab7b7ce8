"""A grid search, 3 folds in two processes: ours against scikit-learn's."""

import warnings

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
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier

from skmlp_scratch import MLPClassifier

GRID = {"hidden_layer_sizes": [(64,), (128,), (64, 32)], "learning_rate_init": [1e-3, 3e-3]}
N_ROWS = 12_000


def search(cls, X, y):
    """Time a search; its processes start in the warm-up round."""

    def run() -> float:
        warnings.simplefilter("ignore")  # five epochs are meant to be too few
        model = cls(max_iter=5, random_state=0)
        return seconds(lambda: GridSearchCV(model, GRID, cv=3, n_jobs=2).fit(X, y))

    return run


def main() -> None:
    """Time both and print one table."""
    arguments = parse_arguments(__doc__)
    X, y = load_data(quick=arguments.quick)
    X, y = as_floats(X[:N_ROWS], "float32"), y[:N_ROWS]
    contenders = {
        "ours": search(MLPClassifier, X, y),
        "scikit-learn": search(SklearnMLPClassifier, X, y),
    }
    figures = interleave(contenders, arguments)
    faster = ratios(figures["scikit-learn"], figures["ours"])
    row = [f"{len(X)}", summarize(figures["ours"], 3), summarize(faster)]
    print_table(["rows", "seconds", "scikit-learn / ours"], [row], arguments.markdown)


if __name__ == "__main__":
    main()
