"""The classifier: its parameters, their documentation, and what its outputs stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from skmlp_scratch._base import BaseMLP
from skmlp_scratch._estimator.frames import is_single
from skmlp_scratch._estimator.label_arrays import to_label_array
from skmlp_scratch._estimator.labels import Labels
from skmlp_scratch._estimator.options import takes_batches
from skmlp_scratch._estimator.problem import Samples
from skmlp_scratch._estimator.sklearn_compat import (
    Interval,
    Options,
    ScorerNames,
    StrOptions,
    available_if,
    fit_context,
)
from skmlp_scratch._estimator.solvers import SOLVERS
from skmlp_scratch._network.activations import ACTIVATIONS
from skmlp_scratch._network.initializers import INITIALIZERS
from skmlp_scratch._network.losses import LOSSES, Loss, find_loss
from skmlp_scratch._training.optimizers import OPTIMIZERS
from skmlp_scratch._training.schedules import SCHEDULES
from skmlp_scratch._typing import FloatArray, MatrixLike

if TYPE_CHECKING:
    from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier

# The choices of parameters, which editors complete.
ActivationName = Literal[
    "identity", "logistic", "tanh", "relu", "leaky_relu", "elu", "gelu", "silu"
]
SolverName = Literal["lbfgs", "sgd", "adam", "adamw"]
ScheduleName = Literal["constant", "invscaling", "adaptive", "linear", "cosine", "one_cycle"]
LossName = Literal["log_loss", "squared_error"]
InitializerName = Literal["glorot", "glorot_normal", "he", "he_normal", "lecun", "lecun_normal"]
FloatType = Literal["float32", "float64"] | type[np.float32] | type[np.float64]
ClassWeight = Mapping[Any, float] | Literal["balanced"]


def _has_partial_fit(estimator: MLPClassifier) -> bool:
    """Return True, or raise the error that explains why there is no ``partial_fit``."""
    if not takes_batches(estimator.solver):
        raise AttributeError(
            f"partial_fit is only available for the stochastic solvers {sorted(OPTIMIZERS)}; "
            f"solver={estimator.solver!r} needs all data at once."
        )
    return True


class MLPClassifier(ClassifierMixin, BaseMLP):  # type: ignore[misc]
    """Multi-layer perceptron classifier, a drop-in replacement for scikit-learn's.

    Layer ``i`` computes ``a[i + 1] = f(a[i] @ coefs_[i] + intercepts_[i])`` from ``a[0] = X``. The
    last layer has no ``f`` and gives the logits ``z``. Training minimizes, batch by batch,

    ::

        (sum_i w_i loss(y_i, z_i) + alpha / 2 sum coefs_²) / sum_i w_i

    with the log-loss of ``softmax(z)`` for three or more classes, and of ``sigmoid(z)`` for two
    classes (one output) and for multilabel targets (one output for each label).

    With the same `random_state` and float64 input, parameters, losses and probabilities equal those
    of :class:`sklearn.neural_network.MLPClassifier`; Notes lists all that differs. The parameters
    that scikit-learn's does not have come after `max_fun`, and are off by default.

    Parameters
    ----------
    hidden_layer_sizes : int or array-like of int, default=(100,)
        Number of units in each hidden layer. ``()`` trains a linear softmax regression.
    activation : {'identity', 'logistic', 'tanh', 'relu', 'leaky_relu', 'elu', 'gelu', 'silu'} \
            or array-like of these, default='relu'
        Function ``f`` of the hidden layers, or one for each.

        - 'identity' is ``z``.
        - 'logistic' is ``σ(z) = 1 / (1 + exp(-z))``.
        - 'tanh' is ``tanh(z)``.
        - 'relu' is ``max(0, z)``.
        - 'leaky_relu' is ``max(0.01 z, z)`` [4]_.
        - 'elu' is ``z`` where it is positive, and ``exp(z) - 1`` elsewhere [5]_.
        - 'gelu' is ``z Φ(z)``, with the distribution function Φ of the standard normal [6]_.
        - 'silu' is ``z σ(z)`` [7]_.
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
        Schedule of the learning rate. Not used by 'lbfgs'.

        - 'constant' is `learning_rate_init`.
        - 'invscaling', for 'sgd' only, is ``learning_rate_init / (t_ + 1)^power_t``, and changes
          after each epoch.
        - 'adaptive', for 'sgd' only, divides the rate by 5 on each plateau of loss or score.
          Training ends on a plateau at a rate below 1e-6.
        - 'linear' and 'cosine' [9]_ fall from `learning_rate_init` to 0.
        - 'one_cycle' [10]_ rises from a 25th of `learning_rate_init` to it in the first 30 % of the
          steps, then falls to 0.
        - A callable takes the number of steps made so far and returns the rate of the next one.

        'linear', 'cosine' and 'one_cycle' change at each step and end with `max_iter` epochs. A
        plateau of the training loss does not end them earlier; `early_stopping` may. In
        `partial_fit`, `max_iter` calls make a whole schedule, and the next call begins another.
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
        order, of the dropout masks and of what `augment` draws. An int gives the same result in
        every call of `fit`, and the same order of rows in every call of `partial_fit`; a
        RandomState instance is drawn from further.
    tol : float, default=1e-4
        A loss or score that does not improve by this much counts as no change. For 'lbfgs', the
        largest entry of the gradient at convergence.
    verbose : bool or int, default=False
        Whether to print a line for each epoch: loss, validation score, the longest time left.
    warm_start : bool, default=False
        Whether `fit` resumes the previous training instead of starting from scratch. Resuming is
        exact: ``k`` epochs and then ``n - k`` more give the model of ``n`` epochs bit for bit, even
        from a saved model. For that, it has to be on in the first `fit` too, which then keeps the
        order of the rows. If it is turned on later, training resumes from the parameters and the
        optimizer state.
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
    beta_1 : float, default=0.9
        Decay rate of Adam's first moment, in [0, 1).
    beta_2 : float, default=0.999
        Decay rate of Adam's second moment, in [0, 1).
    epsilon : float, default=1e-8
        Adam's guard against a division by zero.
    n_iter_no_change : int or inf, default=10
        Training is on a plateau after more than this many epochs in a row without improvement.
    max_fun : int, default=15000
        Largest number of evaluations of the objective by 'lbfgs'.
    dropout : float or array-like of float, default=0.0
        Probability that a training step leaves out a hidden unit [11]_, for all hidden layers or
        one for each; the outputs of the other units are divided by ``1 - dropout``. In [0, 1).
        Training losses are with dropout, validation and prediction without. Not for 'lbfgs'.
    input_dropout : float, default=0.0
        Probability that a training step leaves out a feature. In [0, 1). Not for 'lbfgs'.
    max_norm : float or None, default=None
        Largest Euclidean norm of the incoming weights of a hidden unit; longer ones are scaled to
        it after each step [11]_. Not for 'lbfgs'.
    clip_norm : float or None, default=None
        Largest Euclidean norm of the whole gradient, penalty included; a longer one is scaled to it
        [12]_. Not for 'lbfgs'.
    weight_decay : float, default=0.01
        Decoupled weight decay, for 'adamw' only: each step shrinks the weights by the factor
        ``1 - learning rate * weight_decay``. Biases do not decay.
    class_weight : mapping, 'balanced', list of mapping or None, default=None
        Multiplier of the sample weights of each class: ``{label: weight}``, or 'balanced' for
        ``n_samples / (n_classes * count)``, which `partial_fit` cannot know. Classes without a key
        have weight 1. For multilabel targets, 'balanced' or a list with one dict
        ``{0: weight, 1: weight}`` for each label; the factors of a row are multiplied, which is of
        use for a few labels only.
    loss : {'log_loss', 'squared_error'}, default='log_loss'
        'squared_error' is ``sum_k (σ(z_k) - y_k)² / 2`` over sigmoid outputs. For three or more
        classes, probabilities are then the outputs divided by their sum.
    label_smoothing : float, default=0.0
        Share of each target that training replaces by ``1 / n_classes``, or by 1/2 for binary and
        multilabel targets [13]_. In [0, 1).
    init : {'glorot', 'glorot_normal', 'he', 'he_normal', 'lecun', 'lecun_normal'}, default='glorot'
        Distribution of the initial parameters: uniform or normal of variance
        ``2 / (fan_in + fan_out)`` [14]_ (a third of that for layers with activation 'logistic'),
        ``2 / fan_in`` [15]_ or ``1 / fan_in`` [16]_.
    scoring : str, callable or None, default=None
        What early stopping maximizes, and `history_` records as "validation_score". None is the
        accuracy and 'loss' the validation loss with its sign changed, both weighted like the
        training loss (rows of `X_val` like `sample_weight_val`). Others are scorers of
        scikit-learn, by name ('accuracy', 'f1', ...) or as ``scorer(estimator, X, y)``, with `X` as
        an array; they are weighted with `sample_weight` only, not with `class_weight`. NaN is no
        improvement.
    input_scale : float, default=1.0
        Factor of all features, applied as each batch is cast, in training and in prediction.
        ``1 / 255`` trains on uint8 pixels directly, without a scaler that would make a
        floating-point copy of them.
    dtype : {'float32', 'float64'}, numpy.float32, numpy.float64 or None, default=None
        Type to compute in. None keeps float32 and float64 as they are and takes float32 for
        integers, booleans and float16; a training that resumes keeps the type that it has. `X` is
        cast batch by batch, never as a whole.
    augment : callable or None, default=None
        Random changes of the training rows, such as
        :class:`~skmlp_scratch.augmentation.ImageDeformation` or
        :class:`~skmlp_scratch.augmentation.GaussianNoise`. Each training step learns from what
        ``augment(batch, generator)`` returns, finite numbers of the batch's shape. The batch, of
        shape (rows, n_features), is scaled by `input_scale`, is of the type that is computed in,
        and may be changed in place. The ``numpy.random.Generator`` depends on `random_state`.
        Validation and prediction take the rows as they are. Not for sparse `X`, nor for 'lbfgs'.

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
        "learning_rate" (of the epoch's first step), "seconds" (NaN in copies and loaded models, so
        that two equal fits have equal files). NaN where there is none: without early stopping or
        `X_val` there is no validation, and 'lbfgs' has no learning rate.
        ``compact(history=False, state=True)`` shortens it.
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
        Activation of the output layer.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, if `X` has any.

    See Also
    --------
    sklearn.neural_network.MLPClassifier : The estimator that this one equals.

    Notes
    -----
    Everything that differs from scikit-learn 1.9 on purpose stands here. All else is equal, with a
    test for each: parameters, defaults and errors, fitted attributes, and for float64 input the
    loss curve, parameters and probabilities to a relative 1e-6.

    Results that differ:

    - The early-stopping split is stratified for three and more classes too, so such results differ.
      It needs two samples of each class, and as many validation rows as classes.
    - Warm starts resume exactly, with the optimizer state and the random stream: k epochs and then
      n - k equal n. A model that had converged trains on for at least `n_iter_no_change` epochs. A
      worse second fit does not overwrite the best epoch's parameters.
    - Integers and booleans are trained on in float32, batch by batch, without a floating-point copy
      of `X`; predictions are float64, as scikit-learn's are.
    - `predict_log_proba` is computed from the logits and finite, and exact where a probability
      rounds to 1.

    Errors that differ:

    - A batch whose rows all have weight zero is skipped; it does not raise ZeroDivisionError.
    - A loss that becomes infinite or NaN ends the training at once. The last parameters of whole
      epochs that gave a finite loss are kept, with a warning; if there are none, ValueError is
      raised. Predictions that overflow raise ValueError.
    - A fit that fails leaves the model as it was.
    - `partial_fit` and warm starts refuse another `hidden_layer_sizes` than the model has.
    - ``hidden_layer_sizes=(5.0,)``, dates as features, and multilabel targets that are not coded as
      0 and 1 raise an error that says so.

    What else to know:

    - Parameters that are set after a fit change the next fit, never the predictions.
    - Predictions take chunks of rows, so that their memory is bounded; early stopping takes rows by
      number and copies none.
    - Weights that were loaded with ``mmap_mode="r"`` can be trained further.
    - Two equal fits have equal pickles, files and hashes.

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

    __module__ = "skmlp_scratch"  # what pickles name, so that this module can move

    _parameter_constraints: dict[str, list[Any]] = {
        "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "activation": [StrOptions(set(ACTIVATIONS)), "array-like"],
        "solver": [StrOptions(set(SOLVERS))],
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
        "dropout": [Interval(Real, 0, 1, closed="left"), "array-like"],
        "input_dropout": [Interval(Real, 0, 1, closed="left")],
        "max_norm": [Interval(Real, 0, None, closed="neither"), None],
        "clip_norm": [Interval(Real, 0, None, closed="neither"), None],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "class_weight": [Mapping, list, StrOptions({"balanced"}), None],
        "loss": [StrOptions(set(LOSSES))],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
        "init": [StrOptions(set(INITIALIZERS))],
        "scoring": [ScorerNames("loss"), callable, None],
        "input_scale": [Interval(Real, 0, None, closed="neither")],
        "dtype": [
            StrOptions({"float32", "float64"}),
            Options(type, {np.float32, np.float64}),
            None,
        ],
        "augment": [callable, None],
    }

    def __init__(
        self,
        hidden_layer_sizes: ArrayLike = (100,),
        activation: ActivationName | Sequence[ActivationName] = "relu",
        *,
        solver: SolverName = "adam",
        alpha: float = 0.0001,
        batch_size: int | Literal["auto"] = "auto",
        learning_rate: ScheduleName | Callable[[int], float] = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: int | np.random.RandomState | None = None,
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
        dropout: ArrayLike = 0.0,
        input_dropout: float = 0.0,
        max_norm: float | None = None,
        clip_norm: float | None = None,
        weight_decay: float = 0.01,
        class_weight: ClassWeight | list[dict[int, float]] | None = None,
        loss: LossName = "log_loss",
        label_smoothing: float = 0.0,
        init: InitializerName = "glorot",
        scoring: str | Callable[[Any, Any, Any], float] | None = None,
        input_scale: float = 1.0,
        dtype: FloatType | None = None,
        augment: Callable[[FloatArray, np.random.Generator], ArrayLike] | None = None,
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
        self.augment = augment

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: MatrixLike,
        y: MatrixLike,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: MatrixLike | None = None,
        y_val: MatrixLike | None = None,
        sample_weight_val: ArrayLike | None = None,
    ) -> Self:
        """Train the model.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows of finite numbers of any type, neither copied nor cast as a whole; sparse input is
            taken as CSR.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Class labels: integers, strings, booleans, dates or durations, also as objects or in
            nullable columns of a frame; or indicators of 0 and 1 for multilabel targets. NumPy has
            no time zones: dates of polars and Arrow that have one become UTC.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows; None for equal weights.
        X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
            Rows to validate on after each epoch, recorded in `history_`; early stopping takes them
            instead of setting some of `X` aside. A pipeline passes them on as they are, unless it
            is told to transform them: by ``sklearn.set_config(enable_metadata_routing=True)``,
            ``Pipeline(..., transform_input=["X_val"])`` and
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
            If parameters or data are not valid, before any training; if the loss becomes infinite
            or NaN before an epoch is complete; if the weights of a batch, positive and negative,
            add up to 0.

        Warns
        -----
        ConvergenceWarning
            If `max_iter` is reached before the loss or score has stopped improving, unless the
            schedule leads up to that end; if the loss has become infinite or NaN.
        UserWarning
            If Ctrl-C has ended the training; the model is that of the last whole step, or the best
            epoch's with early stopping. If the largest feature in a sample of the rows, times
            `input_scale`, is above 1000 or below 0.001, or far from that of `X_val`; if a hidden
            layer outputs 0 for all of them. If a parameter that scikit-learn does not have, or
            `alpha`, has no effect, such as `scoring` without validation. If a few rows get half of
            all weight by `class_weight`. If `batch_size` is larger than the number of rows. If a
            compact model cannot resume exactly. If a training on several BLAS threads keeps waiting
            for cores (Linux).
        DataConversionWarning
            If `y` is a column, of which the labels are taken.
        """
        held_out = Samples.held_out(X_val, y_val, sample_weight_val)
        return self._fit(Samples(X, y, sample_weight), held_out)

    @available_if(_has_partial_fit)
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self,
        X: MatrixLike,
        y: MatrixLike,
        sample_weight: ArrayLike | None = None,
        classes: ArrayLike | None = None,
        *,
        X_val: MatrixLike | None = None,
        y_val: MatrixLike | None = None,
        sample_weight_val: ArrayLike | None = None,
    ) -> Self:
        """Train for one epoch on the given rows, from the present parameters.

        Each call makes the history one epoch, about 100 bytes, longer. In a long stream, call
        ``compact(history=False, state=True)`` from time to time: it leaves the last epoch only, and
        training resumes exactly.

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
            As `fit`, and if the first call has no `classes`, a later one has others, `y` has
            unknown classes, `early_stopping` is on or `class_weight` is 'balanced'.

        Warns
        -----
        UserWarning
            If Ctrl-C has ended the epoch, `batch_size` is larger than the number of rows, a compact
            model cannot resume exactly, a parameter has no effect (in the first call), or BLAS
            threads keep waiting for cores, as in `fit`.
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
        held_out = Samples.held_out(X_val, y_val, sample_weight_val)
        train = Samples(X, y, sample_weight)
        return self._fit(train, held_out, incremental=True, classes=classes)

    def predict(self, X: MatrixLike) -> Any:
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
        labels = self._labels
        predicted = self._map_chunks(X, lambda logits, _: labels.decode(logits))
        return sparse.csr_matrix(predicted) if labels.is_sparse else predicted

    def score(self, X: MatrixLike, y: MatrixLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the accuracy: the share of rows whose labels are predicted, all of a row's.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows of finite numbers.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Their labels, of every type that `fit` takes.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows; None for equal weights.

        Returns
        -------
        score : float
            The accuracy.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        ValueError
            If labels are missing or not of a type that `fit` takes; if `X` is not as in `fit`.
        """
        labels = to_label_array(y, "y")
        return float(super().score(X, labels, sample_weight=sample_weight))

    def predict_proba(self, X: MatrixLike) -> FloatArray:
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
        return self._map_logits(X, self._link.probabilities)

    def predict_log_proba(self, X: MatrixLike) -> FloatArray:
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
        return self._map_logits(X, self._link.log_probabilities)

    def logits(self, X: MatrixLike) -> FloatArray:
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

    def to_sklearn(self) -> SklearnMLPClassifier:
        """Return scikit-learn's MLPClassifier with the same weights and predictions.

        For converters and tools that know its class: PMML, hummingbird, emlearn and others.
        `input_scale` becomes part of the weights. Parameters and values that only this class has,
        like `dropout` or ``solver="adamw"``, are left at scikit-learn's defaults, as they do not
        change predictions. The state of the optimizer is left behind.

        Returns
        -------
        model : sklearn.neural_network.MLPClassifier
            A fitted model.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        ValueError
            If scikit-learn's has no such network: activations that it does not have or that differ
            between layers, or 'squared_error' with three or more classes.

        See Also
        --------
        from_sklearn : The inverse.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from skmlp_scratch import MLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> clf = MLPClassifier((8,), max_iter=20, learning_rate="one_cycle").fit(X, y)
        >>> theirs = clf.to_sklearn()
        >>> type(theirs).__module__
        'sklearn.neural_network._multilayer_perceptron'
        >>> bool((theirs.predict(X) == clf.predict(X)).all())
        True
        """
        from skmlp_scratch._estimator.exchange import to_sklearn  # noqa: PLC0415 - slow to import

        check_is_fitted(self)
        return to_sklearn(self)

    @classmethod
    def from_sklearn(cls, model: SklearnMLPClassifier) -> Self:
        """Return a model that predicts, and trains on, like one of scikit-learn's.

        Parameters
        ----------
        model : sklearn.neural_network.MLPClassifier
            A fitted model, which stays as it is.

        Returns
        -------
        clf : MLPClassifier
            A fitted model with the same parameters, weights and loss curve, and with the state of
            the optimizer, so that `partial_fit` continues as scikit-learn's would.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        TypeError
            If it is of another class.

        See Also
        --------
        to_sklearn : The inverse.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier
        >>> from skmlp_scratch import MLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> theirs = SklearnMLPClassifier((8,), random_state=0)
        >>> theirs = theirs.partial_fit(X, y, classes=[0, 1, 2])
        >>> ours = MLPClassifier.from_sklearn(theirs)
        >>> bool((ours.partial_fit(X, y).predict(X) == theirs.partial_fit(X, y).predict(X)).all())
        True
        """
        from skmlp_scratch._estimator.exchange import from_sklearn  # noqa: PLC0415 - slow to import

        return from_sklearn(cls, model)  # type: ignore[no-any-return]

    def _map_logits(self, X: Any, link: Callable[[FloatArray], FloatArray]) -> FloatArray:
        """Return a function of the logits, (n_samples, n_columns).

        In double precision, as plain floats are, unless the model and `X` are both float32.
        """
        values = self._map_chunks(X, lambda logits, _: link(logits).T)
        return values if is_single(X) else values.astype(np.float64, copy=False)

    @property
    def _labels(self) -> Labels:
        return Labels(self.classes_, self._target_type, self._sparse_labels)

    @property
    def _link(self) -> type[Loss]:
        return find_loss(self._loss, self._target_type)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.classifier_tags.multi_label = True
        return tags
