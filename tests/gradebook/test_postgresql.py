"""The gradebook on a real PostgreSQL server, started for these tests alone."""

import csv
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import system_needs
from click.testing import CliRunner

from autograder.classroom import new_class
from autograder.classroom.demo import sample_submissions
from autograder.cli.main import main
from autograder.files import write_notebook
from autograder.gradebook.scores import scores
from autograder.grading import grade_class

pytestmark = pytest.mark.usefixtures("sandbox")

LESSON = "01_toy"
STUDENTS = ("ada", "ben", "dae", "gus")


@pytest.fixture(scope="module")
def server():
    """Address of a server that listens on a Unix socket only."""
    system_needs.require("postgresql")
    initdb = system_needs.initdb()
    pg_ctl = str(Path(initdb).with_name("pg_ctl"))
    # The server refuses to run as root.
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    # Socket paths may have a hundred characters, which pytest's folders exceed.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if user:
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    try:
        command = [*user, initdb, "-D", str(data), "-U", "teacher", "--auth=trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(command, check=True, capture_output=True, cwd=folder)
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        command = [*user, pg_ctl, "-D", str(data), "-w", "-o", options, "-l", str(folder / "log"), "start"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
        yield f"postgresql://teacher@/{{name}}?host={folder}", [*user, str(Path(initdb).with_name("createdb"))], folder
    finally:
        command = [*user, pg_ctl, "-D", str(data), "-m", "immediate", "stop"]
        subprocess.run(command, check=False, capture_output=True, cwd=folder)
        shutil.rmtree(folder, ignore_errors=True)


def graded(toy_course, path, db_url=None):
    classroom = new_class(toy_course, path, db_url=db_url)
    for student in STUDENTS:
        notebook = sample_submissions(toy_course, LESSON)[student]
        target = path / "submitted" / student / LESSON / f"{LESSON}.ipynb"
        if isinstance(notebook, str):
            target.parent.mkdir(parents=True)
            target.write_text(notebook)
        else:
            write_notebook(notebook, target)
    assert all(record.recorded for record in grade_class(classroom, [LESSON]))
    return {student: scores(classroom.db_url, student, LESSON) for student in STUDENTS}


def test_scores_are_those_of_sqlite_and_nbgrader_exports_them(server, toy_course, tmp_path):
    address, createdb, folder = server
    subprocess.run([*createdb, "-h", str(folder), "-U", "teacher", "autumn"], check=True, cwd=folder)
    on_server = graded(toy_course, tmp_path / "server", address.format(name="autumn"))
    assert not (tmp_path / "server" / "gradebook.db").exists()
    assert on_server == graded(toy_course, tmp_path / "file")
    points = {cell: score.score for cell, score in on_server["dae"].items()}
    assert points == {"test_twice": 0, "test_half": 1, "explain_toy": None}

    command = [sys.executable, "-m", "nbgrader", "export", "--to", "grades.csv"]
    subprocess.run(command, cwd=tmp_path / "server", check=True, capture_output=True)
    rows = list(csv.DictReader((tmp_path / "server" / "grades.csv").open()))
    assert {row["student_id"]: float(row["raw_score"]) for row in rows} == {"ada": 3, "ben": 0, "dae": 1, "gus": 0}


def test_a_database_that_is_not_there_is_named_before_anything_is_made(server, tmp_path):
    address, *_ = server
    result = CliRunner().invoke(main, ["new", str(tmp_path / "class"), "--db", address.format(name="nowhere")])
    assert result.exit_code == 1 and "nowhere" in result.output and "Traceback" not in result.output
    assert not (tmp_path / "class").exists()
