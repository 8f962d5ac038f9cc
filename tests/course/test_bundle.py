"""What students get: enough to work in an empty folder, and nothing that solves, tests or grades."""

import ast
import errno
import os
import re
import subprocess
import sys
import zipfile

import nbformat
import pytest
from click.testing import CliRunner
from secret_lines import secret_lines
from test_release import COURSE

from autograder.cli.main import main
from autograder.course import Course, read_lesson, solved
from autograder.course.bundle import TOP, write_bundle
from autograder.course.variants import cell_of, exercise_ids
from autograder.errors import BundleError
from autograder.files import write_notebook

NAME = re.compile(r"\bName\(id='(\w+)'")

pytestmark = pytest.mark.slow  # each test reads and builds all lessons


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    path = tmp_path_factory.mktemp("bundle") / "course.zip"
    write_bundle(COURSE, path)
    return path


def test_it_holds_what_a_student_needs_and_no_file_more(bundle):
    with zipfile.ZipFile(bundle) as archive:
        names = {name.removeprefix(f"{TOP}/") for name in archive.namelist()}
    assert {f"lessons/{lesson}/{lesson}.ipynb" for lesson in COURSE.lessons} <= names
    assert {"README.md", "environment.yml", "pyproject.toml", "LICENSE", "LICENSE-TEXT"} <= names
    assert {"data/fashion_mnist_subset.npz", "data/large_model.npz", "convlab/checks.py"} <= names
    assert {name.split("/")[0] for name in names if "/" in name} == {"lessons", "data", "convlab"}


def test_no_solution_hidden_test_misconception_or_grading_code_is_in_its_bytes(bundle):
    with zipfile.ZipFile(bundle) as archive:
        members = {name.removeprefix(f"{TOP}/"): archive.read(name) for name in archive.namelist()}
    text = b"\n".join(content for name, content in members.items() if not name.endswith(".npz")).decode()
    package = {
        line.strip()
        for name, content in members.items()
        if name.endswith(".py")
        for line in content.decode().splitlines()
    }
    for lesson in COURSE.lessons:
        secrets = secret_lines(lesson)
        cells = nbformat.reads(members[f"lessons/{lesson}/{lesson}.ipynb"].decode(), as_version=4).cells
        released = "\n".join(cell.source for cell in cells)
        assert len(secrets) > 20 and [line for line in secrets if line in released] == []
        assert secrets & package == set()
        for file in ("misconceptions.py", "right_answers.py"):
            names = re.findall(r"(?m)^def (\w+__\w+)", COURSE.source(lesson).with_name(file).read_text())
            assert names and [name for name in names if name in text] == []
    for word in ("import autograder", "from autograder", "BEGIN HIDDEN", "BEGIN SOLUTION"):
        assert word not in text


def test_no_expression_of_a_solution_is_handed_out_under_other_names(bundle):
    with zipfile.ZipFile(bundle) as archive:
        members = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith((".py", ".ipynb"))}
    cells = [
        cell.source
        for name, text in members.items()
        if name.endswith(".ipynb")
        for cell in nbformat.reads(text, as_version=4).cells
        if cell.cell_type == "code"
    ]
    handed_out = dict(
        found
        for code in (*cells, *(text for name, text in members.items() if name.endswith(".py")))
        for found in expressions(code)
    )
    compared = 0
    for lesson in COURSE.lessons:
        source = read_lesson(COURSE.source(lesson))
        for exercise in exercise_ids(source):
            secrets = dict(expressions(cell_of(solved(source), exercise).source))
            compared += len(secrets)
            both = secrets.keys() & handed_out.keys()
            assert {ast.unparse(secrets[key]): ast.unparse(handed_out[key]) for key in both} == {}, exercise
    assert compared > 100


def expressions(code):
    """Yield the form of each larger expression, whatever names it uses, and the expression."""
    for node in ast.walk(ast.parse(code)):
        parts = (ast.Name, ast.Constant, ast.operator, ast.cmpop, ast.Call, ast.Attribute, ast.Subscript, ast.Slice)
        if isinstance(node, ast.expr) and sum(isinstance(part, parts) for part in ast.walk(node)) >= 8:
            names = {}
            yield (
                NAME.sub(lambda name, names=names: f"Name(id={names.setdefault(name[1], len(names))}", ast.dump(node)),
                node,
            )


def test_answers_in_the_working_copy_stay_there(tmp_path):
    lesson = COURSE.lessons[0]
    for part in ("data", "convlab", "pyproject.toml", "LICENSE", "LICENSE-TEXT"):
        (tmp_path / part).symlink_to(COURSE.root / part)
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / lesson).symlink_to(COURSE.root / "solutions" / lesson)
    worked_on = nbformat.read(COURSE.release(lesson), as_version=4)
    worked_on.cells[0].source += "\nmy own answer"
    write_notebook(worked_on, tmp_path / "lessons" / lesson / f"{lesson}.ipynb")
    write_bundle(Course(tmp_path), tmp_path / "course.zip")
    with zipfile.ZipFile(tmp_path / "course.zip") as archive:
        handed_out = archive.read(f"{TOP}/lessons/{lesson}/{lesson}.ipynb")
    assert b"my own answer" not in handed_out and handed_out == COURSE.release(lesson).read_bytes()


def test_the_same_course_makes_the_same_bytes(bundle, tmp_path):
    write_bundle(COURSE, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == bundle.read_bytes()


def test_lessons_run_from_an_empty_folder(bundle, tmp_path):
    """With only the bundle's own packages on the path, every code cell of a lesson runs, but for the exercises."""
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(tmp_path)
    lesson = COURSE.lessons[0]
    notebook = nbformat.read(tmp_path / TOP / "lessons" / lesson / f"{lesson}.ipynb", as_version=4)
    free = [cell.source for cell in notebook.cells if cell.cell_type == "code" and "nbgrader" not in cell.metadata]
    assert len(free) == sum(
        cell.cell_type == "code" and "nbgrader" not in cell.metadata
        for cell in read_lesson(COURSE.source(lesson)).cells
    )
    script = tmp_path / "run.py"
    stubs = [cell.source for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    stubs = [stub for stub in stubs if stub.startswith("def ")]
    script.write_text("\n\n".join(["import convlab; print(convlab.__file__)", *stubs, *free]))
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / TOP), "MPLBACKEND": "agg"}
    run = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-2_000:]
    assert run.stdout.startswith(str(tmp_path / TOP))


def test_the_command_says_what_it_wrote_and_replaces_only_whole_archives(tmp_path, monkeypatch):
    target = tmp_path / "course.zip"
    result = CliRunner().invoke(main, ["bundle", str(target)])
    assert result.exit_code == 0 and "no solution" in result.output
    before = target.read_bytes()
    empty = Course(tmp_path / "nothing")
    with pytest.raises(BundleError, match="file of the course cannot be read"):
        write_bundle(empty, target)
    assert target.read_bytes() == before
    result = CliRunner().invoke(main, ["bundle", str(tmp_path / "no" / "course.zip")])
    assert result.exit_code == 1 and "cannot be written" in result.output


def test_a_full_disk_leaves_the_old_bundle_and_nothing_beside_it(tmp_path, monkeypatch):
    target = tmp_path / "course.zip"
    target.write_bytes(b"the old one")

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BundleError, match="No space left on device"):
        write_bundle(COURSE, target)
    assert target.read_bytes() == b"the old one" and list(tmp_path.iterdir()) == [target]
