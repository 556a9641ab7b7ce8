"""The estimator in pipelines, behind scalers and transformers of columns."""

from typing import Any

import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import (
    train_test_split,
)
from sklearn.neural_network import MLPClassifier as Theirs
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skmlp_scratch import MLPClassifier as Ours
from tests._helpers.ecosystem import Kind, make_mlp, make_pipe, tumors


def test_pipeline() -> None:
    X_train, X_test, y_train, y_test = train_test_split(*tumors(), random_state=0)
    pipes = [make_pipe(kind).fit(X_train, y_train) for kind in (Ours, Theirs)]
    ours, theirs = (pipe.predict_proba(X_test) for pipe in pipes)
    assert_allclose(ours, theirs, rtol=1e-6)
    assert pipes[0].score(X_test, y_test) > 0.95


def test_pipeline_sets_parameters_by_name() -> None:
    X, y = tumors()
    pipe = make_pipe().set_params(mlpclassifier__hidden_layer_sizes=(7, 4), mlpclassifier__alpha=1)
    pipe.fit(X, y)
    assert [len(coef) for coef in pipe[-1].coefs_] == [30, 7, 4]


def make_columns(kind: Kind) -> Pipeline:
    """Return a model on scaled numbers and one-hot encoded strings, passed on as a data frame."""
    columns = ColumnTransformer(
        [
            ("number", StandardScaler(), make_column_selector(dtype_include="number")),
            (
                "string",
                OneHotEncoder(sparse_output=False),
                make_column_selector(dtype_exclude="number"),
            ),
        ]
    ).set_output(transform="pandas")
    return make_pipeline(columns, make_mlp(kind))


def tumors_frame() -> tuple[Any, Any]:
    """Return the tumors as a data frame, one measurement of which is in words."""
    import pandas as pd

    frame, y = load_breast_cancer(return_X_y=True, as_frame=True)
    words = pd.cut(frame.pop("mean area"), 3, labels=["small", "medium", "large"])
    return frame.assign(size=words.astype(object)), y.map({0: "malignant", 1: "benign"})


def test_column_transformer() -> None:
    X, y = tumors_frame()
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    models = [make_columns(kind).fit(X_train, y_train) for kind in (Ours, Theirs)]
    ours, theirs = (model.predict_proba(X_test) for model in models)
    assert_allclose(ours, theirs, rtol=1e-6)
    assert models[0].score(X_test, y_test) > 0.95
    assert set(models[0].predict(X_test)) == {"benign", "malignant"}


def test_columns_are_known_by_name() -> None:
    X, y = tumors_frame()
    model = make_columns(Ours).fit(X, y)
    assert "number__mean radius" in model[-1].feature_names_in_
    assert "string__size_small" in model[-1].feature_names_in_
    assert_array_equal(model.predict_proba(X[X.columns[::-1]]), model.predict_proba(X))
    transformed = model[0].transform(X)
    with pytest.raises(ValueError, match="feature names should match"):
        model[-1].predict(transformed[transformed.columns[::-1]])
