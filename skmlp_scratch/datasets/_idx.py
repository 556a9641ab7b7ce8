"""Reading and writing IDX files.

An IDX file is a header and then the elements of one array, in C order; all numbers are big-endian.
The header is two zero bytes, a byte for the type of the elements, a byte for the number of
dimensions, and each dimension as an unsigned 32-bit integer.
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from io import BufferedIOBase, BufferedReader
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skmlp_scratch._files.atomic import atomic_write
from skmlp_scratch._files.paths import open_file, to_path
from skmlp_scratch._files.recognize import recognize

_TYPES: dict[int, np.dtype[Any]] = {
    0x08: np.dtype(">u1"),
    0x09: np.dtype(">i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
_TYPE_NAMES = ", ".join(dtype.newbyteorder("=").name for dtype in _TYPES.values())

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_FORMAT = 16 + zlib.MAX_WBITS  # zlib's code for it
_GZIP_LEVEL = 6  # on MNIST's images level 9 takes 13 times as long to save 2 % more
_CHUNK_BYTES = 1 << 18


def read_idx(path: str | os.PathLike[str], *, mmap: bool = False) -> NDArray[Any]:
    """Read the array in an IDX file.

    Memory is only taken for elements that are really in the file, whatever its header declares.

    Parameters
    ----------
    path : str or path-like
        An IDX file, plain or compressed with gzip. The content decides which of the two it is, not
        the name.
    mmap : bool, default=False
        If True, return a read-only memory map, for arrays that are larger than memory. Elements of
        several bytes then stay big-endian (``dtype(">f4")`` for float32), because putting them
        in native order would read all of them; cast the slices that you use.

    Returns
    -------
    array : ndarray
        Of type uint8, int8, int16, int32, float32 or float64, and with as many dimensions as the
        file declares. Native byte order and writeable, unless `mmap` is True.

    Raises
    ------
    ValueError
        If the file is not a whole IDX file and nothing else: the error then says what it probably
        is, and what reads it. If NumPy cannot hold an array of its shape (more than 64 dimensions),
        or if `mmap` is True for a compressed file.
    OSError
        If the file cannot be opened or read, or `path` leads to a folder, a pipe or a device.

    See Also
    --------
    write_idx : The inverse.
    load_mnist : Read images together with their labels.

    References
    ----------
    .. [1] Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database of handwritten digits",
       section "The IDX file format", http://yann.lecun.com/exdb/mnist/

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skmlp_scratch.datasets import read_idx
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "labels-idx1-ubyte")
    ...     _ = path.write_bytes(bytes.fromhex("00000801 00000003 050004"))
    ...     read_idx(path)
    array([5, 0, 4], dtype=uint8)
    """
    path = to_path(path)
    with open_file(path) as file:
        if not file.peek(2).startswith(_GZIP_MAGIC):
            return _read_plain(file, path, mmap)
        if mmap:
            raise ValueError(f"{path} is compressed, so it cannot be mapped: decompress it first")
        return _read_gzip(file, path)


def write_idx(path: str | os.PathLike[str], array: ArrayLike) -> None:
    """Write an array as an IDX file.

    A file that was there before is replaced at the end, in one step: whatever interrupts the
    writing, `path` never holds a part of an array. The file keeps its permissions and, where the
    system allows it, its owner; a symbolic link stays one, and another hard link to it keeps the
    old content. Equal arrays give equal files.

    Parameters
    ----------
    path : str or path-like
        The file to write. It is compressed with gzip if its name ends in ``.gz``.
    array : array-like
        At least one dimension, each shorter than 2**32, of type uint8, int8, int16, int32, float32
        or float64. No other type is cast silently.

    Raises
    ------
    ValueError
        If an IDX file cannot hold the type or the shape of `array`.
    OSError
        If the file cannot be written, or `path` leads to a folder, a pipe or a device.

    See Also
    --------
    read_idx : The inverse, which also names the source of the format.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from skmlp_scratch.datasets import read_idx, write_idx
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "weights.idx.gz")
    ...     write_idx(path, np.array([[0.5, 1.5]], dtype=np.float32))
    ...     read_idx(path)
    array([[0.5, 1.5]], dtype=float32)
    """
    path = to_path(path)
    array = np.asarray(array)
    header = _pack_header(array)
    elements = np.ascontiguousarray(array, array.dtype.newbyteorder(">"))
    parts = _cut(header, elements.reshape(-1).view(np.uint8).data)
    with atomic_write(path) as file:
        file.writelines(_compress(parts) if path.name.endswith(".gz") else parts)


def _read_plain(file: BufferedReader, path: Path, mmap: bool) -> NDArray[Any]:
    """Read or map an uncompressed file, having compared its size with its header."""
    dtype, shape = _read_header(file, file, path)
    n_elements = math.prod(shape)
    offset = file.tell()
    _check_size(path, n_elements * dtype.itemsize, os.fstat(file.fileno()).st_size - offset)
    if mmap:
        return _reshape(np.memmap(file, dtype, "r", offset, (n_elements,)), shape, path)
    return _reshape(_to_native(np.fromfile(file, dtype, n_elements)), shape, path)


def _read_gzip(file: BufferedReader, path: Path) -> NDArray[Any]:
    """Read a compressed file, of which only the end tells how much it holds."""
    try:
        with gzip.GzipFile(fileobj=file) as stream:
            dtype, shape = _read_header(stream, file, path)
            n_bytes = math.prod(shape) * dtype.itemsize
            content = _read_at_most(stream, n_bytes + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        found = f"a damaged one ({error})"
        cause = "the file was cut off or changed, as in an interrupted download"
        raise _bad_file(path, "an intact gzip file", found, cause) from error
    _check_size(path, n_bytes, len(content))
    return _reshape(_to_native(np.frombuffer(content, dtype)), shape, path)


def _read_header(
    stream: BufferedIOBase, file: BufferedReader, path: Path
) -> tuple[np.dtype[Any], tuple[int, ...]]:
    """Read the type of the elements and the shape from a file or from what it unpacks to."""
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\x00\x00" or magic[2] not in _TYPES or magic[3] == 0:
        codes = " ".join(f"{code:02x}" for code in _TYPES)
        expected = f"a header of 00 00, a type code out of {codes}, and 1 or more dimensions"
        raise _bad_file(path, expected, magic.hex(" ") or "nothing", _likely_cause(file, magic))
    dimensions = stream.read(4 * magic[3])
    _check_size(path, 4 * magic[3], len(dimensions), "dimensions")
    return _TYPES[magic[2]], struct.unpack(f">{magic[3]}I", dimensions)


def _read_at_most(stream: BufferedIOBase, n_bytes: int) -> bytearray:
    """Read up to `n_bytes` bytes into memory that grows with what has arrived."""
    content = bytearray()
    while chunk := stream.read(min(_CHUNK_BYTES, n_bytes - len(content))):
        content += chunk
    return content


def _to_native(elements: NDArray[Any]) -> NDArray[Any]:
    """Bring big-endian elements into native byte order, in place."""
    if elements.dtype.isnative:
        return elements
    return elements.byteswap(inplace=True).view(elements.dtype.newbyteorder("="))


def _reshape(elements: NDArray[Any], shape: tuple[int, ...], path: Path) -> NDArray[Any]:
    """Shape the elements; NumPy knows which shapes it cannot hold."""
    try:
        return elements.reshape(shape)
    except ValueError as error:
        raise ValueError(f"{path} cannot be read into a NumPy array: {error}") from error


def _check_size(path: Path, declared: int, found: int, what: str = "elements") -> None:
    """Refuse a file that holds less or more than its header declares."""
    expected = f"{declared} bytes of {what}"
    if found < declared:
        cause = "the file was cut off, as by an interrupted download or a full disk"
        raise _bad_file(path, expected, f"{found} bytes", cause)
    if found > declared:
        cause = "something was appended, or the header is damaged"
        raise _bad_file(path, expected, f"at least {found} bytes", cause)


def _likely_cause(file: BufferedReader, magic: bytes) -> str:
    """Return what a file without the header of an IDX file probably is."""
    if kind := recognize(file):
        return kind.explain()
    if magic.startswith(b"\x00\x00"):
        return "the header is damaged or cut off, or this is not an IDX file"
    return "this is not an IDX file"


def _bad_file(path: Path, expected: str, found: str, cause: str) -> ValueError:
    """Make the error for a file that cannot be read."""
    message = f"expected {expected}; found {found}. Likely cause: {cause}."
    return ValueError(f"{path} is not a whole IDX file: {message}")


def _pack_header(array: NDArray[Any]) -> bytes:
    """Encode the type and the shape of an array that an IDX file can hold."""
    stored = array.dtype.newbyteorder(">")
    code = next((code for code, dtype in _TYPES.items() if dtype == stored), None)
    if code is None:
        raise ValueError(
            f"array has the type {array.dtype}; IDX files hold {_TYPE_NAMES}. Cast it to the one "
            "that fits its values, as in array.astype(numpy.uint8)."
        )
    if array.ndim == 0 or max(array.shape) >= 2**32:
        raise ValueError(
            f"array has the shape {array.shape}; IDX files hold arrays with at least one "
            "dimension, each shorter than 2**32. Reshape it first."
        )
    return struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape)


def _cut(*contents: bytes | memoryview) -> Iterator[bytes | memoryview]:
    """Cut bytes into pieces of bounded size."""
    for content in contents:
        for start in range(0, len(content), _CHUNK_BYTES):
            yield content[start : start + _CHUNK_BYTES]


def _compress(parts: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """Compress with gzip, piece by piece."""
    # Not GzipFile: from Python 3.14 on, it complains once more after an error such as a full disk.
    # zlib writes neither a name nor a time: equal arrays give equal files.
    compressor = zlib.compressobj(_GZIP_LEVEL, wbits=_GZIP_FORMAT)
    for part in parts:
        yield compressor.compress(part)
    yield compressor.flush()
