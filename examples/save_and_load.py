"""Save a model in a file without code, load it, and resume training exactly.

A network learns the handwritten digits for half of its epochs, is saved and loaded, and learns for
the other half: it is then, bit for bit, the network of all epochs in one go. The output shows what
the file holds, how NumPy alone predicts from it, its size, and the error for a damaged one.
"""

import json
import pickle
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from _shared import is_quick
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from skmlp_scratch import MLPClassifier

X, y = load_digits(return_X_y=True)
if is_quick(__doc__):
    X, y = X[:600], y[:600]
X_train, X_test, y_train, y_test = train_test_split(X.astype(np.uint8), y, random_state=0)


def make_model(n_epochs: int) -> MLPClassifier:
    """Return a network whose next fit resumes the last one."""
    return MLPClassifier(
        (64,), input_scale=1 / 16, max_iter=n_epochs, warm_start=True, random_state=0
    )


def train_on(model: MLPClassifier) -> None:
    """Compare a network that was interrupted with one that was not."""
    whole = make_model(n_epochs=30).fit(X_train, y_train)
    model.fit(X_train, y_train)
    print(f"\n15 epochs, saved, loaded, 15 more: test accuracy {model.score(X_test, y_test):.4f}")
    print(f"30 epochs in one go:               test accuracy {whole.score(X_test, y_test):.4f}")
    same = all(map(np.array_equal, model.coefs_, whole.coefs_))
    print(f"Are the weights the same, bit for bit? {'Yes' if same else 'No'}")


def show_content(path: Path) -> None:
    """Print what a file holds, and predict with NumPy alone."""
    with np.load(path, allow_pickle=False) as file:
        arrays = dict(file)
    header = json.loads(arrays.pop("header").tobytes())
    size = path.stat().st_size
    print(f"{path.name} after 15 epochs: {size:,} bytes, format version {header['version']}")
    for name, array in arrays.items():
        print(f"  {name:45s} {array.dtype!s:8s} {array.shape}")

    hidden = np.maximum(X_test / 16 @ arrays["coefs_/0"] + arrays["intercepts_/0"], 0)
    logits = hidden @ arrays["coefs_/1"] + arrays["intercepts_/1"]
    accuracy = np.mean(arrays["classes_"][logits.argmax(axis=1)] == y_test)
    print(f"Three lines of NumPy predict from it with a test accuracy of {accuracy:.4f}.")


def compare_sizes(model: MLPClassifier, folder: Path) -> None:
    """Print the size of a model with and without what training needs."""
    print("\nBytes after 30 epochs       save       pickle")
    for state in ("as trained", "compact"):
        if state == "compact":
            model.compact()
        model.save(folder / "model.npz")
        size = (folder / "model.npz").stat().st_size
        print(f"{state:21s} {size:10,d}   {len(pickle.dumps(model)):10,d}")


def try_damaged(path: Path) -> None:
    """Show the error for a file that was cut off."""
    path.write_bytes(path.read_bytes()[:-1000])
    try:
        MLPClassifier.load(path)
    except ValueError as error:
        print(f"\nA file that was cut off: {str(error).replace(str(path), path.name)}")


def main() -> None:
    """Run the example."""
    warnings.simplefilter("ignore", ConvergenceWarning)  # training is interrupted on purpose
    with TemporaryDirectory() as folder:
        path = Path(folder, "digits.npz")
        make_model(n_epochs=15).fit(X_train, y_train).save(path)
        show_content(path)
        model = MLPClassifier.load(path)
        train_on(model)
        compare_sizes(model, Path(folder))
        try_damaged(path)


if __name__ == "__main__":
    main()
