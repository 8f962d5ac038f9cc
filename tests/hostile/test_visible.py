"""Secrets beside the system, an interpreter or an environment are invisible inside the walls, or nothing is graded."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from nbgrader.coursedir import CourseDirectory

from autograder.classroom import new_class
from autograder.classroom.directory import secret_paths
from autograder.cli.main import main
from autograder.errors import SandboxUnavailable
from autograder.execution import Runner, shared_runner
from autograder.sandbox import visible
from autograder.sandbox.visible import exposed

pytestmark = pytest.mark.usefixtures("sandbox")

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = Path(os.path.realpath(sys.prefix)) / "lib"
SECRET = "hidden-test-4471"

READ = """
import os
for path in {paths!r}:
    for at, folders, files in os.walk(path):
        for name in files:
            try:
                text = open(os.path.join(at, name), errors="replace").read()
            except OSError:
                continue
            print("BREACH", at, name)
print("looked")
"""


def copied_course(folder):
    """Copy a checkout with everything a course has: code, solutions, and a class with other students' work."""
    folder.mkdir(parents=True)
    for name in ("autograder", "convlab"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for secret in (
        "solutions/01_toy/01_toy.py",
        "class/source/01_toy/01_toy.ipynb",
        "class/submitted/ada/01_toy/01_toy.ipynb",
    ):
        (folder / secret).parent.mkdir(parents=True)
        (folder / secret).write_text(SECRET)
    return folder


def said(mounts, python, course, cell):
    """What a cell prints in a worker of the checkout `course`, on a machine with these additional mounts."""
    code = (
        "import json, nbformat\n"
        "from autograder.execution import Runner\n"
        f"notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell({cell!r})])\n"
        "with Runner() as runner:\n    runner.check()\n    print(json.dumps(runner.run(notebook).outputs))"
    )
    machine = ["bwrap", "--dev-bind", "/", "/", *map(str, mounts), "--chdir", course]
    run = subprocess.run([*machine, python, "-c", code], capture_output=True, text=True, check=False)
    return run.stdout + run.stderr


@pytest.mark.parametrize("course", ["/usr/src/app", "/usr/local/src/app", "/usr/share/app", "/opt/app/course"])
def test_a_course_beside_what_is_seen_cannot_be_read(course, tmp_path):
    """Fails at 981fac2: /usr and the environment, here /opt/app, are fully visible. Docker often uses /usr/src/app."""
    copied_course(tmp_path / "course")
    (installed,) = Path(sys.prefix).glob("lib/*/site-packages/*editable*convlab*.pth")
    (tmp_path / "installed.pth").write_text(f"{course}\n")
    # A whole environment is too large to copy, so it is bind-mounted to where it should be.
    (tmp_path / "environment").mkdir()
    for name in ("lib", "bin"):
        (tmp_path / "environment" / name).mkdir()
    (tmp_path / "environment" / "pyvenv.cfg").write_text(Path(sys.prefix, "pyvenv.cfg").read_text())
    (tmp_path / "environment" / "course").mkdir()
    above = Path(course).parent
    mounts = ["--tmpfs", "/opt", "--bind", tmp_path / "environment", "/opt/app"]
    mounts += [part for name in ("lib", "bin") for part in ("--bind", Path(sys.prefix, name), f"/opt/app/{name}")]
    mounts += ["--bind", tmp_path / "installed.pth", Path("/opt/app", installed.relative_to(sys.prefix))]
    mounts += [*(() if above == Path("/opt/app") else ("--tmpfs", above)), "--bind", tmp_path / "course", course]
    answer = said(mounts, "/opt/app/bin/python", course, READ.format(paths=[f"{course}/solutions", f"{course}/class"]))
    assert "looked" in answer and "BREACH" not in answer, answer


@pytest.mark.parametrize("place", [LIBRARIES, ROOT / "convlab"])
def test_a_class_that_would_be_seen_is_refused(place, toy_course):
    """Fails at 981fac2: it is graded, and any submission can read the others."""
    with tempfile.TemporaryDirectory(dir=place) as folder:
        classroom = new_class(toy_course, Path(folder) / "class")
        for call in (("grade", classroom.path), ("doctor", classroom.path)):
            refused = CliRunner().invoke(main, list(map(str, call)), catch_exceptions=True)
            assert refused.exit_code == 1
            said = refused.output if refused.output else str(refused.exception)
            assert f"students' code could read it, since the sandbox has to show {place}" in said
            assert f"Move it out of {place}." in said
        with pytest.raises(SandboxUnavailable):
            shared_runner(secret=classroom.secret)
        shared_runner(unsafe=True, secret=classroom.secret)


def test_links_that_lead_to_what_is_seen_are_followed(tmp_path):
    with tempfile.TemporaryDirectory(dir=LIBRARIES) as folder:
        (tmp_path / "class").mkdir()
        (tmp_path / "class" / "submitted").symlink_to(folder)
        (tmp_path / "other").symlink_to(folder)
        for secret in (tmp_path / "class", tmp_path / "other"):
            (fault,) = exposed([secret])
            assert str(LIBRARIES) in fault.what
        assert exposed([tmp_path / "class" / "source"]) == []


def test_parts_of_a_class_that_lie_elsewhere_are_secret_as_well(toy_course, tmp_path):
    classroom = new_class(toy_course, tmp_path / "class")
    assert classroom.secret == (str(classroom.path), str(classroom.path / "gradebook.db"))
    elsewhere = CourseDirectory(root=str(classroom.path), submitted_directory="/srv/handed-in")
    assert "/srv/handed-in" in secret_paths(elsewhere)


@pytest.mark.parametrize(
    ("variable", "remedy"), [("HOME", "Set HOME to a folder"), ("TMPDIR", "Set TMPDIR to a folder")]
)
def test_a_home_that_would_be_seen_is_refused(variable, remedy, monkeypatch):
    with tempfile.TemporaryDirectory(dir=LIBRARIES) as folder:
        monkeypatch.setattr(tempfile, "tempdir", None)
        monkeypatch.setenv(variable, folder)
        (fault,) = exposed()
        assert fault.where == folder and fault.remedy.startswith(remedy)
        with pytest.raises(SandboxUnavailable, match="could read it"), Runner() as runner:
            runner.run(nbformat.v4.new_notebook())
    monkeypatch.setattr(tempfile, "tempdir", None)


def test_where_one_stands_is_not_seen(monkeypatch):
    monkeypatch.chdir(LIBRARIES)
    (fault,) = exposed()
    assert fault.remedy == f"Call this from a folder outside of {LIBRARIES}."


def test_the_parts_that_are_seen_are_named_and_no_whole_tree():
    shown = json.dumps(visible.system_paths())
    assert not {"/usr", "/usr/share", "/usr/local", sys.prefix, sys.base_prefix, "/", "/etc", "/opt", "/var"} & set(
        visible.system_paths()
    ), shown
