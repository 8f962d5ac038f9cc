"""Help while working, inside a student's notebook."""

import ast
import contextlib
import json
import re
import subprocess
import sys
import types

import first_messages
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import convlab
from autograder.course import Course, build, read_answers, read_lesson, solved
from autograder.course.hint_index import build_companion, companion_file
from autograder.course.lessons import REPOSITORY as ROOT
from autograder.course.variants import cell_of, exercise_ids
from autograder.notebooks.cells import BEGIN_SOLUTION, END_SOLUTION
from convlab import checks, hints, points, progress, runs
from convlab.checks import CheckError, check, check_error
from convlab.hints import UnknownExercise, hint, hints_by_lesson
from convlab.recognition import PERHAPS, outcome

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


def written_ids(source):
    marked = [cell for cell in source.cells if cell.cell_type == "markdown" and "nbgrader" in cell.metadata]
    return [cell.metadata.nbgrader.grade_id for cell in marked]


def test_every_exercise_has_two_hints_or_more_the_written_ones_too_and_nothing_else_has_any():
    assert {lesson: list(found) for lesson, found in hints_by_lesson().items()} == {
        lesson: [*exercise_ids(source), *written_ids(source)] for lesson, source in SOURCES.items()
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
        for name in exercise_ids(source):
            texts = hints_by_lesson()[lesson][name]
            told = _bare("\n".join(texts))
            secrets = {_bare(line) for line in _fragments(cell_of(source, name).source)}
            secrets = {secret for secret in secrets if len(secret) > 8 and not secret.isidentifier()}
            compared += len(secrets)
            assert [secret for secret in secrets if secret in told] == [], name
    assert compared > 300


def test_no_hint_for_a_written_answer_holds_a_part_of_its_model_answer():
    for lesson, source in SOURCES.items():
        for name in written_ids(source):
            answer = cell_of(source, name).source.partition("Rubric:")[0].split()
            told = " ".join(" ".join(hints_by_lesson()[lesson][name]).split())
            parts = {" ".join(answer[start : start + 6]) for start in range(len(answer) - 5)}
            assert len(parts) > 20, name
            assert [part for part in parts if part in told] == [], name


def test_hints_open_one_after_the_other_and_then_all_again():
    texts = hints_by_lesson()["01_dense_vs_conv"]["conv2d_valid"]
    opened = [repr(hint("conv2d_valid")) for _ in texts]
    for number, (shown, text) in enumerate(zip(opened, texts, strict=True), start=1):
        assert shown.startswith(f"conv2d_valid: hint {number} of {len(texts)}\n")
        assert [other in shown for other in texts] == [other == text for other in texts]
    assert opened[-1].endswith("This is the last one.")
    again = repr(hint("conv2d_valid"))
    assert all(text in again for text in texts)
    assert again.endswith('There are no more hints. `hint("conv2d_valid", 1)` starts again from the first one.')
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
        ("xyz", "The heading of the exercise gives its name."),
    ],
)
def test_an_unknown_name_is_answered_with_the_closest_one(name, advice):
    with pytest.raises(UnknownExercise) as error:
        hint(name)
    assert str(error.value) == f"There is no exercise '{name}'. {advice}"


def test_a_hint_may_be_asked_for_what_is_next_or_by_the_number_of_the_exercise(notebook, tmp_path, monkeypatch):
    for exercise in (None, 3):
        with pytest.raises(UnknownExercise, match="Name one, such as"):
            hint(exercise)
    # Before anything ran: Jupyter starts a notebook in its own folder.
    (tmp_path / "02_padding").mkdir()
    monkeypatch.chdir(tmp_path / "02_padding")
    assert (hint().title, hint(3).title) == ("output_size_valid: hint 1 of 3", "same_padding: hint 1 of 3")
    run(notebook, solution("output_size_valid"))
    run(notebook, visible_tests("output_size_valid"))
    run(notebook, STUB.format(name="same_padding"))
    run(notebook, visible_tests("same_padding"))
    assert (hint().title, hint(1, 2).title) == ("same_padding: hint 2 of 3", "output_size_valid: hint 2 of 3")
    for number in (0, 7):
        with pytest.raises(UnknownExercise, match=f"Lesson 2 has exercises 1 to 6; there is no exercise {number}"):
            hint(number)
    for name in exercise_ids(SOURCES["02_padding"]):
        run(notebook, solution(name))
        run(notebook, visible_tests(name))
    assert hint().title == "explain_padding: hint 1 of 2"


