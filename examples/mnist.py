"""Learn to read handwritten digits: MNIST from its IDX files, from the pixels to the pictures.

The data come from ``--data-dir``, from the folder that the environment variable ``SKMLP_DATA``
names, from the cache, or from a download; without a network, from scikit-learn's 8 x 8 digits,
which are written as IDX files first. A network with one hidden layer learns them, is tested, saved
and loaded again, and is shown in five pictures.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

try:
    import resource
except ImportError:  # on Windows
    resource = None

try:
    import joblib
    import numpy as np
    from _shared import find_mnist
    from matplotlib.axes import Axes
    from matplotlib.colors import PowerNorm
    from matplotlib.figure import Figure
    from numpy.typing import NDArray
    from sklearn.metrics import ConfusionMatrixDisplay, classification_report
    from sklearn.utils import Bunch

    from skmlp_scratch import MLPClassifier
    from skmlp_scratch.display import ImageGridDisplay, LossCurveDisplay, WeightsDisplay
except ImportError as error:
    sys.exit(f'{error}. Install what the examples need: pip install ".[examples]"')

N_QUICK = 5000  # training images with --quick
N_SAMPLES = 12  # of each class
N_UNITS = 40
N_MISTAKES = 24
SHADES = " .:-=+*#%@"


def main(argv: Sequence[str] | None = None) -> None:
    """Run the example."""
    options = parse_options(argv)
    try:
        (train, test), source = find_mnist("train", "test", folder=options.data_dir)
        options.output_dir.mkdir(parents=True, exist_ok=True)
    except (ImportError, OSError, ValueError) as error:
        sys.exit(f"mnist.py: error: {error}")
    if options.quick:
        train = first_rows(train, N_QUICK)
    describe_data(train, test, source)

    model = fit_model(train.data, train.target)
    probabilities = model.predict_proba(test.data)
    predicted = model.classes_[probabilities.argmax(axis=1)]

    report_scores(test.target, predicted)
    show_first_image(model.classes_, test, probabilities)
    save_and_load(model, test, predicted, options.output_dir / "model.joblib")
    pictures = {
        "samples": draw_samples(train),
        "loss_curve": draw_loss_curve(model),
        "confusion_matrix": draw_confusion_matrix(test.target, predicted),
        "first_layer": draw_first_layer(model, test.images.shape[1:]),
        "mistakes": draw_mistakes(test, predicted, probabilities.max(axis=1)),
    }
    save_pictures(pictures, options.output_dir)


def parse_options(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--data-dir",
        metavar="FOLDER",
        help="where the four IDX files are (default: $SKMLP_DATA, the cache, or a download)",
    )
    parser.add_argument(
        "--output-dir",
        metavar="FOLDER",
        type=Path,
        default=Path("mnist_output"),
        help="where to write the model and the pictures (default: %(default)s)",
    )
    parser.add_argument(
        "--quick", action="store_true", help=f"train on the first {N_QUICK} images only"
    )
    return parser.parse_args(argv)


# --- the data ------------------------------------------------------------------------------------


def first_rows(data: Bunch, n_rows: int) -> Bunch:
    """Return the beginning of a data set."""
    return Bunch(**{name: array[:n_rows] for name, array in data.items()})


def describe_data(train: Bunch, test: Bunch, source: str) -> None:
    """Say in one line which data are used."""
    height, width = test.images.shape[1:]
    print(
        f"Data: {len(train.data)} training and {len(test.data)} test images of {height} x {width} "
        f"pixels, from {source}\n"
    )


# --- training and testing ------------------------------------------------------------------------


def fit_model(pixels: NDArray[np.uint8], labels: NDArray[np.uint8]) -> MLPClassifier:
    """Train; keep the epoch with the best score on a tenth of the rows, which are set aside."""
    model = MLPClassifier(
        hidden_layer_sizes=(160,),
        input_scale=1 / 255,  # a network learns best from values between 0 and 1
        batch_size=64,
        learning_rate="one_cycle",  # up to learning_rate_init, then down to zero
        learning_rate_init=0.004,
        max_iter=5 if len(pixels) > 10_000 else 60,  # few images need more epochs
        early_stopping=True,
        random_state=0,
        verbose=True,
    )
    start = perf_counter()
    model.fit(pixels, labels)
    seconds = perf_counter() - start
    print(f"\nTrained for {model.n_iter_} epochs in {seconds:.1f} s; peak memory {peak_memory()}")
    return model


def peak_memory() -> str:
    """Return the most memory that the process has had so far."""
    if resource is None:
        return "not available on this system"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 2**20 if sys.platform == "darwin" else 2**10  # macOS counts bytes, Linux KiB
    return f"{peak / unit:.0f} MiB"


def report_scores(labels: NDArray[np.uint8], predicted: NDArray[np.uint8]) -> None:
    """Print the test accuracy, and how well each class is recognized."""
    print(f"Test accuracy: {np.mean(predicted == labels):.2%}\n")
    print(classification_report(labels, predicted, digits=3))


def show_first_image(classes: NDArray, test: Bunch, probabilities: NDArray) -> None:
    """Print the first test image, the network's output for it, and what that means."""
    output = probabilities[0]
    print("The first test image, and the probability of each class:\n")
    print(as_text(test.images[0]))
    print("  ".join(f"{label:>6}" for label in classes))
    print("  ".join(f"{probability:.4f}" for probability in output))
    print(
        f"\nClassified as {classes[output.argmax()]} with {output.max():.2%} confidence; "
        f"its label is {test.target[0]}.\n"
    )


