"""Reading MNIST and every other data set in its format: IDX files, plain or gzip-compressed."""

from skmlp_scratch.datasets._fetch import fetch_mnist
from skmlp_scratch.datasets._idx import read_idx, write_idx
from skmlp_scratch.datasets._mnist import load_mnist

__all__ = ["fetch_mnist", "load_mnist", "read_idx", "write_idx"]
