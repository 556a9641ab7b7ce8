"""What the estimator promises, whatever the rooms behind it look like."""
