"""Training on all rows at once with SciPy's L-BFGS-B, over the stochastic solvers' objective."""

from math import isfinite, nan
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, minimize

from skmlp_scratch._training.epochs import Ending, Epoch, Listener, Outcome, Record
from skmlp_scratch._training.objective import Objective
from skmlp_scratch._training.state import TrainingState
from skmlp_scratch._training.validation import Validate


class LbfgsSolver:
    """A training on all rows at once.

    Parameters
    ----------
    objective : Objective
        What to minimize; its parameters are changed in place.
    state : TrainingState
        Where the training stands, which L-BFGS neither needs nor changes.
    max_iter, max_fun : int
        Largest numbers of iterations and of evaluations.
    tol : float
        Converged when no entry of the gradient is larger.
    validate : callable or None, default=None
        Returns validation loss and score of the present parameters.

    References
    ----------
    R. H. Byrd, P. Lu, J. Nocedal and C. Zhu, "A limited memory algorithm for bound constrained
    optimization", SIAM Journal on Scientific Computing 16(5), 1995.
    """

    def __init__(
        self,
        objective: Objective,
        state: TrainingState,
        *,
        max_iter: int,
        max_fun: int,
        tol: float,
        validate: Validate | None = None,
    ) -> None:
        self.objective = objective
        self.state = state
        self.max_iter = max_iter
        self.max_fun = max_fun
        self.tol = tol
        self.validate = validate
        self.parameters = objective.parameters
        self.batch_size = objective.batch_size
        self._flat = self.parameters.flat
        self._reached = self._flat.copy()
        self._start: float | None = None  # of the present iteration
        self._stopped = False
        self._loss, self._n_done = nan, 0

    def run(self, listener: Listener) -> Outcome:
        """Train; the listener is called for each iteration and can stop the training.

        Afterwards the parameters are at the minimum found.
        """
        self._listener = listener
        try:
            result = minimize(
                self._evaluate,
                self._flat.astype(np.float64),
                method="L-BFGS-B",
                jac=True,
                callback=self._end_iteration,
                options={"maxiter": self.max_iter, "maxfun": self.max_fun, "gtol": self.tol},
            )
        except KeyboardInterrupt:
            self._flat[:] = self._reached
            return Outcome(Ending.INTERRUPTED, self._n_done, self._loss)
        self._flat[:] = result.x
        loss, message = float(result.fun), str(result.message)
        return Outcome(self._ending(result), self._n_done, loss, message)

    def _ending(self, result: OptimizeResult) -> Ending:
        """Return why SciPy has stopped."""
        if not (isfinite(result.fun) and np.isfinite(self._flat).all()):
            return Ending.FAILED
        if self._stopped:
            return Ending.STOPPED
        return Ending.CONVERGED if result.success else Ending.MAX_ITER

    @np.errstate(all="ignore")  # SciPy's line search copes with overflow
    def _evaluate(self, x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Return value and gradient at `x`."""
        if self._start is None:
            self._start = perf_counter()
            self._listener.epoch_begins()
        self._flat[:] = x
        return self.objective.evaluate_all(), self.objective.gradient.flat.astype(np.float64)

    def _end_iteration(self, intermediate_result: OptimizeResult) -> None:
        """Keep the result of an iteration, call the listener; SciPy goes by the argument's name."""
        self._reached[:] = self._flat[:] = intermediate_result.x
        loss = float(intermediate_result.fun)
        validation_loss, score = self.validate() if self.validate else (nan, nan)
        self._loss, self._n_done = loss, self._n_done + 1
        seconds, self._start = perf_counter() - (self._start or 0), None
        record = Record(loss, validation_loss, score, seconds=seconds, best_loss=loss)
        epoch = Epoch(self._n_done, self.max_iter - self._n_done, record)
        self._stopped = self._listener.epoch_ends(epoch)
        if self._stopped:
            raise StopIteration
