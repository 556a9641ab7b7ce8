"""Advice for the user: why a training has ended too early, and what hampers it."""

from collections.abc import Iterator
from math import ceil
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from skmlp_scratch._estimator.options import (
    Options,
    is_in_sklearn,
    plain,
    schedule_of,
    takes_batches,
)
from skmlp_scratch._estimator.threads import blas_threads
from skmlp_scratch._network.parameters import Architecture, LayerArrays
from skmlp_scratch._network.predictor import MIN_CHUNK_ROWS, Predictor
from skmlp_scratch._training.epochs import Ending, History, Outcome
from skmlp_scratch._training.optimizers import OPTIMIZERS

EXTREME = 1e3
# Far more than two samples of the same rows differ by: in their largest values, and in the means of
# the features, counted in standard deviations.
FACTOR, SHIFT = 50, 3


def check_outcome(outcome: Outcome, options: Options) -> None:
    """Raise if a training has no parameters worth keeping."""
    if outcome.ending is Ending.FAILED:
        raise ValueError(
            f"Solver produced non-finite parameter weights. {_against_divergence(options)}"
        )


def convergence_warnings(
    outcome: Outcome, options: Options, history: History, *, incremental: bool
) -> Iterator[UserWarning]:
    """Yield why a training has ended before it converged."""
    if outcome.ending is Ending.INTERRUPTED:
        yield UserWarning("Training interrupted by user.")
    elif outcome.ending is Ending.DIVERGED:
        yield ConvergenceWarning(
            f"The loss became infinite or NaN in epoch {outcome.n_epochs + 1}. The parameters kept "
            f"are the last that gave a finite loss. {_against_divergence(options)}"
        )
    elif outcome.ending is Ending.MAX_ITER and not (incremental or _has_end(options)):
        yield ConvergenceWarning(_not_converged(outcome, options, history))


def _has_end(options: Options) -> bool:
    """Return whether the learning-rate schedule leads up to the end of the training."""
    return takes_batches(options.solver) and schedule_of(options).has_end


def _not_converged(outcome: Outcome, options: Options, history: History) -> str:
    if takes_batches(options.solver):
        return (
            f"Stochastic Optimizer: Maximum iterations ({options.max_iter}) reached and the "
            f"optimization hasn't converged yet.{_last_gain(options, history)} Increase max_iter"
            f"{'' if options.early_stopping else ', stop by validation with early_stopping=True'}, "
            "or use a schedule that ends at max_iter, such as learning_rate='one_cycle'."
        )
    return (
        f"lbfgs failed to converge after {outcome.n_epochs} iteration(s): {outcome.message}. "
        f"Increase max_iter={options.max_iter} or max_fun={options.max_fun}, or scale the data."
    )


def _last_gain(options: Options, history: History) -> str:
    """Return how far from convergence the last epochs were."""
    what, sign = ("validation_score", 1) if options.early_stopping else ("loss", -1)
    values = history.column(what)[history.n_earlier :]
    n_epochs = int(min(options.n_iter_no_change, len(values) - 1))
    if n_epochs < 1:
        return ""
    gain = sign * (values[-1] - values[-1 - n_epochs]) / n_epochs
    change = f"improved by {gain:.2g} an epoch" if gain > 0 else "did not improve"
    return (
        f" Over the last {n_epochs} epoch(s), the {what.replace('_', ' ')} {change}; training "
        f"stops after more than n_iter_no_change={options.n_iter_no_change} epochs in a row "
        f"without an improvement by tol={options.tol:g}."
    )


def unused_options(estimator: Any, options: Options, *, has_held_out: bool) -> Iterator[str]:
    """Yield which parameters have no effect, but for those that scikit-learn ignores in silence.

    Parameters
    ----------
    estimator : MLPClassifier
        The parameters as the user has set them, and their defaults.
    options : Options
        The parameters as they are used.
    has_held_out : bool
        Whether the user has given validation data.
    """
    defaults = type(estimator).__init__.__kwdefaults__ or {}
    for name, reason in _unused(options, has_held_out).items():
        value = plain(getattr(estimator, name))
        if np.size(value) and value not in (None, 0, defaults.get(name, value)):
            yield f"{name}={value!r} has no effect {reason}"


def _unused(options: Options, has_held_out: bool) -> dict[str, str]:
    """Return each unused parameter, with where it has no effect and what to use instead."""
    unused, by_batches = {}, takes_batches(options.solver)
    with_solver = f"with solver={options.solver!r}"
    if by_batches and "weight_decay" in OPTIMIZERS[options.solver].options:
        unused["alpha"] = f"{with_solver}. Use weight_decay, or another solver."
    else:
        takers = [name for name, kind in OPTIMIZERS.items() if "weight_decay" in kind.options]
        unused["weight_decay"] = (
            f"{with_solver}. Use solver={takers[0]!r}, or alpha for an L2 penalty."
        )
    # The schedules that scikit-learn has are ignored in silence, as by scikit-learn.
    if not (by_batches or is_in_sklearn("learning_rate", options.learning_rate)):
        unused["learning_rate"] = f"{with_solver}, which chooses the length of each step by itself."
    if not (has_held_out or (options.early_stopping and by_batches)):
        unused["scoring"] = "without validation. Pass X_val and y_val, or set early_stopping=True."
    if not options.hidden_layer_sizes:
        unused["dropout"] = "without hidden layers. Use input_dropout for the features."
        unused["max_norm"] = "without hidden layers. Use alpha for an L2 penalty."
    return unused


