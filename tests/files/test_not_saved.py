"""What `save` refuses, and how to save it all the same."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.exceptions import NotFittedError

from skmlp_scratch import MLPClassifier
from skmlp_scratch.augmentation import GaussianNoise
from tests._helpers.compare import assert_same_model
from tests._helpers.model_files import CODES, X, make_model, reload


def decaying(step: int) -> float:
    """Return a learning rate."""
    return 0.01 / (step + 1)


def unchanged(batch: NDArray[Any], _: np.random.Generator) -> NDArray[Any]:
    """Return a batch as it is."""
    return batch


class OtherNoise(GaussianNoise):
    """Has code that no file holds."""


def accuracy(model: MLPClassifier, X: NDArray[Any], y: NDArray[Any]) -> float:
    """Score as `score` does."""
    return float(model.score(X, y))


REFUSED: dict[str, dict[str, Any]] = {
    "learning_rate": {"learning_rate": decaying},
    "scoring": {"scoring": accuracy, "early_stopping": True},
    "augment": {"augment": unchanged},
    "random_state": {"random_state": np.random.RandomState(np.random.SFC64(1))},
    "hidden_layer_sizes": {"hidden_layer_sizes": range(3, 5)},
    "alpha": {"alpha": np.longdouble(0.1)},
}


def test_a_subclass_is_not_saved_as_its_base(tmp_path: Path) -> None:
    model = make_model(augment=OtherNoise(0.1)).fit(X, CODES)
    with pytest.raises(ValueError, match=r"^augment is OtherNoise.* cannot be saved"):
        model.save(tmp_path / "model.npz")


@pytest.mark.parametrize("name", REFUSED)
def test_the_error_names_what_is_no_data_and_the_remedy(tmp_path: Path, name: str) -> None:
    model = make_model(**REFUSED[name]).fit(X, CODES)
    with pytest.raises(ValueError, match=f"^{name} is .*{name} .*set_params.*joblib") as caught:
        model.save(tmp_path / "model.npz")
    assert repr(getattr(model, name)) in str(caught.value)
    assert not any(tmp_path.iterdir())


def test_the_remedy_works(tmp_path: Path) -> None:
    model = make_model(learning_rate=decaying).fit(X, CODES)
    model.set_params(learning_rate="constant").save(tmp_path / "model.npz")
    loaded = MLPClassifier.load(tmp_path / "model.npz").set_params(learning_rate=decaying)
    model.set_params(learning_rate=decaying).partial_fit(X, CODES)
    assert_same_model(loaded.partial_fit(X, CODES).coefs_, model.coefs_)


def test_an_unfitted_model_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(NotFittedError):
        make_model().save(tmp_path / "model.npz")
    assert not any(tmp_path.iterdir())


def test_parameters_that_no_model_may_have_are_not_saved(tmp_path: Path) -> None:
    model = make_model().fit(X, CODES).set_params(max_iter=-1)
    with pytest.raises(ValueError, match="'max_iter' parameter of MLPClassifier"):
        model.save(tmp_path / "model.npz")


def test_what_load_would_refuse_is_not_saved(tmp_path: Path) -> None:
    model = make_model().fit(X, CODES)
    del model.t_
    with pytest.raises(ValueError, match=r"cannot be saved.* no t_"):
        model.save(tmp_path / "model.npz")

    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_model_whose_first_epoch_was_interrupted(tmp_path: Path, solver: str) -> None:
    def interrupt(*_: Any) -> float:
        raise KeyboardInterrupt

    model = make_model(solver=solver, scoring=interrupt)
    with pytest.warns(UserWarning, match="interrupted"):
        model.fit(X, CODES, X_val=X, y_val=CODES)
    loaded = reload(model.set_params(scoring=None), tmp_path)

    assert_same_model(loaded, model)
    assert np.isnan(loaded.loss_) == (loaded.n_iter_ == 0)


def test_what_does_not_belong_to_the_model_is_left_out(tmp_path: Path) -> None:
    model = make_model().fit(X, CODES)
    loaded = reload(model, tmp_path)
    model._skl_callbacks = [print]
    assert_same_model(reload(model, tmp_path), loaded)
