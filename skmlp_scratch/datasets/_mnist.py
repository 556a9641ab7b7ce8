"""MNIST and the data sets in its format, from local files or downloaded."""

import hashlib
import os
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from io import BufferedIOBase
from pathlib import Path
from typing import Literal, overload

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import get_data_home
from sklearn.utils import Bunch

from skmlp_scratch._files.atomic import atomic_write
from skmlp_scratch._files.paths import special_name, to_path
from skmlp_scratch.datasets._idx import read_idx

_PREFIXES = {"train": "train", "test": "t10k"}

# Only mirrors with HTTPS, each tried in turn.
_MIRRORS = {
    "mnist": (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    "fashion": (
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
    "kmnist": ("https://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
}

# SHA-256 of the compressed files, as TensorFlow Datasets has them too.
_CHECKSUMS = {
    "mnist": {
        "train-images": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "train-labels": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "t10k-images": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "t10k-labels": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    },
    "fashion": {
        "train-images": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "train-labels": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "t10k-images": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "t10k-labels": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    },
    "kmnist": {
        "train-images": "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
        "train-labels": "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
        "t10k-images": "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
        "t10k-labels": "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
    },
}

_DESCRIPTIONS = {
    "mnist": "MNIST: handwritten digits, by Y. LeCun, C. Cortes and C. J. C. Burges.",
    "fashion": "Fashion-MNIST: articles of clothing in 10 classes, by Zalando (license: MIT).",
    "kmnist": "KMNIST: cursive Japanese characters in 10 classes, by CODH (license: CC BY-SA 4.0).",
}

_TIMEOUTS = (5, 60)  # seconds to connect, and between two packets
_CHUNK_BYTES = 1 << 16
_N_NAMES = 5  # of what a folder holds that lacks the files

Split = Literal["train", "test"]
Variant = Literal["mnist", "fashion", "kmnist"]
_Pair = tuple[NDArray[np.uint8], NDArray[np.uint8]]
_Downloader = Callable[[str, BufferedIOBase, None], None]


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
) -> _Pair: ...


def load_mnist(
    directory: str | os.PathLike[str],
    *,
    split: Split = "train",
    return_X_y: bool = False,
    mmap: bool = False,
) -> Bunch | _Pair:
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
    prefix = _PREFIXES[_checked("split", split, _PREFIXES)]
    folder = to_path(directory)
    labels_path = _find_file(folder, f"{prefix}-labels", "idx1-ubyte")
    images_path = _find_file(folder, f"{prefix}-images", "idx3-ubyte")
    dataset = _read_dataset(images_path, labels_path, mmap=mmap)
    return (dataset.data, dataset.target) if return_X_y else dataset


@overload
def fetch_mnist(
    data_home: str | os.PathLike[str] | None = ...,
    *,
    variant: Variant = ...,
    split: Split = ...,
    return_X_y: Literal[False] = ...,
    download_if_missing: bool = ...,
) -> Bunch: ...


@overload
def fetch_mnist(
    data_home: str | os.PathLike[str] | None = ...,
    *,
    variant: Variant = ...,
    split: Split = ...,
    return_X_y: Literal[True],
    download_if_missing: bool = ...,
) -> _Pair: ...


def fetch_mnist(
    data_home: str | os.PathLike[str] | None = None,
    *,
    variant: Variant = "mnist",
    split: Split = "train",
    return_X_y: bool = False,
    download_if_missing: bool = True,
) -> Bunch | _Pair:
    """Load MNIST, Fashion-MNIST or KMNIST, and download it first if it is missing.

    Where the files are looked for: in the cache `data_home`, if it is given; else for MNIST in the
    folder that the environment variable ``SKMLP_DATA`` names, if it is set; else in the cache of
    scikit-learn. What is missing in a cache is downloaded.

    Only the two files of the split are downloaded, over HTTPS, to the cache; their SHA-256 is
    checked whenever they are used, and one that has changed is downloaded again. Downloads need
    pooch: ``pip install "skmlp-scratch[examples]"``. The folder that ``SKMLP_DATA`` names holds the
    files that :func:`load_mnist` reads, and these are read as they are.

    Parameters
    ----------
    data_home : str or path-like, default=None
        The folder of the cache, in place of ``SKMLP_DATA`` and of scikit-learn's, which is the
        environment variable ``SCIKIT_LEARN_DATA`` or ``~/scikit_learn_data``. The files go to its
        subfolder ``skmlp_scratch/<variant>``.
    variant : {"mnist", "fashion", "kmnist"}, default="mnist"
        Which data set. KMNIST has a single server, which may be out of reach.
    split : {"train", "test"}, default="train"
        The 60,000 training images or the 10,000 test images, of 28 x 28 pixels.
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.
    download_if_missing : bool, default=True
        If False, raise an OSError instead of downloading anything.

    Returns
    -------
    dataset : :class:`~sklearn.utils.Bunch`
        As :func:`load_mnist` returns it.

    (data, target) : tuple of ndarray
        If `return_X_y` is True.

    Raises
    ------
    OSError
        If a file is missing and cannot or must not be downloaded, or is missing in the folder that
        ``SKMLP_DATA`` names.
    ImportError
        If a file must be downloaded and pooch is not installed.
    ValueError
        If `variant` or `split` is another name.

    See Also
    --------
    load_mnist : Load such files from any folder.

    References
    ----------
    .. [1] Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to
       document recognition", Proceedings of the IEEE 86 (11), 1998.
    .. [2] H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST: a novel image dataset for
       benchmarking machine learning algorithms", arXiv:1708.07747, 2017.
    .. [3] T. Clanuwat, M. Bober-Irizar, A. Kitamoto, A. Lamb, K. Yamamoto and D. Ha, "Deep
       learning for classical Japanese literature", arXiv:1812.01718, 2018.

    Examples
    --------
    >>> from skmlp_scratch.datasets import fetch_mnist
    >>> X, y = fetch_mnist(return_X_y=True)  # doctest: +SKIP
    >>> X.shape, y[:5]  # doctest: +SKIP
    ((60000, 784), array([5, 0, 4, 1, 9], dtype=uint8))
    """
    _checked("variant", variant, _MIRRORS)
    _checked("split", split, _PREFIXES)
    named = os.environ.get("SKMLP_DATA")
    if named and data_home is None and variant == "mnist":
        dataset = _load_named(named, split)
    else:
        dataset = _load_cached(data_home, variant, split, download_if_missing)
    return (dataset.data, dataset.target) if return_X_y else dataset


def _load_named(folder: str, split: Split) -> Bunch:
    """Load MNIST from the folder that the environment variable names."""
    source = f"The environment variable SKMLP_DATA names the folder {folder}."
    try:
        dataset = load_mnist(folder, split=split)
    except OSError as error:
        raise type(error)(f"{error} {source}") from None
    dataset.DESCR += f"\n\n{source}"
    return dataset


def _load_cached(
    data_home: str | os.PathLike[str] | None, variant: str, split: str, download_if_missing: bool
) -> Bunch:
    """Load a data set from the cache, which is filled if it may be."""
    prefix = _PREFIXES[split]
    folder = Path(get_data_home(data_home), "skmlp_scratch", variant)
    images_path = folder / f"{prefix}-images-idx3-ubyte.gz"
    labels_path = folder / f"{prefix}-labels-idx1-ubyte.gz"
    _provide(images_path, variant, _CHECKSUMS[variant][f"{prefix}-images"], download_if_missing)
    _provide(labels_path, variant, _CHECKSUMS[variant][f"{prefix}-labels"], download_if_missing)
    dataset = _read_dataset(images_path, labels_path)
    dataset.DESCR = f"{_DESCRIPTIONS[variant]}\n\n{dataset.DESCR}"
    return dataset


def _checked(name: str, value: str, choices: Iterable[str]) -> str:
    """Return the value of a parameter if it is one of the choices."""
    if value not in list(choices):
        raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}, not {value!r}")
    return value


def _find_file(directory: Path, stem: str, kind: str) -> Path:
    """Find a file under one of the names that are in use for it."""
    names = [f"{stem}{dot}{kind}{end}" for end in ("", ".gz") for dot in ("-", ".")]
    found = [directory / name for name in names if os.path.lexists(directory / name)]
    if found:  # what is no file is named by whoever reads it
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


def _read_dataset(images_path: Path, labels_path: Path, *, mmap: bool = False) -> Bunch:
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


def _provide(path: Path, variant: str, checksum: str, download_if_missing: bool) -> None:
    """Make sure that a file is there and intact."""
    found = "nothing"
    if path.is_file():
        with path.open("rb") as file:
            found = _sha256(file)
    if found == checksum:
        return
    if not download_if_missing:
        raise OSError(
            f"download_if_missing is False, and {path} is missing or damaged: expected the SHA-256 "
            f"{checksum}, found {found}."
        )
    _download(path, variant, checksum)


def _download(path: Path, variant: str, checksum: str) -> None:
    """Download a file from the first mirror that gives it as it should be."""
    downloader = _make_downloader()
    path.parent.mkdir(parents=True, exist_ok=True)
    failures = []
    for url in [f"{mirror}{path.name}" for mirror in _MIRRORS[variant]]:
        try:
            # Not pooch.retrieve: its files are readable by their owner only, and on Windows it
            # replaces a file by copying, which another process can see half done.
            with atomic_write(path) as file:
                downloader(url, file, None)
                _check_download(file, checksum)
        except (OSError, ValueError) as error:
            failures.append(f"{url}: {error}")
        else:
            return
    attempts = "\n".join(failures)
    raise OSError(
        f"{path.name} could not be downloaded.\n{attempts}\n"
        f"Without a network, put the four files of the data set, as published, into {path.parent}, "
        "or read them from any folder with skmlp_scratch.datasets.load_mnist."
    )


def _make_downloader() -> _Downloader:
    """Make pooch's downloader, with a progress bar if tqdm is installed."""
    try:
        from pooch import HTTPDownloader  # noqa: PLC0415  (optional, and only for downloads)
    except ImportError as error:
        raise ImportError(
            'Downloading needs pooch: pip install "skmlp-scratch[examples]". Files that you have '
            "already can be read with skmlp_scratch.datasets.load_mnist."
        ) from error
    downloader: _Downloader = HTTPDownloader(
        progressbar=find_spec("tqdm") is not None, chunk_size=_CHUNK_BYTES, timeout=_TIMEOUTS
    )
    return downloader


def _check_download(file: BufferedIOBase, checksum: str) -> None:
    """Refuse a downloaded file that is not the one published."""
    n_bytes = file.tell()
    file.seek(0)
    found = _sha256(file)
    if found != checksum:
        raise ValueError(f"sent {n_bytes} bytes with the SHA-256 {found}, expected {checksum}")


def _sha256(file: BufferedIOBase) -> str:
    """Compute the checksum of the rest of a file."""
    return hashlib.file_digest(file, "sha256").hexdigest()
