"""Measure everything once, and write this folder's README.md from it.

``python examples/benchmarks/write_page.py`` takes about twelve minutes on two cores and wants the
machine for itself; ``--only memory`` measures one section again and leaves the others as they are.
A contender that is not installed is left out; a script that fails leaves its section as it was.
"""

import argparse
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
PAGE = HERE / "README.md"


@dataclass(frozen=True)
class Section:
    """A part of the page: a heading, what is measured, and the command that does it."""

    title: str
    text: str
    command: str


SECTIONS = {
    "speed": Section(
        "Speed of training",
        "An epoch of 10,000 images of MNIST in float32, as a fifth of a training of five, with all "
        "that a training does at its beginning. The floor is the matrix products alone. The column "
        'for float64 input compares `dtype="float32"` with scikit-learn\'s float64.',
        "fit_speed.py --rows 4",
    ),
    "small": Section(
        "Small tables",
        "A hundred hidden units and thirty epochs, on the tables that come with scikit-learn.",
        "small_tables.py --rounds 3",
    ),
    "prediction": Section(
        "Speed of prediction",
        "`predict_proba` of one hidden layer of 128 units. Of a single row, most of the time is "
        "scikit-learn's check of `X`.",
        "predict_speed.py --rounds 3",
    ),
    "memory": Section(
        "Memory",
        "What one call adds to the process, on MNIST's 60,000 training images and one hidden layer "
        "of 128 units.",
        "memory.py",
    ),
    "scale": Section(
        "Scale",
        "An epoch over a memory-mapped IDX file, with one process for each size.",
        "scale.py --rounds 1",
    ),
    "busy": Section(
        "Busy machines",
        "The same trainings alone, beside other processes that keep the cores busy, and with many "
        "more BLAS threads than cores.",
        "busy.py",
    ),
    "accuracy": Section(
        "Time to accuracy",
        "From the start of a Python process, with import, reading and scoring, to a test accuracy "
        "on MNIST. Measured once.",
        "time_to_accuracy.py --rounds 1",
    ),
    "search": Section(
        "Search",
        "A grid search of three folds in two processes, refit included.",
        "grid_search.py --rounds 1",
    ),
}
INTRODUCTION = """\
# Benchmarks

Written by `python examples/benchmarks/write_page.py`; each section by the command that it names.
Contenders take turns in one run. Ratios are medians with their range: "scikit-learn / ours" is
scikit-learn's time divided by ours, above 1 where we are faster. **Bold: where we are slower.**
`pip install ".[examples]" --group benchmarks` (pip 25.1 or newer) brings PyTorch and JAX.
"""
NOT_MEASURED = "Not measured yet."


def main() -> None:
    """Measure the chosen sections, and write the page after each."""
    arguments = parse_arguments()
    old = arguments.page.read_text(encoding="utf-8") if arguments.page.exists() else ""
    figures = {name: find_figures(name, old) for name in SECTIONS}
    failed = []
    for name in arguments.only or SECTIONS:
        print(f"{name}: {SECTIONS[name].command}", file=sys.stderr, flush=True)
        measured = measure(SECTIONS[name].command, quick=arguments.quick)
        if measured:
            figures[name] = measured
            arguments.page.write_text(compose(figures), encoding="utf-8")
        else:
            failed.append(name)
    if failed:
        sys.exit(f"Failed, and left as they were: {', '.join(failed)}")


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", action="append", choices=SECTIONS, help="a section to measure")
    parser.add_argument("--quick", action="store_true", help="little data, for a first look")
    parser.add_argument("--page", type=Path, default=PAGE, help="default: %(default)s")
    return parser.parse_args()


def find_figures(name: str, page: str) -> str:
    """Return what an earlier run has written for a section."""
    _, _, after = page.partition(f"## {SECTIONS[name].title}\n")
    figures = re.search(r"\n`python .*?`\n\n(.*?)\s*(?=\n## |\Z)", after, re.DOTALL)
    return figures[1] if figures else NOT_MEASURED


def measure(command: str, *, quick: bool) -> str:
    """Run a script; return its table and where and when it was measured, or nothing."""
    script, *options = command.split()
    if quick:
        options = ["--quick", "--rounds", "1"]
    with TemporaryDirectory() as folder:
        table = Path(folder, "table.md")
        run = [sys.executable, HERE / script, *options, "--markdown", table]
        if subprocess.run(run, stdout=subprocess.DEVNULL, check=False).returncode:  # noqa: S603 - our own files
            return ""
        text = table.read_text(encoding="utf-8")
    return f"{mark_losses(text).strip()} {datetime.now(UTC):%B %d, %Y}."


def mark_losses(text: str) -> str:
    """Set in bold the cells of columns "... / ours" that begin with a number below 1."""
    header, *lines = text.splitlines()
    is_ratio = [cell.strip().endswith("/ ours") for cell in header.split("|")]
    rows = [line.split("|") if line.startswith("|") else [line] for line in lines]
    for row in rows:
        for column, cell in enumerate(row):
            if is_ratio[column] and re.match(r" 0\.\d", cell):
                row[column] = f" **{cell.strip()}** "
    return "\n".join([header, *map("|".join, rows)])


def compose(figures: dict[str, str]) -> str:
    """Return the page."""
    parts = [
        f"## {section.title}\n\n{section.text}\n\n"
        f"`python examples/benchmarks/{section.command}`\n\n{figures[name]}\n"
        for name, section in SECTIONS.items()
    ]
    return "\n".join([INTRODUCTION, *parts])


if __name__ == "__main__":
    main()
