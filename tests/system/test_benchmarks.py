"""The benchmarks, each in its shortest form: what they measure is for other days."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from tests._helpers.paths import EXAMPLES

pytestmark = pytest.mark.slow

FOLDER = EXAMPLES / "benchmarks"
PAGE = runpy.run_path(str(FOLDER / "write_page.py"))
SCRIPTS = sorted(path for path in FOLDER.glob("*.py") if path.stem not in {"harness", "write_page"})
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


def read_page(path: Path) -> dict[str, str]:
    """Return what each section of the page says."""
    text = path.read_text(encoding="utf-8")
    return {name: PAGE["find_figures"](name, text) for name in PAGE["SECTIONS"]}


def test_a_section_of_the_page_is_measured_again_and_the_others_stay(
    tmp_path: Path, offline: dict[str, str]
) -> None:
    page = tmp_path / "page.md"
    before = {name: f"Figures of {name}." for name in PAGE["SECTIONS"]}
    page.write_text(PAGE["compose"](before), encoding="utf-8")
    command = [sys.executable, FOLDER / "write_page.py", "--only", "small", "--quick"]
    command += ["--page", page]
    result = subprocess.run(command, env=offline, capture_output=True, text=True, check=False)  # noqa: S603 - our own files

    assert result.returncode == 0, result.stderr
    after = read_page(page)
    assert after["small"].startswith("| table")
    assert "Measured on" in after["small"]
    assert after | {"small": ""} == before | {"small": ""}


def test_losses_are_marked() -> None:
    table = "| rows | X / ours |\n|---|---|\n| 0.5 | 0.91 (0.90-1.20) |\n| 1 | 1.10 |\n\nMeasured."
    expected = table.replace("0.91 (0.90-1.20)", "**0.91 (0.90-1.20)**")

    assert PAGE["mark_losses"](table) == expected


def test_the_page_is_what_the_script_writes() -> None:
    page = FOLDER / "README.md"

    assert PAGE["compose"](read_page(page)) == page.read_text(encoding="utf-8")
