"""The distribution of hidden layer sizes for randomized searches."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import RandomizedSearchCV

from skmlp_scratch import HiddenLayerSizes
from tests._helpers.data import Data
from tests._helpers.models import make_model


def test_hidden_layer_sizes_cover_their_ranges() -> None:
    sizes, rng = HiddenLayerSizes(n_layers=(0, 2), width=(1, 4)), np.random.RandomState(0)
    drawn = {sizes.rvs(random_state=rng) for _ in range(2000)}

    assert drawn == {()} | {(w,) for w in range(1, 5)} | set(product(range(1, 5), repeat=2))


def test_hidden_layer_sizes_are_drawn_evenly_over_orders_of_magnitude() -> None:
    sizes, rng = HiddenLayerSizes(n_layers=(1, 1), width=(10, 1000)), np.random.RandomState(0)
    below = np.mean([sizes.rvs(random_state=rng)[0] < 100 for _ in range(2000)])

    assert below == pytest.approx(0.5, abs=0.04)


def test_layers_of_the_same_width() -> None:
    sizes = HiddenLayerSizes(n_layers=(3, 3), same_width=True)

    assert len(set(sizes.rvs(random_state=0))) == 1


@pytest.mark.parametrize(
    "options",
    [
        {"n_layers": (2, 1)},
        {"n_layers": (-1, 1)},
        {"n_layers": (1, 2.5)},
        {"n_layers": 2},
        {"width": (0, 5)},
        {"width": (9, 5)},
    ],
    ids=str,
)
def test_the_error_names_what_is_no_range(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=rf"{next(iter(options))} must be a range"):
        HiddenLayerSizes(**options)


def test_a_randomized_search_draws_hidden_layer_sizes(iris: Data) -> None:
    distributions = {"hidden_layer_sizes": HiddenLayerSizes(width=(4, 16))}
    search = RandomizedSearchCV(make_model(), distributions, n_iter=4, cv=2, random_state=0)
    tried = search.fit(*iris).cv_results_["param_hidden_layer_sizes"]

    assert all(isinstance(sizes, tuple) for sizes in tried)
    assert len(set(tried)) > 1
