"""Pipelines that end in a network."""

from typing import Any

from sklearn.pipeline import Pipeline


def final_step(estimator: Any) -> Any:
    """Return the last step of a pipeline, of its last step and so on; or the estimator itself."""
    while isinstance(estimator, Pipeline):
        estimator = estimator.steps[-1][1]
    return estimator
