"""A search that trains its candidates together, over a pipeline: a score for each learning rate.

Candidates that differ in the learning rate alone begin with the same weights and see the same
batches, so that they can train as one. Each has the results that it would have alone, which
GridSearchCV confirms for the first of the networks.
"""

import argparse
from pathlib import Path

import numpy as np
from _shared import load_pixels
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from skmlp_scratch import MLPClassifier, MLPGridSearchCV

SIZE, RATE = (f"mlpclassifier__{name}" for name in ("hidden_layer_sizes", "learning_rate_init"))
SIZES = [(8,), (16,), (32,)]
RATES = np.geomspace(3e-4, 0.3, 10).round(5).tolist()


def show_table(search: MLPGridSearchCV) -> None:
    """Print a line for each candidate, the best first."""
    results = search.cv_results_
    print("rank  hidden units  learning rate  accuracy in three folds")
    for number in np.argsort(results["rank_test_score"]):
        [size], rate = (results["params"][number][name] for name in (SIZE, RATE))
        mean, std = (results[f"{name}_test_score"][number] for name in ("mean", "std"))
        print(f"{results['rank_test_score'][number]:4}{size:14}{rate:15g}  {mean:.4f} ± {std:.4f}")


def draw(search: MLPGridSearchCV, ax: Axes) -> None:
    """Draw the scores against the learning rate, a line for each size of the network."""
    results = search.cv_results_
    for size in SIZES:
        chosen = [params[SIZE] == size for params in results["params"]]
        rates = [params[RATE] for params in results["params"] if params[SIZE] == size]
        mean, std = (results[f"{name}_test_score"][chosen] for name in ("mean", "std"))
        [line] = ax.plot(rates, mean, marker="o", markersize=4, label=f"{size[0]} hidden units")
        ax.fill_between(rates, mean - std, mean + std, color=line.get_color(), alpha=0.15, lw=0)
    ax.set(xscale="log", xlabel="Learning rate", ylabel="Accuracy in three folds, mean ± std")
    ax.legend(loc="lower right")
    ax.grid(alpha=0.3)


def main() -> None:
    """Search, compare, and draw."""
    options = parse_options()
    X, y = load_pixels(1_000 if options.quick else 6_000)
    X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
    model = MLPClassifier(learning_rate="one_cycle", max_iter=10, dtype="float32", random_state=0)
    pipeline = make_pipeline(MinMaxScaler(), model)
    search = MLPGridSearchCV(pipeline, {SIZE: SIZES, RATE: RATES}, cv=3, n_jobs=2)
    search.fit(X_train, y_train)
    show_table(search)
    print(f"\nBest: {search.best_params_}")
    print(f"Test accuracy: {search.score(X_test, y_test):.2%}")

    alone = GridSearchCV(pipeline, {SIZE: SIZES[:1], RATE: RATES}, cv=3, n_jobs=2, refit=False)
    alone.fit(X_train, y_train)
    scores = [results.cv_results_["mean_test_score"][: len(RATES)] for results in (search, alone)]
    print(f"Largest difference from candidates trained alone: {np.ptp(scores, axis=0).max():.4f}")

    figure = Figure(figsize=(6, 4), layout="constrained")
    draw(search, figure.subplots())
    path = options.output_dir / "packed_search.png"
    options.output_dir.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    print(f"Picture: {path}")


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="little data, for a first look")
    parser.add_argument(
        "--output-dir",
        type=Path,
        default=Path("packed_search_output"),
        help="where to write; default: output",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
