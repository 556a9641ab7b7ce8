"""Search with successive halving: many candidates train for a few epochs, the best for more.

The resource is the parameter max_iter. After each round, the best third of the candidates gets
three times as many epochs; a grid search would train all of them for the most. The learning rate's
schedule has the length of max_iter, so that short trainings end at a low rate, too.
"""

import numpy as np
from _shared import is_quick, load_pixels
from sklearn.experimental import enable_halving_search_cv  # noqa: F401 - allows the next import
from sklearn.model_selection import HalvingGridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from skmlp_scratch import MLPClassifier

GRID = {
    "mlpclassifier__hidden_layer_sizes": [(32,), (128,), (64, 32)],
    "mlpclassifier__learning_rate_init": [0.0005, 0.002, 0.008],
    "mlpclassifier__dropout": [0.0, 0.2],
}


def main() -> None:
    """Search, and show each round."""
    X, y = load_pixels(1_000 if is_quick(__doc__) else 10_000)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    pipeline = make_pipeline(
        MinMaxScaler(), MLPClassifier(learning_rate="one_cycle", dtype="float32", random_state=0)
    )
    search = HalvingGridSearchCV(
        pipeline,
        GRID,
        resource="mlpclassifier__max_iter",
        min_resources=2,
        max_resources=18,
        factor=3,
        cv=3,
        random_state=0,
        n_jobs=2,
    )
    search.fit(X_train, y_train)

    print("epochs  candidates  best accuracy in three folds")
    results = search.cv_results_
    for number, epochs in enumerate(search.n_resources_):
        scores = results["mean_test_score"][results["iter"] == number]
        print(f"{epochs:6}  {len(scores):10}  {scores.max():.4f}")
    halving = np.dot(search.n_resources_, search.n_candidates_)
    grid = search.n_candidates_[0] * search.n_resources_[-1]
    print(f"\nEpochs in each fold: {halving} instead of the {grid} of a grid search")
    print(f"Best: {search.best_params_}")
    print(f"Test accuracy: {search.score(X_test, y_test):.2%}")


if __name__ == "__main__":
    main()
