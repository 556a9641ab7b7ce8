"""Dropout: in training, a random part of what a layer passes on is set to zero."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from skmlp_scratch._typing import FloatArray


class Dropout:
    """Inverted dropout: ``a * mask / (1 - rate)``, where each mask is 1 with ``P = 1 - rate``.

    The division keeps each unit's expected output, so that prediction needs no correction.

    Parameters
    ----------
    rate : float
        Probability of setting a value to zero, in (0, 1).
    batch_size, width : int
        Shape of the largest batch of outputs.
    dtype : dtype
        Floating-point type of the outputs.
    generator : Generator
        Source of the masks.

    References
    ----------
    N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever and R. Salakhutdinov, "Dropout: a simple
    way to prevent neural networks from overfitting", JMLR 15, 2014; inverted as in section 10.
    """

    def __init__(
        self,
        rate: float,
        batch_size: int,
        width: int,
        dtype: np.dtype[Any],
        generator: np.random.Generator,
    ) -> None:
        self._keep = 1 - rate
        self._generator = generator
        self._masks = np.empty((batch_size, width), dtype)
        self._dropped = np.empty((batch_size, width), dtype)

    def forward(self, a: Any) -> Any:
        """Return a batch (rows, width), dense or CSR, with new masks applied; `a` stays as it is.

        A dense result is valid until the next call.
        """
        if isinstance(a, np.ndarray):
            return np.multiply(a, self.draw(len(a)), out=self._dropped[: len(a)])
        data = a.data * self._fill(np.empty(a.nnz, self._masks.dtype))
        return type(a)((data, a.indices, a.indptr), a.shape)

    def backward(self, delta: FloatArray) -> None:
        """Apply the masks of the last dense batch to its gradient (..., rows, width), in place."""
        delta *= self._masks[: delta.shape[-2]]

    def draw(self, n_samples: int) -> FloatArray:
        """Return new masks of so many rows, valid until the next call."""
        return self._fill(self._masks[:n_samples])

    def _fill(self, masks: FloatArray) -> FloatArray:
        """Fill `masks` with 0 and ``1 / keep``."""
        # floor(u + keep) is a mask in the right type; comparing would need a cast from bool.
        self._generator.random(out=masks, dtype=masks.dtype.type)
        masks += self._keep
        np.floor(masks, out=masks)
        masks *= 1 / self._keep
        return masks


def make_dropouts(
    rates: Sequence[float],
    layer_sizes: Sequence[int],
    batch_size: int,
    dtype: np.dtype[Any],
    generator: np.random.Generator,
) -> list[Dropout | None]:
    """Return the dropout of the inputs and of each hidden layer's outputs, None where it is off."""
    return [
        Dropout(rate, batch_size, width, dtype, generator) if rate else None
        for rate, width in zip(rates, layer_sizes[:-1], strict=True)
    ]
