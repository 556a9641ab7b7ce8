"""The draft of a fitted model: where a training writes before the estimator adopts it.

The draft is a double of the user's estimator. The estimator stays as it is until the training has
succeeded; only while a callback runs does it show the draft's history.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from math import nan
from typing import Any, get_type_hints

from skmlp_scratch._network.parameters import LayerArrays
from skmlp_scratch._training.epochs import Epoch, History
from skmlp_scratch._training.state import TrainingState
from skmlp_scratch._typing import Array, FloatArray


class FittedAttributes:
    """What a fit learns, by name and type. The other attributes of an estimator are its user's."""

    classes_: Array
    coefs_: list[FloatArray]
    feature_names_in_: Array
    intercepts_: list[FloatArray]
    loss_: float
    n_features_in_: int
    n_layers_: int
    n_outputs_: int
    out_activation_: str
    t_: int
    _activations: list[str]
    _history: History
    _input_scale: float
    _loss: str
    _sparse_labels: bool
    _state: TrainingState | None
    _target_type: str


FITTED_ATTRIBUTES = get_type_hints(FittedAttributes)

# What callbacks read on the estimator during a fit.
LIVE = ("_history", "loss_")


def double(estimator: Any) -> Any:
    """Return a shallow copy, which ``copy.copy`` would make by way of plain values."""
    twin = object.__new__(type(estimator))
    vars(twin).update(vars(estimator))
    return twin


def make_draft(estimator: Any, planned: dict[str, Any], *, resumed: bool) -> Any:
    """Return a double of an estimator; they share nothing that training changes.

    It has the planned attributes, so that only parameters are missing for predictions.
    """
    draft = double(estimator)
    if resumed:
        draft._history = draft._history.resume()
    else:
        for name in FITTED_ATTRIBUTES.keys() & vars(draft).keys():
            delattr(draft, name)
        draft._history, draft._state, draft.t_, draft.loss_ = History(), None, 0, nan
    vars(draft).update(planned)
    return draft


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
        """Do nothing."""

    def epoch_ends(self, epoch: Epoch) -> bool:
        """Keep the epoch's figures."""
        self._draft._history.records.append(epoch.record)
        self._draft.loss_ = epoch.record.loss
        return False


@contextmanager
def shown(draft: Any, estimator: Any) -> Iterator[None]:
    """Show the draft's history on the estimator while the block runs."""
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
    names = FITTED_ATTRIBUTES.keys() & vars(draft).keys()
    return {name: vars(draft)[name] for name in sorted(names)}
