"""The estimator: parameters, their documentation, and the recipe of a fit and a prediction."""

import os
from collections import deque
from collections.abc import Callable
from copy import copy
from functools import partial
from math import nan
from numbers import Integral, Real
from operator import call
from typing import Any, Self
from warnings import warn

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import get_scorer_names
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import _check_partial_fit_first_call
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from skmlp_scratch._data.dataset import Dataset
from skmlp_scratch._data.targets import Targets
from skmlp_scratch._estimator.advice import hints
from skmlp_scratch._estimator.callbacks import (
    CallbackSupportMixin,
    CallbackTask,
    Listeners,
    Reporter,
)
from skmlp_scratch._estimator.labels import decode, find_classes, make_targets
from skmlp_scratch._estimator.options import (
    check_activations,
    check_dropout,
    check_full_batch_options,
    check_hidden_layer_sizes,
    compute_dtype,
)
from skmlp_scratch._estimator.plan import Task
from skmlp_scratch._estimator.problem import (
    check_classes,
    check_layer_sizes,
    check_numeric,
    check_outputs,
    check_weights,
)
from skmlp_scratch._estimator.scoring import HeldOut
from skmlp_scratch._files import model as model_file
from skmlp_scratch._network.activations import ACTIVATIONS
from skmlp_scratch._network.initializers import INITIALIZERS
from skmlp_scratch._network.losses import LOSSES, Loss
from skmlp_scratch._network.parameters import Architecture, Layers, Parameters
from skmlp_scratch._network.passes import Workspace
from skmlp_scratch._network.predictor import Predictor, check_finite
from skmlp_scratch._training.epochs import HISTORY, Epoch, Outcome
from skmlp_scratch._training.optimizers import OPTIMIZERS
from skmlp_scratch._training.schedules import SCHEDULES
from skmlp_scratch._training.state import TrainingState, copy_plain
from skmlp_scratch._typing import Array


def _is_stochastic(estimator: "MLPClassifier") -> bool:
    """Return True, or raise the error that explains why there is no ``partial_fit``."""
    if estimator.solver not in OPTIMIZERS:
        raise AttributeError(
            f"partial_fit is only available for the stochastic solvers {sorted(OPTIMIZERS)}; "
            f"solver={estimator.solver!r} needs all data at once."
        )
    return True


def _call_at_once(*functions: Callable[[], None]) -> None:
    """Call built-in functions with no moment in between at which Ctrl-C could be heard."""
    deque(map(call, functions), maxlen=0)


