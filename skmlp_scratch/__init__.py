"""A multi-layer perceptron classifier from scratch in NumPy, on the scikit-learn estimator API."""

from skmlp_scratch._classifier import MLPClassifier
from skmlp_scratch._features import HiddenFeatures
from skmlp_scratch._tuning import HiddenLayerSizes

__all__ = ["HiddenFeatures", "HiddenLayerSizes", "MLPClassifier"]
__version__ = "0.1.0.dev0"
