"""Properties of every loss."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from skmlp_scratch._network.losses import LOSSES as FAMILIES
from skmlp_scratch._network.losses import find_loss
from tests._helpers.models import peak_of

DTYPES = [np.float32, np.float64]
TARGET_TYPES = ["binary", "multiclass", "multilabel"]
FOUND = [find_loss(name, target_type) for name in FAMILIES for target_type in TARGET_TYPES]
LOSSES: dict[str, Any] = {loss.__name__: loss for loss in FOUND}
LOG_LOSSES = ["SoftmaxCrossEntropy", "SigmoidCrossEntropy"]


def evaluate(name: str, logits: NDArray[Any], targets: NDArray[Any]) -> Any:
    """Return losses (rows,) and gradient (n_outputs, rows)."""
    loss, gradient = LOSSES[name](*logits.shape, logits.dtype), logits.copy()
    return loss.losses_and_gradient(gradient, targets).copy(), gradient


def random_problem(name: str, rng: np.random.Generator, n_outputs: int = 4, n_rows: int = 9) -> Any:
    logits = rng.normal(scale=3, size=(n_outputs, n_rows))
    targets = rng.random((n_outputs, n_rows))
    if name == "SoftmaxCrossEntropy":
        targets /= targets.sum(axis=0)
    return logits, targets


@pytest.mark.parametrize("name", LOSSES)
def test_gradient_is_the_central_difference_of_the_value(
    name: str, rng: np.random.Generator
) -> None:
    logits, targets = random_problem(name, rng)
    gradient = evaluate(name, logits, targets)[1]
    h = 1e-6
    for output in range(len(logits)):
        step = h * (np.arange(len(logits)) == output)[:, np.newaxis]
        above, below = (evaluate(name, logits + s, targets)[0] for s in (step, -step))

        # The difference itself is good to about h² and to the rounding error over h.
        assert_allclose(gradient[output], (above - below) / (2 * h), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", LOG_LOSSES)
def test_value_is_the_cross_entropy_of_the_probabilities(
    name: str, rng: np.random.Generator
) -> None:
    logits, targets = random_problem(name, rng)
    p = LOSSES[name].probabilities(logits.copy())
    expected = -targets * np.log(p)
    if name == "SigmoidCrossEntropy":
        expected -= (1 - targets) * np.log(1 - p)

    assert_allclose(evaluate(name, logits, targets)[0], expected.sum(axis=0), rtol=1e-12)


@pytest.mark.parametrize("name", LOSSES)
def test_log_probabilities_are_the_logarithms_of_the_probabilities(
    name: str, rng: np.random.Generator
) -> None:
    logits, _ = random_problem(name, rng)
    loss = LOSSES[name]

    assert_allclose(
        loss.log_probabilities(logits.copy()), np.log(loss.probabilities(logits.copy())), rtol=1e-12
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LOG_LOSSES)
def test_a_mistake_costs_no_more_than_at_a_probability_of_the_rounding_unit(
    name: str, dtype: Any
) -> None:
    logits, targets = np.array([[500], [-500]], dtype), np.array([[0], [1]], dtype)
    n_mistakes = {"SoftmaxCrossEntropy": 1, "SigmoidCrossEntropy": 2}[
        name
    ]  # of the row, or of each label

    assert evaluate(name, logits, targets)[0] == pytest.approx(
        -n_mistakes * np.log(np.finfo(dtype).eps), rel=1e-6
    )


@pytest.mark.parametrize("name", ["SoftmaxCrossEntropy", "NormalizedSquaredError"])
def test_probabilities_of_one_class_out_of_several_sum_to_one(
    name: str, rng: np.random.Generator
) -> None:
    p = LOSSES[name].probabilities(random_problem(name, rng)[0])

    assert_allclose(p.sum(axis=0), 1, rtol=1e-14)


@pytest.mark.parametrize("name", ["SquaredError", "NormalizedSquaredError"])
def test_squared_error_is_half_the_squared_distance_to_the_sigmoids(
    name: str, rng: np.random.Generator
) -> None:
    logits, targets = random_problem(name, rng)
    expected = ((1 / (1 + np.exp(-logits)) - targets) ** 2).sum(axis=0) / 2

    assert_allclose(evaluate(name, logits, targets)[0], expected, rtol=1e-12)


def test_normalized_probabilities_are_the_sigmoids_over_their_sum(rng: np.random.Generator) -> None:
    logits, _ = random_problem("NormalizedSquaredError", rng)
    outputs = 1 / (1 + np.exp(-logits))
    p = LOSSES["NormalizedSquaredError"].probabilities(logits)

    assert_allclose(p, outputs / outputs.sum(axis=0), rtol=1e-12)


def test_two_classes_cost_the_same_with_one_output_as_with_two(rng: np.random.Generator) -> None:
    z = rng.normal(scale=5, size=(1, 20))
    y = rng.integers(0, 2, (1, 20)).astype(float)
    one, _ = evaluate("SigmoidCrossEntropy", z, y)
    two, _ = evaluate(
        "SoftmaxCrossEntropy", np.vstack([np.zeros_like(z), z]), np.vstack([1 - y, y])
    )

    # A loss near 0 is the logarithm of a sum near 1, which is good to the rounding of 1.
    assert_allclose(one, two, rtol=1e-12, atol=1e-15)


@pytest.mark.thread("https://github.com/rasbt/python-machine-learning-book-2nd-edition/issues/49")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LOSSES)
def test_extreme_logits_give_finite_results_of_the_same_type(name: str, dtype: Any) -> None:
    logits = np.array([[-1e30, 0, 1e30, 1e4], [1e30, 0, -1e30, -1e4]], dtype)
    targets = np.array([[1, 1, 0, 1], [0, 0, 1, 0]], dtype)
    losses, gradient = evaluate(name, logits, targets)
    loss = LOSSES[name]
    log_p = loss.log_probabilities(logits.copy())

    for result in (losses, gradient, loss.probabilities(logits.copy()), log_p):
        assert np.isfinite(result).all()
        assert result.dtype == dtype


@pytest.mark.parametrize("name", LOSSES)
def test_batches_may_be_shorter_than_the_largest(name: str, rng: np.random.Generator) -> None:
    logits, targets = random_problem(name, rng)
    loss, gradient = LOSSES[name](len(logits), 50, logits.dtype), logits.copy()
    losses = loss.losses_and_gradient(gradient, targets)
    expected_losses, expected_gradient = evaluate(name, logits, targets)

    assert_allclose(losses, expected_losses, rtol=1e-15)
    assert_allclose(gradient, expected_gradient, rtol=1e-15)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LOSSES)
def test_scratch_memory_is_made_once_and_of_the_type_of_the_logits(
    name: str, dtype: Any, rng: np.random.Generator
) -> None:
    n_rows = 20_000  # one number for each is more than the buffers that NumPy may need
    logits, targets = (a.astype(dtype) for a in random_problem(name, rng, 3, n_rows))
    loss = LOSSES[name](3, n_rows, np.dtype(dtype))

    assert {a.dtype for a in vars(loss).values() if isinstance(a, np.ndarray)} == {np.dtype(dtype)}
    assert peak_of(lambda: loss.losses_and_gradient(logits, targets)) < n_rows * logits.itemsize


@pytest.mark.parametrize("name", [name for name in LOSSES if not name.startswith("Binary")])
def test_probabilities_overwrite_the_logits(name: str, rng: np.random.Generator) -> None:
    logits, _ = random_problem(name, rng)
    for function in (LOSSES[name].probabilities, LOSSES[name].log_probabilities):
        assert function(logits) is logits


@pytest.mark.parametrize("name", FAMILIES)
def test_a_binary_logit_has_two_columns(name: str, rng: np.random.Generator) -> None:
    logits = rng.normal(scale=3, size=(1, 9))
    binary, multilabel = find_loss(name, "binary"), find_loss(name, "multilabel")
    p = multilabel.probabilities(logits.copy())
    log_p = binary.log_probabilities(logits.copy())

    assert_allclose(binary.probabilities(logits.copy()), np.vstack([1 - p, p]), rtol=0)
    assert_allclose(np.exp(log_p), np.vstack([1 - p, p]), rtol=1e-12)
