"""Models in files: atomic writing, plain values in JSON, the model file."""
