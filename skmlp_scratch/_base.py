"""The recipe of a fit (read, plan, run, adopt), prediction in chunks, and models in files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from math import isnan
from typing import Any, Self
from warnings import warn

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from skmlp_scratch._estimator.advice import (
    check_outcome,
    convergence_warnings,
    data_hints,
    unused_options,
)
from skmlp_scratch._estimator.callbacks import FitTask, Reporter
from skmlp_scratch._estimator.draft import (
    FITTED_ATTRIBUTES,
    FittedAttributes,
    Recorder,
    learned,
    snapshot,
)
from skmlp_scratch._estimator.options import Options, parameter_advice
from skmlp_scratch._estimator.plan import Plan
from skmlp_scratch._estimator.problem import (
    Request,
    Samples,
    read_inputs,
    read_layers,
    read_problem,
)
from skmlp_scratch._estimator.sklearn_compat import (
    CallbackSupportMixin,
    InvalidParameterError,
    has_callbacks,
)
from skmlp_scratch._estimator.solvers import Solver, make_solver
from skmlp_scratch._estimator.threads import blas_threads
from skmlp_scratch._files import model as model_file
from skmlp_scratch._files.attributes import from_plain, to_plain
from skmlp_scratch._network.parameters import Architecture, LayerArrays
from skmlp_scratch._network.predictor import Predictor, check_finite
from skmlp_scratch._training.epochs import FIGURES, History, Listener, Listeners, Outcome
from skmlp_scratch._typing import Array, FloatArray, MatrixLike


class BaseMLP(FittedAttributes, CallbackSupportMixin, BaseEstimator):  # type: ignore[misc]
    """A network as an estimator, whatever its outputs stand for."""

    # --- the recipe of a fit ----------------------------------------------------------------------

    def _fit(
        self,
        train: Samples,
        held_out: Samples | None,
        *,
        incremental: bool = False,
        classes: Any = None,
    ) -> Self:
        """Read, plan, run, adopt; a failure before the last step leaves the model as it was."""
        is_heard = has_callbacks(self) and not incremental
        task = FitTask(self, train, held_out) if is_heard else None
        resumed = self._resumes(incremental)
        request = Request(train, held_out, resumed, incremental, classes)
        options = Options.of(self)

        problem = read_problem(self, options, request)
        plan = Plan.of(self, options, problem, request)
        solver = make_solver(plan)
        with blas_threads(solver.batch_size, plan.architecture.layer_sizes) as watch:
            outcome = solver.run(Listeners([watch, listen(plan, solver, task)]))
        self._finish(plan, solver, outcome, task)
        for warning in watch.held:
            warn(warning)
        return self

    def _resumes(self, incremental: bool) -> bool:
        """Return whether training resumes from the model's parameters."""
        resumes, is_fitted = incremental or self.warm_start, self.__sklearn_is_fitted__()
        if resumes and not is_fitted and {"coefs_", "intercepts_"} & vars(self).keys():
            raise ValueError(
                "coefs_ and intercepts_ were set before the first training, which would replace "
                "them. Call fit or partial_fit once, and set them after it."
            )
        return resumes and is_fitted

    def _finish(
        self, plan: Plan, solver: Solver, outcome: Outcome, task: FitTask | None = None
    ) -> None:
        """Adopt what was learned, unless the training has failed; then warn."""
        check_outcome(outcome, plan.options)
        self._adopt(plan, solver, outcome)
        if task:
            task.end()
        # Only now, as they may be turned into errors, which must not cost the model.
        for warning in self._warnings(plan, outcome):
            warn(warning)

    def _adopt(self, plan: Plan, solver: Solver, outcome: Outcome) -> None:
        """Take over what was learned; the only place that writes fitted attributes."""
        draft, layers = plan.draft, solver.parameters.copy()
        draft.coefs_, draft.intercepts_ = layers.coefs, layers.intercepts
        draft.t_ = solver.state.n_samples_seen
        if not isnan(outcome.loss):
            draft.loss_ = outcome.loss
        with_data = plan.options.warm_start and not plan.request.incremental
        draft._state = solver.state.checkpoint(with_data=with_data)
        attributes = learned(draft)
        self.__dict__.update(attributes)
        for name in FITTED_ATTRIBUTES.keys() - attributes.keys():
            self.__dict__.pop(name, None)

    def _warnings(self, plan: Plan, outcome: Outcome) -> Iterator[UserWarning]:
        """Yield the warnings of a fit."""
        request, options, held_out = plan.request, plan.options, plan.problem.held_out
        incremental = request.incremental
        yield from convergence_warnings(outcome, options, self._history, incremental=incremental)
        if not (incremental and request.resumed):
            unused = unused_options(self, options, has_held_out=held_out is not None)
            yield from map(UserWarning, unused)
        if not incremental:
            X, X_val = plan.problem.train.dataset.X, held_out and held_out.dataset.X
            yield from map(UserWarning, data_hints(X, X_val, self._layers, plan.architecture))

    # --- what is read from the history ------------------------------------------------------------

    @property
    def loss_curve_(self) -> list[float]:
        """Loss of each epoch."""
        return self._epochs.column("loss")

    @property
    def history_(self) -> dict[str, list[float]]:
        """Figures of each epoch, in columns."""
        return {name: self._epochs.column(name) for name in FIGURES}

    @property
    def n_iter_(self) -> int:
        """Epochs of the last training."""
        return self._epochs.n_iter

    @property
    def best_loss_(self) -> float | None:
        """Lowest loss of any epoch; None with early stopping."""
        return _none_if_nan(self._epochs.last("best_loss"))

    @property
    def best_validation_score_(self) -> float | None:
        """Validation score of the parameters kept; None without early stopping."""
        return _none_if_nan(self._epochs.last("best_score"))

    @property
    def validation_scores_(self) -> list[float] | None:
        """Validation score of each epoch; None without early stopping."""
        return self._epochs.scores() or None

    @property
    def _epochs(self) -> History:
        """The history, or the error of an attribute that an unfitted model does not have."""
        if "_history" not in vars(self):
            raise AttributeError(f"This {type(self).__name__} is not fitted yet. Call fit first.")
        return self._history

    # --- prediction -------------------------------------------------------------------------------

    def hidden_activations(self, X: MatrixLike, layer: int = -1) -> FloatArray:
        """Return the outputs of a hidden layer, the features that the network has learned.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows of finite numbers.
        layer : int, default=-1
            Number of the hidden layer, counted from 0, or from the end if negative.

        Returns
        -------
        a : ndarray of shape (n_samples, n_units)
            Outputs of the layer's activation, without dropout, in the floating-point type that the
            model computes in.

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
        return self._map_chunks(X, lambda _, hidden: hidden[number])

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

    def _map_chunks(
        self, X: Any, function: Callable[[FloatArray, list[FloatArray]], Array]
    ) -> Array:
        """Return a function of logits (n_outputs, rows) and hidden activations, for all rows.

        It is applied to a chunk of rows at a time, and returns an array with an item for each.
        """
        result: Array | None = None
        with np.errstate(all="ignore"):  # the check of the logits has the better message
            X, layers = read_inputs(self, X), self._layers
            architecture, rows = self._architecture(layers), slice(0, X.shape[0])
            predictor = Predictor(X, architecture)
            with blas_threads(predictor.chunk_rows, architecture.layer_sizes):
                for chunk, logits, hidden in predictor.chunks(layers, rows):
                    check_finite(logits, chunk.start, layers)
                    part = function(logits, hidden)
                    if result is None:
                        result = np.empty((X.shape[0], *part.shape[1:]), part.dtype)
                    result[chunk] = part
        return result  # type: ignore[return-value]  # there is at least one row

    @property
    def _layers(self) -> LayerArrays:
        return read_layers(self)

    def _architecture(self, layers: LayerArrays) -> Architecture:
        """Return the architecture of the fitted network, which `set_params` does not change."""
        if len(layers.coefs) != self.n_layers_ - 1:
            raise ValueError(
                f"coefs_ has {len(layers.coefs)} layers, but the model was trained with "
                f"{self.n_layers_ - 1}, whose activations it knows. Set hidden_layer_sizes="
                f"{layers.layer_sizes[1:-1]} and train on with warm_start=True or partial_fit."
            )
        activations, scale = tuple(self._activations), self._input_scale
        return Architecture(layers.layer_sizes, activations, layers.dtype, scale)

    # --- models in files --------------------------------------------------------------------------

    def compact(self, *, history: bool = True, state: bool = False) -> Self:
        """Forget what only further training needs, two thirds of the size with Adam.

        That is the optimizer state, and with `warm_start` the order of the rows, the state of
        their shuffles and, with early stopping, the last epoch's parameters. Predictions stay the
        same. `partial_fit`, and `fit` with `warm_start`, then resume from the parameters as after a
        change of `solver`: with a new optimizer, and a learning rate at the beginning of its
        schedule.

        A stream of many calls of `partial_fit` makes the history long.
        ``compact(history=False, state=True)`` shortens it, and training resumes exactly.

        Parameters
        ----------
        history : bool, default=True
            Whether to keep the figures of all epochs, about 100 bytes each; if not, only those of
            the last one are left.
        state : bool, default=False
            Whether to keep what further training needs, so that it resumes exactly.

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
        if not state and self._state and self._state.slots:
            self._state = None
        if not history:
            self._history = self._history.shorten()
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
            The file to write, by convention with a name that ends in ``.npz``; a leading ``~`` is
            the home folder. A file that was there before is replaced at the end, in one step, and
            keeps its permissions; another hard link to it keeps the old model.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        ValueError
            If a parameter is not valid, or is a function or another object that is not plain data;
            set that again after loading.
        OSError
            If the file cannot be written, or is no regular file, like a pipe.

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

    def _validate_params(self) -> None:
        try:
            super()._validate_params()
        except InvalidParameterError as error:
            raise InvalidParameterError(f"{error}{parameter_advice(self, error)}") from None

    def __getstate__(self) -> dict[str, Any]:
        return to_plain(super().__getstate__())

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(from_plain(state))

    def __sklearn_is_fitted__(self) -> bool:
        # Weights alone may be a user's.
        return vars(self).keys() >= {"coefs_", "_loss"}


def listen(plan: Plan, solver: Solver, task: FitTask | None = None) -> Listener:
    """Return the listeners of a fit, as one."""
    return Listeners(_listeners(plan, solver, task))


def _listeners(plan: Plan, solver: Solver, task: FitTask | None) -> Iterator[Listener]:
    draft, options = plan.draft, plan.options
    yield Recorder(draft)
    if options.verbose:
        yield Reporter(options.tol, options.n_iter_no_change)
    if task:
        task.watch(draft, lambda: snapshot(draft, solver.parameters, solver.state))
        yield task


def _none_if_nan(value: float) -> float | None:
    return None if isnan(value) else value
