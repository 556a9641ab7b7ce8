"""The features that a network has learnt, for use in a pipeline."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from skmlp_scratch._classifier import MLPClassifier


class HiddenFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Transformer that gives the outputs of a fitted classifier's hidden layer.

    Parameters
    ----------
    classifier : MLPClassifier
        A fitted classifier. Clones of the transformer share it, so that a grid search or a
        cross-validation does not lose what it has learnt.
    layer : int, default=-1
        Number of the hidden layer, counted from 0, or from the end if negative.

    See Also
    --------
    MLPClassifier.hidden_activations : The same as a method.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from skmlp_scratch import HiddenFeatures, MLPClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> mlp = MLPClassifier((32,), input_scale=1 / 16, learning_rate_init=0.01, tol=1e-3)
    >>> features = HiddenFeatures(mlp.set_params(random_state=0).fit(X[:900], y[:900]))
    >>> features.transform(X).shape
    (1797, 32)
    >>> neighbours = make_pipeline(features, KNeighborsClassifier()).fit(X[:900], y[:900])
    >>> bool(neighbours.score(X[900:], y[900:]) > 0.9)
    True
    """

    def __init__(self, classifier: MLPClassifier, layer: int = -1) -> None:
        self.classifier = classifier
        self.layer = layer

    def fit(self, X: Any, y: Any = None) -> Self:
        """Check that the classifier is fitted; there is nothing else to learn.

        Parameters
        ----------
        X : ignored
            For the pipeline's sake.
        y : ignored
            For the pipeline's sake.

        Returns
        -------
        self : HiddenFeatures
            The transformer itself.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the classifier is not fitted.
        """
        check_is_fitted(self.classifier)
        return self

    def transform(self, X: Any) -> NDArray[Any]:
        """Return the hidden layer's outputs.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows as the classifier takes them.

        Returns
        -------
        a : ndarray of shape (n_samples, n_units)
            Outputs of the layer.
        """
        return self.classifier.hidden_activations(X, self.layer)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return names for the layer's units.

        Parameters
        ----------
        input_features : ignored
            For scikit-learn's sake.

        Returns
        -------
        names : ndarray of str of shape (n_units,)
            "hidden0", "hidden1", ...
        """
        n_units = self.classifier.coefs_[:-1][self.layer].shape[1]
        return np.array([f"hidden{unit}" for unit in range(n_units)], dtype=object)

    def __sklearn_clone__(self) -> Self:
        return type(self)(self.classifier, self.layer)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self.classifier, "coefs_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
