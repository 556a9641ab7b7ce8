"""Random changes of training batches, for the parameter `augment` of MLPClassifier."""

from skmlp_scratch.augmentation._gaussian_noise import GaussianNoise
from skmlp_scratch.augmentation._image_deformation import ImageDeformation

__all__ = ["GaussianNoise", "ImageDeformation"]
