"""Honest models for the lessons' exercises get their points: what plain Jupyter accepts, worker and judge accept.

Fails at 981fac2: many of these models ended the whole notebook.
"""

import pytest
from both_ways import judged, passes_plainly
from honest_lessons import cases

from autograder.examiner import Examiner

pytestmark = pytest.mark.usefixtures("sandbox")

CASES = {case.name: case for case in cases()}


@pytest.fixture(scope="module")
def verdicts():
    with Examiner() as examiner:
        examiner.check()
        yield judged(examiner, list(CASES.values()))


def test_all_of_them_are_one_notebook_that_comes_to_its_end(verdicts):
    assert verdicts[""] == "graded" and len(CASES) >= 35


@pytest.mark.parametrize("name", CASES)
def test_an_honest_model_gets_its_points(name, verdicts):
    print(CASES[name].answer)
    assert (passes_plainly(CASES[name]), verdicts[name]) == ("", "")
