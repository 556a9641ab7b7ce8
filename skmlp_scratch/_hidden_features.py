"""The features that a network has learned, for use in a pipeline."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from skmlp_scratch._classifier import MLPClassifier
from skmlp_scratch._estimator.sklearn_compat import check_feature_names_in
from skmlp_scratch._typing import FloatArray, MatrixLike


class HiddenFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Transformer that gives the outputs of a fitted classifier's hidden layer.

    The classifier is frozen, as in :class:`sklearn.frozen.FrozenEstimator`: `fit` does not train
    it, clones of the transformer share it, and its parameters are not parameters of the
    transformer. A grid search or a cross-validation neither loses nor changes what it has learned.

    Parameters
    ----------
    classifier : MLPClassifier
        A fitted classifier. To compare several in a search, wrap each in a FrozenEstimator;
        otherwise, the search would clone them, unfitted.
    layer : int, default=-1
        Number of the hidden layer, counted from 0, or from the end if negative.

    Attributes
    ----------
    n_features_in_ : int
        Number of features that the classifier was fitted on.
    feature_names_in_ : ndarray of str of shape (n_features_in_,)
        Their names, if the classifier was fitted on rows that have any.

    See Also
    --------
    MLPClassifier.hidden_activations : The same as a method.
    sklearn.frozen.FrozenEstimator : Freeze any other fitted model in a pipeline.

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
    >>> neighbors = make_pipeline(features, KNeighborsClassifier()).fit(X[:900], y[:900])
    >>> bool(neighbors.score(X[900:], y[900:]) > 0.9)
    True
    """

    __module__ = "skmlp_scratch"  # what pickles name, so that this module can move

    def __init__(self, classifier: MLPClassifier, layer: int = -1) -> None:
        self.classifier = classifier
        self.layer = layer

    def fit(self, X: Any, y: Any = None) -> Self:
        """Check that the classifier is fitted and has the layer; there is nothing to learn.

        Parameters
        ----------
        X : ignored
            Not used, present for API consistency.
        y : ignored
            Not used, present for API consistency.

        Returns
        -------
        self : HiddenFeatures
            The transformer itself.

        Raises
        ------
        TypeError
            If the classifier is neither an MLPClassifier nor a FrozenEstimator of one.
        sklearn.exceptions.NotFittedError
            If the classifier is not fitted.
        ValueError
            If it has no such hidden layer.
        """
        self._find_layer()
        return self

    def transform(self, X: MatrixLike) -> FloatArray:
        """Return the hidden layer's outputs.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows as the classifier takes them.

        Returns
        -------
        a : ndarray of shape (n_samples, n_units)
            Outputs of the layer, in the floating-point type that the classifier computes in.

        Raises
        ------
        TypeError
            If the classifier is neither an MLPClassifier nor a FrozenEstimator of one.
        sklearn.exceptions.NotFittedError
            If the classifier is not fitted.
        ValueError
            If it has no such hidden layer, or was fitted on rows of another form.
        """
        layer = self._find_layer()
        return self.classifier.hidden_activations(X, layer)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return names for the layer's units.

        Parameters
        ----------
        input_features : array-like of str of shape (n_features_in_,), default=None
            Names of the features, which are only compared with those of the classifier.

        Returns
        -------
        names : ndarray of str of shape (n_units,)
            "hidden0", "hidden1", ...

        Raises
        ------
        TypeError
            If the classifier is neither an MLPClassifier nor a FrozenEstimator of one.
        sklearn.exceptions.NotFittedError
            If the classifier is not fitted.
        ValueError
            If it has no such hidden layer, or was fitted on other features.
        """
        layer = self._find_layer()
        check_feature_names_in(self, input_features, generate_names=False)
        n_units = len(self.classifier.intercepts_[layer])
        return np.array([f"hidden{unit}" for unit in range(n_units)], dtype=object)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the transformer's parameters, without those of the classifier.

        Parameters
        ----------
        deep : bool, default=True
            Ignored, as the classifier is frozen.

        Returns
        -------
        params : dict
            Values of `classifier` and `layer`.
        """
        return super().get_params(deep=False)  # type: ignore[no-any-return]

    def set_params(self, **params: Any) -> Self:
        """Set the transformer's parameters.

        Parameters
        ----------
        **params : dict
            Values of `classifier` or `layer`.

        Returns
        -------
        self : HiddenFeatures
            The transformer itself.

        Raises
        ------
        ValueError
            If a parameter is none of these two, or one of the classifier's.
        """
        for name in params:
            if "__" in name:
                raise ValueError(
                    f"{name} cannot be set: the classifier of HiddenFeatures is fitted and frozen. "
                    "Fit another one with it, and give that to HiddenFeatures."
                )
        return super().set_params(**params)  # type: ignore[no-any-return]

    @property
    def n_features_in_(self) -> int:
        """Number of features that the classifier was fitted on."""
        return self.classifier.n_features_in_

    @property
    def feature_names_in_(self) -> NDArray[np.object_]:
        """Names of the features, if the classifier was fitted on rows that have any."""
        return self.classifier.feature_names_in_

    def _find_layer(self) -> int:
        """Return the number of the hidden layer, counted from 0."""
        if not hasattr(self.classifier, "hidden_activations"):
            raise TypeError(
                "classifier must be a fitted MLPClassifier of skmlp_scratch, or a FrozenEstimator "
                f"of one, got an instance of {type(self.classifier).__module__}."
                f"{type(self.classifier).__qualname__}."
            )
        check_is_fitted(self.classifier)
        return self.classifier._find_hidden_layer(self.layer)

    def __sklearn_clone__(self) -> Self:
        return deepcopy(self, {id(self.classifier): self.classifier})

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self.classifier, "coefs_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
