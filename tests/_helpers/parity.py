"""Our estimator and scikit-learn's, side by side."""

from functools import partial
from inspect import signature
from typing import Any

import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.neural_network import MLPClassifier as Theirs

from skmlp_scratch import MLPClassifier as Ours

ACTIVATIONS = ["identity", "logistic", "tanh", "relu"]
SOLVERS = ["sgd", "adam", "lbfgs"]
SCHEDULES = ["constant", "invscaling", "adaptive"]
PROBLEMS = ["binary", "multiclass", "multilabel"]
SEED = 0

# Attributes that both have after training with any of the solvers.
FITTED = ["n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_"]
they_take_weights = pytest.mark.skipif(
    "sample_weight" not in signature(Theirs.fit).parameters,
    reason="scikit-learn's MLPClassifier takes sample_weight since 1.7",
)


def make_both(**parameters: Any) -> tuple[Ours, Theirs]:
    """Return both estimators, unfitted."""
    defaults: dict[str, Any] = {"random_state": SEED, "max_iter": 10, "hidden_layer_sizes": (10,)}
    return Ours(**defaults | parameters), Theirs(**defaults | parameters)


def fit_both(X: Any, y: Any, *weights: Any, **parameters: Any) -> tuple[Ours, Theirs]:
    """Return both estimators, fitted."""
    ours, theirs = make_both(**parameters)
    return ours.fit(X, y, *weights), theirs.fit(X, y, *weights)


def assert_equal(ours: Ours, theirs: Theirs, X: Any, rtol: float = 1e-6, atol: float = 0) -> None:
    """Compare everything that scikit-learn's estimator learns and predicts."""
    close = partial(assert_allclose, rtol=rtol, atol=atol)
    for name in FITTED:
        assert getattr(ours, name) == getattr(theirs, name), name
    assert_array_equal(ours.classes_, theirs.classes_)
    close(ours.loss_, theirs.loss_)
    if theirs.solver != "lbfgs":
        assert len(ours.loss_curve_) == len(theirs.loss_curve_) >= 10
        close(ours.loss_curve_, theirs.loss_curve_)
        if theirs.validation_scores_ is None:
            assert ours.validation_scores_ is ours.best_validation_score_ is None
            close(ours.best_loss_, theirs.best_loss_)
        else:
            assert ours.best_loss_ is None
            close(ours.validation_scores_, theirs.validation_scores_)
            close(ours.best_validation_score_, theirs.best_validation_score_)
    for our_layer, their_layer in zip(
        [*ours.coefs_, *ours.intercepts_], [*theirs.coefs_, *theirs.intercepts_], strict=True
    ):
        assert our_layer.shape == their_layer.shape
        close(our_layer, their_layer)
    close(ours.predict_proba(X), theirs.predict_proba(X))
    assert_array_equal(ours.predict(X), theirs.predict(X))
