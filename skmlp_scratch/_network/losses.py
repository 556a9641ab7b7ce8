"""Losses of a batch, from logits.

Logits are what the last layer gives before any output function. Here they are stored by output,
shape (n_outputs, rows), because reductions over a long last axis are several times faster than
over ten classes at a time.

Conventions:

- ``logits.shape = targets.shape = (n_outputs, rows)``, ``losses.shape = (rows,)``
- ``targets`` lie in [0, 1]

The log-loss of a row, or of one of several labels, counts at most ``-log(eps)``, with the rounding
unit ``eps`` of its type: scikit-learn clips probabilities there, and L-BFGS, whose line search
compares such losses, would otherwise diverge from scikit-learn's trajectory. Gradients are those of
the uncapped loss, as in scikit-learn.

A loss owns the scratch memory of its batches and is its own link: the output function that turns
logits into probabilities stands next to the formula that it belongs to. Links take logits of shape
(n_outputs, rows), may overwrite them, and return shape (n_columns, rows). They have a column for
each output, except for binary targets: one logit ``z`` has the two columns ``1 - sigmoid(z)`` and
``sigmoid(z)``. ``nodes`` adds the link to an ONNX graph, in which rows come first.
"""

from typing import Any, Protocol

import numpy as np
from scipy.special import expit

from skmlp_scratch._network.graph import Graph
from skmlp_scratch._typing import FloatArray


class Loss(Protocol):
    """What the training needs of a loss."""

    output_activation: str

    def __init__(self, n_outputs: int, batch_size: int, dtype: np.dtype[Any]) -> None: ...

    def losses_and_gradient(self, logits: FloatArray, targets: FloatArray) -> FloatArray:
        """Return the loss of each row; overwrite the logits with its gradient."""

    @staticmethod
    def probabilities(logits: FloatArray) -> FloatArray:
        """Turn logits into probabilities, (n_columns, rows)."""

    @staticmethod
    def log_probabilities(logits: FloatArray) -> FloatArray:
        """Turn logits into finite log-probabilities, (n_columns, rows)."""

    @staticmethod
    def nodes(graph: Graph, logits: str) -> str:
        """Add the nodes that turn logits into probabilities; return the name of their output."""


class Softmax:
    """The output function of one class out of three or more."""

    output_activation = "softmax"

    @staticmethod
    def probabilities(logits: FloatArray) -> FloatArray:
        """Apply the softmax to each column, in place."""
        logits -= np.maximum.reduce(logits, axis=0)
        np.exp(logits, out=logits)
        logits /= np.add.reduce(logits, axis=0)
        return logits

    @staticmethod
    def log_probabilities(logits: FloatArray) -> FloatArray:
        """Apply the log-softmax to each column, in place."""
        logits -= logits.max(axis=0)
        logits -= np.log(np.exp(logits).sum(axis=0))
        return logits

    @staticmethod
    def nodes(graph: Graph, logits: str) -> str:
        """Add the softmax of each row."""
        return graph.add("Softmax", logits, axis=1)


class Sigmoid:
    """The output function of independent labels."""

    output_activation = "logistic"

    @staticmethod
    def probabilities(logits: FloatArray) -> FloatArray:
        """Apply the logistic function, in place."""
        return expit(logits, out=logits)  # type: ignore[no-any-return]

    @staticmethod
    def log_probabilities(logits: FloatArray) -> FloatArray:
        """Apply the log of the logistic function, ``-log(1 + exp(-z))``, in place."""
        np.negative(logits, out=logits)
        np.logaddexp(0, logits, out=logits)
        return np.negative(logits, out=logits)

    @staticmethod
    def nodes(graph: Graph, logits: str) -> str:
        """Add the logistic function."""
        return graph.add("Sigmoid", logits)


