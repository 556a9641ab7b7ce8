"""Full-batch training with SciPy's L-BFGS-B, over the same objective as the stochastic solvers."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, minimize

from skmlp_scratch._objective import Objective


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
    on_iteration_end: Callable[[int, float, float], bool],
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
    on_iteration_end : callable
        Is given each iteration's number, loss and seconds, with its parameters in place; the
        minimisation stops if it returns True.

    References
    ----------
    R. H. Byrd, P. Lu, J. Nocedal and C. Zhu, "A limited memory algorithm for bound constrained
    optimization", SIAM Journal on Scientific Computing 16(5), 1995.
    """
    parameters = objective.parameters.flat
    start = perf_counter()
    reached = LbfgsResult(loss=np.nan, n_iter=0)
    best = parameters.copy()

    def value_and_gradient(x: NDArray[Any]) -> tuple[float, NDArray[np.float64]]:
        parameters[:] = x
        return objective.evaluate_all(), objective.gradient.flat.astype(np.float64)

    def callback(intermediate_result: OptimizeResult) -> None:
        nonlocal start
        best[:] = parameters[:] = intermediate_result.x
        reached.loss = float(intermediate_result.fun)
        reached.n_iter += 1
        stops = on_iteration_end(reached.n_iter, reached.loss, perf_counter() - start)
        start = perf_counter()
        if stops:
            raise StopIteration

    try:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
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
    failure = "" if result.success else str(result.message)
    return LbfgsResult(float(result.fun), min(result.nit, max_iter), failure)
