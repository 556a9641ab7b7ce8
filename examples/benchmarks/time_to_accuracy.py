"""Seconds from the start of a process to a test accuracy: import, read the IDX files, fit, score.

Each contender runs in a process of its own. Ours trains one hidden layer of 256 units on the bytes
of the pixels with the one-cycle schedule, and for 99 % on deformed images; scikit-learn's trains
with its defaults, on pixels between 0 and 1, for as many epochs as it takes, and never comes to
99 %. Each round has another seed. Both read the files with our reader, whose import takes a fifth
of a second of scikit-learn's time.
"""

import json
import statistics
import sys
import warnings
from itertools import count

from harness import (
    Contender,
    as_floats,
    interleave,
    load_data,
    parse_arguments,
    print_table,
    ratios,
    run_python,
    seconds,
    summarize,
)

from skmlp_scratch import MLPClassifier
from skmlp_scratch.augmentation import ImageDeformation

# The fewest epochs that reach the accuracy with one seed, found by trying.
OURS = {
    0.975: {"max_iter": 2},
    0.98: {"max_iter": 3},
    0.99: {
        "max_iter": 25,
        "batch_size": 100,
        "learning_rate_init": 0.004,
        "alpha": 1e-5,
        "augment": ImageDeformation((28, 28)),
    },
}
THEIRS = {0.975: {"max_iter": 9}, 0.98: {"max_iter": 40}}


def train_ours(X, y, X_test, **options):
    """Train on bytes; return the model and its test images."""
    defaults = {"batch_size": 128, "learning_rate_init": 0.008, "learning_rate": "one_cycle"}
    model = MLPClassifier((256,), input_scale=1 / 255, **defaults | options)
    return model.fit(X, y), X_test


def train_theirs(X, y, X_test, **options):
    """Train on floats, as scikit-learn would make of bytes in any case."""
    # Here, as the import is timed.
    from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier  # noqa: PLC0415

    model = SklearnMLPClassifier(**options)
    return model.fit(as_floats(X, "float32"), y), as_floats(X_test, "float32")


CONTENDERS = {"ours": (train_ours, OURS), "scikit-learn": (train_theirs, THEIRS)}


def run_here(name: str, accuracy: float, seed: int, quick: bool) -> None:
    """Train, score and print the test accuracy."""
    warnings.simplefilter("ignore")  # a few epochs are meant to be enough
    X, y = load_data(quick=quick)
    X_test, y_test = load_data("test", quick=quick)
    train, options = CONTENDERS[name]
    model, X_test = train(X, y, X_test, random_state=seed, **options[accuracy])
    print(model.score(X_test, y_test))


def contender(name: str, accuracy: float, scores: list[float], *, quick: bool) -> Contender:
    """Return a contender that times a process, and notes the accuracy that it reaches."""
    seeds = count()

    def run() -> None:
        task = json.dumps([name, accuracy, next(seeds), quick])
        scores.append(float(run_python(__file__, "--run", task)))

    return lambda: seconds(run)


def main() -> None:
    """Time both contenders for both accuracies and print one table."""
    arguments = parse_arguments(__doc__)
    load_data(quick=arguments.quick)  # says if there is no MNIST
    rows = []
    for accuracy in OURS:
        names = [name for name, (_, options) in CONTENDERS.items() if accuracy in options]
        scores: dict[str, list[float]] = {name: [] for name in names}
        figures = interleave(
            {
                name: contender(name, accuracy, scores[name], quick=arguments.quick)
                for name in names
            },
            arguments,
            warm_up=False,  # each has a process of its own
        )
        cells = [f"{accuracy:.1%}"]
        for name in names:
            percentages = [100 * score for score in scores[name]]
            cells += [summarize(figures[name], 1), summarize(percentages)]
        cells += ["", "not reached"] * (len(CONTENDERS) - len(names))
        reached = all(statistics.median(values) >= accuracy for values in scores.values())
        if not reached:
            cells.append("goal not reached")
        elif len(names) == 1:
            cells.append("")
        else:
            cells.append(summarize(ratios(figures["scikit-learn"], figures["ours"])))
        rows.append(cells)
    header = [
        "goal",
        "our seconds",
        "our accuracy, %",
        "scikit-learn's seconds",
        "its accuracy, %",
        "scikit-learn / ours",
    ]
    print_table(header, rows, arguments.markdown)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        run_here(*json.loads(sys.argv[2]))
    else:
        main()
