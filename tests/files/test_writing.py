"""What is written keeps what was there: permissions, owners, links, and everything that is no file.

The three writers (models, arrays, the cache of MNIST) share one function; faults of the disk are in
`test_faults.py`.
"""

import os
import signal
import socket
import stat
import struct
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skmlp_scratch.datasets import read_idx, write_idx
from tests._helpers.models import make_model

on_posix = pytest.mark.skipif(os.name != "posix", reason="permissions and links are POSIX's")
as_superuser = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="only the superuser gives files away"
)

Writer = Callable[[Any], None]
OLD = b"what was there"


def write_array(path: Any) -> None:
    write_idx(path, np.arange(3, dtype=np.uint8))


@pytest.fixture(scope="module")
def model() -> Any:
    X = np.arange(8.0).reshape(4, 2) - 4
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a few epochs are enough to have something to save
        return make_model(max_iter=1, batch_size=4).fit(X, [0, 1, 0, 1])


@pytest.fixture(params=["save", "write_idx"])
def write(request: pytest.FixtureRequest, model: Any) -> Writer:
    """Each of the public writers in turn."""
    return model.save if request.param == "save" else write_array


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Write a file that is there before."""
    path = tmp_path / "file"
    path.write_bytes(OLD)
    return path


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def user(uid: int, *gids: int) -> Iterator[None]:
    """Act as another user, who is in some groups."""
    groups = os.getgroups()
    os.setgroups(gids)
    os.setegid(gids[0])
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def is_new(path: Path) -> bool:
    return path.read_bytes() != OLD


# --- permissions and owners ---------------------------------------------------------------------


@on_posix
@pytest.mark.parametrize("bits", [0o600, 0o400, 0o640, 0o664, 0o666, 0o755, 0o604])
@pytest.mark.parametrize("mask", [0o022, 0o077, 0o000])
def test_a_file_that_is_replaced_keeps_its_permissions(
    write: Writer, old: Path, bits: int, mask: int
) -> None:
    old.chmod(bits)
    with umask(mask):
        write(old)
    assert is_new(old)
    assert mode(old) == bits


@on_posix
@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002, 0o000])
def test_the_umask_decides_for_new_files(write: Writer, tmp_path: Path, mask: int) -> None:
    with umask(mask):
        write(tmp_path / "file")
    assert mode(tmp_path / "file") == 0o666 & ~mask


@on_posix
def test_a_private_file_is_private_while_it_is_written(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old.chmod(0o600)
    modes = []
    fsync = os.fsync

    def look(descriptor: int) -> None:
        modes.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", look)
    with umask(0):
        write_array(old)
    assert modes == [0o600]


@as_superuser
def test_a_file_keeps_its_owner_and_group(write: Writer, old: Path) -> None:
    os.chown(old, 1234, 5678)
    old.chmod(0o640)
    write(old)
    status = old.stat()
    assert is_new(old)
    assert (status.st_uid, status.st_gid, mode(old)) == (1234, 5678, 0o640)


@pytest.fixture
def shared() -> Iterator[Path]:
    """Make a file in a folder that everybody can write in, unlike those of `tmp_path`."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        path = Path(folder, "file")
        path.write_bytes(OLD)
        yield path


@as_superuser
def test_a_member_of_the_group_takes_the_file_over_and_leaves_it_to_the_group(
    shared: Path,
) -> None:
    os.chown(shared, 1234, 5678)
    shared.chmod(0o660)
    with user(4321, 8765, 5678):
        write_array(shared)
    status = shared.stat()
    assert (status.st_uid, status.st_gid, mode(shared)) == (4321, 5678, 0o660)


@as_superuser
def test_another_group_gets_no_more_than_everybody(shared: Path) -> None:
    """Who is not in the file's group cannot leave it to that group."""
    os.chown(shared, 1234, 5678)
    shared.chmod(0o664)
    with user(4321, 8765):
        write_array(shared)
    status = shared.stat()
    assert (status.st_uid, status.st_gid, mode(shared)) == (4321, 8765, 0o644)


@pytest.mark.skipif(sys.platform != "linux", reason="access control lists of Linux")
def test_access_control_lists_are_kept(write: Writer, old: Path) -> None:
    entries = [(1, 6, -1), (2, 4, 1234), (4, 0, -1), (16, 4, -1), (32, 0, -1)]
    acl = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in entries)
    try:
        os.setxattr(old, "system.posix_acl_access", acl)
    except OSError as error:
        pytest.skip(f"this file system has no access control lists: {error}")
    write(old)
    assert os.getxattr(old, "system.posix_acl_access") == acl
    assert mode(old) == 0o640  # the group's bits are the mask of the list


# --- links --------------------------------------------------------------------------------------


@on_posix
@pytest.mark.parametrize("is_relative", [False, True])
@pytest.mark.parametrize("exists", [False, True])
def test_a_link_stays_a_link_and_its_target_is_replaced(
    write: Writer, tmp_path: Path, exists: bool, is_relative: bool
) -> None:
    """Through two links, into another folder; if the last one dangles, its target is made."""
    target, first, second = (tmp_path / name for name in ("there/target", "here/first", "second"))
    target.parent.mkdir()
    first.parent.mkdir()
    if exists:
        target.write_bytes(OLD)
        target.chmod(0o600)
    first.symlink_to("../there/target" if is_relative else target)
    second.symlink_to("here/first" if is_relative else first)
    write(second)
    assert second.is_symlink()
    assert first.is_symlink()
    assert not target.is_symlink()
    assert is_new(target)
    assert mode(target) == 0o600 or not exists
    assert sorted(path.name for path in tmp_path.rglob("*") if not path.is_dir()) == [
        "first",
        "second",
        "target",
    ]


