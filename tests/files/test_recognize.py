"""Files of every other kind, given to each reader: the error tells what each is, what reads it."""

import bz2
import gzip
import io
import json
import lzma
import os
import pickle
import re
import signal
import tarfile
import tracemalloc
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.io import savemat
from sklearn.datasets import dump_svmlight_file

from skmlp_scratch import MLPClassifier
from skmlp_scratch._files.recognize import recognize
from skmlp_scratch.datasets import load_mnist, read_idx, write_idx
from skmlp_scratch.onnx import to_onnx
from tests._helpers.models import make_model

on_posix = pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")

# --- files of all kinds -------------------------------------------------------------------------


class Mine(MLPClassifier):
    """A subclass with a parameter of its own."""

    def __init__(self, depth: int = 1, max_iter: int = 200, batch_size: Any = "auto") -> None:
        super().__init__(max_iter=max_iter, batch_size=batch_size)
        self.depth = depth


def fit(model: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a few epochs are enough
        return model.fit(np.arange(8.0).reshape(4, 2) - 4, [0, 1, 0, 1])


MODEL = fit(make_model(max_iter=1, batch_size=4))
ARRAY = np.arange(6, dtype=np.uint8).reshape(2, 3)
PICKLE = pickle.dumps(ARRAY)
HTML = b"<!DOCTYPE html><title>404</title>"


def written(write: Callable[[Any], Any]) -> bytes:
    """Return what a function writes into an open file."""
    file = io.BytesIO()
    write(file)
    return file.getvalue()


def zipped(**members: bytes) -> bytes:
    """Return an archive; two underscores in a name stand for a slash, three for a dot."""

    def write(file: Any) -> None:
        with zipfile.ZipFile(file, "w") as archive:
            for name, content in members.items():
                archive.writestr(name.replace("___", ".").replace("__", "/"), content)

    return written(write)


def tarred(mode: str) -> bytes:
    def write(file: Any) -> None:
        with tarfile.open(fileobj=file, mode=mode) as archive:
            archive.addfile(tarfile.TarInfo("t10k-labels-idx1-ubyte"))

    return written(write)


def dumped(compress: Any) -> bytes:
    return written(lambda file: joblib.dump(MODEL, file, compress=compress))


def image(kind: str) -> bytes:
    return written(lambda file: Image.fromarray(ARRAY).save(file, kind))


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 47040016\n"
OLD_PICKLE = b"((cnumpy.core.multiarray\n_reconstruct\np1\n(cnumpy\nndarray\n"
ANY_NPZ = written(lambda file: np.savez(file, x_train=ARRAY))
JSON = {"layers": [1, 2], "epochs": 3}

# Name: content, and what the likely cause has to say.
FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "the file is empty; an interrupted download"),
    "zeros": (bytes(5000), "full of zeros"),
    "npz": (ANY_NPZ, r"archive of NumPy \(\.npz\); numpy\.load reads it"),
    "npz, compressed": (
        written(lambda file: np.savez_compressed(file, x_train=np.zeros((100, 100)))),
        r"archive of NumPy \(\.npz\); numpy\.load",
    ),
    "npz, cut off": (ANY_NPZ[:-30], "zip archive, as .npz files are, that was cut off; copy or"),
    "npy": (written(lambda file: np.save(file, ARRAY)), r"NumPy \(\.npy\); numpy\.load reads"),
    "npy of objects": (
        written(lambda file: np.save(file, np.array([{}]), allow_pickle=True)),
        "numpy.load",
    ),
    "pickle": (pickle.dumps(MODEL), "is a pickle, .*; joblib.load reads it; .* that you trust"),
    "pickle of protocol 5": (pickle.dumps(MODEL, 5), "is a pickle, .*; joblib.load"),
    "pickle of protocol 2": (pickle.dumps(MODEL, 2), "pickle of an old protocol; pickle.load"),
    "pickle of protocol 0": (pickle.dumps(MODEL, 0), "pickle of an old protocol; pickle.load"),
    "pickle of Python 2": (OLD_PICKLE, "pickle of an old .*encoding='latin1'"),
    "mnist.pkl.gz": (gzip.compress(PICKLE), r"is a pickle.*\(compressed with gzip\); joblib.load"),
    "mnist.pkl.gz of books": (
        gzip.compress(OLD_PICKLE),
        r"pickle of an old protocol \(compressed with gzip\); decompress it first; then pickle",
    ),
    "joblib": (dumped(0), "is a pickle, as joblib.dump and pickle.dump .*; joblib.load"),
    "joblib, zlib": (dumped(3), r"is a pickle, .*\(compressed with zlib\); joblib.load"),
    "joblib, zlib 1": (dumped(("zlib", 1)), r"a pickle, .*\(compressed with zlib\); joblib.load"),
    "joblib, zlib 9": (dumped(("zlib", 9)), r"a pickle, .*\(compressed with zlib\); joblib.load"),
    "joblib, gzip": (dumped(("gzip", 3)), r"is a pickle, .*\(compressed with gzip\); joblib.load"),
    "joblib, bz2": (dumped(("bz2", 3)), "bzip2 file; .*joblib.load"),
    "joblib, lzma": (dumped(("lzma", 3)), "lzma file; .*joblib.load"),
    "joblib, xz": (dumped(("xz", 3)), "xz file; .*joblib.load"),
    "joblib, lz4": (b"\x04\x22\x4d\x18\x64\x40\xa7", "lz4 file; .*joblib.load"),
    "lzma with a size": (
        b"\x5d\0\0\x80\0" + (5000).to_bytes(8, "little") + b"\0\x26",
        "lzma file; decompress it first",
    ),
    "zstd": (b"\x28\xb5\x2f\xfd\x04\x00", "zstd file; decompress it first"),
    "bzip2 of text": (bz2.compress(b"5,0,4"), "bzip2 file; decompress it first"),
    "xz of text": (lzma.compress(b"5,0,4"), "xz file; decompress it first"),
    "gzip twice": (gzip.compress(gzip.compress(PICKLE)), "compressed twice; decompress it once"),
    "Git LFS": (LFS, "pointer of Git LFS in the place of the data; `git lfs pull`"),
    "Git LFS, gzip": (gzip.compress(LFS), "pointer of Git LFS .*; `git lfs pull`"),
    "git-annex": (b"/annex/objects/MD5E-s11594722--ab.npz\n", "git-annex .*`git annex get`"),
    "HTML": (HTML, "web page"),
    "HTML with mark": (b"\xef\xbb\xbf" + HTML, "web page"),
    "HTML with space": (b"\r\n \t\n" + HTML, "web page"),
    "HTML with mark and space": (b"\xef\xbb\xbf\n" + HTML, "web page"),
    "HTML in UTF-16": (HTML.decode().encode("utf-16"), "web page"),
    "HTML in UTF-16, big": (b"\xfe\xff" + HTML.decode().encode("utf-16-be"), "web page"),
    "HTML in UTF-16 without mark": (HTML.decode().encode("utf-16-le"), "web page"),
    "HTML in UTF-16 without mark, big": (HTML.decode().encode("utf-16-be"), "web page"),
    "HTML in UTF-32": (HTML.decode().encode("utf-32"), "web page"),
    "HTML, gzip": (gzip.compress(HTML), "web page"),
    "XML": (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "XML.*download"),
    "JSON": (json.dumps(JSON).encode(), "is JSON; json.load reads it"),
    "JSON, indented": (json.dumps([JSON], indent=1).encode(), "is JSON"),
    "JSON with mark": (b"\xef\xbb\xbf" + json.dumps(JSON).encode(), "is JSON"),
    "CSV": (b"5,0,4,1\n9,2,1,3\n", "table in text .*pandas.read_csv"),
    "CSV with names": (b"label,pixel1,pixel2\n5,0,0\n", "table in text .*pandas.read_csv"),
    "CSV with spaces": (b"sepal length (cm);species\n5.1;\xeftosa\n", "table in text .*read_csv"),
    "CSV, wide": (b",".join(b"1x%d" % i for i in range(784)) + b"\n", "table in text"),
    "CSV in quotes": (b'"a, b","c"\n1,2\n', "table in text .*pandas.read_csv"),
    "CSV with bars": (b"a|b\n1|2\n", "table in text .*pandas.read_csv"),
    "TSV": (b"a\tb\n1\t2\n", "table in text .*pandas.read_csv"),
    "CSV, gzip": (gzip.compress(b"5,0\n1,2\n"), "table in text .*decompress it first; then pandas"),
    "ARFF": (b"% MNIST\n%\n@RELATION mnist_784\n", "ARFF.*fetch_openml"),
    "savetxt": (written(lambda file: np.savetxt(file, -ARRAY / 7)), "numbers.*numpy.loadtxt"),
    "savetxt of a row": (written(lambda file: np.savetxt(file, np.eye(500))), "numpy.loadtxt"),
    "savetxt of integers": (
        written(lambda file: np.savetxt(file, ARRAY, "%4d", header="x y")),
        "numbers in text, as numpy.savetxt writes it; numpy.loadtxt",
    ),
    "savetxt of complex numbers": (
        written(lambda file: np.savetxt(file, ARRAY * 1j)),
        "numpy.loadtxt",
    ),
    "savetxt, gzip": (
        gzip.compress(written(lambda file: np.savetxt(file, ARRAY))),
        "decompress it first; then numpy.loadtxt",
    ),
    "svmlight": (
        written(lambda file: dump_svmlight_file(ARRAY.astype(float), [5, 0], file)),
        "svmlight's format; sklearn.datasets.load_svmlight_file",
    ),
    "message": (b"404: Not Found", "text, such as an error message"),
    "prose in another script": ("数据没有找到".encode(), "text, such as an error message"),
    "prose with numbers": (b"1 a day 2 feed\nthe cat", "text, such as an error message"),
    "prose": (b"Sorry, the page is gone.\n", "text, such as an error message"),
    "zip": (zipped(t10k=b"\0"), "zip archive; extract it first"),
    "zip of a folder": (zipped(a__=b"", a__data___pkl=PICKLE, a__x___npy=b"\x93"), "extract it"),
    "zip of a model": (zipped(model___npz=ANY_NPZ), "zip archive of other files; extract it first"),
    "zip, empty": (zipped(), "zip archive"),
    "tar": (tarred("w"), "tar archive; extract it first"),
    "tar.gz": (tarred("w:gz"), r"tar archive \(compressed with gzip\); extract it first"),
    "7-Zip": (b"7z\xbc\xaf\x27\x1c\0\4", "7-Zip; extract"),
    "parquet": (b"PAR1\x15\x04\x15\x10PAR1", "Parquet file; pandas.read_parquet"),
    "feather": (b"ARROW1\0\0\xff\xff", "Feather file; pandas.read_feather"),
    "HDF5": (b"\x89HDF\r\n\x1a\n\0\0", "HDF5 file; keras.*h5py"),
    "HDF5, behind": (bytes(range(1, 129)) * 4 + b"\x89HDF\r\n\x1a\n\0", "HDF5 file"),
    "Keras": (
        zipped(metadata___json=b"{}", config___json=b"{}", model___weights___h5=b"\x89HDF"),
        "model of Keras; keras.models.load_model",
    ),
    "safetensors": (
        (72).to_bytes(8, "little") + b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        "safetensors",
    ),
    "PyTorch": (zipped(archive__data___pkl=PICKLE, archive__version=b"3\n"), "torch.load"),
    "PyTorch, old": (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02", "torch.load"),
    "ONNX": (to_onnx(MODEL).SerializeToString(), "model in ONNX; onnxruntime"),
    "skops": (skops.io.dumps(MODEL), "model of skops; skops.io.load"),
    "Excel": (zipped(**{"[Content_Types]___xml": b"<"}), "Excel, pandas.read_excel"),
    "PNG": (image("png"), r"an image \(PNG\); PIL\.Image\.open"),
    "JPEG": (image("jpeg"), r"an image \(JPEG\); PIL\.Image\.open"),
    "GIF": (image("gif"), "an image; PIL.Image.open"),
    "BMP": (image("bmp"), "an image; PIL.Image.open"),
    "PGM": (image("ppm"), "an image; PIL.Image.open"),
    "PDF": (b"%PDF-1.7\n", "PDF"),
    "MATLAB": (written(lambda file: savemat(file, {"x": ARRAY})), "MATLAB; scipy.io.loadmat"),
    "SQLite": (b"SQLite format 3\0\x10", "SQLite"),
}
# What read_idx and load have of each other.
IDX = bytes.fromhex("00000801 00000003 050004")


