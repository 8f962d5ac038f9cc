"""What an instructor does in the middle of a term: extensions, dropped students, corrected lessons, misnamed notebooks."""

import datetime
import io
import json
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbgrader.api import Gradebook
from rich.console import Console

from autograder.classroom import ClassDirectory, Journal, new_class
from autograder.classroom.demo import sample_submissions
from autograder.classroom.directory import CONFIG_FILE
from autograder.classroom.releases import FILE, handed_out
from autograder.cli.console import show_batch
from autograder.course.variants import cell_of
from autograder.files import write_notebook
from autograder.gradebook import Record
from autograder.grading import grade_class, preview
from autograder.notebooks.file_names import notebook_among

pytestmark = pytest.mark.usefixtures("sandbox")

LESSON = "01_toy"
LATE = """
from nbgrader.plugins import BasePlugin

class PerHour(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return total_seconds_late / 3600
"""


@pytest.fixture(scope="module")
def graded(toy_course, tmp_path_factory):
    """A class with a roster, whose ada handed in an hour late and ben in time, graded once."""
    folder = tmp_path_factory.mktemp("books")
    roster = folder / "roster.csv"
    roster.write_text("id\nada\nben\ncleo\n")
    classroom = new_class(toy_course, folder / "class", roster=roster)
    (classroom.path / "late.py").write_text(LATE)
    with open(classroom.path / CONFIG_FILE, "a") as config:
        config.write("c.AssignLatePenalties.plugin_class = 'late.PerHour'\n")
    for student, hour in (("ada", 10), ("ben", 8)):
        target = classroom.path / "submitted" / student / LESSON / f"{LESSON}.ipynb"
        write_notebook(sample_submissions(toy_course, LESSON)["ada"], target)
        target.with_name("timestamp.txt").write_text(f"2026-03-02 {hour:02}:00:00 UTC\n")
    with Gradebook(classroom.db_url) as gradebook:
        gradebook.find_assignment(LESSON).duedate = datetime.datetime(2026, 3, 2, 9)
        gradebook.db.commit()
    records = list(grade_class(ClassDirectory(classroom.path), [LESSON]))
    assert {record.student: record.score for record in records} == {"ada": 3, "ben": 3}
    return classroom


@pytest.fixture
def classroom(graded, tmp_path):
    """A copy of it."""
    shutil.copytree(graded.path, tmp_path / "class")
    config = tmp_path / "class" / CONFIG_FILE
    config.write_text(config.read_text().replace(str(graded.path), str(tmp_path / "class")))
    return ClassDirectory(tmp_path / "class")


def grade(classroom, **options):
    records = {one.student: one for one in grade_class(ClassDirectory(classroom.path), [LESSON], **options)}
    output = io.StringIO()
    show_batch(Console(file=output, width=200), classroom, list(records.values()), [])
    return records, output.getvalue()


def penalties(classroom):
    with Gradebook(classroom.db_url) as gradebook:
        return {one.student_id: one.late_submission_penalty for one in gradebook.assignment_submissions(LESSON)}


def page_time(classroom, student):
    return (classroom.path / "feedback" / student / LESSON / f"{LESSON}.html").stat().st_mtime_ns


def test_an_extension_counts_at_the_next_grading(classroom):
    """Fails at 981fac2: it was ignored until --force."""
    assert penalties(classroom) == {"ada": 1, "ben": 0}
    before = page_time(classroom, "ben")
    with Gradebook(classroom.db_url) as gradebook:
        gradebook.find_submission(LESSON, "ada").extension = datetime.timedelta(minutes=30)
        gradebook.db.commit()
    grade(classroom)
    assert penalties(classroom) == {"ada": 0.5, "ben": 0} and page_time(classroom, "ben") == before
    with Gradebook(classroom.db_url) as gradebook:
        gradebook.find_assignment(LESSON).duedate = datetime.datetime(2026, 3, 2, 7)
        gradebook.db.commit()
    grade(classroom)
    assert penalties(classroom) == {"ada": 2.5, "ben": 1}


