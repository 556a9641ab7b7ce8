"""What a pickled model holds, and what it does not."""

import pickle

import numpy as np
import pytest

from tests._helpers.models import SOLVERS
from tests._helpers.pairwise import all_pairs
from tests._helpers.pickling import arrays, leaves, make_model, make_problem


@pytest.mark.parametrize(
    ("solver", "times_weights"), [("sgd", 2.1), ("adam", 3.1), ("adamw", 3.1), ("lbfgs", 1.1)]
)
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_file_holds_weights_and_slots_only(
    solver: str, times_weights: float, early_stopping: bool, dtype: str
) -> None:
    X, y = make_problem("multiclass")
    model = make_model(
        solver=solver,
        hidden_layer_sizes=(400, 200),
        early_stopping=early_stopping,
        dtype=dtype,
        max_iter=2,
    ).fit(X, y)
    weights = [*model.coefs_, *model.intercepts_]
    assert sum(array.size for array in weights) > 100_000
    n_bytes = sum(array.nbytes for array in weights)
    assert n_bytes < len(pickle.dumps(model)) <= times_weights * n_bytes
    assert n_bytes < len(pickle.dumps(model.compact())) <= 1.1 * n_bytes


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", SOLVERS)
def test_the_size_of_a_file_does_not_tell_the_number_of_rows(
    solver: str, early_stopping: bool
) -> None:
    X, y = make_problem("multiclass")
    sizes = [
        len(
            pickle.dumps(
                make_model(
                    solver=solver, max_iter=3, batch_size=50, early_stopping=early_stopping
                ).fit(X[:n_rows], y[:n_rows])
            )
        )
        for n_rows in (100, 300)
    ]
    # A counter of rows or steps may take a byte or two more.
    assert abs(sizes[1] - sizes[0]) < 16


@pytest.mark.thread("https://github.com/dholzmueller/pytabkit/issues/33")
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("warm_start", [False, True])
@pytest.mark.parametrize("solver", SOLVERS)
def test_a_file_holds_no_training_data(solver: str, warm_start: bool, early_stopping: bool) -> None:
    X, y = make_problem("multiclass")
    weights = np.random.default_rng(0).uniform(1, 2, len(y))
    model = make_model(solver=solver, warm_start=warm_start, early_stopping=early_stopping)
    content = pickle.dumps(model.fit(X, y, weights))
    assert not [row for row in X if row.tobytes() in content]
    assert y[:20].tobytes() not in content
    assert weights[:2].tobytes() not in content


@pytest.mark.thread("https://github.com/keras-team/keras/issues/14194")
@all_pairs(
    solver=SOLVERS,
    kind=["binary", "multiclass", "multilabel", "string"],
    early_stopping=[False, True],
    warm_start=[False, True],
)
def test_a_fitted_model_holds_plain_values(
    solver: str, warm_start: bool, early_stopping: bool, kind: str
) -> None:
    X, y = make_problem(kind)
    model = make_model(solver=solver, warm_start=warm_start, early_stopping=early_stopping)
    plain = {np.ndarray, bool, int, float, str, type(None)}
    if warm_start:
        plain.add(np.random.RandomState)
    odd = {path: type(value) for path, value in leaves(model.fit(X, y)) if type(value) not in plain}
    assert not odd


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("warm_start", [False, True])
@pytest.mark.parametrize("solver", SOLVERS)
def test_every_array_of_a_fitted_model_owns_its_memory(
    solver: str, warm_start: bool, early_stopping: bool
) -> None:
    # A view would be saved with a memory of its own, and keep a training's buffer alive before.
    X, y = make_problem("multiclass")
    model = make_model(solver=solver, warm_start=warm_start, early_stopping=early_stopping)
    found = arrays(model.fit(X, y))
    assert len({id(array) for array in found.values()}) == len(found)
    assert not [path for path, array in found.items() if array.base is not None]
    assert all(array.flags.c_contiguous for array in found.values())
