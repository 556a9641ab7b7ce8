"""Where examples and benchmarks find MNIST: one rule, and the truth about what it found."""

import os
import re
import shutil
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import numpy as np
import pytest

from skmlp_scratch.datasets import write_idx
from tests._helpers.paths import EXAMPLES

pytestmark = pytest.mark.slow  # some wait for a download that is refused

FOLDERS = [str(EXAMPLES), str(EXAMPLES / "benchmarks")]
LOAD_IMAGES = "from _shared import load_images; images, labels = load_images(); print(images.shape)"
SMALL = (
    "Data: 1,797 digits of 8 x 8 pixels from scikit-learn, as MNIST could not be downloaded\n\n"
    "(1797, 8, 8)\n"
)


class Result(NamedTuple):
    """How a program ended, and what it printed."""

    error: str
    stdout: str
    stderr: str


def run(program: str, env: dict[str, str]) -> Result:
    """Run a program beside the examples, in this process: a new one would load scikit-learn."""
    out, err, error = StringIO(), StringIO(), ""
    with (
        patch.dict(os.environ, env, clear=True),
        patch.object(sys, "path", [*FOLDERS, *sys.path]),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            exec(program, {})  # noqa: S102 - our own
        except Exception as raised:
            error = str(raised)
        finally:
            for name in ("_shared", "harness"):
                sys.modules.pop(name, None)
    return Result(error, out.getvalue(), err.getvalue())


def output(program: str, env: dict[str, str]) -> str:
    result = run(program, env)
    assert (result.error, result.stderr) == ("", "")
    return result.stdout


def write(folder: Path, n_images: int) -> Path:
    """Write a data set in MNIST's format."""
    folder.mkdir()
    for prefix in ("train", "t10k"):
        write_idx(folder / f"{prefix}-images-idx3-ubyte", np.zeros((n_images, 28, 28), np.uint8))
        write_idx(folder / f"{prefix}-labels-idx1-ubyte", np.zeros(n_images, np.uint8))
    return folder


def test_only_one_place_in_the_examples_looks_for_mnist() -> None:
    """All others ask it; the benchmarks ask fetch_mnist, as they need images of MNIST's size."""
    looking = re.compile(r"\b(load_mnist|fetch_mnist)\(|environ\b.*SKMLP_DATA")
    files = [path for path in EXAMPLES.rglob("*.py") if looking.search(path.read_text("utf-8"))]
    assert sorted(path.name for path in files) == ["_shared.py", "harness.py", "make.py"]


def test_the_folder_that_is_given_goes_first(tmp_path: Path, offline: dict[str, str]) -> None:
    given, named = write(tmp_path / "given", 3), write(tmp_path / "named", 4)
    program = (
        "from _shared import find_mnist\n"
        f"(train, test), source = find_mnist('train', 'test', folder={str(given)!r})\n"
        "print(len(train.data), len(test.data), source)"
    )
    printed = output(program, offline | {"SKMLP_DATA": str(named)})
    assert printed == f"3 3 the folder {given} (--data-dir)\n"


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (LOAD_IMAGES, r"Data: 4 digits of 28 x 28 pixels from the folder .*named \(SKMLP_DATA\)\n"),
        ("from harness import load_data; print(load_data()[0].shape)", r"\(4, 784\)\n"),
    ],
    ids=["examples", "benchmarks"],
)
def test_then_the_folder_that_the_environment_names(
    tmp_path: Path, offline: dict[str, str], program: str, expected: str
) -> None:
    named = write(tmp_path / "named", 4)
    assert re.match(expected, output(program, offline | {"SKMLP_DATA": str(named)}))


@pytest.mark.parametrize("program", [LOAD_IMAGES, "from harness import load_data; load_data()"])
def test_a_wrong_folder_in_the_environment_is_an_error(
    tmp_path: Path, offline: dict[str, str], program: str
) -> None:
    result = run(program, offline | {"SKMLP_DATA": str(tmp_path)})
    assert f"The folder {tmp_path} has none of the files" in result.error
    assert "SKMLP_DATA" in result.error


@pytest.mark.mnist
def test_then_the_cache(tmp_path: Path, offline: dict[str, str]) -> None:
    folder = os.environ.get("SKMLP_DATA")
    if not folder:
        pytest.skip("SKMLP_DATA does not name the folder of the four MNIST files")
    cache = tmp_path / "skmlp_scratch" / "mnist"
    cache.mkdir(parents=True)
    for file in Path(folder).glob("train-*ubyte.gz"):
        shutil.copyfile(file, cache / file.name)
    printed = output(LOAD_IMAGES, offline | {"SCIKIT_LEARN_DATA": str(tmp_path)})
    assert printed.startswith("Data: 60,000 digits of 28 x 28 pixels from the cache of MNIST\n")


def test_then_a_download_or_else_the_small_digits(offline: dict[str, str]) -> None:
    printed = output(LOAD_IMAGES, offline)
    assert printed == f"MNIST is not in the cache; downloading it ...\n{SMALL}"


def test_without_pooch_the_small_digits_and_the_extra_to_install(
    offline: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pooch", None)
    printed = output(LOAD_IMAGES, offline)
    assert (
        "8 x 8 pixels from scikit-learn, as downloading MNIST needs pooch: pip install" in printed
    )
    assert '".[examples]"' in printed


def test_benchmarks_have_random_pixels_of_the_size_of_mnist(offline: dict[str, str]) -> None:
    result = run("from harness import load_data; print(load_data()[0].shape)", offline)
    assert result.stdout == "(60000, 784)\n"
    assert result.stderr.startswith("Random pixels, ")


def test_the_small_digits_are_divided_among_the_splits(offline: dict[str, str]) -> None:
    program = (
        "from _shared import find_mnist\n"
        "(train, test), source = find_mnist('train', 'test')\n"
        "print(train.images.shape, test.images.shape, train.images.max())"
    )
    assert output(program, offline).endswith("(1347, 8, 8) (450, 8, 8) 255\n")
