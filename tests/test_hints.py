"""Help while working, inside a student's notebook."""

import ast
import re
import subprocess
import sys

import pytest

import convlab
from autograder.course import REPOSITORY as ROOT
from autograder.course import Course
from autograder.demo import cell_of, exercise_ids
from autograder.source import BEGIN_SOLUTION, END_SOLUTION, read_lesson
from convlab import hints
from convlab.hints import UnknownExercise, hint, hints_by_lesson

COURSE = Course(ROOT)
SOURCES = {lesson: read_lesson(COURSE.source(lesson)) for lesson in COURSE.lessons}


@pytest.fixture(autouse=True)
def a_fresh_notebook(monkeypatch):
    monkeypatch.setattr(hints, "_opened", {})


# --- hints


def test_every_exercise_has_two_hints_or_more_and_nothing_else_has_any():
    assert {lesson: list(found) for lesson, found in hints_by_lesson().items()} == {
        lesson: exercise_ids(source) for lesson, source in SOURCES.items()
    }
    for lesson in hints_by_lesson().values():
        for name, texts in lesson.items():
            assert len(texts) >= 2, name
            assert all(type(text) is str and 40 < len(text) < 500 for text in texts), name
            assert len(set(texts)) == len(texts), name


def _bare(code):
    """Code without blanks and marks, so that a line is found however it is set."""
    return re.sub(r"[\s`]", "", code)


def _fragments(source):
    """The lines of a solution, and the values that it assigns and returns."""
    solution = re.search(f"{BEGIN_SOLUTION}\n(.*?){END_SOLUTION}", source, re.DOTALL).group(1)
    yield from solution.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.Return)) and node.value is not None:
            yield ast.get_source_segment(source, node.value)


def test_no_hint_holds_a_line_or_a_value_of_the_solution():
    compared = 0
    for lesson, source in SOURCES.items():
        for name, texts in hints_by_lesson()[lesson].items():
            told = _bare("\n".join(texts))
            secrets = {_bare(line) for line in _fragments(cell_of(source, name).source)}
            secrets = {secret for secret in secrets if len(secret) > 8 and not secret.isidentifier()}
            compared += len(secrets)
            assert [secret for secret in secrets if secret in told] == [], name
    assert compared > 300


def test_hints_open_one_after_the_other_and_then_all_again():
    texts = hints_by_lesson()["01_dense_vs_conv"]["conv2d_valid"]
    opened = [repr(hint("conv2d_valid")) for _ in texts]
    for number, (shown, text) in enumerate(zip(opened, texts, strict=True), start=1):
        assert shown.startswith(f"conv2d_valid: hint {number} of {len(texts)}\n")
        assert [other in shown for other in texts] == [other == text for other in texts]
    assert opened[-1].endswith("This is the last one.")
    again = repr(hint("conv2d_valid"))
    assert all(text in again for text in texts)
    assert again.endswith('There are no more hints. `hint("conv2d_valid", 1)` begins again with the first one.')
    assert repr(hint("conv2d_valid", 1)) == opened[0] and repr(hint("conv2d_valid")) == opened[1]


def test_each_exercise_counts_its_own_hints_and_the_function_does_for_its_name():
    def relu(x):
        return x

    hint("conv2d")
    assert "hint 2 of" in repr(hint("conv2d")) and "hint 1 of" in repr(hint(relu)) and "hint 2 of" in repr(hint("relu"))


def test_a_hint_is_markdown_in_a_notebook():
    shown = hint("relu")._repr_markdown_()
    assert shown.startswith("**relu: hint 1 of 3**\n\n") and hints_by_lesson()["04_filters"]["relu"][0] in shown


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("conv2d_vaild", "Did you mean 'conv2d_valid'?"),
        ("max_pool", "Did you mean 'max_pool2d'?"),
        ("xyz", "The name stands in the heading of the exercise."),
        (7, "The name stands in the heading of the exercise."),
    ],
)
def test_an_unknown_name_is_answered_with_the_closest_one(name, advice):
    with pytest.raises(UnknownExercise) as error:
        hint(name)
    assert str(error.value) == f"There is no exercise '{name}'. {advice}"


@pytest.mark.parametrize("number", [0, 4, -1])
def test_a_number_without_a_hint_is_an_error_that_says_which_there_are(number):
    with pytest.raises(ValueError, match="relu has hints 1 to 3, there is no hint"):
        hint("relu", number)


def test_importing_convlab_is_light():
    code = "import sys, convlab; print([name for name in ('numpy', 'matplotlib', 'tensorflow', 'keras', 'IPython') if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert said.strip() == "[]" and convlab.hint is hint
