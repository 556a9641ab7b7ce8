"""What a model has learned, as plain values: for pickles and for the model file.

Plain values are arrays, numbers, strings, None, the states of random generators, and lists and
dictionaries of these. So a pickle names no private class, many epochs take few objects, and two
equal fits have equal files: how long an epoch has taken is left out.
"""

from dataclasses import fields
from math import nan
from typing import Any

import numpy as np

from skmlp_scratch._training.epochs import History, Record
from skmlp_scratch._training.state import TrainingState

COLUMNS = tuple(name for name in Record._fields if name != "seconds")


def to_plain(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return a model's attributes with history and state as plain values."""
    plain = dict(attributes)
    if "_history" in plain:
        plain["_history"] = _history_to_plain(plain["_history"])
    if plain.get("_state"):
        state = plain["_state"]
        plain["_state"] = {field.name: getattr(state, field.name) for field in fields(state)}
    return plain


def from_plain(plain: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes that `to_plain` was given."""
    attributes = dict(plain)
    if "_history" in attributes:
        attributes["_history"] = _history_from_plain(attributes["_history"])
    if attributes.get("_state"):
        attributes["_state"] = TrainingState(**attributes["_state"])
    return attributes


def _history_to_plain(history: History) -> dict[str, Any]:
    columns = {name: np.array(history.column(name), dtype=float) for name in COLUMNS}
    return columns | {"n_earlier": history.n_earlier}


def _history_from_plain(plain: dict[str, Any]) -> History:
    rows = zip(*(plain[name].tolist() for name in COLUMNS), strict=True)
    records = [Record(**dict(zip(COLUMNS, row, strict=True)), seconds=nan) for row in rows]
    return History(records, int(plain["n_earlier"]))
