"""Files of models that claim more memory than they are worth."""

import io
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from skmlp_scratch import MLPClassifier
from tests._helpers.model_files import CODES, X, make_model, refused


def archive(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """Return a zip file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as zip_file:
        for name, content in members.items():
            zip_file.writestr(name, content)
    return file.getvalue()


def npy(shape: tuple[int, ...], dtype: str = "<f8", content: bytes = bytes(800)) -> bytes:
    """Return a .npy file of a shape that need not be true."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        file, {"descr": dtype, "fortran_order": False, "shape": shape}
    )
    return file.getvalue() + content


def declaring(content: bytes, size: int) -> bytes:
    """Return a zip file whose first member declares another size in both of its records."""
    [info, *_] = zipfile.ZipFile(io.BytesIO(content)).infolist()
    true = info.file_size.to_bytes(4, "little")
    assert content.count(true * 2) == 2
    return content.replace(true * 2, size.to_bytes(4, "little") * 2)


def overlapping(n_members: int) -> bytes:
    """Return a zip file whose members all are the same bytes."""
    content = archive({"header.npy": npy((125_000,), content=bytes(1_000_000))})
    start = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    record = content[start:end]
    tail = bytearray(content[end:])
    tail[8:12] = n_members.to_bytes(2, "little") * 2
    tail[12:16] = (len(record) * n_members).to_bytes(4, "little")
    names = [f"head{i:02d}.npy".encode() for i in range(n_members)]
    records = [record.replace(b"header.npy", name) for name in names]
    return content[:start] + b"".join(records) + bytes(tail)


BOMBS = {
    "shape": (archive({"header.npy": npy((10**12,))}), r"800 bytes .*found one of float64"),
    "shape of zeros": (archive({"header.npy": npy((10**12, 0))}), "800 bytes"),
    "negative shape": (archive({"header.npy": npy((-10, -10))}), "found"),
    "items of no size": (archive({"header.npy": npy((10**12,), "<U0", b"")}), "found"),
    "compressed zeros": (
        archive({"header.npy": npy((2 * 10**7,), "|u1", bytes(2 * 10**7))}, zipfile.ZIP_DEFLATED),
        "expected an uncompressed archive; found a compressed one",
    ),
    "declared size": (declaring(archive({"header.npy": npy((100,))}), 2**31), "2147483648 bytes"),
    "overlapping members": (overlapping(50), r"the file's \d+ bytes"),
}


@pytest.mark.parametrize("case", BOMBS)
def test_no_more_memory_is_taken_than_there_are_bytes_in_the_file(
    tmp_path: Path, case: str
) -> None:
    content, message = BOMBS[case]
    tracemalloc.start()
    try:
        refused(tmp_path, content, message)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < len(content) + 1_000_000


def test_loading_takes_the_memory_of_the_file(tmp_path: Path) -> None:
    make_model(hidden_layer_sizes=(1000, 500), max_iter=1).fit(X, CODES).save(tmp_path / "model")
    tracemalloc.start()
    MLPClassifier.load(tmp_path / "model")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.1 * (tmp_path / "model").stat().st_size
