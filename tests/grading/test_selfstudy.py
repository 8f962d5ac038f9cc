"""A self-learner checks, looks at what was reached so far, and may look at a solution after an attempt."""

import contextlib
import html
import io
import json
import os
import socket
import threading
import time
import warnings
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from rich.console import Console

from autograder import uploads
from autograder.cli import course as course_commands
from autograder.cli import early
from autograder.cli.console import saved_when, show_check
from autograder.cli.main import main
from autograder.course import Course, read_answers, read_lesson, solved
from autograder.course.variants import answer, blank, cell_of
from autograder.errors import COMMAND, LessonError, UnreadableSubmission
from autograder.execution.runner import needs_keras, steps
from autograder.files import write_notebook
from autograder.gradebook import Record
from autograder.grading import SelfStudy
from autograder.grading.selfstudy import LessonProgress, find_notebook, lesson_of, saves_of, solution_of

LESSON = "01_toy"


@pytest.fixture
def source(toy_course):
    return read_lesson(toy_course.source(LESSON))


@pytest.mark.slow
def test_checking_again_is_a_fresh_look_at_the_file(toy_course, source, tmp_path):
    path = write_notebook(blank(source), tmp_path / f"{LESSON}.ipynb")
    with SelfStudy(toy_course, LESSON) as study:
        assert study.check(path).score == 0
        write_notebook(solved(source), path)
        record = study.check(path)
        assert record.score == 3
        page = Path(record.feedback).read_text()
        assert "✓ right" in page and "hidden line" not in page
        path.write_text("{")
        with pytest.raises(UnreadableSubmission):
            study.check(path)
        write_notebook(solved(source), path)
        assert study.check(path).score == 3


class Started(list):
    """Stands in for runner and clerks, and notes what is launched."""

    def launch(self, keras=None):
        self.append("clerk" if keras is None else f"worker and judge{' with Keras' * keras}")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["1", "--json"], ["worker and judge", "clerk"]),
        (["--html", "page.html", "lessons/04_filters"], ["worker and judge with Keras", "clerk"]),
        (["9"], []),
        (["01_no_such_file.ipynb"], []),
        ([], []),
    ],
)
def test_a_check_starts_early_what_its_lesson_needs(arguments, expected, monkeypatch):
    started = Started()
    monkeypatch.chdir(Course().root)
    monkeypatch.setattr(early, "missing", list)
    monkeypatch.setattr(early, "shared_runner", lambda unsafe: started)
    monkeypatch.setattr(uploads, "shared_clerks", lambda unsafe: started)
    early.start_for_check(arguments)
    assert started == expected


@pytest.mark.slow
@pytest.mark.parametrize("lesson", Course().lessons)
def test_what_is_started_early_is_what_the_lesson_needs(lesson):
    source = Course().source(lesson)
    known = {lesson: [answer.as_dict() for answer in read_answers(source.with_name("misconceptions.py"))]}
    assert early.lesson_names_keras(Course(), lesson) == needs_keras(steps(read_lesson(source)), known)


@pytest.mark.slow
def test_the_best_points_are_kept(toy_course, source, tmp_path):
    path = write_notebook(solved(source), tmp_path / f"{LESSON}.ipynb")
    reached = LessonProgress.load(tmp_path / "kept" / "progress.json")
    with SelfStudy(toy_course, LESSON) as study:
        reached.add(study.check(path))
        worse = solved(source)
        answer(worse, "half", "def half(x):\n    return x // 2\n")
        write_notebook(worse, path)
        reached.add(study.check(path))
    again = LessonProgress.load(tmp_path / "kept" / "progress.json")
    assert again.of(LESSON) == (3, 3) and again.of("02_other") == (0, 0)
    again.path.write_text("no json")
    assert LessonProgress.load(again.path).of(LESSON) == (0, 0)


@pytest.mark.slow
def test_a_solution_opens_after_an_attempt_or_for_those_who_give_up(toy_course, source, tmp_path):
    reached = LessonProgress.load(tmp_path / "progress.json")
    with pytest.raises(LessonError, match="not tried 'half' yet"):
        solution_of(toy_course, "half", reached, give_up=False)
    assert "return x / 2" in solution_of(toy_course, "half", reached, give_up=True).source
    attempt = blank(source)
    answer(attempt, "half", "def half(x):\n    return x // 2\n")
    path = write_notebook(attempt, tmp_path / f"{LESSON}.ipynb")
    with SelfStudy(toy_course, LESSON) as study:
        reached.add(study.check(path))
    shown = solution_of(toy_course, "half", reached, give_up=False).source
    assert "return x / 2" in shown and "BEGIN SOLUTION" not in shown and "hidden line" not in shown
    # The other one is still as it was handed out.
    with pytest.raises(LessonError, match="not tried 'twice' yet"):
        solution_of(toy_course, "twice", reached, give_up=False)
    with pytest.raises(LessonError, match="no exercise 'thrice'"):
        solution_of(toy_course, "thrice", reached, give_up=True)


