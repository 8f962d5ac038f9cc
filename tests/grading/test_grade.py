"""A class from roster to grades, by our command line and by nbgrader's own."""

import io
import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook
from rich.console import Console
from toy import TOY

from autograder.classroom import ClassDirectory, Journal, directory, new_class
from autograder.classroom.demo import make_demo_class, sample_submissions
from autograder.cli.console import show_batch
from autograder.cli.main import main
from autograder.course import Course, read_lesson, solved
from autograder.course.variants import blank
from autograder.files import write_notebook
from autograder.gradebook import Record
from autograder.gradebook.scores import AssignLatePenalties
from autograder.grading import grade_class
from autograder.grading.recorder import Recorder
from autograder.reports.feedback import AFTER_HIDDEN
from autograder.sandbox.walls import PYTHON

pytestmark = pytest.mark.usefixtures("sandbox")

LESSON = "01_toy"


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def demo(toy_course, tmp_path_factory):
    """The toy lesson's sample class, graded once."""
    classroom = make_demo_class(toy_course, tmp_path_factory.mktemp("class") / "demo", LESSON)
    records = classroom.path / "records.json"
    result = run("grade", classroom.path, "--json", records)
    return classroom, result, {r["student"]: r for r in json.loads(records.read_text())["submissions"]}


@pytest.fixture
def small(toy_course, tmp_path, monkeypatch):
    """A fresh class of one solved submission, without roster."""
    monkeypatch.setattr("autograder.course.lessons.REPOSITORY", toy_course.root)
    classroom = new_class(toy_course, tmp_path / "small")
    hand_in(classroom, toy_course, "ada", "ada")
    return classroom


def hand_in(classroom, toy_course, student, sample, lesson=LESSON):
    notebook = sample_submissions(toy_course, LESSON)[sample]
    return write_notebook(notebook, classroom.path / "submitted" / student / lesson / f"{lesson}.ipynb")


def test_every_sample_gets_its_status_and_its_points(demo):
    _, result, records = demo
    assert result.exit_code == 0, result.output
    got = {
        student: (record["status"], record["points"]["test_twice"], record["points"]["test_half"])
        for student, record in records.items()
    }
    assert got == {
        "ada": ("graded", 2, 1),
        "ben": ("graded", 0, 0),
        "chloe": ("graded", 2, 0),
        "dae": ("graded", 0, 1),
        "eva": ("graded", 2, 0),
        "finn": ("timeout", 2, 0),
        "gus": ("unreadable", 0, 0),
        "hana": ("graded", 2, 1),
        "ivo": ("graded", 0, 0),
    }
    assert records["ada"]["to_grade"] == 2 and records["ada"]["max_score"] == 5 and records["ada"]["score"] == 3


def test_records_tell_why_and_what_was_repaired(demo):
    _, result, records = demo
    assert records["dae"]["messages"]["test_twice"] == (
        "twice(3) should be 6, got 9\n  Perhaps this is it: Two times x is not x times x."
    )
    assert "not valid JSON" in records["gus"]["reason"]
    assert "2 times" in records["hana"]["repaired"][0]
    assert "timeout" in result.output and "gus" in result.output


def test_feedback_explains_and_hides_hidden_tests(demo):
    classroom, _, records = demo
    pages = {student: Path(record["feedback"]).read_text() for student, record in records.items()}
    assert "twice(3) should be 6, got 9" in pages["dae"]
    assert (
        "This submission could not be read" in pages["gus"] and "did not finish within the time limit" in pages["finn"]
    )
    for page in pages.values():
        assert "hidden line of" not in page and "BEGIN HIDDEN" not in page
    assert (classroom.path / "autograded" / "gus" / LESSON / f"{LESSON}.ipynb").is_file()


