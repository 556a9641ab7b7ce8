"""What has broken for users of other estimators and loaders; each test names the thread.

Threads whose case is one among many of a test in another file are in a table at the end.
"""

import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.metrics import make_scorer, roc_auc_score
from sklearn.model_selection import cross_val_score

from skmlp_scratch._network.activations import ACTIVATIONS
from skmlp_scratch._training.schedules import SCHEDULES
from tests._helpers.models import make_model

Data = tuple[NDArray[Any], NDArray[Any]]

# Most tests need no converged model and train for a few epochs.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SKLEARN = "https://github.com/scikit-learn/scikit-learn"


# --- labels and classes -------------------------------------------------------------------------


@pytest.mark.parametrize("labels", ["ab", "ba"])
def test_a_binary_problem_has_two_columns_of_probabilities(binary: Data, labels: str) -> None:
    """https://github.com/aigamedev/scikit-neuralnetwork/issues/8."""
    X, y = binary
    model = make_model().partial_fit(X, np.array([*labels])[y], classes=[*labels])
    probabilities = model.predict_proba(X)
    assert_array_equal(model.predict(X), model.classes_[probabilities.argmax(axis=1)])
    assert_array_equal(probabilities.sum(axis=1), 1)


def test_float32_probabilities_are_calibrated(binary: Data) -> None:
    """https://github.com/skorch-dev/skorch/pull/1045."""
    X, y = binary[0].astype(np.float32), binary[1]
    model = CalibratedClassifierCV(make_model(learning_rate_init=0.01), cv=3).fit(X, y)
    assert model.score(X, y) > 0.9


@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_rows_set_aside_have_as_many_of_each_class(iris: Data, n_classes: int) -> None:
    """https://github.com/scikit-learn/scikit-learn/pull/13164."""
    X, y = (part[: 50 * n_classes] for part in iris)
    model = make_model(early_stopping=True, validation_fraction=0.2, warm_start=True).fit(X, y)
    rows = model._training_state["validation_rows"]
    assert_array_equal(np.bincount(y[rows]), [10] * n_classes)


# --- warm starts and early stopping -------------------------------------------------------------


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("early_stopping", [True, False])
def test_attributes_of_early_stopping_are_there_without_it(
    iris: Data, solver: str, early_stopping: bool
) -> None:
    """https://github.com/scikit-learn/scikit-learn/pull/24683."""
    model = make_model(solver=solver, early_stopping=early_stopping).fit(*iris)
    stops_early = early_stopping and solver != "lbfgs"
    assert (model.best_loss_ is None) == stops_early
    assert (model.validation_scores_ is None) == (not stops_early)
    assert (model.best_validation_score_ is None) == (not stops_early)


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_each_warm_fit_has_max_iter_epochs(iris: Data, solver: str) -> None:
    """https://github.com/scikit-learn/scikit-learn/issues/16812."""
    model = make_model(solver=solver, max_iter=4, warm_start=True)
    for n_fits in range(1, 4):
        model.fit(*iris)
        assert model.n_iter_ == 4
        assert len(model.loss_curve_) == 4 * n_fits


# --- numbers ------------------------------------------------------------------------------------


def test_the_softmax_is_applied_once(iris: Data) -> None:
    """In mlxtend 0.25.0 it is applied twice: of three classes, none is surer than e / (e + 2)."""
    model = make_model(learning_rate_init=0.05, max_iter=100).fit(*iris)
    assert model.predict_proba(iris[0]).max() > 0.99


