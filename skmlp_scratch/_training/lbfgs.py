"""Full-batch training with SciPy's L-BFGS-B, over the same objective as the stochastic solvers."""

from collections.abc import Callable
from math import isfinite, nan
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, minimize

from skmlp_scratch._training.epochs import Epoch, Listener, Outcome
from skmlp_scratch._training.objective import Objective


class FullBatchTraining:
    """A training on all rows at once.

    Parameters
    ----------
    objective : Objective
        What to minimise; its parameters are changed in place.
    max_iter, max_fun : int
        Largest numbers of iterations and of evaluations.
    tol : float
        Converged when no entry of the gradient is larger.
    validate : callable or None, default=None
        Returns validation loss and score of the current parameters.

    Attributes
    ----------
    loss : float
        Value of the objective that was reached.
    n_iter : int
        Number of iterations.
    message : str
        Why SciPy has stopped.

    References
    ----------
    R. H. Byrd, P. Lu, J. Nocedal and C. Zhu, "A limited memory algorithm for bound constrained
    optimization", SIAM Journal on Scientific Computing 16(5), 1995.
    """

    def __init__(
        self,
        objective: Objective,
        *,
        max_iter: int,
        max_fun: int,
        tol: float,
        validate: Callable[[], tuple[float, float]] | None = None,
    ) -> None:
        self.objective = objective
        self.max_iter = max_iter
        self.max_fun = max_fun
        self.tol = tol
        self.validate = validate
        self._parameters = objective.parameters.flat
        self._reached = self._parameters.copy()
        self._start: float | None = None  # of the present iteration
        self._stopped = False
        self.loss, self.n_iter, self.message = nan, 0, ""

    def run(self, listener: Listener) -> Outcome:
        """Minimise the objective; its parameters end at the minimum found.

        The listener is told of each iteration and can stop the training.
        """
        self._listener = listener
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
            self._parameters[:] = self._reached
            return Outcome.INTERRUPTED
        self._parameters[:] = result.x
        self.loss, self.message = float(result.fun), str(result.message)
        if not isfinite(self.loss):
            return Outcome.DIVERGED
        if self._stopped:
            return Outcome.STOPPED
        return Outcome.CONVERGED if result.success else Outcome.MAX_ITER

    @np.errstate(all="ignore")  # SciPy's line search copes with what overflows
    def _evaluate(self, x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Return value and gradient at `x`."""
        if self._start is None:
            self._start = perf_counter()
            self._listener.epoch_begins()
        self._parameters[:] = x
        return self.objective.evaluate_all(), self.objective.gradient.flat.astype(np.float64)

    def _end_iteration(self, intermediate_result: OptimizeResult) -> None:
        """Keep what an iteration has reached and tell of it; SciPy knows the argument's name."""
        self._reached[:] = self._parameters[:] = intermediate_result.x
        self.loss = float(intermediate_result.fun)
        self.n_iter += 1
        validation_loss, score = self.validate() if self.validate else (None, None)
        seconds, self._start = perf_counter() - (self._start or 0), None
        self._stopped = self._listener.epoch_ends(
            Epoch(
                self.n_iter,
                self.max_iter - self.n_iter,
                self.loss,
                validation_loss,
                score,
                learning_rate=nan,
                seconds=seconds,
                best_loss=self.loss,
            )
        )
        if self._stopped:
            raise StopIteration
