"""Make the gallery's pictures again: run the examples, and shrink what they draw.

Pictures that show sample images come from scikit-learn's small digits; MNIST's own are not ours to
pass on. All others come from MNIST, found as ``examples/mnist.py`` finds it. Takes some minutes;
``python examples/pictures/make.py displays.py`` runs the named examples only.
"""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

HERE = Path(__file__).parent
EXAMPLES = HERE.parent
sys.path.insert(0, str(EXAMPLES))
from _shared import write_small_digits  # noqa: E402  (an example, not a package)

RUNS = [  # example, its data, the pictures to keep of those that it writes
    ("mnist.py", "digits", ["mistakes"]),
    ("mnist.py", "MNIST", ["loss_curve", "first_layer"]),
    ("first_steps.py", "MNIST", ["batches"]),
    ("displays.py", "digits", ["displays"]),
    ("deformed_digits.py", "digits", ["deformations"]),
    ("deformed_digits.py", "MNIST", ["deformation_errors"]),
    ("digit_map.py", "digits", ["digit_map"]),
    ("packed_search.py", "MNIST", ["packed_search"]),
]
WIDTHS = range(800, 300, -40)  # pixels
MAX_BYTES = 60_000


def main(chosen: list[str]) -> None:
    """Run the chosen examples, or all."""
    with TemporaryDirectory() as folder:
        digits = Path(folder)
        write_small_digits(digits)
        for example, data, names in RUNS:
            if not chosen or example in chosen:
                make(example, digits if data == "digits" else None, names)


def make(example: str, data: Path | None, names: list[str]) -> None:
    """Run an example, on the data in a folder if given, and keep some of its pictures."""
    environment = os.environ | ({"SKMLP_DATA": str(data)} if data else {})
    with TemporaryDirectory() as output:
        command = [sys.executable, str(EXAMPLES / example), "--output-dir", output]
        subprocess.run(command, env=environment, check=True)  # noqa: S603  (our own examples)
        for name in names:
            shrink(Path(output, f"{name}.png"), HERE / f"{name}.png")


def shrink(source: Path, target: Path) -> None:
    """Write a picture as wide as it can be in a small file, with few colors."""
    original = Image.open(source).convert("RGB")
    for width in WIDTHS:
        image = original.resize((width, width * original.height // original.width))
        # Of Pillow's methods, this one keeps white white and pale colors apart.
        image = image.quantize(64, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
        image.save(target, optimize=True)
        if target.stat().st_size < MAX_BYTES:
            return
    sys.exit(f"{target} stays larger than {MAX_BYTES} bytes: let the example draw less.")


if __name__ == "__main__":
    main(sys.argv[1:])
