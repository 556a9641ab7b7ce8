"""More digits from those there are: deformed ones, anew in each batch.

A person who writes a digit turned, slanted, shifted or bent still writes the same digit. This draws
some digits and their deformations, trains a network with and without them, and draws the error of
both on images that neither has seen, epoch by epoch. MNIST is found as ``mnist.py`` finds it.
"""

import argparse
import sys
from pathlib import Path
from time import perf_counter

try:
    import numpy as np
    from _shared import load_images, scale_deformation
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullLocator
    from numpy.typing import NDArray
    from sklearn.model_selection import train_test_split

    from skmlp_scratch import MLPClassifier
    from skmlp_scratch.augmentation import ImageDeformation
    from skmlp_scratch.display import ImageGridDisplay
except ImportError as error:
    sys.exit(f'{error}. Install what the examples need: pip install ".[examples]"')

DEFORMATION = ImageDeformation((28, 28))  # scaled to the images
N_QUICK = 5000  # images with --quick
N_BATCHES = 5  # to draw
WITH, WITHOUT = "with deformations", "without"


def main() -> None:
    """Draw deformations, and what they do to the validation error."""
    options = parse_options()
    images, labels = load_images(N_QUICK if options.quick else None)
    deformation = scale_deformation(DEFORMATION, *images.shape[1:])
    options.output_dir.mkdir(parents=True, exist_ok=True)

    save(draw_digits(images, labels, deformation), options.output_dir / "deformations.png")
    models = {
        WITHOUT: fit_model(images, labels, None, WITHOUT),
        WITH: fit_model(images, labels, deformation, WITH),
    }
    save(draw_errors(models), options.output_dir / "deformation_errors.png")
    if images.shape[1:] != DEFORMATION.shape:
        print("\nDigits this small leave little to deform. On MNIST, deformations pay.")


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help=f"the first {N_QUICK} images only")
    parser.add_argument(
        "--output-dir",
        metavar="FOLDER",
        type=Path,
        default=Path("deformed_digits_output"),
        help="where to write the pictures (default: %(default)s)",
    )
    return parser.parse_args()


def draw_digits(images: NDArray, labels: NDArray, deformation: ImageDeformation) -> Figure:
    """Draw an image of each digit, and below what some batches would make of them."""
    digits = images[[np.flatnonzero(labels == digit)[0] for digit in range(10)]]
    batch, generator = digits.reshape(10, -1).astype(np.float32), np.random.default_rng(0)
    batches = [batch, *(deformation(batch, generator) for _ in range(N_BATCHES))]
    shown = np.vstack(batches).reshape(-1, *images.shape[1:])

    figure = Figure(figsize=(7.5, 4.8), layout="constrained")
    ax = figure.subplots()
    ImageGridDisplay(shown).plot(ax, n_columns=10)
    ax.set_title(f"Ten digits (top row), and how {N_BATCHES} batches deform them")
    return figure


def fit_model(
    images: NDArray, labels: NDArray, deformation: ImageDeformation | None, name: str
) -> MLPClassifier:
    """Train on five sixths of the images, validate on the others; say how it went."""
    X_train, X_val, y_train, y_val = train_test_split(
        images.reshape(len(images), -1), labels, test_size=1 / 6, stratify=labels, random_state=0
    )
    model = MLPClassifier(
        (256,),
        augment=deformation,
        batch_size=100,
        learning_rate="one_cycle",
        learning_rate_init=0.004,
        max_iter=25 if len(X_train) > N_QUICK else 60,
        alpha=1e-5,
        input_scale=1 / images.max(),
        random_state=0,
    )
    start = perf_counter()
    model.fit(X_train, y_train, X_val=X_val, y_val=y_val)
    seconds = perf_counter() - start
    error = validation_errors(model)[-1]
    print(
        f"{name:17} {model.n_iter_} epochs in {seconds:4.1f} s, "
        f"validation error {error:.2f} % of {len(y_val):,} images"
    )
    return model


def validation_errors(model: MLPClassifier) -> NDArray:
    """Return the percentage of validation images that are misclassified after each epoch."""
    return 100 * (1 - np.array(model.history_["validation_score"]))


def draw_errors(models: dict[str, MLPClassifier]) -> Figure:
    """Draw the validation errors of all models over the epochs."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    ax = figure.subplots()
    for name, model in models.items():
        errors = validation_errors(model)
        epochs = np.arange(1, len(errors) + 1)
        ax.plot(epochs, errors, ".-", label=f"{name}: {errors[-1]:.2f} % at the end")
    ax.set(xlabel="Epoch", ylabel="Validation error, %", yscale="log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter("{x:g}")
    ax.grid(alpha=0.3)
    ax.legend(frameon=False)
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a picture."""
    figure.savefig(path, dpi=150)
    print(f"Picture: {path}")


if __name__ == "__main__":
    main()
