"""What plain nbgrader says of the constructs and the foreign assignments: `stock.json`, made by real kernels.

python tests/foreign/stock.py                           all of it, which takes minutes
python tests/foreign/stock.py NAME ...                  only these constructs and assignments; the others stay as they are

A course is made in a temporary folder, and `nbgrader generate_assignment` and `nbgrader autograde` run there as an
instructor would run them, without any part of this project.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from assignment import ASSIGNMENTS, VARIANTS, Assignment
from constructs import CONSTRUCTS
from nbgrader.api import Gradebook
from rows.row import Construct

STOCK = Path(__file__).with_name("stock.json")
CONFIG = """c = get_config()
c.CourseDirectory.course_id = "foreign"
c.Execute.timeout = 60
"""
BEFORE = {"grade": False, "solution": False, "locked": True, "task": False, "schema_version": 3}
ANSWER = {"grade": False, "solution": True, "locked": False, "task": False, "schema_version": 3}
TEST = {"grade": True, "solution": False, "locked": True, "task": False, "schema_version": 3, "points": 1}


def notebook_of(construct: Construct, answer: str) -> nbformat.NotebookNode:
    """The construct as a notebook of nbgrader's: a locked cell if it has one, the answer, and its tests."""
    cells = [(construct.setup, BEFORE, "before")] if construct.setup else []
    cells.append((answer, ANSWER, "answer"))
    cells += [(test, TEST, f"test{number}") for number, test in enumerate(construct.tests, 1)]
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    )
    for source, fields, name in cells:
        cell = nbformat.v4.new_code_cell(source, metadata={"nbgrader": {**fields, "grade_id": name}}, id=name)
        notebook.cells.append(cell)
    return notebook


def file_name(construct: Construct) -> str:
    return re.sub(r"\W+", "-", construct.name).strip("-")


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def nbgrader(course: Path, *arguments: str) -> None:
    """Run a command of nbgrader's in the course, in an environment without the settings of whoever runs this."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader starts alembic by its name
    environment = {**os.environ, "PATH": programs, "HOME": str(course.parent), "PYTHONHASHSEED": "0"}
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command[2:])} failed:\n{done.stderr[-6000:]}")


def points(course: Path, assignment: str, student: str) -> dict[str, dict[str, float | None]]:
    """The points by notebook and cell; None for a cell that waits for a person."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        return {
            notebook.name: {
                grade.name: None if grade.needs_manual_grade else grade.score
                for grade in sorted(notebook.grades, key=lambda grade: grade.name)
            }
            for notebook in gradebook.find_submission(assignment, student).notebooks
        }


def grade_constructs(course: Path, constructs: list[Construct]) -> dict[str, dict[str, bool]]:
    """Whether the right and the wrong answer to each construct pass, in one assignment of a notebook for each."""
    for construct in constructs:
        for folder, answer in (
            ("source/constructs", f"### BEGIN SOLUTION\n{construct.answer}\n### END SOLUTION"),
            ("submitted/right/constructs", construct.answer),
            ("submitted/wrong/constructs", construct.wrong_answer),
        ):
            files = {name: text.encode() for name, text in construct.files.items()}
            files[f"{file_name(construct)}.ipynb"] = nbformat.writes(notebook_of(construct, answer)).encode()
            write_files(course / folder, files)
    nbgrader(course, "generate_assignment", "constructs")
    nbgrader(course, "autograde", "constructs")
    right, wrong = points(course, "constructs", "right"), points(course, "constructs", "wrong")
    return {
        construct.name: {
            variant: all(graded[file_name(construct)].values())
            for variant, graded in (("right", right), ("wrong", wrong))
        }
        for construct in constructs
    }


def grade_assignment(course: Path, assignment: Assignment) -> dict[str, dict[str, float | None]]:
    """The points by variant and cell."""
    name = assignment.name
    write_files(course / "source" / name, assignment.files | {f"{name}.ipynb": assignment.source_file})
    nbgrader(course, "generate_assignment", name)
    for variant in VARIANTS:
        handed_in = {f"{name}.ipynb": assignment.submission_file(variant)}
        write_files(course / "submitted" / variant / name, assignment.files | handed_in)
    nbgrader(course, "autograde", name)
    return {variant: points(course, name, variant)[name] for variant in VARIANTS}


def main(wanted: list[str]) -> None:
    constructs = [construct for construct in CONSTRUCTS if not wanted or construct.name in wanted]
    assignments = [assignment for assignment in ASSIGNMENTS if not wanted or assignment.name in wanted]
    known = json.loads(STOCK.read_text()) if STOCK.is_file() else {}
    found = {kind: {} if not wanted else known.get(kind, {}) for kind in ("constructs", "assignments")}
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder, "course")
        write_files(course, {"nbgrader_config.py": CONFIG.encode()})
        if constructs:
            found["constructs"] |= grade_constructs(course, constructs)
        for assignment in assignments:
            print(assignment.name, flush=True)
            found["assignments"][assignment.name] = grade_assignment(course, assignment)
    order = {
        "constructs": [construct.name for construct in CONSTRUCTS],
        "assignments": [assignment.name for assignment in ASSIGNMENTS],
    }
    sorted_ = {kind: {name: found[kind][name] for name in order[kind] if name in found[kind]} for kind in order}
    STOCK.write_text(json.dumps(sorted_, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
