"""Search with OptunaSearchCV, which is used like GridSearchCV and learns from what it has tried.

Widths and rates are drawn from ranges, on a logarithmic scale. A single number is a network of one
hidden layer, as Optuna draws numbers and strings, but no tuples.
"""

import sys
import warnings
from typing import Any

try:
    import optuna
    from _shared import is_quick, load_pixels
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
    from optuna_integration import OptunaSearchCV
    from sklearn.model_selection import train_test_split

    from skmlp_scratch import MLPClassifier
except ImportError as error:
    sys.exit(f'{error}. Install what this example needs: pip install ".[tuners]"')

SPACE = {
    "hidden_layer_sizes": IntDistribution(16, 256, log=True),
    "activation": CategoricalDistribution(["relu", "tanh", "gelu"]),
    "learning_rate_init": FloatDistribution(1e-4, 1e-1, log=True),
    "dropout": FloatDistribution(0, 0.5),
}


def main() -> None:
    """Search, and show how the best score has grown."""
    quick = is_quick(__doc__)
    X, y = load_pixels(1_000 if quick else 10_000)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    # OptunaSearchCV is experimental, and calls what Optuna and scikit-learn will take away.
    for category in (optuna.exceptions.ExperimentalWarning, FutureWarning):
        warnings.simplefilter("ignore", category)
    model = MLPClassifier(
        input_scale=1 / 255, max_iter=5, learning_rate="one_cycle", random_state=0
    )
    search = OptunaSearchCV(model, SPACE, n_trials=10 if quick else 30, cv=3, random_state=0)
    search.fit(X_train, y_train)

    print("Trial, best accuracy in three folds so far, and its parameters:")
    best = 0.0
    for trial in search.trials_:
        if trial.value > best:
            best = trial.value
            print(f"  {trial.number + 1:2}  {best:.4f}  {as_text(trial.params)}")
    print(f"\nTest accuracy: {search.score(X_test, y_test):.2%}")


def as_text(parameters: dict[str, Any]) -> str:
    """Return what a trial has drawn, its numbers rounded."""
    rounded = {
        name: f"{value:.2g}" if isinstance(value, float) else value
        for name, value in parameters.items()
    }
    return ", ".join(f"{name}={value}" for name, value in rounded.items())


if __name__ == "__main__":
    main()
