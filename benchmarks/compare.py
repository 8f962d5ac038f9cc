"""Compares stock nbgrader, otter-grader and this grader on the same submissions, one after the other on one machine.

    make bench        or: python benchmarks/compare.py [--numpy 40] [--tensorflow 20]

All of them grade the same files with the same tests, and must give the same scores. Stock nbgrader runs
`nbgrader autograde` once for each lesson; otter-grader runs its `api.grade_submission` in one process that has imported
it already; this grader also writes the gradebook and the feedback pages, and runs everything in its sandbox. "cold"
starts everything; "warm" finds the fork servers running, as all but the first submission of a batch do. This grader
skips cells that only display something and that no answer depends on; "every cell" runs these too, as the other graders
do.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from rich.console import Console
from rich.table import Table
from samples import sample_class

from autograder.classroom import ClassDirectory
from autograder.execution import shared_runner
from autograder.files import write_notebook
from autograder.grading import grade_class
from autograder.uploads import shared_clerks

HERE = Path(__file__).parent
# Kept between runs, since it takes a while to download.
OTTER = HERE.parent / "build" / "otter"
OTTER_TEST = """\
from otter.test_files import test_case

OK_FORMAT = False
name = {name!r}
points = {points}
SOURCE = {source!r}

@test_case(points={points}, hidden=True)
def test_it(env):
    exec(SOURCE, env)
"""
OTTER_GRADE = """
import json, sys, time
from otter.api import grade_submission
begun, scores = time.perf_counter(), {}
for zipped, notebook in map(str.split, sys.stdin):
    results = grade_submission(notebook, zipped, quiet=True)
    scores[notebook] = {name: test.score for name, test in results.results.items()}
