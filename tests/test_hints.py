"""Help while working, inside a student's notebook."""

import ast
import contextlib
import re
import subprocess
import sys
import types

import pytest

import convlab
from autograder.companion import build_companion, companion_file
from autograder.course import REPOSITORY as ROOT
from autograder.course import Course
from autograder.demo import cell_of, exercise_ids, solved
from autograder.source import BEGIN_SOLUTION, END_SOLUTION, read_lesson
from convlab import checks, hints, points, progress, runs
from convlab.checks import CheckError, check, check_error
from convlab.hints import UnknownExercise, hint, hints_by_lesson

COURSE = Course(ROOT)
SOURCES = {lesson: read_lesson(COURSE.source(lesson)) for lesson in COURSE.lessons}


@pytest.fixture(autouse=True)
def notebook(monkeypatch):
    """A fresh notebook: nothing opened, nothing checked; what it defines is found under `__main__`."""
    monkeypatch.setattr(hints, "_opened", {})
    monkeypatch.setattr(runs, "_runs", {})
    monkeypatch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))
    return vars(sys.modules["__main__"])


def run(notebook, source):
    """Run a cell; a check that fails ends it, as in Jupyter."""
    with contextlib.suppress(CheckError):
        exec(source, notebook)


def visible_tests(exercise):
    lesson = next(lesson for lesson, source in SOURCES.items() if exercise in exercise_ids(source))
    return cell_of(solved(SOURCES[lesson]), f"test_{exercise}").source


def solution(exercise):
    lesson = next(lesson for lesson, source in SOURCES.items() if exercise in exercise_ids(source))
    return "import numpy as np\n" + cell_of(solved(SOURCES[lesson]), exercise).source


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


# --- progress

STUB = "def {name}(*arguments):\n    raise NotImplementedError"


def marks():
    return {row[1]: row[0] for row in progress().rows}


def test_progress_tells_reached_failed_and_untested_exercises_apart(notebook):
    run(notebook, solution("dense_parameter_count"))
    run(notebook, visible_tests("dense_parameter_count"))
    run(notebook, "def conv_parameter_count(kernel_size, in_channels, filters):\n    return 10")
    run(notebook, visible_tests("conv_parameter_count"))
    assert repr(progress()).splitlines() == [
        "Lesson 1: 1 of 10 points by the visible tests",
        "",
        "  ✓  dense_parameter_count  1 of 1",
        "  ✗  conv_parameter_count   0 of 1  not right yet",
        "  ·  receptive_patch        0 of 2  not tested yet",
        "  ·  conv2d_valid           0 of 3  not tested yet",
        "  ·  dense_matrix_of_conv   0 of 3  not tested yet",
        "  ✎  explain_dense_vs_conv       2  a person reads it",
        "",
        'Next: `conv_parameter_count`. Stuck? `hint("conv_parameter_count")`',
    ]
    shown = progress()._repr_markdown_()
    assert "| ✗ | `conv_parameter_count` | 0 of 1 | not right yet |" in shown
    assert shown.startswith("**Lesson 1: 1 of 10 points by the visible tests**\n\n| | exercise | points | |\n|---|")


def test_running_a_test_cell_again_counts_anew(notebook):
    test = visible_tests("same_padding")
    run(notebook, solution("same_padding"))
    run(notebook, test)
    run(notebook, test)
    assert marks()["same_padding"] == "✓"
    run(notebook, "def same_padding(kernel):\n    return kernel // 2, kernel // 2")
    assert (marks()["same_padding"], progress().after) == ("·", "Next: `same_padding`. Run its test cell again.")
    run(notebook, test)
    assert marks()["same_padding"] == "✗"
    run(notebook, solution("same_padding"))
    assert marks()["same_padding"] == "·"
    run(notebook, test)
    assert marks()["same_padding"] == "✓"
    # The same cell once more is no other function.
    run(notebook, solution("same_padding"))
    assert marks()["same_padding"] == "✓"


def test_an_exercise_whose_test_was_interrupted_is_not_reached(notebook):
    def relu(x):
        raise KeyboardInterrupt

    notebook["relu"] = relu
    with pytest.raises(KeyboardInterrupt):
        check(relu, 1, gives=1)
    assert marks()["relu"] == "✗"


def test_progress_knows_the_lesson_by_what_ran_last_or_by_what_is_there(notebook):
    assert repr(progress()).startswith("No test has run in this notebook yet\n\nSolve an exercise")
    assert progress()._repr_markdown_().startswith("**No test has run")
    run(notebook, STUB.format(name="max_pool2d"))
    assert progress().head.startswith("Lesson 5: 0 of 13")
    run(notebook, solution("softmax"))
    run(notebook, visible_tests("softmax"))
    assert progress().head.startswith("Lesson 7: 1 of 19")
    assert progress("02_padding").head.startswith("Lesson 2: 0 of 11")
    with pytest.raises(LookupError, match=r"There is no lesson '2'\. There are: 01_dense_vs_conv, 02_padding"):
        progress("2")


def test_when_all_is_reached_the_written_answer_and_the_hidden_tests_are_next(notebook):
    for name in exercise_ids(SOURCES["02_padding"]):
        run(notebook, solution(name))
        run(notebook, visible_tests(name))
    assert progress().head == "Lesson 2: 11 of 11 points by the visible tests"
    assert progress().after == (
        "Every visible test passes. Next: answer `explain_padding`, save the notebook and run `python -m autograder check` for the hidden tests."
    )


def test_remembering_is_bounded_and_never_gets_in_the_way(notebook):
    class Odd:
        """What a student may have written in a function's place."""

        @property
        def __name__(self):
            raise RuntimeError

        def __call__(self):
            return 3

    with pytest.raises(RuntimeError):
        Odd().__name__  # noqa: B018
    with runs.recorded(Odd()), runs.recorded(None), runs.recorded([]):
        pass
    for number in range(1000):
        with runs.recorded(types.SimpleNamespace(__name__=f"f{number}")):
            pass
    with runs.recorded(types.SimpleNamespace(__name__="x" * 10**6)):
        pass
    assert len(runs._runs) == runs.MOST and max(map(len, runs._runs)) < 10


def test_a_judge_remembers_nothing(notebook, monkeypatch):
    monkeypatch.setattr(checks, "TUTORING", False)
    run(notebook, solution("relu"))
    run(notebook, visible_tests("relu"))
    with contextlib.suppress(CheckError):
        check_error(notebook["relu"], 1)
    assert runs._runs == {}


def test_the_shipped_file_is_what_the_sources_build(tmp_path):
    for folder in ("solutions", "lessons"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    built = build_companion(Course(tmp_path), COURSE.lessons)
    assert built.read_bytes() == companion_file(COURSE).read_bytes(), "run 'make lessons'"


def test_points_are_those_of_the_sources():
    for lesson, source in SOURCES.items():
        marked = [cell.metadata.nbgrader for cell in source.cells if "points" in cell.metadata.get("nbgrader", {})]
        shipped = points.lessons()[lesson]
        assert shipped["points"] | shipped["written"] == {
            mark.grade_id.removeprefix("test_"): mark.points for mark in marked
        }
        assert list(shipped["points"]) == exercise_ids(source)