@pytest.mark.parametrize("number", [0, 4, -1])
def test_a_number_without_a_hint_is_an_error_that_says_which_there_are(number):
    with pytest.raises(ValueError, match="relu has hints 1 to 3; there is no hint"):
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
    assert repr(progress()).splitlines()[:-3] == [
        "Lesson 1: 1 of 10 points by the visible tests",
        "",
        "  ✓  dense_parameter_count  1 of 1",
        "  ✗  conv_parameter_count   0 of 1  not right yet",
        "  ·  receptive_patch        0 of 2  not tested yet",
        "  ·  conv2d_valid           0 of 3  not tested yet",
        "  ·  dense_matrix_of_conv   0 of 3  not tested yet",
        "  ✎  explain_dense_vs_conv       2  graded by a person",
        "",
        'Next: `conv_parameter_count`. Stuck? `hint("conv_parameter_count")`',
        "",
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
    assert marks()["same_padding"] == "·"
    assert progress().after.startswith("Next: `same_padding`. Run its test cell again.\n")
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
    said = 'Every visible test passes. Next: answer `explain_padding`. Stuck? `hint("explain_padding")`\n\nTo run all checks, the hidden ones too, save the notebook'
    assert progress().after.startswith(said)


def test_the_command_for_all_checks_is_right_for_this_python_and_this_notebook(tmp_path, monkeypatch):
    def command(lesson):
        return progress(lesson).after.splitlines()[-1].strip()

    shipped = ROOT / "lessons" / "02_padding" / "02_padding.ipynb"
    monkeypatch.setattr(sys, "executable", "/env/../env/bin/python")
    monkeypatch.chdir(tmp_path)
    assert command("02_padding") == f"/env/bin/python -m autograder check {shipped}"
    mine = tmp_path / "my work"
    mine.mkdir()
    (mine / "02_padding.ipynb").touch()
    monkeypatch.chdir(mine)
    assert command("02_padding") == f'/env/bin/python -m autograder check "{mine}/02_padding.ipynb"'


def test_where_there_is_no_grading_code_the_hidden_tests_run_when_handing_in(monkeypatch):
    for present in ([], ["autograder"]):  # in what a class is handed, and in the sandbox
        monkeypatch.setattr(points, "find_spec", present.__contains__)
        after = progress("02_padding").after
        assert after.endswith("hand it in under its original name.") and "python" not in after


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


@pytest.mark.slow
def test_the_shipped_file_is_what_the_sources_build(tmp_path):
    for folder in ("solutions", "lessons"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    built = build_companion(Course(tmp_path), COURSE.lessons)
    assert built.read_bytes() == companion_file(COURSE).read_bytes(), "run 'make lessons'"


@pytest.mark.slow
@pytest.mark.parametrize("lesson", COURSE.lessons)
def test_the_messages_that_known_mistakes_meet_are_those_that_were_read_through(lesson):
    kept, now = (
        (first_messages.FOLDER / f"{lesson}.txt").read_text(encoding="utf-8"),
        first_messages.messages_of(lesson),
    )
    (kept_words, kept_numbers), (words, numbers) = map(first_messages.split, (kept, now))
    assert words == kept_words, "read the new messages: python tests/first_messages.py, then git diff"
    assert numbers == pytest.approx(kept_numbers, rel=1e-3, abs=1e-5, nan_ok=True)


def test_points_are_those_of_the_sources():
    for lesson, source in SOURCES.items():
        marked = [cell.metadata.nbgrader for cell in source.cells if "points" in cell.metadata.get("nbgrader", {})]
        shipped = points.lessons()[lesson]
        assert shipped["points"] | shipped["written"] == {
            mark.grade_id.removeprefix("test_"): mark.points for mark in marked
        }
        assert list(shipped["points"]) == exercise_ids(source)


# --- known wrong answers


def failure(name, function, test):
    """What the visible tests say of a function."""
    with pytest.raises(CheckError) as error:
        exec(test, {name: function})
    return str(error.value)


def defined(answer):
    names = {}
    exec(answer.code, names)
    return names[answer.exercise]


def test_a_known_mistake_is_recognized_where_it_first_shows():
    wrong = read_answers(COURSE.source("01_dense_vs_conv").with_name("misconceptions.py"))
    known = set(points.lessons()["01_dense_vs_conv"]["known"].values())
    recognized = [answer for answer in wrong if answer.help in known]
    assert len(recognized) >= 25
    for answer in recognized:
        said = failure(answer.exercise, defined(answer), visible_tests(answer.exercise))
        assert said.endswith(f"\n  Perhaps this is it: {answer.help}"), answer.name


@pytest.mark.slow
def test_four_in_five_known_mistakes_of_all_lessons_can_be_recognized():
    wrong = {a.help for lesson in COURSE.lessons for a in read_answers(COURSE.source(lesson).with_name("misconceptions.py"))}  # fmt: skip
    known = {text for entry in points.lessons().values() for text in entry["known"].values()}
    assert known <= wrong and len(known) >= 0.75 * len(wrong)


def test_a_mistake_is_recognized_in_another_style():
    """What counts is what comes out, not how it was computed."""

    def conv2d_valid(image, kernel):
        windows = np.lib.stride_tricks.sliding_window_view(image.astype("float32"), kernel.shape)
        return np.tensordot(windows, kernel[::-1, ::-1].astype("float32"), axes=2)

    said = failure("conv2d_valid", conv2d_valid, visible_tests("conv2d_valid"))
    assert said.endswith(
        f"{PERHAPS} Your kernel is upside down and mirrored: that is the mathematicians' convolution. Here it is laid on as it is."
    )


@pytest.mark.parametrize(
    "answer",
    [
        "def conv2d_valid(image, kernel):\n    return np.full((3, 3), 7.0)",
        "def conv2d_valid(image, kernel):\n    return object()",
        "def conv2d_valid(image, kernel):\n    return [np.ones(2)]",
        "def conv2d_valid(image, kernel):\n    raise IndexError",
        "def conv2d_valid(image, kernel):\n    raise NotImplementedError",
        "def conv2d_valid(image, kernel):\n    image[0, 0] = 8\n    return image",
        "def conv2d_valid(image, kernel):\n    return np.ones((2000, 2000))",
    ],
)
def test_where_nothing_is_known_nothing_is_said(notebook, answer):
    exec("import numpy as np\n" + answer, notebook)
    said = failure("conv2d_valid", notebook["conv2d_valid"], visible_tests("conv2d_valid"))
    assert said.startswith("conv2d_valid(image, kernel) is not right yet.") and "Perhaps" not in said


def test_a_judge_recognizes_nothing_here_for_it_looks_closer_itself(monkeypatch):
    def dense_parameter_count(input_shape, units):
        return int(np.prod(input_shape)) * units

    test = visible_tests("dense_parameter_count")
    said = failure("dense_parameter_count", dense_parameter_count, test)
    monkeypatch.setattr(checks, "TUTORING", False)
    bare = failure("dense_parameter_count", dense_parameter_count, test)
    assert said == f"{bare}\n  {PERHAPS} The weights are right. Does a neuron learn anything besides its weights?"


ALIKE = [
    (3, 3.0), (np.int8(3), 3), (0.1 + 0.2, np.float32(0.3)), ((1, 2), [1, 2]), (-0.0, 0.0), (1e-9, 0),
    (np.ones((2, 2)), np.ones((2, 2), int)), (np.float32(1) / 3, 1 / 3), (np.array(2.5), 2.5), (None, None),
    (np.asfortranarray(np.arange(6.0).reshape(2, 3)), np.arange(6).reshape(2, 3)),
]  # fmt: skip
UNLIKE = [
    (3, 4), (3, True), ([1, 2], np.array([1, 2])), (np.ones(4), np.ones((2, 2))), (15_052_900, 15_052_800), ("3", 3),
    (np.array([1, 2]), np.array([2, 1])), (0.333, 0.334), (np.nan, np.inf), (None, 0), ([1, [2]], [1, 2]), (1, -1),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), ALIKE, ids=repr)
def test_the_same_values_have_the_same_digest(one, other):
    assert outcome("f", (), {}, one) == outcome("f", (), {}, other) != ""


@pytest.mark.parametrize(("one", "other"), UNLIKE, ids=repr)
def test_other_values_have_another_digest(one, other):
    assert "" != outcome("f", (), {}, one) != outcome("f", (), {}, other) != ""


def test_what_has_no_end_or_no_plain_value_has_no_digest():
    endless = []
    endless.append(endless)
    wide = [[]]
    for _ in range(60):
        wide = [wide, wide]
    for value in (endless, wide, object(), np.ones(20_000), 10**5000, [1, {2}], np.array([None])):
        assert outcome("f", (), {}, value) == ""
    # An argument of that kind does not matter.
    assert outcome("f", (endless, object()), {}, 1) != ""


def test_a_digest_is_of_this_call_of_this_exercise():
    digests = [outcome("f", (1,), {}, 5), outcome("g", (1,), {}, 5), outcome("f", (2,), {}, 5), outcome("f", (), {"x": 1}, 5)]  # fmt: skip
    assert len(set(digests)) == 4 and all(len(digest) == 24 for digest in digests)


LESSON = '''# %% [markdown]
# # Toy

# %% solution="triple"
def triple(x):
    """Three times x."""
    ### BEGIN SOLUTION
    return 3 * x
    ### END SOLUTION

# %% test="triple" points=1
from convlab.checks import check
check(triple, 0, gives=0)
check(triple, 2, gives=6)
### BEGIN HIDDEN TESTS
check(triple, 10, gives=30)
### END HIDDEN TESTS
'''
WRONG = """import random

def triple__adds(x):
    '''Three times, not plus three.'''
    return x + 3 if x else 0

def triple__squares_and_adds(x):
    '''Neither a square nor a sum.'''
    return x * x + 1 if x else 0

def triple__doubles(x):
    '''Three times, not twice.'''
    return 2 * x

def triple__by_chance(x):
    '''That was a guess.'''
    return random.random()

def triple__fails_late(x):
    '''Only a hidden test shows it.'''
    return 3 * x if x < 5 else 0

def triple__raises(x):
    '''It raises.'''
    raise KeyError(x)
"""


def test_only_what_is_certain_and_visible_is_written_down(tmp_path):
    """Not two mistakes with one result (2 + 3 is 2 · 2 + 1), not chance, not what only a hidden test shows, not an error."""
    (tmp_path / "solutions" / "01_toy").mkdir(parents=True)
    (tmp_path / "solutions" / "01_toy" / "01_toy.py").write_text(LESSON)
    (tmp_path / "solutions" / "01_toy" / "misconceptions.py").write_text(WRONG)
    course = Course(tmp_path)
    build(course, course.lessons)
    built = json.loads(build_companion(course, course.lessons).read_text())["lessons"]["01_toy"]
    digest = outcome("triple", (2,), {}, 4)
    assert built == {"points": {"triple": 1}, "written": {}, "known": {digest: "Three times, not twice."}}


# --- in Jupyter


@pytest.mark.slow
def test_all_of_it_in_a_real_notebook():
    """What the functions are is looked up in `__main__`, and Jupyter prefers Markdown: neither can be seen from outside."""
    cells = [
        solution("conv_parameter_count"),
        visible_tests("conv_parameter_count"),
        "def dense_parameter_count(input_shape, units):\n    return input_shape[0] * input_shape[1] * units",
        visible_tests("dense_parameter_count"),
        "from convlab import hint, progress\n\nhint(dense_parameter_count)",
        "progress()",
        "def conv_parameter_count(kernel_size, in_channels, filters):\n    return 10",
        "progress()",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=60, allow_errors=True, resources={"metadata": {"path": str(ROOT)}}).execute()
    outputs = [cell.outputs for cell in notebook.cells]
    assert outputs[0] == outputs[1] == outputs[2] == outputs[6] == []
    assert outputs[3][0].evalue.endswith(f"{PERHAPS} The weights are right. Does a neuron learn anything besides its weights?")  # fmt: skip
    assert outputs[3][0].traceback[-1].endswith("besides its weights?")
    assert outputs[4][0].data["text/markdown"].startswith("**dense_parameter_count: hint 1 of 3**")
    assert outputs[4][0].data["text/plain"].startswith("dense_parameter_count: hint 1 of 3")
    first, then = (outputs[place][0].data["text/markdown"] for place in (5, 7))
    assert "| ✗ | `dense_parameter_count` | 0 of 1 | not right yet |" in first
    assert "| ✓ | `conv_parameter_count` | 1 of 1 |  |" in first
    assert "| · | `conv_parameter_count` | 0 of 1 | changed since its tests ran |" in then
