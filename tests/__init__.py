"""The tests, in the rooms of the package; `contract` and `system` hold what crosses them."""
