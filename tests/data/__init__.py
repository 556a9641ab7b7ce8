"""The rows and targets of a batch."""
