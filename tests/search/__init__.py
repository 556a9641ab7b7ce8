"""Searches: their results, and all that scikit-learn does with them."""
