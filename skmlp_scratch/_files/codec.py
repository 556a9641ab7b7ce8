"""Plain values in JSON, which holds no code.

``None``, bool, int, str, finite floats and lists stand for themselves. A JSON object is always a
single tag with its content, for one of the types in `TAGS`. Arrays are not in the JSON: they are
set aside by name.
"""

import math
from typing import Any, Protocol

import numpy as np

from skmlp_scratch import augmentation
from skmlp_scratch._typing import Array

# Kinds of arrays that hold numbers, str, dates or durations; bytes and records are no valid labels.
ARRAY_KINDS = "biufUMm"
# The bit generators of RandomState and of numpy.random.default_rng.
BIT_GENERATORS: dict[str, Any] = {"MT19937": np.random.MT19937, "PCG64": np.random.PCG64}
FLOAT_TYPES: dict[str, type] = {"float32": np.float32, "float64": np.float64}
AUGMENTATIONS = {name: getattr(augmentation, name) for name in augmentation.__all__}


class MismatchError(Exception):
    """A file does not hold what it should.

    Parameters
    ----------
    expected : str
        What it should hold.
    found : object
        What it holds.
    """

    def __init__(self, expected: str, found: Any) -> None:
        super().__init__(f"expected {expected}; found {found}")


class Codec:
    """Turns plain values into what JSON holds, and back.

    Parameters
    ----------
    arrays : dict of str to ndarray
        Arrays by name. Encoding adds those that it meets, decoding takes out those that it needs.
    """

    def __init__(self, arrays: dict[str, Array]) -> None:
        self.arrays = arrays

    def encode_items(self, items: dict[str, Any]) -> dict[str, Any]:
        """Encode values by name."""
        return {name: self.encode(value, name) for name, value in items.items()}

    def decode_items(self, items: dict[str, Any]) -> dict[str, Any]:
        """Decode values by name."""
        return {name: self.decode(value) for name, value in items.items()}

    def encode(self, value: Any, name: str) -> Any:
        """Return what stands for a value in JSON.

        Parameters
        ----------
        value : object
            The value.
        name : str
            Where it was found, which becomes the name of an array.

        Raises
        ------
        ValueError
            If it is no plain value.
        """
        if value is None or type(value) in (bool, int, str):
            return value
        if type(value) is float and math.isfinite(value):
            return value
        if type(value) is list:
            return [self.encode(item, f"{name}/{i}") for i, item in enumerate(value)]
        for name_of_tag, tag in TAGS.items():
            if isinstance(value, tag.python_type):
                return {name_of_tag: tag.encode(self, value, name)}
        raise _refusal(value, name)

    def decode(self, value: Any) -> Any:
        """Return the value that was encoded."""
        if isinstance(value, list):
            return [self.decode(item) for item in value]
        if isinstance(value, dict):
            [(name_of_tag, content)] = value.items()
            return TAGS[name_of_tag].decode(self, content)
        return value


def _refusal(value: Any, name: str) -> ValueError:
    """Make the error for a value that is not plain."""
    parameter = name.partition("/")[0]
    return ValueError(
        f"{name} is {value!r}, which cannot be saved: the file holds numbers, text, arrays of them "
        f"and the states of {' and '.join(BIT_GENERATORS)}, but no code. Set {parameter} to "
        "something plain, such as its default, and set it again after loading, both with "
        "set_params; or use joblib.dump."
    )


# --- for each tag, how to write it and how to read it --------------------------------------------


class Tag(Protocol):
    """How values of a type are written and read."""

    python_type: Any

    def encode(self, codec: Codec, value: Any, name: str) -> Any:
        """Return the tag's content for a value found under a name."""

    def decode(self, codec: Codec, content: Any) -> Any:
        """Return the value for a tag's content."""


class _Arrays:
    """The name of an array that is set aside; for an array of str objects, the list of them."""

    python_type = np.ndarray

    def encode(self, codec: Codec, value: Array, name: str) -> str | list[str]:
        if value.dtype == object and value.ndim == 1 and all(isinstance(x, str) for x in value):
            return [str(x) for x in value]
        if value.dtype.kind not in ARRAY_KINDS:
            raise _refusal(value, name)
        codec.arrays[name] = value
        return name

    def decode(self, codec: Codec, content: Any) -> Array:
        if not isinstance(content, list):
            return codec.arrays.pop(content)
        if not all(isinstance(x, str) for x in content):
            raise MismatchError("an array of str objects", content)
        return np.array(content, dtype=object)


