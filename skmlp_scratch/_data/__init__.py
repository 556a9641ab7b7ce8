"""Rows and targets as arrays: what a training reads, batch by batch."""
