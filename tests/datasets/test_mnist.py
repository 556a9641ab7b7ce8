"""MNIST from a folder."""

import doctest
import gzip
import os
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skmlp_scratch.datasets import _mnist, fetch_mnist, load_mnist, read_idx, write_idx
from tests._helpers.mnist_files import IMAGES, LABELS, save

# --- from a folder ------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["", ".gz"])
@pytest.mark.parametrize("dot", ["-", "."])
@pytest.mark.parametrize(("split", "prefix"), [("train", "train"), ("test", "t10k")])
def test_load(tmp_path: Path, split: str, prefix: str, dot: str, end: str) -> None:
    dataset = load_mnist(save(tmp_path, prefix=prefix, dot=dot, end=end), split=split)
    assert dataset.data.dtype == dataset.target.dtype == np.uint8
    np.testing.assert_array_equal(dataset.data, IMAGES.reshape(50, 30))
    np.testing.assert_array_equal(dataset.images, IMAGES)
    np.testing.assert_array_equal(dataset.target, LABELS)
    assert "50 labeled images of 6 x 5 pixels" in dataset.DESCR
    assert f"{prefix}-images{dot}idx3-ubyte{end}" in dataset.DESCR


def test_images_are_a_view_of_the_data(tmp_path: Path) -> None:
    dataset = load_mnist(save(tmp_path))
    dataset.images[3, 2, 1] = 77
    assert dataset.data[3, 2 * 5 + 1] == 77


def test_return_X_y(tmp_path: Path) -> None:
    X, y = load_mnist(save(tmp_path), return_X_y=True)
    np.testing.assert_array_equal(X, IMAGES.reshape(50, 30))
    np.testing.assert_array_equal(y, LABELS)


def test_a_folder_given_as_text(tmp_path: Path) -> None:
    assert load_mnist(str(save(tmp_path))).data.shape == (50, 30)


def test_no_images_at_all(tmp_path: Path) -> None:
    dataset = load_mnist(save(tmp_path, IMAGES[:0], LABELS[:0]))
    assert dataset.data.shape == (0, 30)
    assert dataset.images.shape == (0, 6, 5)


