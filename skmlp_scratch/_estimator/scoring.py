"""What early stopping looks at: loss and score of the present parameters on held-out rows."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from inspect import signature
from typing import Any

from sklearn.metrics import check_scoring

from skmlp_scratch._data.dataset import Dataset
from skmlp_scratch._network.losses import Loss
from skmlp_scratch._network.parameters import Architecture, Parameters
from skmlp_scratch._training.validation import Validation
from skmlp_scratch._typing import Rows

Validate = Callable[[], tuple[float, float]]
Score = Callable[[float, float], float]

# Of what validation finds, loss and accuracy.
SCORES: dict[str, Score] = {
    "accuracy": lambda _, accuracy: accuracy,
    "loss": lambda loss, _: -loss,
}


@dataclass
class HeldOut:
    """Rows that a training does not see.

    Parameters
    ----------
    dataset : Dataset
        Where they are.
    labels : array of shape (n_rows,) or (n_rows, n_labels)
        The data set's labels, as the user gave them.
    rows : slice, or ndarray of int of shape (n_held_out,)
        Their numbers.
    """

    dataset: Dataset
    labels: Any
    rows: Rows


def make_validate(
    estimator: Any,
    parameters: Parameters,
    held_out: HeldOut,
    architecture: Architecture,
    loss: type[Loss],
) -> Validate:
    """Return the function that gives loss and score of `parameters`.

    Parameters
    ----------
    estimator : MLPClassifier
        Gives ``scoring``, and predicts for a scorer once it has the parameters.
    parameters : Parameters
        What is trained.
    held_out : HeldOut
        Where to evaluate.
    architecture : Architecture
        Of the network.
    loss : type of loss
        The training's.
    """
    validation = Validation(held_out.dataset, held_out.rows, architecture, loss)
    if isinstance(estimator.scoring, str) and estimator.scoring in SCORES:
        score = SCORES[estimator.scoring]
    else:
        score = _score_by_scorer(estimator, parameters, held_out)

    def validate() -> tuple[float, float]:
        loss, accuracy = validation.evaluate(parameters)
        return loss, score(loss, accuracy)

    return validate


def _score_by_scorer(estimator: Any, parameters: Parameters, held_out: HeldOut) -> Score:
    """Return the function that applies a scikit-learn scorer to the present parameters."""
    scorer = check_scoring(estimator, scoring=estimator.scoring)
    model = copy(estimator)
    model.coefs_, model.intercepts_ = parameters.coefs, parameters.intercepts
    vars(model).pop("feature_names_in_", None)  # the rows have lost theirs
    X, y = held_out.dataset.X[held_out.rows], held_out.labels[held_out.rows]
    weights, options = held_out.dataset.sample_weight, {}
    if weights is not None and _takes_weights(scorer):
        options["sample_weight"] = weights[held_out.rows]

    def score(*_: float) -> float:
        try:
            return float(scorer(model, X, y, **options))
        except Exception as error:
            error.add_note(f"It was scoring={estimator.scoring!r} that failed, on validation rows.")
            raise

    return score


def _takes_weights(scorer: Callable[..., float]) -> bool:
    """Return whether a scorer, or the metric in scikit-learn's own scorers, takes weights."""
    parameters = signature(getattr(scorer, "_score_func", scorer)).parameters.values()
    return any(p.name == "sample_weight" or p.kind is p.VAR_KEYWORD for p in parameters)
