"""Training speed: MNIST, against scikit-learn, PyTorch, JAX and the bare products.

Every contender trains the same network from Glorot-uniform weights on the float32 pixels of 10,000
images for five epochs, each in a fresh random order, with the same optimizer and L2 penalty. The
time of an epoch is a fifth of that, and so holds a fifth of what each does at the beginning:
checks, copies, initial weights; JAX has been compiled before. The floor does nothing but the matrix
products of the steps, in NumPy with ``out=``.
"""

import sys
import warnings
from itertools import count, pairwise

import numpy as np
from harness import (
    N_CLASSES,
    N_PIXELS,
    Contender,
    as_floats,
    interleave,
    is_installed,
    load_data,
    parse_arguments,
    print_table,
    ratios,
    seconds,
    summarize,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier

from skmlp_scratch import MLPClassifier

SHAPES = [
    ((128,), 200, "adam"),
    ((128,), 32, "adam"),
    ((512,), 200, "adam"),
    ((16,), 200, "adam"),
    ((256, 128), 128, "adam"),
    ((800,), 256, "adam"),
    ((128,), 200, "sgd"),
]

N_ROWS = 10_000
ALPHA = 1e-4  # of the L2 penalty, which is divided by the rows of a batch


def estimator(cls, X, y, n_epochs, hidden, batch_size, solver, **options) -> Contender:
    """Return a contender: a scikit-learn estimator."""
    options |= {"alpha": ALPHA, "max_iter": n_epochs, "n_iter_no_change": n_epochs}

    def run() -> float:
        model = cls(hidden, batch_size=batch_size, solver=solver, **options)
        return seconds(lambda: model.fit(X, y)) / n_epochs

    return run


def floor(n_rows, hidden, batch_size) -> Contender:
    """Return a contender: the matrix products of an epoch, and nothing else."""
    sizes = [N_PIXELS, *hidden, N_CLASSES]
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, 0.05, shape).astype(np.float32) for shape in pairwise(sizes)]
    gradients = [np.empty_like(w) for w in weights]
    outputs = [rng.random((batch_size, size), np.float32) for size in sizes]
    deltas = [np.empty_like(a) for a in outputs]

    def step() -> None:
        for layer, w in enumerate(weights):
            np.matmul(outputs[layer], w, out=deltas[layer + 1])
        for layer in reversed(range(len(weights))):
            np.matmul(outputs[layer].T, deltas[layer + 1], out=gradients[layer])
            if layer > 0:
                np.matmul(deltas[layer + 1], weights[layer].T, out=deltas[layer])

    def epoch() -> None:
        for _ in range(n_rows // batch_size):
            step()

    return lambda: seconds(epoch)


def pytorch(X, y, n_epochs, hidden, batch_size, solver) -> Contender:
    """Return a contender: eager PyTorch with its fused optimizer."""
    import torch  # noqa: PLC0415 - an optional contender

    def make_model():
        layers = []
        for fan_in, fan_out in pairwise([N_PIXELS, *hidden, N_CLASSES]):
            linear = torch.nn.Linear(fan_in, fan_out)
            torch.nn.init.xavier_uniform_(linear.weight)
            layers += [linear, torch.nn.ReLU()]
        return torch.nn.Sequential(*layers[:-1])

    def make_optimizer(model):
        # Of the biases too: a second group of parameters would cost it time.
        options = {"lr": 1e-3, "weight_decay": ALPHA / batch_size, "fused": True}
        if solver == "adam":
            return torch.optim.Adam(model.parameters(), **options)
        return torch.optim.SGD(model.parameters(), momentum=0.9, nesterov=True, **options)

    def train() -> None:
        data, labels = torch.from_numpy(X), torch.from_numpy(y.astype(np.int64))
        model, loss = make_model(), torch.nn.CrossEntropyLoss()
        optimizer = make_optimizer(model)
        for _ in range(n_epochs):
            for rows in torch.randperm(len(data)).split(batch_size):
                optimizer.zero_grad()
                loss(model(data[rows]), labels[rows]).backward()
                optimizer.step()

    return lambda: seconds(train) / n_epochs


def jax_scan(X, y, n_epochs, hidden, batch_size, solver) -> Contender:
    """Return a contender: JAX, an epoch compiled as a whole with ``lax.scan``."""
    import jax  # noqa: PLC0415 - an optional contender
    import jax.numpy as jnp  # noqa: PLC0415

    n_steps = len(X) // batch_size
    update = jax_updates()[solver]
    keys = map(jax.random.key, count())

    def loss(parameters, x, labels):
        penalty = sum((w**2).sum() for w, _ in parameters) * ALPHA / 2 / batch_size
        for w, b in parameters[:-1]:
            x = jax.nn.relu(x @ w + b)
        w, b = parameters[-1]
        log_p = jax.nn.log_softmax(x @ w + b)
        return penalty - jnp.take_along_axis(log_p, labels[:, None], axis=1).mean()

    @jax.jit
    def epoch(carry, key, data, labels):
        order = jax.random.permutation(key, len(data))[: n_steps * batch_size]

        def step(carry, rows):
            parameters, *slots, t = carry
            gradient = jax.grad(loss)(parameters, data[rows], labels[rows])
            return (*update(parameters, *slots, gradient, t), t + 1), None

        return jax.lax.scan(step, carry, order.reshape(n_steps, batch_size))[0]

    def train() -> None:
        data, labels = jnp.asarray(X), jnp.asarray(y.astype(np.int32))
        first, *others = jax.random.split(next(keys), n_epochs + 1)
        parameters = jax_parameters(first, hidden)
        zeros = jax.tree.map(jnp.zeros_like, parameters)
        carry = (parameters, zeros, zeros, 1.0)
        for key in others:
            carry = epoch(carry, key, data, labels)
        jax.block_until_ready(carry)

    return lambda: seconds(train) / n_epochs


def jax_parameters(key, hidden):
    """Return weights and biases of each layer."""
    import jax  # noqa: PLC0415

    shapes = list(pairwise([N_PIXELS, *hidden, N_CLASSES]))
    init = jax.nn.initializers.glorot_uniform()
    keys = jax.random.split(key, len(shapes))
    return [
        (init(k, shape), jax.numpy.zeros(shape[1])) for k, shape in zip(keys, shapes, strict=True)
    ]


def jax_updates():
    """Return for each solver the function that makes a step."""
    import jax  # noqa: PLC0415
    import jax.numpy as jnp  # noqa: PLC0415

    tree_map = jax.tree.map

    def adam(parameters, m, v, g, t):
        m = tree_map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = tree_map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        lr = 1e-3 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        step = tree_map(lambda m, v: lr * m / (jnp.sqrt(v) + 1e-8), m, v)
        return tree_map(jnp.subtract, parameters, step), m, v

    def nesterov(parameters, m, v, g, _):
        m = tree_map(lambda m, g: 0.9 * m - 1e-3 * g, m, g)
        return tree_map(lambda p, m, g: p + 0.9 * m - 1e-3 * g, parameters, m, g), m, v

    return {"adam": adam, "sgd": nesterov}


def contenders(X, y, n_epochs, hidden, batch_size, solver) -> dict[str, Contender]:
    """Return all that can take part."""
    X32, X64 = as_floats(X, "float32"), as_floats(X, "float64")
    task = (n_epochs, hidden, batch_size, solver)
    found = {
        "ours": estimator(MLPClassifier, X32, y, *task),
        "ours, bytes": estimator(MLPClassifier, X, y, *task, input_scale=1 / 255),
        "ours, float64 in": estimator(MLPClassifier, X64, y, *task, dtype="float32"),
        "scikit-learn": estimator(SklearnMLPClassifier, X32, y, *task),
        "scikit-learn, float64": estimator(SklearnMLPClassifier, X64, y, *task),
        "floor": floor(len(X), hidden, batch_size),
    }
    if is_installed("torch"):
        found["PyTorch"] = pytorch(X32, y, *task)
    if is_installed("jax"):
        found["JAX"] = jax_scan(X32, y, *task)
        found["JAX"]()  # compiles
    return found


# Column, what is divided, and by what.
COLUMNS = [
    ("ours / floor", "ours", "floor"),
    ("scikit-learn / ours", "scikit-learn", "ours"),
    ("PyTorch / ours", "PyTorch", "ours"),
    ("JAX / ours", "JAX", "ours"),
    ("float64 input: scikit-learn / ours", "scikit-learn, float64", "ours, float64 in"),
    ("ours: float32 / uint8 input", "ours", "ours, bytes"),
]


def main() -> None:
    """Time all shapes and print one table."""
    arguments = parse_arguments(__doc__, rounds=3, rows=len(SHAPES))
    warnings.simplefilter("ignore", ConvergenceWarning)  # a few epochs are meant to be too few
    X, y = load_data(quick=arguments.quick)
    X, y = X[:N_ROWS], y[:N_ROWS]
    rows = []
    for hidden, batch_size, solver in SHAPES[: arguments.rows]:
        task = (2 if arguments.quick else 5, hidden, batch_size, solver)
        figures = interleave(contenders(X, y, *task), arguments, warm_up=False)
        cells = [f"{hidden} x {batch_size}, {solver}", summarize(figures["ours"])]
        for _, dividend, divisor in COLUMNS:
            takes_part = dividend in figures
            cells.append(
                summarize(ratios(figures[dividend], figures[divisor])) if takes_part else "-"
            )
        rows.append(cells)
        print(*cells, sep="  ", file=sys.stderr, flush=True)
    header = ["hidden x batch, solver", "our seconds an epoch", *(column for column, *_ in COLUMNS)]
    print_table(header, rows, arguments.markdown)


if __name__ == "__main__":
    main()
