"""Between scikit-learn and the engine: options, data, labels, scorers, callbacks, advice."""
