"""What the benchmarks share: MNIST in memory, interleaved timing, tables of ratios."""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeVar

import numpy as np
from threadpoolctl import threadpool_info

from skmlp_scratch.datasets import fetch_mnist

N_PIXELS, N_CLASSES = 784, 10
# They hold OpenBLAS, MKL and BLIS to the kernels of another processor.
KERNEL_VARIABLES = (
    "OPENBLAS_CORETYPE",
    "OPENBLAS_L2_SIZE",
    "MKL_ENABLE_INSTRUCTIONS",
    "BLIS_ARCH_TYPE",
)
PAUSE = 0.5  # seconds; the thread pools of some contenders go on spinning after their work
Contender = Callable[[], float]
Name = TypeVar("Name")


def parse_arguments(
    description: str, *, rounds: int = 5, rows: int | None = None
) -> argparse.Namespace:
    """Read the options that every benchmark has; `rounds` and `rows` are its own defaults."""
    parser = argparse.ArgumentParser(description=description)
    if rows:
        parser.add_argument("--rows", type=int, default=rows, help=f"of the table; default {rows}")
    parser.add_argument("--quick", action="store_true", help="little data, for a first look")
    parser.add_argument(
        "--rounds", type=int, default=rounds, help=f"measurements; default {rounds}"
    )
    parser.add_argument("--markdown", type=Path, help="also write the table to this file")
    return parser.parse_args()


def load_data(split: str = "train", *, quick: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return MNIST's pixels, uint8 (n_rows, 784), and labels; random ones if it can't be had.

    It is found as `fetch_mnist` finds it: in the folder that ``SKMLP_DATA`` names, in the cache, or
    by a download.
    """
    try:
        X, y = fetch_mnist(split=split, return_X_y=True)
    except (OSError, ImportError) as error:
        if os.environ.get("SKMLP_DATA"):
            raise
        X, y = _make_random(f"{error}".partition("\n")[0])
    n_rows = 3_000 if quick else len(X)
    return X[:n_rows], y[:n_rows]


def _make_random(reason: str) -> tuple[np.ndarray, np.ndarray]:
    """Return random pixels and labels, and say why."""
    print(f"Random pixels, of which only the times mean anything: {reason}", file=sys.stderr)
    rng = np.random.default_rng(0)
    y = rng.integers(0, N_CLASSES, 60_000, dtype=np.uint8)
    return rng.integers(0, 256, (len(y), N_PIXELS), dtype=np.uint8), y


def as_floats(X: np.ndarray, dtype: str) -> np.ndarray:
    """Return the pixels between 0 and 1."""
    return np.divide(X, 255, dtype=dtype)


def seconds(function: Callable[[], object]) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def interleave(
    contenders: dict[Name, Contender],
    arguments: argparse.Namespace,
    *,
    warm_up: bool = True,
    pause: float = PAUSE,
) -> dict[Name, list[float]]:
    """Run all contenders in turn and return their figures, without those of a warm-up round."""
    n_warm_up, pause = (0, 0) if arguments.quick else (int(warm_up), pause)
    figures: dict[Name, list[float]] = {name: [] for name in contenders}
    for _ in range(n_warm_up + arguments.rounds):
        for name, contender in contenders.items():
            time.sleep(pause)
            figures[name].append(contender())
    return {name: values[n_warm_up:] for name, values in figures.items()}


def ratios(dividends: Sequence[float], divisors: Sequence[float]) -> list[float]:
    """Return the ratio in each round."""
    return [a / b for a, b in zip(dividends, divisors, strict=True)]


def summarize(figures: Sequence[float], digits: int = 2) -> str:
    """Return the median, and the range of more than one."""
    median, low, high = (f"{f(figures):.{digits}f}" for f in (statistics.median, min, max))
    return median if len(figures) == 1 else f"{median} ({low}-{high})"


def run_python(*arguments: str, env: dict[str, str] | None = None) -> str:
    """Return what a new Python process prints; end the program if it fails."""
    result = subprocess.run(  # noqa: S603 - our own files
        [sys.executable, *arguments], env=env, capture_output=True, text=True, check=False
    )
    if result.returncode:
        sys.exit(f"{' '.join(arguments)} failed:\n{result.stderr}")
    return result.stdout


def resident(field: str) -> int:
    """Return a field of the kernel's memory report, in KiB; Linux only."""
    with open("/proc/self/status") as file:  # noqa: PTH123
        return next(int(line.split()[1]) for line in file if line.startswith(field))


@cache
def is_installed(package: str) -> bool:
    """Return whether a contender can take part; say so if it can't."""
    try:
        version(package)
    except PackageNotFoundError:
        print(f"{package} is left out: pip install --group benchmarks", file=sys.stderr)
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
    """Return processor, cores, versions and BLAS in sentences."""
    packages = ["numpy", "scipy", "scikit-learn", "torch", "jax"]
    versions = [f"{name} {version(name)}" for name in packages if _has(name)]
    return (
        f"Measured on {_processor()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, {', '.join(versions)}. {_describe_blas()}"
    )


def _describe_blas() -> str:
    """Return which kernels multiply matrices, on how many threads, and what holds them back."""
    libraries = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    described = {
        f"{pool['internal_api']} {pool['version']} with the kernels "
        f"{pool.get('architecture', 'of an unknown processor')} on {pool['num_threads']} thread(s)"
        for pool in libraries
    }
    held_back = [f"{name}={os.environ[name]}" for name in KERNEL_VARIABLES if name in os.environ]
    warning = (
        f" {' and '.join(held_back)} chooses the kernels in place of the processor, so these are "
        "not the times that users have. Run it again without."
    )
    return f"BLAS: {'; '.join(sorted(described))}.{warning if held_back else ''}"


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
