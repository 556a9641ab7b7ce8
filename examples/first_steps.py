"""From random weights to 97 % of MNIST: the stages of a first network, and what each one lacks.

A write-up of a first network in plain NumPy went through these stages, some of them with
disappointing results. Each runs here with this estimator. On MNIST, a table shows the write-up's
figure beside ours. The full run takes some minutes; ``--quick`` trains on 2,000 images for a tenth
of the epochs.
"""

import argparse
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

try:
    import numpy as np
    from _shared import find_mnist
    from matplotlib.figure import Figure
    from mnist import draw_samples, save_pictures
    from sklearn.exceptions import ConvergenceWarning

    from skmlp_scratch import MLPClassifier
except ImportError as error:
    sys.exit(f'{error}. Install what the examples need: pip install ".[examples]"')

N_IMAGES = 60_000  # of MNIST, which the write-up's figures are of
# The network of the write-up: sigmoid units everywhere, squared error, plain gradient descent.
CLASSIC = {
    "activation": "logistic",
    "loss": "squared_error",
    "solver": "sgd",
    "momentum": 0,
    "alpha": 0,
    "learning_rate_init": 1.0,
}


class Journey:
    """The data, how long to train on them, and the table.

    Parameters
    ----------
    train, test : Bunch
        Data sets with ``data`` and ``target``.
    quick : bool
        Whether to take few images and epochs.
    """

    def __init__(self, train: Any, test: Any, *, quick: bool) -> None:
        n_images = 2000 if quick else None
        self.X, self.y = train.data[:n_images], train.target[:n_images]
        self.test = test
        self.share = 0.1 if quick else 1.0
        # Fewer images or smaller ones say nothing beside the write-up's figures.
        self.is_comparable = len(self.X) == N_IMAGES

    def epochs(self, n_epochs: int) -> int:
        """Return how many epochs to train for instead of the write-up's."""
        return max(1, round(n_epochs * self.share))

    def make(self, n_epochs: int, hidden: tuple[int, ...], **options: Any) -> MLPClassifier:
        """Return a network that learns for exactly so many epochs."""
        return MLPClassifier(
            hidden,
            input_scale=1 / 255,
            max_iter=self.epochs(n_epochs),
            n_iter_no_change=np.inf,
            random_state=0,
            **options,
        )

    def fit(self, n_epochs: int, hidden: tuple[int, ...], **options: Any) -> MLPClassifier:
        """Train for so many epochs over the training images."""
        return self.make(n_epochs, hidden, **options).fit(self.X, self.y)

    def score(self, model: MLPClassifier) -> float:
        """Return the share of test images that are recognized."""
        return float(model.score(self.test.data, self.test.target))

    def report(self, stage: str, theirs: str, ours: str) -> None:
        """Print a row of the table."""
        column = f"  {theirs:>22s}" if self.is_comparable else ""
        print(f"{stage:58s}{column}  {ours}", flush=True)

    def compare(self, stage: str, theirs: str, n_epochs: int, *hidden: int, **options: Any) -> None:
        """Train, test and report."""
        model, seconds = timed(lambda: self.fit(n_epochs, hidden, **options))
        stage = f"{stage}, {model.n_iter_} epochs"
        self.report(stage, theirs, f"{self.score(model):.2%}, {seconds:.1f} s")


def timed(function: Callable[[], Any]) -> tuple[Any, float]:
    """Return what a function gives, and the seconds that it takes."""
    start = perf_counter()
    return function(), perf_counter() - start


def main() -> None:
    """Go through all stages."""
    options = parse_options()
    warnings.simplefilter("ignore", ConvergenceWarning)  # how long to train is part of the story
    (train, test), source = find_mnist("train", "test", folder=options.data_dir)
    options.output_dir.mkdir(parents=True, exist_ok=True)
    journey = Journey(train, test, quick=options.quick)
    print(f"Data: {len(journey.X)} training images from {source}\n")
    if not journey.is_comparable:
        print("The write-up's figures are left out, as they are of all 60,000 images of MNIST.\n")
    if options.quick:
        print("With --quick, all stages run, but the networks have little time to learn.\n")
    journey.report("stage", "write-up", "here")

    begin_at_random(journey)
    compare_batches(journey)
    overflow(journey)
    train_longer(journey)
    figure = plot_accuracy_against_time(journey)
    save_pictures({"samples": draw_samples(train), "batches": figure}, options.output_dir)


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data-dir", metavar="FOLDER", help="where the four IDX files are")
    parser.add_argument("--quick", action="store_true", help="little data and few epochs")
    parser.add_argument(
        "--output-dir",
        metavar="FOLDER",
        type=Path,
        default=Path("first_steps_output"),
        help="where to write the pictures (default: %(default)s)",
    )
    return parser.parse_args()