@on_posix
def test_a_link_that_leads_to_itself_is_refused(write: Writer, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError, match="loop"):
        write(tmp_path / "loop")
    assert (tmp_path / "loop").is_symlink()


@on_posix
def test_another_hard_link_keeps_what_was_there(write: Writer, old: Path) -> None:
    (old.parent / "other").hardlink_to(old)
    write(old)
    assert is_new(old)
    assert (old.parent / "other").read_bytes() == OLD


# --- what is no regular file --------------------------------------------------------------------


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        os.chdir(path.parent)  # as names of sockets are short
        server.bind(path.name)


SPECIAL = {"named pipe": make_pipe, "socket": make_socket, "folder": Path.mkdir}


@on_posix
@pytest.mark.parametrize("through_link", [False, True])
@pytest.mark.parametrize("kind", SPECIAL)
def test_anything_but_a_regular_file_is_refused_and_stays(
    write: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, through_link: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    target = path = tmp_path / "special"
    SPECIAL[kind](target)
    before = target.stat()
    if through_link:
        path = tmp_path / "link"
        path.symlink_to(target)
    signal.alarm(20)
    try:
        with pytest.raises(OSError, match=f"special.* is a {kind}"):
            write(path)
    finally:
        signal.alarm(0)
    after = target.stat()
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)
    assert {*tmp_path.iterdir()} == {target, path}


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="names of open files are Linux's")
def test_an_open_file_without_a_name_is_refused(write: Writer, old: Path) -> None:
    reader, writer = os.pipe()
    deleted = os.open(old, os.O_RDWR)
    old.unlink()
    try:
        with pytest.raises(OSError, match=f"fd/{writer} is a named pipe"):
            write(f"/dev/fd/{writer}")
        with pytest.raises(OSError, match=f"fd/{deleted} is a file without a name"):
            write(f"/dev/fd/{deleted}")
    finally:
        for number in (reader, writer, deleted):
            os.close(number)
    assert not list(old.parent.iterdir())


# --- names --------------------------------------------------------------------------------------

NAMES = {
    "one letter": "a",
    "longest": "n" * 255,
    "two bytes each": "é" * 127,
    "three bytes each": "数" * 85,
    "four bytes each": "🙂" * 63,
    "spaces": " a b ",
    "a dot in front": ".hidden",
    "a tilde in front": "~no such user",
    "a new line": "a\nb",
    "signs": "%s{}'\"\\*?",
    "no UTF-8": os.fsdecode(b"\xff\xfe"),
}


@on_posix
@pytest.mark.parametrize("exists", [False, True])
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_every_name_of_the_file_system_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, exists: bool
) -> None:
    path = tmp_path / name
    try:
        path.write_bytes(OLD)
    except OSError as error:
        pytest.skip(f"this file system does not take the name: {error}")
    if not exists:
        path.unlink()
    write_array(path)
    assert read_idx(path).tolist() == [0, 1, 2]
    assert [*tmp_path.iterdir()] == [path]

    monkeypatch.chdir(tmp_path)
    write_idx(name, np.arange(4, dtype=np.uint8))  # a relative path
    assert read_idx(name).tolist() == [0, 1, 2, 3]
    assert [*tmp_path.iterdir()] == [path]


@on_posix
def test_a_name_that_the_file_system_refuses_is_named(write: Writer, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="n" * 256):
        write(tmp_path / ("n" * 256))
    assert not any(tmp_path.iterdir())


def test_a_folder_that_is_a_file_is_named(write: Writer, old: Path) -> None:
    with pytest.raises(OSError, match="file"):
        write(old / "model")
    assert not is_new(old)


def test_the_folder_stays_the_one_at_the_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    fsync = os.fsync

    def move(descriptor: int) -> None:
        os.chdir(tmp_path / "elsewhere")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", move)
    write_array("file")
    assert read_idx(tmp_path / "file").tolist() == [0, 1, 2]


# --- targets that cannot be replaced ------------------------------------------------------------


@pytest.mark.parametrize("exists", [False, True])
def test_a_target_that_cannot_be_replaced_is_named_and_nothing_is_lost(
    write: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exists: bool
) -> None:
    """As on Windows, where another program has the file open."""
    path = tmp_path / "file"
    if exists:
        path.write_bytes(OLD)

    def refuse(source: Any, target: Any) -> None:
        raise PermissionError(13, "Access is denied", str(source), None, str(target))

    monkeypatch.setattr(os, "replace", refuse)
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(PermissionError) as caught:
        write(path)
    assert caught.value.filename == str(path)
    assert "Access is denied" in str(caught.value)
    assert ".tmp" not in str(caught.value)
    assert [*tmp_path.iterdir()] == [path] * exists
    assert not exists or not is_new(path)


@as_superuser
@pytest.mark.parametrize("exists", [False, True])
def test_in_a_folder_that_cannot_be_written_to_the_file_is_named(
    shared: Path, exists: bool
) -> None:
    if not exists:
        shared.unlink()
    shared.parent.chmod(0o555)
    with user(4321, 8765), pytest.raises(PermissionError) as caught:
        write_array(shared)
    assert caught.value.filename == str(shared)
    assert ".tmp" not in str(caught.value)
    assert [*shared.parent.iterdir()] == [shared] * exists


@on_posix
def test_on_a_full_disk_the_file_is_named(old: Path) -> None:
    from tests._helpers.faults import full_disk

    with full_disk(100), pytest.raises(OSError, match="File too large") as caught:
        write_idx(old, np.zeros(10_000))
    assert caught.value.filename == str(old)
    assert not is_new(old)
    assert [*old.parent.iterdir()] == [old]
