"""The network as a whole: its layout in memory, its gradient, its reuse of memory."""

import weakref

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from skmlp_scratch._data.dataset import Dataset
from skmlp_scratch._data.targets import IndicatorTargets, OneHotTargets
from skmlp_scratch._network.activations import ACTIVATIONS
from skmlp_scratch._network.dropout import make_dropouts
from skmlp_scratch._network.initializers import INITIALIZERS
from skmlp_scratch._network.losses import LOSSES
from skmlp_scratch._network.parameters import Architecture, Layers, Parameters
from skmlp_scratch._network.passes import TrainingWorkspace, Workspace, forward
from skmlp_scratch._network.predictor import Predictor
from skmlp_scratch._training.objective import Objective

N_ROWS, N_FEATURES, N_OUTPUTS = 12, 6, 3
DTYPE = np.dtype(np.float64)


def make_parameters(rng_seed=0, hidden=(5, 4), n_outputs=N_OUTPUTS, dtype=DTYPE):
    parameters = Parameters([N_FEATURES, *hidden, n_outputs], dtype)
    factors = [6] * len(parameters.coefs)
    parameters.initialize(INITIALIZERS["glorot"], factors, np.random.RandomState(rng_seed))
    return parameters


def make_architecture(hidden=(5, 4), activation="tanh"):
    return Architecture((N_FEATURES, *hidden, N_OUTPUTS), (activation,) * len(hidden), DTYPE)


def make_objective(rng, loss, kind, *, activation="tanh", hidden=(5, 4), weighted=True, **options):
    X = rng.normal(size=(N_ROWS, N_FEATURES))
    if kind == "multiclass":
        targets = OneHotTargets(rng.integers(0, N_OUTPUTS, N_ROWS), N_OUTPUTS)
    else:
        targets = IndicatorTargets(rng.random((N_ROWS, N_OUTPUTS)) < 0.5)
    weights = rng.uniform(0.5, 2, N_ROWS) if weighted else None
    if options.pop("as_sparse", False):
        X = sparse.csr_array(X)
    return Objective(
        make_parameters(hidden=hidden),
        Dataset(X, targets, weights),
        make_architecture(hidden, activation),
        loss=LOSSES[loss][kind],
        **{"alpha": 0.3, "max_rows": N_ROWS, **options},
    )


class FrozenGenerator:
    """Draws the same numbers at each call, so that a masked network is one fixed function."""

    def random(self, out, dtype):
        out[...] = np.random.default_rng(3).random(out.shape, dtype)
        return out


@pytest.mark.parametrize("has_dropout", [False, True])
@pytest.mark.parametrize("as_sparse", [False, True])
@pytest.mark.parametrize("hidden", [(), (5,), (5, 4)])
@pytest.mark.parametrize("kind", ["multiclass", "multilabel"])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_agrees_with_differences_in_random_directions(
    rng, activation, loss, kind, hidden, as_sparse, has_dropout
):
    dropouts, sizes = (), (N_FEATURES, *hidden, N_OUTPUTS)
    if has_dropout:
        rates = [0.2, *(0.4 for _ in hidden)]
        dropouts = make_dropouts(rates, sizes, N_ROWS, DTYPE, FrozenGenerator())
    objective = make_objective(
        rng,
        loss,
        kind,
        activation=activation,
        hidden=hidden,
        as_sparse=as_sparse,
        dropouts=dropouts,
        label_smoothing=0.1,
    )
    flat = objective.parameters.flat
    start, h = flat.copy(), 1e-6
    objective.evaluate_all()
    gradient = objective.gradient.flat.copy()
    for _ in range(3):
        direction = rng.normal(size=flat.shape)
        values = []
        for sign in (1, -1):
            flat[:] = start + sign * h * direction
            values.append(objective.evaluate_all())

        # The difference itself is good to about h² and to the rounding error over h.
        assert (values[0] - values[1]) / (2 * h) == pytest.approx(gradient @ direction, rel=1e-6)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", ["multiclass", "multilabel"])
def test_all_rows_in_small_batches_give_the_same_as_in_one(rng, kind, weighted):
    seed = rng.integers(2**31)
    one, several = (
        make_objective(
            np.random.default_rng(seed), "log_loss", kind, weighted=weighted, max_rows=max_rows
        )
        for max_rows in (N_ROWS, 5)
    )

    assert one.evaluate_all() == pytest.approx(several.evaluate_all(), rel=1e-14)
    assert_allclose(one.gradient.flat, several.gradient.flat, rtol=1e-12, atol=1e-15)


