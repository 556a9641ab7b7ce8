"""Parameters: what each may be, and the error for what makes no sense."""

import re
from inspect import signature
from typing import Any

import numpy as np
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
