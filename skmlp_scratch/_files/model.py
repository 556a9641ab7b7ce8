"""Models in files that hold data and no code.

A file is an uncompressed ``.npz`` archive, as :func:`numpy.savez` writes it, which
``numpy.load(path, allow_pickle=False)`` reads anywhere. Its array "header" is the text of a JSON
object, as bytes, with these members:

- "format", always "skmlp_scratch.MLPClassifier", and its "version",
- "written_by", the version of skmlp_scratch,
- "parameters", those of the constructor,
- "attributes", what the model has learned and where its training stands.

Values in the last two are encoded as `codec` describes. For instance,
``{"array": "coefs_/0"}`` stands for the archive's array of that name.

The version changes when older readers would misunderstand a file; parameters that this version
does not have raise an error that names them. All older versions stay readable.
"""

import json
import math
import os
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from copy import copy
from inspect import signature
from io import BufferedReader
from numbers import Integral, Real
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np

from skmlp_scratch._estimator.draft import FITTED_ATTRIBUTES
from skmlp_scratch._estimator.options import check_activations
from skmlp_scratch._estimator.problem import read_layers
from skmlp_scratch._estimator.solvers import SOLVERS
from skmlp_scratch._files.atomic import atomic_write
from skmlp_scratch._files.attributes import COLUMNS, from_plain, to_plain
from skmlp_scratch._files.codec import ARRAY_KINDS, FLOAT_TYPES, Codec, MismatchError
from skmlp_scratch._files.paths import open_file, to_path
from skmlp_scratch._files.recognize import MODEL, recognize
from skmlp_scratch._files.upgrade import upgrade
from skmlp_scratch._network.losses import find_loss
from skmlp_scratch._network.parameters import count_parameters, layer_shapes
from skmlp_scratch._training.epochs import History
from skmlp_scratch._training.optimizers import OPTIMIZERS
from skmlp_scratch._training.state import TrainingState
from skmlp_scratch._typing import Array
from skmlp_scratch._version import __version__

Types = dict[str, tuple[type, ...]]

FORMAT = "skmlp_scratch.MLPClassifier"
VERSION = 2

# The plain form of values, in which numbers may be NumPy's.
PLAIN: dict[Any, tuple[type, ...]] = {
    int: (Integral,),
    float: (Real,),
    bool: (bool, np.bool_),
    History: (dict,),
    TrainingState: (dict,),
}


def _plain_types(hints: dict[str, Any]) -> Types:
    """Return the types that plain values may have, by their names."""
    return {name: tuple(_plain_types_of(hint)) for name, hint in hints.items()}


def _plain_types_of(hint: Any) -> Iterator[type]:
    """Yield the types that the plain form of one type has."""
    for part in get_args(hint) if isinstance(hint, UnionType) else (hint,):
        base = get_origin(part) or part
        yield from PLAIN.get(base, (base,))


ATTRIBUTES = _plain_types(FITTED_ATTRIBUTES)
OPTIONAL_ATTRIBUTES = {"feature_names_in_"}
STATE = _plain_types(get_type_hints(TrainingState))
OPTIONAL_STATE = {"augment_generator"}  # which older files lack
HISTORY: Types = {"n_earlier": (Integral,), **dict.fromkeys(COLUMNS, (np.ndarray,))}


def save(model: Any, path: str | os.PathLike[str]) -> None:
    """Write a fitted model; see `MLPClassifier.save`."""
    model = copy(model)
    try:
        layers = read_layers(model)  # the user may have set lists or numbers of other types
        model.coefs_, model.intercepts_ = layers.coefs, layers.intercepts
        state, n_parameters = model._state, count_parameters(layers.layer_sizes)
        if state and not state.suits(state.solver, n_parameters):  # layers of other widths, too
            model._state = state.renew()
        found = {name: value for name, value in vars(model).items() if name in FITTED_ATTRIBUTES}
        attributes = to_plain(found)
        _check(model, attributes)
    except (MismatchError, ValueError) as error:
        reason = str(error).removesuffix(".")
        raise ValueError(f"The model cannot be saved, as load would refuse it: {reason}.") from None
    codec = Codec({})
    header = {
        "format": FORMAT,
        "version": VERSION,
        "written_by": __version__,
        "parameters": codec.encode_items(model.get_params(deep=False)),
        "attributes": codec.encode_items(attributes),
    }
    text = np.frombuffer(json.dumps(header, allow_nan=False).encode(), np.uint8)
    with atomic_write(to_path(path)) as file:
        np.savez(file, **{"header": text} | codec.arrays)  # type: ignore[arg-type]


def load(cls: Any, path: str | os.PathLike[str]) -> Any:
    """Read a model of a class; see `MLPClassifier.load`."""
    path = to_path(path)
    with open_file(path) as file, _naming(path, file):
        header, arrays = _read_archive(file)
        codec = Codec(arrays)
        parameters = codec.decode_items(header["parameters"])
        attributes = codec.decode_items(header["attributes"])
        _expect("the arrays left over", [], [*arrays])
        return _restore(cls, *upgrade(header["version"], parameters, attributes))


