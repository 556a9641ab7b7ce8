"""What is imported, and when: a program that trains does not wait for what it does without."""

import pickle
import subprocess
import sys
from typing import Any

import pytest

from tests._helpers.public import PUBLIC

LATER = [
    *("sklearn.metrics", "sklearn.model_selection", "sklearn.neural_network", "sklearn.pipeline"),
    *(f"skmlp_scratch.{name}" for name in ("_search", "datasets", "display", "onnx")),
    *("matplotlib.pyplot", "onnx"),
]
A_FIT = """
from skmlp_scratch import MLPClassifier
X, y = [[0.0], [1.0]], ["a", "b"]
MLPClassifier((3,), learning_rate="linear", max_iter=2).fit(X, y).predict(X)
"""
ALL_NAMES = """
import skmlp_scratch
for name in dir(skmlp_scratch):
    getattr(skmlp_scratch, name)
from skmlp_scratch import *
MLPGridSearchCV, MLPRandomizedSearchCV
"""


def loaded(program: str) -> list[str]:
    """Return which of `LATER` a new process that runs a program has loaded."""
    program = f"{program}\nimport sys\nprint(*sys.modules)"
    modules = subprocess.check_output([sys.executable, "-c", program], text=True).split()  # noqa: S603
    return [name for name in LATER if name in modules]


@pytest.mark.slow
def test_a_fit_loads_nothing_that_it_does_without() -> None:
    assert loaded(A_FIT) == []


@pytest.mark.slow
def test_all_public_names_are_there_when_they_are_asked_for() -> None:
    there = loaded(ALL_NAMES)

    assert [name for name in LATER if name.startswith("skmlp_scratch") and name not in there] == []


@pytest.mark.parametrize(("module", "name"), PUBLIC, ids=[name for _, name in PUBLIC])
def test_pickles_of_public_classes_name_the_package(module: Any, name: str) -> None:
    public = getattr(module, name)

    assert not isinstance(public, type) or public.__module__ == module.__name__
    assert pickle.loads(pickle.dumps(public)) is public