def test_a_dropped_student_is_left_in_peace_and_a_stranger_is_not(classroom, toy_course):
    """Fails at 981fac2: a student who was removed from the gradebook made every grading exit with 1."""
    with Gradebook(classroom.db_url) as gradebook:
        gradebook.remove_student("ben")
    shutil.copytree(classroom.path / "submitted" / "ben", classroom.path / "submitted" / "ghost")
    before = page_time(classroom, "ben")
    records, shown = grade(classroom)
    assert {one.student: one.status for one in records.values()} == {
        "ada": "graded",
        "ben": "dropped",
        "ghost": "not_recorded",
    }
    assert [one.student for one in records.values() if one.failed] == ["ghost"]
    assert "ben, 01_toy: the student was removed from the gradebook after being graded" in shown
    assert page_time(classroom, "ben") == before and "ben" not in penalties(classroom)
    with Gradebook(classroom.db_url) as gradebook:
        gradebook.add_student("ben")
    records, _ = grade(classroom)
    assert records["ben"].status == "graded" and records["ben"].score == 3


def test_a_new_gradebook_drops_nobody(classroom):
    with Gradebook(classroom.db_url) as gradebook:
        for student in ("ada", "ben", "cleo"):
            gradebook.remove_student(student)
    records, _ = grade(classroom)
    assert {one.status for one in records.values()} == {"not_recorded"}


def test_points_by_hand_for_an_earlier_attempt_are_shown_as_to_be_looked_at_again(classroom):
    """Fails at 981fac2: the column 'by hand' was blank, although the gradebook asks for it."""
    with Gradebook(classroom.db_url) as gradebook:
        grading = gradebook.find_grade("explain_toy", LESSON, LESSON, "ada")
        grading.manual_score, grading.needs_manual_grade = 2, False
        gradebook.db.commit()
    records, shown = grade(classroom)
    assert records["ada"].to_review == [] and "again" not in shown and records["ada"].score == 5
    path = classroom.path / "submitted" / "ada" / LESSON / f"{LESSON}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cell_of(notebook, "explain_toy").source = "A second attempt."
    write_notebook(notebook, path)
    records, shown = grade(classroom)
    assert records["ada"].to_review == ["explain_toy"] and "2 to look at again" in shown and "Manual Grading" in shown
    assert records["ada"].as_dict()["to_review"] == ["explain_toy"] and records["ben"].to_review == []
    assert grade(classroom)[0]["ada"] == records["ada"]


@pytest.mark.parametrize(
    ("files", "taken"),
    [
        (["01_toy.ipynb"], "01_toy.ipynb"),
        (["01_toy (1).ipynb"], "01_toy (1).ipynb"),
        (["01_Toy-Copy1.ipynb", "notes.ipynb", "data.csv"], "01_Toy-Copy1.ipynb"),
        (["01_toy.ipynb", "01_toy (1).ipynb"], "01_toy.ipynb"),
        (["Untitled.ipynb", "figure.png"], "Untitled.ipynb"),
        (["01_toy.ipynb.txt"], "01_toy.ipynb.txt"),
        (["01_toy (1).ipynb", "01_toy (2).ipynb"], ""),
        (["Untitled.ipynb", "Untitled1.ipynb"], ""),
        (["02_other.ipynb"], ""),
        (["02_other (1).ipynb", "01_toy (3).ipynb"], "01_toy (3).ipynb"),
        (["01_toy.py"], ""),
        ([], ""),
    ],
)
def test_which_of_the_files_is_the_notebook(files, taken):
    """Fails at 981fac2: only the lesson's very name was."""
    assert notebook_among(files, "01_toy", ["01_toy", "02_other"]) == taken


