"""Parameters: what each may be, and the error for what makes no sense."""

import re
from array import array
from collections import UserList, deque
from inspect import signature
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.neural_network import MLPClassifier as Theirs

from skmlp_scratch import MLPClassifier
from tests._helpers.compare import same_parameters
from tests._helpers.data import Data
from tests._helpers.models import make_model


@pytest.mark.parametrize("value", [0, -1, None, "1/255", np.nan])
def test_input_scale_is_a_positive_number(iris: Data, value: Any) -> None:
    with pytest.raises(ValueError, match="input_scale"):
        make_model(input_scale=value).fit(*iris)


BAD: dict[str, list[Any]] = {
    "hidden_layer_sizes": [0, -1, 2.5, None, (5, 0), [-1], np.array([5, -5])],
    "activation": ["sigmoid", None, 1],
    "solver": ["sdg", None],
    "alpha": [-1e-9, "0", None, np.inf, np.nan],
    "batch_size": [0, -1, 2.5, "all", None],
    "learning_rate": ["optimal", 0.1, None],
    "learning_rate_init": [0, -1, "0.1", None, np.inf, np.nan],
    "power_t": [-1, "0.5", None],
    "max_iter": [0, -1, 10.5, None, np.inf],
    "shuffle": [2, "yes", None],
    "random_state": [-1, 0.5, "seed"],
    "tol": [-1, "low", None, np.nan],
    "verbose": [-1, "yes", None],
    "warm_start": [2, "yes", None],
    "momentum": [-0.1, 1.1, "0.9", None],
    "nesterovs_momentum": [2, "yes", None],
    "early_stopping": [2, "yes", None],
    "validation_fraction": [-0.1, 1, 2, None],
    "beta_1": [-0.1, 1, None],
    "beta_2": [-0.1, 1, None],
    "epsilon": [0, -1, None],
    "n_iter_no_change": [0, -1, 2.5, None, -np.inf],
    "max_fun": [0, -1, 2.5, None],
}
MORE_CHOICES = {"activation", "solver", "learning_rate"}


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/issues/7500")
@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in BAD.items() for value in values]
)
def test_bad_parameter_gives_the_error_of_scikit_learn(iris: Data, name: str, value: Any) -> None:
    errors = []
    for kind in (MLPClassifier, Theirs):
        model = kind(**{name: value})
        with pytest.raises(ValueError, match=name) as caught:
            model.fit(*iris)
        assert not hasattr(model, "coefs_")
        errors.append(caught.value)
    assert type(errors[0]) is type(errors[1])
    ours, theirs = map(str, errors)
    if name in MORE_CHOICES:
        assert ours.split("{")[0] == theirs.split("{")[0]
        assert theirs.split("Got")[-1] in ours  # with advice behind it
    else:  # the same letters: allowed words come in any order
        assert sorted(ours) == sorted(theirs)


def test_every_parameter_of_scikit_learn_has_a_bad_value() -> None:
    assert BAD.keys() == signature(Theirs).parameters.keys()


@pytest.mark.parametrize("dtype", ["float16", np.int32, "double", np.dtype("float32"), 32])
def test_bad_dtype(iris: Data, dtype: Any) -> None:
    with pytest.raises(ValueError, match="dtype"):
        MLPClassifier(dtype=dtype).fit(*iris)


@pytest.mark.parametrize(
    "sizes", [7, np.int64(7), (7,), [7], np.array([7]), np.array([7], np.uint8)]
)
def test_hidden_layer_sizes_of_any_kind(iris: Data, sizes: Any) -> None:
    model = make_model(hidden_layer_sizes=sizes).fit(*iris)
    assert [coef.shape for coef in model.coefs_] == [(4, 7), (7, 3)]
    assert [intercept.shape for intercept in model.intercepts_] == [(7,), (3,)]
    assert model.n_layers_ == 3


@pytest.mark.parametrize(
    ("sizes", "found"),
    [
        ((5, 2.0), "2.0"),
        ([5.5], "5.5"),
        (np.array([5.0]), "5.0"),
        ((5, np.nan), "nan"),
        (("12",), "12"),
        ((5, None), "None"),
        ((True,), "True"),
        (True, "True"),
        ([[5, 3], [4, 4]], "[5, 3]"),
        ([(5,)], "(5,)"),
        (np.array([[5, 3]]), "5, 3"),
    ],
    ids=repr,
)
def test_the_error_names_a_hidden_layer_size_that_is_no_whole_number(
    iris: Data, sizes: Any, found: str
) -> None:
    with pytest.raises(ValueError, match=f"hidden_layer_sizes.*{re.escape(found)}"):
        make_model(hidden_layer_sizes=sizes).fit(*iris)


@pytest.mark.parametrize("fit", ["fit", "partial_fit"])
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_batch_size_above_the_number_of_rows_is_clipped(iris: Data, solver: str, fit: str) -> None:
    X, y = iris
    options = {"classes": range(3)} if fit == "partial_fit" else {}
    clipped = make_model(solver=solver, batch_size=151)
    with pytest.warns(UserWarning, match="Got `batch_size`.*larger than.*sample size.*clipped"):
        getattr(clipped, fit)(X, y, **options)
    whole = getattr(make_model(solver=solver, batch_size=150), fit)(X, y, **options)
    assert same_parameters(clipped, whole)


def test_batch_size_above_the_number_of_training_rows_is_clipped(iris: Data) -> None:
    with pytest.warns(UserWarning, match="clipped"):
        make_model(early_stopping=True, batch_size=140).fit(*iris)


