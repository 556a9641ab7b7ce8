"""The draft of a fitted model: where a fit writes before the estimator adopts it.

scikit-learn's helpers write what they find out on the estimator that they are given. During a fit,
that is the draft, a double of the user's estimator, which stays as it is until the training has
come to a good end. Only while a callback runs does it show what the draft has learned so far.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from skmlp_scratch._network.parameters import LayerArrays
from skmlp_scratch._training.epochs import Epoch, History
from skmlp_scratch._training.state import TrainingState

# What a fit learns, in no order. The other attributes are the user's.
FITTED_ATTRIBUTES = frozenset(
    {
        "classes_",
        "coefs_",
        "feature_names_in_",
        "intercepts_",
        "loss_",
        "n_features_in_",
        "n_layers_",
        "n_outputs_",
        "out_activation_",
        "t_",
        "_activations",
        "_history",
        "_input_scale",
        "_loss",
        "_sparse_labels",
        "_state",
        "_target_type",
    }
)

# What reading the data finds out.
READ_ATTRIBUTES = ("classes_", "feature_names_in_", "n_features_in_")

# What callbacks read on the estimator during a fit.
LIVE = ("_history", "loss_")


def make_draft(estimator: Any, *, resumed: bool) -> Any:
    """Return a double of an estimator that shares nothing with it that a fit changes."""
    draft = object.__new__(type(estimator))
    vars(draft).update(vars(estimator))
    draft._history = estimator._history.resume() if resumed else History()
    if not resumed:
        draft.t_, draft.loss_ = 0, float("nan")
    return draft


def share_reading(draft: Any, other: Any) -> None:
    """Let a draft have what another one has found out by reading the same data."""
    vars(draft).update({name: vars(other)[name] for name in READ_ATTRIBUTES if name in vars(other)})


class Recorder:
    """A listener that keeps each epoch in the history of a draft.

    Parameters
    ----------
    draft : estimator
        The draft.
    """

    def __init__(self, draft: Any) -> None:
        self._draft = draft

    def epoch_begins(self) -> None:
        """Nothing is known yet."""

    def epoch_ends(self, epoch: Epoch) -> bool:
        """Keep the epoch's figures."""
        self._draft._history.records.append(epoch.record)
        self._draft.loss_ = epoch.record.loss
        return False


@contextmanager
def shown(draft: Any, estimator: Any) -> Iterator[None]:
    """Let the estimator have the history of the draft for a while."""
    before = {name: vars(estimator)[name] for name in LIVE if name in vars(estimator)}
    estimator.__dict__.update({name: vars(draft)[name] for name in LIVE})
    try:
        yield
    finally:
        for name in LIVE:
            del estimator.__dict__[name]
        estimator.__dict__.update(before)


def snapshot(draft: Any, layers: LayerArrays, state: TrainingState) -> dict[str, Any]:
    """Return the attributes of a model that can predict and resume, with copies of what changes."""
    copies = layers.copy()
    return learned(draft) | {
        "coefs_": copies.coefs,
        "intercepts_": copies.intercepts,
        "t_": state.n_samples_seen,
        "_state": state.checkpoint(with_data=True).resume(),
        "_history": History(draft._history.records.copy(), draft._history.n_earlier),
    }


def learned(draft: Any) -> dict[str, Any]:
    """Return what the estimator adopts, in one order, so that equal fits have equal pickles."""
    return {name: vars(draft)[name] for name in sorted(FITTED_ATTRIBUTES & vars(draft).keys())}
