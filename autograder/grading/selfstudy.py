"""Self-study: checking one's own notebook, progress over all lessons, and solutions of exercises that were tried."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode
from platformdirs import user_data_path

from autograder.classroom import new_class
from autograder.course import Course, read_lesson, solved
from autograder.errors import COMMAND, LessonError, UnreadableSubmission
from autograder.files import write_atomically, write_notebook
from autograder.gradebook import Record
from autograder.grading.grade import grade_class
from autograder.notebooks import handed_in_files
from autograder.notebooks.folder import read_notebook, read_ordinary
from autograder.sandbox import missing

# Words in the tests' messages about an exercise that is unchanged since it was handed out.
UNTOUCHED = ("NotImplementedError", "not written yet")


MAX_MODULES, MAX_MODULE_BYTES = 50, 2**20  # limits for Python modules beside a notebook


def is_written(cell: str) -> bool:
    """Whether a graded cell of this name is a written answer; the others are tests."""
    return not cell.startswith("test_")


class SelfStudy:
    """Checks notebooks of one lesson repeatedly; from the second time on it is fast, since everything is imported."""

    def __init__(self, course: Course, lesson: str) -> None:
        self.lesson = lesson
        self._stack = ExitStack()
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="convlab-")))
        self._classroom = new_class(course, folder / "self-study", lessons=[lesson])

    def check(self, notebook: Path) -> Record:
        """Grade a notebook; the record's `feedback` page exists as long as this object. Raises UnreadableSubmission."""
        handed_in = read_notebook(notebook)
        target = self._classroom.path / "submitted" / "you" / self.lesson
        shutil.rmtree(target, ignore_errors=True)
        write_notebook(handed_in, target / f"{self.lesson}.ipynb")
        for name, content in _beside(notebook).items():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes(content)
        # One's own notebook may run without the sandbox if it cannot be built here.
        (record,) = grade_class(self._classroom, [self.lesson], force=True, unsafe=bool(missing()))
        return record

    def close(self) -> None:
        self._stack.close()

    def __enter__(self) -> SelfStudy:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _beside(notebook: Path) -> dict[str, bytes]:
    """The files that belong to a notebook: its whole folder if that is the lesson's, else the Python modules in it."""
    if notebook.resolve().parent.name and notebook.stem.startswith(notebook.resolve().parent.name):
        return handed_in_files(notebook.resolve().parent)
    try:
        modules = [path for path in notebook.parent.glob("*.py") if path.is_file()][:MAX_MODULES]
        return {path.name: read_ordinary(path, MAX_MODULE_BYTES)[:MAX_MODULE_BYTES] for path in modules}
    except OSError:
        return {}


def find_notebook(course: Course, named: Path) -> Path:
    """Find a notebook by its path, by a folder that contains only one, or by its lesson's name or number.

    Raises:
        UnreadableSubmission: there is no such notebook, or the file is not a notebook.
    """
    lesson = next((one for one in course.lessons if str(named) in (one, one[:2], one[:2].lstrip("0"))), None)
    inside = list(named.glob("*.ipynb")) if named.is_dir() else []
    notebook = course.release(lesson) if lesson and not named.exists() else inside[0] if len(inside) == 1 else named
    if notebook.is_file() and notebook.suffix == ".ipynb":
        return notebook
    if notebook.is_file():
        what = "this is not a notebook."
    elif notebook.is_dir():
        what = f"this folder contains {len(inside)} notebooks." if inside else "this folder contains no notebook."
    else:
        what = "there is no such file."
    raise UnreadableSubmission(
        what, where=str(notebook), remedy=f"Name a notebook, or a lesson by its number, such as '{COMMAND} check 1'."
    )


def lesson_of(course: Course, notebook: Path) -> str:
    """The lesson that a notebook belongs to, by its name, to which ' (1)' or '-Copy1' may have been added.

    Raises:
        LessonError: the name does not begin with that of a lesson.
    """
    for lesson in course.lessons:
        if notebook.stem.startswith(lesson):
            return lesson
    raise LessonError(
        f"'{notebook.name}' is not named after a lesson.", remedy=f"Name it after one of: {', '.join(course.lessons)}."
    )


def saves_of(notebook: Path) -> Iterator[None]:
    """Yield each time that the notebook is saved, until Ctrl+C."""
    from watchfiles import watch  # noqa: PLC0415, only for this

    # The folder is watched, since editors replace the file, which would end a watch on the file itself.
    for changes in watch(notebook.parent, raise_interrupt=False, recursive=False):
        if any(Path(path).name == notebook.name for _, path in changes) and notebook.is_file():
            yield


@dataclass
class LessonProgress:
    """The best points ever reached in each exercise, kept in a file in the user's data folder.

    `points` and `max_points` map lessons to exercises to points; `tried` lists the exercises that were changed.
    """

    path: Path
    points: dict[str, dict[str, float]] = field(default_factory=dict)
    max_points: dict[str, dict[str, float]] = field(default_factory=dict)
    tried: list[str] = field(default_factory=list)

    @classmethod
    def load(cls, path: Path | None = None) -> LessonProgress:
        """Load the progress; a file that cannot be read counts as empty and is replaced by the next check."""
        path = path or Path(os.environ.get("CONVLAB_PROGRESS") or user_data_path("convlab") / "progress.json")
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            return cls(path, dict(kept["points"]), dict(kept["max_points"]), list(kept["tried"]))
        except (OSError, ValueError, KeyError, TypeError):
            return cls(path)

    def add(self, record: Record) -> None:
        """Add the points of a check and write the file; written answers get no points here."""
        if not record.recorded:
            return
        tests = {cell.removeprefix("test_"): cell for cell in record.points if not is_written(cell)}
        best = self.points.get(record.lesson, {})
        self.points[record.lesson] = {
            name: max(record.points[cell] or 0, best.get(name, 0)) for name, cell in tests.items()
        }
        self.max_points[record.lesson] = {name: record.max_points[cell] for name, cell in tests.items()}
        for cell, points in record.points.items():
            name, failure = cell.removeprefix("test_"), record.failures.get(cell)
            # A written answer that was changed has no points, since it waits for manual grading.
            tried = (
                points is None
                if is_written(cell)
                else not (failure and any(word in failure.text for word in UNTOUCHED))
            )
            if tried and name not in self.tried:
                self.tried.append(name)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        kept = {"points": self.points, "max_points": self.max_points, "tried": self.tried}
        write_atomically(self.path, json.dumps(kept, indent=1).encode())

    def of(self, lesson: str) -> tuple[float, float]:
        """The points reached in a lesson, and the points that its tests can give; zeros before the first check."""
        return sum(self.points.get(lesson, {}).values()), sum(self.max_points.get(lesson, {}).values())


def solution_of(course: Course, exercise: str, progress: LessonProgress, *, give_up: bool) -> NotebookNode:
    """The cell that solves an exercise: code, or a model answer with its rubric.

    Raises:
        LessonError: there is no such exercise, or it was never tried and `give_up` is False.
    """
    for lesson in course.lessons:
        for cell in solved(read_lesson(course.source(lesson))).cells:
            marks = cell.metadata.get("nbgrader", {})
            if not marks.get("solution") or marks.grade_id != exercise:
                continue
            if exercise not in progress.tried and not give_up:
                raise LessonError(
                    f"you have not tried '{exercise}' yet: an answer of your own teaches more than ours.",
                    where=lesson,
                    remedy=f"Write one and run '{COMMAND} check lessons/{lesson}/{lesson}.ipynb', or use --give-up.",
                )
            return cell
    raise LessonError(f"there is no exercise '{exercise}'.", remedy="The title of an exercise gives its id.")
