"""Memory that ``fit`` and ``predict_proba`` add to a process, each measured in its own.

Linux only: the kernel's own count of the largest resident size is reset before the call.
"""

import json
import sys
import warnings

from harness import (
    as_floats,
    load_data,
    parse_arguments,
    print_table,
    resident,
    run_python,
    summarize,
)
from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier

from skmlp_scratch import MLPClassifier

DTYPES = ("uint8", "float32", "float64")
METHODS = ("fit", "predict_proba")
CLASSES = {"ours": MLPClassifier, "scikit-learn": SklearnMLPClassifier}


def measure(name: str, method: str, dtype: str, *, quick: bool) -> float:
    """Return the MiB that one call adds, measured in a new process."""
    return float(run_python(__file__, "--measure", name, method, dtype, json.dumps(quick)))


def measure_here(name: str, method: str, dtype: str, quick: str) -> None:
    """Print the MiB that one call adds to this process."""
    warnings.simplefilter("ignore")
    X, y = load_data(quick=json.loads(quick))
    X = X if dtype == "uint8" else as_floats(X, dtype)
    model = CLASSES[name]((128,), max_iter=1)
    model.fit(X[:2_000], y[:2_000])  # loads what is loaded once
    before = reset_peak()
    if method == "fit":
        model.fit(X, y)
    else:
        model.predict_proba(X)
    print((resident("VmHWM") - before) / 1024)


def reset_peak() -> int:
    """Make the present resident size, which is returned in KiB, the largest one so far."""
    with open("/proc/self/clear_refs", "w") as file:  # noqa: PTH123 - no file in any folder
        file.write("5")
    return resident("VmRSS")


def main() -> None:
    """Measure all combinations and print one table."""
    arguments = parse_arguments(__doc__, rounds=1)
    load_data(quick=arguments.quick)  # says if there is no MNIST
    rows = []
    for method in METHODS:
        for dtype in DTYPES[:1] if arguments.quick else DTYPES:
            cells = [method, dtype]
            for name in CLASSES:
                figures = [
                    measure(name, method, dtype, quick=arguments.quick)
                    for _ in range(arguments.rounds)
                ]
                cells.append(summarize(figures, 0))
            rows.append(cells)
    header = ["method", "pixels", "ours, MiB", "scikit-learn's, MiB"]
    print_table(header, rows, arguments.markdown)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure_here(*sys.argv[2:])
    else:
        main()
