"""Try what the reliability rests on, and write this folder's README.md from it.

``python -m tests.write_readme --only load`` makes one trial again and leaves the others as they
are; without ``--only``, all of them run, which takes hours because of the mutants.
"""

import argparse
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).parent / "README.md"


class Trial(NamedTuple):
    """What is tried, by which command, and where its output says what came of it."""

    what: str
    command: str
    result: str = r"= (\d+ \w+.*?) in [\d.]+s"  # pytest's last line


TRIALS = {
    "all": Trial("All tests, on the newest versions", "pytest"),
    "checks": Trial(
        "scikit-learn's checks of an estimator, in six configurations; those that an option rules "
        "out are expected to fail (xfailed), each for the reason that is written beside it",
        "pytest tests -k scikit_learn_checks",
    ),
    "own": Trial(
        "scikit-learn's own tests of its MLPClassifier, on ours: 23 of its 31 functions, in all "
        "their cases; the other 8 are left out for the reason that is written beside each",
        "pytest tests/contract/test_sklearns_own.py",
    ),
    "files": Trial(
        "Random and damaged files, IDX and models: all of it, or an error that names the file",
        "pytest -k any_bytes --hypothesis-profile=long",
    ),
    "fuzz_idx": Trial(
        "The same for IDX files, guided by coverage (`pip install atheris`)",
        "python -m tests.system.fuzz idx",
        r"(Done \d+) runs",
    ),
    "fuzz_model": Trial(
        "The same for model files", "python -m tests.system.fuzz model", r"(Done \d+) runs"
    ),
    "faults": Trial(
        "Faults: Ctrl-C before every eleventh line, killed workers, full disks, forks, broken "
        "downloads: nothing hangs, no earlier model or file is lost",
        "pytest tests/system/test_faults.py tests/datasets",
    ),
    "load": Trial(
        "Load: 200 fits, 8 threads, 1,000,000 rows, 50,000 sparse features: memory stays bounded, "
        "results are equal",
        "pytest tests/system/test_load.py",
    ),
    "coverage": Trial("Coverage of lines and branches", "pytest --cov", r"TOTAL .*?([\d.]+%)"),
    "mutants": Trial(
        "Mutants of the network's core and the IDX reader: do the tests see a changed operator?",
        "mutmut run",
        r"(\d+/\d+ .*)\s*\Z",
    ),
}
INTRODUCTION = """\
# Tests

`pytest -m "not slow"` takes under a minute on two cores, `pytest` five. There is a folder for each
room of the package, `contract/` for what the estimator promises, and `system/` for faults, load and
whole programs. CONTRIBUTING.md says how they are written.

What is tried, and what came of it the last time. Written by `python -m tests.write_readme`, which
runs all of it; `--only NAME` makes one trial again. Everything after
`pip install -e ".[test]" --group dev`, and `".[dask,ray]"` for the tests of clusters. CI, which is
`bash .ci/run`, makes the first trial for each change, and again with the quick tests at the lowest
supported versions.

| name | what is tried | command | last result |
| --- | --- | --- | --- |
"""
NOT_TRIED = "not tried yet"


def main() -> None:
    """Make the chosen trials, and write the page after each."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", action="append", choices=TRIALS, help="a trial to make")
    results = read_results(PAGE.read_text(encoding="utf-8"))
    for name in parser.parse_args().only or TRIALS:
        results[name] = f"{make(TRIALS[name])}, {datetime.now(UTC):%Y-%m-%d}"
        PAGE.write_text(compose(results), encoding="utf-8")


def make(trial: Trial) -> str:
    """Run a command of this repository; return what it says in the end."""
    run = subprocess.run(  # noqa: S603 - our own commands
        trial.command.split(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    found = re.findall(trial.result, run.stdout)
    return found[-1] if found else f"no result, exit status {run.returncode}"


def read_results(page: str) -> dict[str, str]:
    """Return what an earlier run has written of each trial."""
    return dict.fromkeys(TRIALS, NOT_TRIED) | dict(
        re.findall(r"^\| (\w+) \| .* \| `.*` \| (.*) \|$", page, re.MULTILINE)
    )


def compose(results: dict[str, str]) -> str:
    """Return the page."""
    rows = [
        f"| {name} | {trial.what} | `{trial.command}` | {results[name]} |\n"
        for name, trial in TRIALS.items()
    ]
    return INTRODUCTION + "".join(rows)


if __name__ == "__main__":
    main()
