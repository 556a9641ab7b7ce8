"""What the benchmarks share: MNIST in memory, interleaved timing, tables of ratios."""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from skmlp_scratch.datasets import fetch_mnist, load_mnist

N_PIXELS, N_CLASSES = 784, 10
PAUSE = 0.5  # seconds; the thread pools of some contenders go on spinning after their work
Contender = Callable[[], float | None]


def parse_arguments(description: str) -> argparse.Namespace:
    """Read the options that every benchmark has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="little data, for a first look")
    parser.add_argument("--rounds", type=int, default=5, help="timed rounds after the warm-up")
    parser.add_argument("--markdown", type=Path, help="also write the table to this file")
    return parser.parse_args()


def load_data(split: str = "train", *, quick: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return MNIST's pixels, uint8 (n_rows, 784), and labels; random ones if it can't be had."""
    try:
        folder = os.environ.get("SKMLP_DATA")
        data = load_mnist(folder, split=split) if folder else fetch_mnist(split=split)
        X, y = data.data, data.target
    except OSError:
        print("MNIST can't be had, so the pixels are random: times stay the same, scores don't.")
        rng = np.random.default_rng(0)
        X = rng.integers(0, 256, (60_000, N_PIXELS)).astype(np.uint8)
        y = rng.integers(0, N_CLASSES, len(X)).astype(np.uint8)
    n_rows = 3_000 if quick else len(X)
    return X[:n_rows], y[:n_rows]


def as_floats(X: np.ndarray, dtype: str) -> np.ndarray:
    """Return the pixels between 0 and 1."""
    return np.divide(X, 255, dtype=dtype)


def seconds(function: Callable[[], object]) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def interleave(contenders: dict[str, Contender], rounds: int) -> dict[str, list[float]]:
    """Run all contenders in turn, `rounds` times after a warm-up, and return their figures."""
    figures: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, contender in contenders.items():
            time.sleep(PAUSE)
            figure = contender()
            if number > 0:
                figures[name].append(figure)
    return figures


def summarize(figures: Sequence[float], digits: int = 3) -> str:
    """Return median and range."""
    low, high = min(figures), max(figures)
    return f"{statistics.median(figures):.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def ratio(theirs: Sequence[float], ours: Sequence[float]) -> float:
    """Return how many times faster we are, as the median over the rounds of their ratio."""
    return statistics.median(t / o for t, o in zip(theirs, ours, strict=True))


def resident(field: str) -> int:
    """Return a field of the kernel's memory report, in KiB; Linux only."""
    with open("/proc/self/status") as file:  # noqa: PTH123
        return next(int(line.split()[1]) for line in file if line.startswith(field))


def is_installed(package: str) -> bool:
    """Return whether a contender can take part; say so if it can't."""
    try:
        version(package)
    except PackageNotFoundError:
        print(f'{package} is not installed and left out (pip install ".[benchmarks]").')
        return False
    return True


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], path: Path | None) -> None:
    """Print a table and where it was measured; write both as Markdown too if asked for."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(c.ljust(w) for c, w in zip(cells, widths, strict=True)) + " |"

    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    text = "\n".join([line(header), rule, *map(line, rows), "", describe_machine()])
    print(text)
    if path:
        path.write_text(text + "\n", encoding="utf-8")


def describe_machine() -> str:
    """Return processor, cores and versions in one sentence."""
    packages = ["numpy", "scipy", "scikit-learn", "torch", "jax"]
    versions = [f"{name} {version(name)}" for name in packages if _has(name)]
    return (
        f"Measured on {_processor()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, {', '.join(versions)}."
    )


def _has(package: str) -> bool:
    try:
        return bool(version(package))
    except PackageNotFoundError:
        return False


def _processor() -> str:
    """Return the processor's name where the system tells it."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
