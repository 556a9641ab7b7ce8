"""The network as a whole: its layout in memory, its reuse of memory, its predictions."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmlp_scratch._network.activations import ACTIVATIONS
from skmlp_scratch._network.parameters import Architecture, LayerArrays, Parameters
from skmlp_scratch._network.passes import TrainingWorkspace, Workspace, forward
from skmlp_scratch._network.predictor import Predictor
from tests._helpers.internals import compute_row_by_row
from tests._helpers.networks import N_FEATURES, N_ROWS, make_architecture, make_parameters


def test_layers_are_views_of_the_flat_vector_weights_first() -> None:
    parameters = make_parameters()
    parameters.flat[:] = np.arange(parameters.flat.size)

    assert_array_equal(
        np.concatenate([part.ravel() for part in [*parameters.coefs, *parameters.intercepts]]),
        parameters.flat,
    )
    assert parameters.weights.size == sum(coef.size for coef in parameters.coefs)
    assert np.shares_memory(parameters.weights, parameters.flat)


def test_packing_copies_and_copies_stand_alone() -> None:
    parameters = make_parameters()
    layers = parameters.copy()
    packed = Parameters.pack(layers, np.dtype(np.float32))

    assert all(array.base is None for array in [*layers.coefs, *layers.intercepts])
    assert packed.flat.dtype == np.float32
    assert_array_equal(packed.flat, parameters.flat.astype(np.float32))
    assert packed.layer_sizes == parameters.layer_sizes == layers.layer_sizes


def test_a_shorter_batch_uses_the_same_memory_and_gives_the_same(rng: np.random.Generator) -> None:
    parameters = make_parameters()
    x = rng.normal(size=(N_ROWS, N_FEATURES))
    large = Workspace(make_architecture(), N_ROWS)
    alone = Workspace(make_architecture(), 5)
    expected = forward(parameters, alone, x[:5])
    logits = forward(parameters, large, x[:5])

    assert np.shares_memory(logits, large.logits(N_ROWS))
    assert logits.flags.c_contiguous
    assert_array_equal(logits, expected)


def test_prediction_in_chunks_equals_prediction_at_once(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    parameters = make_parameters()
    X = rng.normal(size=(1000, N_FEATURES))
    layers = LayerArrays(parameters.coefs, parameters.intercepts)

    def logits() -> Any:
        predictor = Predictor(X, make_architecture())
        rows = slice(0, len(X))
        return [(chunk, logits.copy()) for chunk, logits, _ in predictor.chunks(layers, rows)]

    [(_, at_once)] = logits()
    compute_row_by_row(monkeypatch)
    in_chunks = logits()

    assert len(in_chunks) > 1
    assert_allclose(np.hstack([z for _, z in in_chunks]), at_once, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_memory_of_a_batch_is_of_the_type_to_compute_in(activation: str, dtype: Any) -> None:
    workspace = TrainingWorkspace(Architecture((3, 2, 2), (activation,), np.dtype(dtype)), 5)
    arrays = [workspace.logits(5), workspace.ones]
    arrays += [*workspace.outputs, *workspace.deltas]
    [hidden] = workspace.activations
    hidden.forward(np.ones((5, 2), dtype))
    hidden.backward(np.ones((5, 2), dtype), np.ones((5, 2), dtype))  # its memory is made by now
    arrays += [a for a in vars(hidden).values() if isinstance(a, np.ndarray)]

    assert {a.dtype for a in arrays if a.dtype != bool} == {np.dtype(dtype)}