@pytest.mark.parametrize("n_rows", [30, 150])
def test_the_penalty_is_divided_by_the_rows_of_a_batch(iris: Data, n_rows: int) -> None:
    """https://github.com/scikit-learn/scikit-learn/issues/6780."""
    X, y = (part[:: 150 // n_rows] for part in iris)
    # With so small a step, the loss is that of the parameters as they were drawn.
    options = {"batch_size": n_rows, "learning_rate_init": 1e-100, "max_iter": 1}
    plain, penalized = (make_model(alpha=alpha, **options).fit(X, y) for alpha in (0, 3.0))
    squares = sum((coef**2).sum() for coef in plain.coefs_)
    assert penalized.loss_ - plain.loss_ == pytest.approx(3.0 / 2 * squares / n_rows)


# --- persistence and search ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [("activation", name) for name in ACTIVATIONS]
    + [("learning_rate", name) for name in SCHEDULES],
)
def test_every_activation_and_schedule_can_be_pickled(iris: Data, name: str, value: str) -> None:
    """https://github.com/dholzmueller/pytabkit/issues/11."""
    model = make_model(solver="sgd", **{name: value}).fit(*iris)
    loaded = pickle.loads(pickle.dumps(model)).partial_fit(*iris)
    assert_array_equal(loaded.coefs_[0], model.partial_fit(*iris).coefs_[0])


def test_scorers_may_ask_for_probabilities(iris: Data) -> None:
    """https://github.com/rasbt/mlxtend/issues/1129."""
    scorer = make_scorer(roc_auc_score, response_method="predict_proba", multi_class="ovr")
    model = make_model(learning_rate_init=0.05)
    assert cross_val_score(model, *iris, scoring=scorer, error_score="raise").min() > 0.9


# --- threads that are tested elsewhere ----------------------------------------------------------

ELSEWHERE = {
    # labels and classes
    f"{SKLEARN}/pull/5718": "classifier::several_labels_are_independent",
    f"{SKLEARN}/pull/7393": "classifier::several_labels_are_independent",
    f"{SKLEARN}/issues/6994": "classifier::classes_may_come_late",
    f"{SKLEARN}/issues/12505": "classifier::partial_fit_of_several_labels_is_an_epoch_of_fit",
    f"{SKLEARN}/issues/33760": "classifier::labels_of_any_kind",
    f"{SKLEARN}/pull/33774": "classifier::labels_of_any_kind",
    f"{SKLEARN}/pull/8035": "resume::refit_needs_all_the_classes_in_any_order",
    f"{SKLEARN}/issues/11758": "resume::refit_needs_all_the_classes_in_any_order",
    "https://github.com/skorch-dev/skorch/issues/161": "classifier::labels_of_any_kind",
    "https://github.com/skorch-dev/skorch/issues/554": "classifier::labels_of_any_kind",
    # warm starts and early stopping
    f"{SKLEARN}/issues/8713": "resume::pieces_make_the_whole",
    f"{SKLEARN}/issues/24764": "resume::pieces_make_the_whole",
    f"{SKLEARN}/pull/25443": "resume::refit_of_a_converged_model_trains_on",
    f"{SKLEARN}/issues/13656": "resume::pieces_make_the_whole",
    f"{SKLEARN}/issues/6512": "classifier::patience_counts_epochs_without_improvement",
    f"{SKLEARN}/pull/9914": "classifier::infinite_patience",
    f"{SKLEARN}/issues/25693": "classifier::partial_fit_does_not_stop_early",
    f"{SKLEARN}/issues/24411": "classifier::model_is_that_of_the_best_epoch",
    f"{SKLEARN}/pull/24873": "classifier::feature_names",
    f"{SKLEARN}/pull/12122": "ecosystem::early_stopping_in_a_search_on_mapped_data",
    "best weights lost to a worse refit": "resume::best_parameters_survive_a_worse_refit",
    # numbers
    f"{SKLEARN}/issues/8349": "network::gradient_agrees_with_differences_in_random_directions",
    f"{SKLEARN}/issues/29504": "classifier::divergence_with_early_stopping_keeps_the_best_epoch",
    f"{SKLEARN}/pull/29773": "classifier::divergence_with_early_stopping_keeps_the_best_epoch",
    f"{SKLEARN}/pull/22150": "classifier::divergence_is_reported_as_in_scikit_learn",
    "https://github.com/rasbt/python-machine-learning-book-2nd-edition/issues/49": (
        "losses::extreme_logits_give_finite_results_of_the_same_type"
    ),
    f"{SKLEARN}/pull/33168": "classifier::log_probabilities_of_extreme_input_are_finite",
    "https://github.com/aigamedev/scikit-neuralnetwork/issues/175": (
        "classifier::option_changes_the_result"
    ),
    "https://github.com/dholzmueller/pytabkit/issues/34": "classifier::option_changes_the_result",
    "mlxtend 0.25.0, momentum of a resumed training": "resume::pieces_make_the_whole",
    f"{SKLEARN}/pull/30155": "properties::whole_weights_are_repeated_rows",
    "a batch of zero weights": "classifier::batch_of_zero_weights_is_as_if_it_were_not_there",
    "zero weights only": "classifier::zero_weights_only_are_refused",
    f"{SKLEARN}/pull/17759": "classifier::precision_of_each_solver",
    f"{SKLEARN}/pull/14075": "memory::fit_makes_no_copy",
    f"{SKLEARN}/issues/9273": "classifier::evaluations_of_lbfgs_are_limited",
    f"{SKLEARN}/issues/7500": "classifier::bad_parameter_gives_the_error_of_scikit_learn",
    f"{SKLEARN}/pull/8947": "classifier::end_before_convergence_gives_a_warning",
    # persistence, search, parallel
    f"{SKLEARN}/issues/19626": "pickling::partial_fit_goes_on_after_loading",
    f"{SKLEARN}/pull/19631": "pickling::partial_fit_goes_on_after_loading",
    "https://github.com/aigamedev/scikit-neuralnetwork/pull/70": (
        "pickling::an_unfitted_model_stays_unfitted"
    ),
    "https://github.com/dholzmueller/pytabkit/issues/33": (
        "pickling::a_file_holds_no_training_data"
    ),
    "https://github.com/zhangxin1995/PTD/issues/2": (
        "persistence::golden_files_predict_what_they_did"
    ),
    "https://github.com/keras-team/keras/issues/13586": (
        "classifier::clone_has_the_parameters_and_nothing_else"
    ),
    "https://github.com/keras-team/keras/issues/14194": (
        "pickling::a_fitted_model_holds_plain_values"
    ),
    f"{SKLEARN}/issues/29277": "ecosystem::search_keeps_tuples",
    "a width that is no whole number": (
        "classifier::hidden_layer_size_that_is_not_a_whole_number_is_named"
    ),
    f"{SKLEARN}/issues/7667": "ecosystem::parallel_search_equals_one_after_the_other",
    f"{SKLEARN}/issues/10545": "ecosystem::cross_validate",
    "https://github.com/onnx/sklearn-onnx/pull/315": "onnx::every_label",
    "https://github.com/onnx/sklearn-onnx/pull/354": "onnx::every_label",
    "https://github.com/onnx/sklearn-onnx/issues/182": "onnx::every_type_of_input",
    f"{SKLEARN}/issues/15266": "classifier::same_seed_same_model",
    # IDX and MNIST
    "https://github.com/CEA-LIST/N2D2/issues/118": "idx::content_and_not_name_tells_compression",
    "https://github.com/tolstikhin/adagan/issues/1": "idx::content_and_not_name_tells_compression",
    "https://github.com/hanbt/learn_dl/issues/52": "idx::content_and_not_name_tells_compression",
    "https://github.com/carlini/nn_robust_attacks/issues/51": "idx::a_bad_file_is_explained",
    "https://github.com/datapythonista/mnist/issues/19": (
        "mnist::a_damaged_file_is_downloaded_again"
    ),
    "https://github.com/ivanyu/idx2numpy/issues/10": "idx::a_bad_file_is_explained",
    "https://github.com/mGalarnyk/Python_Tutorials/issues/1": "idx::a_bad_file_is_explained",
    "images and labels swapped": "mnist::swapped_files",
    "60,000 images and 10,000 labels": ("mnist::images_and_labels_that_do_not_belong_together"),
    "arrays from a buffer are read-only": "idx::round_trip",
    "pixels wrap around at 255": "classifier::precision",
}


def test_threads_tested_elsewhere_still_are() -> None:
    """Only that the table above names tests that exist; what they test is for them to say."""
    tests = {
        f"{path.stem.removeprefix('test_')}::{name}"
        for path in Path(__file__).parents[1].rglob("test_*.py")
        for name in re.findall(r"^def test_(\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert set(ELSEWHERE.values()) <= tests
