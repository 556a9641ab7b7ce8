"""A multi-layer perceptron classifier from scratch in NumPy, on the scikit-learn estimator API."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from skmlp_scratch._classifier import MLPClassifier
from skmlp_scratch._hidden_features import HiddenFeatures
from skmlp_scratch._hidden_layer_sizes import HiddenLayerSizes
from skmlp_scratch._version import __version__ as __version__

if TYPE_CHECKING:
    from skmlp_scratch._search.search import MLPGridSearchCV, MLPRandomizedSearchCV

__all__ = [
    "HiddenFeatures",
    "HiddenLayerSizes",
    "MLPClassifier",
    "MLPGridSearchCV",
    "MLPRandomizedSearchCV",
]

_SUBMODULES = ["augmentation", "datasets", "display", "onnx"]


def __dir__() -> list[str]:
    """Return the names that are for users."""
    return [*__all__, *_SUBMODULES, "__version__"]


def __getattr__(name: str) -> Any:
    """Import submodules and searches when they are first asked for; a fit does not need them."""
    if name in _SUBMODULES:
        return import_module(f"{__name__}.{name}")
    if name in __all__:
        return getattr(import_module(f"{__name__}._search.search"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
