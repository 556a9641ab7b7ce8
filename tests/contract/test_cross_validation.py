"""The estimator in cross-validation and its curves."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.metrics import make_scorer, roc_auc_score
from sklearn.model_selection import (
    cross_val_score,
    cross_validate,
    learning_curve,
    validation_curve,
)

from tests._helpers.data import Data
from tests._helpers.ecosystem import (
    FOLDS,
    Kind,
    digits,
    make_mlp,
    make_pipe,
    same_for_both,
    tumors,
    within,
)
from tests._helpers.models import make_model

pytestmark = pytest.mark.slow  # each is several fits of other people's estimators


@pytest.mark.thread("https://github.com/rasbt/mlxtend/issues/1129")
def test_scorers_may_ask_for_probabilities(iris: Data) -> None:
    scorer = make_scorer(roc_auc_score, response_method="predict_proba", multi_class="ovr")
    model = make_model(learning_rate_init=0.05)
    assert cross_val_score(model, *iris, scoring=scorer, error_score="raise").min() > 0.9


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/issues/10545")
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_cross_validate(n_jobs: int) -> None:
    X, y = tumors()

    def scores(kind: Kind) -> Any:
        metrics = ["accuracy", "neg_log_loss", "roc_auc", "f1"]
        result = cross_validate(
            make_pipe(kind),
            X,
            y,
            cv=FOLDS,
            scoring=metrics,
            return_train_score=True,
            n_jobs=n_jobs,
            error_score="raise",
        )
        return [result[f"{part}_{name}"] for part in ("test", "train") for name in metrics]

    accuracy, _, area, *_ = within(120, same_for_both, scores)
    assert accuracy.mean() > 0.95
    assert area.mean() > 0.98


def test_learning_curve_of_passes() -> None:
    # Calls partial_fit with more and more rows.
    X, y = digits()
    _, _, test_scores = learning_curve(
        make_mlp(),
        X,
        y,
        cv=FOLDS,
        train_sizes=[50, 100, 200, 400],
        exploit_incremental_learning=True,
        scoring="neg_log_loss",
        error_score="raise",
    )
    assert_array_equal(np.argsort(test_scores.mean(axis=1)), range(4))


def test_validation_curve() -> None:
    X, y = digits()
    widths = [(1,), (4,), (16, 16)]
    _, test_scores = validation_curve(
        make_mlp(),
        X,
        y,
        cv=FOLDS,
        param_name="hidden_layer_sizes",
        param_range=widths,
        error_score="raise",
    )
    means = test_scores.mean(axis=1)
    assert means[0] < 0.5 < means[1] < means[2]
