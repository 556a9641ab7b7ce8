"""A multi-layer perceptron classifier from scratch in NumPy, on the scikit-learn estimator API."""

from skmlp_scratch._classifier import MLPClassifier

__all__ = ["MLPClassifier"]
__version__ = "0.1.0.dev0"
