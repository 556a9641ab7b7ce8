"""Training speed: one epoch of MNIST, against scikit-learn, PyTorch, JAX and the bare products.

Every contender trains the same network from Glorot-uniform weights on float32 pixels, in a fresh
random order, with the same optimizer settings. The floor does nothing but the step's matrix
products, in NumPy with ``out=``.
"""

import warnings
from itertools import pairwise

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
    ratio,
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


def estimator(cls, X, y, hidden, batch_size, solver, **options) -> Contender:
    """Return a contender: one epoch of a scikit-learn estimator."""

    def run() -> float:
        model = cls(hidden, batch_size=batch_size, solver=solver, max_iter=1, **options)
        return seconds(lambda: model.fit(X, y))

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


def pytorch(X, y, hidden, batch_size, solver) -> Contender:
    """Return a contender: one epoch of eager PyTorch with its fused optimizer."""
    import torch  # noqa: PLC0415 - an optional contender

    data, labels = torch.from_numpy(X), torch.from_numpy(y.astype(np.int64))

    def make_model():
        layers = []
        for fan_in, fan_out in pairwise([N_PIXELS, *hidden, N_CLASSES]):
            linear = torch.nn.Linear(fan_in, fan_out)
            torch.nn.init.xavier_uniform_(linear.weight)
            layers += [linear, torch.nn.ReLU()]
        return torch.nn.Sequential(*layers[:-1])

    def make_optimizer(model):
        if solver == "adam":
            return torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
        return torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9, nesterov=True, fused=True)

    def run() -> float:
        model = make_model()
        optimizer, loss = make_optimizer(model), torch.nn.CrossEntropyLoss()

        def epoch() -> None:
            for rows in torch.randperm(len(data)).split(batch_size):
                optimizer.zero_grad()
                loss(model(data[rows]), labels[rows]).backward()
                optimizer.step()

        return seconds(epoch)

    return run


def jax_scan(X, y, hidden, batch_size, solver) -> Contender:
    """Return a contender: one epoch of JAX, compiled as a whole with ``lax.scan``."""
    import jax  # noqa: PLC0415 - an optional contender
    import jax.numpy as jnp  # noqa: PLC0415

    data, labels = jnp.asarray(X), jnp.asarray(y.astype(np.int32))
    n_steps = len(X) // batch_size
    update = jax_updates()[solver]

    def loss(parameters, x, labels):
        for w, b in parameters[:-1]:
            x = jax.nn.relu(x @ w + b)
        w, b = parameters[-1]
        log_p = jax.nn.log_softmax(x @ w + b)
        return -jnp.take_along_axis(log_p, labels[:, None], axis=1).mean()

    @jax.jit
    def epoch(parameters, key):
        order = jax.random.permutation(key, len(data))[: n_steps * batch_size]
        zeros = jax.tree.map(jnp.zeros_like, parameters)

        def step(carry, rows):
            parameters, *slots, t = carry
            gradient = jax.grad(loss)(parameters, data[rows], labels[rows])
            return (*update(parameters, *slots, gradient, t), t + 1), None

        start = (parameters, zeros, zeros, 1.0)
        return jax.lax.scan(step, start, order.reshape(n_steps, batch_size))[0][0]

    def run() -> float:
        key = jax.random.key(0)
        parameters = jax_parameters(key, hidden)
        return seconds(lambda: jax.block_until_ready(epoch(parameters, key)))

    return run


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


def contenders(X, y, hidden, batch_size, solver) -> dict[str, Contender]:
    """Return all that can take part."""
    X32, X64 = as_floats(X, "float32"), as_floats(X, "float64")
    shape = (hidden, batch_size, solver)
    found = {
        "ours": estimator(MLPClassifier, X32, y, *shape),
        "ours, bytes": estimator(MLPClassifier, X, y, *shape),
        "ours, float64 in": estimator(MLPClassifier, X64, y, *shape, dtype="float32"),
        "scikit-learn": estimator(SklearnMLPClassifier, X32, y, *shape),
        "scikit-learn, float64": estimator(SklearnMLPClassifier, X64, y, *shape),
        "floor": floor(len(X), hidden, batch_size),
    }
    if is_installed("torch"):
        found["PyTorch"] = pytorch(X32, y, *shape)
    if is_installed("jax"):
        found["JAX"] = jax_scan(X32, y, *shape)
    return found


def main() -> None:
    """Time all shapes and print one table."""
    arguments = parse_arguments(__doc__)
    warnings.simplefilter("ignore", ConvergenceWarning)  # one epoch is meant to be too few
    X, y = load_data(quick=arguments.quick)
    rows = []
    for hidden, batch_size, solver in SHAPES:
        figures = interleave(contenders(X, y, hidden, batch_size, solver), arguments.rounds)
        ours = figures["ours"]
        rows.append([f"{hidden} x {batch_size}, {solver}", summarize(ours)])
        rows[-1] += [f"{ratio(ours, figures['floor']):.2f}"]
        for name in ("scikit-learn", "PyTorch", "JAX"):
            rows[-1].append(f"{ratio(figures[name], ours):.2f}" if name in figures else "-")
        double = ratio(figures["scikit-learn, float64"], figures["ours, float64 in"])
        rows[-1] += [f"{double:.2f}", f"{ratio(ours, figures['ours, bytes']):.2f}"]
        print(*rows[-1], sep="  ", flush=True)
    header = [
        "hidden x batch, solver",
        "seconds an epoch",
        "/ floor",
        "scikit-learn / ours",
        "PyTorch / ours",
        "JAX / ours",
        "the same for float64 input, dtype='float32'",
        "float32 / uint8 input",
    ]
    print_table(header, rows, arguments.markdown)


if __name__ == "__main__":
    main()
