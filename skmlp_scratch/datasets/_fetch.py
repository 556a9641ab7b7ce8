"""MNIST, Fashion-MNIST and KMNIST, downloaded once and checked whenever they are used."""

import hashlib
import os
from collections.abc import Callable
from importlib.util import find_spec
from io import BufferedIOBase
from pathlib import Path
from typing import Literal, overload

from sklearn.datasets import get_data_home
from sklearn.utils import Bunch

from skmlp_scratch._files.atomic import atomic_write
from skmlp_scratch.datasets._mnist import (
    PREFIXES,
    Pair,
    Split,
    check_choice,
    load_mnist,
    read_dataset,
)

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

Variant = Literal["mnist", "fashion", "kmnist"]
_Downloader = Callable[[str, BufferedIOBase, None], None]


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
) -> Pair: ...


def fetch_mnist(
    data_home: str | os.PathLike[str] | None = None,
    *,
    variant: Variant = "mnist",
    split: Split = "train",
    return_X_y: bool = False,
    download_if_missing: bool = True,
) -> Bunch | Pair:
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
    check_choice("variant", variant, _MIRRORS)
    check_choice("split", split, PREFIXES)
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
    prefix = PREFIXES[split]
    folder = Path(get_data_home(data_home), "skmlp_scratch", variant)
    images_path = folder / f"{prefix}-images-idx3-ubyte.gz"
    labels_path = folder / f"{prefix}-labels-idx1-ubyte.gz"
    _provide(images_path, variant, _CHECKSUMS[variant][f"{prefix}-images"], download_if_missing)
    _provide(labels_path, variant, _CHECKSUMS[variant][f"{prefix}-labels"], download_if_missing)
    dataset = read_dataset(images_path, labels_path)
    dataset.DESCR = f"{_DESCRIPTIONS[variant]}\n\n{dataset.DESCR}"
    return dataset


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
