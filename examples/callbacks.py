"""Watch fits with scikit-learn's callbacks: progress bars, scores, a stop of your own.

Needs scikit-learn 1.9 or newer. A progress bar for each fit runs inside a grid search over two
processes; a monitor then records the training accuracy of each epoch; and a callback of your own
ends a fit when it is good enough.
"""

import sys
import warnings

from _shared import is_quick
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp_scratch import MLPClassifier

try:
    from sklearn.callback import ProgressBar, ScoringMonitor
except ImportError:
    sys.exit("callbacks.py: scikit-learn has callbacks since version 1.9")


class StopAtLoss:
    """Ends a fit once its training loss is low enough."""

    def __init__(self, loss: float) -> None:
        self.loss = loss

    def setup(self, estimator, context) -> None:
        """Begin: there is nothing to prepare."""

    def teardown(self, estimator, context) -> None:
        """End: there is nothing to clean up."""

    def on_fit_task_begin(self, estimator, context) -> None:
        """Hear that a fit or an epoch begins."""

    def on_fit_task_end(self, estimator, context) -> bool:
        """Hear that one has ended; return whether to stop."""
        return context.task_name == "epoch" and estimator.loss_ < self.loss


def main() -> None:
    """Run the example."""
    warnings.simplefilter("ignore", ConvergenceWarning)  # 40 epochs are few on purpose
    X, y = load_digits(return_X_y=True)
    if is_quick(__doc__):
        X, y = X[:600], y[:600]
    model = MLPClassifier((32,), max_iter=40, learning_rate_init=0.005, random_state=0)

    print("A grid search over two processes, with a bar for each fit:")
    pipeline = make_pipeline(StandardScaler(), model)
    grid = {"mlpclassifier__alpha": [1e-4, 1.0]}
    search = GridSearchCV(pipeline, grid, cv=2, n_jobs=2)
    search.set_callbacks(ProgressBar(max_propagation_depth=None)).fit(X, y)
    print(f"Best: {search.best_params_}, accuracy {search.best_score_:.3f}\n")

    X = X / 16
    monitor = ScoringMonitor(scoring="accuracy")
    model.set_callbacks(monitor).fit(X, y)
    rows = monitor.get_logs(select="most_recent").data
    scores = [row["accuracy"] for row in rows if row["task_name"] == "epoch"]
    print("Training accuracy after 1, 2, 5, 10 and 40 epochs:")
    print("  ".join(f"{scores[n - 1]:.3f}" for n in (1, 2, 5, 10, 40)))

    model.set_callbacks(StopAtLoss(0.2)).fit(X, y)
    print(f"\nStopped by a callback after epoch {model.n_iter_}, at a loss of {model.loss_:.3f}.")


if __name__ == "__main__":
    main()
