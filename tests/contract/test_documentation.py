"""What the documentation shows works as it is written."""

import doctest
import inspect
import pkgutil
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from numpydoc.validate import validate

import skmlp_scratch
from tests import write_readme
from tests._helpers.paths import ROOT
from tests._helpers.public import PUBLIC

README = ROOT / "README.md"
CONTRIBUTING = ROOT / ".github" / "CONTRIBUTING.md"
PAGES = [README, ROOT / "examples" / "README.md", CONTRIBUTING]
MODULES = [
    "skmlp_scratch",
    *(module.name for module in pkgutil.walk_packages(skmlp_scratch.__path__, "skmlp_scratch.")),
]
METHODS = [
    f"{module.__name__}.{name}.{method}"
    for module, name in PUBLIC
    for kind in getattr(getattr(module, name), "__mro__", ())
    if kind.__module__.startswith("skmlp_scratch")
    for method in vars(kind)
    if not method.startswith("_") and callable(getattr(kind, method))
]
NOT_ASKED_FOR = {
    "ES01",  # many functions need no more than a summary
    "GL01",  # the summary begins beside the quotes, as ruff has it
    "EX01",  # methods are shown in the class's example
    "RT02",  # what is returned has a name, also where it is one thing
    "SA01",  # references to others stand where there is something to see
}


@pytest.mark.slow
@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings_run(module: Any) -> None:
    assert doctest.testmod(import_module(module)).failed == 0


@pytest.mark.parametrize(("module", "name"), PUBLIC, ids=[name for _, name in PUBLIC])
def test_examples_of_methods_run(module: Any, name: str) -> None:
    """Which `testmod` does not find, as a class says it is from the package and its methods not."""
    runner = doctest.DocTestRunner()
    for test in doctest.DocTestFinder().find(getattr(module, name), name, module=False, globs={}):
        if "." in test.name:
            runner.run(test)

    assert runner.failures == 0


@pytest.mark.parametrize(("module", "name"), PUBLIC, ids=[name for _, name in PUBLIC])
def test_everything_public_has_an_example(module: Any, name: str) -> None:
    assert ">>>" in getattr(module, name).__doc__


@pytest.mark.parametrize(
    "name", [*(f"{module.__name__}.{name}" for module, name in PUBLIC), *METHODS]
)
def test_docstrings_are_complete(name: str) -> None:
    errors = [(code, text) for code, text in validate(name)["errors"] if code not in NOT_ASKED_FOR]

    assert errors == []


@pytest.mark.parametrize(
    "name", [*(f"{module.__name__}.{name}" for module, name in PUBLIC), *METHODS]
)
def test_signatures_have_short_names_for_types(name: str) -> None:
    assert "numpy._typing" not in str(inspect.signature(pkgutil.resolve_name(name)))


@pytest.mark.slow
def test_the_readme_runs_from_top_to_bottom(tmp_path: Path, offline: dict[str, str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    script = tmp_path / "readme.py"
    script.write_text("\n".join(blocks), encoding="utf-8")
    result = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, script],
        cwd=tmp_path,
        env=offline,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.returncode, result.stderr) == (0, "")
    assert re.match(r"9\d\.\d% 0\.\d", result.stdout)


def test_the_readme_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").split()) <= 1300


def test_the_readme_has_a_table_of_all_public_names() -> None:
    _, _, table = README.read_text(encoding="utf-8").partition("| import from |")
    rows = re.findall(r"^\| `([\w.]+)` \| (.*) \|$", table.partition("\n\n")[0], re.MULTILINE)
    listed = {(module, name) for module, names in rows for name in re.findall(r"`(\w+)`", names)}

    assert listed == {(module.__name__, name) for module, name in PUBLIC}


def test_what_the_readme_calls_ten_lines_are_ten() -> None:
    _, _, after = README.read_text(encoding="utf-8").partition("## Ten lines")
    [block] = re.findall(r"```python\n(.*?)```", after.partition("\n## ")[0], re.DOTALL)

    assert len(block.replace("\n\n", "\n").splitlines()) == 10


def test_the_map_of_the_code_has_all_modules() -> None:
    text, package = CONTRIBUTING.read_text(encoding="utf-8"), ROOT / "skmlp_scratch"
    rows = dict(re.findall(r"^\| `(_\w+)/` \| (.*)", text, re.MULTILINE))

    assert rows.keys() == {path.parent.name for path in package.glob("_*/__init__.py")}
    for room, row in rows.items():
        modules = {path.stem for path in (package / room).glob("[!_]*.py")}
        assert modules <= set(re.findall(r"`(\w+)`", row))


def test_the_badges_are_true() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    versions = [c.split(" :: ")[-1] for c in project["classifiers"] if "Python :: 3" in c]
    readme = README.read_text(encoding="utf-8")

    assert f"Python-{versions[0]}_to_{versions[-1]}-" in readme
    assert project["license"].replace("-", "--") in readme
    assert (
        f"scikit--learn-{re.search('scikit-learn>=(.*?)$', project['dependencies'][2])[1]}_"
        in readme
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"<!--.*?-->", "", page.read_text(encoding="utf-8"))
    targets = re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", text)
    local = [a or b for a, b in targets if "://" not in a + b]

    assert local != []
    assert [target for target in local if not (page.parent / target).exists()] == []


def test_the_page_of_trials_is_what_its_script_writes() -> None:
    page = write_readme.PAGE.read_text(encoding="utf-8")
    results = write_readme.read_results(page)

    assert results.keys() == write_readme.TRIALS.keys()
    assert write_readme.compose(results) == page


def test_trials_are_of_what_is_there() -> None:
    named = [
        word
        for trial in write_readme.TRIALS.values()
        for word in trial.command.split()
        if word.startswith("tests/")
    ]
    assert [path for path in named if not (ROOT / path).exists()] == []
