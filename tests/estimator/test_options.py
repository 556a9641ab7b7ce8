"""Options as the network takes them."""

from skmlp_scratch._estimator.options import check_dropout


def test_input_dropout_is_that_of_the_inputs() -> None:
    assert check_dropout([0.2, 0.3], 0.1, n_hidden=2) == [0.1, 0.2, 0.3]
    assert check_dropout(0.2, 0.1, n_hidden=2) == [0.1, 0.2, 0.2]
