"""Take a network to where there is no Python: ONNX, and the same predictions in another runtime.

A network learns digits from their pixels, a pipeline with a scaler from the measurements of
flowers. Both become ONNX graphs, which onnxruntime runs, and so do browsers, phones, .NET and Java.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from timeit import timeit

import numpy as np
from _shared import is_quick
from sklearn.datasets import load_digits, load_iris
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp_scratch import MLPClassifier

try:
    from onnxruntime import InferenceSession

    from skmlp_scratch.onnx import to_onnx
except ImportError as error:
    sys.exit(f'{error}. Install what this example needs: pip install ".[onnx]" onnxruntime')


def compare(name: str, model, X: np.ndarray, folder: Path) -> None:
    """Convert a model, run it elsewhere and compare the predictions for the rows of `X`."""
    onnx_model = to_onnx(model, X[:1])
    path = folder / f"{name}.onnx"
    path.write_bytes(onnx_model.SerializeToString())

    session = InferenceSession(path)
    label, probabilities = session.run(["label", "probabilities"], {"X": X})
    print(f"{name}: {path.stat().st_size:,} bytes, for rows of {X.dtype}")
    print("  nodes:", " ".join(node.op_type for node in onnx_model.graph.node))
    print("  first labels:", *label[:5])
    print(f"  labels that differ: {np.sum(label != model.predict(X))} of {len(X)}")
    difference = np.abs(probabilities - model.predict_proba(X)).max()
    print(f"  largest difference of a probability: {difference:.0e}")

    row = X[:1]
    ours = timeit(lambda: model.predict_proba(row), number=200) / 200
    theirs = timeit(lambda: session.run(["probabilities"], {"X": row}), number=200) / 200
    print(f"  one row takes {ours * 1e6:.0f} µs here and {theirs * 1e6:.0f} µs there\n")


def main() -> None:
    """Run the example."""
    X, y = load_digits(return_X_y=True)
    if is_quick(__doc__):
        X, y = X[:600], y[:600]
    X_train, X_test, y_train, _ = train_test_split(X.astype(np.uint8), y, random_state=0)
    digits = MLPClassifier((64,), input_scale=1 / 16, early_stopping=True, random_state=0)
    digits.fit(X_train, y_train)

    iris = load_iris()
    flowers = make_pipeline(
        StandardScaler(), MLPClassifier((16, 8), "silu", solver="lbfgs", random_state=0)
    )
    flowers.fit(iris.data, iris.target_names[iris.target])

    with TemporaryDirectory() as folder:
        compare("digits", digits, X_test, Path(folder))
        compare("flowers", flowers, iris.data.astype(np.float32), Path(folder))


if __name__ == "__main__":
    main()
