"""Students learn on macOS and Windows as well: without forks, namespaces and Linux's modules."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

# All libraries are there already when Linux's parts are taken away, since they would look for those of another system.
SCRIPT = """
import json, os, signal, socket, sys
from pathlib import Path

import autograder.cli.classes, autograder.cli.course, autograder.cli.lms

for name in [name for name in sys.modules if name.split(".")[0] == "autograder"]:
    del sys.modules[name]
for name in ("resource", "fcntl", "pwd", "grp", "pyseccomp"):
    sys.modules[name] = None
for owner, names in ((os, ("fork", "pidfd_open", "wait4")), (socket, ("SOCK_SEQPACKET", "send_fds", "recv_fds"))):
    for name in names:
        delattr(owner, name)
sys.platform = "win32"
import autograder.cli.classes, autograder.cli.course, autograder.cli.lms

sys.platform = "darwin"
from autograder.classroom import new_class
from autograder.classroom.demo import sample_submissions
from autograder.course import Course
from autograder.files import write_notebook
from autograder.gradebook import install
from autograder.grading import grade_class
from autograder.sandbox import missing

install()

course = Course(Path(sys.argv[1]))
classroom = new_class(course, Path(sys.argv[2]), cell_seconds=5)
for student, notebook in sample_submissions(course, "01_toy").items():
    target = classroom.path / "submitted" / student / "01_toy" / "01_toy.ipynb"
    if student in ("ada", "dae", "finn"):
        write_notebook(notebook, target)
    elif student == "gus":
        target.parent.mkdir(parents=True)
        target.write_text(notebook)
records = list(grade_class(classroom, ["01_toy"], unsafe=True))
print(json.dumps([[record.as_dict() for record in records], [str(fault) for fault in missing()]]))
"""


def test_notebooks_are_checked_without_linux(toy_course, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(toy_course.root), str(tmp_path / "class")],
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    records, faults = json.loads(done.stdout.splitlines()[-1])
    assert {r["student"]: (r["status"], r["points"]["test_twice"], r["points"]["test_half"]) for r in records} == {
        "ada": ("graded", 2, 1),
        "dae": ("graded", 0, 1),
        "finn": ("timeout", 2, 0),
        "gus": ("unreadable", 0, 0),
    }
    assert {r["student"]: r["messages"] for r in records}["dae"]["test_twice"] == "twice(3) should be 6, got 9"
    assert not any(record["sandbox"] for record in records)
    assert len(faults) == 1 and "Grade on a Linux machine" in faults[0]


def test_signs_that_an_encoding_lacks_stop_nothing():
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "solution", "explain_dropout", "--give-up"],
        env=os.environ | {"PYTHONIOENCODING": "cp1252"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0 and b"1 ? rate" in done.stdout, done.stderr
