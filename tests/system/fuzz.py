"""Fuzz a reader of files: ``python -m tests.system.fuzz idx --minutes 5``.

Coverage guides the search: bytes that reach a new branch of the package are kept, in a temporary
folder where the next run goes on, and are changed further. They are checked as in the reader's
tests, as a file and wrapped in a file whose checksums are right. A failure prints them and keeps
them in a file ``crash-*``.
"""

import argparse
import sys
import tempfile
import tracemalloc
import warnings
from pathlib import Path

try:
    import atheris
except ImportError:
    sys.exit("Fuzzing needs atheris, which runs on Linux and macOS: pip install atheris")

with atheris.instrument_imports(include=["skmlp_scratch"]):
    from tests.system import test_fuzz_idx, test_fuzz_models

READERS = {"idx": test_fuzz_idx, "model": test_fuzz_models}


def main() -> None:
    """Fuzz the reader that the command line names; libFuzzer ends the process."""
    parser = argparse.ArgumentParser(description="Fuzz a reader of files.")
    parser.add_argument("reader", choices=READERS)
    parser.add_argument("--minutes", type=float, default=5)
    options = parser.parse_args()
    reader = READERS[options.reader]
    folder = Path(tempfile.gettempdir(), f"skmlp-scratch-fuzz-{options.reader}")
    corpus, path = folder / "corpus", folder / "name-of-the-file"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(reader.SEEDS):
        (corpus / f"seed{number}").write_bytes(seed)
    warnings.simplefilter("error")
    tracemalloc.start()

    def check(content: bytes) -> None:
        for file in (content, reader.wrap(content)):
            path.unlink(missing_ok=True)  # some file systems flush one that is overwritten
            path.write_bytes(file)
            reader.check(path)

    limits = [
        f"-max_total_time={round(60 * options.minutes)}",
        f"-max_len={2 * max(map(len, reader.SEEDS))}",
    ]
    atheris.Setup([sys.argv[0], *limits, str(corpus)], check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
