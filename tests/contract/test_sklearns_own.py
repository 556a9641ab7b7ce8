"""scikit-learn's own tests of its MLPClassifier, with ours in its place."""

import inspect

import pytest
from sklearn import neural_network

from skmlp_scratch import MLPClassifier

with pytest.MonkeyPatch.context() as patch:
    patch.setattr(neural_network, "MLPClassifier", MLPClassifier)
    from sklearn.neural_network.tests import test_mlp as theirs

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("default"),  # they were not written to be silent
]

PRIVATE = "sets or reads private attributes"
DIFFERENT = {
    "test_fit": PRIVATE,
    "test_gradient": PRIVATE,
    "test_learning_rate_warmstart": PRIVATE,
    "test_adaptive_learning_rate": PRIVATE,
    "test_n_iter_no_change": PRIVATE,
    "test_n_iter_no_change_inf": PRIVATE,
    "test_predict_proba_multilabel": "asks for log(p), than which ours is more exact",
    "test_early_stopping_stratified": "asks for the words of train_test_split",
}
TESTS = {
    name: test
    for name, test in inspect.getmembers(theirs, inspect.isfunction)
    if name.startswith("test_") and "MLPClassifier" in inspect.getsource(test)
}
globals().update({name: test for name, test in TESTS.items() if name not in DIFFERENT})


def test_those_left_out_are_there() -> None:
    assert TESTS.keys() >= DIFFERENT.keys()
