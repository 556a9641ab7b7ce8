"""The rows that early stopping sets aside."""

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from skmlp_scratch._data.dataset import Dataset
from skmlp_scratch._data.targets import Targets
from skmlp_scratch._typing import Array, Rows


def check_split_weights(dataset: Dataset, training: Rows, validation: Rows) -> None:
    """Raise if a part of the data set has no weight at all."""
    for name, rows in {"train": training, "validate": validation}.items():
        if dataset.total_weight(rows) == 0:
            raise ValueError(
                f"early_stopping=True leaves nothing to {name} on: sample_weight is zero for all "
                "those rows. Change validation_fraction or random_state, or drop the rows of "
                "weight zero."
            )


def split_rows(
    targets: Targets,
    classes: Array,
    n_rows: int,
    validation_fraction: float,
    rng: np.random.RandomState,
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return row numbers for training and for validation, stratified unless multilabel.

    Drawn as scikit-learn's MLPClassifier does, which stratifies two classes only.
    """
    codes = targets.codes
    if codes is not None:
        _check_class_counts(codes, classes)
    try:
        training, validation = train_test_split(
            np.arange(n_rows), test_size=validation_fraction, random_state=rng, stratify=codes
        )
    except ValueError as error:
        raise ValueError(
            f"early_stopping=True could not set aside validation_fraction={validation_fraction} "
            f"of {n_rows} rows: {str(error).removesuffix('.')}. Increase 'validation_fraction' or "
            "the size of your dataset."
        ) from error
    if len(validation) < 2:
        raise ValueError(
            "The validation set is too small. Increase 'validation_fraction' or the size of your "
            "dataset."
        )
    return training, validation


def _check_class_counts(codes: Array, classes: Array) -> None:
    """Raise unless each class that occurs has a row to train on and one to validate on."""
    counts = np.bincount(codes)
    single = classes[: len(counts)][counts == 1]
    if len(single):
        raise ValueError(
            f"early_stopping=True needs at least 2 samples of each class, one to train on and one "
            f"to validate on, but y has 1 sample of class {single[0]}."
        )
