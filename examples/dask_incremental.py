"""Learn from a dask array that need not fit into memory: Incremental of dask-ml, block by block.

The array's blocks are parts of a mapped IDX file; they could as well be those of a Zarr store, or
what the tasks of a cluster compute. Incremental hands one after the other to partial_fit, in a
random order. Prediction takes several blocks at a time, and gives a dask array again.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

try:
    import dask.array as da
    import numpy as np
    from _shared import is_quick, load_images
    from dask_ml.wrappers import Incremental
    from stream_from_disk import SHIFTS, magnify, read_status, write_shifted

    from skmlp_scratch import MLPClassifier
    from skmlp_scratch.datasets import read_idx
except ImportError as error:
    sys.exit(f'{error}. Install what this example needs: pip install ".[dask]"')

N_PASSES = 2


def main() -> None:
    """Write the file and learn from it."""
    images, labels = load_images(5_000 if is_quick(__doc__) else 20_000)
    images = magnify(images)
    with TemporaryDirectory() as folder:
        path = Path(folder, "shifted-images-idx3-ubyte")
        write_shifted(path, images)
        learn(path, labels)


def learn(path: Path, labels: np.ndarray) -> None:
    """Make a dask array of the file, with a block for each shift; learn and predict it."""
    pixels = read_idx(path, mmap=True)
    X = da.from_array(pixels.reshape(len(pixels), -1), chunks=(len(labels), -1))
    y = da.from_array(np.tile(labels, len(SHIFTS)), chunks=len(labels))
    print(f"{X.numblocks[0]} blocks of {len(labels)} images, {X.nbytes / 2**20:.0f} MiB")
    mlp = MLPClassifier(
        (128,),
        input_scale=1 / 255,
        learning_rate="one_cycle",
        learning_rate_init=0.004,
        max_iter=N_PASSES * len(SHIFTS),  # each block counts as one
        random_state=0,
    )
    model = Incremental(mlp, random_state=0)
    for number in range(1, N_PASSES + 1):
        before = read_status("RssAnon")
        model.partial_fit(X, y, classes=np.unique(labels))
        added = read_status("RssAnon") - before
        print(f"Pass {number}: loss {model.loss_:.4f}, {added:+.1f} MiB of anonymous memory")

    predicted = model.predict(X)  # a dask array, which nothing has been computed of yet
    print(f"\nTraining accuracy: {(predicted == y).mean().compute():.2%}")


if __name__ == "__main__":
    main()
