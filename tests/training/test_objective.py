"""The objective: its gradient, for all rows and batch by batch."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy import sparse

from skmlp_scratch._data.dataset import Dataset
from skmlp_scratch._data.targets import (
    BinaryTargets,
    IndicatorTargets,
    OneHotTargets,
    SmoothedTargets,
)
from skmlp_scratch._network.activations import ACTIVATIONS
from skmlp_scratch._network.dropout import make_dropouts
from skmlp_scratch._network.losses import LOSSES, find_loss
from skmlp_scratch._network.parameters import Architecture, Parameters
from skmlp_scratch._training.objective import Objective
from tests._helpers.networks import (
    DTYPE,
    N_FEATURES,
    N_OUTPUTS,
    N_ROWS,
    make_architecture,
    make_parameters,
)
from tests._helpers.pairwise import all_pairs


@pytest.mark.slow
@pytest.mark.parametrize(("n_rows", "rows_at_once"), [(10_000_000, 2**16), (2**22, 2**22)])
def test_float32_losses_of_many_rows_add_up_without_a_drift(n_rows: int, rows_at_once: int) -> None:
    """Each row costs log 2."""
    dtype = np.dtype(np.float32)
    targets = BinaryTargets(np.broadcast_to(np.uint8(1), n_rows), 2)
    objective = Objective(
        Parameters([1, 1], dtype),
        Dataset(np.broadcast_to(dtype.type(0), (n_rows, 1)), targets, None),
        Architecture((1, 1), (), dtype),
        loss=find_loss("log_loss", "binary"),
        alpha=0,
        batch_size=rows_at_once,
    )
    assert objective.evaluate_all() == pytest.approx(np.log(2), rel=1e-7)


N_LOGITS = {"binary": 1, "multiclass": N_OUTPUTS, "multilabel": N_OUTPUTS}
KINDS = sorted(N_LOGITS)


def make_objective(
    rng: np.random.Generator,
    loss: str,
    kind: str,
    *,
    activation: str = "tanh",
    hidden: tuple[int, ...] = (5, 4),
    weighted: bool = True,
    **options: Any,
) -> Any:
    X = rng.normal(size=(N_ROWS, N_FEATURES))
    targets: Any = {
        "binary": lambda: BinaryTargets(rng.integers(0, 2, N_ROWS).astype(np.uint8), 2),
        "multiclass": lambda: OneHotTargets(rng.integers(0, N_OUTPUTS, N_ROWS), N_OUTPUTS),
        "multilabel": lambda: IndicatorTargets(rng.random((N_ROWS, N_OUTPUTS)) < 0.5),
    }[kind]()
    if smoothing := options.pop("label_smoothing", 0):
        targets = SmoothedTargets(targets, smoothing)
    weights = rng.uniform(0.5, 2, N_ROWS) if weighted else None
    if options.pop("as_sparse", False):
        X = sparse.csr_array(X)
    return Objective(
        make_parameters(hidden=hidden, n_outputs=N_LOGITS[kind]),
        Dataset(X, targets, weights),
        make_architecture(hidden, activation, N_LOGITS[kind]),
        loss=find_loss(loss, kind),
        **{"alpha": 0.3, "batch_size": N_ROWS, **options},
    )


class FrozenGenerator:
    """Draws the same numbers at each call, so that a masked network is one fixed function."""

    def random(self, out: NDArray[Any], dtype: Any) -> Any:
        out[...] = np.random.default_rng(3).random(out.shape, dtype)
        return out


@pytest.mark.thread("https://github.com/scikit-learn/scikit-learn/issues/8349")
@all_pairs(
    activation=ACTIVATIONS,
    loss=LOSSES,
    kind=KINDS,
    hidden=[(), (5,), (5, 4)],
    as_sparse=[False, True],
    has_dropout=[False, True],
)
def test_gradient_agrees_with_differences_in_random_directions(
    rng: np.random.Generator,
    activation: str,
    loss: str,
    kind: str,
    hidden: tuple[int, ...],
    as_sparse: bool,
    has_dropout: bool,
) -> None:
    dropouts: Any = ()
    sizes = (N_FEATURES, *hidden, N_LOGITS[kind])
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
@pytest.mark.parametrize("kind", KINDS)
def test_all_rows_in_small_batches_give_the_same_as_in_one(
    rng: np.random.Generator, kind: str, weighted: bool
) -> None:
    seed = rng.integers(2**31)
    one, several = (
        make_objective(
            np.random.default_rng(seed), "log_loss", kind, weighted=weighted, batch_size=batch_size
        )
        for batch_size in (N_ROWS, 5)
    )

    assert one.evaluate_all() == pytest.approx(several.evaluate_all(), rel=1e-14)
    assert_allclose(one.gradient.flat, several.gradient.flat, rtol=1e-12, atol=1e-15)


def test_weights_count_like_repeated_rows(rng: np.random.Generator) -> None:
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
            loss=find_loss("log_loss", "multiclass"),
            alpha=0.1,
            batch_size=50,
        )
        for dataset in (weighted, repeated)
    ]

    assert objectives[0].evaluate_all() == pytest.approx(objectives[1].evaluate_all(), rel=1e-14)
    assert_allclose(
        objectives[0].gradient.flat, objectives[1].gradient.flat, rtol=1e-11, atol=1e-15
    )
