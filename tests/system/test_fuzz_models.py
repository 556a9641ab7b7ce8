"""Files of models of any bytes: a model that predicts, or one error that names the file.

``pytest tests/system/test_fuzz_models.py --hypothesis-profile=long`` tries 50 times as many cases;
`fuzz.py` searches for new paths through the reader.
"""

import io
import json
import re
import tracemalloc
from collections.abc import Iterator
from copy import deepcopy
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from skmlp_scratch import MLPClassifier
from tests._helpers.paths import GOLDEN

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Generating overly large repr"),  # of a failure
]

SLACK = 1_000_000  # bytes for buffers and for Python's objects, whatever the file
Arrays = dict[str, NDArray[Any]]


def check(path: Path) -> None:
    """Load a file and predict with what it holds; memory must be traced."""
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    try:
        model = MLPClassifier.load(path)
    except (ValueError, OSError) as error:
        assert str(path) in str(error)  # noqa: PT017 - no error is as good
        model = None
    assert tracemalloc.get_traced_memory()[1] - before < path.stat().st_size + SLACK
    if model is not None:
        X = np.zeros((3, model.n_features_in_))
        rows = pd.DataFrame(X, columns=getattr(model, "feature_names_in_", None))
        assert len(model.predict(rows)) == len(model.predict_proba(rows)) == 3


def wrap(header: bytes) -> bytes:
    """Return the good file with another text for its header: no search finds a checksum."""
    return pack(header, ARRAYS)


def pack(header: bytes, arrays: Arrays) -> bytes:
    """Return an archive."""
    file = io.BytesIO()
    np.savez(file, header=np.frombuffer(header, np.uint8), **arrays)
    return file.getvalue()


with np.load(GOLDEN / "format1-warm-everything.npz") as archive:
    ARRAYS: Arrays = dict(archive)
HEADER = ARRAYS.pop("header").tobytes()
GOOD = pack(HEADER, ARRAYS)
SEEDS = (GOOD, HEADER)


# --- files --------------------------------------------------------------------------------------


def _places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where each value of a JSON document is found; of long lists, the first value."""
    yield place
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in islice(items, 1 if isinstance(value, list) and len(value) > 5 else None):
            yield from _places(item, (*place, key))


DOCUMENT = json.loads(HEADER)
PLACES = [*_places(DOCUMENT)][1:]

numbers = st.sampled_from([0, -1, 1, 3, 2**31, 2**63, 10**30, 0.5, -1e308]) | st.integers()
words = st.sampled_from(["", "sgd", "binary", "multilabel", "relu", "nan", "coefs_/0", "<U9", "ä"])
scalars = st.none() | st.booleans() | numbers | words
TAGS = ["array", "scalar", "float", "tuple", "dict", "type", "random_state", "generator"]
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(TAGS), inner, max_size=2)
    ),
    max_leaves=5,
)


@st.composite
def other_headers(draw: st.DrawFn) -> bytes:
    """Files with some values of the header replaced or left out."""
    document = deepcopy(DOCUMENT)
    for *above, key in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=3)):
        parent = document
        try:
            for step in above:
                parent = parent[step]
            if draw(st.booleans()):
                parent[key] = draw(values)
            else:
                del parent[key]
        except (KeyError, IndexError, TypeError):
            continue  # another change has taken the place away
    return wrap(json.dumps(document).encode())


@st.composite
def other_arrays(draw: st.DrawFn) -> bytes:
    """Files of which one array has another type, shape or name, or is missing."""
    arrays = dict(ARRAYS)
    name = draw(st.sampled_from(sorted(arrays)))
    array = arrays.pop(name)
    change = draw(st.sampled_from(["missing", "name", "type", "shape", "length", "values"]))
    if change == "name":
        arrays[draw(words)] = array
    elif change == "type":
        kinds = st.sampled_from(["f4", ">f8", "i8", "?", "c8", "U3", "S3"])
        arrays[name] = np.zeros(array.shape, draw(kinds))
    elif change == "shape":
        arrays[name] = array.reshape(draw(st.sampled_from([(-1,), (1, -1), (-1, 1)])))
    elif change == "length":
        arrays[name] = array[: draw(st.integers(0, 2))]
    elif change == "values":
        arrays[name] = np.full_like(array, draw(st.sampled_from([0, 1])))
    return pack(HEADER, arrays)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Files with some bytes changed, above all in the archive's own records, and perhaps cut."""
    content = bytearray(GOOD)
    records = [match.start() for match in re.finditer(b"PK|NUMPY", content)]
    anywhere = st.integers(0, len(content) - 1)
    in_records = st.builds(lambda start, i: start + i, st.sampled_from(records), st.integers(0, 70))
    for place in draw(st.lists(anywhere | in_records, max_size=4)):
        content[min(place, len(content) - 1)] = draw(st.integers(0, 255))
    if draw(st.booleans()):
        del content[draw(anywhere) :]
    return bytes(content)


files = (
    damaged()
    | other_headers()
    | other_arrays()
    | st.binary(max_size=100).map(wrap)
    | st.binary(max_size=100)
)


@pytest.fixture(scope="module", autouse=True)
def traced_memory() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=files)
def test_any_bytes_give_a_model_that_predicts_or_an_error_that_names_the_file(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "name-of-the-file"
    path.unlink(missing_ok=True)  # some file systems flush one that is overwritten
    path.write_bytes(content)
    check(path)


def test_the_file_that_is_changed_is_a_good_one(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(GOOD)
    assert MLPClassifier.load(tmp_path / "model").n_features_in_ == 4
