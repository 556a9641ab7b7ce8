"""See a training at a glance: loss curves, what the first layer has learned, classified images.

The three displays draw into the axes of one figure, ``displays.png``. Each also works alone:
``LossCurveDisplay.from_estimator(model)`` makes a figure of its own.
"""

import argparse
import sys
from pathlib import Path

try:
    from matplotlib.figure import Figure
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    from skmlp_scratch import MLPClassifier
    from skmlp_scratch.display import ImageGridDisplay, LossCurveDisplay, WeightsDisplay
except ImportError as error:
    sys.exit(f'{error}. Install what the examples need: pip install ".[examples]"')


def main() -> None:
    """Run the example."""
    options = parse_options()
    X, y = load_digits(return_X_y=True)
    X_train, X_val, y_train, y_val = train_test_split(X, y, stratify=y, random_state=0)
    model = MLPClassifier(
        (40,),
        alpha=1,  # a strong penalty, which leaves only weights that do something
        learning_rate="one_cycle",
        learning_rate_init=0.02,
        max_iter=30,
        input_scale=1 / 16,
        random_state=0,
    )
    model.fit(X_train, y_train, X_val=X_val, y_val=y_val)

    doubtful = model.predict_proba(X_val).max(axis=1).argsort()

    figure = Figure(figsize=(11, 7.8), layout="constrained")
    axes = figure.subplot_mosaic(
        [["curves", "weights"], ["images", "images"]], width_ratios=[5, 4], height_ratios=[4, 3]
    )
    LossCurveDisplay.from_estimator(model, ax=axes["curves"])
    WeightsDisplay.from_estimator(model, n_units=30, n_columns=6, ax=axes["weights"])
    ImageGridDisplay.from_estimator(
        model, X_val[doubtful], y_val[doubtful], n_images=20, n_columns=10, ax=axes["images"]
    )
    axes["curves"].set_title("Training")
    axes["weights"].set_title("Weights of the 30 strongest hidden units")
    axes["images"].set_title("The least certain of the validation images; mistakes in red")
    path = options.output_dir / "displays.png"
    options.output_dir.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    print(f"Picture: {path}")


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="ignored: it only takes a second")
    parser.add_argument(
        "--output-dir",
        metavar="FOLDER",
        type=Path,
        default=Path("displays_output"),
        help="where to write the picture (default: %(default)s)",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
