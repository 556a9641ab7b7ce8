"""Learn from a file that is larger than the memory to spare: partial_fit over a mapped IDX file.

The training images, each shifted to 25 places, fill an IDX file. From then on the process has 16
MiB of memory to spare: on Linux the kernel refuses it any more, so that it cannot read the file.
But it can map it. The system then reads the pages of the images that are learned, and drops them
when memory gets scarce; what it could not drop, anonymous memory, is measured where /proc tells.
"""

import math
import struct
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from _shared import is_quick, load_images
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from skmlp_scratch import MLPClassifier
from skmlp_scratch.datasets import read_idx

try:
    import resource
except ImportError:  # on Windows
    resource = None

BUDGET = 16  # MiB
SHIFTS = [(down, right) for down in range(-2, 3) for right in range(-2, 3)]
N_PASSES = 2


def main() -> None:
    """Write the file and learn from it."""
    images, labels = load_images(5_000 if is_quick(__doc__) else None)
    images = magnify(images)
    images, test_images, labels, test_labels = train_test_split(
        images, labels, test_size=0.1, random_state=0
    )
    with TemporaryDirectory() as folder:
        path = Path(folder, "shifted-images-idx3-ubyte")
        write_shifted(path, images)
        learn(path, labels, test_images.reshape(len(test_images), -1), test_labels)


def magnify(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Make small images 4 times as high and wide, so that shifts by 2 pixels are small ones."""
    if images.shape[1] >= 28:
        return images
    print("Each pixel becomes 4 x 4 of them, so that shifts by 2 pixels are small\n")
    return images.repeat(4, axis=1).repeat(4, axis=2)


def write_shifted(path: Path, images: NDArray[np.uint8]) -> None:
    """Write as many blocks of all images as there are shifts, with one block in memory at a time.

    In block k, image i has shift i + k: a block of a single shift would make the network forget
    the others.
    """
    n_shifts = len(SHIFTS)
    with path.open("wb") as file:
        file.write(struct.pack(">4B3I", 0, 0, 8, 3, n_shifts * len(images), *images.shape[1:]))
        for k in range(n_shifts):
            block = np.empty_like(images)
            for i in range(n_shifts):
                block[i::n_shifts] = np.roll(
                    images[i::n_shifts], SHIFTS[(i + k) % n_shifts], axis=(1, 2)
                )
            file.write(block)


def learn(path: Path, labels: NDArray, test_pixels: NDArray, test_labels: NDArray) -> None:
    """Take the blocks in a random order, as often as there are passes, within the budget."""
    blocks = read_idx(path, mmap=True).reshape(len(SHIFTS), len(labels), -1)
    order = np.random.default_rng(0).permutation(np.tile(np.arange(len(blocks)), N_PASSES))
    model = MLPClassifier(
        (128,),
        input_scale=1 / 255,
        max_iter=len(order),
        learning_rate="one_cycle",
        random_state=0,
        learning_rate_init=0.004,
    )
    model.partial_fit(blocks[0][:1000], labels[:1000], classes=np.unique(labels))

    set_budget()
    size = f"{blocks.nbytes / 2**20:.0f} MiB"
    print(f"{len(SHIFTS)} blocks of {len(labels)} images, {size}, each learned {N_PASSES} times")
    print(f"Read at once, with {BUDGET} MiB to spare: {try_to_read(path)}\n")
    print("Memory of the process, its own (anonymous) and the file's pages that it sees (mapped):")
    print("blocks  test accuracy  anonymous MiB  mapped MiB")
    for n_blocks, block in enumerate(order, start=1):
        model.partial_fit(blocks[block], labels)
        if n_blocks % 5 == 0:
            accuracy = model.score(test_pixels, test_labels)
            memory = read_status("RssAnon"), read_status("RssFile")
            print("{:6}  {:13.2%}  {:13.1f}  {:10.1f}".format(n_blocks, accuracy, *memory))


def set_budget() -> None:
    """Let the kernel refuse more private memory than the process has, and the budget."""
    limit = read_status("VmData") + BUDGET
    if resource and math.isfinite(limit):
        resource.setrlimit(resource.RLIMIT_DATA, (int(limit * 2**20), resource.RLIM_INFINITY))


def read_status(field: str) -> float:
    """Return a number from Linux's report of the process's memory, in MiB; NaN elsewhere."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(field)), math.nan)


def try_to_read(path: Path) -> str:
    """Read the whole file into memory; tell what came of it."""
    try:
        read_idx(path)
    except MemoryError as error:
        return f"{error}"
    return "possible, as this system sets no limit"


if __name__ == "__main__":
    main()