class NormalizedSigmoid(Sigmoid):
    """`Sigmoid` for one class out of several: probabilities are ``p_k / sum_j p_j``."""

    @staticmethod
    def probabilities(logits: FloatArray) -> FloatArray:
        """Apply the logistic function and divide each column by its sum, in place."""
        # Through the logarithms, as all outputs of a row may underflow.
        return Softmax.probabilities(Sigmoid.log_probabilities(logits))

    @staticmethod
    def log_probabilities(logits: FloatArray) -> FloatArray:
        """Return the logarithm of `probabilities`, in place."""
        return Softmax.log_probabilities(Sigmoid.log_probabilities(logits))

    @staticmethod
    def nodes(graph: Graph, logits: str) -> str:
        """Add the logistic function, divided by the sum of each row."""
        # Through the logarithms, log σ(z) = -log(1 + exp(-z)), as all outputs may underflow.
        negative_log = graph.add("Softplus", graph.add("Neg", logits))
        return Softmax.nodes(graph, graph.add("Neg", negative_log))


class BinarySigmoid(Sigmoid):
    """`Sigmoid` of one output that decides between two classes."""

    @staticmethod
    def probabilities(logits: FloatArray) -> FloatArray:
        """Return ``1 - sigmoid(z)`` and ``sigmoid(z)``."""
        p = Sigmoid.probabilities(logits)
        return np.concatenate([1 - p, p])

    @staticmethod
    def log_probabilities(logits: FloatArray) -> FloatArray:
        """Return the logarithms of ``sigmoid(-z)`` and ``sigmoid(z)``."""
        return Sigmoid.log_probabilities(np.concatenate([-logits, logits]))

    @staticmethod
    def nodes(graph: Graph, logits: str) -> str:
        """Add the logistic function of ``-z`` and ``z``."""
        both = graph.add("Concat", graph.add("Neg", logits), logits, axis=1)
        return Sigmoid.nodes(graph, both)


class SoftmaxCrossEntropy(Softmax):
    """Multinomial log-loss, ``-sum_k y_k log softmax(z)_k``; its gradient is ``softmax(z) - y``.

    Parameters
    ----------
    n_outputs, batch_size : int
        Shape of the largest batch of logits.
    dtype : dtype
        Floating-point type of the logits.
    """

    def __init__(self, n_outputs: int, batch_size: int, dtype: np.dtype[Any]) -> None:
        self._by_output = np.empty(n_outputs * batch_size, dtype)
        self._row = np.empty(batch_size, dtype)
        self._losses = np.empty(batch_size, dtype)
        self._cap = -np.log(np.finfo(dtype).eps)

    def losses_and_gradient(self, logits: FloatArray, targets: FloatArray) -> FloatArray:
        """Return the loss of each row, (rows,); overwrite the logits with its gradient."""
        scratch = self._by_output[: logits.size].reshape(logits.shape)
        row, losses = self._row[: logits.shape[1]], self._losses[: logits.shape[1]]

        # -sum_k y_k log softmax(z)_k = log(sum_k exp(z_k)) - sum_k y_k z_k, as the y_k add up to 1;
        # max(z), subtracted from each z_k, cancels. On the way, the logits become in place:
        logits -= np.maximum.reduce(logits, axis=0, out=row)  # z - max(z), so that exp stays finite
        np.multiply(logits, targets, out=scratch)
        aligned = np.add.reduce(scratch, axis=0, out=row)
        np.exp(logits, out=logits)  # exp(z)
        total = np.add.reduce(logits, axis=0, out=losses)
        logits /= total  # softmax(z)
        logits -= targets  # softmax(z) - y, the gradient
        np.log(total, out=losses)
        losses -= aligned
        np.minimum(losses, self._cap, out=losses)
        return losses


