"""Weights that the user sets between fits, as in federated and transferred training."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.exceptions import NotFittedError

from skmlp_scratch import MLPClassifier
from tests._helpers.compare import assert_same_predictions
from tests._helpers.data import Data
from tests._helpers.models import make_model

ES: dict[str, Any] = {"early_stopping": True, "validation_fraction": 0.2}


def copy_weights(source: MLPClassifier, target: MLPClassifier) -> None:
    """Set the weights of one model in another."""
    target.coefs_ = [coef.copy() for coef in source.coefs_]
    target.intercepts_ = [intercept.copy() for intercept in source.intercepts_]


@pytest.mark.parametrize("options", [{}, ES])
def test_training_resumes_from_the_weights_that_were_set(
    iris: Data, options: dict[str, Any]
) -> None:
    model = make_model(warm_start=True, **options).fit(*iris)
    other = make_model(random_state=5, **options).fit(*iris)
    copy_weights(other, model)
    scores: list[float] = []

    def rise(*_: Any) -> float:
        scores.append(len(scores))
        return scores[-1]  # the last epoch is the best, so that its weights are kept

    model.set_params(scoring=rise if options else None)
    model.set_params(max_iter=1, learning_rate_init=1e-12).fit(*iris)
    assert_allclose(model.coefs_[0], other.coefs_[0], atol=1e-9)


def test_weights_set_to_what_they_were_change_nothing(iris: Data) -> None:
    model = make_model(warm_start=True, **ES).fit(*iris)
    again = deepcopy(model)
    copy_weights(model, again)
    assert_same_predictions(model.fit(*iris), again.fit(*iris), iris[0])


@pytest.mark.slow
@pytest.mark.parametrize("train", ["fit", "partial_fit"])
@pytest.mark.parametrize(
    "convert",
    [
        lambda array: array.tolist(),
        lambda array: tuple(array.tolist()),
        lambda array: array.astype(object),
        lambda array: array.astype(">f8"),
        np.asfortranarray,
    ],
)
def test_weights_of_other_types_are_taken(
    iris: Data, convert: Any, train: str, tmp_path: Path
) -> None:
    model = make_model(warm_start=True).fit(*iris)
    other = deepcopy(model)
    other.coefs_ = [convert(coef) for coef in model.coefs_]
    other.intercepts_ = tuple(convert(intercept) for intercept in model.intercepts_)  # type: ignore[assignment]
    assert_same_predictions(model, other, iris[0])
    other.save(tmp_path / "model.npz")
    assert_same_predictions(model, MLPClassifier.load(tmp_path / "model.npz"), iris[0])
    for each in (model, other):
        getattr(each, train)(*iris)
    assert_same_predictions(model, other, iris[0])


def test_whole_numbers_compute_in_double_precision(iris: Data) -> None:
    model = make_model(warm_start=True).fit(*iris)
    for name in ("coefs_", "intercepts_"):
        setattr(model, name, [np.ones_like(a, int).tolist() for a in getattr(model, name)])
    assert model.fit(*iris).coefs_[0].dtype == np.float64


BAD: dict[str, tuple[Any, str]] = {
    "None": (None, "must be lists with an array of numbers"),
    "words": ([["a"]], "must be lists with an array of numbers.*type <U1"),
    "complex": ([1j], "must be lists with an array of numbers.*type complex"),
    "ragged": ([[[1, 2], [3]]], "must be lists with an array of numbers"),
    "nothing": ([], r"shapes \[.*do not make a network of 4 features and 3"),
    "an array of None": ([None, np.ones((8, 3))], "do not make a network"),
    "wrong shape": ([np.ones((8, 4)), np.ones((8, 3))], r"shapes \[\(8, 4\).*do not make"),
    "NaN": ([np.full((4, 8), np.nan), np.ones((8, 3))], "hold NaN or infinite values"),
}


@pytest.mark.parametrize("method", ["predict", "hidden_activations", "fit", "partial_fit", "save"])
@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_network_is_refused(iris: Data, kind: str, method: str, tmp_path: Path) -> None:
    coefs, message = BAD[kind]
    model = make_model(warm_start=True).fit(*iris)
    model.coefs_ = coefs
    data: Any = {"save": (tmp_path / "model.npz",), "fit": iris, "partial_fit": iris}
    if (method, kind) == ("save", "NaN"):
        message = "cannot be saved.*finite coefs_"
    with pytest.raises(ValueError, match=message):
        getattr(model, method)(*data.get(method, iris[:1]))


@pytest.mark.parametrize("train", ["fit", "partial_fit"])
def test_a_network_of_another_width_is_trained_on_with_a_new_optimizer(
    iris: Data, train: str, tmp_path: Path
) -> None:
    model = make_model(warm_start=True).fit(*iris)
    other = make_model(hidden_layer_sizes=(9,), random_state=5).fit(*iris)
    copy_weights(other, model)
    model.save(tmp_path / "model.npz")
    assert_same_predictions(other, MLPClassifier.load(tmp_path / "model.npz"), iris[0])
    with pytest.raises(ValueError, match=r"layers of \(4, 9, 3\) units, but hidden_layer_sizes"):
        getattr(model, train)(*iris)
    model.set_params(hidden_layer_sizes=(9,), learning_rate_init=1e-12, max_iter=1)
    assert_allclose(getattr(model, train)(*iris).coefs_[0], other.coefs_[0], atol=1e-9)


def test_a_network_of_another_depth_has_to_be_trained_on(iris: Data) -> None:
    model = make_model().fit(*iris)
    copy_weights(make_model(hidden_layer_sizes=(9, 5)).fit(*iris), model)
    for predict in (model.predict, model.hidden_activations):
        with pytest.raises(
            ValueError, match=r"coefs_ has 3 layers, .* hidden_layer_sizes=\(9, 5\)"
        ):
            predict(iris[0])
    model.set_params(hidden_layer_sizes=(9, 5)).partial_fit(*iris).predict(iris[0])


def test_weights_before_the_first_fit_make_no_model(iris: Data) -> None:
    model, source = make_model(), make_model(random_state=5).fit(*iris)
    copy_weights(source, model)
    for call in (model.predict, model.hidden_activations, lambda _: model.compact()):
        with pytest.raises(NotFittedError):
            call(iris[0])
    with pytest.raises(ValueError, match=r"set before the first training.*set them after it"):
        model.partial_fit(*iris, classes=[0, 1, 2])
    with pytest.raises(ValueError, match=r"set before the first training.*set them after it"):
        model.set_params(warm_start=True).fit(*iris)
    # As in scikit-learn.
    assert_same_predictions(
        model.set_params(warm_start=False).fit(*iris), make_model().fit(*iris), iris[0]
    )


def test_another_chunk_of_equal_size_is_split_anew(iris: Data) -> None:
    """Rare rows are among the validation rows of each chunk."""
    found: list[int] = []

    def count(_model: Any, _X: Any, y: Any) -> float:
        found.append(int(y.sum()))
        return 1.0

    rng = np.random.default_rng(0)
    model = make_model(warm_start=True, max_iter=1, early_stopping=True, scoring=count)
    for _ in range(5):
        model.fit(iris[0], rng.permutation(np.arange(150) < 20).astype(int))
    assert set(found) == {2}
