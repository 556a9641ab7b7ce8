"""The searches: scikit-learn's, with their candidates trained together."""

from typing import Any, Self

from sklearn.model_selection import GridSearchCV, RandomizedSearchCV

from skmlp_scratch._estimator.sklearn_compat import fit_context, search_fit
from skmlp_scratch._search.packs import PackedParallel, check_model
from skmlp_scratch._typing import MatrixLike

_fit = search_fit(PackedParallel)


class _PackedSearch:
    """A search of scikit-learn whose candidates train together."""

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: MatrixLike, y: Any = None, **params: Any) -> Self:
        check_model(self.estimator)
        return _fit(self, X, y, **params)  # type: ignore[no-any-return]


class MLPGridSearchCV(_PackedSearch, GridSearchCV):  # type: ignore[misc]
    """x."""


class MLPRandomizedSearchCV(_PackedSearch, RandomizedSearchCV):  # type: ignore[misc]
    """x."""
