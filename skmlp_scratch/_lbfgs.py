"""Full-batch training with SciPy's L-BFGS-B, over the same objective as the stochastic solvers."""

from collections.abc import Callable
from dataclasses import dataclass
from math import nan
from time import perf_counter

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


class FullBatchTraining:
    """A training on all rows at once.

    Parameters
    ----------
    objective : Objective
        What to minimise; its parameters are changed in place.
    listener : Listener
        Is told of each iteration and can stop the training.
    max_iter, max_fun : int
        Largest numbers of iterations and of evaluations.
    tol : float
        Converged when no entry of the gradient is larger.
    validate : callable or None, default=None
        Returns validation loss and score of the current parameters.

    References
    ----------
    R. H. Byrd, P. Lu, J. Nocedal and C. Zhu, "A limited memory algorithm for bound constrained
    optimization", SIAM Journal on Scientific Computing 16(5), 1995.
    """

    def __init__(
        self,
        objective: Objective,
        listener: Listener,
        *,
        max_iter: int,
        max_fun: int,
        tol: float,
        validate: Callable[[], tuple[float, float]] | None = None,
    ) -> None:
        self.objective = objective
        self.listener = listener
        self.max_iter = max_iter
        self.max_fun = max_fun
        self.tol = tol
        self.validate = validate
        self._parameters = objective.parameters.flat
        self._reached = LbfgsResult(loss=nan, n_iter=0)
        self._reached_parameters = self._parameters.copy()
        self._start: float | None = None  # of the present iteration
        self._stopped = False

    def run(self) -> LbfgsResult:
        """Minimise the objective; its parameters end at the minimum found."""
        try:
            result = minimize(
                self._evaluate,
                self._parameters.astype(np.float64),
                method="L-BFGS-B",
                jac=True,
                callback=self._end_iteration,
                options={"maxiter": self.max_iter, "maxfun": self.max_fun, "gtol": self.tol},
            )
        except KeyboardInterrupt:
            self._parameters[:] = self._reached_parameters
            self._reached.interrupted = True
            return self._reached
        self._parameters[:] = result.x
        failure = "" if result.success or self._stopped else str(result.message)
        return LbfgsResult(float(result.fun), min(result.nit, self.max_iter), failure)

    @np.errstate(all="ignore")  # SciPy's line search copes with what overflows
    def _evaluate(self, x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Return value and gradient at `x`."""
        if self._start is None:
            self._start = perf_counter()
            self.listener.epoch_begins()
        self._parameters[:] = x
        return self.objective.evaluate_all(), self.objective.gradient.flat.astype(np.float64)

    def _end_iteration(self, intermediate_result: OptimizeResult) -> None:
        """Keep what an iteration has reached and tell of it; SciPy knows the argument's name."""
        self._reached_parameters[:] = self._parameters[:] = intermediate_result.x
        self._reached.loss = loss = float(intermediate_result.fun)
        self._reached.n_iter += 1
        validation_loss, score = self.validate() if self.validate else (None, None)
        seconds, self._start = perf_counter() - (self._start or 0), None
        self._stopped = self.listener.epoch_ends(
            Epoch(
                self._reached.n_iter,
                loss,
                validation_loss,
                score,
                learning_rate=nan,
                seconds=seconds,
                best_loss=loss,
            )
        )
        if self._stopped:
            raise StopIteration
