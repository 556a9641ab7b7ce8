"""Deformed images are where the formula says, in the type and shape that they had."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from skmlp_scratch.augmentation import ImageDeformation

NOTHING = dict.fromkeys(("rotation", "shear", "scaling", "shift", "elastic"), 0)


class Fixed:
    """Draws the same number each time: 1 gives each parameter its largest positive value."""

    def __init__(self, value: float) -> None:
        self.value = value

    def uniform(self, low: float, high: float, size: Any) -> NDArray[Any]:
        return np.full(size, self.value)

    def random(self, size: Any, dtype: Any) -> NDArray[Any]:
        return np.full(size, self.value, dtype)


def dot(row: int, column: int, shape: tuple[int, int] = (9, 9)) -> NDArray[np.float32]:
    """Return an image with a single pixel that is 1."""
    image = np.zeros(shape, np.float32)
    image[row, column] = 1
    return image


def deform(image: NDArray[Any], value: float = 1, **options: Any) -> NDArray[Any]:
    """Deform one image by the largest values of the options, times `value`."""
    deformation = ImageDeformation(image.shape, **NOTHING | options)
    return deformation(image.reshape(1, -1), Fixed(value)).reshape(image.shape)


def center_of(image: NDArray[Any]) -> NDArray[Any]:
    """Return row and column of an image's center of mass."""
    rows, columns = np.indices(image.shape)
    return np.array([(image * rows).sum(), (image * columns).sum()]) / image.sum()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(28, 28), (5, 8), (1, 1), (6, 5, 3)])
def test_without_strength_it_is_the_identity(
    rng: np.random.Generator, shape: tuple[int, ...], dtype: Any
) -> None:
    batch = rng.random((4, np.prod(shape))).astype(dtype)
    assert_array_equal(ImageDeformation(shape, **NOTHING)(batch, rng), batch, strict=True)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_type_and_originals_are_kept(rng: np.random.Generator, dtype: Any) -> None:
    batch = rng.random((4, 784)).astype(dtype)
    batch.flags.writeable = False
    deformed = ImageDeformation((28, 28))(batch, rng)
    assert deformed.dtype == dtype
    assert deformed.shape == batch.shape
    assert not np.array_equal(deformed, batch)


@pytest.mark.parametrize("dtype", ["uint8", "float16", ">f4"])
def test_other_types_are_refused(rng: np.random.Generator, dtype: str) -> None:
    with pytest.raises(ValueError, match=r"float32 or float64, but the batch has .*astype"):
        ImageDeformation((8, 8))(np.ones((3, 64), dtype), rng)


def test_a_shift_by_whole_pixels_moves_a_dot() -> None:
    """What a pixel shows comes from where it would be moved to."""
    assert_array_equal(deform(dot(4, 5), shift=2), dot(2, 3))
    assert_array_equal(deform(dot(4, 5), -1, shift=2), dot(6, 7))


def test_between_pixels_values_are_interpolated() -> None:
    quarters = deform(dot(4, 4), shift=0.25)
    assert_allclose(quarters[3:5, 3:5], [[1 / 16, 3 / 16], [3 / 16, 9 / 16]])
    assert quarters.sum() == 1


def test_outside_is_background() -> None:
    ones = np.ones((4, 4), np.float32)
    expected = [[1, 1, 1, 0], [1, 1, 1, 0], [1, 1, 1, 0], [0, 0, 0, 0]]
    assert_array_equal(deform(ones, shift=1), expected)
    assert_array_equal(deform(ones, shift=1e12), np.zeros_like(ones))


def test_a_quarter_turn_takes_each_pixel_with_it(rng: np.random.Generator) -> None:
    image = rng.random((9, 9))
    assert_allclose(deform(image, rotation=90), np.rot90(image), atol=1e-12)
    assert_allclose(deform(image, -1, rotation=90), np.rot90(image, -1), atol=1e-12)


def test_scaling_keeps_the_center_and_moves_the_rest() -> None:
    shape = (41, 41)
    assert_allclose(center_of(deform(dot(20, 20, shape), scaling=0.25)), [20, 20])
    assert_allclose(center_of(deform(dot(30, 25, shape), scaling=0.25)), [28, 24])


def test_shear_moves_rows_along_themselves() -> None:
    sheared = deform(dot(6, 4), shear=45)
    assert_allclose(center_of(sheared), [6, 2], atol=1e-6)


