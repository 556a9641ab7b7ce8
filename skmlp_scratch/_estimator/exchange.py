"""Conversion of models to scikit-learn's MLPClassifier and from it."""

from collections.abc import Callable
from copy import deepcopy
from itertools import zip_longest
from math import isnan, log, nan
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.neural_network import MLPClassifier as TheirClassifier
from sklearn.utils.validation import check_is_fitted

from skmlp_scratch._estimator.options import SKLEARN_CHOICES, is_in_sklearn, parameter_names
from skmlp_scratch._training.epochs import History, Record
from skmlp_scratch._training.optimizers import OPTIMIZERS
from skmlp_scratch._training.state import TrainingState
from skmlp_scratch._typing import FloatArray

# What both have under the same name, and a warm start of theirs needs.
_COMMON_ATTRIBUTES = (
    "best_loss_",
    "best_validation_score_",
    "feature_names_in_",
    "loss_",
    "loss_curve_",
    "n_iter_",
    "t_",
    "validation_scores_",
)


def to_sklearn(model: Any) -> TheirClassifier:
    """Return scikit-learn's classifier with the predictions of a fitted model of ours."""
    activation = _common_activation(model)
    _check_link(model)
    layers = model._layers.copy()
    layers.coefs[0] *= layers.dtype.type(model._input_scale)
    theirs = TheirClassifier(layers.layer_sizes[1:-1], activation, random_state=0)
    _set_up(theirs, model)
    theirs.set_params(**_shared_parameters(model) | {"activation": activation})
    theirs.coefs_, theirs.intercepts_ = layers.coefs, layers.intercepts
    best = layers.copy()  # which early stopping falls back to
    theirs._best_coefs, theirs._best_intercepts = best.coefs, best.intercepts
    for name in _COMMON_ATTRIBUTES:
        if hasattr(model, name):
            setattr(theirs, name, deepcopy(getattr(model, name)))
    return theirs


def _common_activation(model: Any) -> str:
    """Return the one activation of all hidden layers, which theirs must have."""
    names, choices = {*model._activations} or {"relu"}, SKLEARN_CHOICES["activation"]
    if len(names) > 1 or not names <= {*choices}:
        raise ValueError(
            f"activation={model._activations!r} has no counterpart in scikit-learn's "
            f"MLPClassifier, which has one of {choices} for all hidden layers."
        )
    return str(names.pop())


def _check_link(model: Any) -> None:
    """Raise if theirs would turn the logits into other probabilities."""
    if model._labels.is_multiclass != (model.out_activation_ == "softmax"):
        raise ValueError(
            f"loss={model._loss!r} of three or more classes has no counterpart in scikit-learn's "
            "MLPClassifier, whose probabilities are a softmax."
        )


def _set_up(theirs: TheirClassifier, model: Any) -> None:
    """Let theirs set its private attributes, by a fit to rows of zeros."""
    classes = model.classes_.copy()
    X = np.zeros((len(classes), model.n_features_in_), model._layers.dtype)
    y = np.eye(len(classes), dtype=int) if model._labels.is_multilabel else classes
    theirs.partial_fit(X, sparse.csr_matrix(y) if model._sparse_labels else y, classes=classes)
    del theirs._optimizer


def _shared_parameters(model: Any) -> dict[str, Any]:
    """Return the parameters that theirs has, too, with values that it takes."""
    ours = {name: deepcopy(getattr(model, name)) for name in _shared_names(model)}
    return {name: value for name, value in ours.items() if is_in_sklearn(name, value)}


def _shared_names(model: Any) -> set[str]:
    """Return the names of the parameters of both, of which a subclass may not take all."""
    return {*TheirClassifier().get_params()} & {*parameter_names(model)}


