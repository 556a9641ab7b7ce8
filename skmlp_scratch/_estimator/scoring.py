"""The score that early stopping watches, from validation loss and accuracy or by a scorer."""

from collections.abc import Callable
from inspect import signature
from typing import Any

from skmlp_scratch._estimator.draft import double
from skmlp_scratch._estimator.problem import Reading
from skmlp_scratch._estimator.sklearn_compat import metric_of
from skmlp_scratch._network.parameters import LayerArrays
from skmlp_scratch._training.validation import Score
from skmlp_scratch._typing import Rows

# The scores that need no scorer. As both are weighted like the training, class weights included,
# the accuracy that a user names is a scorer's.
SCORES: dict[str | None, Score] = {
    None: lambda _, accuracy: accuracy,
    "loss": lambda loss, _: -loss,
}


def make_score(
    scoring: Any, draft: Any, parameters: LayerArrays, reading: Reading, rows: Rows
) -> Score:
    """Return the function that gives the score.

    Parameters
    ----------
    scoring : str, callable or None
        The estimator's parameter.
    draft : MLPClassifier
        Predicts for a scorer once it has the parameters.
    parameters : LayerArrays
        What is trained.
    reading : Reading
        Where the held-out rows are. Scorers weight them with the user's sample weights, whatever
        the weights of the classes.
    rows : slice, or ndarray of int of shape (n_held_out,)
        Their numbers.
    """
    if scoring is None or scoring == "loss":
        return SCORES[scoring]
    from sklearn.metrics import check_scoring  # noqa: PLC0415 - slow to import

    scorer = check_scoring(draft, scoring=scoring)
    model = double(draft)
    model.coefs_, model.intercepts_ = parameters.coefs, parameters.intercepts
    vars(model).pop("feature_names_in_", None)  # the rows have lost theirs
    X, y, options = reading.dataset.X[rows], reading.y[rows], {}
    if reading.sample_weight is not None and _takes_weights(scorer):
        options["sample_weight"] = reading.sample_weight[rows]

    def score(*_: float) -> float:
        try:
            return float(scorer(model, X, y, **options))
        except Exception as error:
            error.add_note(f"It was scoring={scoring!r} that failed, on validation rows.")
            raise

    return score


def _takes_weights(scorer: Callable[..., float]) -> bool:
    """Return whether a scorer, or the metric in scikit-learn's own scorers, takes weights."""
    parameters = signature(metric_of(scorer)).parameters.values()
    return any(p.name == "sample_weight" or p.kind is p.VAR_KEYWORD for p in parameters)
