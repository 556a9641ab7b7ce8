"""The parameter `augment`: what it is given, what it may return, what it leaves alone.

That it changes the result is in `test_options.py`, that training resumes exactly with it in
`test_resume.py`, and that it is saved in `files/test_round_trip.py`.
"""

import pickle
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from skmlp_scratch.augmentation import GaussianNoise, ImageDeformation
from tests._helpers.compare import assert_same_model, same_parameters
from tests._helpers.data import Data
from tests._helpers.models import STOCHASTIC, make_model

Batch = NDArray[Any]


def unchanged(batch: Batch, _: np.random.Generator) -> Batch:
    """Return the batch as it is."""
    return batch


def noisy(batch: Batch, generator: np.random.Generator) -> Batch:
    """Write noise into the batch."""
    batch += generator.normal(0, 0.1, batch.shape)
    return batch


# --- what it is given ---------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_it_is_given_what_the_network_sees(multiclass: Data, dtype: str) -> None:
    X, y = multiclass
    pixels, seen = (X * 16).astype(np.uint8), []

    def note(batch: Batch, generator: np.random.Generator) -> Batch:
        seen.append((batch.copy(), generator))
        return batch

    model = make_model(augment=note, shuffle=False, dtype=dtype, input_scale=1 / 16)
    model.partial_fit(pixels, y, classes=range(10))
    batches, generators = zip(*seen, strict=True)

    assert [len(batch) for batch in batches] == [40, 40, 40]
    assert_array_equal(np.vstack(batches), X.astype(dtype), strict=True)
    assert {type(generator) for generator in generators} == {np.random.Generator}


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("order", ["C", "F"])
def test_what_it_writes_does_not_reach_the_data(
    multiclass: Data, order: Any, shuffle: bool
) -> None:
    """Also where a batch would be a view of them, with no cast and no scale."""
    X, y = np.array(multiclass[0], order=order), multiclass[1]
    make_model(augment=noisy, shuffle=shuffle).fit(X, y)
    assert_array_equal(X, multiclass[0])


@pytest.mark.parametrize("options", [{}, {"early_stopping": True}])
def test_validation_and_prediction_take_the_rows_as_they_are(
    multiclass: Data, options: dict[str, Any]
) -> None:
    X, y = multiclass
    n_calls = []

    def count(batch: Batch, _: np.random.Generator) -> Batch:
        n_calls.append(len(batch))
        return batch

    model = make_model(augment=count, max_iter=2, **options).fit(X, y, X_val=X, y_val=y)
    trained_on = sum(n_calls)
    model.predict(X)
    assert trained_on == sum(n_calls) == 2 * len(X)
    assert same_parameters(model, make_model(max_iter=2, **options).fit(X, y, X_val=X, y_val=y))


# --- randomness ---------------------------------------------------------------------------------


@pytest.mark.parametrize("solver", STOCHASTIC)
@pytest.mark.parametrize("options", [{}, {"dropout": 0.3, "input_dropout": 0.1}])
def test_all_other_randomness_stays(multiclass: Data, solver: str, options: dict[str, Any]) -> None:
    def draw(batch: Batch, generator: np.random.Generator) -> Batch:
        generator.random(1000)
        return batch

    plain, drawing = (make_model(solver=solver, augment=f, **options) for f in (None, draw))
    assert same_parameters(plain.fit(*multiclass), drawing.fit(*multiclass))


def test_its_stream_is_not_that_of_dropout(multiclass: Data) -> None:
    """Two of PCG64's streams differ in their increments."""
    state = make_model(augment=noisy, dropout=0.5, max_iter=1).fit(*multiclass)._state
    generators = (state.augment_generator, state.dropout_generator)
    one, other = (generator.bit_generator.state["state"]["inc"] for generator in generators)
    assert one != other


def test_the_seed_decides(multiclass: Data) -> None:
    one, same, other = (make_model(augment=noisy, random_state=seed) for seed in (1, 1, 2))
    one.fit(*multiclass)
    assert same_parameters(one, same.fit(*multiclass))
    assert not same_parameters(one, other.fit(*multiclass))


def test_each_epoch_draws_anew(multiclass: Data) -> None:
    firsts = []

    def note(batch: Batch, generator: np.random.Generator) -> Batch:
        firsts.append(generator.random())
        return batch

    X, y = multiclass
    model = make_model(augment=note)
    for _ in range(3):
        model.partial_fit(X, y, classes=range(10))
    assert len({*firsts}) == len(firsts) == 9


# --- what it returns ----------------------------------------------------------------------------


