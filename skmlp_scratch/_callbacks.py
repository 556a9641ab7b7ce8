"""Reports of a training in progress, on standard output."""

from time import perf_counter

from skmlp_scratch._training import Epoch


class Reporter:
    """Prints a line for each epoch.

    Parameters
    ----------
    max_iter : int
        Largest number of epochs, for the time left.
    tol, n_iter_no_change : float
        The stop rule, for its message.
    """

    def __init__(self, max_iter: int, tol: float, n_iter_no_change: float) -> None:
        self.max_iter = max_iter
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.start = perf_counter()

    def iteration(self, number: int, loss: float, score: float | None = None) -> None:
        """Print iteration number, loss, validation score and the longest time left."""
        line = f"Iteration {number}, loss = {loss:.8f}"
        if score is not None:
            line += f", validation score = {score:.6f}"
        left = (perf_counter() - self.start) / number * (self.max_iter - number)
        print(f"{line}, at most {left:.0f} s left", flush=True)

    def epoch(self, epoch: Epoch) -> None:
        """Print an epoch and what follows from it."""
        self.iteration(epoch.number, epoch.loss, epoch.validation_score)
        if epoch.stalled:
            print(f"{self._reason(epoch)} {self._consequence(epoch)}")

    def _reason(self, epoch: Epoch) -> str:
        what = "Training loss" if epoch.validation_score is None else "Validation score"
        return (
            f"{what} did not improve more than tol={self.tol:f} for "
            f"{self.n_iter_no_change} consecutive epochs."
        )

    @staticmethod
    def _consequence(epoch: Epoch) -> str:
        if epoch.next_learning_rate is None:
            return "Stopping."
        return f"Setting learning rate to {epoch.next_learning_rate:f}"
