"""IDX files that are foreign or damaged.

Damage of every other kind is in `system/test_fuzz_idx.py`.
"""

import gzip
import io
import math
import tracemalloc
import zipfile
from bz2 import compress as bz2_compress
from lzma import compress as xz_compress
from pathlib import Path

import numpy as np
import pytest

from skmlp_scratch.datasets import read_idx, write_idx
from tests._helpers.idx import pack, save

GOOD = pack(0x08, "B", (2, 3), [1, 2, 3, 4, 5, 6])


def zipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("train-images-idx3-ubyte", content)
    return buffer.getvalue()


BAD_FILES = {
    "empty": (b"", "found nothing.*: the file is empty"),
    "web page": (b"<!DOCTYPE html>", "found 3c 21 44 4f.*web page"),
    "web page after a line": (b"\r\n<html>", "web page"),
    "gzip": (gzip.compress(GOOD), "compressed twice"),
    "zip": (zipped(GOOD), "zip archive"),
    "bz2": (bz2_compress(GOOD), "bzip2"),
    "xz": (xz_compress(GOOD), "xz"),
    "text": (b"5,0,4,1,9\n", "a table in text"),
    "unknown": (b"\x01\x02\x03\x04\x05", "not an IDX file"),
    "type code": (b"\x00\x00\x0a" + GOOD[3:], "08 09 0b 0c 0d 0e.*found 00 00 0a 02.*header"),
    "no dimensions": (b"\x00\x00\x08\x00\x05", "1 or more dimensions; found 00 00 08 00"),
    "byte order": (b"\x02\x08\x00\x00" + GOOD[4:], "not an IDX file"),
    "cut in the magic number": (GOOD[:3], "found 00 00 08.*cut off"),
    "cut in the dimensions": (GOOD[:9], "8 bytes of dimensions; found 5 bytes.*cut off"),
    "cut before the elements": (GOOD[:12], "6 bytes of elements; found 0 bytes.*cut off"),
    "cut in the elements": (
        GOOD[:-1],
        "6 bytes of elements; found 5 bytes.*: the file was cut off",
    ),
    "trailing bytes": (
        GOOD + b"\x00",
        "6 bytes of elements; found at least 7.*: something was appended",
    ),
}


@pytest.mark.thread("https://github.com/carlini/nn_robust_attacks/issues/51")
@pytest.mark.thread("https://github.com/ivanyu/idx2numpy/issues/10")
@pytest.mark.thread("https://github.com/mGalarnyk/Python_Tutorials/issues/1")
@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_explained(tmp_path: Path, case: str, compressed: bool) -> None:
    content, explanation = BAD_FILES[case]
    if case == "gzip" and not compressed:
        content = gzip.compress(content)
    path = save(tmp_path / "name-of-the-file", content, compressed)
    with pytest.raises(ValueError, match=f"name-of-the-file .*{explanation}") as caught:
        read_idx(path)
    assert "Likely cause: " in str(caught.value)


@pytest.mark.parametrize("case", [case for case in BAD_FILES if case != "gzip"])
def test_a_bad_file_is_not_mapped(tmp_path: Path, case: str) -> None:
    content, explanation = BAD_FILES[case]
    path = save(tmp_path / "name-of-the-file", content)
    with pytest.raises(ValueError, match=f"name-of-the-file .*{explanation}"):
        read_idx(path, mmap=True)


STREAM = gzip.compress(GOOD, mtime=0)
BAD_STREAMS = {
    "cut in the first bytes": STREAM[:2],
    "cut in the header": STREAM[:7],
    "cut in the data": STREAM[:15],
    "cut in the checksum": STREAM[:-6],
    "wrong checksum": STREAM[:-8] + b"\x00\x00\x00\x00" + STREAM[-4:],
    "wrong length": STREAM[:-1] + b"\x01",
    "bad data": STREAM[:10] + b"\xff" * 8 + STREAM[18:],
    "trailing bytes": STREAM + b"trailing",
    "unknown method": STREAM[:2] + b"\x07" + STREAM[3:],
}
DAMAGED = (
    r"name-of-the-file .*: expected an intact gzip file; found a damaged one \(.+\)\. "
    r"Likely cause: the file was cut off or changed"
)


@pytest.mark.parametrize("case", BAD_STREAMS)
def test_a_damaged_gzip_file_is_one_value_error(tmp_path: Path, case: str) -> None:
    path = save(tmp_path / "name-of-the-file", BAD_STREAMS[case])
    with pytest.raises(ValueError, match=DAMAGED) as caught:
        read_idx(path)
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("shape", [(2**32 - 1,), (2**31, 2**31, 4), (2**32 - 1,) * 200, (10**9,)])
def test_no_memory_for_what_a_header_only_claims(
    tmp_path: Path, shape: tuple[int, ...], compressed: bool
) -> None:
    path = save(tmp_path / "a", pack(0x0E, "B", shape, [0] * 100), compressed)
    tracemalloc.start()
    with pytest.raises(ValueError, match=f"expected {8 * math.prod(shape)} bytes.*found 100 bytes"):
        read_idx(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_a_gzip_bomb_stops_at_the_declared_size(tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    with gzip.open(path, "wb", 1) as stream:
        stream.write(pack(0x08, "B", (1000,), []))
        for _ in range(100):
            stream.write(bytes(1_000_000))
    tracemalloc.start()
    with pytest.raises(ValueError, match="expected 1000 bytes of elements; found at least 1001"):
        read_idx(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize("name", ["uint8", "float64"])
@pytest.mark.parametrize("compressed", [False, True])
def test_reading_takes_the_memory_of_one_array(tmp_path: Path, name: str, compressed: bool) -> None:
    array = np.zeros(8_000_000 // np.dtype(name).itemsize, dtype=name)
    write_idx(path := tmp_path / ("a.gz" if compressed else "a"), array)
    tracemalloc.start()
    read_idx(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.2 * array.nbytes + 1_000_000
