"""The rows that early stopping sets aside."""

import numpy as np

from skmlp_scratch._data.dataset import Dataset
from skmlp_scratch._estimator.problem import Problem
from skmlp_scratch._typing import Array, IntArray, Rows


def split_rows(
    problem: Problem, validation_fraction: float, rng: np.random.RandomState
) -> tuple[IntArray, IntArray]:
    """Return row numbers for training and for validation, stratified unless multilabel.

    Drawn as scikit-learn's MLPClassifier does, which stratifies two classes only.
    """
    from sklearn.model_selection import train_test_split  # noqa: PLC0415 - slow to import

    codes, n_samples = problem.train.targets.codes, problem.train.dataset.n_samples
    if codes is not None:
        _check_class_counts(codes, problem.labels.classes)
    try:
        training, validation = train_test_split(
            np.arange(n_samples), test_size=validation_fraction, random_state=rng, stratify=codes
        )
    except ValueError as error:
        raise ValueError(
            f"early_stopping=True could not set aside validation_fraction={validation_fraction} "
            f"of {n_samples} rows: {str(error).removesuffix('.')}. Increase 'validation_fraction' "
            "or the size of your dataset."
        ) from error
    if len(validation) < 2:
        raise ValueError(
            "The validation set is too small. Increase 'validation_fraction' or the size of your "
            "dataset."
        )
    return training, validation


def _check_class_counts(codes: IntArray, classes: Array) -> None:
    """Raise unless each class that occurs has a row to train on and one to validate on."""
    counts = np.bincount(codes)
    single = classes[: len(counts)][counts == 1]
    if len(single):
        raise ValueError(
            f"early_stopping=True needs at least 2 samples of each class, one to train on and one "
            f"to validate on, but y has 1 sample of class {single[0]}."
        )


def check_training_weights(dataset: Dataset, rows: Rows) -> None:
    """Raise if all rows that early stopping leaves to train on have weight 0."""
    if dataset.total_weight(rows) == 0:
        raise ValueError(
            "early_stopping=True leaves nothing to train on: sample_weight is zero for all those "
            "rows. Change validation_fraction or random_state, or drop the rows of weight zero."
        )


def check_validation_weights(dataset: Dataset, rows: Rows, *, is_split: bool) -> None:
    """Raise unless validation rows, split off or the user's, have a total weight to divide by."""
    if dataset.sample_weight is None:
        return
    weights = dataset.sample_weight[rows].astype(float)
    total = weights.sum()
    if total <= np.sqrt(np.finfo(float).eps) * np.abs(weights).sum():
        raise ValueError(
            f"The sample weights of the validation rows add up to {total:.3g}, which leaves "
            "nothing to validate on. Loss and score are divided by that sum: it must be positive, "
            "and not the small rest of weights that cancel. "
            + ("Change validation_fraction or random_state." if is_split else "Change the weights.")
        )
