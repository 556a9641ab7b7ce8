"""Writing IDX files: what is refused, and what a failure leaves."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from skmlp_scratch.datasets import read_idx, write_idx
from tests._helpers.idx import NAMES, PIXELS, assert_same


@pytest.mark.parametrize(
    "dtype", ["bool", "uint16", "int64", "uint64", "float16", "complex64", "object", "<U3", "M8[s]"]
)
def test_the_error_names_a_type_that_idx_lacks(tmp_path: Path, dtype: str) -> None:
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


@pytest.mark.slow
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
