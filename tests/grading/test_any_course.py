"""Any nbgrader course is a class directory: its own configuration, and no line of a student's outside of the walls."""

import csv
import json
import pickle
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from subprocess import DEVNULL

import nbformat
import nbgrader
import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook

from autograder.classroom import ClassDirectory
from autograder.classroom.demo import sample_submissions
from autograder.classroom.directory import CONFIG_FILE
from autograder.cli.main import main
from autograder.course.release import generate_release, write_sources
from autograder.course.variants import cell_of
from autograder.files import write_notebook
from autograder.grading import grade_class
from autograder.grading.recorder import STEPS, Recorder, read_lesson
from autograder.uploads.own_files import with_own

LESSON = "01_toy"
# What a notebook outside of the walls could do: leave a file where only the instructor may write.
ESCAPE = "import os, pathlib\npathlib.Path({path!r}).write_text('outside')"

pytestmark = pytest.mark.usefixtures("sandbox")


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@lru_cache
def _released(toy_course):
    """Made once, since nbgrader starts two processes for a new gradebook."""
    made = tempfile.TemporaryDirectory()
    folder = Path(made.name) / "made"
    write_sources(toy_course, [LESSON], folder / "source")
    classroom = ClassDirectory(folder)
    generate_release(classroom.coursedir(), classroom.config, LESSON)
    return made, folder


def plain_course(toy_course, folder, config="", sample="ada", escape=True):
    """A course as nbgrader knows it: source/, what one student handed in, and no line of ours."""
    shutil.copytree(_released(toy_course)[1], folder)
    shutil.rmtree(folder / "release")  # it is made on demand
    if config is not None:
        (folder / CONFIG_FILE).write_text(f"c = get_config()\n{config}\n")
    notebook = sample_submissions(toy_course, LESSON)[sample]
    if escape:
        text = ESCAPE.format(path=str(folder / "escaped"))
        notebook.cells.insert(0, nbformat.v4.new_code_cell(f"try:\n    exec({text!r})\nexcept OSError:\n    pass"))
    write_notebook(notebook, folder / "submitted" / "ada" / LESSON / f"{LESSON}.ipynb")
    return folder


def records_of(folder, *options):
    result = run("grade", folder, "--json", folder / "records.json", *options)
    if not (folder / "records.json").is_file():
        return result, []
    return result, json.loads((folder / "records.json").read_text())["submissions"]


OWN_STEP = '''
from nbgrader.preprocessors import Execute, NbGraderPreprocessor

class Signature(NbGraderPreprocessor):
    """A harmless step: signs each notebook, after all others."""
    def preprocess(self, nb, resources):
        nb.cells[-1].metadata["signed"] = True
        return nb, resources

class MyExecute(Execute):
    pass

def runs_by_hand(nb, resources):
    from nbclient import NotebookClient
    NotebookClient(nb, allow_errors=True).execute()
    return nb, resources
'''


@pytest.mark.parametrize(
    "config",
    [
        None,
        "",
        'c.Autograde.autograde_preprocessors.append("nbgrader.preprocessors.Execute")',
        'c.Autograde.autograde_preprocessors = ["nbconvert.preprocessors.ExecutePreprocessor", '
        '"nbgrader.preprocessors.SaveAutoGrades"]\nc.ExecutePreprocessor.enabled = True',
        'c.Autograde.autograde_preprocessors = ["nbgrader.preprocessors.SaveAutoGrades"]',
        "c.ClearMetadataPreprocessor.enabled = True\n"
        'c.ClearMetadataPreprocessor.preserve_cell_metadata_mask = {"nbgrader"}',
    ],
    ids=["none", "empty", "appended", "nbconvert", "not-run", "clears-metadata"],
)
def test_a_course_without_a_line_of_ours_is_graded_in_the_walls(toy_course, tmp_path, config):
    """Fails at 981fac2: the notebook ran in an ordinary kernel on the host, and the record said "sandbox": true."""
    folder = plain_course(toy_course, tmp_path / "plain", config)
    result, (record,) = records_of(folder)
    assert result.exit_code == 0, result.output
    assert not (folder / "escaped").exists()
    assert record["sandbox"] is True and record["status"] == "graded"
    assert record["points"] == {"test_twice": 2, "test_half": 1, "explain_toy": None}
    again = records_of(folder)[1]
    assert again == [record]
    assert run("report", folder).exit_code == 0


