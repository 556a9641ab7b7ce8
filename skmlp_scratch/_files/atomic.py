"""Files that are written whole or not at all."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedRandom
from pathlib import Path

from skmlp_scratch._files.paths import refuse_special

_ACCESS_LIST = "system.posix_acl_access"  # Linux's attribute for access control lists
_IS_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} if os.name == "posix" else {errno.ENOSPC}


@contextmanager
def atomic_write(path: Path) -> Iterator[BufferedRandom]:
    """Give a temporary file that takes the place of `path` if the block ends without an error.

    Through a symbolic link the target is replaced, and not the link. A file that was there hands
    on its permissions and, as far as the system allows, its owner and group; what is no file is
    refused. Errors of the disk name `path`.
    """
    target = Path(os.path.realpath(path))
    status = _status(path, target)
    # In the same folder, as only a rename within a file system is atomic. The name is short, as
    # the target's may be as long as names can be.
    temporary = target.with_name(f".skmlp-{secrets.token_hex(8)}.tmp")
    try:
        with _create(temporary, target, status) as file, _naming_full_disk(target):
            yield file
            file.flush()
            os.fsync(file.fileno())
        _replace(temporary, target)
    except BaseException:
        with suppress(OSError):  # which would hide the error that matters
            temporary.unlink(missing_ok=True)
        raise


def _status(path: Path, target: Path) -> os.stat_result | None:
    """Return the status of the file that will be replaced; None if there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        target.parent.resolve(strict=True)  # whose error names a folder that is missing
        return None
    has_name = target.exists()  # what a process holds open, as in /dev/fd, may have none
    refuse_special(target if has_name else path, status, "replaced")
    if not has_name:
        raise OSError(f"{path} is a file without a name: give the path of one that has a name.")
    return status


def _create(temporary: Path, target: Path, status: os.stat_result | None) -> BufferedRandom:
    """Create the temporary file, with the permissions of the target."""
    mode = 0o600 if status else 0o666  # the umask decides for new files only
    try:
        file = open(  # noqa: SIM115 - the caller closes it
            temporary, "xb+", opener=lambda name, flags: os.open(name, flags, mode)
        )
    except OSError as error:
        raise _name(target, error, "created") from error
    if status and os.name == "posix":
        _hand_on(target, status, file.fileno())
    return file


def _hand_on(target: Path, status: os.stat_result, file: int) -> None:
    """Give a file the owner, the group and the permissions of the one that it will replace.

    What the system does not allow is left out; the file is then readable for fewer, not for more.
    """
    mode = status.st_mode & 0o777
    try:
        os.fchown(file, -1, status.st_gid)
    except OSError:
        mode = mode & ~0o070 | (mode & 0o007) << 3  # another group gets what everybody has
    with suppress(OSError):
        os.fchown(file, status.st_uid, -1)
    with suppress(OSError):
        os.fchmod(file, mode)
    with suppress(OSError, AttributeError):  # no list, or a system without them
        os.setxattr(file, _ACCESS_LIST, os.getxattr(target, _ACCESS_LIST))


def _replace(temporary: Path, target: Path) -> None:
    """Put the temporary file in the target's place."""
    try:
        temporary.replace(target)
    except OSError as error:
        raise _name(target, error, "replaced") from error


@contextmanager
def _naming_full_disk(target: Path) -> Iterator[None]:
    """Name the file in the error of a full disk, which names none."""
    try:
        yield
    except OSError as error:
        if error.errno in _IS_FULL and error.filename is None:
            error.filename = str(target)
        raise


def _name(target: Path, error: OSError, verb: str) -> OSError:
    """Return an error that names the target in the place of the temporary file."""
    reason = f"the file cannot be {verb}: {error.strerror or error}"
    return type(error)(error.errno, reason, str(target))
