"""Training speed on small tables: 30 epochs of those that come with scikit-learn, against its MLP.

Products are small here, and what a step costs besides them decides.
"""

import warnings

from harness import interleave, parse_arguments, print_table, ratios, seconds, summarize
from sklearn.datasets import load_breast_cancer, load_digits, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier
from sklearn.preprocessing import minmax_scale

from skmlp_scratch import MLPClassifier

TABLES = {"iris": load_iris, "breast cancer": load_breast_cancer, "digits": load_digits}
BATCH_SIZES = ("auto", 32)


def fit(cls, X, y, batch_size, n_epochs):
    """Return a contender: a fit of one hidden layer of 100 units, which is the default."""
    return lambda: seconds(
        lambda: cls(batch_size=batch_size, max_iter=n_epochs, random_state=0).fit(X, y)
    )


def main() -> None:
    """Time all tables and print one of ratios."""
    arguments = parse_arguments(__doc__)
    warnings.simplefilter("ignore", ConvergenceWarning)  # how well it learns does not matter
    n_epochs = 3 if arguments.quick else 30
    rows = []
    for name, load in TABLES.items():
        X, y = load(return_X_y=True)
        X = minmax_scale(X)
        for batch_size in BATCH_SIZES:
            contenders = {
                "ours": fit(MLPClassifier, X, y, batch_size, n_epochs),
                "scikit-learn": fit(SklearnMLPClassifier, X, y, batch_size, n_epochs),
            }
            figures = interleave(contenders, arguments)
            faster = ratios(figures["scikit-learn"], figures["ours"])
            cells = [name, f"{len(X)} x {X.shape[1]}", str(batch_size)]
            rows.append([*cells, summarize(figures["ours"], 3), summarize(faster)])
    header = ["table", "size", "batch", "seconds", "scikit-learn / ours"]
    print_table(header, rows, arguments.markdown)


if __name__ == "__main__":
    main()
