"""A network in 25 lines of NumPy, beside the estimator: the same losses, digit for digit.

The function `train` is all there is to a multi-layer perceptron: forward pass, backward pass, Adam.
It takes five minutes to read. `MLPClassifier` computes the same, and both print their loss after
each epoch. A comment beside each step names the module of the package that does the same;
CONTRIBUTING.md has the map.
"""

import sys
import warnings
from itertools import pairwise

import numpy as np
from _shared import is_quick
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from skmlp_scratch import MLPClassifier

N_HIDDEN, BATCH_SIZE, RATE, SEED = 64, 50, 0.002, 0


def train(X, Y, n_epochs):
    """Return weights and biases of two layers, and the loss of each epoch; Y is one-hot."""
    rng = np.random.RandomState(SEED)
    parameters, losses, order, t = [], [], np.arange(len(X)), 0
    # W1, b1, W2, b2: _network/initializers.py
    for n_in, n_out in pairwise([X.shape[1], N_HIDDEN, Y.shape[1]]):
        bound = np.sqrt(6 / (n_in + n_out))
        parameters += [rng.uniform(-bound, bound, shape) for shape in ((n_in, n_out), n_out)]
    m, v = ([np.zeros_like(p) for p in parameters] for _ in range(2))
    for _ in range(n_epochs):  # _training/stochastic.py
        order, total = rng.permutation(order), 0.0
        for rows in np.split(order, range(BATCH_SIZE, len(X), BATCH_SIZE)):
            x, y, (W1, b1, W2, b2) = X[rows], Y[rows], parameters
            # The forward pass: _network/passes.py, activations.py
            hidden = np.maximum(0, x @ W1 + b1)
            exp = np.exp(hidden @ W2 + b2)
            p = exp / exp.sum(axis=1, keepdims=True)
            total -= np.sum(y * np.log(p))  # the log-loss: _network/losses.py
            # The backward pass: delta = d loss / d (x @ W + b) of each layer. The loss of a row is
            # log(sum(exp(z))) - sum(y * z), so d loss / d z = softmax(z) - y = p - y.
            delta2 = (p - y) / len(x)
            delta1 = (delta2 @ W2.T) * (hidden > 0)  # the slope of ReLU: 1 where hidden > 0
            gradient = [x.T @ delta1, delta1.sum(axis=0), hidden.T @ delta2, delta2.sum(axis=0)]
            t += 1
            for i, g in enumerate(gradient):  # Adam: _training/optimizers.py
                m[i] = 0.9 * m[i] + 0.1 * g
                v[i] = 0.999 * v[i] + 0.001 * g**2
                rate = RATE * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
                parameters[i] = parameters[i] - rate * m[i] / (np.sqrt(v[i]) + 1e-8)
        losses.append(total / len(X))
    return parameters, losses


def main() -> None:
    """Train both, and print their losses side by side."""
    n_epochs = 5 if is_quick(__doc__) else 20
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X / 16, y, random_state=0)

    (W1, b1, W2, b2), losses = train(X_train, np.eye(10)[y_train], n_epochs)
    labels = np.argmax(np.maximum(0, X_test @ W1 + b1) @ W2 + b2, axis=1)

    model = MLPClassifier(
        (N_HIDDEN,),
        batch_size=BATCH_SIZE,
        learning_rate_init=RATE,
        alpha=0,  # no penalty
        max_iter=n_epochs,
        n_iter_no_change=n_epochs,  # all epochs, whatever the loss does
        random_state=SEED,
    )
    warnings.simplefilter("ignore", ConvergenceWarning)  # it stops here, and could learn more
    model.fit(X_train, y_train)

    print("epoch  loss, by hand  loss, MLPClassifier")
    for number, pair in enumerate(zip(losses, model.loss_curve_, strict=True), start=1):
        print("{:5}  {:13.10f}  {:19.10f}".format(number, *pair))
    print(f"\nTest accuracy: {np.mean(labels == y_test):.4f} and {model.score(X_test, y_test):.4f}")
    difference = np.max(np.abs(np.divide(losses, model.loss_curve_) - 1))
    print(f"Largest relative difference of the losses: {difference:.0e}")
    if difference > 1e-9:
        sys.exit("They differ: one of the two has an error.")


if __name__ == "__main__":
    main()
