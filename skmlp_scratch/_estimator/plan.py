"""From options and problem to a plan: what a call of `fit` or `partial_fit` is going to do."""

from dataclasses import dataclass
from typing import Any
from warnings import warn

from sklearn.utils import check_random_state

from skmlp_scratch._estimator.draft import make_draft
from skmlp_scratch._estimator.options import Options, takes_batches
from skmlp_scratch._estimator.problem import Problem, Request
from skmlp_scratch._network.activations import ACTIVATIONS
from skmlp_scratch._network.initializers import INITIALIZERS
from skmlp_scratch._network.losses import Loss, find_loss
from skmlp_scratch._network.parameters import Architecture, Parameters, count_parameters
from skmlp_scratch._training.state import TrainingState, checksum


@dataclass(frozen=True)
class Plan:
    """What to train, on what, and from where.

    Parameters
    ----------
    options : Options
        The estimator's parameters.
    problem : Problem
        What there is to learn.
    draft : MLPClassifier
        Where the training writes.
    architecture : Architecture
        Architecture of the network.
    loss : type of loss
        Loss of a batch.
    request : Request
        What the user asks for.
    """

    options: Options
    problem: Problem
    draft: Any
    architecture: Architecture
    loss: type[Loss]
    request: Request

    @classmethod
    def of(cls, model: Any, options: Options, problem: Problem, request: Request) -> "Plan":
        """Choose architecture and loss for an estimator, which stays as it is."""
        dataset, labels = problem.train.dataset, problem.labels
        n_features, n_outputs = dataset.X.shape[1], dataset.targets.n_outputs
        layer_sizes = (n_features, *options.hidden_layer_sizes, n_outputs)
        architecture = Architecture(
            layer_sizes, options.activation, problem.dtype, options.input_scale
        )
        loss = find_loss(options.loss, labels.target_type)
        planned = {
            "classes_": labels.classes,
            "n_features_in_": n_features,
            "n_layers_": len(layer_sizes),
            "n_outputs_": n_outputs,
            "out_activation_": loss.output_activation,
            "_activations": list(options.activation),
            "_input_scale": float(options.input_scale),
            "_loss": options.loss,
            "_sparse_labels": labels.is_sparse,
            "_target_type": labels.target_type,
        }
        if problem.feature_names is not None:
            planned["feature_names_in_"] = problem.feature_names
        draft = make_draft(model, planned, resumed=request.resumed)
        return cls(options, problem, draft, architecture, loss, request)

    def start_state(self) -> TrainingState:
        """Return a copy of where the earlier training stands, or a new state."""
        rng = check_random_state(self.options.random_state)
        state = self._resume_state() if self.request.resumed else None
        if state is None:
            n_samples_seen = self.draft.t_ if self.request.resumed else 0
            state = TrainingState(solver=self.options.solver, n_samples_seen=n_samples_seen)
        if self.request.incremental or state.random_state is None:
            state.random_state = rng  # as in scikit-learn, each call begins with the seed
        if state.has_converged and not self.request.incremental:
            state.n_rate_cuts = state.n_epochs = 0  # a new run, its schedule from the beginning
        if state.last_parameters is not None and self._has_new_parameters(state):
            state.last_parameters = None
        return state

    def _resume_state(self) -> TrainingState | None:
        """Return a copy of the earlier state; None if it was forgotten or is of another one."""
        earlier, solver = self.draft._state, self.options.solver
        if earlier is None and takes_batches(solver):
            warn(
                "The model is compact: training resumes from its parameters with a new optimizer, "
                "and not exactly where it stopped. For that, keep a copy that compact() was not "
                "called on."
            )
        n_parameters = count_parameters(self.architecture.layer_sizes)
        return earlier.resume() if earlier and earlier.suits(solver, n_parameters) else None

    def _has_new_parameters(self, state: TrainingState) -> bool:
        """Return whether the user has replaced the parameters that an earlier training left."""
        layers = self.problem.layers
        if layers is None or state.parameters_checksum is None:
            return False
        return state.parameters_checksum != checksum(Parameters.pack(layers, layers.dtype).flat)

    def start_parameters(self, state: TrainingState) -> Parameters:
        """Return the model's parameters, or new ones."""
        architecture, layers = self.architecture, self.problem.layers
        if layers:
            return Parameters.pack(layers, architecture.dtype)
        parameters = Parameters(architecture.layer_sizes, architecture.dtype)
        # As in scikit-learn, the last layer is drawn like the one below it.
        names = (*architecture.activations, self.options.last_activation)
        factors = [ACTIVATIONS[name].glorot_factor for name in names]
        parameters.initialize(INITIALIZERS[self.options.init], factors, state.rng)
        return parameters
