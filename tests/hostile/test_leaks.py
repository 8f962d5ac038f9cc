"""Hidden tests leak neither into `autograded/` by tracebacks nor into feedback pages by functions that record calls."""

import json

import nbformat
import pytest

from autograder.course import read_lesson, solved
from autograder.course.variants import answer, blank, cell_of
from autograder.execution import Runner
from autograder.grading.job import Job, Rendering, Settings
from autograder.reports.feedback import AFTER_HIDDEN
from autograder.uploads.prepare import Lesson

pytestmark = pytest.mark.usefixtures("sandbox")

RECORDED = "73119"  # what the hidden test calls the function with
LARGE = 100_000
TAKES_NOTES = """
notes = []
def twice(x):
    notes.append(x)
    return 2 * x
print("before any hidden test", 1234)
"""
SHOWS = {
    "prints": "print(notes)",
    "result": "notes",
    "error": "raise ValueError(str(notes))",
    "name of an error": "raise type('E' + '_'.join(map(str, notes)), (Exception,), {})()",
    "known name of an error": "raise type('NotRun', (Exception,), {})(str(notes))",
    "standard error": "import sys; print(notes, file=sys.stderr)",
    "picture": "import matplotlib.pyplot as plt; plt.figure(label=str(notes)); plt.plot(notes); plt.show()",
    "text of a picture": "from IPython.display import Image, display; display({'image/png': 'AAAA', 'text/plain': str(notes)}, raw=True)",
    "warning": "import warnings; warnings.warn(str(notes))",
}  # fmt: skip


@pytest.fixture(scope="module")
def source(toy_course):
    notebook = read_lesson(toy_course.source("01_toy"))
    for cell in notebook.cells:
        cell.source = cell.source.replace("twice(3)", f"twice({RECORDED})").replace("== 6", f"== 2 * {RECORDED}")
    return notebook


@pytest.fixture(scope="module")
def lesson(source):
    return Lesson("01_toy", nbformat.writes(blank(source)).encode(), nbformat.writes(source).encode(), {})


def graded(lesson, notebook, hide=True):
    marked = Job("eva", lesson, nbformat.writes(notebook).encode(), {}, Settings(), Rendering("{}", hide)).run()
    assert marked.status == "graded"
    return nbformat.reads(marked.notebook, as_version=4), marked.rendered


def noting(source, shows):
    notebook = solved(source)
    answer(notebook, "twice", TAKES_NOTES)
    place = next(i for i, cell in enumerate(notebook.cells) if cell == cell_of(notebook, "half"))
    notebook.cells.insert(place, nbformat.v4.new_code_cell(shows, metadata={"convlab": {"after_hidden": False}}))
    return notebook, place


@pytest.mark.parametrize("case", SHOWS)
def test_what_ran_after_hidden_tests_is_not_shown_to_students(case, source, lesson):
    """Fails at 981fac2: the page shows what the function recorded when the hidden test called it."""
    notebook, place = noting(source, SHOWS[case])
    kept, finished = graded(lesson, notebook)
    outputs = json.dumps(kept.cells[place].outputs)
    assert RECORDED in outputs or case == "picture", "the instructor sees what it was"
    assert RECORDED not in finished.page.replace(SHOWS[case], "")
    assert AFTER_HIDDEN in finished.page and "data:image" not in finished.page
    assert "before any hidden test 1234" in finished.page


def test_a_student_still_learns_which_error_it_was(source, lesson):
    notebook, _ = noting(source, "raise ValueError(str(notes))")
    assert f"It ended with ValueError. {AFTER_HIDDEN}" in graded(lesson, notebook)[1].page
    notebook, _ = noting(source, "raise type(f'E{notes[-1]}', (Exception,), {})()")
    assert f"It ended with an error of its own. {AFTER_HIDDEN}" in graded(lesson, notebook)[1].page


def test_everything_is_shown_once_hidden_tests_may_be_seen(source, lesson):
    notebook, _ = noting(source, "print('noted', notes)")
    page = graded(lesson, notebook, hide=False)[1].page
    assert f"noted [2, {RECORDED}]" in page and AFTER_HIDDEN not in page


def test_cells_without_outputs_and_lessons_without_hidden_tests_stay_as_they_are(source, lesson):
    assert AFTER_HIDDEN not in graded(lesson, solved(source))[1].page
    release = blank(source)
    open_lesson = Lesson("01_toy", *[nbformat.writes(release).encode()] * 2, {})
    notebook, _ = noting(source, "print('seen', notes)")
    assert "seen [2]" in graded(open_lesson, notebook)[1].page


def test_a_test_that_was_changed_without_marks_is_a_hidden_one(source, lesson):
    changed = blank(source)
    cell_of(changed, "test_twice").source += f"\nassert twice({RECORDED}) == 2 * {RECORDED}"
    unmarked = Lesson("01_toy", nbformat.writes(blank(source)).encode(), nbformat.writes(changed).encode(), {})
    notebook, _ = noting(source, "print('seen', notes)")
    page = graded(unmarked, notebook)[1].page
    assert AFTER_HIDDEN in page and f"seen [2, {RECORDED}]" not in page
    assert RECORDED not in page and "(hidden tests)" in page


def test_a_failed_test_keeps_its_message_and_no_line_of_its_text(source, lesson):
    """Fails at 981fac2: the traceback quotes the lines around the failure."""
    notebook = solved(source)
    answer(notebook, "twice", "def twice(x):\n    return x * x")
    kept, _ = graded(lesson, notebook)
    (error,) = cell_of(kept, "test_twice").outputs
    assert error.evalue.startswith(f"twice({RECORDED}) should be 6, got ")
    assert error.traceback == [f"AssertionError: {error.evalue}", "(line 3 of this test)"]
    assert "hidden line" not in json.dumps(error)


@pytest.mark.parametrize(
    "body",
    [
        "raise ValueError('v' * {n})",
        "return 'v' * {n}",
        "return [['v' * 1_000] * 1_000]",
        "raise type('v' * {n}, (Exception,), {{}})()",
    ],
    ids=["message", "text", "nested", "name"],
)
def test_the_message_of_a_failed_test_is_of_a_size_that_one_reads(body, source):
    """Fails at 981fac2, where nested results make a notebook of 254 MB."""
    notebook = solved(source)
    answer(notebook, "twice", f"def twice(x):\n    {body.format(n=10 * LARGE)}")
    with Runner() as runner:
        result = runner.run(notebook)
    assert len(json.dumps(result.outputs)) < LARGE


def test_the_errors_of_a_students_own_cell_are_of_a_size_that_one_reads(source, lesson):
    notebook, place = noting(source, f"raise ValueError('v' * {10 * LARGE})")
    kept, _ = graded(lesson, notebook)
    assert len(json.dumps(kept.cells[place].outputs)) < LARGE
