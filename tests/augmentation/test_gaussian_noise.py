"""Noise of the given strength, in place."""

from typing import Any

import numpy as np
import pytest

from skmlp_scratch.augmentation import GaussianNoise


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_noise_has_the_given_strength(rng: np.random.Generator, dtype: Any) -> None:
    batch = np.full((200, 50), 3, dtype)
    noisy = GaussianNoise(0.5)(batch, rng)
    assert noisy is batch
    assert noisy.dtype == dtype
    assert noisy.mean() == pytest.approx(3, abs=0.02)
    assert noisy.std() == pytest.approx(0.5, rel=0.03)
    assert abs(np.corrcoef(noisy[0], noisy[1])[0, 1]) < 0.5


def test_no_noise_changes_nothing(rng: np.random.Generator) -> None:
    assert (GaussianNoise(0)(np.ones((2, 3)), rng) == 1).all()


@pytest.mark.parametrize("scale", [-0.1, np.nan, np.inf, "1", None])
def test_the_error_names_the_scale(rng: np.random.Generator, scale: Any) -> None:
    with pytest.raises(ValueError, match=rf"'scale' parameter of GaussianNoise .* got {scale!r}"):
        GaussianNoise(scale)(np.ones((2, 3)), rng)