class MLPClassifier(CallbackSupportMixin, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Multi-layer perceptron classifier, a drop-in for scikit-learn's.

    Layer ``i`` computes ``a[i + 1] = f(a[i] @ coefs_[i] + intercepts_[i])`` from ``a[0] = X``. The
    last layer has no ``f`` and gives the logits ``z``. Training minimises, batch by batch,

    ::

        (sum_i w_i loss(y_i, z_i) + alpha / 2 sum coefs_²) / sum_i w_i

    with the log-loss of ``softmax(z)`` for three or more classes, and of ``sigmoid(z)`` for two
    classes (one output) and for multilabel targets (one output for each label).

    With the same `random_state` and float64 input, parameters, losses and probabilities equal those
    of :class:`sklearn.neural_network.MLPClassifier`; see Notes for where they differ on purpose.
    The parameters that it does not have come after `max_fun`, and are off by default.

    Parameters
    ----------
    hidden_layer_sizes : int or array-like of int, default=(100,)
        Number of units in each hidden layer. ``()`` trains a linear softmax regression.
    activation : {'identity', 'logistic', 'tanh', 'relu', 'leaky_relu', 'elu', 'gelu', 'silu'} \
            or list or tuple of these, default='relu'
        Function ``f`` of the hidden layers, or one for each: ``z``, ``σ(z) = 1 / (1 + exp(-z))``,
        ``tanh(z)``, ``max(0, z)``, ``max(0.01 z, z)`` [4]_, ``z`` or ``exp(z) - 1`` where z is
        negative [5]_, ``z Φ(z)`` with the normal distribution function Φ [6]_, ``z σ(z)`` [7]_.
    solver : {'lbfgs', 'sgd', 'adam', 'adamw'}, default='adam'
        Adam [1]_, AdamW [8]_ and stochastic gradient descent take a batch for each step; L-BFGS
        [2]_ takes all rows, which suits a few thousand of them at most.
    alpha : float, default=0.0001
        Strength of the L2 penalty. It is divided by the batch's total weight, as its loss is, so
        that a larger batch means a weaker penalty. Not used by 'adamw', which has `weight_decay`.
    batch_size : int or 'auto', default='auto'
        Rows in a batch; 'auto' is ``min(200, n_samples)``. Not used by 'lbfgs'.
    learning_rate : {'constant', 'invscaling', 'adaptive', 'linear', 'cosine', 'one_cycle'} \
            or callable, default='constant'
        Schedule of the learning rate. 'invscaling' and 'adaptive' are for 'sgd' only: the first is
        ``learning_rate_init / (t_ + 1)^power_t``, changed after each epoch, the second divides by 5
        each time that training stalls, and stops below 1e-6. The next three change at each step and
        lead up to the end of `max_iter` epochs, before which only `early_stopping` ends them:
        'linear' and 'cosine' [9]_ fall from `learning_rate_init` to 0; 'one_cycle' [10]_ rises from
        a 25th of `learning_rate_init` to it in the first 30 % of the steps, then falls to 0.
        A callable is given the number of steps made and returns the learning rate. For
        `partial_fit`, `max_iter` calls are a whole schedule, and the next begins another. Not used
        by 'lbfgs'.
    learning_rate_init : float, default=0.001
        Learning rate of the first step, or the largest one of 'one_cycle'. Not used by 'lbfgs'.
    power_t : float, default=0.5
        Exponent of the 'invscaling' schedule.
    max_iter : int, default=200
        Largest number of epochs, that is passes over the data, or of iterations of 'lbfgs'.
    shuffle : bool, default=True
        Whether each epoch takes the rows in a new random order. Not used by 'lbfgs'.
    random_state : int, RandomState instance or None, default=None
        Source of the initial parameters, of the rows set aside for early stopping, of each epoch's
        order and of what dropout leaves out. An int gives the same result in every call of `fit`,
        and the same order of rows in every call of `partial_fit`; a RandomState instance is drawn
        from further.
    tol : float, default=1e-4
        A loss or score that is not better by this much counts as no change. For 'lbfgs', the
        largest entry of the gradient at convergence.
    verbose : bool or int, default=False
        Whether to print a line for each epoch: loss, validation score, the longest time left.
    warm_start : bool, default=False
        Whether `fit` goes on from the last `fit` instead of starting anew. It goes on exactly:
        ``k`` epochs and then ``n - k`` more give the model of ``n`` epochs bit for bit, even from
        a saved model. It has to be on in the first `fit` too, which then keeps the order of the
        rows; turned on later, training goes on from the parameters and the optimizer's memory.
    momentum : float, default=0.9
        Momentum of 'sgd', in [0, 1].
    nesterovs_momentum : bool, default=True
        Whether 'sgd' looks ahead as in Nesterov's method [3]_.
    early_stopping : bool, default=False
        Whether to set `validation_fraction` of the rows aside, to stop when `scoring` on them no
        longer improves and to keep the parameters of the best epoch. The split is stratified by
        class unless the targets are multilabel; with `X_val` in `fit`, nothing is set aside. Not
        used by 'lbfgs'.
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
    dropout : float or list or tuple of float, default=0.0
        Probability of each hidden unit, or of the units of each hidden layer, to be left out of a
        training step [11]_; the others are divided by ``1 - dropout`` for it. In [0, 1). Losses in
        training are with dropout, validation and prediction are without. Not for 'lbfgs'.
    input_dropout : float, default=0.0
        The same for the features.
    max_norm : float or None, default=None
        Largest Euclidean norm of the weights that come into a hidden unit; longer ones are shrunk
        to it after each step [11]_. Not for 'lbfgs'.
    clip_norm : float or None, default=None
        Largest Euclidean norm of the whole gradient, with its penalty; a longer one is shrunk to it
        [12]_. Not for 'lbfgs'.
    weight_decay : float, default=0.01
        Only of 'adamw': each step takes ``learning rate * weight_decay`` of the weights away,
        whatever the number of rows; biases are left alone.
    class_weight : dict, 'balanced', list of dict or None, default=None
        Factor of the weights of each class's rows: ``{label: weight}``, or 'balanced' for
        ``n_samples / (n_classes * count)``, which `partial_fit` can't know. For several labels,
        'balanced' or a list of one dict for each, whose factors are multiplied.
    loss : {'log_loss', 'squared_error'}, default='log_loss'
        'squared_error' is ``sum_k (σ(z_k) - y_k)² / 2`` over sigmoid outputs. For three or more
        classes, probabilities are then the outputs divided by their sum.
    label_smoothing : float, default=0.0
        Share of each target that is replaced by ``1 / n_classes`` in training, or by 1/2 for two
        classes and several labels [13]_. In [0, 1).
    init : {'glorot', 'glorot_normal', 'he', 'he_normal', 'lecun', 'lecun_normal'}, default='glorot'
        Distribution of the initial parameters: uniform or normal of variance
        ``2 / (fan_in + fan_out)`` [14]_ (a third of that for layers with activation 'logistic'),
        ``2 / fan_in`` [15]_ or ``1 / fan_in`` [16]_.
    scoring : str or callable, default='accuracy'
        What early stopping maximises, and `history_` records as "validation_score": 'accuracy',
        'loss' (the validation loss with its sign changed), or any scorer of scikit-learn, by name
        or as ``scorer(estimator, X, y)``, with `X` as an array. It is given ``sample_weight`` too
        if it takes that and the rows have weights, those of `class_weight` included. NaN is no
        improvement.
    input_scale : float, default=1.0
        What each feature is multiplied by as its batch is cast, in training and in prediction.
        ``1 / 255`` lets pixels be learnt as bytes, without a scaler that would make a
        floating-point copy of them.
    dtype : {'float32', 'float64'}, numpy.float32, numpy.float64 or None, default=None
        Type to compute in. None keeps float32 and float64 as they are and takes float32 for
        integers, booleans and float16; a training that goes on keeps the type that it has. `X` is
        cast batch by batch, never as a whole.

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
        step. NaN if Ctrl-C came before the end of the first one.
    loss_curve_ : list of float
        Loss of each epoch or 'lbfgs' iteration since the model was new, warm starts and calls of
        `partial_fit` included.
    history_ : dict of list of float
        The same epochs in columns of equal length, which ``pandas.DataFrame(clf.history_)`` reads:
        "loss", "validation_loss" (without penalty and smoothing), "validation_score",
        "learning_rate" (of the epoch's first step), "seconds" (by which two equal fits differ). NaN
        where there is none: without early stopping or `X_val` there is no validation, and 'lbfgs'
        has no learning rate.
    best_loss_ : float or None
        Lowest loss of any epoch; None with early stopping.
    validation_scores_ : list of float or None
        Validation score of each epoch; None without early stopping.
    best_validation_score_ : float or None
        Validation score of the parameters kept; None without early stopping.
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

    - The early-stopping split is stratified for three and more classes too. It needs two samples of
      each class, and as many validation rows as classes.
    - Warm starts go on exactly, with the optimizer's memory and the random stream; a model that
      had converged trains on for at least `n_iter_no_change` epochs; a worse second fit does not
      overwrite the best epoch's parameters.
    - A batch whose rows all have weight zero is passed over; it does not raise ZeroDivisionError.
    - `partial_fit` and warm starts refuse another `hidden_layer_sizes` than the model has.
    - `predict_log_proba` is computed from the logits and finite. Predictions that overflow raise
      ValueError.
    - Integers compute in float32, and predictions have the type of the model.
    - A loss that becomes infinite or NaN ends the training at once. The last parameters of whole
      epochs that gave a finite loss are kept, with a warning; if there are none, ValueError is
      raised. A fit that fails leaves the model as it was.

    References
    ----------
    .. [1] D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015,
       arXiv:1412.6980.
    .. [2] R. H. Byrd, P. Lu, J. Nocedal and C. Zhu, "A limited memory algorithm for bound
       constrained optimization", SIAM Journal on Scientific Computing 16(5), 1995.
    .. [3] I. Sutskever, J. Martens, G. Dahl and G. Hinton, "On the importance of initialization and
       momentum in deep learning", ICML 2013.
    .. [4] A. Maas, A. Hannun and A. Ng, "Rectifier nonlinearities improve neural network acoustic
       models", ICML 2013.
    .. [5] D.-A. Clevert, T. Unterthiner and S. Hochreiter, "Fast and accurate deep network learning
       by exponential linear units (ELUs)", ICLR 2016, arXiv:1511.07289.
    .. [6] D. Hendrycks and K. Gimpel, "Gaussian error linear units (GELUs)", arXiv:1606.08415.
    .. [7] S. Elfwing, E. Uchibe and K. Doya, "Sigmoid-weighted linear units for neural network
       function approximation in reinforcement learning", arXiv:1702.03118.
    .. [8] I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR 2019,
       arXiv:1711.05101.
    .. [9] I. Loshchilov and F. Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR
       2017, arXiv:1608.03983.
    .. [10] L. N. Smith and N. Topin, "Super-convergence: very fast training of neural networks
       using large learning rates", arXiv:1708.07120.
    .. [11] N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever and R. Salakhutdinov, "Dropout: a
       simple way to prevent neural networks from overfitting", JMLR 15, 2014.
    .. [12] R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural
       networks", ICML 2013.
    .. [13] C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens and Z. Wojna, "Rethinking the Inception
       architecture for computer vision", CVPR 2016, arXiv:1512.00567.
    .. [14] X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward
       neural networks", AISTATS 2010.
    .. [15] K. He, X. Zhang, S. Ren and J. Sun, "Delving deep into rectifiers: surpassing
       human-level performance on ImageNet classification", ICCV 2015, arXiv:1502.01852.
    .. [16] Y. LeCun, L. Bottou, G. Orr and K.-R. Müller, "Efficient backprop", 1998.

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
        "activation": [StrOptions(set(ACTIVATIONS)), list, tuple],
        "solver": [StrOptions({"lbfgs", *OPTIMIZERS})],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "learning_rate": [StrOptions(set(SCHEDULES)), callable],
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
        "dropout": [Interval(Real, 0, 1, closed="left"), list, tuple],
        "input_dropout": [Interval(Real, 0, 1, closed="left")],
        "max_norm": [Interval(Real, 0, None, closed="neither"), None],
        "clip_norm": [Interval(Real, 0, None, closed="neither"), None],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "class_weight": [dict, list, StrOptions({"balanced"}), None],
        "loss": [StrOptions(set(LOSSES))],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
        "init": [StrOptions(set(INITIALIZERS))],
        "scoring": [StrOptions({"loss", *get_scorer_names()}), callable],
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
    _target_kind: str
    n_features_in_: int
    n_layers_: int
    n_outputs_: int
    n_iter_: int
    t_: int
    loss_: float
    loss_curve_: list[float]
    history_: dict[str, list[float]]
    best_loss_: float | None
    validation_scores_: list[float] | None
    best_validation_score_: float | None
    _training_state: dict[str, Any]

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str | Callable[[int], float] = "constant",
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
        dropout: Any = 0.0,
        input_dropout: float = 0.0,
        max_norm: float | None = None,
        clip_norm: float | None = None,
        weight_decay: float = 0.01,
        class_weight: Any = None,
        loss: str = "log_loss",
        label_smoothing: float = 0.0,
        init: str = "glorot",
        scoring: Any = "accuracy",
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
        self.dropout = dropout
        self.input_dropout = input_dropout
        self.max_norm = max_norm
        self.clip_norm = clip_norm
        self.weight_decay = weight_decay
        self.class_weight = class_weight
        self.loss = loss
        self.label_smoothing = label_smoothing
        self.init = init
        self.scoring = scoring
        self.input_scale = input_scale
        self.dtype = dtype

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> Self:
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
        X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
            Rows to validate on after each epoch, recorded in `history_`; early stopping takes them
            instead of setting some of `X` aside. A pipeline transforms them like `X`, and does not
            hand them on as they are, after ``sklearn.set_config(enable_metadata_routing=True)``
            with ``Pipeline(..., transform_input=["X_val"])`` and
            ``MLPClassifier(...).set_fit_request(X_val=True, y_val=True)``.
        y_val : array-like of shape (n_val,) or (n_val, n_labels), default=None
            Their labels.
        sample_weight_val : array-like of shape (n_val,), default=None
            Their weights, whatever `class_weight` is.

        Returns
        -------
        self : MLPClassifier
            The fitted model.

        Raises
        ------
        ValueError
            If parameters or data make no sense, before any training; if the loss becomes infinite
            or NaN before an epoch is complete, or the weights of a batch, positive and negative,
            add up to 0.

        Warns
        -----
        ConvergenceWarning
            If `max_iter` is reached before the loss or score has stopped improving, unless the
            schedule leads up to that end; if the loss has become infinite or NaN.
        UserWarning
            If Ctrl-C has ended the training; the model is that of the last whole step, or the best
            epoch's with early stopping. If the largest feature, times `input_scale`, is above 1000
            or below 0.001, or a hidden layer gives nothing but zeros. If `batch_size` is larger
            than the number of rows. If a compact model cannot go on exactly where it stopped.
        DataConversionWarning
            If `y` is a column, of which the labels are taken.
        """
        held_out = {"X_val": X_val, "y_val": y_val, "sample_weight_val": sample_weight_val}
        return self._fit(X, y, sample_weight, held_out, incremental=False)

    @available_if(_is_stochastic)  # type: ignore[untyped-decorator]
    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def partial_fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        classes: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> Self:
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
        X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
            Rows to validate on afterwards, recorded in `history_`.
        y_val : array-like of shape (n_val,) or (n_val, n_labels), default=None
            Their labels.
        sample_weight_val : array-like of shape (n_val,), default=None
            Their weights, whatever `class_weight` is.

        Returns
        -------
        self : MLPClassifier
            The fitted model.

        Raises
        ------
        ValueError
            As `fit`, and if `y` has unknown classes, `early_stopping` is on or `class_weight` is
            'balanced'.

        Warns
        -----
        UserWarning
            If Ctrl-C has ended the epoch, `batch_size` is larger than the number of rows, or a
            compact model cannot go on exactly where it stopped.
        ConvergenceWarning
            If the loss has become infinite or NaN.
        DataConversionWarning
            If `y` is a column, of which the labels are taken.
        """
        if self.early_stopping:
            raise ValueError(
                "partial_fit does not support early_stopping=True: it makes a single pass over "
                "the data. Score the model between the calls instead, or pass X_val and y_val and "
                "read history_."
            )
        if self.class_weight == "balanced":
            raise ValueError(
                "class_weight='balanced' is not supported by partial_fit, which does not see all "
                "rows. Compute the weights with sklearn.utils.class_weight.compute_class_weight "
                "and pass them as a dict."
            )
        held_out = {"X_val": X_val, "y_val": y_val, "sample_weight_val": sample_weight_val}
        return self._fit(X, y, sample_weight, held_out, incremental=True, classes=classes)

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

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        ValueError
            If `X` is not as in `fit`, or so large that the outputs overflow.
        """
        check_is_fitted(self)
        is_multilabel = self._target_kind == "multilabel"
        labels = self._map_chunks(
            X,
            lambda ws: decode(ws.logits, self.classes_, self._target_kind),
            shape=(self.n_outputs_,) if is_multilabel else (),
            dtype=np.dtype(int) if is_multilabel else self.classes_.dtype,
        )
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
            Probabilities, in the order of `classes_`. For several labels, that of each label. A
            model of a single class has a second column, as scikit-learn's.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        ValueError
            If `X` is not as in `fit`, or so large that the outputs overflow.
        """
        check_is_fitted(self)
        outputs = self._map_logits(X, self._loss.probabilities)
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
            Log-probabilities, in the order of `classes_`, like `predict_proba`.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        ValueError
            If `X` is not as in `fit`, or so large that the outputs overflow.
        """
        check_is_fitted(self)
        link = self._loss.log_probabilities
        if self.n_outputs_ > 1:
            return self._map_logits(X, link)
        # 1 - sigmoid(z) is sigmoid(-z)
        return self._map_logits(X, lambda logits: link(np.vstack([-logits, logits])), n_columns=2)

    def logits(self, X: Any) -> Array:
        """Return the logits, what the last layer gives before softmax or sigmoid.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows of finite numbers.

        Returns
        -------
        z : ndarray of shape (n_samples, n_outputs_)
            Logits, one column for each class or each label. Two classes share one column, which is
            positive where the second class is predicted.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        ValueError
            If `X` is not as in `fit`, or so large that the outputs overflow.
        """
        check_is_fitted(self)
        return self._map_logits(X, lambda logits: logits)

    def hidden_activations(self, X: Any, layer: int = -1) -> Array:
        """Return what a hidden layer gives, the features that the network has learnt.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows of finite numbers.
        layer : int, default=-1
            Number of the hidden layer, counted from 0, or from the end if negative.

        Returns
        -------
        a : ndarray of shape (n_samples, n_units)
            Outputs of the layer's activation, without dropout.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        ValueError
            If there is no such hidden layer; if `X` is not as in `fit`, or so large that the
            outputs overflow.

        See Also
        --------
        HiddenFeatures : The same as a transformer, for pipelines.
        """
        check_is_fitted(self)
        number = self._find_hidden_layer(layer)
        return self._map_chunks(X, lambda ws: ws.outputs[number], self.intercepts_[number].shape)

    def compact(self) -> Self:
        """Forget what only further training needs, two thirds of the size with Adam.

        That is the optimizer's memory, and with `warm_start` the order of the rows, the state of
        their shuffles and, with early stopping, the last epoch's parameters. Predictions stay the
        same. `partial_fit`, and `fit` with `warm_start`, then go on from the parameters as after a
        change of `solver`: with a new optimizer, and a learning rate at the beginning of its
        schedule.

        Returns
        -------
        self : MLPClassifier
            The model itself.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.

        Examples
        --------
        >>> import pickle
        >>> from sklearn.datasets import load_digits
        >>> from skmlp_scratch import MLPClassifier
        >>> X, y = load_digits(return_X_y=True)
        >>> clf = MLPClassifier(input_scale=1 / 16, early_stopping=True, random_state=0).fit(X, y)
        >>> before = len(pickle.dumps(clf))
        >>> bool(before / len(pickle.dumps(clf.compact())) > 2.5)
        True
        """
        check_is_fitted(self)
        if hasattr(self, "_training_state"):
            self._training_state = {}
        return self

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model to a file that holds data and no code, unlike a pickle.

        The file is an ``.npz`` archive, which NumPy reads in any version: weights, biases and
        classes are arrays of their own, as are the optimizer's; all else is JSON in the array
        "header". A model that is loaded predicts and trains on exactly as the one that was saved.

        A RandomState instance as `random_state` is saved in its present state, as a pickle does it,
        and is an instance of its own after loading. Attributes that are not the model's, like
        callbacks and metadata requests, are left out.

        Parameters
        ----------
        path : str or path-like
            The file to write, by convention with a name that ends in ``.npz``. A file that was
            there before is replaced at the end, in one step.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        ValueError
            If a parameter is not valid, does not fit the model, or is a function or another object
            that is not plain data; set that again after loading.
        OSError
            If the file cannot be written.

        See Also
        --------
        load : The inverse.
        compact : Makes the file smaller.

        Examples
        --------
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> from sklearn.datasets import load_digits
        >>> from skmlp_scratch import MLPClassifier
        >>> X, y = load_digits(return_X_y=True)
        >>> clf = MLPClassifier(input_scale=1 / 16, early_stopping=True, random_state=0).fit(X, y)
        >>> with TemporaryDirectory() as folder:
        ...     clf.save(Path(folder, "digits.npz"))
        ...     loaded = MLPClassifier.load(Path(folder, "digits.npz"))
        >>> bool((loaded.predict_proba(X) == clf.predict_proba(X)).all())
        True
        """
        check_is_fitted(self)
        model_file.save(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a model that `save` has written, in this or in an earlier version.

        Nothing in the file is executed, and the sizes that it declares are compared with the bytes
        that are there before any memory is taken, so that it may come from anybody. What the model
        predicts is still only as good as where it comes from.

        Parameters
        ----------
        path : str or path-like
            The file.

        Returns
        -------
        clf : MLPClassifier
            The fitted model.

        Raises
        ------
        ValueError
            If the file is damaged, was not written by `save`, or comes from a later version. The
            message names the file, what was expected and what was found.
        OSError
            If the file cannot be opened.

        See Also
        --------
        save : The inverse, with an example.
        """
        return model_file.load(cls, path)  # type: ignore[no-any-return]

    def _find_hidden_layer(self, layer: int) -> int:
        """Return the number of a hidden layer, counted from 0."""
        n_hidden = self.n_layers_ - 2
        try:
            return range(n_hidden)[layer]
        except (IndexError, TypeError):
            raise ValueError(
                f"layer={layer!r} does not exist: the model has {n_hidden} hidden layer(s), "
                "counted from 0, or from -1 backwards."
            ) from None

    def _map_logits(
        self, X: Any, function: Callable[[Array], Array], n_columns: int | None = None
    ) -> Array:
        """Return a function of the logits, (n_rows, n_columns)."""
        shape = (n_columns or self.n_outputs_,)
        return self._map_chunks(X, lambda ws: function(ws.logits).T, shape)

    def _map_chunks(
        self,
        X: Any,
        function: Callable[[Workspace], Array],
        shape: tuple[int, ...],
        dtype: np.dtype[Any] | None = None,
    ) -> Array:
        """Return a function of each chunk's workspace, (n_rows, *shape), of the model's type."""
        with np.errstate(all="ignore"):  # the check of the logits tells more
            X = validate_data(self, X, accept_sparse="csr", reset=False)
            check_numeric(X)
            architecture = self._architecture
            result = np.empty((X.shape[0], *shape), dtype or architecture.dtype)
            for chunk, workspace in Predictor(X, architecture).chunks(self._layers):
                check_finite(workspace.logits, chunk.start)
                result[chunk] = function(workspace)
        return result

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        held_out: dict[str, Any],
        *,
        incremental: bool,
        classes: Any = None,
    ) -> Self:
        """Train; a fit that fails leaves the model as it was."""
        callbacks = None
        if hasattr(self, "set_callbacks") and not incremental:
            callbacks = CallbackTask(self, X, y, {"sample_weight": sample_weight} | held_out)
        before = vars(self).copy()
        lengths = [(column, len(column)) for column in self._history_columns()]
        try:
            if incremental:
                _check_partial_fit_first_call(self, classes)
            task = self._make_task(X, y, sample_weight, held_out, incremental)
            complaints = self._train(task, callbacks)
        except BaseException:
            self.__dict__ = before
            for column, length in lengths:
                del column[length:]
            raise
        if callbacks:
            callbacks.end()
        # Only now, as they may be turned into errors, which must not cost the model.
        for complaint in complaints:
            warn(complaint)
        return self

    def _make_task(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        held_out: dict[str, Any],
        incremental: bool,
    ) -> Task:
        """Check all parameters and data; describe the model that comes of them."""
        goes_on = hasattr(self, "coefs_") and (incremental or self.warm_start)
        hidden_layer_sizes = check_hidden_layer_sizes(self.hidden_layer_sizes)
        n_hidden = len(hidden_layer_sizes)
        activations = check_activations(self.activation, n_hidden)
        dropout_rates = check_dropout(self.dropout, self.input_dropout, n_hidden)
        if self.solver == "lbfgs":
            check_full_batch_options(
                dropout=self.dropout,
                input_dropout=self.input_dropout,
                max_norm=self.max_norm,
                clip_norm=self.clip_norm,
            )
        X, y = self._check_rows(X, y, reset=not goes_on)
        self._learn_classes(y, goes_on, incremental)
        dtype = compute_dtype(self.coefs_[0].dtype if goes_on else X.dtype, self.dtype)
        dataset = self._make_dataset(X, y, sample_weight, self.class_weight, dtype)
        layer_sizes = (X.shape[1], *hidden_layer_sizes, dataset.targets.n_outputs)
        if goes_on:
            check_outputs(dataset.targets, self._target_kind, self.n_outputs_)
            check_layer_sizes(layer_sizes, self._layers)

        self.n_layers_ = len(layer_sizes)
        self.n_outputs_ = dataset.targets.n_outputs
        self._target_kind = dataset.targets.kind
        self.out_activation_ = self._loss.output_activation
        return Task(
            self,
            dataset,
            y,
            self._check_held_out(**held_out, targets=dataset.targets, dtype=dtype),
            Architecture(layer_sizes, activations, dtype, self.input_scale),
            self._loss,
            dropout_rates,
            incremental,
            goes_on,
        )

    def _check_held_out(
        self,
        X_val: Any,
        y_val: Any,
        sample_weight_val: Any,
        *,
        targets: Targets,
        dtype: np.dtype[Any],
    ) -> HeldOut | None:
        """Return the user's own validation data, if there are any."""
        if X_val is None and y_val is None and sample_weight_val is None:
            return None
        if X_val is None or y_val is None:
            raise ValueError("X_val and y_val belong together, but only one of them was given.")
        try:
            X_val, y_val = self._check_rows(X_val, y_val, reset=False)
            check_classes(y_val, self.classes_, all_present=False)
            dataset = self._make_dataset(X_val, y_val, sample_weight_val, None, dtype)
        except ValueError as error:
            raise ValueError(
                f"The validation data X_val, y_val and sample_weight_val cannot be used: {error}"
            ) from error
        if dataset.targets.kind != targets.kind:
            raise ValueError(
                f"y_val has {dataset.targets.kind} labels, but y has {targets.kind} ones; both "
                "must have the same form."
            )
        return HeldOut(dataset, y_val, slice(0, dataset.n_rows))

    @np.errstate(all="ignore")  # scikit-learn's search for NaN may overflow
    def _check_rows(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, Any]:
        """Return rows and labels as arrays, or sparse in CSR format; a column of labels as 1-D."""
        X, y = validate_data(self, X, y, accept_sparse="csr", multi_output=True, reset=reset)
        check_numeric(X)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        return X, y

    def _learn_classes(self, y: Any, goes_on: bool, incremental: bool) -> None:
        """Set what is known of the labels, or raise if they do not suit what is known already."""
        if goes_on or incremental:
            check_classes(y, self.classes_, all_present=not incremental)
        else:
            self.classes_ = find_classes(y)
        self._sparse_labels = sparse.issparse(y)

    def _make_dataset(
        self, X: Any, y: Any, sample_weight: Any, class_weight: Any, dtype: np.dtype[Any]
    ) -> Dataset:
        """Return checked rows and labels in numeric terms, without a copy of `X`."""
        weights = check_weights(sample_weight, class_weight, X, y, self.classes_, dtype)
        return Dataset(X, make_targets(y, self.classes_), weights)

    def _train(self, task: Task, callbacks: CallbackTask | None) -> list[UserWarning]:
        """Train from new or from earlier parameters, and keep the result.

        Returns
        -------
        complaints : list of UserWarning
            Why the training has ended too early, and what hampers it.
        """
        state = self._start_state(task)
        parameters = self._start_parameters(task, state.random_state)
        if not task.goes_on:
            self.__dict__.update(self._new_history())
        self.n_iter_ = 0
        listener = Listeners(
            self._record,
            self._make_reporter(),
            callbacks,
            lambda: self._snapshot(parameters, state),
        )
        if self.solver == "lbfgs":
            complaints = self._fit_lbfgs(task, parameters, listener)
        else:
            complaints = self._fit_stochastic(task, parameters, state, listener)
        if not task.incremental:
            found = hints(task.dataset.X, self._layers, task.architecture)
            complaints += [UserWarning(hint) for hint in found]
        return complaints

    def _start_state(self, task: Task) -> TrainingState:
        """Return a copy of the earlier training's state, or a new one."""
        rng = check_random_state(self.random_state)
        fields: dict[str, Any] = {"solver": self.solver, "random_state": rng}
        if task.goes_on:
            fields |= {"n_samples_seen": self.t_} | self._earlier_state()
        if task.incremental:
            fields["random_state"] = rng  # as in scikit-learn, each call begins with the seed
        state = TrainingState(**fields)
        if state.has_converged and not task.incremental:
            state.n_stalls = state.n_epochs = 0  # a new run, its schedule from the beginning
        return state

    def _earlier_state(self) -> dict[str, Any]:
        """Return a copy of where the last training stands, nothing if it had another solver."""
        # Empty after compact(), absent after L-BFGS.
        earlier = getattr(self, "_training_state", {"solver": None})
        if not earlier and self.solver in OPTIMIZERS:
            warn(
                "The model is compact: training goes on from its parameters with a new optimizer, "
                "and not exactly where it stopped. For that, keep a copy that compact() was not "
                "called on."
            )
        return copy_plain(earlier) if earlier.get("solver") == self.solver else {}

    def _start_parameters(self, task: Task, rng: np.random.RandomState) -> Parameters:
        """Return the model's parameters, or new ones."""
        architecture = task.architecture
        if task.goes_on:
            return Parameters.pack(self._layers, architecture.dtype)
        parameters = Parameters(architecture.layer_sizes, architecture.dtype)
        names = [*architecture.activations]
        # As in scikit-learn, the last layer is drawn like the one below it.
        names += names[-1:] or [self.activation or "identity"]
        factors = [ACTIVATIONS[name].glorot_factor for name in names]
        parameters.initialize(INITIALIZERS[self.init], factors, rng)
        return parameters

    def _fit_lbfgs(
        self, task: Task, parameters: Parameters, listener: Listeners
    ) -> list[UserWarning]:
        """Train on all rows at once."""
        training = task.make_full_batch(parameters)
        outcome = training.run(listener)
        if outcome is Outcome.DIVERGED:
            raise ValueError(f"The loss is infinite or NaN from the start. {self._advice}")
        self._keep(parameters)
        self.n_iter_ = training.n_iter
        self.loss_ = self.best_loss_ = training.loss
        self.__dict__.pop("_training_state", None)
        if outcome is Outcome.MAX_ITER:
            return [
                ConvergenceWarning(
                    f"lbfgs failed to converge after {training.n_iter} iteration(s): "
                    f"{training.message}. Increase max_iter={self.max_iter} or "
                    f"max_fun={self.max_fun}, or scale the data."
                )
            ]
        return self._complain(outcome)

    def _fit_stochastic(
        self, task: Task, parameters: Parameters, state: TrainingState, listener: Listeners
    ) -> list[UserWarning]:
        """Train batch by batch: one epoch if incremental, else until the stop rule is met."""
        training = task.make_training(parameters, state)
        n_epochs = 1 if task.incremental else training.epochs_left
        outcome = training.run(n_epochs, listener)
        if outcome is Outcome.DIVERGED and training.n_finite_epochs == 0:
            raise ValueError(f"Solver produced non-finite parameter weights. {self._advice}")
        self._keep(parameters)
        self.__dict__.update(self._standing(state, with_data=not task.incremental))
        planned = task.incremental or training.schedule.has_end
        if outcome is Outcome.MAX_ITER and not planned:
            return [
                ConvergenceWarning(
                    f"Stochastic Optimizer: Maximum iterations ({self.max_iter}) reached and the "
                    "optimization hasn't converged yet."
                )
            ]
        return self._complain(outcome)

    def _complain(self, outcome: Outcome) -> list[UserWarning]:
        """Return what the user should know if a training has ended too early."""
        if outcome is Outcome.INTERRUPTED:
            return [UserWarning("Training interrupted by user.")]
        if outcome is Outcome.DIVERGED:
            return [
                ConvergenceWarning(
                    f"The loss became infinite or NaN in epoch {self.n_iter_ + 1}. The parameters "
                    f"kept are the last that gave a finite loss. {self._advice}"
                )
            ]
        return []

    @property
    def _advice(self) -> str:
        """What helps against divergence."""
        advice = (
            "The input data may contain large values and need to be preprocessed: scale X, for "
            "instance with StandardScaler or input_scale."
        )
        if self.solver == "lbfgs":
            return advice
        rate = f"learning_rate_init={self.learning_rate_init}"
        return f"{advice} Else lower {rate}, or set clip_norm."

    def _make_reporter(self) -> Reporter | None:
        """Return what prints the progress, if anything does."""
        return Reporter(self.tol, self.n_iter_no_change) if self.verbose else None

    @staticmethod
    def _new_history() -> dict[str, Any]:
        """Return the attributes that tell of epochs, before the first one."""
        return {
            "t_": 0,
            "loss_": nan,
            "best_loss_": None,
            "best_validation_score_": None,
            "loss_curve_": [],
            "validation_scores_": None,
            "history_": {name: [] for name in HISTORY},
        }

    def _history_columns(self) -> list[list[float]]:
        """Return the lists that `_record` makes longer."""
        columns = [getattr(self, "loss_curve_", []), *getattr(self, "history_", {}).values()]
        return [*columns, getattr(self, "validation_scores_", None) or []]

    def _record(self, epoch: Epoch) -> None:
        """Keep the figures of an epoch, or of an iteration of L-BFGS."""
        columns = [
            (self.loss_curve_, epoch.loss),
            *((self.history_[name], getattr(epoch, name)) for name in HISTORY),
        ]
        scores = None
        if epoch.best_score is not None:
            scores = self.validation_scores_ or []
            columns.append((scores, epoch.validation_score))
        _call_at_once(
            *(partial(column.append, nan if x is None else x) for column, x in columns),
            partial(
                self.__dict__.update,
                n_iter_=epoch.number,
                loss_=epoch.loss,
                best_loss_=epoch.best_loss,
                best_validation_score_=epoch.best_score,
                validation_scores_=scores,
            ),
        )

    def _standing(self, state: TrainingState, *, with_data: bool) -> dict[str, Any]:
        """Return where a stochastic training stands, as attributes."""
        return {
            "t_": state.n_samples_seen,
            "_training_state": state.at_rest(with_data=with_data and self.warm_start),
        }

    def _snapshot(self, parameters: Parameters, state: TrainingState) -> dict[str, Any]:
        """Return copies of what a training changes, as attributes."""
        layers, standing = parameters.separate(), {}
        if self.solver in OPTIMIZERS:
            standing = copy_plain(self._standing(state, with_data=True))
        return standing | {
            "coefs_": layers.coefs,
            "intercepts_": layers.intercepts,
            "loss_curve_": copy(self.loss_curve_),
            "history_": {name: copy(column) for name, column in self.history_.items()},
            "validation_scores_": copy(self.validation_scores_),
        }

    def _keep(self, parameters: Parameters) -> None:
        """Make the parameters the model's own."""
        if not np.isfinite(parameters.flat).all():
            raise ValueError(f"Solver produced non-finite parameter weights. {self._advice}")
        layers = parameters.separate()
        self.coefs_, self.intercepts_ = layers.coefs, layers.intercepts

    @property
    def _layers(self) -> Layers:
        return Layers(self.coefs_, self.intercepts_)

    @property
    def _loss(self) -> type[Loss]:
        return LOSSES[self.loss][self._target_kind]

    @property
    def _architecture(self) -> Architecture:
        activations = check_activations(self.activation, self.n_layers_ - 2)
        layer_sizes, dtype = self._layers.layer_sizes, self.coefs_[0].dtype
        return Architecture(layer_sizes, activations, dtype, self.input_scale)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "coefs_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.classifier_tags.multi_label = True
        return tags