def test_results_of_every_type_and_layout_are_cast(multiclass: Data) -> None:
    X, y = multiclass
    results = [
        unchanged,
        lambda batch, _: batch.astype("f8"),
        lambda batch, _: np.asfortranarray(batch),
        lambda batch, _: np.repeat(batch, 2, axis=1)[:, ::2],
        lambda batch, _: batch.tolist(),
    ]
    models = [make_model(augment=f, dtype="float32", max_iter=3).fit(X, y) for f in results]
    plain = make_model(dtype="float32", max_iter=3).fit(X, y)
    for model in models:
        assert model.coefs_[0].dtype == np.float32
        # Another layout may be added up in another order.
        np.testing.assert_allclose(model.coefs_[0], plain.coefs_[0], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (lambda batch: batch[1:], r"numbers of shape \(40, 64\).* of shape \(39, 64\)"),
        (lambda batch: batch.reshape(-1, 8, 8), r"of shape \(40, 8, 8\)"),
        (lambda _: None, r"an array of object of shape \(\)"),
        (lambda batch: batch + 1j, r"an array of complex128"),
        (lambda batch: batch.astype(str), r"an array of <U"),
        (lambda batch: np.where(batch, batch, np.nan), "finite numbers, .* infinity or NaN"),
        (lambda batch: np.full(batch.shape, np.longdouble("1e4000")), "finite numbers"),
        (lambda batch: batch / np.float64(0), "finite numbers, .* infinity or NaN"),
    ],
)
def test_what_is_no_batch_is_refused_and_the_model_stays(
    multiclass: Data, result: Any, message: str
) -> None:
    model = make_model(warm_start=True, max_iter=2).fit(*multiclass)
    before = pickle.loads(pickle.dumps(model))
    model.set_params(augment=lambda batch, _: result(batch))
    with pytest.raises(ValueError, match=rf"^augment must return .*{message}"):
        model.fit(*multiclass)
    assert_same_model(model.set_params(augment=None), before)


def test_fields_that_overflow_are_refused(multiclass: Data) -> None:
    X, y = multiclass
    deform = ImageDeformation((1, X.shape[1]), elastic=1e39)

    with pytest.raises(ValueError, match="augment must return finite numbers"):
        make_model(augment=deform, dtype="float32").fit(X, y)


def test_large_numbers_are_finite(multiclass: Data) -> None:
    """Though their norm is not."""
    model = make_model(augment=lambda batch, _: np.full_like(batch, 3e38), dtype="float32")
    with pytest.raises(ValueError, match="non-finite parameter") as caught:
        model.fit(*multiclass)
    assert "augment" not in str(caught.value)


# --- where it is refused ------------------------------------------------------------------------


def test_sparse_input_is_refused(multiclass: Data) -> None:
    X, y = multiclass
    model = make_model(augment=GaussianNoise(0.1))
    with pytest.raises(ValueError, match=r"GaussianNoise\(scale=0\.1\) needs dense .*toarray"):
        model.fit(sparse.csr_array(X), y)


def test_sparse_validation_rows_are_not(multiclass: Data) -> None:
    X, y = multiclass
    model = make_model(augment=GaussianNoise(0.1), max_iter=2)
    model.fit(X, y, X_val=sparse.csr_array(X), y_val=y)
    assert len(model.history_["validation_loss"]) == 2


def test_what_cannot_be_called_is_refused(multiclass: Data) -> None:
    with pytest.raises(ValueError, match="'augment' parameter of MLPClassifier must be a callable"):
        make_model(augment=0.1).fit(*multiclass)


@pytest.mark.parametrize("fit", ["fit", "partial_fit"])
def test_images_of_another_shape_are_refused_before_training(multiclass: Data, fit: str) -> None:
    model = make_model(augment=ImageDeformation((28, 28)))
    options = {"classes": range(10)} if fit == "partial_fit" else {}
    with pytest.raises(ValueError, match="784 values, but the rows of the batch have 64"):
        getattr(model, fit)(*multiclass, **options)
    assert not hasattr(model, "coefs_")


# --- as a parameter of an estimator -------------------------------------------------------------


def test_its_parameters_are_nested() -> None:
    model = make_model(augment=ImageDeformation((8, 8), shift=1))
    assert model.get_params()["augment__shift"] == 1
    copy = clone(model).set_params(augment__shift=2, augment__rotation=0)
    assert (copy.augment.shift, copy.augment.rotation) == (2, 0)
    assert model.augment.shift == 1


@pytest.mark.parametrize("augment", [GaussianNoise(0.1), ImageDeformation((8, 8)), noisy])
def test_pickles_and_clones_train_alike(multiclass: Data, augment: Any) -> None:
    model = make_model(augment=augment, max_iter=2).fit(*multiclass)
    copy = pickle.loads(pickle.dumps(model))
    assert_same_model(copy, model)
    assert same_parameters(copy.fit(*multiclass), clone(model).fit(*multiclass))


@pytest.mark.slow
def test_searches_choose_among_augmentations(multiclass: Data) -> None:
    choices = [None, ImageDeformation((8, 8), shift=0.5, elastic=0.5), GaussianNoise(0.1), noisy]
    search = GridSearchCV(make_model(max_iter=3), {"augment": choices}, cv=3, n_jobs=2)
    search.fit(*multiclass)
    scores = search.cv_results_["mean_test_score"]
    assert np.isfinite(scores).all()
    grid = {"augment__scale": [0.0, 0.5]}
    search = GridSearchCV(make_model(augment=GaussianNoise(1)), grid, cv=3).fit(*multiclass)
    assert search.best_estimator_.augment.scale == search.best_params_["augment__scale"]
