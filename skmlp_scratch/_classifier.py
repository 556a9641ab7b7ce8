"""The estimator: parameters, their documentation, and the recipe of a fit and a prediction."""

from collections.abc import Callable
from functools import partial
from numbers import Integral, Real
from typing import Any, Self
from warnings import warn

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import _check_partial_fit_first_call
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from skmlp_scratch._activations import ACTIVATIONS
from skmlp_scratch._batches import Dataset
from skmlp_scratch._callbacks import Reporter
from skmlp_scratch._lbfgs import minimize_lbfgs
from skmlp_scratch._losses import LOSSES
from skmlp_scratch._network import Layers, Parameters
from skmlp_scratch._objective import Objective
from skmlp_scratch._optimizers import OPTIMIZERS
from skmlp_scratch._prediction import Predictor, accuracy, chunk_rows
from skmlp_scratch._schedules import SCHEDULES
from skmlp_scratch._targets import decode, find_classes, make_targets
from skmlp_scratch._training import Epoch, Outcome, Training, TrainingState, copy_plain
from skmlp_scratch._validation import (
    check_batch_size,
    check_classes,
    check_hidden_layer_sizes,
    check_layer_sizes,
    check_outputs,
    check_split_weights,
    check_weights,
    compute_dtype,
    split_rows,
)

Array = NDArray[Any]


def _is_stochastic(estimator: "MLPClassifier") -> bool:
    """Return True, or raise the error that explains why there is no ``partial_fit``."""
    if estimator.solver not in OPTIMIZERS:
        raise AttributeError(
            f"partial_fit is only available for the stochastic solvers {sorted(OPTIMIZERS)}; "
            f"solver={estimator.solver!r} needs all data at once."
        )
    return True


class MLPClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Multi-layer perceptron classifier, a drop-in for scikit-learn's.

    Layer ``i`` computes ``a[i + 1] = f(a[i] @ coefs_[i] + intercepts_[i])`` from ``a[0] = X``. The
    last layer has no ``f`` and gives the logits ``z``. Training minimises, batch by batch,

    ::

        (sum_i w_i loss(y_i, z_i) + alpha / 2 sum coefs_²) / sum_i w_i

    with the log-loss of ``softmax(z)`` for three or more classes, and of ``sigmoid(z)`` for two
    classes (one output) and for multilabel targets (one output for each label).

    With the same `random_state` and float64 input, parameters, losses and probabilities equal those
    of :class:`sklearn.neural_network.MLPClassifier`; see Notes for where they differ on purpose.

    Parameters
    ----------
    hidden_layer_sizes : int or array-like of int, default=(100,)
        Number of units in each hidden layer. ``()`` trains a linear softmax regression.
    activation : {'identity', 'logistic', 'tanh', 'relu'}, default='relu'
        Function ``f`` of the hidden layers: ``z``, ``1 / (1 + exp(-z))``, ``tanh(z)`` or
        ``max(0, z)``.
    solver : {'lbfgs', 'sgd', 'adam'}, default='adam'
        Adam [1]_ and stochastic gradient descent take a batch for each step; L-BFGS [2]_ takes all
        rows, which suits a few thousand of them at most.
    alpha : float, default=0.0001
        Strength of the L2 penalty. It is divided by the batch's total weight, as its loss is, so
        that a larger batch means a weaker penalty.
    batch_size : int or 'auto', default='auto'
        Rows in a batch; 'auto' is ``min(200, n_samples)``. Not used by 'lbfgs'.
    learning_rate : {'constant', 'invscaling', 'adaptive'}, default='constant'
        Schedule of the learning rate; 'sgd' only. 'invscaling' is
        ``learning_rate_init / (t_ + 1)^power_t``, changed after each epoch. 'adaptive' divides by 5
        each time that training stalls, and stops below 1e-6.
    learning_rate_init : float, default=0.001
        Learning rate of the first step. Not used by 'lbfgs'.
    power_t : float, default=0.5
        Exponent of the 'invscaling' schedule.
    max_iter : int, default=200
        Largest number of epochs, that is passes over the data, or of iterations of 'lbfgs'.
    shuffle : bool, default=True
        Whether each epoch takes the rows in a new random order. Not used by 'lbfgs'.
    random_state : int, RandomState instance or None, default=None
        Source of the initial parameters, of the rows set aside for early stopping and of each
        epoch's order. An int gives the same result in every call of `fit`, and the same order of
        rows in every call of `partial_fit`; a RandomState instance is drawn from further.
    tol : float, default=1e-4
        A loss or score that is not better by this much counts as no change. For 'lbfgs', the
        largest entry of the gradient at convergence.
    verbose : bool or int, default=False
        Whether to print a line for each epoch: loss, validation score, the longest time left.
    warm_start : bool, default=False
        Whether `fit` goes on from the last `fit` instead of starting anew. It goes on exactly:
        ``k`` epochs and then ``n - k`` more give the model of ``n`` epochs bit for bit, even from
        a saved model, which for this holds the order of the rows as well.
    momentum : float, default=0.9
        Momentum of 'sgd', in [0, 1].
    nesterovs_momentum : bool, default=True
        Whether 'sgd' looks ahead as in Nesterov's method [3]_.
    early_stopping : bool, default=False
        Whether to set `validation_fraction` of the rows aside, to stop when the accuracy on them no
        longer improves and to keep the parameters of the best epoch. The split is stratified by
        class unless the targets are multilabel. Not used by 'lbfgs'.
    validation_fraction : float, default=0.1
        Share of the rows to set aside, in [0, 1).
    beta_1, beta_2 : float, default=0.9, 0.999
        Decay rates of Adam's two moments, in [0, 1).
    epsilon : float, default=1e-8
        Adam's guard against a division by zero.
    n_iter_no_change : int or inf, default=10
        Number of epochs in a row without change above which training has stalled.
    max_fun : int, default=15000
        Largest number of evaluations of the objective by 'lbfgs'.
    input_scale : float, default=1.0
        What each feature is multiplied by as its batch is cast, in training and in prediction.
        ``1 / 255`` lets pixels be learnt as bytes, without a scaler that would make a
        floating-point copy of them.
    dtype : {'float32', 'float64'} or None, default=None
        Type to compute in. None keeps float32 and float64 as they are and takes float32 for
        integers, booleans and float16. `X` is cast batch by batch, never as a whole.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Sorted class labels; for multilabel targets, the column numbers.
    coefs_ : list of ndarray of shape (fan_in, fan_out)
        Weights of each layer.
    intercepts_ : list of ndarray of shape (fan_out,)
        Biases of each layer.
    loss_ : float
        Loss of the last epoch, with its penalty: the mean over its batches, each taken before its
        step.
    loss_curve_ : list of float
        Loss of each epoch or 'lbfgs' iteration since the model was new, warm starts and calls of
        `partial_fit` included.
    best_loss_ : float or None
        Lowest loss of any epoch; None with early stopping.
    validation_scores_ : list of float or None
        Validation accuracy of each epoch; None without early stopping.
    best_validation_score_ : float or None
        Validation accuracy of the parameters kept; None without early stopping.
    n_iter_ : int
        Epochs, or 'lbfgs' iterations, of the last call of `fit` or `partial_fit`.
    t_ : int
        Rows used in all epochs since the model was new.
    n_layers_ : int
        Number of layers, input and output included.
    n_outputs_ : int
        Number of logits of each row.
    out_activation_ : {'softmax', 'logistic'}
        What makes probabilities of the logits.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, if `X` has any.

    See Also
    --------
    sklearn.neural_network.MLPClassifier : The estimator that this one equals.

    Notes
    -----
    What is different from scikit-learn 1.9 on purpose:

    - The early-stopping split is stratified for three and more classes too.
    - Warm starts go on exactly, with the optimizer's memory and the random stream; a model that
      had converged trains on for at least `n_iter_no_change` epochs; a worse second fit does not
      overwrite the best epoch's parameters.
    - A batch whose rows all have weight zero is passed over; it does not raise ZeroDivisionError.
    - `predict_log_proba` is computed from the logits and always finite.
    - Integers compute in float32, and predictions have the type of the model.

    References
    ----------
    .. [1] D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015,
       arXiv:1412.6980.
    .. [2] R. H. Byrd, P. Lu, J. Nocedal and C. Zhu, "A limited memory algorithm for bound
       constrained optimization", SIAM Journal on Scientific Computing 16(5), 1995.
    .. [3] I. Sutskever, J. Martens, G. Dahl and G. Hinton, "On the importance of initialization and
       momentum in deep learning", ICML 2013.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import train_test_split
    >>> from skmlp_scratch import MLPClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X / 16, y, random_state=0)
    >>> clf = MLPClassifier(learning_rate_init=0.01, tol=1e-3, random_state=0).fit(X_train, y_train)
    >>> bool(clf.score(X_test, y_test) > 0.95)
    True
    >>> clf.predict(X_test[:5])
    array([2, 8, 2, 6, 6])
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "activation": [StrOptions(set(ACTIVATIONS))],
        "solver": [StrOptions({"lbfgs", *OPTIMIZERS})],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "learning_rate": [StrOptions(set(SCHEDULES))],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "power_t": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
        "momentum": [Interval(Real, 0, 1, closed="both")],
        "nesterovs_momentum": ["boolean"],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="left")],
        "beta_1": [Interval(Real, 0, 1, closed="left")],
        "beta_2": [Interval(Real, 0, 1, closed="left")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "n_iter_no_change": [
            Interval(Integral, 1, None, closed="left"),
            Options(Real, {np.inf}),
        ],
        "max_fun": [Interval(Integral, 1, None, closed="left")],
        "input_scale": [Interval(Real, 0, None, closed="neither")],
        "dtype": [
            StrOptions({"float32", "float64"}),
            Options(type, {np.float32, np.float64}),
            None,
        ],
    }

    classes_: Array
    coefs_: list[Array]
    intercepts_: list[Array]
    out_activation_: str
    n_features_in_: int
    n_layers_: int
    n_outputs_: int
    n_iter_: int
    t_: int
    loss_: float
    loss_curve_: list[float]
    best_loss_: float | None
    validation_scores_: list[float] | None
    best_validation_score_: float | None

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        input_scale: float = 1.0,
        dtype: Any = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.input_scale = input_scale
        self.dtype = dtype

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train the model.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows of finite numbers of any type, neither copied nor cast as a whole; sparse input is
            taken as CSR.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Class labels of any sortable type, or indicators of 0 and 1 for several labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows; None for equal weights.

        Returns
        -------
        self : MLPClassifier
            The fitted model.

        Raises
        ------
        ValueError
            If parameters or data make no sense, before any training; if the parameters have
            become infinite or NaN, after it.

        Warns
        -----
        ConvergenceWarning
            If `max_iter` is reached.
        UserWarning
            If Ctrl-C has ended the training; the model is that of the last whole step, or the best
            epoch's with early stopping.
        """
        return self._fit(X, y, sample_weight, incremental=False)

    @available_if(_is_stochastic)  # type: ignore[untyped-decorator]
    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:
        """Train for one epoch on the given rows, from the present parameters.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows of finite numbers.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Class labels, which need not include all classes.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows; None for equal weights.
        classes : array-like of shape (n_classes,), default=None
            All classes that will ever occur; needed in the first call.

        Returns
        -------
        self : MLPClassifier
            The fitted model.

        Raises
        ------
        ValueError
            As `fit`, and if `y` has unknown classes or `early_stopping` is on.
        """
        if self.early_stopping:
            raise ValueError(
                "partial_fit does not support early_stopping=True: it makes a single pass over "
                "the data. Score the model between the calls instead."
            )
        return self._fit(X, y, sample_weight, incremental=True, classes=classes)

    def predict(self, X: Any) -> Any:
        """Predict the classes.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows of finite numbers.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_labels)
            Class labels, or indicators of 0 and 1; sparse if the training targets were.
        """
        check_is_fitted(self)
        logits = self._map_logits(X, lambda logits: logits)
        labels = decode(logits.T, self.classes_, self.out_activation_)
        return sparse.csr_matrix(labels) if self._sparse_labels else labels

    def predict_proba(self, X: Any) -> Array:
        """Predict the probability of each class.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows of finite numbers.

        Returns
        -------
        p : ndarray of shape (n_samples, n_classes)
            Probabilities, in the order of `classes_`. For several labels, that of each label.
        """
        check_is_fitted(self)
        outputs = self._map_logits(X, LOSSES[self.out_activation_].probabilities)
        return np.hstack([1 - outputs, outputs]) if self.n_outputs_ == 1 else outputs

    def predict_log_proba(self, X: Any) -> Array:
        """Predict the logarithm of the probability of each class.

        It comes from the logits, and so stays finite and exact where the probability itself
        underflows to 0 or rounds to 1.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows of finite numbers.

        Returns
        -------
        log_p : ndarray of shape (n_samples, n_classes)
            Log-probabilities, in the order of `classes_`.
        """
        check_is_fitted(self)
        link = LOSSES[self.out_activation_].log_probabilities
        if self.n_outputs_ > 1:
            return self._map_logits(X, link)
        # 1 - sigmoid(z) is sigmoid(-z)
        return self._map_logits(X, lambda logits: link(np.vstack([-logits, logits])), n_columns=2)

    def decision_function(self, X: Any) -> Array:
        """Return the logits, what the last layer gives before softmax or sigmoid.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows of finite numbers.

        Returns
        -------
        z : ndarray of shape (n_samples,) or (n_samples, n_outputs_)
            For two classes, one column: positive where the second class is predicted.
        """
        check_is_fitted(self)
        logits = self._map_logits(X, lambda logits: logits)
        return logits[:, 0] if self.n_outputs_ == 1 else logits

    def _map_logits(
        self, X: Any, function: Callable[[Array], Array], n_columns: int | None = None
    ) -> Array:
        """Return a function of the logits, (n_rows, n_columns), computed in chunks."""
        X = validate_data(self, X, accept_sparse="csr", reset=False)
        layers, dtype = self._layers, self.coefs_[0].dtype
        predictor = self._make_predictor(X, layers, dtype)
        result = np.empty((X.shape[0], n_columns or self.n_outputs_), dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            for chunk, logits in predictor.logits(layers):
                result[chunk] = function(logits).T
        return result

    def _fit(
        self, X: Any, y: Any, sample_weight: Any, *, incremental: bool, classes: Any = None
    ) -> Self:
        """Train; a fit that fails leaves the model as it was."""
        before = vars(self).copy()
        try:
            if incremental:
                _check_partial_fit_first_call(self, classes)
            complaint = self._train(X, y, sample_weight, incremental)
        except BaseException:
            self.__dict__ = before
            raise
        if complaint:  # only now, as it may be turned into an error, which must not cost the model
            warn(complaint)
        return self

    def _train(self, X: Any, y: Any, sample_weight: Any, incremental: bool) -> UserWarning | None:
        """Check everything, train from new or from earlier parameters, keep the result.

        Returns
        -------
        complaint : UserWarning or None
            Why the training has ended too early.
        """
        hidden_layer_sizes = check_hidden_layer_sizes(self.hidden_layer_sizes)
        goes_on = hasattr(self, "coefs_") and (incremental or self.warm_start)
        dataset, dtype = self._check_data(X, y, sample_weight, goes_on, incremental)
        layer_sizes = (dataset.X.shape[1], *hidden_layer_sizes, dataset.targets.n_outputs)
        if goes_on:
            check_outputs(dataset.targets, self.out_activation_, self.n_outputs_)
            check_layer_sizes(layer_sizes, self._layers)

        self.n_iter_ = 0
        self.n_layers_ = len(layer_sizes)
        self.n_outputs_ = layer_sizes[-1]
        self.out_activation_ = dataset.targets.link
        state = self._start_state(goes_on, incremental)
        if goes_on:
            parameters = Parameters.pack(self._layers, dtype)
        else:
            parameters = Parameters(layer_sizes, dtype)
            parameters.initialize(state.random_state, ACTIVATIONS[self.activation].init_factor)
            self._reset_history()
        if self.solver == "lbfgs":
            return self._fit_lbfgs(dataset, parameters)
        return self._fit_stochastic(dataset, parameters, state, incremental)

    def _check_data(
        self, X: Any, y: Any, sample_weight: Any, goes_on: bool, incremental: bool
    ) -> tuple[Dataset, np.dtype[Any]]:
        """Return the data set in numeric terms, without a copy of `X`, and the type to compute in.

        Sets ``classes_``, ``n_features_in_`` and ``feature_names_in_`` unless training goes on.
        """
        X, y = validate_data(self, X, y, accept_sparse="csr", multi_output=True, reset=not goes_on)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if goes_on or incremental:
            check_classes(y, self.classes_, all_present=not incremental)
        else:
            self.classes_ = find_classes(y)
        self._sparse_labels = sparse.issparse(y)
        dtype = compute_dtype(self.coefs_[0].dtype if goes_on else X.dtype, self.dtype)
        weights = check_weights(sample_weight, X, dtype)
        return Dataset(X, make_targets(y, self.classes_), weights), dtype

    def _start_state(self, goes_on: bool, incremental: bool) -> TrainingState:
        """Return a copy of the earlier training's state, or a new one."""
        fields = {"solver": self.solver, "random_state": check_random_state(self.random_state)}
        earlier = getattr(self, "_training_state", {})
        if goes_on and earlier.get("solver") == self.solver:
            earlier = copy_plain(earlier)
            fields = earlier | fields if incremental else fields | earlier
        state = TrainingState(**fields)
        if state.has_converged and not incremental:
            state.n_stalls = 0  # a new run, with the first learning rate again
        return state

    def _fit_lbfgs(self, dataset: Dataset, parameters: Parameters) -> UserWarning | None:
        """Train on all rows at once."""
        max_rows = chunk_rows(dataset.n_rows, parameters.layer_sizes, parameters.flat.dtype)
        result = minimize_lbfgs(
            self._make_objective(dataset, parameters, max_rows),
            max_iter=self.max_iter,
            max_fun=self.max_fun,
            tol=self.tol,
            on_iteration_end=partial(self._record_iteration, self._make_reporter()),
        )
        self._keep(parameters)
        self.n_iter_ = result.n_iter
        self.loss_ = self.best_loss_ = result.loss
        self.__dict__.pop("_training_state", None)
        if result.interrupted:
            return UserWarning("Training interrupted by user.")
        if result.failure:
            return ConvergenceWarning(  # type: ignore[no-any-return]
                f"lbfgs failed to converge after {result.n_iter} iteration(s): {result.failure}. "
                f"Increase max_iter={self.max_iter} or max_fun={self.max_fun}, or scale the data."
            )
        return None

    def _fit_stochastic(
        self, dataset: Dataset, parameters: Parameters, state: TrainingState, incremental: bool
    ) -> UserWarning | None:
        """Train batch by batch: one epoch if `incremental`, else until the stop rule is met."""
        if incremental or not state.divides(dataset.n_rows, has_validation=self.early_stopping):
            self._choose_rows(state, dataset)
        batch_size = check_batch_size(
            self.batch_size, dataset.n_rows if state.order is None else len(state.order)
        )
        schedule = SCHEDULES[self.learning_rate if self.solver == "sgd" else "constant"]
        training = Training(
            self._make_objective(dataset, parameters, batch_size),
            OPTIMIZERS[self.solver](self),
            schedule(self.learning_rate_init, self.power_t),
            state,
            batch_size=batch_size,
            shuffle=self.shuffle,
            tol=self.tol,
            patience=self.n_iter_no_change,
            validate=self._make_validation(dataset, parameters, state),
        )
        outcome = training.run(
            1 if incremental else self.max_iter,
            partial(self._record_epoch, self._make_reporter(), state),
        )
        self._keep(parameters)
        self._training_state = state.at_rest(with_data=self.warm_start and not incremental)
        if outcome is Outcome.INTERRUPTED:
            return UserWarning("Training interrupted by user.")
        if outcome is Outcome.MAX_ITER and not incremental:
            return ConvergenceWarning(  # type: ignore[no-any-return]
                f"Stochastic Optimizer: Maximum iterations ({self.max_iter}) reached and the "
                "optimization hasn't converged yet."
            )
        return None

    def _choose_rows(self, state: TrainingState, dataset: Dataset) -> None:
        """Set aside the validation rows, and begin with the others in their given order."""
        state.order = state.validation_rows = state.last_parameters = None
        if self.early_stopping:
            state.order, state.validation_rows = split_rows(
                dataset.targets,
                self.classes_,
                dataset.n_rows,
                self.validation_fraction,
                state.random_state,
            )
            check_split_weights(dataset, state.order, state.validation_rows)
        elif self.shuffle:
            state.order = np.arange(dataset.n_rows)

    def _make_objective(self, dataset: Dataset, parameters: Parameters, max_rows: int) -> Objective:
        """Return what to minimise."""
        return Objective(
            parameters,
            dataset,
            loss=LOSSES[self.out_activation_],
            activation=self.activation,
            alpha=self.alpha,
            input_scale=self.input_scale,
            max_rows=max_rows,
        )

    def _make_predictor(self, X: Any, layers: Layers, dtype: np.dtype[Any]) -> Predictor:
        """Return what gives the logits of the rows of `X`."""
        return Predictor(X, layers.layer_sizes, self.activation, dtype, self.input_scale)

    def _make_validation(
        self, dataset: Dataset, parameters: Parameters, state: TrainingState
    ) -> Callable[[], float] | None:
        """Return the function that scores the current parameters on the validation rows."""
        if state.validation_rows is None:
            return None
        predictor = self._make_predictor(dataset.X, parameters, parameters.flat.dtype)
        return partial(accuracy, predictor, parameters, dataset, state.validation_rows)

    def _make_reporter(self) -> Reporter | None:
        """Return what prints the progress, if anything does."""
        return Reporter(self.max_iter, self.tol, self.n_iter_no_change) if self.verbose else None

    def _reset_history(self) -> None:
        """Forget the epochs of an earlier model."""
        self.t_ = 0
        self.loss_curve_ = []
        self.best_loss_ = None
        self.validation_scores_ = None
        self.best_validation_score_ = None

    def _record_iteration(self, reporter: Reporter | None, number: int, loss: float) -> bool:
        """Keep an iteration of L-BFGS; return whether to stop."""
        self.loss_curve_ = [*self.loss_curve_, loss]
        if reporter:
            reporter.iteration(number, loss)
        return False

    def _record_epoch(self, reporter: Reporter | None, state: TrainingState, epoch: Epoch) -> bool:
        """Keep an epoch's figures; return whether to stop."""
        self.n_iter_ = epoch.number
        self.t_ = state.n_samples_seen
        self.loss_ = epoch.loss
        self.loss_curve_ = [*self.loss_curve_, epoch.loss]
        if epoch.score is None:
            self.best_loss_ = state.best
            self.validation_scores_ = self.best_validation_score_ = None
        else:
            self.best_loss_ = None
            self.validation_scores_ = [*(self.validation_scores_ or []), epoch.score]
            self.best_validation_score_ = -state.best
        if reporter:
            reporter.epoch(epoch)
        return False

    def _keep(self, parameters: Parameters) -> None:
        """Make the parameters the model's own."""
        if not np.isfinite(parameters.flat).all():
            raise ValueError(
                "Solver produced non-finite parameter weights. The input data may contain large "
                "values and need to be preprocessed."
            )
        layers = parameters.copy()
        self.coefs_, self.intercepts_ = layers.coefs, layers.intercepts

    @property
    def _layers(self) -> Layers:
        return Layers(self.coefs_, self.intercepts_)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "coefs_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.classifier_tags.multi_label = True
        return tags
