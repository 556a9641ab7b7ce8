"""The upgrade of models of earlier formats to the present one."""

from math import nan
from typing import Any

import numpy as np

from skmlp_scratch._estimator.options import check_activations

Plain = dict[str, Any]


def upgrade(version: int, parameters: Plain, attributes: Plain) -> tuple[Plain, Plain]:
    """Return the parameters and the plain attributes of a model of any format."""
    if version > 1:
        return parameters, attributes
    return _parameters_from_1(parameters), _attributes_from_1(parameters, attributes)


def _parameters_from_1(old: Plain) -> Plain:
    """Format 1 had another name for the accuracy that is weighted like the training loss."""
    return old | {"scoring": None} if old["scoring"] == "accuracy" else old


def _attributes_from_1(parameters: Plain, old: Plain) -> Plain:
    """Format 1 had the history in three places, and read the network off the parameters."""
    renamed = {"_target_kind": "_target_type"}
    gone = {
        *("loss_curve_", "history_", "validation_scores_", "best_loss_", "best_validation_score_"),
        *("n_iter_", "_training_state"),
    }
    attributes = {renamed.get(name, name): old[name] for name in old.keys() - gone}
    activations = check_activations(parameters["activation"], old["n_layers_"] - 2)
    return attributes | {
        "_activations": list(activations),
        "_input_scale": float(parameters["input_scale"]),
        "_loss": parameters["loss"],
        "_history": _history(old),
        "_state": _state(old),
    }


def _history(old: dict[str, Any]) -> dict[str, Any]:
    """Return the rows; of the best values, the last is known."""
    columns = {name: np.array(column, float) for name, column in old["history_"].items()}
    del columns["seconds"]
    n_epochs, n_watched = len(old["loss_curve_"]), len(old["validation_scores_"] or ())
    best_loss, best_score = np.full((2, n_epochs), nan)
    if old["best_loss_"] is not None:
        best_loss[:] = old["best_loss_"]
    if n_watched:
        best_score[-n_watched:] = old["best_validation_score_"]
    return columns | {
        "best_loss": best_loss,
        "best_score": best_score,
        "n_earlier": n_epochs - old["n_iter_"],
    }


def _state(old: dict[str, Any]) -> dict[str, Any] | None:
    """Return the state: L-BFGS left none, and a compact model an empty one."""
    state: dict[str, Any] = old.get("_training_state", {"solver": "lbfgs"})
    defaults: dict[str, Any] = {
        **dict.fromkeys(("n_steps", "n_epochs", "first_step", "n_samples_seen", "n_stalls"), 0),
        **dict.fromkeys(("random_state", "dropout_generator", "order"), None),
        **dict.fromkeys(("validation_rows", "last_parameters"), None),
        **dict.fromkeys(("targets_checksum", "parameters_checksum"), None),
        "slots": {},
        "best": np.inf,
        "n_epochs_no_change": 0,
        "has_converged": False,
    }
    if not state:
        return None
    upgraded = defaults | state
    upgraded["n_rate_cuts"] = upgraded.pop("n_stalls")
    return upgraded
