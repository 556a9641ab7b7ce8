"""Watch a network sort digits: a training, and the map that two of its hidden units draw.

The last hidden layer has two units only, so that its outputs are places on a map. All digits on the
map were held out: the network has not learned them. ``digit_map.png`` shows both.
"""

import argparse
import sys
from pathlib import Path

try:
    import numpy as np
    from matplotlib import colormaps
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.offsetbox import AnnotationBbox, OffsetImage
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    from skmlp_scratch import MLPClassifier
    from skmlp_scratch.display import LossCurveDisplay
except ImportError as error:
    sys.exit(f'{error}. Install what the examples need: pip install ".[examples]"')


def main() -> None:
    """Run the example."""
    options = parse_options()
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = MLPClassifier(
        (256, 64, 2),
        activation=("gelu", "gelu", "identity"),
        dropout=(0.2, 0, 0),
        learning_rate="one_cycle",
        learning_rate_init=0.005,
        max_iter=15 if options.quick else 40,
        input_scale=1 / 16,
        batch_size=32,
        random_state=0,
    )
    model.fit(X_train, y_train, X_val=X_test, y_val=y_test)
    n_right = np.count_nonzero(model.predict(X_test) == y_test)
    print(f"{n_right} of {len(y_test)} held-out digits are recognized, from two numbers each.")

    figure = Figure(figsize=(11.5, 5), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[1, 1.9])
    LossCurveDisplay.from_estimator(model, ax=left)
    left.set_title(f"A training of {model.n_iter_} epochs")
    draw_map(model.hidden_activations(X_test), X_test.reshape(-1, 8, 8), y_test, right)
    right.set_title("Held-out digits, placed by two hidden units")
    path = options.output_dir / "digit_map.png"
    options.output_dir.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    print(f"Picture: {path}")


def draw_map(places: np.ndarray, images: np.ndarray, labels: np.ndarray, axes: Axes) -> None:
    """Draw each image in the color of its label at its place."""
    axes.scatter(*places.T, s=0)  # sets the limits
    for place, image, label in zip(places, images, labels, strict=True):
        ink = np.empty((*image.shape, 4))
        ink[..., :3] = colormaps["tab10"](label)[:3]
        ink[..., 3] = image / 16  # paper is transparent
        axes.add_artist(AnnotationBbox(OffsetImage(ink, zoom=1.7), place, frameon=False))
    axes.set(xlabel="First unit", ylabel="Second unit")


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a third of the epochs")
    parser.add_argument(
        "--output-dir",
        metavar="FOLDER",
        type=Path,
        default=Path("digit_map_output"),
        help="where to write the picture (default: %(default)s)",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