def _against_divergence(options: Options) -> str:
    """Return what helps against divergence."""
    advice = (
        "The input data may contain large values and need to be preprocessed: scale X, for "
        "instance with StandardScaler or input_scale."
    )
    if not takes_batches(options.solver):
        return advice
    rate = f"learning_rate_init={options.learning_rate_init}"
    return f"{advice} Otherwise lower {rate}, or set clip_norm."


def data_hints(
    X: Any, X_val: Any, layers: LayerArrays, architecture: Architecture
) -> Iterator[str]:
    """Yield advice based on a sample of the rows.

    Parameters
    ----------
    X : ndarray, or CSR array or matrix, of shape (n_samples, n_features)
        Training rows.
    X_val : ndarray, or CSR array or matrix, of shape (n_val, n_features), or None
        The user's own validation rows.
    layers : LayerArrays
        Trained parameters.
    architecture : Architecture
        Architecture of the network.
    """
    X = _sample(X)
    largest = _largest_value(X) * architecture.input_scale
    if largest > EXTREME or 0 < largest < 1 / EXTREME:
        yield (
            f"The largest value of X, times input_scale={architecture.input_scale:g}, is "
            f"{largest:.3g}. Networks learn best from features around 1: scale X, for instance "
            "with StandardScaler, or set input_scale."
        )
    if X_val is not None and (difference := _find_difference(X, _sample(X_val))):
        yield (
            f"{difference}: the validation rows seem to have skipped a step that the training rows "
            "went through. In a pipeline, let scikit-learn transform them too: "
            "set_config(enable_metadata_routing=True), "
            'Pipeline(..., transform_input=["X_val"]) and '
            "MLPClassifier(...).set_fit_request(X_val=True, y_val=True); then pass X_val and y_val "
            "to the pipeline's fit."
        )
    for number in _dead_layers(X, layers, architecture):
        yield (
            f"Hidden layer {number} outputs 0 for every sampled row (dead units): no gradient "
            "passes through it, so that the network has stopped learning. Scale X, use "
            "activation='leaky_relu' or, with a stochastic solver, lower learning_rate_init."
        )


def _find_difference(X: Any, X_val: Any) -> str:
    """Return how validation rows differ in scale from the training rows, "" if they do not."""
    largest, largest_val = _largest_value(X), _largest_value(X_val)
    low, high = sorted([largest, largest_val])
    if high > FACTOR * low > 0:
        return f"The largest value of X_val is {largest_val:.3g}, but that of X is {largest:.3g}"
    is_dense = isinstance(X, np.ndarray) and isinstance(X_val, np.ndarray)
    if is_dense and (shift := _shift(X, X_val)) > SHIFT:
        return f"The means of X_val and X differ by {shift:.0f} standard deviations of X"
    return ""


@np.errstate(all="ignore")  # an overflow is no evidence
def _shift(X: Any, X_val: Any) -> float:
    """Return the median over the features of their means' difference in standard deviations."""
    scale = X.std(axis=0)
    varies = scale > 0
    shifts = np.abs(X_val.mean(axis=0) - X.mean(axis=0))[varies] / scale[varies]
    return float(np.median(shifts)) if varies.any() else 0.0


def _sample(X: Any) -> Any:
    """Return some of the rows, from all over, as they may be sorted by class."""
    return X[:: ceil(X.shape[0] / MIN_CHUNK_ROWS)]


def _largest_value(X: Any) -> float:
    """Return the largest absolute value of a dense array or CSR matrix."""
    values = X if isinstance(X, np.ndarray) else X.data
    if not values.size:
        return 0.0
    return max(abs(float(values.max())), abs(float(values.min())))


@np.errstate(all="ignore")  # as in the training itself
def _dead_layers(X: Any, layers: LayerArrays, architecture: Architecture) -> list[int]:
    """Return the number, from 1, of each hidden layer whose units are all off in all rows."""
    predictor = Predictor(X, architecture)
    with blas_threads(predictor.chunk_rows, architecture.layer_sizes):
        chunks = predictor.chunks(layers, slice(0, X.shape[0]))
        is_on = np.any([[a.any() for a in hidden] for _, _, hidden in chunks], axis=0)
    return [number for number, on in enumerate(is_on, start=1) if not on]