class SigmoidCrossEntropy(Sigmoid):
    """Binary log-loss summed over outputs; its gradient is ``sigmoid(z) - y``.

    For each output, ``-y log p - (1 - y) log(1 - p)`` with ``p = sigmoid(z)``. The outputs are
    independent labels.

    Parameters
    ----------
    n_outputs, batch_size : int
        Shape of the largest batch of logits.
    dtype : dtype
        Floating-point type of the logits.
    """

    def __init__(self, n_outputs: int, batch_size: int, dtype: np.dtype[Any]) -> None:
        self._by_output = np.empty((3, n_outputs * batch_size), dtype)
        self._losses = np.empty(batch_size, dtype)
        self._eps = np.finfo(dtype).eps

    def losses_and_gradient(self, logits: FloatArray, targets: FloatArray) -> FloatArray:
        """Return the loss of each row, (rows,); overwrite the logits with its gradient."""
        yes, no, against = self._by_output[:, : logits.size].reshape(3, *logits.shape)

        # The loss is -(y log p + (1 - y) log(1 - p)), from p that is rounded and clipped:
        # log(1 + exp(z)) - y z is exact where 1 - p is not, but then L-BFGS, whose line search
        # follows such differences, ends elsewhere than scikit-learn's.
        p = expit(logits, out=logits)
        np.clip(p, self._eps, 1 - self._eps, out=yes)
        np.subtract(1, yes, out=no)
        yes = np.log(yes, out=yes)
        yes *= targets
        no = np.log(no, out=no)
        no *= np.subtract(1, targets, out=against)
        yes += no
        p -= targets  # the gradient, in the memory of the logits
        losses = np.add.reduce(yes, axis=0, out=self._losses[: logits.shape[1]])
        return np.negative(losses, out=losses)


class SquaredError(Sigmoid):
    """Half the squared error of outputs ``p = sigmoid(z)``, ``sum_k (p_k - y_k)² / 2``.

    Its gradient, ``(p - y) p (1 - p)``, vanishes where an output is confidently wrong, unlike that
    of the log-loss, so that such mistakes are rarely corrected. The outputs are independent labels.

    Parameters
    ----------
    n_outputs, batch_size : int
        Shape of the largest batch of logits.
    dtype : dtype
        Floating-point type of the logits.
    """

    def __init__(self, n_outputs: int, batch_size: int, dtype: np.dtype[Any]) -> None:
        self._by_output = np.empty((2, n_outputs * batch_size), dtype)
        self._losses = np.empty(batch_size, dtype)

    def losses_and_gradient(self, logits: FloatArray, targets: FloatArray) -> FloatArray:
        """Return the loss of each row, (rows,); overwrite the logits with its gradient."""
        slope, squares = self._by_output[:, : logits.size].reshape(2, *logits.shape)

        p = expit(logits, out=logits)
        np.subtract(1, p, out=slope)
        slope *= p  # p (1 - p)
        p -= targets
        np.square(p, out=squares)
        p *= slope  # (p - y) p (1 - p), the gradient, in the memory of the logits
        losses = np.add.reduce(squares, axis=0, out=self._losses[: logits.shape[1]])
        losses *= 0.5
        return losses


class NormalizedSquaredError(NormalizedSigmoid, SquaredError):
    """`SquaredError` for one class out of several."""


class BinaryCrossEntropy(BinarySigmoid, SigmoidCrossEntropy):
    """`SigmoidCrossEntropy` for two classes."""


class BinarySquaredError(BinarySigmoid, SquaredError):
    """`SquaredError` for two classes."""


# By name, then by the type of target.
LOSSES: dict[str, dict[str, type[Loss]]] = {
    "log_loss": {
        "binary": BinaryCrossEntropy,
        "multiclass": SoftmaxCrossEntropy,
        "multilabel": SigmoidCrossEntropy,
    },
    "squared_error": {
        "binary": BinarySquaredError,
        "multiclass": NormalizedSquaredError,
        "multilabel": SquaredError,
    },
}


def find_loss(name: str, target_type: str) -> type[Loss]:
    """Return the loss of a name for a type of target."""
    return LOSSES[name][target_type]
