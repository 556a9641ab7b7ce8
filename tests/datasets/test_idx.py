"""IDX files: what is written is read, and bytes from elsewhere are understood."""

import doctest
import gzip
import math
import shutil
import subprocess
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from skmlp_scratch.datasets import _idx, read_idx, write_idx
from tests._helpers.idx import NAMES, PIXELS, TYPES, assert_same, pack, save

in_one_folder = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100
)


def arrays() -> st.SearchStrategy[NDArray[Any]]:
    shapes = hnp.array_shapes(min_dims=1, max_dims=6, min_side=0, max_side=4)
    return st.sampled_from(NAMES).flatmap(lambda name: hnp.arrays(np.dtype(name), shapes))


# --- what is written is read --------------------------------------------------------------------


@pytest.mark.slow
@in_one_folder
@given(array=arrays(), name=st.sampled_from(["a.idx", "a.idx.gz"]))
def test_round_trip(tmp_path: Path, array: NDArray[Any], name: str) -> None:
    write_idx(tmp_path / name, array)
    back = read_idx(tmp_path / name)
    assert_same(back, array)
    assert back.dtype.isnative
    assert back.flags.writeable
    assert back.flags.c_contiguous


@pytest.mark.slow
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


@pytest.mark.thread("https://github.com/CEA-LIST/N2D2/issues/118")
@pytest.mark.thread("https://github.com/tolstikhin/adagan/issues/1")
@pytest.mark.thread("https://github.com/hanbt/learn_dl/issues/52")
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
def test_the_error_names_a_shape_beyond_numpy(
    tmp_path: Path, shape: tuple[int, ...], how: str
) -> None:
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


# --- writing ------------------------------------------------------------------------------------


def test_the_examples_in_the_documentation() -> None:
    assert doctest.testmod(_idx).failed == 0