@contextmanager
def _naming(path: Path, file: BufferedReader) -> Iterator[None]:
    """Turn whatever goes wrong with a file into one error that names it and its likely cause."""
    try:
        yield
    except MismatchError as error:
        raise ValueError(_message(path, f"{error}", file)) from None
    # zipfile, json and NumPy raise nearly anything for a damaged file.
    except Exception as error:
        reason = (
            "expected an intact file that MLPClassifier.save has written; found "
            f"{type(error).__name__}: {error}"
        )
        raise ValueError(_message(path, reason, file)) from error


def _message(path: Path, reason: str, file: BufferedReader) -> str:
    """Return what is wrong with a file and, unless it is a model, what it probably is."""
    message = f"{path} cannot be loaded as an MLPClassifier: {reason.removesuffix('.')}."
    kind = recognize(file)
    if kind is MODEL:
        return message
    cause = kind.explain() if kind else "MLPClassifier.save has not written it, or it is damaged"
    return f"{message} Likely cause: {cause}."


def _expect(what: str, expected: Any, found: Any) -> None:
    """Raise unless a value is the expected one."""
    if found != expected:
        raise MismatchError(f"{what} to be {expected}", found)


# --- the archive ---------------------------------------------------------------------------------


def _read_archive(file: BufferedReader) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return the header, and all other arrays by name."""
    start = file.peek(2)[:2]
    if start != b"PK":
        raise MismatchError("an .npz archive, which begins with b'PK'", start)
    with zipfile.ZipFile(file) as archive:
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        _check_sizes(archive.infolist(), os.fstat(file.fileno()).st_size)
        if "header" not in members:
            raise MismatchError("an array 'header'", f"only {sorted(members)}")
        header = json.loads(_read_array(archive, members.pop("header")).tobytes())
        _check_format(header)
        return header, {name: _read_array(archive, info) for name, info in members.items()}


def _check_sizes(members: list[zipfile.ZipInfo], n_bytes: int) -> None:
    """Raise if the arrays would take more memory than there are bytes in the file."""
    if any(info.compress_type != zipfile.ZIP_STORED for info in members):
        raise MismatchError("an uncompressed archive", "a compressed one")
    declared = sum(info.file_size for info in members)
    if declared > n_bytes:
        raise MismatchError(f"arrays within the file's {n_bytes} bytes", f"{declared} bytes")


def _read_array(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Array:
    """Read an array, having compared its size with its shape."""
    with archive.open(info) as member:
        _expect("the .npy version", (1, 0), np.lib.format.read_magic(member))
        shape, _, dtype = np.lib.format.read_array_header_1_0(member)
        n_bytes = info.file_size - member.tell()
    if dtype.kind not in ARRAY_KINDS or math.prod(shape) * dtype.itemsize != n_bytes:
        raise MismatchError(
            f"an array in {n_bytes} bytes of {info.filename}", f"one of {dtype} {shape}"
        )
    # Opened again, as zipfile does not compare the checksum after a step back.
    with archive.open(info) as member:
        array: Array = np.lib.format.read_array(member, allow_pickle=False)
    return array.astype(dtype.newbyteorder("="), copy=False)


def _check_format(header: Any) -> None:
    """Raise unless the header is of a format that this version knows."""
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise MismatchError(f"a header of the format {FORMAT}", f"{header!s:.80}")
    if not (isinstance(header["version"], int) and header["version"] > 0):
        raise MismatchError("a version of the format, from 1", header["version"])
    if header["version"] > VERSION:
        raise MismatchError(
            f"version {VERSION} of the format or an older one",
            f"version {header['version']}, written by skmlp_scratch {header['written_by']}; "
            f"upgrade skmlp_scratch, which is {__version__} here",
        )


# --- the model -----------------------------------------------------------------------------------


def _restore(cls: Any, parameters: dict[str, Any], attributes: dict[str, Any]) -> Any:
    """Return the model of a class with these parameters and attributes, if they make one."""
    if unknown := parameters.keys() - signature(cls).parameters.keys():
        raise MismatchError(
            f"parameters that {cls.__name__} has",
            f"{sorted(unknown)} as well. Likely cause: the file is of another class, such as a "
            "subclass of MLPClassifier, and the load of that class reads it; or it is of a later "
            f"version than skmlp_scratch {__version__}; upgrade skmlp_scratch then",
        )
    model = cls(**parameters)
    vars(model).update(attributes)
    _check(model, attributes)
    vars(model).update(from_plain(attributes))
    return model


def _check(model: Any, attributes: dict[str, Any]) -> None:
    """Raise unless a model's parameters and plain attributes are valid and fit each other."""
    model._validate_params()
    _check_types(attributes, ATTRIBUTES, OPTIONAL_ATTRIBUTES)
    _check_layers(model)
    _check_classes(model)
    _check_functions(model)
    _check_history(attributes["_history"])
    if state := attributes["_state"]:
        _check_types(state, STATE, OPTIONAL_STATE)
        _check_slots(state, model)
        _check_rows(state)


