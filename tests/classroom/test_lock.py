"""Two runs never write into one class at once, and a run that was killed is in nobody's way."""

import os
import shutil
import signal
import subprocess
import sys
import zipfile

import pytest
from click.testing import CliRunner

from autograder.classroom import new_class, writing
from autograder.classroom.demo import sample_submissions
from autograder.classroom.lock import HOLDER
from autograder.cli.main import main
from autograder.errors import ClassInUse
from autograder.files import write_notebook

LESSON = "01_toy"
HOLDS = """
import sys, time
from pathlib import Path
from autograder.classroom import writing
with writing(Path(sys.argv[1]), "grade"):
    print("held", flush=True)
    time.sleep(600)
"""


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def classroom(toy_course, tmp_path_factory):
    classroom = new_class(toy_course, tmp_path_factory.mktemp("lock") / "class")
    notebook = sample_submissions(toy_course, LESSON)["ada"]
    write_notebook(notebook, classroom.path / "submitted" / "ada" / LESSON / f"{LESSON}.ipynb")
    return classroom


@pytest.fixture
def other(classroom):
    """Another process that grades the class."""
    process = subprocess.Popen([sys.executable, "-c", HOLDS, str(classroom.path)], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.usefixtures("sandbox")
def test_a_second_run_is_told_who_is_at_it_and_the_killed_one_leaves_nothing(classroom, other, tmp_path):
    """Fails at 981fac2: both wrote into the same gradebook, journal and folders."""
    archive = tmp_path / "ada.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(classroom.path / "submitted" / "ada" / LESSON / f"{LESSON}.ipynb", f"ada/{LESSON}.ipynb")
    for command in (["grade", classroom.path], ["import", classroom.path, LESSON, archive]):
        result = run(*command)
        assert result.exit_code == 1 and f"(process {other.pid})" in result.output, result.output
        assert "another 'grade' is running on this class since" in result.output and "Traceback" not in result.output
        assert not (classroom.path / "autograded").exists()
    for command in (["report", classroom.path], ["export", classroom.path, "--format", "canvas"]):
        assert "is running on this class" not in run(*command).output
    os.kill(other.pid, signal.SIGKILL)
    other.wait()
    assert run("grade", classroom.path).exit_code == 0
    assert not (classroom.path / HOLDER).exists()


@pytest.mark.usefixtures("sandbox")
def test_a_regrading_waits_for_nobody_before_it_writes(classroom, other):
    source = classroom.path / "source" / LESSON / f"{LESSON}.ipynb"
    kept = source.read_text()
    try:
        source.write_text(kept.replace("twice(3) should be 6", "twice(3) has to be 6"))
        result = run("regrade", classroom.path, "--dry-run")
        assert result.exit_code == 0, result.output
        result = run("regrade", classroom.path, "--yes")
        assert result.exit_code in (0, 1) and (result.exit_code == 0 or "is running on this class" in result.output)
    finally:
        source.write_text(kept)


@pytest.mark.parametrize(
    "said", ["", "[]", '{"command": "\\u001b[2Jgrade"}', '{"since": "?", "process": 4, "machine": "far"}']
)
def test_what_the_other_process_wrote_is_shown_with_care(tmp_path, said):
    with writing(tmp_path, "grade"):
        (tmp_path / HOLDER).write_text(said)
        with pytest.raises(ClassInUse) as caught, writing(tmp_path, "grade"):
            pass
    assert "\x1b" not in str(caught.value) and "is running on this class" in str(caught.value)
    with writing(tmp_path, "grade"):
        pass
    shutil.rmtree(tmp_path)
    with pytest.raises(Exception, match="cannot be written"), writing(tmp_path, "grade"):
        pass
