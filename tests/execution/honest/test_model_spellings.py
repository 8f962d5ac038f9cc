"""Models are judged by what they do: no right one fails for its spelling, and no wrong one passes by its name."""

import model_spellings
import pytest
from both_ways import SETUP, Case, judged, passes_plainly
from honest_lessons import lesson_test

from autograder.execution import Runner

pytestmark = pytest.mark.usefixtures("sandbox")

LESSONS = {
    "keras_conv": "04_filters",
    "dropout_model": "06_dropout",
    "build_small_model": "07_full_model",
    "build_model": "07_full_model",
}
CASES = {
    exercise: [
        (kind, Case(f"{kind}: {name}", code, SETUP + lesson_test(LESSONS[exercise], exercise)))
        for kind, codes in zip(("right", "wrong"), both, strict=True)
        for name, code in codes.items()
    ]
    for exercise, both in model_spellings.answers().items()
}


@pytest.fixture(scope="module")
def runner():
    with Runner() as runner:
        runner.check()
        yield runner


@pytest.fixture(scope="module", params=CASES)
def verdicts(request, runner):
    """An exercise, and the judge's verdicts on all of its models."""
    return request.param, judged(runner, [case for _, case in CASES[request.param]])


def test_no_right_model_is_refused_and_no_wrong_one_accepted(verdicts):
    exercise, errors = verdicts
    kinds = [kind for kind, _ in CASES[exercise]]
    assert errors[""] == "graded" and kinds.count("right") >= 25 and kinds.count("wrong") >= 25
    misjudged = {
        case.name: errors[case.name] for kind, case in CASES[exercise] if (errors[case.name] == "") != (kind == "right")
    }
    assert misjudged == {}


@pytest.mark.parametrize("exercise", CASES)
def test_a_notebook_accepts_the_same_right_models(exercise):
    assert {
        case.name: error for kind, case in CASES[exercise] if kind == "right" and (error := passes_plainly(case))
    } == {}
