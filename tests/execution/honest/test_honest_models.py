"""Honest models get their points, whatever they are made of: what plain Jupyter accepts, worker and judge accept.

Fails at 981fac2: many of these models ended the whole notebook.
"""

import honest_layers
import honest_lessons
import honest_training
import pytest
from both_ways import judged, passes_plainly

from autograder.execution import Runner

pytestmark = pytest.mark.usefixtures("sandbox")

# Every kind of layer, every way to compile, and answers to the lessons' own exercises.
CASES = {
    kind: {case.name: case for case in module.cases()}
    for kind, module in (("layers", honest_layers), ("training", honest_training), ("lessons", honest_lessons))
}


@pytest.fixture(scope="module")
def verdicts():
    with Runner() as runner:
        runner.check()
        yield {kind: judged(runner, list(cases.values())) for kind, cases in CASES.items()}


@pytest.mark.parametrize(("kind", "fewest"), [("layers", 190), ("training", 120), ("lessons", 35)])
def test_all_of_a_kind_are_one_notebook_that_comes_to_its_end(kind, fewest, verdicts):
    assert verdicts[kind][""] == "graded" and len(CASES[kind]) >= fewest


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, cases in CASES.items() for name in cases])
def test_an_honest_model_gets_its_points(kind, name, verdicts):
    print(CASES[kind][name].answer)
    assert (passes_plainly(CASES[kind][name]), verdicts[kind][name]) == ("", "")