def npz(path: Path, model: Any) -> bytes:
    model.save(path)
    return path.read_bytes()


def cause(read: Callable[[Path], Any], path: Path) -> str:
    """Return what an error says of a likely cause; it has the form that all of them have."""
    with pytest.raises(ValueError, match=r"expected .*; found .*Likely cause: .*") as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert message.count("Likely cause: ") == 1
    assert message.endswith(".")
    assert not re.search(r"\.\.( |$)", message)
    return message.partition("Likely cause: ")[2]


READERS = {"read_idx": read_idx, "load": MLPClassifier.load}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", FILES)
def test_what_it_is_and_what_reads_it(tmp_path: Path, name: str, reader: str) -> None:
    content, expected = FILES[name]
    path = tmp_path / "name-of-the-file"
    path.write_bytes(content)
    explanation = cause(READERS[reader], path)
    assert re.search(expected, explanation, re.DOTALL), explanation


@pytest.mark.parametrize("name", FILES)
def test_load_mnist_says_so_too(tmp_path: Path, name: str) -> None:
    write_idx(tmp_path / "train-labels-idx1-ubyte", np.arange(3, dtype=np.uint8))
    (tmp_path / "train-images-idx3-ubyte").write_bytes(FILES[name][0])
    with pytest.raises(ValueError, match="train-images-idx3-ubyte is not") as caught:
        load_mnist(tmp_path)
    assert re.search(FILES[name][1], str(caught.value), re.DOTALL)


