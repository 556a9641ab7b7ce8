"""Search for the best network: a pipeline, and a grid of layer sizes and learning rates.

Each candidate, a scaler and a network, is trained on two thirds of the training set and scored on
the rest, three times, with two candidates at a time. The best one, trained again on all of it, is
then scored on a test set that the search has not seen.
"""

from _shared import is_quick
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp_scratch import MLPClassifier

GRID = {
    # A tuple for each network: (64, 32) alone would mean two networks of one layer.
    "mlpclassifier__hidden_layer_sizes": [(32,), (128,), (64, 32)],
    "mlpclassifier__learning_rate_init": [0.001, 0.003, 0.01],
}


def main() -> None:
    """Run the example."""
    X, y = load_digits(return_X_y=True)
    if is_quick(__doc__):
        X, y = X[:600], y[:600]
    X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
    pipeline = make_pipeline(
        StandardScaler(), MLPClassifier(max_iter=500, tol=1e-3, random_state=0)
    )
    search = GridSearchCV(pipeline, GRID, cv=3, n_jobs=2).fit(X_train, y_train)

    print_table(search.cv_results_)
    print(f"\nThe best on the test set: accuracy {search.score(X_test, y_test):.3f}")


def print_table(results: dict) -> None:
    """Print a line for each candidate, the best first."""
    print("hidden layers   learning rate   accuracy          seconds")
    for i in results["rank_test_score"].argsort():
        sizes, rate = (results[f"param_{name}"][i] for name in GRID)
        accuracy = f"{results['mean_test_score'][i]:.3f} ± {results['std_test_score'][i]:.3f}"
        print(f"{sizes!s:16}{rate:<16}{accuracy:18}{results['mean_fit_time'][i]:.2f}")


if __name__ == "__main__":
    main()
