"""Plans: what a fit is going to do, before anything is written."""

import pickle
from typing import Any

import pandas as pd
import pytest

from skmlp_scratch import MLPClassifier
from skmlp_scratch._estimator.options import Options
from skmlp_scratch._estimator.plan import Plan
from skmlp_scratch._estimator.problem import Request, Samples, read_problem
from skmlp_scratch._estimator.solvers import make_solver
from tests._helpers.data import Data
from tests._helpers.models import make_model


def make_plan(model: MLPClassifier, X: Any, y: Any, *, resumed: bool) -> Plan:
    request = Request(Samples(X, y), Samples(X, y), resumed, incremental=False)
    options = Options.of(model)
    return Plan.of(model, options, read_problem(model, options, request), request)


@pytest.mark.parametrize("resumed", [False, True])
def test_reading_and_planning_write_nothing_on_the_model(problem: Data, resumed: bool) -> None:
    model = make_model(early_stopping=True, scoring="f1_macro")
    if resumed:
        model.fit(*problem)
    before = pickle.dumps(model)
    n_epochs = len(model.loss_curve_) if resumed else 0

    plan = make_plan(model, *problem, resumed=resumed)
    make_solver(plan)

    assert pickle.dumps(model) == before
    assert len(plan.draft.loss_curve_) == n_epochs


def test_a_new_training_forgets_what_the_last_one_has_learned(multiclass: Data) -> None:
    X, y = multiclass
    model = make_model().fit(pd.DataFrame(X).add_prefix("column "), y)

    draft = make_plan(model, X, y, resumed=False).draft

    assert not hasattr(draft, "feature_names_in_")
    assert draft.n_features_in_ == model.n_features_in_
