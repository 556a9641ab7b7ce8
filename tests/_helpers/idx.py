"""IDX files by hand."""

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
