"""What several examples share: their one option, and the images that they learn."""

import argparse
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from skmlp_scratch.datasets import load_mnist


def is_quick(description: str) -> bool:
    """Read the command line; return whether ``--quick`` is on it."""
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="little data, for a first look")
    return bool(parser.parse_args().quick)


def load_images(n_rows: int | None = None) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """Return training images of MNIST if SKMLP_DATA names its folder, or else scikit-learn's.

    Says which they are.

    Parameters
    ----------
    n_rows : int or None, default=None
        How many images to take from the beginning; None for all.

    Returns
    -------
    images : ndarray of uint8 of shape (n_rows, height, width)
        MNIST's of 28 x 28 pixels, or the digits that come with scikit-learn, magnified from 8 x 8
        to 32 x 32 pixels.
    labels : ndarray of int of shape (n_rows,)
        The digits that they show.
    """
    if folder := os.environ.get("SKMLP_DATA"):
        train = load_mnist(folder, split="train")
        images, labels, source = train.images, train.target, "MNIST (SKMLP_DATA)"
    else:
        digits = load_digits()
        small = np.rint(digits.images * (255 / 16)).astype(np.uint8)
        images, labels = small.repeat(4, axis=1).repeat(4, axis=2), digits.target
        source = "scikit-learn, as SKMLP_DATA names no folder of MNIST"
    images, labels = images[:n_rows], labels[:n_rows]
    n_images, height, width = images.shape
    print(f"Data: {n_images} images of {height} x {width} pixels from {source}\n", flush=True)
    return images, labels


def load_pixels(n_rows: int | None = None) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """Return the same images as rows of pixels, (n_rows, height * width), and their labels."""
    images, labels = load_images(n_rows)
    return images.reshape(len(images), -1), labels