def test_the_elastic_field_is_smooth_and_has_the_given_strength(rng: np.random.Generator) -> None:
    deformation = ImageDeformation((12, 16), **NOTHING | {"elastic": 1.5, "smoothness": 2})
    fields = np.array(
        [
            deformation._elastic_field(rng, 12, 16, np.dtype("f4")).reshape(2, 12, 16)
            for _ in range(2000)
        ]
    )
    assert_allclose(fields.std(axis=0), 1.5, rtol=0.1)  # everywhere, at the edges too
    assert_allclose(fields.mean(axis=0), 0, atol=0.15)
    # The correlation of smoothed noise falls as a Gaussian of sqrt(2) times the width.
    correlation = (fields[:, 0, 6, 6] * fields[:, 0, 6, 8]).mean() / 1.5**2
    assert correlation == pytest.approx(np.exp(-(2**2) / (4 * 2**2)), abs=0.08)


def test_the_elastic_field_is_gaussian_filtered_noise() -> None:
    noise = np.random.default_rng(1).uniform(-np.sqrt(3), np.sqrt(3), (2, 41, 41))
    deformation = ImageDeformation((41, 41), **NOTHING | {"elastic": 1, "smoothness": 3})
    ours = deformation._elastic_field(np.random.default_rng(1), 41, 41, noise.dtype)
    ours = ours.reshape(2, 41, 41)[:, 15:-15, 15:-15]
    theirs = gaussian_filter(noise, 3, axes=(1, 2), truncate=8)[:, 15:-15, 15:-15]
    # Away from the edges, all weights have the same norm.
    assert_allclose(ours, theirs * np.median(ours / theirs), atol=1e-5)


def test_all_images_of_a_batch_move_alike_and_batches_do_not(rng: np.random.Generator) -> None:
    batch = np.tile(rng.random(784), (3, 1))
    deformation = ImageDeformation((28, 28))
    first, second = deformation(batch, rng), deformation(batch, rng)
    assert_array_equal(first[0], first[2])
    assert not np.array_equal(first, second)


def test_equal_generators_give_equal_images(rng: np.random.Generator) -> None:
    batch, deformation = rng.random((3, 784)), ImageDeformation((28, 28))
    one, other = (deformation(batch, np.random.default_rng(5)) for _ in range(2))
    assert_array_equal(one, other)


def test_colors_move_together(rng: np.random.Generator) -> None:
    image = rng.random((10, 12))
    colors = np.stack([image, 2 * image, -image], axis=-1)
    gray = ImageDeformation((10, 12))(image.reshape(1, -1), np.random.default_rng(3))
    color = ImageDeformation((10, 12, 3))(colors.reshape(1, -1), np.random.default_rng(3))
    assert_allclose(color.reshape(120, 3), gray.reshape(120, 1) * [1, 2, -1])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rotation": -1}, r"'rotation' parameter .* >= 0 and finite, got -1"),
        ({"shear": 90}, r"'shear' parameter .* >= 0 and < 90, got 90"),
        ({"scaling": 1.0}, r"'scaling' parameter .* < 1, got 1\.0"),
        ({"shift": "2"}, r"'shift' parameter .* got '2'"),
        ({"elastic": np.inf}, r"'elastic' parameter .* got inf"),
        ({"elastic": np.nan}, r"'elastic' parameter .* got nan"),
        ({"smoothness": 0}, r"'smoothness' parameter .* > 0 and finite, got 0"),
        ({"shape": (28,)}, r"'shape' parameter .* height and the width .* got \(28,\)"),
        ({"shape": 784}, r"'shape' parameter .* got 784"),
        ({"shape": (28.0, 28.0)}, r"'shape' parameter .* got \(28\.0, 28\.0\)"),
        ({"shape": (28, 28, 0)}, r"'shape' parameter .* got \(28, 28, 0\)"),
        ({"shape": (8, 8)}, r"\(8, 8\).* 64 values, but the rows of the batch have 784"),
    ],
)
def test_the_error_names_what_is_wrong(
    rng: np.random.Generator, options: dict[str, Any], message: str
) -> None:
    deformation = ImageDeformation(**{"shape": (28, 28)} | options)
    with pytest.raises(ValueError, match=message):
        deformation(np.zeros((2, 784)), rng)


@pytest.mark.parametrize("shape", [[4, 6], np.array([4, 6]), (np.int64(4), np.int64(6))])
def test_shapes_of_every_kind(rng: np.random.Generator, shape: Any) -> None:
    assert ImageDeformation(shape)(np.zeros((2, 24)), rng).shape == (2, 24)
