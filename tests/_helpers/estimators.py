"""Subclasses that worker processes import."""

import os
import signal
from typing import Any

import numpy as np

from skmlp_scratch import MLPClassifier
from skmlp_scratch import MLPClassifier as Ours


class NeedsMappedData(Ours):
    """An estimator that refuses other data than joblib gives to its workers."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **held_out: Any) -> Any:
        """Check and fit."""
        if not isinstance(X, np.memmap) or X.flags.writeable:
            raise TypeError("not mapped, or not read-only")
        return super().fit(X, y, sample_weight, **held_out)


class KilledInWorkers(MLPClassifier):
    """An estimator whose fit is killed in every process but the one with a given number."""

    def __init__(self, survivor: int = 0, alpha: float = 1e-4) -> None:
        super().__init__(alpha=alpha)
        self.survivor = survivor

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **held_out: Any) -> Any:
        """Die as if memory had run out."""
        if os.getpid() != self.survivor:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().fit(X, y, sample_weight, **held_out)