def begin_at_random(journey: Journey) -> None:
    """Classify with weights that have learned nothing: steps of learning rate 0 leave them so."""
    model = journey.fit(1, (16, 16), **CLASSIC | {"learning_rate": lambda _: 0.0})
    journey.report("random weights, no training", "9.8 to 10.1 %", f"{journey.score(model):.2%}")
    output = model.predict_proba(journey.test.data[:1])[0]
    guess = model.classes_[output.argmax()]
    journey.report(
        "one image: class, confidence, real label",
        "a guess",
        f"{guess} with {output.max():.1%}, label {journey.test.target[0]}",
    )


def compare_batches(journey: Journey) -> None:
    """Train for one epoch image by image, then in batches of 200."""
    one, several = (
        timed(lambda size=size: journey.fit(1, (80,), **CLASSIC, batch_size=size))[1]
        for size in (1, 200)
    )
    journey.report(
        "one epoch, image by image against batches",
        "37.9 s, under 1 s",
        f"{one:.1f} s, {several:.2f} s: {one / several:.0f} times faster",
    )


def overflow(journey: Journey) -> None:
    """Look for the warning that exp(-z) gives when z is far below zero."""
    model = journey.fit(1, (16,), **CLASSIC)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        probabilities = model.predict_proba(journey.test.data[:100] * 1e30)
    finding = "never, even for pixels of 1e32" if np.isfinite(probabilities).all() else "seen"
    journey.report("RuntimeWarning: overflow in exp", "seen", finding)


def train_longer(journey: Journey) -> None:
    """Train the networks that the write-up trained."""
    n_images = len(journey.X)
    # Full batches make one step per epoch: 100 steps. Two layers of sigmoids pass on at most a
    # sixteenth of the gradient, and squared error multiplies it by another slope of at most a
    # quarter; so after 100 steps all images still get the most frequent class, which is the 1.
    journey.compare(
        "16 + 16 sigmoid units, full batches",
        "11.35 %",
        100,
        16,
        16,
        **CLASSIC,
        batch_size=n_images,
    )
    journey.compare("80 sigmoid units, rate 1", "89.17 %, 47.6 s", 20, 80, **CLASSIC)
    journey.compare("80 sigmoid units, rate 1", "92.86 %, 4 min 11 s", 100, 80, **CLASSIC)
    # What was missing: with ReLU, the squared error of sigmoid outputs at a rate of 1 kills units
    # for good and lets the outputs saturate, where the gradient vanishes. Softmax with the log-loss
    # keeps the gradient of a mistake at its full size, so that a rate of 0.1 is enough.
    journey.compare(
        "80 ReLU units, falling rate",
        "92.46 %",
        100,
        80,
        solver="sgd",
        learning_rate="linear",
        learning_rate_init=0.1,
    )
    journey.compare("128 sigmoid units, rate 1", "94.17 %", 100, 128, **CLASSIC)


def plot_accuracy_against_time(journey: Journey) -> Figure:
    """Plot test accuracy against seconds, for full batches and for batches of 200."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    best = {}
    for name, size, n_epochs in (
        ("full batches", len(journey.X), 100),
        ("batches of 200", 200, 20),
    ):
        model = journey.make(n_epochs, (80,), batch_size=size, **CLASSIC)
        model.fit(journey.X, journey.y, X_val=journey.test.data, y_val=journey.test.target)
        scores = model.history_["validation_score"]
        axes.plot(np.cumsum(model.history_["seconds"]), scores, ".-", label=name)
        best[name] = max(scores)
    axes.set(xlabel="Seconds", ylabel="Test accuracy", title="80 sigmoid units, learning rate 1")
    axes.grid(alpha=0.3)
    axes.legend()
    journey.report(
        f"{journey.epochs(100)} epochs of full batches, {journey.epochs(20)} in batches of 200",
        "no gain",
        f"{best['full batches']:.1%} against {best['batches of 200']:.1%} (batches.png)",
    )
    return figure


if __name__ == "__main__":
    main()
