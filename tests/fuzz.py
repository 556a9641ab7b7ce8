"""Fuzz a reader of files: ``python tests/fuzz.py idx --minutes 5``.

Coverage guides the search: bytes that reach a new branch of the package are kept, in a temporary
folder where the next run goes on, and are changed further. Each file is checked as in the reader's
tests, plain and compressed. A failure prints the bytes and keeps them in a file ``crash-*``.
"""

import argparse
import gzip
import sys
import tempfile
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path

try:
    import atheris
except ImportError:
    sys.exit("Fuzzing needs atheris, which runs on Linux and macOS: pip install atheris")

with atheris.instrument_imports(include=["skmlp_scratch"]):
    import test_fuzz_idx

# What to check of a file, and a good file to start from.
READERS: dict[str, tuple[Callable[[Path], None], bytes]] = {
    "idx": (test_fuzz_idx.check_idx, test_fuzz_idx.GOOD),
}


def main() -> None:
    """Fuzz the reader that the command line names; libFuzzer ends the process."""
    parser = argparse.ArgumentParser(description="Fuzz a reader of files.")
    parser.add_argument("reader", choices=READERS)
    parser.add_argument("--minutes", type=float, default=5)
    options = parser.parse_args()
    check, good = READERS[options.reader]
    folder = Path(tempfile.gettempdir(), f"skmlp-scratch-fuzz-{options.reader}")
    corpus, path = folder / "corpus", folder / "name-of-the-file"
    corpus.mkdir(parents=True, exist_ok=True)
    (corpus / "good").write_bytes(good)
    warnings.simplefilter("error")
    tracemalloc.start()

    def check_both(content: bytes) -> None:
        for variant in (content, gzip.compress(content, 1)):
            path.unlink(missing_ok=True)  # some file systems flush one that is overwritten
            path.write_bytes(variant)
            check(path)

    limits = [f"-max_total_time={round(60 * options.minutes)}", "-max_len=2048"]
    atheris.Setup([sys.argv[0], *limits, str(corpus)], check_both)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
