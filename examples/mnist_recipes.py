"""How well each recipe learns MNIST: test error of fully connected networks, without augmentation.

Each is trained on all 60,000 images from three seeds and tested once, after the last epoch. The
settings were chosen on the last 10,000 training images. With both big networks this takes hours;
``--only NAME`` runs one recipe, and ``--quick`` all of them for an epoch on 2,000 images.
"""

import argparse
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

try:
    import numpy as np
    from _shared import find_mnist

    from skmlp_scratch import MLPClassifier
except ImportError as error:
    sys.exit(f'{error}. Install what the examples need: pip install ".[examples]"')

BIG = {
    "hidden_layer_sizes": (1024, 1024, 1024),
    "dropout": 0.4,
    "input_dropout": 0.2,
    "label_smoothing": 0.05,
    "alpha": 0,
    "learning_rate": "linear",
    "learning_rate_init": 0.0005,
    "max_iter": 80,
    "batch_size": 128,
}
# Name: goal in per cent of errors, where it comes from, options.
RECIPES: dict[str, tuple[float, str, dict[str, Any]]] = {
    "one cycle": (
        2.0,
        "256 units, 5 epochs",
        {
            "hidden_layer_sizes": (256,),
            "learning_rate": "one_cycle",
            "learning_rate_init": 0.008,
            "max_iter": 5,
            "batch_size": 128,
        },
    ),
    "one layer": (
        1.6,
        "Simard et al. 2003",
        {
            "hidden_layer_sizes": (800,),
            "dropout": 0.2,
            "learning_rate": "one_cycle",
            "learning_rate_init": 0.004,
            "max_iter": 20,
        },
    ),
    "dropout": (1.25, "Srivastava et al. 2014", BIG),
    "max-norm": (1.10, "Srivastava et al. 2014: 1.06", BIG | {"max_norm": 2.0}),
}


def main() -> None:
    """Train all recipes and print one table."""
    options = parse_options()
    (train, test), source = find_mnist("train", "test", folder=options.data_dir)
    n_images = min(2000, len(train.data)) if options.quick else len(train.data)
    print(f"Data: {n_images} training and {len(test.data)} test images from {source}\n")
    lines = [
        "| recipe | goal, % errors | reached | seconds a fit |",
        "| --- | --- | --- | --- |",
    ]
    print(*lines, sep="\n", flush=True)
    for name in options.only or RECIPES:
        lines.append(run(name, train.data[:n_images], train.target[:n_images], test, options))
        print(lines[-1], flush=True)
    if options.markdown:
        options.markdown.write_text("\n".join(lines) + "\n", encoding="utf-8")


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data-dir", metavar="FOLDER", help="where the four IDX files are")
    parser.add_argument("--only", action="append", choices=RECIPES, help="a recipe to run")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each recipe")
    parser.add_argument("--quick", action="store_true", help="one epoch on 2,000 images, one seed")
    parser.add_argument("--markdown", type=Path, help="also write the table to this file")
    return parser.parse_args()


def run(name: str, X: Any, y: Any, test: Any, options: argparse.Namespace) -> str:
    """Train a recipe from several seeds; return its line of the table."""
    goal, source, parameters = RECIPES[name]
    if options.quick:
        parameters = parameters | {"max_iter": 1}
    errors, times = [], []
    for seed in range(1 if options.quick else options.seeds):
        start = perf_counter()
        model = MLPClassifier(input_scale=1 / 255, random_state=seed, **parameters).fit(X, y)
        times.append(perf_counter() - start)
        errors.append(100 * (1 - model.score(test.data, test.target)))
    reached = f"{np.mean(errors):.2f}"
    if len(errors) > 1:
        reached += f" ± {np.std(errors):.2f}"
    return f"| {name} | {goal:.2f} ({source}) | {reached} | {np.mean(times):.1f} |"


if __name__ == "__main__":
    main()
