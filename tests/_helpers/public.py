"""All public names."""

import skmlp_scratch
from skmlp_scratch import augmentation, datasets, display, onnx

PUBLIC = [
    (module, name)
    for module in (skmlp_scratch, augmentation, datasets, display, onnx)
    for name in module.__all__
]