def test_weights_count_like_repeated_rows(rng):
    X, codes = rng.normal(size=(N_ROWS, N_FEATURES)), rng.integers(0, N_OUTPUTS, N_ROWS)
    times = rng.integers(0, 4, N_ROWS)
    weighted = Dataset(X, OneHotTargets(codes, N_OUTPUTS), times.astype(float))
    repeated = Dataset(
        np.repeat(X, times, axis=0), OneHotTargets(np.repeat(codes, times), N_OUTPUTS), None
    )
    objectives = [
        Objective(
            make_parameters(),
            dataset,
            make_architecture(activation="relu"),
            loss=LOSSES["log_loss"]["multiclass"],
            alpha=0.1,
            max_rows=50,
        )
        for dataset in (weighted, repeated)
    ]

    assert objectives[0].evaluate_all() == pytest.approx(objectives[1].evaluate_all(), rel=1e-14)
    assert_allclose(
        objectives[0].gradient.flat, objectives[1].gradient.flat, rtol=1e-11, atol=1e-15
    )


def test_layers_are_views_of_the_flat_vector_weights_first():
    parameters = make_parameters()
    parameters.flat[:] = np.arange(parameters.flat.size)

    assert_array_equal(
        np.concatenate([part.ravel() for part in [*parameters.coefs, *parameters.intercepts]]),
        parameters.flat,
    )
    assert parameters.weights.size == sum(coef.size for coef in parameters.coefs)
    assert np.shares_memory(parameters.weights, parameters.flat)


def test_packing_copies_and_copies_stand_alone():
    parameters = make_parameters()
    layers = parameters.separate()
    packed = Parameters.pack(layers, np.dtype(np.float32))

    assert all(array.base is None for array in [*layers.coefs, *layers.intercepts])
    assert packed.flat.dtype == np.float32
    assert_array_equal(packed.flat, parameters.flat.astype(np.float32))
    assert packed.layer_sizes == parameters.layer_sizes == layers.layer_sizes


def test_a_shorter_batch_uses_the_same_memory_and_gives_the_same(rng):
    parameters = make_parameters()
    x = rng.normal(size=(N_ROWS, N_FEATURES))
    large = Workspace(make_architecture(), N_ROWS)
    small = large.rows(5)
    alone = Workspace(make_architecture(), 5)
    expected = forward(parameters, alone, x[:5])
    logits = forward(parameters, small, x[:5])

    assert np.shares_memory(logits, large.logits)
    assert logits.flags.c_contiguous
    assert_array_equal(logits, expected)
    assert large.rows(5) is small


def test_memory_is_freed_with_its_workspace_though_a_shorter_batch_has_used_it():
    workspace = Workspace(make_architecture(), N_ROWS)
    shorter = weakref.ref(workspace.rows(5))
    del workspace
    assert shorter() is None  # at once, without the garbage collector


def test_prediction_in_chunks_equals_prediction_at_once(rng, monkeypatch):
    parameters = make_parameters()
    X = rng.normal(size=(1000, N_FEATURES))
    layers = Layers(parameters.coefs, parameters.intercepts)

    def logits():
        predictor = Predictor(X, make_architecture())
        return [(chunk, ws.logits.copy()) for chunk, ws in predictor.chunks(layers)]

    [(_, at_once)] = logits()
    monkeypatch.setattr("skmlp_scratch._network.predictor.CHUNK_BYTES", 1)
    in_chunks = logits()

    assert len(in_chunks) > 1
    assert_allclose(np.hstack([z for _, z in in_chunks]), at_once, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_memory_of_a_batch_is_of_the_type_to_compute_in(activation, dtype):
    workspace = TrainingWorkspace(Architecture((3, 2, 2), (activation,), np.dtype(dtype)), 5)
    arrays = [workspace.logits, workspace.targets, workspace.ones]
    arrays += [*workspace.outputs, *workspace.deltas]
    [hidden] = workspace.activations
    hidden.forward(np.ones((5, 2), dtype))
    hidden.backward(np.ones((5, 2), dtype), np.ones((5, 2), dtype))  # its memory is made by now
    arrays += [a for a in vars(hidden).values() if isinstance(a, np.ndarray)]

    assert {a.dtype for a in arrays if a.dtype != bool} == {np.dtype(dtype)}


def test_the_memory_of_a_shorter_batch_is_made_once():
    workspace = Workspace(make_architecture(), 5)
    shorter = workspace.rows(3)

    assert workspace.rows(5) is workspace
    assert workspace.rows(3) is shorter
    assert shorter.rows(3) is shorter
    assert shorter.rows(2).n_rows == 2
