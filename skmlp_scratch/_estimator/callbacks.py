"""Listeners of a training: the progress report, and scikit-learn's callbacks."""

from collections.abc import Callable
from math import isnan
from time import perf_counter
from typing import Any

from skmlp_scratch._estimator.draft import shown
from skmlp_scratch._estimator.problem import Samples
from skmlp_scratch._estimator.sklearn_compat import callback_context
from skmlp_scratch._training.epochs import Epoch


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

    def epoch_begins(self) -> None:
        """Print nothing yet."""

    def epoch_ends(self, epoch: Epoch) -> bool:
        """Print an epoch, the longest time left, and what follows from a plateau."""
        record = epoch.record
        line = f"Iteration {epoch.number}, loss = {record.loss:.8f}"
        if not isnan(record.validation_score):
            line += f", validation score = {record.validation_score:.6f}"
        left = (perf_counter() - self.start) / epoch.number * epoch.n_left
        print(f"{line}, up to {left:.0f} s left", flush=True)
        if epoch.on_plateau:
            print(f"{self._reason(epoch)} {self._consequence(epoch)}")
        return False

    def _reason(self, epoch: Epoch) -> str:
        what = "Training loss" if isnan(epoch.record.best_score) else "Validation score"
        return (
            f"{what} did not improve more than tol={self.tol:f} for "
            f"{self.n_iter_no_change} consecutive epochs."
        )

    @staticmethod
    def _consequence(epoch: Epoch) -> str:
        if epoch.next_learning_rate is None:
            return "Stopping."
        return f"Setting learning rate to {epoch.next_learning_rate:f}"


class FitTask:
    """A listener that tells scikit-learn's callbacks: the fit is a task, each epoch a subtask.

    Parameters
    ----------
    estimator : estimator with CallbackSupportMixin
        What is fitted.
    train, held_out : Samples
        The data as the user gave them, so that feature names and labels fit.

    Attributes
    ----------
    snapshot : callable
        Returns the attributes, copied, that make a copy of the estimator ready to predict. It is
        only called for a callback that asks for such a copy.
    """

    def __init__(self, estimator: Any, train: Samples, held_out: Samples | None) -> None:
        metadata = {"sample_weight": train.sample_weight}
        if held_out:
            metadata |= {"X_val": held_out.X, "y_val": held_out.y}
            metadata |= {"sample_weight_val": held_out.sample_weight}
        given = {name: value for name, value in metadata.items() if value is not None}
        self.snapshot: Callable[[], dict[str, Any]] = dict
        self._seen = {"estimator": estimator, "X": train.X, "y": train.y, "metadata": given or None}
        self._fit = callback_context(estimator, max_subtasks=estimator.max_iter)
        self._fit.call_on_fit_task_begin(**self._seen)

    def watch(self, draft: Any, snapshot: Callable[[], dict[str, Any]]) -> None:
        """Let callbacks see a draft, and copies of it, from now on."""
        self._draft, self.snapshot = draft, snapshot

    def epoch_begins(self) -> None:
        """Announce the start of an epoch."""
        self._epoch = self._fit.subcontext(task_name="epoch")
        with shown(self._draft, self._seen["estimator"]):
            self._epoch.call_on_fit_task_begin(**self._seen)

    def epoch_ends(self, epoch: Epoch) -> bool:
        """Announce the end of an epoch; return whether a callback asks to stop."""
        seen = self._seen | {"reconstruction_attributes": self.snapshot}
        with shown(self._draft, seen["estimator"]):
            return bool(self._epoch.call_on_fit_task_end(**seen))

    def end(self) -> None:
        """Announce the end of the fit."""
        self._fit.call_on_fit_task_end(**self._seen, reconstruction_attributes={})