def test_a_file_of_one_reader_given_to_the_other(tmp_path: Path) -> None:
    model, idx = tmp_path / "model", tmp_path / "idx"
    model.write_bytes(npz(tmp_path / "m", MODEL))
    idx.write_bytes(IDX)
    assert "MLPClassifier.load reads it" in cause(read_idx, model)
    assert "read_idx reads it" in cause(MLPClassifier.load, idx)
    for path in (model, idx):
        path.write_bytes(gzip.compress(path.read_bytes()))
    assert "decompress it first; then skmlp_scratch.MLPClassifier.load" in cause(read_idx, model)
    assert "decompress it first; then skmlp_scratch.MLPClassifier.load" in cause(
        MLPClassifier.load, model
    )
    assert "(compressed with gzip); skmlp_scratch.datasets.read_idx" in cause(
        MLPClassifier.load, idx
    )
    idx.write_bytes(zlib.compress(IDX))
    for read in READERS.values():
        assert "with zlib); decompress it first; then skmlp_scratch.datasets.read_idx" in cause(
            read, idx
        )


@pytest.mark.parametrize(
    "content",
    [b"\x01\x02\x03\x04", gzip.compress(b"\x01\x02\x03\x04")],
    ids=["plain", "compressed"],
)
def test_what_is_unknown_is_not_guessed(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "name-of-the-file"
    path.write_bytes(content)
    assert cause(read_idx, path) == "this is not an IDX file."
    assert "MLPClassifier.save has not written it" in cause(MLPClassifier.load, path)


# --- the advice is true -------------------------------------------------------------------------


def read_frame(path: Path) -> Any:
    return pd.read_csv(path, sep=None, engine="python")


REMEDIES: dict[str, Callable[[Path], Any]] = {
    "npz": np.load,
    "npz, compressed": np.load,
    "npy": np.load,
    "pickle": joblib.load,
    "pickle of protocol 5": joblib.load,
    "pickle of protocol 2": lambda path: pickle.loads(path.read_bytes(), encoding="latin1"),
    "pickle of protocol 0": lambda path: pickle.loads(path.read_bytes(), encoding="latin1"),
    "mnist.pkl.gz": joblib.load,
    "joblib": joblib.load,
    "joblib, zlib": joblib.load,
    "joblib, gzip": joblib.load,
    "joblib, bz2": joblib.load,
    "joblib, lzma": joblib.load,
    "joblib, xz": joblib.load,
    "JSON": lambda path: json.loads(path.read_text()),
    "CSV": read_frame,
    "TSV": read_frame,
    "CSV in quotes": read_frame,
    "CSV with bars": read_frame,
    "savetxt": np.loadtxt,
    "savetxt of integers": np.loadtxt,
    "savetxt of complex numbers": lambda path: np.loadtxt(path, complex),
    "PNG": Image.open,
    "JPEG": Image.open,
    "PGM": Image.open,
}


@pytest.mark.parametrize("name", REMEDIES)
def test_what_the_error_names_reads_the_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / "name-of-the-file"
    path.write_bytes(FILES[name][0])
    found = REMEDIES[name](path)
    assert found is not None
    if hasattr(found, "close"):
        found.close()


@pytest.mark.parametrize(
    ("writer", "reader"), [(Mine, MLPClassifier), (MLPClassifier, Mine)], ids=["more", "fewer"]
)
def test_the_file_of_another_class_is_not_taken_for_one_of_a_later_version(
    tmp_path: Path, writer: Any, reader: Any
) -> None:
    fit(writer(max_iter=1, batch_size=4)).save(tmp_path / "model")
    explanation = cause(reader.load, tmp_path / "model")
    assert explanation.startswith("the file is of another class")
    assert "; or it is of a later version" in explanation
    with pytest.raises(ValueError, match=f"parameters that {reader.__name__} has; found"):
        reader.load(tmp_path / "model")
    assert type(writer.load(tmp_path / "model")) is writer


# --- what is no file ----------------------------------------------------------------------------


@contextmanager
def alarm() -> Iterator[None]:
    """End a test that waits for a pipe."""
    signal.alarm(20)
    try:
        yield
    finally:
        signal.alarm(0)


@on_posix
@pytest.mark.parametrize("reader", READERS)
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path, reader: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for name in ("pipe", "link"):
        with alarm(), pytest.raises(OSError, match=f"{name} is a named pipe"):
            READERS[reader](tmp_path / name)


@on_posix
def test_a_pipe_is_not_mapped(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with alarm(), pytest.raises(OSError, match="is a named pipe"):
        read_idx(tmp_path / "pipe", mmap=True)


@on_posix
@pytest.mark.parametrize(("make", "what"), [(os.mkfifo, "a named pipe"), (os.mkdir, "a folder")])
def test_a_folder_or_pipe_in_the_place_of_a_file_of_mnist_is_named_or_skipped(
    tmp_path: Path, make: Callable[[Path], None], what: str
) -> None:
    """Some archives extract each file into a folder of its name, with a copy beside it."""
    make(tmp_path / "train-labels-idx1-ubyte")
    write_idx(tmp_path / "train-images.idx3-ubyte", np.zeros((2, 1, 1), np.uint8))
    with alarm(), pytest.raises(OSError, match=f"train-labels-idx1-ubyte is {what}, and only"):
        load_mnist(tmp_path)
    write_idx(tmp_path / "train-labels.idx1-ubyte", np.zeros(2, np.uint8))
    assert len(load_mnist(tmp_path).target) == 2


@on_posix
def test_a_pipe_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotADirectoryError, match="pipe is a named pipe: expected the folder"):
        load_mnist(tmp_path / "pipe")


@pytest.mark.parametrize("reader", READERS)
def test_a_folder_is_named(tmp_path: Path, reader: str) -> None:
    with pytest.raises(IsADirectoryError, match=f"{tmp_path.name} is a folder"):
        READERS[reader](tmp_path)


# --- hostile files ------------------------------------------------------------------------------


class Touch:
    """What a pickle does when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_no_pickle_is_executed(tmp_path: Path, reader: str, protocol: int) -> None:
    content = pickle.dumps(Touch(tmp_path / "proof"), protocol)
    path = tmp_path / "name-of-the-file"
    for file in (content, gzip.compress(content), zlib.compress(content)):
        path.write_bytes(file)
        assert "pickle" in cause(READERS[reader], path)
    assert not (tmp_path / "proof").exists()


BOMB = bytes(50_000_000)
# Made when they are needed, as that takes a second.
BOMBS: dict[str, Callable[[], bytes]] = {
    "gzip": lambda: gzip.compress(BOMB),
    "zlib": lambda: zlib.compress(BOMB),
    "gzip of gzip": lambda: gzip.compress(gzip.compress(BOMB)),
    "bzip2": lambda: bz2.compress(BOMB),
    "xz": lambda: lzma.compress(BOMB, preset=9),
    "zip records": lambda: b"PK\x03\x04" * 100_000,
    "tags": lambda: b"<" * 5_000_000,
    "commas": lambda: b"," * 5_000_000,
    "comments": lambda: b"%\n" * 2_500_000,
    "brackets": lambda: b"(" * 5_000_000,
    "digits": lambda: b"1 " * 2_500_000,
    "dots": lambda: b"../" * 2_000_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", BOMBS)
def test_little_is_read_to_find_out(tmp_path: Path, name: str, reader: str) -> None:
    path = tmp_path / "name-of-the-file"
    path.write_bytes(BOMBS[name]())
    tracemalloc.start()
    try:
        cause(READERS[reader], path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


contents = st.binary(max_size=300)
beginnings = st.sampled_from([content[:300] for content, _ in FILES.values()])


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=contents | st.builds(lambda a, b: a + b, beginnings, contents))
def test_any_bytes_are_of_a_kind_or_of_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "name-of-the-file"
    for file in (content, gzip.compress(content), zlib.compress(content)):
        path.unlink(missing_ok=True)
        path.write_bytes(file)
        with path.open("rb") as opened:
            kind = recognize(opened)
        assert kind is None or (
            kind.explain().startswith("the file is ") and "; " in kind.explain()
        )
