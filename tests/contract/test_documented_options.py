"""The choices that the class's documentation lists are those that there are."""

import re
from typing import Literal, get_args, get_origin, get_type_hints

import pytest

from skmlp_scratch import MLPClassifier
from skmlp_scratch._network.activations import ACTIVATIONS
from skmlp_scratch._network.initializers import INITIALIZERS
from skmlp_scratch._network.losses import LOSSES
from skmlp_scratch._training.optimizers import OPTIMIZERS
from skmlp_scratch._training.schedules import SCHEDULES

CHOICES = {
    "activation": {*ACTIVATIONS},
    "solver": {*OPTIMIZERS, "lbfgs"},
    "learning_rate": {*SCHEDULES},
    "init": {*INITIALIZERS},
    "loss": {*LOSSES},
}


def documented_choices(name: str) -> list[str]:
    """Return the words between braces in the line of a parameter, or in its continuation."""
    documentation = MLPClassifier.__doc__ or ""
    [listed] = re.findall(rf"^ *{name} : \{{(.*?)\}}", documentation, re.MULTILINE | re.DOTALL)
    return re.findall(r"'(\w+)'", listed)


@pytest.mark.parametrize("name", CHOICES)
def test_the_type_of_a_parameter_lists_every_choice(name: str) -> None:
    """Which editors complete."""
    hint = get_type_hints(MLPClassifier.__init__)[name]
    literals = [part for part in (hint, *get_args(hint)) if get_origin(part) is Literal]

    assert {choice for literal in literals for choice in get_args(literal)} == CHOICES[name]


@pytest.mark.parametrize("name", CHOICES)
def test_the_documentation_lists_every_choice(name: str) -> None:
    listed = documented_choices(name)

    assert set(listed) == CHOICES[name]
    assert len(listed) == len(CHOICES[name])