def test_unchanged_submissions_are_not_graded_again(demo):
    classroom, _, records = demo
    graded = classroom.path / "autograded" / "ada" / LESSON / f"{LESSON}.ipynb"
    before = graded.stat().st_mtime_ns
    again = classroom.path / "again.json"
    assert run("grade", classroom.path, "--json", again).exit_code == 0
    assert graded.stat().st_mtime_ns == before
    assert {r["student"]: r for r in json.loads(again.read_text())["submissions"]} == records


def test_machines_follow_a_batch_line_by_line(small, toy_course):
    hand_in(small, toy_course, "ben", "ben")
    result = run("grade", small.path, "--workers", 1, "--json-lines", "-")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(line["done"], line["remaining"], line["failed"]) for line in lines] == [(1, 1, 0), (2, 0, 0)]
    assert {line["record"]["student"]: line["record"]["score"] for line in lines} == {"ada": 3, "ben": 0}
    assert "2 submission(s): 2 graded" in result.stderr


@pytest.mark.parametrize(
    "line", ['c.Autograde.autograde_preprocessors.append("nowhere.Step")', "c.LimitOutput.max_lines = 'many'"]
)
def test_a_step_that_cannot_be_made_is_named(small, line):
    config = small.path / directory.CONFIG_FILE
    config.write_text(f"{config.read_text()}\n{line}\n")
    result = run("grade", small.path)
    said = " ".join(result.output.split())
    assert result.exit_code == 2 and "the steps of grading cannot be made" in said, result.output


def test_steps_of_the_class_s_own_are_done_where_the_books_are(demo, toy_course, tmp_path):
    """With a step more, workers only run and judge; what comes out is the same to the byte."""
    classroom, _, records = demo
    own = new_class(toy_course, tmp_path / "own", cell_seconds=5)
    with open(own.path / "nbgrader_config.py", "a") as config:
        config.write('c.Autograde.autograde_preprocessors.insert(1, "nbgrader.preprocessors.LimitOutput")\n')
    for student in records:
        shutil.copytree(classroom.path / "submitted" / student, own.path / "submitted" / student)
    own = ClassDirectory(own.path)
    assert Recorder(own).rendering is None and Recorder(classroom).rendering is not None
    graded = list(grade_class(own, [LESSON], workers=2))
    assert {record.student: record.as_dict() | {"feedback": ""} for record in graded} == {
        student: record | {"feedback": ""} for student, record in records.items()
    }
    for student in records:
        for name in (f"autograded/{student}/{LESSON}/{LESSON}.ipynb", f"feedback/{student}/{LESSON}/{LESSON}.html"):
            assert (own.path / name).read_bytes() == (classroom.path / name).read_bytes(), name


def test_nbgrader_alone_gives_honest_submissions_the_same_scores(demo, toy_course, tmp_path):
    classroom, _, records = demo
    stock = tmp_path / "stock"
    stock.mkdir()
    shutil.copytree(classroom.path / "source", stock / "source")
    (stock / "nbgrader_config.py").write_text('get_config().CourseDirectory.course_id = "stock"\n')
    honest = ["ada", "ben", "chloe", "dae", "eva"]
    for student in honest:
        shutil.copytree(classroom.path / "submitted" / student, stock / "submitted" / student)
    nbgrader = [sys.executable, "-m", "nbgrader"]
    for command in (["generate_assignment", LESSON], ["autograde", LESSON], ["generate_feedback", LESSON]):
        subprocess.run([*nbgrader, *command], cwd=stock, check=True, capture_output=True)
    with Gradebook(f"sqlite:///{stock / 'gradebook.db'}") as gradebook:
        for student in honest:
            grades = gradebook.find_submission_notebook(LESSON, LESSON, student).grades
            points = {grade.name: grade.auto_score for grade in grades}
            assert points == records[student]["points"], student
            assert (stock / "feedback" / student / LESSON / f"{LESSON}.html").is_file()