def test_the_command_puts_the_same_steps_in_place_as_our_own_configuration(toy_course, tmp_path):
    folder = plain_course(toy_course, tmp_path / "plain", "c.Execute.timeout = 7")
    recorder = Recorder(ClassDirectory(folder))
    steps = [step for step in recorder._exporter._preprocessors if step.enabled]
    assert [type(step) for step in steps] == STEPS and steps[0].cell_seconds == 7
    assert recorder.rendering is not None


def test_harmless_steps_of_a_course_are_kept(toy_course, tmp_path):
    folder = plain_course(
        toy_course, tmp_path / "plain", 'c.Autograde.autograde_preprocessors.append("own_step.Signature")'
    )
    (folder / "own_step.py").write_text(OWN_STEP)
    result, (record,) = records_of(folder)
    assert result.exit_code == 0 and record["score"] == 3 and record["sandbox"], result.output
    graded = json.loads((folder / "autograded" / "ada" / LESSON / f"{LESSON}.ipynb").read_text())
    assert graded["cells"][-1]["metadata"]["signed"] is True and not (folder / "escaped").exists()


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ('c.Autograde.autograde_preprocessors.append("own_step.MyExecute")', "MyExecute would run students' notebooks"),
        ('c.Autograde.sanitize_preprocessors.append("own_step.MyExecute")', "MyExecute would run students' notebooks"),
        (
            'c.Autograde.autograde_preprocessors.append("autograder.grading.nbgrader_plugin.RunHere")',
            "RunHere would run students' notebooks",
        ),
        ('c.NotebookExporter.preprocessors = ["own_step.MyExecute"]', "MyExecute would run students' notebooks"),
        ('c.Autograde.autograde_preprocessors.append("own_step.runs_by_hand")', "outside of the sandbox"),
        ('c.Autograde.sanitize_preprocessors.append("own_step.Signature")', "names Signature"),
        ('c.Autograde.exporter_class = "nbconvert.exporters.HTMLExporter"', "exporter of the class's own"),
        ('c.CourseDirectory.submitted_directory = "inbox"', "expected the folder submitted/<student>/<lesson>"),
        (
            'c.CourseDirectory.directory_structure = "{nbgrader_step}/{assignment_id}/{student_id}"',
            "expected the folder",
        ),
    ],
)
def test_what_would_run_notebooks_outside_is_refused_with_a_remedy(toy_course, tmp_path, config, said):
    folder = plain_course(toy_course, tmp_path / "plain", config)
    (folder / "own_step.py").write_text(OWN_STEP)
    result = run("grade", folder)
    assert result.exit_code in (1, 2) and said in " ".join(result.output.split()), result.output
    assert "Traceback" not in result.output and not (folder / "escaped").exists()


def test_nbgraders_own_command_stays_in_the_walls_where_our_configuration_is(toy_course, tmp_path):
    config = (
        "from autograder.nbgrader_steps import configure\nconfigure(c)\n"
        'c.Autograde.autograde_preprocessors.append("nbgrader.preprocessors.Execute")'
    )
    folder = plain_course(toy_course, tmp_path / "ours", config)
    command = [sys.executable, "-m", "nbgrader"]
    subprocess.run([*command, "generate_assignment", LESSON], cwd=folder, check=True, capture_output=True)
    done = subprocess.run([*command, "autograde", LESSON], cwd=folder, check=False, capture_output=True, text=True)
    assert "Execute would run students' notebooks outside of the sandbox" in done.stderr
    assert not (folder / "escaped").exists()
    assert records_of(folder)[1][0]["sandbox"] is True


def test_a_record_says_that_nbgrader_alone_ran_it_without_walls(toy_course, tmp_path):
    """Fails at 981fac2: what nothing is known of was said to have been in the sandbox."""
    folder = plain_course(toy_course, tmp_path / "plain", escape=False)
    result, (record,) = records_of(folder, "--unsafe-no-sandbox")
    assert record["sandbox"] is False and "no sandbox" in result.output
    from autograder.gradebook.record import record_of

    assert record_of("ada", LESSON, nbformat.v4.new_notebook(), {}).sandbox is False


