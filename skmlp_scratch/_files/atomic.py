"""Files that are written whole or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path


@contextmanager
def atomic_write(path: Path) -> Iterator[BufferedRandom]:
    """Give a temporary file that takes the place of `path` if the block ends without an error."""
    path = path.resolve()  # through a symbolic link the file is replaced, not the link
    path.parent.resolve(strict=True)  # whose error names the folder, and not the temporary file
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        # Not tempfile, whose files nobody but their owner may read: here the umask decides.
        with temporary.open("xb+") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
