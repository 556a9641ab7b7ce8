"""IDX files of any bytes: all of the file in one array, or one error that names the file.

``pytest tests/system/test_fuzz_idx.py --hypothesis-profile=long`` tries 50 times as many cases;
`fuzz.py` searches for new paths through the reader.
"""

import gzip
import math
import struct
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from skmlp_scratch.datasets import read_idx

pytestmark = pytest.mark.slow

# Independent of the module's own table: type code to NumPy's name.
TYPES = {0x08: "u1", 0x09: "i1", 0x0B: "i2", 0x0C: "i4", 0x0D: "f4", 0x0E: "f8"}
SEEDS = (bytes.fromhex("00000b02 00000002 00000003 000100020003fffffffefffd"),)
SLACK = 1_000_000  # bytes for buffers, whatever the file


class NoArrayError(Exception):
    """That bytes are no whole IDX file, with the bytes that it may take to tell."""

    def __init__(self, n_bytes: int) -> None:
        super().__init__()
        self.n_bytes = n_bytes


def check(path: Path) -> None:
    """Compare what a file's bytes stand for with what reading it gives, mapped and not.

    Memory must be traced: starting and stopping it for each file leaks, in Python 3.11, a little.
    """
    content = path.read_bytes()
    compressed = content.startswith(b"\x1f\x8b")
    try:
        expected, allowed = _decode(content), 0
    except NoArrayError as error:
        expected, allowed = None, error.n_bytes
    for mmap in (False, True):
        refused = expected is None or (mmap and compressed)
        assert_reads(path, mmap, None if refused else expected, allowed)


def wrap(content: bytes) -> bytes:
    """Return a compressed file: no search finds its checksum."""
    return gzip.compress(content, 1)


def assert_reads(path: Path, mmap: bool, expected: NDArray[Any] | None, allowed: int) -> None:
    """Read the expected array, or get an error, in memory for the array or for `allowed` bytes."""
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    try:
        array = read_idx(path, mmap=mmap)
    except (ValueError, OSError) as error:
        assert str(path) in str(error)  # noqa: PT017 - no error is as good
        array = None
    peak = tracemalloc.get_traced_memory()[1] - before
    if expected is None:
        assert array is None
    else:
        assert array is not None
        assert array.shape == expected.shape
        assert array.astype(expected.dtype).tobytes() == expected.tobytes()
        allowed = expected.nbytes
    assert peak < 1.2 * allowed + SLACK


def _decode(content: bytes) -> NDArray[Any]:
    """Return the array that is the whole content of a file, straight from the format."""
    if content.startswith(b"\x1f\x8b"):
        content = _decompress(content)
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in TYPES or not content[3]:
        raise NoArrayError(0)
    dtype, start = np.dtype(f">{TYPES[content[2]]}"), 4 + 4 * content[3]
    if len(content) < start:
        raise NoArrayError(0)
    shape = struct.unpack_from(f">{content[3]}I", content, 4)
    declared, found = math.prod(shape) * dtype.itemsize, len(content) - start
    if declared != found:
        raise NoArrayError(min(declared, found))
    try:
        return np.frombuffer(content, dtype, offset=start).reshape(shape)
    except ValueError:  # more dimensions, or longer ones, than NumPy has
        raise NoArrayError(found) from None


def _decompress(content: bytes) -> bytes:
    """Return what is in a gzip file, be it damaged behind that."""
    try:
        return gzip.decompress(content)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise NoArrayError(1200 * len(content)) from None  # deflate shrinks to 1/1032 at most


# --- files --------------------------------------------------------------------------------------

sizes = st.integers(0, 5) | st.sampled_from([255, 2**16, 2**31 - 1, 2**31, 2**32 - 1])
shapes = (
    st.lists(st.integers(0, 4), min_size=1, max_size=4)
    | st.lists(st.just(1), min_size=60, max_size=255)  # NumPy has 64 dimensions
    | st.lists(sizes, min_size=2, max_size=5).map(lambda shape: [0, *shape])
    | st.just([2**8, 4])
)
codes = st.sampled_from(sorted(TYPES))


@st.composite
def headers(draw: st.DrawFn) -> bytes:
    """Headers of any shape, most of them absurd, and some that are wrong."""
    shape = draw(st.lists(sizes, min_size=1, max_size=5) | st.lists(sizes, max_size=255))
    ndim = draw(st.sampled_from([len(shape)] * 7 + [0, 1, 255]))
    code = draw(st.sampled_from([*TYPES] * 3 + [0x0A, 0xFF]))
    return _header(code, shape, ndim)


def _header(code: int, shape: list[int], ndim: int) -> bytes:
    return struct.pack(f">HBB{len(shape)}I", 0, code, ndim, *shape)


claims = st.tuples(headers(), st.binary(max_size=40)).map(b"".join)
bombs = headers().map(lambda header: gzip.compress(header + bytes(2_000_000)))


@st.composite
def whole_files(draw: st.DrawFn) -> bytes:
    """Files of any type and shape, of which NumPy may have no arrays."""
    code, shape = draw(codes), draw(shapes)
    n_bytes = math.prod(shape) * np.dtype(TYPES[code]).itemsize
    pattern = draw(st.binary(min_size=1, max_size=16))
    elements = (pattern * (n_bytes // len(pattern) + 1))[:n_bytes]
    return _header(code, shape, len(shape)) + elements


@st.composite
def damaged(draw: st.DrawFn, files: st.SearchStrategy[bytes]) -> bytes:
    """Files with some bytes replaced, inserted or cut out, mostly near one of the ends."""
    content = bytearray(draw(files))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, min(len(content), 40)))
        start = len(content) - start if draw(st.booleans()) else start
        content[start : start + draw(st.integers(0, 4))] = draw(st.binary(max_size=4))
    if draw(st.booleans()):
        del content[draw(st.integers(0, len(content))) :]
    return bytes(content)


@st.composite
def compressed(draw: st.DrawFn, files: st.SearchStrategy[bytes]) -> bytes:
    """Files in one or more members of gzip, some of them empty, with padding or without."""
    content, level = draw(files), draw(st.sampled_from([0, 1, 6]))
    cuts = sorted(draw(st.lists(st.integers(0, len(content)), max_size=3)))
    pieces = [content[a:b] for a, b in zip([0, *cuts], [*cuts, len(content)], strict=True)]
    padding = draw(st.sampled_from([b"", b"", bytes(7)]))
    return b"".join(gzip.compress(piece, level) for piece in pieces) + padding


plain = whole_files() | damaged(whole_files()) | claims | st.binary(max_size=200)
gzipped = compressed(plain) | damaged(compressed(plain)) | bombs


@pytest.fixture(scope="module", autouse=True)
def traced_memory() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=plain | gzipped | compressed(gzipped))
def test_any_bytes_give_the_whole_array_or_an_error_that_names_the_file(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "name-of-the-file"
    path.unlink(missing_ok=True)  # some file systems flush one that is overwritten
    path.write_bytes(content)
    check(path)
