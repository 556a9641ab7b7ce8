"""Random changes of training batches, for the parameter `augment` of MLPClassifier.

They are called as ``augment(batch, generator)`` and return the changed batch, and so can any
function of the user's be.
"""

from skmlp_scratch.augmentation._gaussian_noise import GaussianNoise
from skmlp_scratch.augmentation._image_deformation import ImageDeformation

__all__ = ["GaussianNoise", "ImageDeformation"]

# Pickles name this package, so that its modules can move.
for _public in (GaussianNoise, ImageDeformation):
    _public.__module__ = __name__
del _public
