"""A fit that fails leaves the model as it was."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tests._helpers.compare import assert_same_training
from tests._helpers.data import Data
from tests._helpers.training import make_model, reload

MISTAKES = {
    "fewer features": lambda X, y: (X[:, 1:], y),
    "more features": lambda X, y: (np.hstack([X, X]), y),
    "fewer rows of y": lambda X, y: (X, y[1:]),
    "nan in X": lambda X, y: (np.where(X, X, np.nan), y),
    "one class more": lambda X, y: (X, np.where(np.arange(len(y)) == 0, 10, y)),
    "other classes": lambda X, y: (X, y.astype(str)),
    "a measurement for y": lambda X, y: (X, y / 3),
    "four labels": lambda X, y: (X, y[:, np.newaxis] >> np.arange(4) & 1),
    "as many labels as classes": lambda X, y: (X, (np.eye(10)[y] + np.eye(10)[9 - y]).astype(int)),
    "nan in weights": lambda X, y: (X, y, np.full(len(y), np.nan)),
    "fewer weights": lambda X, y: (X, y, np.ones(len(y) - 1)),
    "zero weights": lambda X, y: (X, y, np.zeros(len(y))),
}


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize(
    ("fit", "early_stopping"), [("fit", True), ("fit", False), ("partial_fit", False)]
)
def test_mistaken_data_leave_the_model_as_it_was(
    multiclass: Data, fit: str, early_stopping: bool, mistake: str
) -> None:
    model = make_model(max_iter=4, early_stopping=early_stopping).fit(*multiclass)
    before = reload(model)
    with pytest.raises(ValueError):  # noqa: PT011 - what it says is another test's matter
        getattr(model, fit)(*MISTAKES[mistake](*multiclass))
    assert_same_training(model, before)
    assert_array_equal(model.predict(multiclass[0]), before.predict(multiclass[0]))
    # And training resumes as if nothing had happened.
    assert_same_training(model.fit(*multiclass), before.fit(*multiclass))


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/pull/8035")
@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/issues/11758")
def test_refit_needs_all_the_classes_in_any_order(multiclass: Data) -> None:
    X, y = multiclass
    model = make_model(max_iter=4).fit(X, y)
    before = reload(model)
    with pytest.raises(ValueError, match="same classes as in the previous call"):
        model.fit(X[y != 9], y[y != 9])
    assert_same_training(model, before)
    order = np.argsort(-y, kind="stable")
    model.fit(X[order], y[order])
    assert len(model.loss_curve_) == 8


@pytest.mark.parametrize("fit", ["fit", "partial_fit"])
def test_single_labels_for_a_multilabel_model(multilabel: Data, fit: str) -> None:
    X, y = multilabel
    model = make_model(max_iter=4).fit(X, y)
    before = reload(model)
    with pytest.raises(ValueError, match=r"label|output"):
        getattr(model, fit)(X, np.arange(len(X)) % 4)
    assert_array_equal(model.predict(X), before.predict(X))


@pytest.mark.parametrize(
    "options",
    [{"hidden_layer_sizes": (9, 9)}, {"hidden_layer_sizes": (8,)}, {"alpha": -1}, {"tol": "low"}],
    ids=str,
)
def test_mistaken_parameters_leave_the_model_as_it_was(
    multiclass: Data, options: dict[str, Any]
) -> None:
    model = make_model(max_iter=4).fit(*multiclass)
    before, good = reload(model), model.get_params()
    with pytest.raises(ValueError, match=next(iter(options))):
        model.set_params(**options).fit(*multiclass)
    assert_same_training(model, before)
    assert_array_equal(model.predict(multiclass[0]), before.predict(multiclass[0]))
    model.set_params(**good)
    assert_same_training(model.fit(*multiclass), before.fit(*multiclass))


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_divergence_leaves_the_predictions_as_they_were(multiclass: Data, solver: str) -> None:
    X, y = multiclass
    model = make_model(solver=solver, max_iter=4).fit(X, y)
    probabilities = model.predict_proba(X)
    model.set_params(learning_rate_init=1e300)
    with pytest.raises(ValueError, match="non-finite parameter weights"):
        model.fit(X * 1e300, y)
    assert_array_equal(model.predict_proba(X), probabilities)


@pytest.mark.parametrize(
    ("change", "options"),
    [
        pytest.param(lambda X, y: (X[:, 1:], y / 3), {}, id="features and a measurement for y"),
        pytest.param(
            lambda X, y: (X, y > 4, np.full(len(y), np.nan)), {}, id="classes and weights"
        ),
        pytest.param(lambda X, y: (X[:3], y[:3]), {"early_stopping": True}, id="classes, too few"),
        pytest.param(lambda X, y: (X * 1e300, y > 4), {"learning_rate_init": 1e300}, id="diverges"),
    ],
)
def test_failed_fit_leaves_the_model_that_it_was_to_replace(
    multiclass: Data, change: Callable[..., Any], options: dict[str, Any]
) -> None:
    model = make_model(max_iter=4, warm_start=False).fit(*multiclass)
    before = reload(model)
    with pytest.raises(ValueError):  # noqa: PT011 - what it says is another test's matter
        model.set_params(**options).fit(*change(*multiclass))
    assert_array_equal(model.predict(multiclass[0]), before.predict(multiclass[0]))
