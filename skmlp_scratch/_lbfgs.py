"""Full-batch training with SciPy's L-BFGS-B, over the same objective as the stochastic solvers."""

from collections.abc import Callable
from dataclasses import dataclass
from math import nan
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, minimize

from skmlp_scratch._objective import Objective
from skmlp_scratch._training import Epoch, Listener


@dataclass
class LbfgsResult:
    """How a minimisation ended.

    Parameters
    ----------
    loss : float
        Value of the objective at the end.
    n_iter : int
        Number of iterations.
    failure : str, default=""
        Why it stopped before convergence.
    interrupted : bool, default=False
        Whether the user pressed Ctrl-C.
    """

    loss: float
    n_iter: int
    failure: str = ""
    interrupted: bool = False


def minimize_lbfgs(
    objective: Objective,
    *,
    max_iter: int,
    max_fun: int,
    tol: float,
    listener: Listener,
    validate: Callable[[], tuple[float, float]] | None = None,
) -> LbfgsResult:
    """Minimise the objective over all rows; its parameters end at the minimum found.

    Parameters
    ----------
    objective : Objective
        What to minimise.
    max_iter, max_fun : int
        Largest numbers of iterations and of evaluations.
    tol : float
        Converged when no entry of the gradient is larger.
    listener : Listener
        Is told of each iteration and can stop the minimisation.
    validate : callable or None, default=None
        Returns validation loss and score of the current parameters.

    References
    ----------
    R. H. Byrd, P. Lu, J. Nocedal and C. Zhu, "A limited memory algorithm for bound constrained
    optimization", SIAM Journal on Scientific Computing 16(5), 1995.
    """
    parameters = objective.parameters.flat
    reached = LbfgsResult(loss=np.nan, n_iter=0)
    best = parameters.copy()
    start: float | None = None
    stopped = False

    def value_and_gradient(x: NDArray[Any]) -> tuple[float, NDArray[np.float64]]:
        nonlocal start
        if start is None:  # the first evaluation of an iteration
            start = perf_counter()
            listener.epoch_begins()
        parameters[:] = x
        return objective.evaluate_all(), objective.gradient.flat.astype(np.float64)

    def callback(intermediate_result: OptimizeResult) -> None:
        nonlocal start, stopped
        best[:] = parameters[:] = intermediate_result.x
        reached.loss = float(intermediate_result.fun)
        reached.n_iter += 1
        validation_loss, score = validate() if validate else (None, None)
        seconds, start = perf_counter() - (start or 0), None
        stopped = listener.epoch_ends(
            Epoch(
                reached.n_iter,
                reached.loss,
                validation_loss,
                score,
                learning_rate=nan,
                seconds=seconds,
                best=reached.loss,
            )
        )
        if stopped:
            raise StopIteration

    try:
        result = minimize(
            value_and_gradient,
            parameters.astype(np.float64),
            method="L-BFGS-B",
            jac=True,
            callback=callback,
            options={"maxiter": max_iter, "maxfun": max_fun, "gtol": tol},
        )
    except KeyboardInterrupt:
        parameters[:] = best
        reached.interrupted = True
        return reached
    parameters[:] = result.x
    failure = "" if result.success or stopped else str(result.message)
    return LbfgsResult(float(result.fun), min(result.nit, max_iter), failure)
