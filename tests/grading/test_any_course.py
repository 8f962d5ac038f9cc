"""Any nbgrader course is a class directory: its own configuration, and no line of a student's outside of the walls."""

import json
import shutil
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

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
from autograder.grading.recorder import STEPS, Recorder

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


def test_the_gradebook_of_a_relative_address_is_the_class_s(toy_course, tmp_path, monkeypatch):
    """Fails at 981fac2: it was looked for where the command was typed."""
    folder = plain_course(
        toy_course, tmp_path / "plain", "c.CourseDirectory.db_url = 'sqlite:///grades.db'", escape=False
    )
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert run("grade", folder).exit_code == 0
    assert (folder / "grades.db").is_file() and not any((tmp_path / "elsewhere").iterdir())


def test_nbgraders_own_sample_course_is_graded_in_the_walls(tmp_path):
    """Fails at 981fac2: its notebooks are of nbformat 4.0, without ids of cells, and no record could be made."""
    guide = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide"
    course = tmp_path / "course101"
    shutil.copytree(guide / "source" / "ps1", course / "source" / "ps1", ignore=shutil.ignore_patterns("*.html"))
    (course / CONFIG_FILE).write_text('c = get_config()\nc.CourseDirectory.course_id = "course101"\n')
    result = run("grade", course)
    assert result.exit_code == 2 and "there is no 'ps1.ipynb', only problem1.ipynb, problem2.ipynb" in result.output
    before = {path.name: path.read_bytes() for path in (course / "source" / "ps1").iterdir()}
    (course / "source" / "ps1").rename(course / "source" / "problem1")
    result = run("grade", course)
    assert result.exit_code == 2 and "another notebook with graded cells, problem2.ipynb" in result.output
    (course / "source" / "problem1" / "problem2.ipynb").unlink()
    for student in ("bitdiddle", "hacker"):
        shutil.copytree(guide / "submitted" / student / "ps1", course / "submitted" / student / "problem1")
    result, records = records_of(course)
    assert result.exit_code == 0 and all(record["sandbox"] for record in records), result.output
    points = {record["student"]: record["points"] for record in records}
    assert points["hacker"]["correct_squares"] == 1 and points["bitdiddle"]["correct_squares"] == 0
    assert points["hacker"]["sum_of_squares_equation"] is None
    assert {path.name: path.read_bytes() for path in (course / "source" / "problem1").iterdir()} == {
        name: content for name, content in before.items() if name != "problem2.ipynb"
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda notebook: notebook.metadata.update(kernelspec={"language": "R", "name": "ir"}), "of the language r"),
        (lambda notebook: edit(notebook, "### AUTOTEST twice(2)"), "AUTOTEST lines"),
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
