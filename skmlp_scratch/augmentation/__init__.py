"""Random changes of training batches, for the parameter `augment` of MLPClassifier.

Each is called as ``augment(batch, generator)`` and returns the changed batch. Any function of this
form will do.
"""

from skmlp_scratch.augmentation._gaussian_noise import GaussianNoise
from skmlp_scratch.augmentation._image_deformation import ImageDeformation

__all__ = ["GaussianNoise", "ImageDeformation"]

# Pickles name this package, so that its modules can move.
for _public in (GaussianNoise, ImageDeformation):
    _public.__module__ = __name__
del _public
