"""IDX files: what is written is read, bytes from elsewhere are understood, bad files are named.

Damage of every other kind is in `test_fuzz_idx.py`.
"""

import doctest
import gzip
import io
import math
import os
import shutil
import signal
import struct
import subprocess
import sys
import time
import tracemalloc
import zipfile
from bz2 import compress as bz2_compress
from lzma import compress as xz_compress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from skmlp_scratch.datasets import _idx, read_idx, write_idx

# Independent of the module's own table: type code, NumPy's name, letter of the struct module.
TYPES = [
    (0x08, "uint8", "B"),
    (0x09, "int8", "b"),
    (0x0B, "int16", "h"),
    (0x0C, "int32", "i"),
    (0x0D, "float32", "f"),
    (0x0E, "float64", "d"),
]
NAMES = [name for _, name, _ in TYPES]
PIXELS = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)

in_one_folder = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100
)


def pack(code: int, letter: str, shape: tuple[int, ...], values: list[Any]) -> bytes:
    """Encode an IDX file by hand."""
    header = struct.pack(f">BBBB{len(shape)}I", 0, 0, code, len(shape), *shape)
    return header + struct.pack(f">{len(values)}{letter}", *values)


def save(path: Path, content: bytes, compressed: bool = False) -> Path:
    path.write_bytes(gzip.compress(content, 1) if compressed else content)
    return path


def assert_same(actual: NDArray[Any], expected: NDArray[Any]) -> None:
    """Compare type, shape and bytes, so that NaN equals NaN and -0.0 differs from 0.0."""
    assert actual.dtype == expected.dtype
    assert actual.shape == expected.shape
    assert actual.tobytes() == expected.tobytes()


def arrays() -> st.SearchStrategy[NDArray[Any]]:
    shapes = hnp.array_shapes(min_dims=1, max_dims=6, min_side=0, max_side=4)
    return st.sampled_from(NAMES).flatmap(lambda name: hnp.arrays(np.dtype(name), shapes))


# --- what is written is read -------------------------------------------------------------------


@in_one_folder
@given(array=arrays(), name=st.sampled_from(["a.idx", "a.idx.gz"]))
def test_round_trip(tmp_path: Path, array: NDArray[Any], name: str) -> None:
    write_idx(tmp_path / name, array)
    back = read_idx(tmp_path / name)
    assert_same(back, array)
    assert back.dtype.isnative
    assert back.flags.writeable
    assert back.flags.c_contiguous


@in_one_folder
@given(array=arrays())
def test_mapping_gives_the_values_that_reading_gives(tmp_path: Path, array: NDArray[Any]) -> None:
    write_idx(tmp_path / "a.idx", array)
    mapped = read_idx(tmp_path / "a.idx", mmap=True)
    assert isinstance(mapped, np.memmap)
    assert not mapped.flags.writeable
    assert_same(mapped.astype(array.dtype), array)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize(("code", "name", "letter"), TYPES)
def test_reads_bytes_packed_elsewhere(
    tmp_path: Path, code: int, name: str, letter: str, compressed: bool
) -> None:
    values = [0, 1, 2, 100, 126, 127] if name == "uint8" else [-128, -2, -1, 0, 1, 127]
    path = save(tmp_path / "a", pack(code, letter, (3, 1, 2), values), compressed)
    assert_same(read_idx(path), np.array(values, dtype=name).reshape(3, 1, 2))


@pytest.mark.parametrize(("code", "name", "letter"), TYPES)
def test_writes_the_bytes_of_the_format(tmp_path: Path, code: int, name: str, letter: str) -> None:
    values = [0, 1, 2, 100, 126, 127]
    write_idx(tmp_path / "a", np.array(values, dtype=name).reshape(2, 3))
    assert (tmp_path / "a").read_bytes() == pack(code, letter, (2, 3), values)


