"""Cases for tests of many options: each two values meet, not each combination of all."""

from collections.abc import Iterable, Sequence
from itertools import combinations, product
from typing import Any

import pytest


def all_pairs(*, indirect: Sequence[str] = (), **axes: Iterable[Any]) -> pytest.MarkDecorator:
    """Parametrize a test so that each value of each argument meets each value of each other one.

    The product of five arguments has hundreds of cases, and hardly any finds what these do not: a
    mistake lies in one value or in two that do not go together.

    Parameters
    ----------
    indirect : sequence of str, default=()
        Arguments that are fixtures, as for `pytest.mark.parametrize`.
    **axes : iterable
        The values of each argument; `pytest.param` gives one a name.
    """
    values = [[*axis] for axis in axes.values()]
    return pytest.mark.parametrize(
        list(axes),
        [
            pytest.param(
                *(_value(axis[i]) for axis, i in zip(values, case, strict=True)),
                id="-".join(_name(axis[i]) for axis, i in zip(values, case, strict=True)),
            )
            for case in cover([len(axis) for axis in values])
        ],
        indirect=list(indirect),
    )


def cover(sizes: Sequence[int]) -> list[tuple[int, ...]]:
    """Return few tuples of indices below these sizes, in which each two indices meet.

    Each next one begins with a pair that has not met yet, and takes for the rest what adds most
    pairs; always the same ones, as workers must agree on the cases.
    """
    missing = {
        ((a, i), (b, j)): None
        for a, b in combinations(range(len(sizes)), 2)
        for i, j in product(range(sizes[a]), range(sizes[b]))
    }
    cases: list[tuple[int, ...]] = []
    while missing:
        chosen = dict(next(iter(missing)))
        for axis in range(len(sizes)):
            if axis not in chosen:
                gains = [
                    sum(tuple(sorted([(axis, i), other])) in missing for other in chosen.items())
                    for i in range(sizes[axis])
                ]
                # Where several are as good, in turns.
                turn = len(cases) % sizes[axis]
                order = [*range(turn, sizes[axis]), *range(turn)]
                chosen[axis] = max(order, key=gains.__getitem__)
        case = tuple(chosen[axis] for axis in range(len(sizes)))
        for pair in combinations(enumerate(case), 2):
            missing.pop(pair, None)
        cases.append(case)
    return cases


def _value(value: Any) -> Any:
    return value.values[0] if hasattr(value, "marks") and hasattr(value, "values") else value


def _name(value: Any) -> str:
    if hasattr(value, "marks") and hasattr(value, "values"):
        return str(value.id)
    return str(getattr(value, "__name__", value))
