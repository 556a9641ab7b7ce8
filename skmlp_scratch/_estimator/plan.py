"""What one call of `fit` or `partial_fit` has to do, and the numeric objects that it takes."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from skmlp_scratch._data.dataset import Dataset
from skmlp_scratch._estimator.options import check_batch_size
from skmlp_scratch._estimator.scoring import HeldOut, Validate, make_validate
from skmlp_scratch._estimator.split import check_split_weights, split_rows
from skmlp_scratch._network.dropout import Dropout, make_dropouts
from skmlp_scratch._network.losses import Loss
from skmlp_scratch._network.parameters import Architecture, Parameters
from skmlp_scratch._network.predictor import chunk_rows
from skmlp_scratch._training.lbfgs import FullBatchTraining
from skmlp_scratch._training.objective import Objective
from skmlp_scratch._training.optimizers import OPTIMIZERS
from skmlp_scratch._training.schedules import make_schedule
from skmlp_scratch._training.state import TrainingState
from skmlp_scratch._training.stochastic import Training


@dataclass(frozen=True)
class Task:
    """A call of `fit` or `partial_fit`.

    Parameters
    ----------
    estimator : MLPClassifier
        Gives its parameters, which stay as they are.
    dataset : Dataset
        What to learn.
    labels : array of shape (n_rows,) or (n_rows, n_labels)
        Its labels, as the user gave them.
    held_out : HeldOut or None
        The user's own validation data.
    architecture : Architecture
        Of the network.
    loss : type of loss
        Of a batch.
    dropout_rates : list of float
        Of the inputs and of each hidden layer.
    incremental : bool
        Whether to make a single pass, for `partial_fit`.
    goes_on : bool
        Whether it starts from the estimator's present parameters.
    """

    estimator: Any
    dataset: Dataset
    labels: Any
    held_out: HeldOut | None
    architecture: Architecture
    loss: type[Loss]
    dropout_rates: list[float]
    incremental: bool
    goes_on: bool

    def make_training(self, parameters: Parameters, state: TrainingState) -> Training:
        """Return the stochastic training, its rows noted in the state."""
        self._choose_rows(state)
        estimator = self.estimator
        n_rows = self.dataset.n_rows if state.order is None else len(state.order)
        batch_size = check_batch_size(estimator.batch_size, n_rows)
        schedule = make_schedule(
            estimator.learning_rate,
            is_sgd=estimator.solver == "sgd",
            learning_rate_init=estimator.learning_rate_init,
            power_t=estimator.power_t,
            steps_per_epoch=ceil(n_rows / batch_size),
            max_epochs=estimator.max_iter,
        )
        held_out = self.held_out
        if state.validation_rows is not None:
            held_out = HeldOut(self.dataset, self.labels, state.validation_rows)
        return Training(
            self._make_objective(parameters, batch_size, self._make_dropouts(batch_size, state)),
            OPTIMIZERS[estimator.solver](estimator),
            schedule,
            state,
            batch_size=batch_size,
            shuffle=estimator.shuffle,
            tol=estimator.tol,
            patience=estimator.n_iter_no_change,
            clip_norm=estimator.clip_norm,
            max_norm=estimator.max_norm,
            validate=self._make_validate(parameters, held_out),
            keeps_best=estimator.early_stopping,
            goes_on=self.goes_on,
        )

    def make_full_batch(self, parameters: Parameters) -> FullBatchTraining:
        """Return the training on all rows at once."""
        estimator = self.estimator
        layer_sizes, dtype = self.architecture.layer_sizes, self.architecture.dtype
        max_rows = chunk_rows(self.dataset.n_rows, layer_sizes, dtype)
        return FullBatchTraining(
            self._make_objective(parameters, max_rows),
            max_iter=estimator.max_iter,
            max_fun=estimator.max_fun,
            tol=estimator.tol,
            validate=self._make_validate(parameters, self.held_out),
        )

    def _choose_rows(self, state: TrainingState) -> None:
        """Set validation rows aside and begin an order, where earlier ones do not suit the data."""
        estimator, n_rows = self.estimator, self.dataset.n_rows
        splits = estimator.early_stopping and self.held_out is None
        if self.incremental or not state.suits(n_rows, has_validation=splits):
            state.order = state.validation_rows = state.last_parameters = None
        if splits and state.validation_rows is None:
            state.order, state.validation_rows = split_rows(
                self.dataset.targets,
                estimator.classes_,
                n_rows,
                estimator.validation_fraction,
                state.random_state,
            )
            check_split_weights(self.dataset, state.order, state.validation_rows)
        if estimator.shuffle and state.order is None:
            # The smallest type that counts the rows; with millions of them, it shows.
            state.order = np.arange(n_rows, dtype=np.min_scalar_type(n_rows))

    def _make_objective(
        self, parameters: Parameters, max_rows: int, dropouts: Sequence[Dropout | None] = ()
    ) -> Objective:
        """Return what to minimise, for batches of at most `max_rows`."""
        estimator = self.estimator
        return Objective(
            parameters,
            self.dataset,
            self.architecture,
            loss=self.loss,
            alpha=0.0 if estimator.solver == "adamw" else estimator.alpha,
            max_rows=max_rows,
            label_smoothing=estimator.label_smoothing,
            dropouts=dropouts,
        )

    def _make_dropouts(self, max_rows: int, state: TrainingState) -> Sequence[Dropout | None]:
        """Return the dropout of the inputs and of each hidden layer; nothing without any."""
        if not any(self.dropout_rates):
            return ()
        if state.dropout_generator is None:
            # From a copy: with the same seed, initial parameters and shuffles stay the same.
            seed = deepcopy(state.random_state).randint(2**31 - 1)
            state.dropout_generator = np.random.default_rng(seed)
        layer_sizes, dtype = self.architecture.layer_sizes, self.architecture.dtype
        return make_dropouts(
            self.dropout_rates, layer_sizes, max_rows, dtype, state.dropout_generator
        )

    def _make_validate(self, parameters: Parameters, held_out: HeldOut | None) -> Validate | None:
        """Return what gives loss and score of the parameters on held-out rows, if there are any."""
        if held_out is None:
            return None
        return make_validate(self.estimator, parameters, held_out, self.architecture, self.loss)
