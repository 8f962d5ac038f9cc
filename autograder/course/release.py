"""Builds what students get from the lessons' sources, with nbgrader's own generate_assignment."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.warnings import MissingIDFieldWarning
from nbgrader.converters import GenerateAssignment, GenerateSourceWithTests
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets.config import Config

from autograder.course.demands import surprises
from autograder.course.lessons import Course
from autograder.course.source import read_lesson
from autograder.errors import LessonError, SourceError
from autograder.files import write_notebook
from autograder.gradebook import install
from autograder.gradebook.upstream import captured_log
from autograder.notebooks.cells import upgrade

# A stub that says what to do, and raises the error for which the checks have a message of their own.
STUB = {"python": "# YOUR CODE HERE\nraise NotImplementedError"}


def build(course: Course, lessons: Iterable[str]) -> list[Path]:
    """Write `lessons/NN_topic/NN_topic.ipynb` for each lesson, with the same bytes on every run and machine.

    Raises:
        SourceError: a lesson has faults, or hidden tests with a demand that no visible one has. The message lists those
            of all lessons; nothing is written.
    """
    lessons = list(lessons)
    notebooks = released(course, lessons)
    faults = [f"{lesson}, {fault}" for lesson in lessons for fault in surprises(read_lesson(course.source(lesson)))]
    if faults:
        raise SourceError.of(faults)
    return [write_notebook(notebook, course.release(lesson)) for lesson, notebook in notebooks.items()]


def released(course: Course, lessons: Iterable[str]) -> dict[str, NotebookNode]:
    """Build each lesson's notebook as students get it, from the sources: `lessons/` may contain somebody's answers.

    Raises:
        SourceError: a lesson has faults. The message lists those of all lessons.
    """
    lessons = list(lessons)
    notebooks = {}
    with tempfile.TemporaryDirectory() as folder:
        write_sources(course, lessons, Path(folder) / "source")
        coursedir = CourseDirectory(root=folder)
        config = Config({"ClearSolutions": {"code_stub": STUB}})
        for lesson in lessons:
            generate_release(coursedir, config, lesson)
            notebook = nbformat.read(Path(folder) / "release" / lesson / f"{lesson}.ipynb", as_version=4)
            notebook.metadata["convlab"] = {
                "generated": f"from solutions/{lesson}/{lesson}.py by 'make lessons'; edit that file, not this one"
            }
            notebooks[lesson] = notebook
    return notebooks


def write_sources(course: Course, lessons: Iterable[str], folder: Path) -> None:
    """Write nbgrader's `source/` from the percent sources.

    Raises:
        SourceError: a lesson has faults. The message lists those of all lessons; nothing is written.
        LessonError: there are no lessons.
    """
    notebooks: dict[str, NotebookNode] = {}
    faults: list[str] = []
    for lesson in lessons:
        try:
            notebooks[lesson] = read_lesson(course.source(lesson))
        except SourceError as error:
            faults.extend(line.removeprefix("  - ") for line in error.what.splitlines()[1:] or [str(error)])
    if faults:
        raise SourceError.of(faults)
    if not notebooks:
        raise LessonError("there are no lesson sources.", where=str(course.root), remedy="Run this in the repository.")
    for lesson, notebook in notebooks.items():
        write_notebook(notebook, folder / lesson / f"{lesson}.ipynb")


class Upgrade(NbGraderPreprocessor):
    """Brings the nbgrader metadata of an old notebook to the newest version, in memory: `source/` stays as it is."""

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        upgrade(cell)
        return cell, resources


def generate_release(coursedir: CourseDirectory, config: Config, lesson: str) -> None:
    """Run nbgrader's generate_assignment for one lesson. Raises SourceError with the reason that nbgrader gives."""
    install()  # nbgrader opens a gradebook to make a release
    _convert(GenerateAssignment, coursedir, config, lesson)


def generate_tests(coursedir: CourseDirectory, config: Config, lesson: str, target: Path) -> None:
    """Write a lesson with the tests that nbgrader generates from its AUTOTEST lines to the folder `target`.

    nbgrader runs the instructor's notebook for this in an ordinary kernel, which may write beside it: so it works on a copy.

    Raises:
        SourceError: with the reason that nbgrader gives.
    """
    root = Path(coursedir.root)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        shutil.copytree(root / "source" / lesson, copy / "source" / lesson)
        for file in root.glob("*.yml"):  # the templates of the tests
            shutil.copy(file, copy)
        of_copy = CourseDirectory(config=config, root=folder, db_url="sqlite://", student_id="*")
        _convert(GenerateSourceWithTests, of_copy, config, lesson)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(copy / "source_with_tests" / lesson, target)


def _convert(kind: type[BaseConverter], coursedir: CourseDirectory, config: Config, lesson: str) -> None:
    coursedir.assignment_id = lesson
    log, lines = captured_log("release")
    converter = kind(coursedir=coursedir, config=config, force=True, log=log)
    converter.preprocessors = [Upgrade, *converter.preprocessors]
    try:
        with warnings.catch_warnings():
            # An old notebook has no ids of cells; nbformat gives it some.
            warnings.simplefilter("ignore", MissingIDFieldWarning)
            converter.start()
    except (NbGraderException, SystemExit) as error:
        # nbgrader logs a traceback, whose last line is the reason.
        traces = [line for line in lines if "Traceback" in line] or lines or [str(error)]
        reason = traces[-1].strip().splitlines()[-1].rstrip(".")
        raise SourceError(f"nbgrader refuses the lesson: {reason}.", where=lesson) from error