def test_automatic_batch_size_is_at_most_200(multiclass: Data) -> None:
    X, y = (np.concatenate([part, part[::-1]]) for part in multiclass)
    for n_rows in (150, 240):
        models = [make_model(batch_size=b) for b in ("auto", min(n_rows, 200))]
        assert same_parameters(*(model.fit(X[:n_rows], y[:n_rows]) for model in models))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"activation": ["relu", "tanh"]}, "activation has 2 entries"),
        ({"activation": ["softplus"]}, "activation must hold names among"),
        ({"dropout": [0.1, 0.2]}, "dropout has 2 entries"),
        ({"dropout": [1.0]}, r"dropout must hold numbers in \[0, 1\)"),
        ({"dropout": ["half"]}, r"dropout must hold numbers in \[0, 1\)"),
        ({"dropout": 1}, "The 'dropout' parameter"),
        ({"input_dropout": -0.1}, "The 'input_dropout' parameter"),
        ({"max_norm": 0}, "The 'max_norm' parameter"),
        ({"clip_norm": -1}, "The 'clip_norm' parameter"),
        ({"weight_decay": -1}, "The 'weight_decay' parameter"),
        ({"label_smoothing": 1}, "The 'label_smoothing' parameter"),
        ({"loss": "hinge"}, "The 'loss' parameter"),
        ({"init": "zeros"}, "The 'init' parameter"),
        ({"scoring": "acuracy"}, "The 'scoring' parameter"),
        ({"class_weight": "equal"}, "The 'class_weight' parameter"),
        ({"class_weight": {7: 2.0}}, "class_weight"),
        ({"class_weight": {0: 0, 1: 0, 2: 0}}, "weight of every row.* is zero"),
    ],
)
def test_the_error_names_a_bad_value(iris: Data, options: dict[str, Any], message: str) -> None:
    model = make_model(**options)
    with pytest.raises(ValueError, match=message):
        model.fit(*iris)

    assert not hasattr(model, "coefs_")


SEQUENCES: list[Any] = [list, tuple, np.array, pd.Series, pl.Series, pd.Index, deque, UserList]
FOR_EACH_LAYER = {
    "hidden_layer_sizes": [4, 3],
    "activation": ["relu", "tanh"],
    "dropout": [0.1, 0.2],
}


@pytest.mark.parametrize("kind", SEQUENCES)
@pytest.mark.parametrize("name", FOR_EACH_LAYER)
def test_values_for_each_layer_come_in_any_sequence(iris: Data, name: str, kind: Any) -> None:
    values = FOR_EACH_LAYER[name]
    models = [
        make_model(**{"hidden_layer_sizes": (4, 3), name: given}).fit(*iris)
        for given in (values, kind(values))
    ]
    assert same_parameters(*models)


@pytest.mark.parametrize("sizes", [range(4, 6), array("i", [4, 5])])
def test_sizes_come_in_any_sequence_of_whole_numbers(iris: Data, sizes: Any) -> None:
    assert make_model(hidden_layer_sizes=sizes).fit(*iris).n_layers_ == 4


@pytest.mark.parametrize("kind", [set, frozenset, dict.fromkeys, lambda _: bytearray(b"ab")])
@pytest.mark.parametrize("name", FOR_EACH_LAYER)
def test_what_has_no_order_is_refused(iris: Data, name: str, kind: Any) -> None:
    with pytest.raises(ValueError, match=f"{name} must be a list, tuple or array"):
        make_model(**{name: kind(FOR_EACH_LAYER[name])}).fit(*iris)


@pytest.mark.parametrize("name", FOR_EACH_LAYER)
def test_nested_values_are_refused(iris: Data, name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must hold"):
        make_model(**{name: [FOR_EACH_LAYER[name]]}).fit(*iris)


@pytest.mark.parametrize("name", FOR_EACH_LAYER)
def test_an_array_of_no_dimension_is_one_value(iris: Data, name: str) -> None:
    values = FOR_EACH_LAYER[name]
    models = [make_model(**{name: v}).fit(*iris) for v in (values[0], np.array(values[0]))]
    assert same_parameters(*models)


@pytest.mark.parametrize(
    ("options", "advice"),
    [
        ({"learning_rate": 0.01}, r"set learning_rate_init=0\.01"),
        ({"learning_rate": np.float32(0.01)}, r"set learning_rate_init=0\.01"),
        ({"learning_rate": "cos"}, "'cosine'"),
        ({"scoring": "acc"}, "Did you mean 'accuracy'"),
        ({"scoring": "AUC"}, "Did you mean 'roc_auc'"),
        ({"scoring": "f1-macro"}, "Did you mean 'f1_macro'"),
        ({"solver": "Adam"}, "Did you mean 'adam'"),
        ({"activation": ["ReLU"]}, "Did you mean 'relu'"),
        ({"class_weight": "Balanced"}, "Did you mean 'balanced'"),
    ],
)
def test_the_error_says_what_may_have_been_meant(
    iris: Data, options: dict[str, Any], advice: str
) -> None:
    with pytest.raises(ValueError, match=advice):
        make_model(**options).fit(*iris)


@pytest.mark.parametrize(
    "options", [{"learning_rate": True}, {"scoring": ""}, {"solver": "newton"}]
)
def test_no_advice_where_nothing_is_like_it(iris: Data, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"Got \S+ instead\.$"):
        make_model(**options).fit(*iris)


def test_the_list_of_scorers_is_not_in_the_error(iris: Data) -> None:
    with pytest.raises(ValueError, match="get_scorer_names") as caught:
        make_model(scoring="acc").fit(*iris)
    assert "jaccard" not in str(caught.value)