def as_text(image: NDArray[np.uint8]) -> str:
    """Draw an image with characters, which are twice as high as wide."""
    inked = image[image.any(axis=1)]
    pixels = inked[::2] if len(image) > 16 else inked.repeat(2, axis=1)
    shades = np.array(list(SHADES))[pixels.astype(int) * len(SHADES) // 256]
    return "".join("    " + "".join(row).rstrip() + "\n" for row in shades)


def save_and_load(model: MLPClassifier, test: Bunch, predicted: NDArray, path: Path) -> None:
    """Save the model, load it again and check that it predicts the same."""
    joblib.dump(model, path)
    loaded = joblib.load(path)
    if not np.array_equal(loaded.predict(test.data), predicted):
        sys.exit(f"The model loaded from {path} predicts something else than the one saved.")
    print(f"Saved the model ({path.stat().st_size / 1e6:.1f} MB); loaded, it predicts the same:")
    print(f"  {path}")


# --- the pictures --------------------------------------------------------------------------------


def draw_samples(train: Bunch) -> Figure:
    """Draw the first images of each class, a row for each."""
    classes = np.unique(train.target)
    rows = [np.flatnonzero(train.target == label)[:N_SAMPLES] for label in classes]
    figure = make_figure(8, 7, f"The first {N_SAMPLES} training images of each label")
    display = ImageGridDisplay(train.images[np.concatenate(rows)])
    display.plot(figure.subplots(), n_columns=N_SAMPLES)
    display.ax_.set_yticks(np.arange(len(classes)) + 0.5, classes, fontsize=14)
    hide_lines(display.ax_)
    return figure


def draw_loss_curve(model: MLPClassifier) -> Figure:
    """Draw losses and validation score of each epoch."""
    figure = make_figure(8, 5, f"{model.n_iter_} epochs of training")
    LossCurveDisplay.from_estimator(model, ax=figure.subplots())
    return figure


def draw_confusion_matrix(labels: NDArray, predicted: NDArray) -> Figure:
    """Draw how often each class was taken for each."""
    n_errors = np.count_nonzero(labels != predicted)
    figure = make_figure(7, 7, f"Confusion matrix: {n_errors} errors in {len(labels)} test images")
    display = ConfusionMatrixDisplay.from_predictions(
        labels,
        predicted,
        ax=figure.subplots(),
        colorbar=False,
        im_kw={"cmap": "Blues", "norm": PowerNorm(1 / 3)},  # shows few errors beside many hits
    )
    for text in display.text_.ravel():
        text.set_visible(text.get_text() != "0")
    hide_lines(display.ax_)
    return figure


def draw_first_layer(model: MLPClassifier, shape: tuple[int, int]) -> Figure:
    """Draw the weights from the pixels to hidden units, an image for each unit."""
    figure = make_figure(9, 3.9, f"First layer: weights of the {N_UNITS} strongest hidden units")
    WeightsDisplay.from_estimator(
        model, shape=shape, n_units=N_UNITS, n_columns=10, ax=figure.subplots()
    )
    return figure


def draw_mistakes(test: Bunch, predicted: NDArray, confidence: NDArray) -> Figure:
    """Draw the mistakes that the network was most sure of, and if these are few, close calls."""
    is_wrong = predicted != test.target
    worst = np.argsort(np.where(is_wrong, -confidence, confidence))[:N_MISTAKES]
    n_wrong = np.count_nonzero(is_wrong)
    title = f"{n_wrong} mistakes in {len(test.data)} test images (red), the most confident first"
    if n_wrong < N_MISTAKES:
        title += ";\nthen the least confident of the rest"
    figure = make_figure(9, 8.2, title)
    ImageGridDisplay.from_predictions(
        test.images[worst],
        test.target[worst],
        predicted[worst],
        confidence[worst],
        ax=figure.subplots(),
    )
    return figure


def make_figure(width: float, height: float, title: str) -> Figure:
    """Make an empty figure, in inches, that needs no display."""
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.suptitle(title, fontsize=14)
    return figure


def hide_lines(axes: Axes) -> None:
    """Remove the frame and the tick marks, but not the tick labels."""
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def save_pictures(pictures: dict[str, Figure], folder: Path) -> None:
    """Write the pictures as PNG files and name them."""
    print("Pictures:")
    for name, figure in pictures.items():
        path = folder / f"{name}.png"
        figure.savefig(path, dpi=150, bbox_inches="tight", pad_inches=0.15)
        print(f"  {path}")


if __name__ == "__main__":
    main()
