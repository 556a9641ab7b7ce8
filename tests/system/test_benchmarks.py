"""The benchmarks, each in its shortest form: what they measure is for other days."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests._helpers.paths import EXAMPLES

pytestmark = pytest.mark.slow

FOLDER = EXAMPLES / "benchmarks"
SCRIPTS = sorted(path for path in FOLDER.glob("*.py") if path.stem != "harness")
ON_LINUX = {"memory", "scale"}  # which ask the kernel


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_benchmark_prints_its_table_without_mnist_or_peers(
    path: Path, tmp_path: Path, offline: dict[str, str]
) -> None:
    if path.stem in ON_LINUX and sys.platform != "linux":
        pytest.skip("asks the kernel of Linux for memory")
    table = tmp_path / "table.md"
    command = [sys.executable, path, "--quick", "--rounds", "1", "--markdown", table]
    result = subprocess.run(command, env=offline, capture_output=True, text=True, check=False)  # noqa: S603 - our own files

    assert result.returncode == 0, result.stderr
    assert result.stdout == table.read_text(encoding="utf-8")
    header, rule, *rows, empty, machine = result.stdout.splitlines()
    assert {line.count("|") for line in (header, rule, *rows)} == {header.count("|")}
    assert (rows != [], empty, machine[:12]) == (True, "", "Measured on ")
    if path.stem not in ("busy", "small_tables"):  # which need none
        assert "Random pixels" in result.stderr


def test_a_folder_without_mnist_is_an_error(tmp_path: Path) -> None:
    result = subprocess.run(  # noqa: S603 - our own file
        [sys.executable, FOLDER / "predict_speed.py", "--quick"],
        env=os.environ | {"SKMLP_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode != 0
    assert f"The folder {tmp_path} has none of the files" in result.stderr