def test_a_misnamed_notebook_is_graded_and_said_to_be_misnamed(classroom):
    """Fails at 981fac2: it was refused."""
    folder = classroom.path / "submitted" / "ben" / LESSON
    key = Journal(classroom.path).key(next(iter(classroom.submissions([LESSON]))))
    (folder / f"{LESSON}.ipynb").rename(folder / f"{LESSON} (1).ipynb")
    assert [one.submission.student for one in preview(classroom, [LESSON])] == ["ben"]
    records, shown = grade(classroom)
    note = f"The notebook was named '{LESSON} (1).ipynb'; it was graded as '{LESSON}.ipynb'."
    assert records["ben"].repaired == [note] and records["ben"].score == 3 and f"ben, {LESSON}: {note}" in shown
    assert note.replace("'", "&#39;") in (classroom.path / "feedback" / "ben" / LESSON / f"{LESSON}.html").read_text()
    assert sorted(path.name for path in (classroom.path / "autograded" / "ben" / LESSON).iterdir()) == [
        f"{LESSON}.ipynb",
        "timestamp.txt",
    ]
    assert Journal(classroom.path).key(next(iter(classroom.submissions([LESSON])))) == key
    (folder / f"{LESSON} (1).ipynb").rename(folder / f"{LESSON}.ipynb")
    assert grade(classroom)[0]["ben"].repaired == []


def test_a_link_under_another_name_is_no_submission(classroom):
    folder = classroom.path / "submitted" / "cleo" / LESSON
    folder.mkdir(parents=True)
    (folder / f"{LESSON} (1).ipynb").symlink_to(classroom.path / "submitted" / "ada" / LESSON / f"{LESSON}.ipynb")
    records, _ = grade(classroom)
    assert records["cleo"].status == "unreadable" and records["cleo"].score == 0


def correct(classroom):
    """What an instructor does to a lesson: another text and other points of a test."""
    path = classroom.path / "source" / LESSON / f"{LESSON}.ipynb"
    source = nbformat.read(path, as_version=4)
    test = cell_of(source, "test_twice")
    test.source = test.source.replace("twice(2) == 4", "twice(5) == 10")
    test.metadata.nbgrader.points = 4
    write_notebook(source, path)


@pytest.mark.parametrize("made_by", ["grade", "nbgrader"])
def test_a_later_hand_in_of_an_older_release_was_not_edited(classroom, made_by):
    """Fails at 981fac2: it was told that its cells "had been edited" and "had other points"."""
    correct(classroom)
    if made_by == "nbgrader":
        command = [sys.executable, "-m", "nbgrader", "generate_assignment", LESSON, "--force"]
        subprocess.run(command, cwd=classroom.path, check=True, capture_output=True)
    records, _ = grade(classroom)
    assert {one.student: (one.repaired, one.score) for one in records.values()} == {"ada": ([], 5), "ben": ([], 5)}
    assert len(handed_out(classroom.path, LESSON)["test_twice"]) == 2
    path = classroom.path / "submitted" / "ben" / LESSON / f"{LESSON}.ipynb"
    edited = nbformat.read(path, as_version=4)
    cell_of(edited, "test_twice").source = "assert True"
    cell_of(edited, "test_twice").metadata.nbgrader["points"] = 100
    write_notebook(edited, path)
    assert grade(classroom)[0]["ben"].repaired == [
        "Cell 'test_twice' had different points: the lesson's points count.",
        "Cell 'test_twice' had been edited: the lesson's own tests were used.",
    ]
    with open(classroom.path / FILE, "a") as file:
        file.write('{"lesson": "01_toy", "cells": [')
    assert len(handed_out(classroom.path, LESSON)["test_twice"]) == 2
    kept = [json.loads(line) for line in (classroom.path / FILE).read_text().splitlines()[:2]]
    assert "twice" not in json.dumps(kept).replace("test_twice", "").replace('"twice"', "")


def test_what_concerns_many_is_said_once(tmp_path):
    """Fails at 981fac2: a class of 100 with 5 notes each printed 500 lines."""
    edited = "Cell 'test_twice' had been edited: the lesson's own tests were used."
    records = [Record(f"s{n:02}", LESSON, "graded", repaired=[edited, "Tags were removed."]) for n in range(43)]
    records[0].repaired.append("Only this one.")
    output = io.StringIO()

    class Somewhere:
        path = tmp_path
        lessons = (LESSON,)

    show_batch(Console(file=output, width=300), Somewhere(), records, [])
    lines = [line for line in output.getvalue().splitlines() if ", 01_toy: " in line]
    assert lines == [
        f"43 students (s00, s01, s02, …), 01_toy: {edited}",
        "43 students (s00, s01, s02, …), 01_toy: Tags were removed.",
        "s00, 01_toy: Only this one.",
    ]
