"""A multi-layer perceptron classifier from scratch in NumPy, on the scikit-learn estimator API."""

from importlib import import_module
from typing import Any

from skmlp_scratch._classifier import MLPClassifier
from skmlp_scratch._hidden_features import HiddenFeatures
from skmlp_scratch._hidden_layer_sizes import HiddenLayerSizes
from skmlp_scratch._search.search import MLPGridSearchCV, MLPRandomizedSearchCV
from skmlp_scratch._version import __version__ as __version__

__all__ = [
    "HiddenFeatures",
    "HiddenLayerSizes",
    "MLPClassifier",
    "MLPGridSearchCV",
    "MLPRandomizedSearchCV",
]

# Pickles name this package, so that its modules can move.
for _public in __all__:
    globals()[_public].__module__ = __name__
del _public


_SUBMODULES = ["augmentation", "datasets", "display", "onnx"]


def __dir__() -> list[str]:
    """Return the names that are for users."""
    return [*__all__, *_SUBMODULES, "__version__"]


def __getattr__(name: str) -> Any:
    """Import a public submodule when it is first asked for, as scikit-learn does."""
    if name in _SUBMODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
