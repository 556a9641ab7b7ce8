"""A distribution of hidden layer sizes for randomized searches."""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils import check_random_state


@dataclass(frozen=True)
class HiddenLayerSizes:
    """Distribution of `hidden_layer_sizes` for RandomizedSearchCV.

    The number of layers is drawn uniformly, the width of each layer log-uniformly: a network of 32
    units is as far from one of 64 as that from one of 128.

    Parameters
    ----------
    n_layers : tuple of int, default=(1, 3)
        Fewest and most hidden layers, both included.
    width : tuple of int, default=(16, 256)
        Fewest and most units of a layer, both included.
    same_width : bool, default=False
        Whether all layers of a network have the same width.

    Raises
    ------
    ValueError
        If a range is not one of whole numbers, is empty, or begins below 0 layers or 1 unit.

    Examples
    --------
    >>> from skmlp_scratch import HiddenLayerSizes
    >>> sizes = HiddenLayerSizes(n_layers=(1, 3), width=(16, 256))
    >>> [sizes.rvs(random_state=seed) for seed in range(3)]
    [(82,), (254, 212), (26,)]
    """

    __module__ = "skmlp_scratch"  # what pickles name, so that this module can move

    n_layers: tuple[int, int] = (1, 3)
    width: tuple[int, int] = (16, 256)
    same_width: bool = False

    def __post_init__(self) -> None:
        for name, lowest in {"n_layers": 0, "width": 1}.items():
            bounds = getattr(self, name)
            if not _is_range(bounds, lowest):
                raise ValueError(
                    f"{name} must be a range (low, high) of whole numbers with {lowest} <= low <= "
                    f"high, got {bounds!r}."
                )

    def rvs(self, random_state: Any = None) -> tuple[int, ...]:
        """Draw the sizes of one network.

        Parameters
        ----------
        random_state : int, RandomState instance or None, default=None
            Source of the draw.

        Returns
        -------
        sizes : tuple of int
            Number of units in each hidden layer.
        """
        rng = check_random_state(random_state)
        n_layers = rng.randint(self.n_layers[0], self.n_layers[1] + 1)
        low, high = self.width
        # Half a unit more on both sides, as an end is rounded to from both sides, too.
        drawn = np.exp(rng.uniform(np.log(low - 0.5), np.log(high + 0.5), n_layers))
        widths = np.clip(np.rint(drawn), low, high).astype(int).tolist()
        return tuple(widths[:1] * n_layers if self.same_width else widths)


def _is_range(bounds: Any, lowest: int) -> bool:
    """Return whether `bounds` are two whole numbers in ascending order, from `lowest`."""
    if not (isinstance(bounds, Sequence) and len(bounds) == 2):
        return False
    return all(isinstance(bound, Integral) for bound in bounds) and lowest <= bounds[0] <= bounds[1]