def test_cells_that_only_show_something_change_no_score(tmp_path):
    root = tmp_path / "course"
    source = root / "solutions" / LESSON / f"{LESSON}.py"
    source.parent.mkdir(parents=True)
    source.write_text(TOY.replace("# %%\nimport", "# %% setup=true\nimport") + "\n# %%\nprint('a picture')\n")
    toy = Course(root)
    records, pages = [], []
    for every_cell in (False, True):
        classroom = new_class(toy, tmp_path / f"every-{every_cell}")
        with open(classroom.path / "nbgrader_config.py", "a") as config:
            config.write(f"c.Run.every_cell = {every_cell}\n")
        write_notebook(solved(read_lesson(source)), classroom.path / "submitted" / "ada" / LESSON / f"{LESSON}.ipynb")
        (record,) = grade_class(ClassDirectory(classroom.path), [LESSON])
        records.append((record.status, record.points, record.repaired))
        pages.append(Path(record.feedback).read_text())
    assert records[0] == records[1] == ("graded", {"test_twice": 2, "test_half": 1, "explain_toy": None}, [])
    assert '<pre tabindex="0">a picture' not in pages[0] and "this cell only displays something" in pages[0]
    # It ran, after hidden tests.
    assert AFTER_HIDDEN in pages[1] and "this cell only displays something" not in pages[1]


def test_nbgraders_own_commands_grade_in_a_class_directory(small):
    for command in (["autograde", LESSON], ["generate_feedback", LESSON]):
        subprocess.run([sys.executable, "-m", "nbgrader", *command], cwd=small.path, check=True, capture_output=True)
    with Gradebook(small.db_url) as gradebook:
        assert gradebook.find_submission(LESSON, "ada").score == 3


def test_an_unreadable_submission_has_a_record_by_nbgraders_command_too(small):
    (small.path / "submitted" / "ada" / LESSON / f"{LESSON}.ipynb").write_text("{")
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", LESSON], cwd=small.path, check=True, capture_output=True
    )
    with Gradebook(small.db_url) as gradebook:
        assert gradebook.find_submission(LESSON, "ada").score == 0


def test_what_to_do_after_grading_is_said_as_commands(small):
    def said(points):
        output = io.StringIO()
        record = Record("ada", LESSON, "graded", {"explain_toy": points}, {"explain_toy": 2})
        show_batch(Console(file=output), ClassDirectory(small.path), [record], [])
        return output.getvalue()

    lab = f"cd {small.path} && {Path(PYTHON).parent / 'jupyter'} lab, then Nbgrader > Formgrader > Manual Grading"
    report = f"{directory.COMMAND} report {small.path}"
    assert lab in said(None) and report in said(None)
    assert "Manual Grading" not in said(1) and report in said(1)


def test_an_empty_submitted_folder_is_no_fault(small):
    shutil.rmtree(small.path / "submitted")
    result = run("grade", small.path)
    assert result.exit_code == 0 and "nothing to grade" in result.output


def test_a_missing_lesson_names_those_that_are_there(small):
    result = run("grade", small.path, "02_tpyo")
    assert result.exit_code == 2 and "no lesson '02_tpyo'" in result.output and LESSON in result.output


@pytest.mark.parametrize("break_it", ["missing", "empty", "config"])
def test_what_is_no_class_directory_is_refused_with_a_remedy(small, tmp_path, break_it):
    path = {"missing": tmp_path / "nowhere", "empty": tmp_path / "empty", "config": small.path}[break_it]
    if break_it == "empty":
        path.mkdir()
    if break_it == "config":
        (path / "nbgrader_config.py").write_text("c = get_config(\n")
    result = run("grade", path)
    assert result.exit_code == 2 and result.output.startswith("Error: ") and len(result.output.splitlines()) == 1


