"""Prediction speed: ``predict_proba`` on 60,000 rows, on 1,000 and on one, against scikit-learn."""

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
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier

from skmlp_scratch import MLPClassifier

N_ROWS = (60_000, 1_000, 1)
SECONDS_A_ROUND = 0.2


def repeated(model, X, times: int):
    """Milliseconds of a prediction, as the mean of several."""

    def run() -> float:
        return 1e3 / times * seconds(lambda: [model.predict_proba(X) for _ in range(times)])

    return run


def main() -> None:
    """Time all sizes and print one table."""
    arguments = parse_arguments(__doc__)
    warnings.simplefilter("ignore", ConvergenceWarning)  # what it has learnt does not matter
    X, y = load_data(quick=arguments.quick)
    X = as_floats(X, "float32")
    models = {
        name: cls((128,), max_iter=1, random_state=0).fit(X[:3_000], y[:3_000])
        for name, cls in {"ours": MLPClassifier, "scikit-learn": SklearnMLPClassifier}.items()
    }
    rows = []
    for n_rows in N_ROWS:
        part = X[:n_rows]
        one_call = seconds(lambda part=part: models["ours"].predict_proba(part))
        times = max(1, int(SECONDS_A_ROUND / one_call))
        contenders = {name: repeated(model, part, times) for name, model in models.items()}
        figures = interleave(contenders, arguments)
        faster = ratios(figures["scikit-learn"], figures["ours"])
        rows.append([f"{len(part)}", summarize(figures["ours"], 3), summarize(faster)])
    print_table(["rows", "milliseconds", "scikit-learn / ours"], rows, arguments.markdown)


if __name__ == "__main__":
    main()
