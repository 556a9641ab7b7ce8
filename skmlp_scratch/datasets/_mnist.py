"""MNIST and the data sets in its format, from the files in a folder."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, overload

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import Bunch

from skmlp_scratch._files.paths import special_name, to_path
from skmlp_scratch.datasets._idx import read_idx

PREFIXES = {"train": "train", "test": "t10k"}

_N_NAMES = 5  # of what a folder holds that lacks the files

Split = Literal["train", "test"]
Pair = tuple[NDArray[np.uint8], NDArray[np.uint8]]


@overload
def load_mnist(
    directory: str | os.PathLike[str],
    *,
    split: Split = ...,
    return_X_y: Literal[False] = ...,
    mmap: bool = ...,
) -> Bunch: ...


@overload
def load_mnist(
    directory: str | os.PathLike[str],
    *,
    split: Split = ...,
    return_X_y: Literal[True],
    mmap: bool = ...,
) -> Pair: ...


def load_mnist(
    directory: str | os.PathLike[str],
    *,
    split: Split = "train",
    return_X_y: bool = False,
    mmap: bool = False,
) -> Bunch | Pair:
    """Load the images and labels of a data set in MNIST's format from a folder.

    Parameters
    ----------
    directory : str or path-like
        The folder with ``train-images-idx3-ubyte`` and ``train-labels-idx1-ubyte`` (``t10k-...``
        for the test set). Also understood: a dot before ``idx``, as in ``train-images.idx3-ubyte``,
        and compressed files with ``.gz`` at the end; of several the plain one is read.
    split : {"train", "test"}, default="train"
        Which of the two parts to load.
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.
    mmap : bool, default=False
        If True, map the file of the images, which must not be compressed, into memory read-only
        instead of reading it.

    Returns
    -------
    dataset : :class:`~sklearn.utils.Bunch`
        With these attributes:

        data : ndarray of shape (n_samples, height * width), uint8
            The gray levels from 0 to 255, as stored. An image is a row.
        target : ndarray of shape (n_samples,), uint8
            The labels.
        images : ndarray of shape (n_samples, height, width), uint8
            A view of `data`.
        DESCR : str
            Where the data come from.

    (data, target) : tuple of ndarray
        If `return_X_y` is True.

    Raises
    ------
    FileNotFoundError
        If there is no such folder, or it lacks one of the two files.
    NotADirectoryError
        If `directory` is a file or a pipe.
    OSError
        If what has the name of one of the files is a folder or a pipe.
    ValueError
        If one of the files is broken or holds something else, or if they do not belong together; if
        `split` is another name.

    See Also
    --------
    fetch_mnist : Download the files if they are missing.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn.datasets import load_digits
    >>> from skmlp_scratch.datasets import load_mnist, write_idx
    >>> digits = load_digits()
    >>> with TemporaryDirectory() as folder:
    ...     write_idx(Path(folder, "train-images-idx3-ubyte"), digits.images.astype("uint8"))
    ...     write_idx(Path(folder, "train-labels-idx1-ubyte"), digits.target.astype("uint8"))
    ...     dataset = load_mnist(folder)
    >>> dataset.data.shape, dataset.images.shape, dataset.target.shape
    ((1797, 64), (1797, 8, 8), (1797,))
    """
    prefix = PREFIXES[check_choice("split", split, PREFIXES)]
    folder = to_path(directory)
    labels_path = _find_file(folder, f"{prefix}-labels", "idx1-ubyte")
    images_path = _find_file(folder, f"{prefix}-images", "idx3-ubyte")
    dataset = read_dataset(images_path, labels_path, mmap=mmap)
    return (dataset.data, dataset.target) if return_X_y else dataset


def check_choice(name: str, value: str, choices: Iterable[str]) -> str:
    """Return the value of a parameter if it is one of the choices."""
    if value not in list(choices):
        raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}, not {value!r}")
    return value


def _find_file(directory: Path, stem: str, kind: str) -> Path:
    """Find a file under one of the names that are in use for it."""
    names = [f"{stem}{dot}{kind}{end}" for end in ("", ".gz") for dot in ("-", ".")]
    found = [directory / name for name in names if os.path.lexists(directory / name)]
    if found:  # folders and pipes are refused when they are read
        return next((path for path in found if path.is_file()), found[0])
    remedy = "call skmlp_scratch.datasets.fetch_mnist, which downloads them"
    if not directory.exists():
        raise FileNotFoundError(
            f"There is no folder {directory}. Name the one of MNIST, or {remedy}."
        )
    if not directory.is_dir():
        what = special_name(directory.stat()) or "a file"
        raise NotADirectoryError(
            f"{directory} is {what}: expected the folder that holds {names[0]} or the like. A "
            "single file is read by skmlp_scratch.datasets.read_idx."
        )
    raise FileNotFoundError(
        f"The folder {directory} has none of the files {', '.join(names)}; found "
        f"{_describe_folder(directory)}. Put one of them there, or {remedy}."
    )


def _describe_folder(directory: Path) -> str:
    """Return the first names in a folder."""
    names = sorted(path.name for path in directory.iterdir())
    others = f" and {len(names) - _N_NAMES} more" if len(names) > _N_NAMES else ""
    return (", ".join(names[:_N_NAMES]) or "nothing") + others


def read_dataset(images_path: Path, labels_path: Path, *, mmap: bool = False) -> Bunch:
    """Read images and labels that belong together."""
    target = _read_bytes(labels_path, 1, "labels")
    images = _read_bytes(images_path, 3, "images", mmap=mmap)
    n_images, height, width = images.shape
    if n_images != len(target):
        raise ValueError(
            f"{images_path} holds {n_images} images, but {labels_path} holds {len(target)} labels. "
            "Likely cause: the files are of different data sets, or of training and test set."
        )
    data = images.reshape(n_images, height * width)
    description = (
        f"{n_images} labeled images of {height} x {width} pixels, in gray levels from 0 to 255, "
        f"from the IDX files {images_path.name} and {labels_path.name}."
    )
    return Bunch(data=data, target=target, images=data.reshape(images.shape), DESCR=description)


def _read_bytes(path: Path, ndim: int, content: str, *, mmap: bool = False) -> NDArray[np.uint8]:
    """Read an IDX file that should hold uint8 in so many dimensions."""
    array = read_idx(path, mmap=mmap)
    if array.dtype != np.uint8 or array.ndim != ndim:
        raise ValueError(
            f"{path} does not hold {content}: expected uint8 in {ndim} dimension(s); found "
            f"{array.dtype} of shape {array.shape}. Likely cause: the files of images and labels "
            "were swapped, or hold something else, which read_idx reads."
        )
    return array
