"""What type checkers know of the public interface; mypy checks this module, nothing runs it."""

from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

from skmlp_scratch import HiddenFeatures, HiddenLayerSizes, MLPClassifier, MLPGridSearchCV
from skmlp_scratch.augmentation import GaussianNoise, ImageDeformation
from skmlp_scratch.datasets import load_mnist, read_idx

X, y = np.zeros((4, 3)), np.array([0, 1, 0, 1])
model = MLPClassifier((5, 4), activation="relu", solver="adam", learning_rate="cosine")

assert_type(model.fit(X, y), MLPClassifier)
assert_type(MLPClassifier(augment=ImageDeformation((1, 3))).fit(X, y), MLPClassifier)
assert_type(GaussianNoise(0.1)(X, np.random.default_rng()), NDArray[np.floating[Any]])
assert_type(model.predict_proba(X), NDArray[np.floating[Any]])
assert_type(model.predict_log_proba(X), NDArray[np.floating[Any]])
assert_type(model.logits(X), NDArray[np.floating[Any]])
assert_type(model.hidden_activations(X), NDArray[np.floating[Any]])
assert_type(model.compact(), MLPClassifier)
assert_type(MLPClassifier.load("model.npz"), MLPClassifier)
assert_type(model.coefs_, list[NDArray[np.floating[Any]]])
assert_type(model.loss_curve_, list[float])
assert_type(HiddenFeatures(model).transform(X), NDArray[np.floating[Any]])
assert_type(HiddenLayerSizes(n_layers=(1, 3)).rvs(random_state=0), tuple[int, ...])
assert_type(MLPGridSearchCV(model, {"alpha": [0.1]}).fit(X, y), MLPGridSearchCV)
assert_type(read_idx("array.idx"), NDArray[Any])
assert_type(load_mnist("folder", return_X_y=True), tuple[NDArray[np.uint8], NDArray[np.uint8]])