print("RESULT" + json.dumps([time.perf_counter() - begun, scores]))
"""
Scores = dict[tuple[str, str], dict[str, float]]


def tests_of(notebook: nbformat.NotebookNode) -> dict[str, nbformat.NotebookNode]:
    return {
        cell.metadata.nbgrader.grade_id: cell
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade")
    }


def book_scores(db_url: str, classroom: ClassDirectory, lessons: list[str]) -> Scores:
    with Gradebook(db_url) as books:
        return {
            (one.student, one.lesson): {
                grade.name: grade.auto_score
                for grade in books.find_submission_notebook(one.lesson, one.lesson, one.student).grades
                if grade.cell.cell_type == "code"
            }
            for one in classroom.submissions(lessons)
        }


def ours_cold(classroom: ClassDirectory, lessons: list[str]) -> tuple[float, Scores]:
    begun = time.perf_counter()
    command = [sys.executable, "-m", "autograder", "grade", str(classroom.path), *lessons, "--force"]
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begun, book_scores(classroom.db_url, classroom, lessons)


def ours_warm(classroom: ClassDirectory, lessons: list[str]) -> tuple[float, Scores]:
    # Start the fork servers before timing begins.
    for source in ("import numpy", "import keras"):
        shared_runner().run(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)]))
    with shared_clerks().hire() as clerk:
        clerk.clean(nbformat.v4.new_notebook(), "{}")
    begun = time.perf_counter()
    list(grade_class(classroom, lessons, workers=os.cpu_count(), force=True))
    return time.perf_counter() - begun, book_scores(classroom.db_url, classroom, lessons)


def ours_every_cell(classroom: ClassDirectory, lessons: list[str]) -> tuple[float, Scores]:
    classroom.config.Run.every_cell = True
    try:
        return ours_warm(classroom, lessons)
    finally:
        classroom.config.Run.every_cell = False


def stock(classroom: ClassDirectory, lessons: list[str]) -> tuple[float, Scores]:
    """Plain nbgrader in a separate course directory without our configuration."""
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder) / "stock"
        course.mkdir()
        for part in ("source", "submitted"):
            shutil.copytree(classroom.path / part, course / part)
        (course / "nbgrader_config.py").write_text(
            'c = get_config()\nc.CourseDirectory.course_id = "stock"\nc.Execute.timeout = 120\n', encoding="utf-8"
        )
        nbgrader = [sys.executable, "-m", "nbgrader"]
        seconds = 0.0
        for lesson in lessons:
            subprocess.run([*nbgrader, "generate_assignment", lesson], cwd=course, check=True, capture_output=True)
            begun = time.perf_counter()
            subprocess.run([*nbgrader, "autograde", lesson], cwd=course, check=True, capture_output=True)
            seconds += time.perf_counter() - begun
        return seconds, book_scores(f"sqlite:///{course / 'gradebook.db'}", classroom, lessons)


def otter(classroom: ClassDirectory, lessons: list[str]) -> tuple[float, Scores]:
    if not (OTTER / "otter").is_dir():
        uv = [shutil.which("uv"), "pip"] if shutil.which("uv") else [sys.executable, "-m", "pip"]
        subprocess.run(
            [*uv, "install", "--quiet", "--no-deps", "--target", str(OTTER), "-r", str(HERE / "otter.txt")], check=True
        )
    environment = {**os.environ, "PYTHONPATH": str(OTTER)}
    with tempfile.TemporaryDirectory() as name:
        folder, names, lines = Path(name), {}, []
        for lesson in lessons:
            source = nbformat.read(classroom.path / "source" / lesson / f"{lesson}.ipynb", as_version=4)
            (folder / lesson / "tests").mkdir(parents=True)
            for test, cell in tests_of(source).items():
                text = OTTER_TEST.format(name=test, points=float(cell.metadata.nbgrader.points), source=cell.source)
                (folder / lesson / "tests" / f"{test}.py").write_text(text, encoding="utf-8")
            command = [sys.executable, "-m", "otter", "generate", "-t", "tests", "-o", "tests.zip", "--no-environment"]
            subprocess.run(command, cwd=folder / lesson, check=True, capture_output=True, env=environment)
            for one in classroom.submissions([lesson]):
                notebook = nbformat.read(one.notebook, as_version=4)
                graded = tests_of(notebook)
                notebook.cells = [
                    cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") not in graded
                ]
                path = write_notebook(notebook, folder / lesson / f"{one.student}.ipynb")
                names[str(path)] = (one.student, lesson)
                lines.append(f"{folder / lesson / 'tests.zip'} {path}")
        run = subprocess.run(
            [sys.executable, "-c", OTTER_GRADE],
            input="\n".join(lines),
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if "RESULT" not in run.stdout:
            raise SystemExit("expected a result from otter-grader, got none:\n" + run.stderr[-3_000:])
        seconds, scores = json.loads(run.stdout.rpartition("RESULT")[2])
        return seconds, {names[path]: found for path, found in scores.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--numpy", type=int, default=40, help="submissions of lesson 01")
    parser.add_argument("--tensorflow", type=int, default=20, help="submissions of lessons 04 and 07, half of each")
    arguments = parser.parse_args()
    half = arguments.tensorflow // 2
    console = Console(width=110)
    same = True
    with tempfile.TemporaryDirectory(prefix="convlab-bench-") as name:
        for title, counts in (
            (f"NumPy: {arguments.numpy} of lesson 01", {"01": arguments.numpy}),
            (f"TensorFlow: {half} of lesson 04, {half} of lesson 07", {"04": half, "07": half}),
        ):
            if not sum(counts.values()):
                continue
            classroom = sample_class(Path(name) / title[:5].lower(), counts)
            lessons = classroom.lessons
            runs: dict[str, Callable] = {
                "this grader, warm": ours_warm,
                "this grader, cold": ours_cold,
                "this grader, warm, every cell": ours_every_cell,
                "stock nbgrader": stock,
                "otter-grader": otter,
            }
            table = Table(
                "grader", *("seconds", "each", "a minute", "this one, warm, is faster by", "scores"), title=title
            )
            reference: Scores = {}
            first = 0.0
            for grader, run in runs.items():
                seconds, scores = run(classroom, lessons)
                first = first or seconds
                reference = reference or scores
                count = len(scores)
                differing = [name for name in reference if scores.get(name) != reference[name]]
                same = same and not differing
                for student, lesson in differing[:5]:
                    console.print(f"{grader}: {student} {lesson}: {scores.get((student, lesson))}")
                    console.print(f"  ours: {reference[student, lesson]}")
                table.add_row(
                    grader,
                    f"{seconds:.1f}",
                    f"{seconds / count:.2f}",
                    f"{60 * count / seconds:.0f}",
                    f"{seconds / first:.1f} ×",
                    "the same" if not differing else f"{len(differing)} differ",
                )
            console.print(table)
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
