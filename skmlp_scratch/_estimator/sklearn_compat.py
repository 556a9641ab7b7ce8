"""Everything of scikit-learn that is private, or that not all supported versions have.

Each name has been stable from scikit-learn 1.6 to 1.9. This is the one module that imports them, so
that a change in a later version has one place. (`exchange` reads and writes private attributes of
scikit-learn's MLPClassifier, which is all that it is about.)
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from inspect import unwrap
from types import FunctionType
from typing import Any, TypeVar

from sklearn.base import _fit_context
from sklearn.utils import _safe_indexing as safe_indexing
from sklearn.utils._param_validation import (
    Interval,
    InvalidParameterError,
    Options,
    StrOptions,
)
from sklearn.utils.metaestimators import available_if as _available_if
from sklearn.utils.multiclass import _check_partial_fit_first_call as check_partial_fit_first_call
from sklearn.utils.validation import _check_feature_names_in as check_feature_names_in
from sklearn.utils.validation import _check_sample_weight as check_sample_weight
from sklearn.utils.validation import _num_samples as num_samples


def has_callbacks(estimator: Any) -> bool:
    """Return whether a fit has callbacks, the estimator's own or a search's."""
    return hasattr(estimator, "_skl_callbacks") or hasattr(estimator, "_parent_callback_ctx")


def callback_context(estimator: Any, *, max_subtasks: int) -> Any:
    """Return the context through which a fit calls its callbacks."""
    return estimator._init_callback_context(max_subtasks=max_subtasks)


def metric_of(scorer: Callable[..., float]) -> Callable[..., float]:
    """Return the metric in a scorer of scikit-learn's, or a scorer of another kind itself."""
    return getattr(scorer, "_score_func", scorer)


Method = TypeVar("Method", bound=Callable[..., Any])


def fit_context(*, prefer_skip_nested_validation: bool) -> Callable[[Method], Method]:
    """Check parameters and tear down callbacks around a fit."""
    return _fit_context(prefer_skip_nested_validation=prefer_skip_nested_validation)  # type: ignore[no-any-return]


def available_if(check: Callable[[Any], bool]) -> Callable[[Method], Method]:
    """Let an estimator have a method on a condition; scikit-learn's own has no types."""
    return _available_if(check)  # type: ignore[no-any-return]


def search_fit(parallel: type) -> Callable[..., Any]:
    """Return the `fit` of scikit-learn's searches, its tasks run by another class than `Parallel`.

    There is no hook between the making of the tasks and their running: `_run_search`, which can be
    overridden, is handed a function that does both, and joblib's backends see one task at a time.
    What remains is a copy of that `fit`, 150 lines that have changed with each version, from
    metadata and weights to callbacks. This keeps them scikit-learn's; it relies on two names, that
    of `Parallel` and the progress that each task is told, and a test counts what packs share.
    """
    from sklearn.model_selection._search import BaseSearchCV  # noqa: PLC0415 - slow to import

    fit = unwrap(BaseSearchCV.fit)
    names = fit.__globals__ | {"Parallel": parallel}
    return FunctionType(fit.__code__, names, fit.__name__, fit.__defaults__, fit.__closure__)


try:
    from sklearn.callback import CallbackSupportMixin
    from sklearn.callback._callback_support import callback_management_context
except ImportError:

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Stands in for scikit-learn's before 1.9, without its ``set_callbacks``."""


@contextmanager
def hand_on_callbacks(task: dict[str, Any], model: Any) -> Iterator[None]:
    """Pass the callbacks of a search, if it has any, on to the fit of a model in this block.

    That is what scikit-learn's own task does around a fit, with the same arguments by name.
    """
    if hasattr(task.get("caller"), "_skl_callbacks"):
        with (
            callback_management_context(model),
            task["callback_ctx"].propagate_callback_context(model),
        ):
            yield
    else:
        yield


class ScorerNames(StrOptions):  # type: ignore[misc]
    """The names of scorers: too many for an error, and slow to list, so only if a name is given."""

    def __init__(self, *more: str) -> None:
        super().__init__(set(more))
        self.more = more
        del self.options  # it would hide the property

    @cached_property
    def options(self) -> set[str]:
        """All names."""
        from sklearn.metrics import get_scorer_names  # noqa: PLC0415 - slow to import

        return {*get_scorer_names(), *self.more}

    def __str__(self) -> str:
        names = ", ".join(map(repr, self.more))
        return f"{names}, a str among sklearn.metrics.get_scorer_names()"


__all__ = [
    "CallbackSupportMixin",
    "Interval",
    "InvalidParameterError",
    "Options",
    "ScorerNames",
    "StrOptions",
    "available_if",
    "callback_context",
    "check_feature_names_in",
    "check_partial_fit_first_call",
    "check_sample_weight",
    "fit_context",
    "hand_on_callbacks",
    "has_callbacks",
    "metric_of",
    "num_samples",
    "safe_indexing",
    "search_fit",
]
