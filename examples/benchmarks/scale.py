"""Cost per row and memory of a fit, from 60,000 rows up to 8,100,000 in a memory-mapped IDX file.

The rows are MNIST's images, shifted by a few pixels to all sides, as bytes in a temporary IDX file
of up to 6.4 GB (TMPDIR says where). A process of its own maps the file and trains for one epoch.
Anonymous memory is what the fit takes beside the pages of the file, which the system can drop at
any time. Linux only.
"""

import json
import os
import sys
import threading
import warnings
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from harness import (
    N_PIXELS,
    load_data,
    parse_arguments,
    print_table,
    ratios,
    resident,
    run_python,
    seconds,
    summarize,
)

from skmlp_scratch import MLPClassifier
from skmlp_scratch.datasets import read_idx, write_idx

SIZES = (60_000, 600_000, 8_100_000)
QUICK_SIZES = (3_000, 9_000)
IMAGES, LABELS = "images-idx2-ubyte", "labels-idx1-ubyte"


def write_shifted(images: np.ndarray, labels: np.ndarray, n_rows: int, folder: Path) -> None:
    """Write `n_rows` images, the originals shifted by up to six pixels to each side."""
    path = folder / IMAGES
    write_idx(path, np.empty((0, N_PIXELS), np.uint8))
    with path.open("r+b") as file:
        file.seek(4)
        file.write(n_rows.to_bytes(4, "big"))  # what the header says of the length
        file.seek(0, 2)
        left = n_rows
        for shift in product(range(-6, 7), repeat=2):
            shifted = np.roll(images, shift, axis=(1, 2))[:left]
            file.write(shifted.tobytes())
            left -= len(shifted)
        os.fsync(file)  # else the system writes it out while we take the time
    write_idx(folder / LABELS, np.resize(labels, n_rows))


class PeakMemory(threading.Thread):
    """Watches the process's anonymous memory; ``mib`` is the most that was added."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.mib = 0.0
        self._over = threading.Event()

    def run(self) -> None:
        """Look every 20 milliseconds."""
        before = resident("RssAnon")
        while not self._over.wait(0.02):
            self.mib = max(self.mib, (resident("RssAnon") - before) / 1024)

    def __enter__(self) -> "PeakMemory":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()


def run_here(folder: str) -> None:
    """Train for one epoch on the files in a folder; print seconds and MiB as JSON."""
    warnings.simplefilter("ignore")  # one epoch is meant to be too few
    X = read_idx(Path(folder, IMAGES), mmap=True)
    y = read_idx(Path(folder, LABELS))
    model = MLPClassifier((128,), input_scale=1 / 255, batch_size=200, max_iter=1)
    model.fit(X[:3_000], y[:3_000])  # loads what is loaded once
    with PeakMemory() as memory:
        duration = seconds(lambda: model.fit(X, y))
    print(json.dumps([duration, memory.mib]))


def measure(folder: Path) -> tuple[float, float]:
    """Return seconds and MiB of an epoch, measured in a new process."""
    return tuple(json.loads(run_python(__file__, "--run", str(folder))))


def main() -> None:
    """Measure all sizes and print one table."""
    arguments = parse_arguments(__doc__)
    pixels, labels = load_data(quick=arguments.quick)
    images = pixels.reshape(-1, 28, 28)
    rows, smallest = [], None
    for n_rows in QUICK_SIZES if arguments.quick else SIZES:
        with TemporaryDirectory() as name:
            write_shifted(images, labels, n_rows, Path(name))
            runs = [measure(Path(name)) for _ in range(arguments.rounds)]
        microseconds = [1e6 * duration / n_rows for duration, _ in runs]
        smallest = smallest or microseconds
        rows.append(
            [
                f"{n_rows:,}",
                summarize(microseconds),
                summarize(ratios(microseconds, smallest)),
                f"{max(mib for _, mib in runs):.0f}",
                f"{n_rows * N_PIXELS / 2**20:,.0f}",
            ]
        )
        print(*rows[-1], sep="  ", file=sys.stderr, flush=True)
    header = ["rows", "microseconds a row", "/ the smallest", "anonymous MiB", "file, MiB"]
    print_table(header, rows, arguments.markdown)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        run_here(sys.argv[2])
    else:
        main()