def test_a_save_is_noticed_even_if_the_editor_replaces_the_file(tmp_path):
    path = tmp_path / f"{LESSON}.ipynb"
    path.write_text("1")
    noticed = threading.Event()

    def wait():
        next(saves_of(path))
        noticed.set()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not noticed.is_set() and time.monotonic() < deadline:
        (tmp_path / "other.txt").write_text("no matter")
        partial = tmp_path / "partial"
        partial.write_text("2")
        partial.replace(path)
        noticed.wait(0.5)
    assert noticed.is_set()
    thread.join(10)


@pytest.mark.slow
def test_the_command_writes_a_page_and_keeps_what_was_reached(toy_course, source, tmp_path, monkeypatch):
    monkeypatch.setattr(course_commands, "Course", lambda: toy_course)
    monkeypatch.setenv("CONVLAB_PROGRESS", str(tmp_path / "progress.json"))
    path = write_notebook(solved(source), tmp_path / f"{LESSON} (1).ipynb")
    result = CliRunner().invoke(main, ["check", str(path), "--html", str(tmp_path / "page.html")])
    assert result.exit_code == 0, result.output
    assert (
        f"{path}, saved " in result.output and "twice: 2 of 2" in result.output and "best so far: 01 ✓" in result.output
    )
    assert "✓ right" in (tmp_path / "page.html").read_text()
    assert json.loads((tmp_path / "progress.json").read_text())["points"] == {LESSON: {"twice": 2, "half": 1}}
    result = CliRunner().invoke(main, ["solution", "twice"])
    assert result.exit_code == 0 and "return 2 * x" in result.output


@pytest.mark.slow
def test_one_mistake_costs_once_and_page_record_and_terminal_say_so(toy_course, source, tmp_path):
    made = solved(source)
    answer(made, "twice", "def twice(x):\n    return x * x")
    answer(made, "half", "def half(x):\n    return x / twice(1)")
    path = write_notebook(made, tmp_path / f"{LESSON}.ipynb")
    note = "Judged with the course's own twice, since yours fails its own test: that mistake counts once."
    with SelfStudy(toy_course, LESSON) as study:
        record = study.check(path)
        assert record.points["test_twice"] == 0 and record.points["test_half"] == 1
        assert record.as_dict()["notes"] == {"test_half": note} and "test_half" not in record.failures
        page = Path(record.feedback).read_text()
        assert html.unescape(page).count(note) == 1 and "secret of twice" not in page
        said, _ = checked(record, toy_course, tmp_path / "progress.json")
        assert f"half: 1 of 1\n      {note}" in said
        answer(made, "half", "def half(x):\n    return twice(x)")
        write_notebook(made, path)
        record = study.check(path)
        assert record.points["test_half"] == 0 and record.as_dict()["messages"]["test_half"].endswith(f"\n  {note}")
        assert note in html.unescape(Path(record.feedback).read_text())


def checked(record, course, path):
    """What `check` prints of a record, and what is kept of it."""
    said, reached = io.StringIO(), LessonProgress.load(path)
    reached.add(record)
    show_check(Console(file=said, width=200), record, reached, course)
    return said.getvalue(), reached


def test_points_by_hand_are_told_apart_and_the_model_answer_can_be_read(toy_course, tmp_path):
    most = {"test_twice": 2, "test_half": 1, "explain_toy": 2}
    untouched = Record("you", LESSON, "graded", {"test_twice": 2, "test_half": 0, "explain_toy": 0}, most)
    said, reached = checked(untouched, toy_course, tmp_path / "progress.json")
    assert "✎ explain_toy: 2 points by hand, not answered yet\n" in said and "✗ explain_toy" not in said
    assert f"{LESSON}: 2 of 3 points, 2 more by hand\n" in said and "best so far: 01 2/3" in said
    with pytest.raises(LessonError, match="not tried 'explain_toy' yet"):
        solution_of(toy_course, "explain_toy", reached, give_up=False)
    answered = Record("you", LESSON, "graded", untouched.points | {"explain_toy": None}, most)
    said, reached = checked(answered, toy_course, tmp_path / "progress.json")
    assert f"compare it with the model answer: {COMMAND} solution explain_toy\n" in said
    assert f"{LESSON}: 2 of 3 points, 2 more by hand\n" in said and "best so far: 01 2/3" in said
    assert solution_of(toy_course, "explain_toy", reached, give_up=False).source == "Because of the model answer."