def test_a_stranger_is_not_graded_and_the_others_are(toy_course, tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_text("id,first_name\nada,Ada\n")
    classroom = new_class(toy_course, tmp_path / "c", roster=roster)
    hand_in(classroom, toy_course, "ada", "ada")
    hand_in(classroom, toy_course, "ghost", "ada")
    result = run("grade", classroom.path, "--json", tmp_path / "r.json")
    records = {r["student"]: r for r in json.loads((tmp_path / "r.json").read_text())["submissions"]}
    assert result.exit_code == 1 and records["ada"]["score"] == 3
    assert records["ghost"]["status"] == "not_recorded" and "nbgrader db student add ghost" in result.output


def test_a_wrongly_named_notebook_and_an_unknown_lesson_are_reported(small, toy_course):
    for name in ("Untitled.ipynb", "Untitled1.ipynb"):
        hand_in(small, toy_course, "bob", "ada").rename(small.path / "submitted" / "bob" / LESSON / name)
    hand_in(small, toy_course, "cleo", "ada", lesson="99_other")
    result = run("grade", small.path)
    assert (
        result.exit_code == 1
        and "only Untitled.ipynb, Untitled1.ipynb." in result.output
        and "submitted/cleo/99_other: not graded" in result.output
    )
    with Gradebook(small.db_url) as gradebook:
        assert gradebook.find_submission(LESSON, "ada").score == 3


def test_a_submission_is_in_the_books_as_a_whole_or_not_at_all(small, monkeypatch):
    def power_cut(*_):
        raise RuntimeError("no power")

    with monkeypatch.context() as patch:
        patch.setattr(AssignLatePenalties, "preprocess", power_cut)
        (record,) = grade_class(small, [LESSON])
        assert not record.recorded and "no power" in record.reason
    with Gradebook(small.db_url) as gradebook:
        assert gradebook.assignment_submissions(LESSON) == [] and gradebook.students == []
    (record,) = grade_class(small, [LESSON])
    with Gradebook(small.db_url) as gradebook:
        assert record.score == gradebook.find_submission(LESSON, "ada").score == 3


def test_one_that_cannot_be_recorded_takes_none_of_its_group_with_it(small, toy_course, monkeypatch):
    for student in ("ben", "cleo", "dan"):
        hand_in(small, toy_course, student, "ada")
    groups, preprocess = [], AssignLatePenalties.preprocess
    record = Recorder.record

    def broken(self, nb, resources):
        if resources["nbgrader"]["student"] == "ben":
            raise RuntimeError("no power")
        return preprocess(self, nb, resources)

    def counted(self, group, **options):
        groups.append(len(group))
        return record(self, group, **options)

    monkeypatch.setattr(AssignLatePenalties, "preprocess", broken)
    monkeypatch.setattr(Recorder, "record", counted)
    monkeypatch.setattr("autograder.grading.pool.MOMENT_SECONDS", 60)
    records = {record.student: record for record in grade_class(small, [LESSON], workers=2)}
    assert groups == [4, 1, 1, 1, 1]
    assert (
        not records["ben"].recorded and "ben, 01_toy: nbgrader could not record the submission" in records["ben"].reason
    )
    with Gradebook(small.db_url) as gradebook:
        assert [submission.student.id for submission in gradebook.assignment_submissions(LESSON)].count("ben") == 0
        for student in ("ada", "cleo", "dan"):
            assert records[student].score == gradebook.find_submission(LESSON, student).score == 3
            assert Path(records[student].feedback).is_file()
    journal = Journal(small.path)
    assert [bool(journal.key(one)) for one in small.submissions([LESSON])] == [True, False, True, True]


def test_a_corrupt_gradebook_is_refused_and_kept(small):
    database = small.path / "gradebook.db"
    database.write_bytes(b"not a database, but somebody's bytes" * 100)
    before = database.read_bytes()
    result = run("grade", small.path)
    assert result.exit_code == 1 and "the gradebook is damaged" in result.output and "backup" in result.output
    assert database.read_bytes() == before


def test_a_locked_gradebook_is_refused_and_can_go_on_later(small, monkeypatch):
    monkeypatch.setattr("autograder.gradebook.database.LOCK_SECONDS", 0.2)
    lock = sqlite3.connect(small.path / "gradebook.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    result = run("grade", small.path)
    assert result.exit_code == 1 and "another program is writing" in result.output
    lock.execute("ROLLBACK")
    lock.close()
    assert run("grade", small.path).exit_code == 0


def test_a_gradebook_that_was_moved_away_is_begun_anew(small):
    (small.path / "gradebook.db").unlink()
    assert run("grade", small.path).exit_code == 0
    with Gradebook(small.db_url) as gradebook:
        assert gradebook.find_submission(LESSON, "ada").score == 3


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("id\nada\nada\n", "line 3: 'ada' is already on line 2"),
        ("id\nada\nADA\n", "line 3: 'ADA' is already on line 2"),
        ("id\n../evil\n", "line 2: '../evil' is not an id"),
        ("id,first_name\n,Ada\n", "line 2: '' is not an id"),
        ("name\nada\n", "no column 'id'"),
        ("id\n", "it lists no students"),
        ("", "it is empty"),
    ],
)
def test_a_roster_that_is_not_usable_makes_nothing(tmp_path, text, fault):
    roster = tmp_path / "roster.csv"
    roster.write_text(text)
    result = run("new", tmp_path / "c", "--roster", roster)
    assert result.exit_code == 2 and fault in result.output
    assert not (tmp_path / "c").exists()


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("two years of work")
    result = run("new", tmp_path)
    assert result.exit_code == 2 and "not empty" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_missing_roster_and_a_wrong_database_address_make_nothing(tmp_path):
    for option, what in (
        (["--roster", tmp_path / "no.csv"], "there is no such file"),
        (["--db", "nonsense"], "not a database URL"),
    ):
        result = run("new", tmp_path / "c", *option)
        assert result.exit_code == 2 and what in result.output and not (tmp_path / "c").exists(), option