LATE = """
from nbgrader.plugins import BasePlugin

class HalfADay(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        import costs  # of the class's folder as well, and not before it is needed
        return costs.POINTS
"""


def test_two_classes_have_plugins_of_the_same_name_in_their_own_folders(toy_course, tmp_path):
    """Fails at 981fac2: 'late' could not be imported, though nbgrader's own commands do."""
    penalties = {}
    classes = []
    for points in (1, 2):
        folder = plain_course(
            toy_course,
            tmp_path / f"class-{points}",
            "c.AssignLatePenalties.plugin_class = 'late.HalfADay'",
            escape=False,
        )
        (folder / "late.py").write_text(LATE)
        (folder / "costs.py").write_text(f"POINTS = {points}\n")
        (folder / "submitted" / "ada" / LESSON / "timestamp.txt").write_text("2026-03-02 12:00:00 UTC\n")
        classroom = ClassDirectory(folder)
        with Gradebook(classroom.db_url) as gradebook:
            gradebook.update_or_create_assignment(LESSON, duedate="2026-03-02 09:00:00 UTC")
        classes.append(classroom)
    before = set(sys.modules)
    for classroom in [*classes, *reversed(classes)]:
        (record,) = grade_class(classroom, [LESSON], force=True)
        assert record.recorded, record.reason
        with Gradebook(classroom.db_url) as gradebook:
            penalty = gradebook.find_submission(LESSON, "ada").late_submission_penalty
        penalties.setdefault(classroom.path.name, []).append(penalty)
    assert penalties == {"class-1": [1, 1], "class-2": [2, 2]}
    assert not {"late", "costs"} & (set(sys.modules) - before) and not any("class-" in path for path in sys.path)


@pytest.mark.parametrize("setting", ["c.CourseDirectory.db_url", "c.NbGrader.db_url"])
def test_the_gradebook_of_a_relative_address_is_the_class_s(toy_course, tmp_path, monkeypatch, setting):
    """Fails at 981fac2: it was looked for where the command was typed."""
    folder = plain_course(toy_course, tmp_path / "plain", f"{setting} = 'sqlite:///grades.db'", escape=False)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert run("grade", folder).exit_code == 0
    assert (folder / "grades.db").is_file() and not any((tmp_path / "elsewhere").iterdir())


GUIDE = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide"