@pytest.mark.skipif(shutil.which("gzip") is None, reason="there is no gzip program")
def test_exchanges_files_with_the_gzip_program(tmp_path: Path) -> None:
    plain, path = tmp_path / "a", tmp_path / "a.gz"
    write_idx(path, PIXELS)
    subprocess.run(["gzip", "--decompress", path], check=True)  # noqa: S603, S607
    assert plain.read_bytes() == pack(0x08, "B", PIXELS.shape, list(range(24)))
    subprocess.run(["gzip", "-9", plain], check=True)  # noqa: S603, S607
    assert_same(read_idx(path), PIXELS)


@pytest.mark.parametrize("name", ["a.gz", "a.idx3-ubyte", "a"])
@pytest.mark.parametrize("compressed", [False, True])
def test_content_and_not_name_tells_compression(
    tmp_path: Path, name: str, compressed: bool
) -> None:
    path = save(tmp_path / name, pack(0x08, "B", (2,), [7, 9]), compressed)
    assert read_idx(path).tolist() == [7, 9]


def test_reads_a_gzip_file_of_several_members(tmp_path: Path) -> None:
    content = pack(0x08, "B", (4,), [1, 2, 3, 4])
    (tmp_path / "a").write_bytes(gzip.compress(content[:9]) + gzip.compress(content[9:]))
    assert read_idx(tmp_path / "a").tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "layout",
    [
        np.asfortranarray,
        lambda array: np.repeat(array, 2, axis=1)[:, ::2],
        lambda array: array.astype(array.dtype.newbyteorder("S")),
        lambda array: np.broadcast_to(array, array.shape),
        memoryview,
    ],
    ids=["fortran", "strided", "swapped", "read-only", "not-an-array"],
)
def test_layout_in_memory_does_not_reach_the_file(tmp_path: Path, name: str, layout: Any) -> None:
    array = np.arange(12).astype(name).reshape(3, 4)
    write_idx(tmp_path / "expected", array)
    write_idx(tmp_path / "actual", layout(array))
    assert (tmp_path / "actual").read_bytes() == (tmp_path / "expected").read_bytes()


@pytest.mark.parametrize("mmap", [False, True])
def test_as_many_dimensions_as_numpy_has(tmp_path: Path, mmap: bool) -> None:
    write_idx(tmp_path / "a", np.full((1,) * 64, 5, dtype=np.int8))
    assert read_idx(tmp_path / "a", mmap=mmap).shape == (1,) * 64


@pytest.mark.parametrize("how", ["plain", "mapped", "compressed"])
@pytest.mark.parametrize("shape", [(1,) * 65, (1,) * 255, (0, 2**32 - 1, 2**32 - 1, 2**32 - 1)])
def test_a_shape_beyond_numpy_is_named(tmp_path: Path, shape: tuple[int, ...], how: str) -> None:
    content = pack(0x08, "B", shape, [1] * math.prod(shape))
    path = save(tmp_path / "a", content, compressed=how == "compressed")
    with pytest.raises(ValueError, match=r"a cannot be read into a NumPy array: .+"):
        read_idx(path, mmap=how == "mapped")


