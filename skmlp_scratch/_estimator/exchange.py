"""The same model as scikit-learn's MLPClassifier, and the way back."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier as TheirClassifier
from sklearn.utils.validation import check_is_fitted

from skmlp_scratch._estimator.options import takes_batches
from skmlp_scratch._training.epochs import History, Record
from skmlp_scratch._training.optimizers import OPTIMIZERS
from skmlp_scratch._training.state import TrainingState
from skmlp_scratch._typing import FloatArray

# What theirs takes for the parameters that take more here.
_THEIR_CHOICES = {
    "activation": ("identity", "logistic", "relu", "tanh"),
    "learning_rate": ("adaptive", "constant", "invscaling"),
    "solver": ("adam", "lbfgs", "sgd"),
}


def to_sklearn(model: Any) -> TheirClassifier:
    """Return scikit-learn's classifier with the predictions of a fitted model of ours."""
    activation = _common_activation(model)
    _check_link(model)
    layers = model._layers.copy()
    layers.coefs[0] *= layers.dtype.type(model._input_scale)
    theirs = TheirClassifier(layers.layer_sizes[1:-1], activation, solver="adam")
    _set_up(theirs, model)
    theirs.set_params(**_shared_parameters(model), activation=activation)
    theirs.coefs_, theirs.intercepts_ = layers.coefs, layers.intercepts
    for name in ("loss_", "loss_curve_", "n_iter_", "t_", "best_loss_", "feature_names_in_"):
        if hasattr(model, name):
            setattr(theirs, name, getattr(model, name))
    return theirs


def _common_activation(model: Any) -> str:
    """Return the one activation of all hidden layers, which theirs must have."""
    names, choices = {*model._activations} or {"relu"}, _THEIR_CHOICES["activation"]
    if len(names) > 1 or not names <= {*choices}:
        raise ValueError(
            f"activation={model._activations!r} has no counterpart in scikit-learn's "
            f"MLPClassifier, which has one of {choices} for all hidden layers."
        )
    return str(names.pop())


def _check_link(model: Any) -> None:
    """Raise if theirs makes other probabilities of the logits."""
    if (model._target_type == "multiclass") != (model.out_activation_ == "softmax"):
        raise ValueError(
            f"loss={model._loss!r} of three or more classes has no counterpart in scikit-learn's "
            "MLPClassifier, whose probabilities are a softmax."
        )


def _set_up(theirs: TheirClassifier, model: Any) -> None:
    """Let theirs make what a fit makes, by a pass over rows of zeros."""
    classes = model.classes_
    X = np.zeros((len(classes), model.n_features_in_), model._layers.dtype)
    y = np.eye(len(classes), dtype=int) if model._target_type == "multilabel" else classes
    theirs.partial_fit(X, y, classes=classes)


def _shared_parameters(model: Any) -> dict[str, Any]:
    """Return the parameters that theirs has, too, with values that it takes."""
    ours, names = model.get_params(deep=False), TheirClassifier().get_params().keys()
    return {
        name: ours[name]
        for name in names - {"activation"}
        if name not in _THEIR_CHOICES or ours[name] in _THEIR_CHOICES[name]
    }


def from_sklearn(cls: Any, theirs: Any) -> Any:
    """Return a model of a class of ours with the predictions of scikit-learn's."""
    if not isinstance(theirs, TheirClassifier):
        raise TypeError(
            "from_sklearn takes a fitted sklearn.neural_network.MLPClassifier, got "
            f"{type(theirs).__name__}."
        )
    check_is_fitted(theirs)
    model = cls(**theirs.get_params())
    n_hidden = theirs.n_layers_ - 2
    attributes = {
        "classes_": theirs.classes_,
        "coefs_": [coef.copy() for coef in theirs.coefs_],
        "intercepts_": [intercept.copy() for intercept in theirs.intercepts_],
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
        "_sparse_labels": False,
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
    losses = getattr(theirs, "loss_curve_", [])  # which L-BFGS does not leave
    scores = getattr(theirs, "validation_scores_", None) or [np.nan] * len(losses)
    columns = {"best_loss": "best_loss_", "best_score": "best_validation_score_"}
    found = {column: getattr(theirs, name, None) for column, name in columns.items()}
    best = {column: float(value) for column, value in found.items() if value is not None}
    records = [
        Record(float(loss), validation_score=float(score), **best)
        for loss, score in zip(losses, scores, strict=True)
    ]
    return History(records, max(0, len(records) - theirs.n_iter_))


def _state(theirs: TheirClassifier) -> TrainingState:
    """Return where the optimizer stands; without one, a new optimizer is made."""
    state = TrainingState(solver=theirs.solver, n_samples_seen=int(theirs.t_))
    optimizer = getattr(theirs, "_optimizer", None)
    if optimizer is not None and takes_batches(theirs.solver):
        state.n_steps = int(getattr(optimizer, "t", 0))
        slots = OPTIMIZERS[theirs.solver].slot_names
        state.slots = {slot: _THEIR_SLOTS[slot](optimizer, theirs) for slot in slots}
    return state


# Each slot from their optimizer and its options.
_THEIR_SLOTS: dict[str, Callable[[Any, TheirClassifier], FloatArray]] = {
    "carried_velocity": lambda optimizer, p: _flatten(optimizer.velocities) * p.momentum,
    "first_moment": lambda optimizer, p: _flatten(optimizer.ms) / (1 - p.beta_1),
    "second_moment": lambda optimizer, p: _flatten(optimizer.vs) / (1 - p.beta_2),
}


def _flatten(arrays: list[FloatArray]) -> FloatArray:
    return np.concatenate([array.ravel() for array in arrays])
