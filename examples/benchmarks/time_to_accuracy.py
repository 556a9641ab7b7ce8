"""Seconds from the start of a process to a test accuracy: import, read the IDX files, fit, score.

Each contender runs in a process of its own. Ours trains one hidden layer of 256 units on the bytes
of the pixels with the one-cycle schedule; scikit-learn's trains with its defaults, on pixels
between 0 and 1, for as many epochs as it takes.
"""

import argparse
import subprocess
import sys
import time
import warnings

from harness import (
    as_floats,
    interleave,
    load_data,
    parse_arguments,
    print_table,
    ratio,
    summarize,
)

# The fewest epochs that reach the accuracy, found by trying.
OURS = {0.975: {"max_iter": 2}, 0.98: {"max_iter": 3}}
THEIRS = {0.975: {"max_iter": 9}, 0.98: {"max_iter": 40}}


def train_ours(X, y, X_test, options):
    """Train on bytes; return the model and its test images."""
    from skmlp_scratch import MLPClassifier  # noqa: PLC0415 - the import is timed

    model = MLPClassifier(
        (256,),
        input_scale=1 / 255,
        batch_size=128,
        learning_rate="one_cycle",
        learning_rate_init=0.008,
        random_state=0,
        **options,
    )
    return model.fit(X, y), X_test


def train_theirs(X, y, X_test, options):
    """Train on floats, as scikit-learn would make of bytes in any case."""
    from sklearn.neural_network import MLPClassifier  # noqa: PLC0415 - the import is timed

    model = MLPClassifier(random_state=0, **options)
    return model.fit(as_floats(X, "float32"), y), as_floats(X_test, "float32")


CONTENDERS = {"ours": (train_ours, OURS), "scikit-learn": (train_theirs, THEIRS)}


def run_here(name: str, accuracy: float, *, quick: bool) -> None:
    """Train, score and print the test accuracy."""
    warnings.simplefilter("ignore")  # a few epochs are meant to be enough
    X, y = load_data(quick=quick)
    X_test, y_test = load_data("test", quick=quick)
    train, options = CONTENDERS[name]
    model, X_test = train(X, y, X_test, options[accuracy])
    print(model.score(X_test, y_test))


def contender(name: str, accuracy: float, scores: dict[str, float], *, quick: bool):
    """Return a function that times a process, and keeps the accuracy that it reaches."""
    command = [sys.executable, __file__, "--run", name, str(accuracy)] + ["--quick"] * quick

    def run() -> float:
        start = time.perf_counter()
        result = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own file
        scores[name] = float(result.stdout.split()[-1])
        return time.perf_counter() - start

    return run


def main() -> None:
    """Time both contenders for both accuracies and print one table."""
    arguments = parse_arguments(__doc__)
    rows = []
    for accuracy in OURS:
        scores: dict[str, float] = {}
        figures = interleave(
            {name: contender(name, accuracy, scores, quick=arguments.quick) for name in CONTENDERS},
            arguments.rounds,
        )
        rows.append(
            [
                f"{accuracy:.1%}",
                summarize(figures["ours"], 1),
                f"{scores['ours']:.2%}",
                summarize(figures["scikit-learn"], 1),
                f"{scores['scikit-learn']:.2%}",
                f"{ratio(figures['scikit-learn'], figures['ours']):.2f}",
            ]
        )
    header = ["goal", "our seconds", "reached", "scikit-learn's", "reached", "scikit-learn / ours"]
    print_table(header, rows, arguments.markdown)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        parser = argparse.ArgumentParser()
        parser.add_argument("--run", nargs=2)
        parser.add_argument("--quick", action="store_true")
        given = parser.parse_args()
        run_here(given.run[0], float(given.run[1]), quick=given.quick)
    else:
        main()
