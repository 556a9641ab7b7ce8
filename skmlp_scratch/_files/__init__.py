"""Files: paths, atomic writing, what a file is, plain values in JSON, the model file."""