def _check_types(values: dict[str, Any], types: Types, optional: Collection[str] = ()) -> None:
    """Raise if a value is missing, unknown or of a wrong type, or a counter negative."""
    if missing := types.keys() - set(optional) - values.keys():
        raise MismatchError("all values of a fitted model", f"no {', '.join(sorted(missing))}")
    for name, value in values.items():
        expected = types.get(name, ())
        if not isinstance(value, expected):
            names = " or ".join(type_.__name__ for type_ in expected)
            raise MismatchError(f"{name} to be {names or 'absent'}", type(value).__name__)
        if expected == (Integral,) and not 0 <= int(value) < 2**63:  # type: ignore[call-overload]
            raise MismatchError(f"{name} to be a number from 0 of 64 bits", value)


def _check_layers(model: Any) -> None:
    """Raise unless the layers fit each other, the features and the outputs."""
    arrays = [*model.coefs_, *model.intercepts_]
    dtypes = {str(array.dtype) for array in arrays}
    if len(dtypes) != 1 or not dtypes <= FLOAT_TYPES.keys():
        raise MismatchError("weights and biases of one type, float32 or float64", dtypes)
    sizes = [model.n_features_in_, *map(len, model.intercepts_)]
    shapes = [array.shape for array in arrays]
    _expect("the shapes of coefs_ and intercepts_", layer_shapes(sizes), shapes)
    _expect("n_layers_", len(sizes), model.n_layers_)
    _expect("n_outputs_", sizes[-1], model.n_outputs_)
    if not all(np.isfinite(array).all() for array in arrays):
        raise MismatchError("finite coefs_ and intercepts_", "infinite ones or NaN")
    names = getattr(model, "feature_names_in_", np.empty(model.n_features_in_))
    _expect("the shape of feature_names_in_", (model.n_features_in_,), names.shape)


def _check_classes(model: Any) -> None:
    """Raise unless there are as many classes as there should be, in order."""
    classes, n_outputs, is_binary = model.classes_, model.n_outputs_, model._labels.is_binary
    _expect("whether the model is binary", n_outputs == 1, is_binary)
    if classes.shape not in ([(1,), (2,)] if is_binary else [(n_outputs,)]):
        raise MismatchError(f"classes for {n_outputs} output(s)", classes)
    if not (classes[:-1] < classes[1:]).all():
        raise MismatchError("classes_ in ascending order", classes)


def _check_history(history: dict[str, Any]) -> None:
    """Raise unless the history columns are numeric and equally long."""
    _check_types(history, HISTORY)
    columns = {name: (history[name].dtype.kind, history[name].shape) for name in COLUMNS}
    expected = ("f", (history["loss"].size,))
    _expect("the columns of the history", dict.fromkeys(COLUMNS, expected), columns)
    if history["n_earlier"] > history["loss"].size:
        raise MismatchError("n_earlier within the history", history["n_earlier"])


def _check_functions(model: Any) -> None:
    """Raise unless there are activations for the layers and a loss for the targets."""
    check_activations(model._activations, model.n_layers_ - 2)
    try:
        loss = find_loss(model._loss, model._target_type)
    except KeyError:
        found = f"{model._loss} of {model._target_type}"
        raise MismatchError("a loss and a type of target", found) from None
    _expect("out_activation_", loss.output_activation, model.out_activation_)


def _check_slots(state: dict[str, Any], model: Any) -> None:
    """Raise unless the optimizer's slots are those that its next step needs, or not made yet."""
    solver = state["solver"]
    if solver not in SOLVERS:
        raise MismatchError(f"a solver among {[*SOLVERS]}", solver)
    vectors = dict(state["slots"])
    names = [*OPTIMIZERS[solver].slot_names] if vectors and solver in OPTIMIZERS else []
    if state["last_parameters"] is not None:
        names.append("last_parameters")
        vectors["last_parameters"] = state["last_parameters"]
    n_parameters = sum(array.size for array in (*model.coefs_, *model.intercepts_))
    # Of any precision: training may have resumed in another one.
    found = {name: (vector.dtype.kind, vector.shape) for name, vector in vectors.items()}
    _expect("slots and last_parameters", dict.fromkeys(names, ("f", (n_parameters,))), found)


def _check_rows(state: dict[str, Any]) -> None:
    """Raise unless the numbers of the rows to train and to validate on are those of all rows."""
    parts = [state["order"], state["validation_rows"]]
    rows = np.concatenate([np.arange(0), *(part for part in parts if part is not None)])
    if rows.dtype.kind != "i" or not np.array_equal(np.sort(rows), np.arange(len(rows))):
        raise MismatchError("order and validation_rows to number all rows", rows)