class _Scalars:
    """NumPy's code for a type, and the value."""

    python_type = np.generic

    def encode(self, codec: Codec, value: np.generic, name: str) -> list[Any]:
        item = value.item()
        if not isinstance(item, bool | int | float | str):
            raise _refusal(value, name)
        return [value.dtype.str, codec.encode(item, name)]

    def decode(self, codec: Codec, content: Any) -> Any:
        code, item = content
        if np.dtype(code).kind not in "biufU":
            raise MismatchError("the type of a number or str", code)
        return np.dtype(code).type(codec.decode(item))


class _Floats:
    """A number that is not finite: "nan", "inf" or "-inf"."""

    python_type = float

    def encode(self, codec: Codec, value: float, name: str) -> str:
        return repr(value)

    def decode(self, codec: Codec, content: Any) -> float:
        return float(content)


class _Tuples:
    """The list of the items."""

    python_type = tuple

    def encode(self, codec: Codec, value: tuple[Any, ...], name: str) -> Any:
        return codec.encode(list(value), name)

    def decode(self, codec: Codec, content: Any) -> tuple[Any, ...]:
        return tuple(codec.decode(content))


class _Dicts:
    """Pairs of key and value."""

    python_type = dict

    def encode(self, codec: Codec, value: dict[Any, Any], name: str) -> list[Any]:
        return [
            [codec.encode(key, name), codec.encode(item, f"{name}/{key}")]
            for key, item in value.items()
        ]

    def decode(self, codec: Codec, content: Any) -> dict[Any, Any]:
        return {codec.decode(key): codec.decode(item) for key, item in content}


class _Types:
    """The name of a type to compute in."""

    python_type = type

    def encode(self, codec: Codec, value: Any, name: str) -> str:
        if value not in FLOAT_TYPES.values():
            raise _refusal(value, name)
        return str(value.__name__)

    def decode(self, codec: Codec, content: Any) -> Any:
        return FLOAT_TYPES[content]


class _RandomStates:
    """The state, as NumPy documents it."""

    python_type = np.random.RandomState

    def encode(self, codec: Codec, value: np.random.RandomState, name: str) -> Any:
        state: Any = value.get_state(legacy=False)
        if state["bit_generator"] not in BIT_GENERATORS:
            raise _refusal(value, name)
        return codec.encode(state, name)

    def decode(self, codec: Codec, content: Any) -> np.random.RandomState:
        state = codec.decode(content)
        random_state = np.random.RandomState(_make_bit_generator(state))
        random_state.set_state(state)
        return random_state


class _Generators:
    """The state of the bit generator, as NumPy documents it."""

    python_type = np.random.Generator

    def encode(self, codec: Codec, value: np.random.Generator, name: str) -> Any:
        state = value.bit_generator.state
        if state["bit_generator"] not in BIT_GENERATORS:
            raise _refusal(value, name)
        return codec.encode(state, name)

    def decode(self, codec: Codec, content: Any) -> np.random.Generator:
        state = codec.decode(content)
        bit_generator = _make_bit_generator(state)
        bit_generator.state = state
        return np.random.Generator(bit_generator)


class _Augmentations:
    """The name of one of this package's own, and its parameters."""

    python_type = tuple(AUGMENTATIONS.values())

    def encode(self, codec: Codec, value: Any, name: str) -> list[Any]:
        name_of_class = type(value).__name__
        if AUGMENTATIONS.get(name_of_class) is not type(value):
            raise _refusal(value, name)  # a subclass, which has code of its own
        return [name_of_class, codec.encode(value.get_params(), name)]

    def decode(self, codec: Codec, content: Any) -> Any:
        name_of_class, parameters = content
        return AUGMENTATIONS[name_of_class](**codec.decode(parameters))


def _make_bit_generator(state: Any) -> Any:
    """Return a new bit generator that a state can safely be set in."""
    bit_generator = BIT_GENERATORS[state["bit_generator"]](0)
    # NumPy would read words of memory from wherever the position points to.
    n_words = len(bit_generator.state["state"].get("key", ()))
    position = state["state"].get("pos", 0)
    if not 0 <= position <= n_words:
        raise MismatchError(f"a position among {n_words} random words", position)
    return bit_generator


# The first one that fits is taken: np.float64 is a float as well.
TAGS: dict[str, Tag] = {
    "array": _Arrays(),
    "scalar": _Scalars(),
    "float": _Floats(),
    "tuple": _Tuples(),
    "dict": _Dicts(),
    "type": _Types(),
    "random_state": _RandomStates(),
    "generator": _Generators(),
    "augmentation": _Augmentations(),
}
