"""The searches: scikit-learn's, with their candidates trained together."""

from __future__ import annotations

from typing import Any, Self

from sklearn.model_selection import GridSearchCV, RandomizedSearchCV

from skmlp_scratch._estimator.sklearn_compat import fit_context, search_fit
from skmlp_scratch._search.packs import PackedParallel, check_model
from skmlp_scratch._typing import MatrixLike

_fit_packed = search_fit(PackedParallel)


class _PackedSearch:
    """A search of scikit-learn whose candidates train together."""

    estimator: Any

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: MatrixLike, y: Any = None, **params: Any) -> Self:
        """Try all candidates, and fit the best one to all rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows as the estimator takes them.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Class labels.
        **params : dict of str to object
            Given to the `fit` of the estimator, the scorer and the splitter as in scikit-learn's
            search: `sample_weight`, `groups` and other metadata.

        Returns
        -------
        self : object
            The search with its results.

        Raises
        ------
        TypeError
            If the estimator neither is nor ends in an `MLPClassifier`.
        ValueError
            As in scikit-learn's search; if all fits fail, or one does with ``error_score="raise"``.
        """
        check_model(self.estimator)
        return _fit_packed(self, X, y, **params)  # type: ignore[no-any-return]


class MLPGridSearchCV(_PackedSearch, GridSearchCV):  # type: ignore[misc]
    """`GridSearchCV` of scikit-learn for `MLPClassifier`, which trains candidates together.

    On each split of the data, candidates that begin with the same weights and see the same batches
    are trained as one, a pack: K networks side by side, each with the learning rate, penalty, stop
    rule, history and outcome that it would have alone. Rows are gathered once for all of them, and
    a few calls of NumPy do the work of many. Scores, losses and warnings are those of
    `GridSearchCV` over the same classifier; the smaller the networks and tables, the more time is
    saved.

    Parameters
    ----------
    estimator : MLPClassifier or Pipeline
        What is searched for the best parameters. A pipeline, which may be nested, ends in an
        `MLPClassifier`; the steps before it are fitted once for each split and each setting of
        theirs.
    param_grid : dict or list of dict
        Values to try for each parameter, by name, as in `GridSearchCV`.
    scoring : str, callable, list, tuple or dict, default=None
        One or several scores; None for the accuracy.
    n_jobs : int, default=None
        Number of processes, among which packs of candidates are divided, long ones first. Those
        of a pipeline stay together with the steps that they share, but for the last ones, which
        all processes take a part of, with those steps fitted in each.
    refit : bool, str or callable, default=True
        Whether to fit the best candidate to all rows, or what chooses the best one. That is an
        ordinary fit.
    cv : int, cross-validation generator or iterable, default=None
        How rows are split; None for five stratified folds.
    verbose : int, default=0
        How much is printed: 1 for the number of fits, 2 or more for a line about each, once the
        pack that it belongs to is trained.
    pre_dispatch : int or str, default="2*n_jobs"
        Packs that are handed to the processes ahead of time.
    error_score : "raise" or float, default=nan
        Score of a candidate whose fit fails, which leaves others in its pack alone.
    return_train_score : bool, default=False
        Whether to score the training rows, too.

    Attributes
    ----------
    cv_results_ : dict of str to ndarray
        As in `GridSearchCV`. `fit_time` is an equal share of the time of the pack, and of the
        steps before it.
    best_estimator_ : MLPClassifier or Pipeline
        The best candidate, fitted to all rows.
    best_score_ : float
        Its mean score.
    best_params_ : dict of str to object
        Its parameters.
    best_index_ : int
        Its number.
    scorer_ : callable or dict
        What has given the scores.
    n_splits_ : int
        Number of splits.
    refit_time_ : float
        Seconds of the last fit.
    multimetric_ : bool
        Whether there are several scores.
    classes_ : ndarray of shape (n_classes,)
        Classes of the best estimator.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, if the rows had any.

    See Also
    --------
    MLPRandomizedSearchCV : The same for parameters that are drawn.
    sklearn.model_selection.GridSearchCV : The search that it is equal to.

    Notes
    -----
    Members of a pack have the same layers, activations, `init`, `random_state`, `batch_size`,
    `shuffle`, loss, types, dropout, class weights and validation split. They may differ in
    `solver` ("adam", "adamw", "sgd"), `learning_rate`, `learning_rate_init`, `power_t`, `alpha`,
    `weight_decay`, `momentum`, `nesterovs_momentum`, `beta_1`, `beta_2`, `epsilon`, `clip_norm`,
    `max_norm`, `tol`, `n_iter_no_change`, `max_iter` and `scoring`. Candidates that differ in the
    learning rate and `alpha` only gain most. Whatever cannot share
    trains alone, in the same search: L-BFGS, networks of more than about 250,000 weights, and
    classifiers with callbacks of their own. ``random_state=None`` gives each pack a seed of its
    own, so that its members begin alike.

    With a `RandomState` as `random_state`, each candidate gets a copy of it, so that candidates can
    share a pack, too. Ctrl-C ends the search.

    Callbacks of scikit-learn that a search hands on, like its `ProgressBar`, hear of each candidate
    and each of its epochs as in `GridSearchCV`, those of a pack side by side. Of a pipeline's
    steps, which are fitted for several candidates at once, they do not hear.

    References
    ----------
    S. Wang et al., "Horizontally fused training array: an effective hardware utilization squeezer
    for training novel deep learning models", MLSys 2021, arXiv:2102.02344.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skmlp_scratch import MLPClassifier, MLPGridSearchCV
    >>> X, y = load_iris(return_X_y=True)
    >>> model = MLPClassifier((8,), learning_rate="one_cycle", max_iter=30, random_state=0)
    >>> grid = {"mlpclassifier__learning_rate_init": [0.001, 0.01, 0.1]}
    >>> search = MLPGridSearchCV(make_pipeline(StandardScaler(), model), grid).fit(X, y)
    >>> search.best_params_
    {'mlpclassifier__learning_rate_init': 0.1}
    """

    __module__ = "skmlp_scratch"  # what pickles name, so that this module can move