def test_multi_byte_map_stays_big_endian_and_unread(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_idx(path, np.arange(1_000_000, dtype=np.float32).reshape(1000, 1000))
    tracemalloc.start()
    mapped = read_idx(path, mmap=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert mapped.dtype == np.dtype(">f4")
    assert mapped[999, 999] == 999_999
    assert peak < 400_000  # of 4,000,000; Python 3.14 reads ahead into 128 KiB, twice


def test_a_map_knows_its_file(tmp_path: Path) -> None:
    """Joblib passes a map to its workers by the name of its file."""
    write_idx(tmp_path / "a", PIXELS)
    mapped = read_idx(tmp_path / "a", mmap=True)
    assert isinstance(mapped, np.memmap)
    assert str(mapped.filename) == str((tmp_path / "a").resolve())


def test_a_compressed_file_is_not_mapped(tmp_path: Path) -> None:
    write_idx(tmp_path / "a.gz", PIXELS)
    with pytest.raises(ValueError, match=r"a\.gz is compressed.*decompress it first"):
        read_idx(tmp_path / "a.gz", mmap=True)


# --- bad files ---------------------------------------------------------------------------------

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
    "unknown": (b"\x01\x02\x03\x04\x05", "no IDX file"),
    "type code": (b"\x00\x00\x0a" + GOOD[3:], "08 09 0b 0c 0d 0e.*found 00 00 0a 02.*header"),
    "no dimensions": (b"\x00\x00\x08\x00\x05", "1 or more dimensions; found 00 00 08 00"),
    "byte order": (b"\x02\x08\x00\x00" + GOOD[4:], "no IDX file"),
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


# --- writing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "dtype", ["bool", "uint16", "int64", "uint64", "float16", "complex64", "object", "<U3", "M8[s]"]
)
def test_a_type_that_idx_lacks_is_refused_by_name(tmp_path: Path, dtype: str) -> None:
    array = np.zeros(3, dtype=dtype)
    with pytest.raises(ValueError, match=r"fits its values, as in array\.astype") as caught:
        write_idx(tmp_path / "a", array)
    assert all(name in str(caught.value) for name in [str(array.dtype), *NAMES])
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("shape", [(), (0, 2**32)])
def test_a_shape_that_idx_lacks_is_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    array = np.broadcast_to(np.zeros((0, 1) if shape else (), dtype=np.uint8), shape)
    with pytest.raises(
        ValueError, match=r"shape \(.* dimension, each shorter than 2\*\*32\. Reshape"
    ):
        write_idx(tmp_path / "a", array)
    assert not any(tmp_path.iterdir())


def test_equal_arrays_give_equal_compressed_files(tmp_path: Path) -> None:
    write_idx(tmp_path / "a.gz", PIXELS)
    write_idx(tmp_path / "b.gz", PIXELS)
    content = (tmp_path / "a.gz").read_bytes()
    assert content == (tmp_path / "b.gz").read_bytes()
    assert content[3:8] == bytes(5)  # neither a name nor a time


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError, MemoryError])
@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace", "zlib.compressobj"])
def test_a_failure_keeps_the_old_file_and_leaves_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: type[BaseException]
) -> None:
    write_idx(path := tmp_path / "a.gz", PIXELS)
    before = path.read_bytes()

    def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(step, fail)
        with pytest.raises(error):
            write_idx(path, PIXELS + 1)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="interrupts are sent as POSIX signals")
def test_an_interrupt_from_outside_keeps_the_old_file(tmp_path: Path) -> None:
    write_idx(path := tmp_path / "a.gz", PIXELS)
    program = (
        "import signal, sys, numpy as np; from skmlp_scratch.datasets import write_idx\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a parent may ignore it
        "array = np.random.default_rng(0).integers(0, 256, 20_000_000, dtype=np.uint8)\n"
        "write_idx(sys.argv[1], array)"
    )
    command = [sys.executable, "-c", program, str(path)]
    child = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: S603
    while len(list(tmp_path.iterdir())) == 1 and child.poll() is None:
        time.sleep(0.01)
    assert child.poll() is None  # it is writing
    child.send_signal(signal.SIGINT)
    assert child.wait(30) != 0
    assert list(tmp_path.iterdir()) == [path]
    assert_same(read_idx(path), PIXELS)


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_permissions_follow_the_umask(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        write_idx(tmp_path / "a", PIXELS)
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == mode


@pytest.mark.skipif(os.name != "posix", reason="links need privileges elsewhere")
def test_writing_through_a_link_keeps_the_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    link.symlink_to(target)
    write_idx(link, PIXELS)
    assert link.is_symlink()
    assert_same(read_idx(target), PIXELS)


def test_an_array_can_be_written_over_the_file_that_it_maps(tmp_path: Path) -> None:
    write_idx(path := tmp_path / "a", PIXELS)
    write_idx(path, read_idx(path, mmap=True)[:, ::-1])
    assert_same(read_idx(path), PIXELS[:, ::-1])


def test_the_examples_in_the_documentation() -> None:
    assert doctest.testmod(_idx).failed == 0
