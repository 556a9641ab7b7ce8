"""What the documentation shows works as it is written."""

import doctest
import re
from importlib import import_module
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
DOCUMENTED = [
    "skmlp_scratch._classifier",
    "skmlp_scratch.datasets._idx",
    "skmlp_scratch.datasets._mnist",
]


@pytest.mark.parametrize("module", DOCUMENTED)
def test_examples_in_docstrings(module):
    result = doctest.testmod(import_module(module))

    assert result.attempted > 0
    assert result.failed == 0


def test_quick_start_in_the_readme(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    runnable = [block for block in blocks if "fetch_mnist" not in block]  # which needs a network
    namespace: dict[str, object] = {}
    for block in runnable:
        exec(compile(block, str(README), "exec"), namespace)  # noqa: S102 - our own code

    assert len(runnable) == 3
    assert namespace["search"].score(namespace["X_test"], namespace["y_test"]) > 0.95