class MLPRandomizedSearchCV(_PackedSearch, RandomizedSearchCV):  # type: ignore[misc]
    """`RandomizedSearchCV` of scikit-learn, which trains `MLPClassifier`s together.

    As `MLPGridSearchCV`, for a number of candidates whose parameters are drawn.

    Parameters
    ----------
    estimator : MLPClassifier or Pipeline
        What is searched for the best parameters; a pipeline ends in an `MLPClassifier`.
    param_distributions : dict or list of dict
        Distributions or lists of values to draw from, by the name of the parameter.
    n_iter : int, default=10
        Number of candidates.
    scoring : str, callable, list, tuple or dict, default=None
        One or several scores; None for the accuracy.
    n_jobs : int, default=None
        Number of processes, among which packs of candidates are divided, long ones first.
    refit : bool, str or callable, default=True
        Whether to fit the best candidate to all rows, or what chooses the best one.
    cv : int, cross-validation generator or iterable, default=None
        How rows are split; None for five stratified folds.
    verbose : int, default=0
        How much is printed.
    pre_dispatch : int or str, default="2*n_jobs"
        Packs that are handed to the processes ahead of time.
    random_state : int, RandomState instance or None, default=None
        What the candidates are drawn with. Their trainings begin with that of the estimator.
    error_score : "raise" or float, default=nan
        Score of a candidate whose fit fails.
    return_train_score : bool, default=False
        Whether to score the training rows, too.

    Attributes
    ----------
    cv_results_ : dict of str to ndarray
        As in `RandomizedSearchCV`. `fit_time` is an equal share of the time of the pack, and of the
        steps before it.
    best_estimator_ : MLPClassifier or Pipeline
        The best candidate, fitted to all rows.
    best_score_ : float
        Its mean score.
    best_params_ : dict of str to object
        Its parameters.
    best_index_ : int
        Its number.
    scorer_ : callable or dict
        What has given the scores.
    n_splits_ : int
        Number of splits.
    refit_time_ : float
        Seconds of the last fit.
    multimetric_ : bool
        Whether there are several scores.
    classes_ : ndarray of shape (n_classes,)
        Classes of the best estimator.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, if the rows had any.

    See Also
    --------
    MLPGridSearchCV : What trains together, and how.
    sklearn.model_selection.RandomizedSearchCV : The search that it is equal to.

    Examples
    --------
    >>> from scipy.stats import loguniform
    >>> from sklearn.datasets import load_iris
    >>> from skmlp_scratch import MLPClassifier, MLPRandomizedSearchCV
    >>> X, y = load_iris(return_X_y=True)
    >>> model = MLPClassifier((8,), learning_rate="one_cycle", max_iter=30, random_state=0)
    >>> rates = {"learning_rate_init": loguniform(1e-3, 1)}
    >>> search = MLPRandomizedSearchCV(model, rates, n_iter=6, random_state=0).fit(X, y)
    >>> bool(search.best_score_ > 0.9)
    True
    """

    __module__ = "skmlp_scratch"  # what pickles name, so that this module can move