def from_sklearn(cls: Any, theirs: Any) -> Any:
    """Return a model of a class of ours with the predictions of scikit-learn's."""
    if not isinstance(theirs, TheirClassifier):
        raise TypeError(
            "from_sklearn takes a fitted sklearn.neural_network.MLPClassifier, got "
            f"{type(theirs).__name__}."
        )
    check_is_fitted(theirs)
    theirs = deepcopy(theirs)  # the models must share nothing
    model = cls()
    vars(model).update({name: getattr(theirs, name) for name in _shared_names(model)})
    n_hidden = theirs.n_layers_ - 2
    attributes = {
        "classes_": theirs.classes_,
        "coefs_": theirs.coefs_,
        "intercepts_": theirs.intercepts_,
        "loss_": float(theirs.loss_),
        "n_features_in_": theirs.n_features_in_,
        "n_layers_": theirs.n_layers_,
        "n_outputs_": theirs.n_outputs_,
        "out_activation_": theirs.out_activation_,
        "t_": int(theirs.t_),
        "_activations": [theirs.activation] * n_hidden,
        "_history": _history(theirs),
        "_input_scale": 1.0,
        "_loss": "log_loss",
        "_sparse_labels": bool(theirs._label_binarizer.sparse_input_),
        "_state": _state(theirs),
        "_target_type": _target_type(theirs),
    }
    if hasattr(theirs, "feature_names_in_"):
        attributes["feature_names_in_"] = theirs.feature_names_in_
    model.__dict__.update(attributes)
    return model


def _target_type(theirs: TheirClassifier) -> str:
    if theirs.out_activation_ == "softmax":
        return "multiclass"
    return "binary" if theirs.n_outputs_ == 1 else "multilabel"


def _history(theirs: TheirClassifier) -> History:
    """Return what is known of each epoch: its loss and, with early stopping, its score."""
    # L-BFGS leaves only the loss of its last iteration.
    losses = getattr(theirs, "loss_curve_", [nan] * (theirs.n_iter_ - 1) + [theirs.loss_])
    best = {"best_loss": _number(theirs, "best_loss_")}
    best_score = _number(theirs, "best_validation_score_")
    records = [
        Record(float(loss), **best)
        if score is None
        else Record(float(loss), validation_score=float(score), best_score=best_score)
        # Scores end where training resumed without early stopping.
        for loss, score in zip_longest(losses, getattr(theirs, "validation_scores_", None) or [])
    ]
    return History(records, max(0, len(records) - theirs.n_iter_))


def _state(theirs: TheirClassifier) -> TrainingState:
    """Return where the training stands; without an optimizer, a new one is made."""
    state = TrainingState(solver=theirs.solver, n_samples_seen=int(theirs.t_))
    optimizer = getattr(theirs, "_optimizer", None)
    if optimizer is None:
        return state
    state.solver = "sgd" if hasattr(optimizer, "velocities") else "adam"
    state.n_steps = int(getattr(optimizer, "t", 0))
    slots = OPTIMIZERS[state.solver].slot_names
    state.slots = {slot: _THEIR_SLOTS[slot](optimizer) for slot in slots}
    if getattr(optimizer, "lr_schedule", None) == "adaptive":
        state.n_rate_cuts = round(log(optimizer.learning_rate_init / optimizer.learning_rate, 5))
    if not isnan(best := _number(theirs, "best_loss_")):
        state.best = best
    state.has_converged = theirs._no_improvement_count > theirs.n_iter_no_change
    state.n_epochs_no_change = 0 if state.has_converged else int(theirs._no_improvement_count)
    return state


# Each slot from their optimizer.
_THEIR_SLOTS: dict[str, Callable[[Any], FloatArray]] = {
    "carried_velocity": lambda optimizer: _flatten(optimizer.velocities) * optimizer.momentum,
    "first_moment": lambda optimizer: _flatten(optimizer.ms) / (1 - optimizer.beta_1),
    "second_moment": lambda optimizer: _flatten(optimizer.vs) / (1 - optimizer.beta_2),
}


def _number(theirs: TheirClassifier, name: str) -> float:
    """Return an attribute, NaN if there is none."""
    value = getattr(theirs, name, None)
    return nan if value is None else float(value)


def _flatten(arrays: list[FloatArray]) -> FloatArray:
    return np.concatenate([array.ravel() for array in arrays])