def test_a_solution_is_not_cut_where_a_line_is_long(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVLAB_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setenv("COLUMNS", "60")
    result = CliRunner().invoke(main, ["solution", "conv2d_valid", "--give-up"])
    whole = read_lesson(Course().source("01_dense_vs_conv"))
    assert result.output == cell_of(solved(whole), "conv2d_valid").source + "\n"


def test_where_nothing_ran_there_is_no_score(toy_course, tmp_path):
    said = io.StringIO()
    record = Record("you", LESSON, "not_recorded", reason="The walls cannot be built.")
    show_check(Console(file=said), record, LessonProgress(tmp_path / "progress.json"), toy_course)
    assert said.getvalue() == "The walls cannot be built.\n"


def test_a_notebook_is_known_by_its_name(toy_course, tmp_path):
    write_notebook(nbformat.v4.new_notebook(), tmp_path / f"{LESSON}-Copy1.ipynb")
    assert lesson_of(toy_course, tmp_path / f"{LESSON}-Copy1.ipynb") == LESSON
    write_notebook(nbformat.v4.new_notebook(), tmp_path / "mine.ipynb")
    with pytest.raises(LessonError, match="not named after a lesson"):
        lesson_of(toy_course, tmp_path / "mine.ipynb")


def test_a_notebook_may_be_named_by_its_file_its_folder_or_its_lesson(toy_course, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shipped = write_notebook(nbformat.v4.new_notebook(), toy_course.release(LESSON))
    for named in ("1", "01", LESSON):
        assert find_notebook(toy_course, Path(named)) == shipped
    mine = write_notebook(nbformat.v4.new_notebook(), tmp_path / LESSON / f"{LESSON}.ipynb")
    for named in (mine, mine.parent, Path(LESSON)):
        assert find_notebook(toy_course, named).samefile(mine)
    script = tmp_path / f"{LESSON}.py"
    script.touch()
    for named, what in (
        ("none.ipynb", "no such file"),
        ("2", "no such file"),
        (".", "contains no notebook"),
        (script, "not a notebook"),
    ):
        with pytest.raises(UnreadableSubmission, match=what) as error:
            find_notebook(toy_course, Path(named))
        assert str(error.value).endswith(f"such as '{COMMAND} check 1'.")
    write_notebook(nbformat.v4.new_notebook(), mine.with_name("other.ipynb"))
    with pytest.raises(UnreadableSubmission, match="contains 2 notebooks"):
        find_notebook(toy_course, mine.parent)


@pytest.mark.parametrize(("age", "said"), [(0, "0 seconds"), (61, "1 minute"), (7_205, "2 hours"), (90_000, "1 day")])
def test_a_check_says_which_file_it_reads_and_how_old_it_is(tmp_path, age, said):
    path = tmp_path / f"{LESSON}.ipynb"
    path.touch()
    os.utime(path, (time.time() - age,) * 2)
    assert saved_when(path) == f"{path}, saved {said} ago:"


@pytest.mark.slow
def test_the_page_for_oneself_names_no_instructor(toy_course, source, tmp_path, monkeypatch):
    """Fails at 981fac2: it says that the answer waits for one."""
    monkeypatch.setattr(course_commands, "Course", lambda: toy_course)
    monkeypatch.setenv("CONVLAB_PROGRESS", str(tmp_path / "progress.json"))
    attempt = solved(source)
    cell_of(attempt, "explain_toy").source = "Because I say so."
    path = write_notebook(attempt, tmp_path / f"{LESSON}.ipynb")
    with warnings.catch_warnings(), socket.socket() as taken:
        # Fails at 981fac2: somebody else's service on Dask's port is a warning.
        warnings.simplefilter("error")
        with contextlib.suppress(OSError):
            taken.bind(("", 8787))
            taken.listen()
        result = CliRunner().invoke(main, ["check", str(path), "--html", str(tmp_path / "page.html")])
    page = (tmp_path / "page.html").read_text()
    assert result.exit_code == 0 and "instructor" not in page and "8787" not in result.output
    assert "not checked by a machine" in page and f"{COMMAND} solution" in page


@pytest.mark.slow
def test_a_check_that_cannot_run_says_why_and_writes_no_page(toy_course, source, tmp_path, monkeypatch):
    """Fails at 981fac2: --html ends in a traceback where a worker cannot start."""
    monkeypatch.setattr(course_commands, "Course", lambda: toy_course)
    monkeypatch.setenv("CONVLAB_PROGRESS", str(tmp_path / "progress.json"))
    record = Record("you", LESSON, "not_recorded", reason="The worker did not start.")
    monkeypatch.setattr(SelfStudy, "check", lambda self, notebook: record)
    path = write_notebook(solved(source), tmp_path / f"{LESSON}.ipynb")
    result = CliRunner().invoke(main, ["check", str(path), "--html", str(tmp_path / "page.html")])
    assert result.exit_code == 1 and result.exception.__class__ is SystemExit
    assert "page.html was not written: The worker did not start." in result.output
    assert not (tmp_path / "page.html").exists()


@pytest.mark.slow
def test_a_check_takes_what_lies_beside_the_notebook(toy_course, source, tmp_path):
    """Fails at 981fac2: a check runs the notebook alone."""
    attempt = solved(source)
    answer(attempt, "twice", "from mine import twice")
    other = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("def half(x):\n    return x / 2")])
    answer(attempt, "half", "%run other.ipynb\nhalf = half")
    with SelfStudy(toy_course, LESSON) as study:
        for folder, score in ((tmp_path / LESSON, 3), (tmp_path / "elsewhere", 2)):
            path = write_notebook(attempt, folder / f"{LESSON}.ipynb")
            (folder / "mine.py").write_text("def twice(x):\n    return 2 * x")
            write_notebook(other, folder / "other.ipynb")
            assert study.check(path).score == score