def state(folder):
    """Bytes and times of all files below a folder."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def points_in_books(folder, lesson, student):
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        notebooks = gradebook.find_submission(lesson, student).notebooks
        return {
            (notebook.name, grade.name): (grade.auto_score, grade.needs_manual_grade)
            for notebook in notebooks
            for grade in notebook.grades
        }


def test_nbgraders_quickstart_is_graded_as_nbgrader_does(tmp_path):
    """Fails at df4d209: "there is no 'ps1.ipynb', only problem1.ipynb, problem2.ipynb"."""
    nbgraders = [sys.executable, "-m", "nbgrader"]
    subprocess.run([*nbgraders, "quickstart", "course"], cwd=tmp_path, check=True, capture_output=True)
    course = tmp_path / "course"
    shutil.copytree(GUIDE / "submitted", course / "submitted")
    shutil.copytree(course / "submitted" / "hacker", course / "submitted" / "reasoner")
    (course / "submitted" / "reasoner" / "ps1" / "problem2.ipynb").unlink()
    stock = tmp_path / "stock"
    shutil.copytree(course, stock)
    by_nbgrader = [subprocess.list2cmdline([*nbgraders, what, "ps1"]) for what in ("generate_assignment", "autograde")]
    graded = subprocess.Popen(" && ".join(by_nbgrader), shell=True, cwd=stock, stdout=DEVNULL, stderr=DEVNULL)

    before = state(course / "source")
    result, records = records_of(course)
    assert result.exit_code == 0 and state(course / "source") == before, result.output
    assert "3 submission(s) of 6 notebooks: 5 graded, 1 missing" in result.output
    assert [(record["student"], record["notebook"], record["status"]) for record in records] == [
        ("bitdiddle", "problem1", "graded"),
        ("bitdiddle", "problem2", "graded"),
        ("hacker", "problem1", "graded"),
        ("hacker", "problem2", "graded"),
        ("reasoner", "problem1", "graded"),
        ("reasoner", "problem2", "missing"),
    ]
    assert records[-1]["points"] == {"part-a": 0, "part-b": 0} and "notebook is missing" in records[-1]["reason"]
    assert graded.wait() == 0
    # The test deletes a function of the student's, which the judge does not have.
    apart = ("problem1", "sum_of_squares_uses_squares")
    # A mistake in `squares` counts once here: nbgrader takes the points of `sum_of_squares`, too.
    once = ("problem1", "correct_sum_of_squares")
    for student in ("bitdiddle", "hacker", "reasoner"):
        ours, theirs = points_in_books(course, "ps1", student), points_in_books(stock, "ps1", student)
        different = {cell for cell in ours | theirs if ours.get(cell) != theirs.get(cell)}
        assert different <= ({apart, once} if student == "bitdiddle" else {apart}), (student, ours, theirs)

    assert run("report", course).exit_code == 0
    rows = list(csv.DictReader((course / "report.csv").read_text("utf-8-sig").splitlines()))
    assert {row["exercise"] for row in rows if row["student"] == "hacker"} >= {
        "problem1/correct_squares",
        "problem2/part-b",
    }
    exported = run("export", course, "--format", "csv", "-o", tmp_path / "grades.csv")
    assert exported.exit_code == 0, exported.output
    sums = {row["student_id"]: row for row in csv.DictReader((tmp_path / "grades.csv").read_text().splitlines())}
    for student, row in sums.items():
        scores = [record["score"] for record in records if record["student"] == student]
        assert (
            float(row["raw_score"]) == sum(scores) and row["max_score"] == "13" and row["needs_manual_grade"] == "yes"
        )
    for student in sums:
        pages = {path.name for path in (course / "feedback" / student / "ps1").iterdir()}
        assert pages == {"problem1.html", "problem2.html"}
    assert "was not handed in" in (course / "feedback" / "reasoner" / "ps1" / "problem2.html").read_text()


def cell(kind, source, **marks):
    """A cell as old programs wrote it, without an id."""
    code = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "source": source, "metadata": {"nbgrader": marks} if marks else {}, **code}


def notebook_of(cells, minor, **metadata):
    return {"nbformat": 4, "nbformat_minor": minor, "metadata": metadata, "cells": cells}


def write_raw(folder, **notebooks):
    folder.mkdir(parents=True, exist_ok=True)
    for name, notebook in notebooks.items():
        (folder / f"{name}.ipynb").write_text(json.dumps(notebook))


NEW, LOCKED = {"schema_version": 3, "locked": False}, {"schema_version": 3, "locked": True}


def lists(answer, test="assert total([1, 2]) == 3"):
    """Of nbformat 4.0 and nbgrader 0.4: no versions in the metadata, no ids, and tests that are not locked."""
    return notebook_of(
        [
            cell("markdown", "# Lists"),
            cell("code", answer, solution=True, grade_id="total"),
            cell("code", test, grade=True, grade_id="test_total", points="2"),
            cell("code", "essay = 1", grade=True, solution=True, grade_id="essay", points=1),
        ],
        0,
        kernelspec={"name": "conda-env-course-py", "display_name": "Course"},
    )


def files(answer):
    """Of nbformat 4.5, but without ids; the cells are called like those of the other notebook; with a task."""
    return notebook_of(
        [
            cell("code", "import helper\nrows = open('data/numbers.csv').read().split()"),
            cell("code", answer, solution=True, grade=False, grade_id="total", **NEW),
            cell("code", "assert total() == 60", grade=True, solution=False, grade_id="test_total", points=3, **NEW),
            cell("markdown", "Plot it.", task=True, grade=False, solution=False, grade_id="plot", points=4, **LOCKED),
        ],
        5,
    )


SECRET_TEST = (
    "assert total([1, 2]) == 3\n  # BEGIN HIDDEN TESTS: edges\nassert total([]) == 0  # secret\n# END HIDDEN TESTS"
)
LISTS = "def total(values):\n    ### BEGIN SOLUTION\n    return sum(values)\n    ### END SOLUTION"
FILES = "def total():\n    ### BEGIN SOLUTION\n    return sum(map(int, rows)) * helper.FACTOR\n    ### END SOLUTION"
OWN_CONFIG = """c = get_config()
c.CourseDirectory.course_id = "old"
c.CourseDirectory.assignment_id = "week1"
c.CourseDirectory.student_id_exclude = "zoe"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.secret"]
c.CourseDirectory.db_url = "sqlite:///gradebook.db"
"""


def old_course(folder):
    """A lesson of two graded notebooks, one that is not graded, data and a module; four students and one who is left out."""
    source = folder / "source" / "week1"
    write_raw(
        source,
        lists=lists(LISTS, SECRET_TEST),
        files=files(FILES),
        notes=notebook_of([cell("markdown", "Read this.")], 2),
    )
    (folder / CONFIG_FILE).write_text(OWN_CONFIG)
    (source / "data").mkdir()
    (source / "data" / "numbers.csv").write_text("10 20\n")
    (source / "helper.py").write_text("FACTOR = 2\n")
    (source / "key.secret").write_text("42")
    right = {
        "lists": lists("def total(values):\n    return sum(values)"),
        "files": files("def total():\n    return sum(map(int, rows)) * helper.FACTOR"),
    }
    submitted = folder / "submitted"
    write_raw(submitted / "ann" / "week1", **right)
    # What she changed in the lesson's own files does not count.
    (submitted / "ann" / "week1" / "data").mkdir()
    (submitted / "ann" / "week1" / "data" / "numbers.csv").write_text("30\n")
    (submitted / "ann" / "week1" / "helper.py").write_text("raise SystemExit\n")
    (submitted / "ann" / "week1" / "timestamp.txt").write_text("2026-03-02 12:00:00 UTC\n")
    write_raw(submitted / "bob" / "week1", lists=lists("def total(values):\n    return 0"))
    write_raw(submitted / "dan" / "week1", **{"files (1)": right["files"], "lists": right["lists"]})
    (submitted / "dan" / "week1" / "data").write_text("a file where the lesson has a folder")
    write_raw(submitted / "eve" / "week1", homework=right["lists"])
    write_raw(submitted / "zoe" / "week1", **right)
    return folder


def test_a_lesson_of_several_old_notebooks_is_graded_notebook_by_notebook(tmp_path):
    """Fails at df4d209: a lesson had one notebook, named like its folder."""
    folder = old_course(tmp_path / "old")
    before = state(folder / "source")
    result, records = records_of(folder)
    by_name = {(record["student"], record.get("notebook")): record for record in records}
    assert result.exit_code == 1 and "is neither 'files.ipynb' nor 'lists.ipynb', only homework.ipynb" in " ".join(
        result.output.split()
    )
    assert {name: (record["status"], record["points"]) for name, record in by_name.items()} == {
        ("ann", "files"): ("graded", {"test_total": 3, "plot": None}),
        ("ann", "lists"): ("graded", {"test_total": 2, "essay": None}),
        ("bob", "files"): ("missing", {"test_total": 0, "plot": 0}),
        ("bob", "lists"): ("graded", {"test_total": 0, "essay": None}),
        ("dan", "files"): ("graded", {"test_total": 3, "plot": None}),
        ("dan", "lists"): ("graded", {"test_total": 2, "essay": None}),
        ("eve", "files"): ("not_recorded", {}),
    }
    assert "named 'files (1).ipynb'" in by_name["dan", "files"]["repaired"][0]
    assert "ann │ week1 │ 5 / 10 │ 5 to grade │ graded │" in " ".join(result.output.split())
    assert (folder / "autograded" / "ann" / "week1" / "data" / "numbers.csv").read_text() == "10 20\n"
    assert not (folder / "autograded" / "ann" / "week1" / "key.secret").exists()
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        assert str(gradebook.find_submission("week1", "ann").timestamp) == "2026-03-02 12:00:00"
    page = (folder / "feedback" / "ann" / "week1" / "files.html").read_text()
    assert "secret" not in (folder / "feedback" / "ann" / "week1" / "lists.html").read_text()
    assert "Plot it." in page and "waits for your instructor" in page

    # Again, nothing is run; what is handed in later is.
    run_before = (folder / "journal.jsonl").read_text()
    assert records_of(folder)[1] == records and (folder / "journal.jsonl").read_text() == run_before
    write_raw(folder / "submitted" / "bob" / "week1", files=files("def total():\n    return 60"))
    record = next(one for one in records_of(folder)[1] if (one["student"], one.get("notebook")) == ("bob", "files"))
    assert (record["status"], record["points"]) == ("graded", {"test_total": 3, "plot": None})
    # The lesson's own data are part of what a record depends on.
    (folder / "source" / "week1" / "data" / "numbers.csv").write_text("10 30\n")
    changed = {(one["student"], one.get("notebook")): one for one in records_of(folder)[1]}
    assert changed["ann", "lists"]["score"] == 2
    # The solution does not give what the test asks for any more, so that one is left to a person.
    assert [changed[name, "files"]["points"]["test_total"] for name in ("ann", "bob")] == [None, None]
    (folder / "source" / "week1" / "data" / "numbers.csv").unlink()
    assert {path: content for path, content in before.items() if path.name != "numbers.csv"} == state(folder / "source")


def test_what_a_class_of_one_notebook_keeps_has_no_name_of_it(toy_course, tmp_path):
    """Classes that were made before lessons had several notebooks go on as they were."""
    folder = plain_course(toy_course, tmp_path / "plain", escape=False)
    _, (record,) = records_of(folder)
    lines = [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
    releases = [json.loads(line) for line in (folder / "releases.jsonl").read_text().splitlines()]
    assert "notebook" not in record and [set(line) for line in lines] == [{"student", "lesson", "key", "seconds"}]
    assert all(set(release) == {"lesson", "cells"} for release in releases)
    assert run("grade", folder).exit_code == 0
    assert len((folder / "journal.jsonl").read_text().splitlines()) == 1


def test_the_only_notebook_need_not_be_named_like_its_folder(toy_course, tmp_path):
    folder = plain_course(toy_course, tmp_path / "plain", escape=False)
    for notebook in list(folder.glob(f"*/**/{LESSON}.ipynb")):
        notebook.rename(notebook.with_name("homework.ipynb" if "source" in notebook.parts else "my answers.ipynb"))
    result, (record,) = records_of(folder)
    assert result.exit_code == 0 and (record["lesson"], record["notebook"], record["score"]) == (LESSON, "homework", 3)
    assert Path(record["feedback"]).name == "homework.html" and Path(record["feedback"]).is_file()
    assert run("report", folder).exit_code == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda notebook: notebook.metadata.update(kernelspec={"language": "R", "name": "ir"}), "of the language r"),
        (lambda notebook: notebook.metadata.update(kernelspec={"name": "ir"}, language_info={}), "of the language r"),
        (lambda notebook: edit(notebook, "### AUTOTEST twice(2)"), "No such file or directory: 'autotests.yml'"),
        (
            lambda notebook: notebook.cells.append(nbformat.from_dict({**cell_of(notebook, "half"), "id": "copy"})),
            "several cells have the id 'half'",
        ),
    ],
)
def test_a_lesson_that_cannot_be_judged_is_refused(toy_course, tmp_path, change, said):
    folder = plain_course(toy_course, tmp_path / "plain")
    path = folder / "source" / LESSON / f"{LESSON}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    write_notebook(notebook, path)
    result = run("grade", folder)
    assert result.exit_code == 2 and said in " ".join(result.output.split()), result.output


def test_tests_that_nbgrader_generates_are_judged(tmp_path):
    """Fails at df4d209: a lesson with AUTOTEST lines was refused."""
    folder = tmp_path / "auto"
    notebook = lists(LISTS, "### AUTOTEST total([1, 2]); total([])\n### HASHED AUTOTEST total([5, 6])")
    notebook["metadata"]["kernelspec"]["name"] = "python3"
    write_raw(folder / "source" / "week1", lists=notebook)
    shutil.copy(GUIDE / "autotests.yml", folder)
    write_raw(folder / "submitted" / "ann" / "week1", lists=lists("def total(values):\n    return sum(values)"))
    write_raw(folder / "submitted" / "bob" / "week1", lists=lists("def total(values):\n    return 3"))
    before = state(folder / "source")
    result, (ann, bob) = records_of(folder)
    assert result.exit_code == 0 and ann["points"]["test_total"] == 2 and bob["points"]["test_total"] == 0, (
        result.output
    )
    assert bob["messages"]["test_total"] == "value of total([]) is not correct"
    assert state(folder / "source") == before and records_of(folder)[1] == [ann, bob]
    assert "AUTOTEST" not in (folder / "release" / "week1" / "lists.ipynb").read_text()
    notebook["cells"][2]["source"] = "### AUTOTEST total([3])"
    write_raw(folder / "source" / "week1", lists=notebook)
    assert [record["points"]["test_total"] for record in records_of(folder)[1]] == [2, 2]


def test_what_cannot_be_graded_is_refused_before_anything_is_run(tmp_path):
    folder = tmp_path / "refused"
    write_raw(folder / "source" / "week1", intro=notebook_of([cell("markdown", "Hello")], 4))
    result = run("grade", folder)
    assert result.exit_code == 2 and "no notebook in it has a graded cell: intro.ipynb" in " ".join(
        result.output.split()
    )
    write_raw(folder / "source" / "week1", lists=lists(LISTS))
    with (folder / "source" / "week1" / "film.mp4").open("wb") as film:
        film.truncate(33 * 2**20)
    result = run("grade", folder)
    assert result.exit_code == 2 and "1 files with 33 MB lie beside the notebooks" in " ".join(result.output.split())
    (folder / CONFIG_FILE).write_text("c = get_config()\nc.Autograde.exclude_overwriting = {'week1': ['film.mp4']}\n")
    assert run("grade", folder).exit_code == 0
    (folder / "source" / "week1" / "lists.ipynb").write_text("{")
    result = run("grade", folder)
    assert result.exit_code == 2 and "the notebook cannot be read" in result.output and "Traceback" not in result.output


def test_the_lesson_s_files_win_where_a_student_s_are_in_the_way():
    own = {"data/numbers.csv": b"1", "helper.py": b"2", "a/b": b"3"}
    handed_in = {"data": b"x", "helper.py/x": b"x", "a/b/c": b"x", "a/c": b"kept", "mine.py": b"kept", "a/b": b"x"}
    assert with_own(handed_in, own) == own | {"a/c": b"kept", "mine.py": b"kept"}


def test_a_lesson_with_large_files_is_small_for_the_pool_of_this_machine(tmp_path):
    folder = old_course(tmp_path / "old")
    (tmp_path / "shared.bin").write_bytes(bytes(5 * 2**20))
    (folder / "source" / "week1" / "large.bin").symlink_to(tmp_path / "shared.bin")
    shutil.copytree(folder / "source", folder / "release")
    classroom = ClassDirectory(folder)
    here, elsewhere = (read_lesson(classroom, "week1", "lists", here=here) for here in (True, False))
    assert set(here.own_files) == {"data/numbers.csv", "helper.py", "large.bin"} and here == replace(
        elsewhere, own_folder=here.own_folder
    )
    small, large = pickle.dumps(here), pickle.dumps(elsewhere)
    assert len(small) < 20_000 < 5 * 2**20 < len(large)
    assert pickle.loads(small) == here and pickle.loads(large) == elsewhere


def edit(notebook, text):
    cell_of(notebook, "test_twice").source = text


def test_a_kernel_of_another_name_is_no_fault(toy_course, tmp_path):
    folder = plain_course(toy_course, tmp_path / "plain", escape=False)
    for path in folder.glob("*/**/*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        notebook.metadata["kernelspec"] = {"name": "conda-env-course", "display_name": "Course", "language": "python"}
        write_notebook(notebook, path)
    result, (record,) = records_of(folder)
    assert result.exit_code == 0 and record["score"] == 3, result.output
