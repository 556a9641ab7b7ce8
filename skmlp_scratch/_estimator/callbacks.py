"""What hears of a training in progress: the printed report and scikit-learn's callbacks."""

from collections.abc import Callable
from time import perf_counter
from typing import Any

from skmlp_scratch._training.epochs import Epoch

__all__ = ["CallbackSupportMixin", "CallbackTask", "Listeners", "Reporter"]

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Stands in for scikit-learn's before 1.9, without its ``set_callbacks``."""


class Reporter:
    """Prints a line for each epoch.

    Parameters
    ----------
    tol, n_iter_no_change : float
        The stop rule, for its message.
    """

    def __init__(self, tol: float, n_iter_no_change: float) -> None:
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.start = perf_counter()

    def epoch(self, epoch: Epoch) -> None:
        """Print an epoch, the longest time left, and what follows from a stall."""
        line = f"Iteration {epoch.number}, loss = {epoch.loss:.8f}"
        if epoch.validation_score is not None:
            line += f", validation score = {epoch.validation_score:.6f}"
        left = (perf_counter() - self.start) / epoch.number * epoch.n_left
        print(f"{line}, up to {left:.0f} s left", flush=True)
        if epoch.stalled:
            print(f"{self._reason(epoch)} {self._consequence(epoch)}")

    def _reason(self, epoch: Epoch) -> str:
        what = "Training loss" if epoch.best_score is None else "Validation score"
        return (
            f"{what} did not improve more than tol={self.tol:f} for "
            f"{self.n_iter_no_change} consecutive epochs."
        )

    @staticmethod
    def _consequence(epoch: Epoch) -> str:
        if epoch.next_learning_rate is None:
            return "Stopping."
        return f"Setting learning rate to {epoch.next_learning_rate:f}"


class CallbackTask:
    """The fit as scikit-learn's callbacks see it: a task with one subtask for each epoch.

    Parameters
    ----------
    estimator : estimator with CallbackSupportMixin
        What is fitted.
    X, y : array-like
        The training data as the user gave them, so that feature names and labels fit.
    metadata : dict
        What else the user gave to `fit`.
    """

    def __init__(
        self,
        estimator: Any,
        X: Any,
        y: Any,
        metadata: dict[str, Any],
    ) -> None:
        given = {name: value for name, value in metadata.items() if value is not None}
        self._seen = {"estimator": estimator, "X": X, "y": y, "metadata": given or None}
        self._fit = estimator._init_callback_context(max_subtasks=estimator.max_iter)
        self._fit.call_on_fit_task_begin(**self._seen)

    def epoch_begins(self) -> None:
        """Tell that an epoch begins."""
        self._epoch = self._fit.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(**self._seen)

    def epoch_ends(self, snapshot: Callable[[], dict[str, Any]]) -> bool:
        """Tell that an epoch is over; return whether a callback asks to stop.

        `snapshot` returns the attributes, copied, that make a copy of the estimator ready to
        predict. It is only called for a callback that asks for such a copy.
        """
        return bool(
            self._epoch.call_on_fit_task_end(**self._seen, reconstruction_attributes=snapshot)
        )

    def end(self) -> None:
        """Tell that the fit is over."""
        self._fit.call_on_fit_task_end(**self._seen, reconstruction_attributes={})


class Listeners:
    """Passes each epoch on to all that want to hear of it.

    Parameters
    ----------
    record : callable
        Keeps the epoch's figures.
    reporter : Reporter or None
        Prints them.
    task : CallbackTask or None
        Tells scikit-learn's callbacks.
    snapshot : callable
        Returns copied attributes for scikit-learn's callbacks; see `CallbackTask.epoch_ends`.
    """

    def __init__(
        self,
        record: Callable[[Epoch], None],
        reporter: Reporter | None,
        task: CallbackTask | None,
        snapshot: Callable[[], dict[str, Any]],
    ) -> None:
        self._record = record
        self._reporter = reporter
        self._task = task
        self._snapshot = snapshot

    def epoch_begins(self) -> None:
        """Hear that an epoch begins."""
        if self._task:
            self._task.epoch_begins()

    def epoch_ends(self, epoch: Epoch) -> bool:
        """Hear of a finished epoch; return whether to stop."""
        self._record(epoch)
        if self._reporter:
            self._reporter.epoch(epoch)
        return bool(self._task and self._task.epoch_ends(self._snapshot))