def test_a_plain_file_goes_before_a_compressed_one(tmp_path: Path) -> None:
    save(tmp_path, IMAGES // 2, end=".gz")
    save(tmp_path, IMAGES)
    np.testing.assert_array_equal(load_mnist(tmp_path).images, IMAGES)


def test_a_folder_with_the_name_of_the_file_is_skipped(tmp_path: Path) -> None:
    """The archive on Kaggle unpacks to both names, one of them as a folder."""
    (tmp_path / "train-images-idx3-ubyte").mkdir()
    (tmp_path / "train-labels-idx1-ubyte").mkdir()
    assert load_mnist(save(tmp_path, dot=".")).data.shape == (50, 30)


def test_map_the_images(tmp_path: Path) -> None:
    dataset = load_mnist(save(tmp_path), mmap=True)
    assert isinstance(dataset.data, np.memmap)
    assert np.shares_memory(dataset.data, dataset.images)
    assert not dataset.data.flags.writeable
    np.testing.assert_array_equal(dataset.images, IMAGES)


def test_compressed_images_are_not_mapped(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte\.gz.*decompress"):
        load_mnist(save(tmp_path, end=".gz"), mmap=True)


@pytest.mark.parametrize("missing", ["images", "labels"])
def test_a_missing_file(tmp_path: Path, missing: str) -> None:
    kind = "idx3-ubyte" if missing == "images" else "idx1-ubyte"
    (save(tmp_path) / f"train-{missing}-{kind}").unlink()
    with pytest.raises(FileNotFoundError, match="fetch_mnist") as caught:
        load_mnist(tmp_path)
    names = [f"train-{missing}{dot}{kind}{end}" for dot in "-." for end in ("", ".gz")]
    assert all(text in str(caught.value) for text in [str(tmp_path), *names])


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"There is no folder .*nowhere\. .*fetch_mnist"):
        load_mnist(tmp_path / "nowhere")


def test_swapped_files(tmp_path: Path) -> None:
    save(tmp_path, LABELS, IMAGES)
    with pytest.raises(ValueError, match=r"train-labels-idx1-ubyte .*\(50, 6, 5\).*swapped"):
        load_mnist(tmp_path)
    save(tmp_path, LABELS, LABELS)
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte .*\(50,\).*swapped"):
        load_mnist(tmp_path)


def test_another_type(tmp_path: Path) -> None:
    save(tmp_path, IMAGES.astype(np.float32))
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte .*found float32.*read_idx"):
        load_mnist(tmp_path)


def test_images_and_labels_that_do_not_belong_together(tmp_path: Path) -> None:
    save(tmp_path, IMAGES, LABELS[:49])
    with pytest.raises(ValueError, match=r"images-idx3-ubyte holds 50.*idx1-ubyte holds 49 labels"):
        load_mnist(tmp_path)


def test_an_unknown_split(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="split must be one of 'train', 'test', not 'valid'"):
        load_mnist(tmp_path, split="valid")


# --- from mirrors -------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_the_examples_in_the_documentation() -> None:
    assert doctest.testmod(_mnist).failed == 0


# --- the real files -----------------------------------------------------------------------------


@pytest.fixture
def mnist() -> Path:
    if not os.environ.get("SKMLP_DATA"):
        pytest.skip("SKMLP_DATA names no folder with the MNIST files")
    return Path(os.environ["SKMLP_DATA"])


@pytest.mark.mnist
@pytest.mark.parametrize(
    ("split", "n_images", "first_labels", "brightness"),
    [("train", 60_000, [5, 0, 4, 1, 9], 33.318), ("test", 10_000, [7, 2, 1, 0, 4], 33.791)],
)
def test_the_real_mnist(
    mnist: Path, split: str, n_images: int, first_labels: list[int], brightness: float
) -> None:
    dataset = load_mnist(mnist, split=split)
    assert dataset.data.shape == (n_images, 784)
    assert dataset.images.shape == (n_images, 28, 28)
    assert dataset.target[:5].tolist() == first_labels
    assert np.unique(dataset.target).tolist() == list(range(10))
    assert dataset.data.mean() == pytest.approx(brightness, abs=1e-3)


@pytest.mark.mnist
def test_the_real_mnist_has_the_checksums_that_downloads_must_have(mnist: Path, home: Path) -> None:
    folder = home / "skmlp_scratch" / "mnist"
    folder.mkdir(parents=True)
    for path in mnist.glob("*-ubyte.gz"):
        shutil.copy(path, folder)
    for split, n_images in [("train", 60_000), ("test", 10_000)]:
        X, y = fetch_mnist(home, split=split, return_X_y=True, download_if_missing=False)
        assert X.shape == (n_images, 784)
        assert y.shape == (n_images,)


@pytest.mark.mnist
def test_the_real_mnist_written_again_is_the_same_file(mnist: Path, tmp_path: Path) -> None:
    original = mnist / "t10k-images-idx3-ubyte.gz"
    write_idx(tmp_path / "plain", read_idx(original))
    assert (tmp_path / "plain").read_bytes() == gzip.decompress(original.read_bytes())


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    path = save(tmp_path) / "train-images-idx3-ubyte"
    with pytest.raises(NotADirectoryError, match=f"{path.name} is a file: expected .*read_idx"):
        load_mnist(path)


@pytest.mark.parametrize("n_files", [0, 1, 5, 7])
def test_the_error_says_what_the_folder_holds_instead(tmp_path: Path, n_files: int) -> None:
    names = [f"{number}.png" for number in range(n_files)]
    for name in names:
        (tmp_path / name).touch()
    found = (", ".join(names[:5]) or "nothing") + (" and 2 more" if n_files == 7 else "")
    with pytest.raises(FileNotFoundError, match=f"; found {re.escape(found)}\\. Put"):
        load_mnist(tmp_path)


@pytest.mark.parametrize("as_path", [str, Path])
def test_a_tilde_is_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_path: Any
) -> None:
    """In everything that takes a path."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    write_idx(as_path("~/train-images-idx3-ubyte"), IMAGES)
    write_idx(as_path("~/train-labels-idx1-ubyte.gz"), LABELS)
    assert (tmp_path / "train-images-idx3-ubyte").is_file()
    np.testing.assert_array_equal(read_idx(as_path("~/train-images-idx3-ubyte")), IMAGES)
    np.testing.assert_array_equal(load_mnist(as_path("~")).target, LABELS)
    monkeypatch.setenv("SKMLP_DATA", "~")
    np.testing.assert_array_equal(fetch_mnist().target, LABELS)
    with pytest.raises(FileNotFoundError, match=re.escape(str(tmp_path / "nowhere"))):
        load_mnist(as_path("~/nowhere"))


@pytest.mark.parametrize("name", ["~nobody-of-this-name", "~$model", "a~b"])
def test_other_tildes_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    write_idx(name, LABELS)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    np.testing.assert_array_equal(read_idx(name), LABELS)
