"""Files as MNIST's."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skmlp_scratch.datasets import write_idx

IMAGES = np.random.default_rng(0).integers(0, 256, (50, 6, 5), dtype=np.uint8)
LABELS = np.arange(50, dtype=np.uint8) % 10


def save(
    folder: Path,
    images: NDArray[Any] = IMAGES,
    labels: NDArray[Any] = LABELS,
    prefix: str = "train",
    dot: str = "-",
    end: str = "",
) -> Path:
    """Write images and labels under the names of MNIST's files."""
    write_idx(folder / f"{prefix}-images{dot}idx3-ubyte{end}", images)
    write_idx(folder / f"{prefix}-labels{dot}idx1-ubyte{end}", labels)
    return folder
