"""Displays of a training, of the learned weights and of predictions, like scikit-learn's.

A display stores what it shows; ``plot`` draws it. matplotlib is imported only then.
"""

from skmlp_scratch.display._image_grid import ImageGridDisplay
from skmlp_scratch.display._loss_curve import LossCurveDisplay
from skmlp_scratch.display._weights import WeightsDisplay

__all__ = ["ImageGridDisplay", "LossCurveDisplay", "WeightsDisplay"]
