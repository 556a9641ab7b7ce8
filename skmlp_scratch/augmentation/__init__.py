"""Random changes of training batches, for the parameter `augment` of MLPClassifier.

Each is called as ``augment(batch, generator)`` and returns the changed batch. Any function of this
form will do.
"""

from skmlp_scratch.augmentation._gaussian_noise import GaussianNoise
from skmlp_scratch.augmentation._image_deformation import ImageDeformation

__all__ = ["GaussianNoise", "ImageDeformation"]