def test_a_class_directory_lists_its_lessons_and_students(small):
    classroom = ClassDirectory(small.path)
    assert classroom.lessons == [LESSON] and not classroom.has_roster
    assert [s.student for s in classroom.submissions([LESSON])] == ["ada"]


def test_sources_with_faults_make_no_class(toy_course, tmp_path):
    (tmp_path / "solutions" / "01_bad").mkdir(parents=True)
    (tmp_path / "solutions" / "01_bad" / "01_bad.py").write_text('# %% test="x"\nassert True\n')
    from autograder.errors import SourceError

    with pytest.raises(SourceError, match="01_bad, cell 1"):
        new_class(Course(tmp_path), tmp_path / "c")
    assert not (tmp_path / "c").exists()
    assert read_lesson(toy_course.source(LESSON)).cells


@pytest.fixture
def real_notebook(tmp_path):
    """The solved and the blank lesson 1 as files."""
    real = Course()
    source = read_lesson(real.source("01_dense_vs_conv"))
    paths = {}
    for name, make in (("solved", solved), ("blank", blank)):
        paths[name] = write_notebook(make(source), tmp_path / name / "01_dense_vs_conv (1).ipynb")
    return paths


def test_check_tells_a_self_learner_points_and_help(real_notebook):
    result = run("check", real_notebook["solved"])
    assert result.exit_code == 0 and "10 of 10 points" in result.output and "✗" not in result.output
    result = run("check", real_notebook["blank"])
    assert result.exit_code == 1 and "0 of 1" in result.output and "not written yet" in result.output
    result = run("check", "--json", real_notebook["blank"])
    assert json.loads(result.output)["points"]["test_conv2d_valid"] == 0
    assert "sliding_window_view" not in result.output


def test_check_refuses_what_it_cannot_read(tmp_path):
    garbled = tmp_path / "01_dense_vs_conv.ipynb"
    garbled.write_text("{")
    other = tmp_path / "holiday.ipynb"
    other.write_text('{"cells": []}')
    for path in (garbled, other, tmp_path / "none.ipynb"):
        result = run("check", path)
        assert result.exit_code == 2 and result.output.startswith("Error: "), path
