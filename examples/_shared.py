"""What several examples share: their one option, and where they find MNIST."""

import argparse
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.utils import Bunch

from skmlp_scratch.augmentation import ImageDeformation
from skmlp_scratch.datasets import fetch_mnist, load_mnist, write_idx


def is_quick(description: str) -> bool:
    """Read the command line; return whether ``--quick`` is on it."""
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="little data, for a first look")
    return bool(parser.parse_args().quick)


def find_mnist(*splits: str, folder: str | None = None) -> tuple[list[Bunch], str]:
    """Return splits of MNIST, and where they come from.

    The first of these that is there: the folder that is given, the one that ``SKMLP_DATA`` names,
    the cache, a download, and the small digits that come with scikit-learn.

    Parameters
    ----------
    *splits : {"train", "test"}
        Which parts to return.
    folder : str or None, default=None
        Where the IDX files are; an error if they are not.

    Returns
    -------
    parts : list of Bunch
        One for each split, as `load_mnist` returns them. The small digits are divided among the
        splits: a single one has them all.
    source : str
        Where they come from.
    """
    if folder:
        return load(folder, splits), f"the folder {folder} (--data-dir)"
    if named := os.environ.get("SKMLP_DATA"):
        return fetch(splits), f"the folder {named} (SKMLP_DATA)"
    try:
        return fetch(splits, download_if_missing=False), "the cache of MNIST"
    except OSError:
        print("MNIST is not in the cache; downloading it ...", flush=True)
    try:
        return fetch(splits), "the download of MNIST"
    except OSError:
        reason = "MNIST could not be downloaded"
    except ImportError:
        reason = 'downloading MNIST needs pooch: pip install ".[examples]"'
    return load_small_digits(splits), f"scikit-learn, as {reason}"


def load(folder: str | Path, splits: tuple[str, ...]) -> list[Bunch]:
    """Read splits of a data set in MNIST's format."""
    return [load_mnist(folder, split=split) for split in splits]


def fetch(splits: tuple[str, ...], *, download_if_missing: bool = True) -> list[Bunch]:
    """Read splits of MNIST from where the package finds them."""
    return [fetch_mnist(split=split, download_if_missing=download_if_missing) for split in splits]


def load_small_digits(splits: tuple[str, ...]) -> list[Bunch]:
    """Write the handwritten digits that scikit-learn ships as IDX files, and read those."""
    with TemporaryDirectory() as folder:
        write_small_digits(Path(folder), splits)
        return load(folder, splits)


def write_small_digits(folder: Path, splits: tuple[str, ...] = ("train", "test")) -> None:
    """Write scikit-learn's digits as files in MNIST's format, divided among one or two splits."""
    digits = load_digits()
    images = np.rint(digits.images * (255 / 16)).astype(np.uint8)
    labels = digits.target.astype(np.uint8)
    parts = [np.arange(len(labels))]
    if len(splits) > 1:
        parts = train_test_split(*parts, stratify=labels, random_state=0)
    for split, rows in zip(splits, parts, strict=True):
        prefix = {"train": "train", "test": "t10k"}[split]
        write_idx(folder / f"{prefix}-images-idx3-ubyte", images[rows])
        write_idx(folder / f"{prefix}-labels-idx1-ubyte", labels[rows])


def scale_deformation(deformation: ImageDeformation, height: int, width: int) -> ImageDeformation:
    """Return a deformation for images of another size, its distances scaled to them."""
    factor = height / deformation.shape[0]
    in_pixels = ("shift", "elastic", "smoothness")
    distances = {name: factor * getattr(deformation, name) for name in in_pixels}
    options = deformation.get_params() | distances | {"shape": (height, width)}
    return ImageDeformation(**options)


def load_images(n_rows: int | None = None) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """Return training images and labels, as `find_mnist` finds them; say which they are.

    Parameters
    ----------
    n_rows : int or None, default=None
        How many images to take from the beginning; None for all.

    Returns
    -------
    images : ndarray of uint8 of shape (n_rows, height, width)
        MNIST's of 28 x 28 pixels, or scikit-learn's of 8 x 8.
    labels : ndarray of int of shape (n_rows,)
        The digits that they show.
    """
    [train], source = find_mnist("train")
    images, labels = train.images[:n_rows], train.target[:n_rows]
    n_images, height, width = images.shape
    print(f"Data: {n_images:,} digits of {height} x {width} pixels from {source}\n", flush=True)
    return images, labels


def load_pixels(n_rows: int | None = None) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """Return the same images as rows of pixels, (n_rows, height * width), and their labels."""
    images, labels = load_images(n_rows)
    return images.reshape(len(images), -1), labels
