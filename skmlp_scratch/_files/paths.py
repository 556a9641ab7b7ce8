"""Paths as users write them, and errors for all but regular files."""

import os
import stat
from io import BufferedReader
from pathlib import Path

# What a path may lead to in place of a regular file, and how to tell.
_SPECIAL = {
    "a folder": stat.S_ISDIR,
    "a named pipe": stat.S_ISFIFO,
    "a socket": stat.S_ISSOCK,
    "a character device": stat.S_ISCHR,
    "a block device": stat.S_ISBLK,
}


def to_path(path: str | os.PathLike[str]) -> Path:
    """Return a path, with the home folder in the place of a leading ``~``."""
    # Not Path.expanduser, which raises for a file whose name begins with "~" and is no user's.
    return Path(os.path.expanduser(path))  # noqa: PTH111


def open_file(path: Path) -> BufferedReader:
    """Open a regular file for reading; raise for others, as reading a pipe may wait forever."""
    refuse_special(path, path.stat(), "read")
    return path.open("rb")


def refuse_special(path: Path, status: os.stat_result, verb: str) -> None:
    """Raise if a path leads to anything but a regular file."""
    if name := special_name(status):
        error = IsADirectoryError if name == "a folder" else OSError
        raise error(f"{path} is {name}, and only files are {verb}: give the path of a file.")


def special_name(status: os.stat_result) -> str | None:
    """Return what is at a path; None for a regular file."""
    kinds = (name for name, is_special in _SPECIAL.items() if is_special(status.st_mode))
    return next(kinds, None)
