"""The rooms behind the estimator: options and private imports."""
