"""Batches: however many workers there are, wherever they run and whoever dies, the books say the same."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from autograder.classroom import new_class
from autograder.course import ClassDirectory, Submission
from autograder.demo import sample_submissions
from autograder.errors import FarmError
from autograder.farm import Farm
from autograder.grade import grade_class
from autograder.journal import FILE, Journal
from autograder.release import write_notebook

LESSON = "01_toy"
KINDS = ("ada", "ben", "chloe", "dae", "hana", "ivo")


@pytest.fixture(scope="module")
def classroom(toy_course, tmp_path_factory):
    """A class of twelve, not graded yet."""
    made = new_class(toy_course, tmp_path_factory.mktemp("farm") / "class")
    samples = sample_submissions(toy_course, LESSON)
    for number in range(12):
        notebook = nbformat.from_dict(samples[KINDS[number % len(KINDS)]])
        notebook.cells[0].source += f"\n\nStudent {number}"
        write_notebook(notebook, made.path / "submitted" / f"s{number:02}" / LESSON / f"{LESSON}.ipynb")
    return made


def copy_of(classroom, path):
    """The same class elsewhere; the gradebook's address is part of its configuration."""
    shutil.copytree(classroom.path, path)
    config = path / "nbgrader_config.py"
    config.write_text(config.read_text().replace(str(classroom.path), str(path)))
    return ClassDirectory(path)


def grades(classroom):
    """What the gradebook holds, whatever its internal ids are."""
    with sqlite3.connect(classroom.path / "gradebook.db") as books:
        rows = books.execute(
            "select student.id, base_cell.name, grade.auto_score, grade.manual_score, grade.needs_manual_grade from grade"
            " join submitted_notebook on grade.notebook_id = submitted_notebook.id"
            " join submitted_assignment on submitted_notebook.assignment_id = submitted_assignment.id"
            " join student on submitted_assignment.student_id = student.id"
            " join base_cell on grade.cell_id = base_cell.id order by 1, 2"
        )
        return rows.fetchall()


def written(classroom):
    """Graded notebooks and feedback by their relative paths."""
    files = [path for folder in ("autograded", "feedback") for path in (classroom.path / folder).rglob("*.*")]
    return {
        str(path.relative_to(classroom.path)): path.read_bytes() for path in files if path.suffix in (".ipynb", ".html")
    }


@pytest.fixture(scope="module")
def undisturbed(classroom, tmp_path_factory):
    """Graded by one worker, without any trouble."""
    made = copy_of(classroom, tmp_path_factory.mktemp("undisturbed") / "class")
    records = list(grade_class(made, [LESSON], workers=1))
    assert {record.status for record in records} == {"graded"}
    return made


def test_many_workers_write_what_one_writes(classroom, undisturbed, tmp_path):
    made = copy_of(classroom, tmp_path / "class")
    list(grade_class(made, [LESSON], workers=3))
    assert grades(made) == grades(undisturbed) and len(grades(made)) == 36
    assert written(made) == written(undisturbed)


def test_workers_of_a_scheduler_need_no_class_directory(classroom, undisturbed, tmp_path):
    made = copy_of(classroom, tmp_path / "class")
    address = tmp_path / "scheduler.json"
    dask = [
        sys.executable,
        "-m",
        "distributed.cli.dask_scheduler",
        "--no-dashboard",
        "--port",
        "0",
        "--host",
        "127.0.0.1",
    ]
    processes = [subprocess.Popen([*dask, "--scheduler-file", str(address)], cwd=tmp_path, stderr=subprocess.DEVNULL)]
    try:
        for name in ("one", "two"):
            folder = tmp_path / name
            folder.mkdir()
            worker = [
                sys.executable,
                "-m",
                "distributed.cli.dask_worker",
                "--scheduler-file",
                str(address),
                "--no-dashboard",
            ]
            worker += ["--nworkers", "1", "--nthreads", "1", "--local-directory", str(folder), "--host", "127.0.0.1"]
            processes.append(subprocess.Popen(worker, cwd=folder, stderr=subprocess.DEVNULL))
        deadline = time.monotonic() + 60
        while not (address.exists() and address.read_text().strip()) and time.monotonic() < deadline:
            time.sleep(0.1)
        scheduler = json.loads(address.read_text())["address"]
        records = list(grade_class(made, [LESSON], scheduler=scheduler))
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            process.wait(30)
    assert {record.status for record in records} == {"graded"}
    assert grades(made) == grades(undisturbed)


def test_a_scheduler_that_is_not_there_is_named():
    with pytest.raises(FarmError, match=r"no Dask scheduler at tcp://127\.0\.0\.1:9"):
        Farm(scheduler="tcp://127.0.0.1:9")


def test_whoever_is_killed_the_books_are_right_in_the_end(classroom, undisturbed, tmp_path):
    """Kill the coordinator or a warm parent at random moments, start again, until nothing is left to do."""
    made = copy_of(classroom, tmp_path / "class")
    chance = random.Random(4)
    command = [sys.executable, "-m", "autograder", "grade", str(made.path), "--workers", "2"]
    for kind in ("coordinator", "warm parent", "coordinator"):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        before = len(Journal(made.path)._keys)
        deadline = time.monotonic() + 60
        while process.poll() is None and len(Journal(made.path)._keys) < before + 1 and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(chance.random() * 0.5)
        victim = (
            process.pid if kind == "coordinator" else below(process.pid, "judge" if kind == "warm parent" else "worker")
        )
        if victim:
            os.kill(victim, signal.SIGKILL)
        if kind == "coordinator":
            process.wait(30)
        else:
            process.wait(120)
            break_even = Journal(made.path)._keys
            assert len(break_even) == 12
            # Begin anew, so that there is something to disturb.
            (made.path / FILE).unlink()
    assert subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0
    assert grades(made) == grades(undisturbed)
    assert written(made) == written(undisturbed)


def below(pid, kind):
    """The outermost process of a warm parent that was started by process `pid`; None if it is gone."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            command = (path.parent / "cmdline").read_bytes()
        except (OSError, ValueError):
            continue
        if parent == pid and f"autograder.warm\0{kind}".encode() in command:
            return int(path.parent.name)
    return None


def test_a_journal_forgets_a_line_that_was_cut_off(tmp_path):
    one, two = (Submission(name, LESSON, tmp_path) for name in ("one", "two"))
    Journal(tmp_path).write(one, "a")
    with open(tmp_path / FILE, "a") as file:
        file.write('{"student": "two", "les')
    journal = Journal(tmp_path)
    assert (journal.key(one), journal.key(two)) == ("a", None)
    journal.write(two, "b")
    assert (Journal(tmp_path).key(one), Journal(tmp_path).key(two)) == ("a", "b")
