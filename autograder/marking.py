"""What becomes of one submission before it reaches the books: read -> repair -> run -> judge -> write out.

Nothing here needs a gradebook or a class directory, so all of it can be done on another machine: a job brings what was
handed in and what belongs to its lesson, and a `Marked` goes back.
"""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbformat import NotebookNode
from nbgrader.preprocessors import LimitOutput
from nbgrader.utils import is_grade, is_locked
from traitlets.config import Config

from autograder.course import MISCONCEPTIONS, Submission
from autograder.entries import Entry, first_entry
from autograder.errors import AutograderError, ClassError, UnreadableSubmission
from autograder.examiner import Examined, needs_keras, shared_examiner, steps
from autograder.feedback import feedback_page, fill_in_grades
from autograder.handed_in import handed_in_beside, read_submitted_or_error
from autograder.handed_out import Cell, handed_out
from autograder.record import Record, record_of
from autograder.source import BEGIN_HIDDEN
from autograder.submission import SKIP, Repaired, parse_notebook, repair, run_every_cell

REMEMBERED = 10_000  # characters of a text that may be the lesson's


@dataclass(frozen=True)
class Lesson:
    """What marking needs of a class's lesson.

    `release` and `source` are its notebooks, as handed out and with all tests; `known` has for each exercise the
    misconceptions that are recognized, as `Answer.as_dict` gives them; `earlier` what else was handed out as its cells.
    """

    name: str
    release: bytes
    source: bytes
    known: dict[str, list[dict[str, str]]]
    earlier: dict[str, list[Cell]] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path, name: str) -> Lesson:
        """A lesson of the class at `root`. Raises OSError."""
        release, source = ((root / folder / name / f"{name}.ipynb").read_bytes() for folder in ("release", "source"))
        return cls(name, release, source, known_misconceptions(root, name), handed_out(root, name))

    @property
    def keras(self) -> bool:
        """Whether its tests and solutions name Keras."""
        return needs_keras(steps(_lesson_notebook(self.source)), self.known)


@dataclass(frozen=True)
class Settings:
    """How notebooks are run: wall time in seconds for one cell and for all of them, and `Run`'s other settings.

    `secret` are the paths that the walls must not show: `course.secret_paths`.
    """

    cell_seconds: float = 60
    total_seconds: float = 300
    every_cell: bool = False
    unsafe: bool = False
    secret: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finish:
    """How what was run is written out: the settings of `LimitOutput` and `CleanHTML` as JSON, and if hidden tests are left out."""

    steps: str
    hide: bool


@dataclass(frozen=True)
class Finished:
    """A graded notebook's record and feedback page, as they are until a person or a late penalty changes them."""

    record: Record
    page: str


@dataclass(frozen=True)
class Marked:
    """What came of a submission.

    `notebook` is the notebook as JSON; `entry` is what the gradebook has of it, if nobody has graded by hand; `seconds` is how
    long its cells and tests ran; `finished` is None where steps of the class's own have to come before.
    """

    status: str
    notebook: str
    entry: Entry
    seconds: float | None
    finished: Finished | None


@dataclass(frozen=True)
class Job:
    """One submission, with all that a worker needs for it.

    `submitted` is the notebook as handed in, or why it cannot be read; `files` are those beside it, by relative path; `left_out`
    says which of them are not.
    """

    student: str
    lesson: Lesson
    submitted: bytes | UnreadableSubmission
    files: dict[str, bytes]
    settings: Settings
    finish: Finish | None = None
    left_out: tuple[str, ...] = ()

    @classmethod
    def read(cls, submission: Submission, lesson: Lesson, settings: Settings, finish: Finish | None = None) -> Job:
        """What a student handed in."""
        submitted = read_submitted_or_error(submission.notebook)
        beside = handed_in_beside(submission.folder)
        notes = [note for note in (submission.renamed, *beside.notes) if note]
        return cls(submission.student, lesson, submitted, beside.files, settings, finish, tuple(notes))

    def run(self) -> Marked:
        """Do it in this process, with warm parents that stay for the next one.

        Raises:
            AutograderError: it could not be run; the reason names student and lesson.
        """
        try:
            with _ONE_AT_A_TIME:
                notebook = prepared(self.submitted, self.lesson)
            note_left_out(notebook, self.left_out)
            examined = mark(notebook, self.files, self.lesson.known, self.settings)
            with _ONE_AT_A_TIME:
                return _written(self, notebook, examined)
        except AutograderError:
            raise
        except Exception as error:  # a stranger's file: whatever it brings about is its own affair
            where = f"{self.student}, {self.lesson.name}"
            raise AutograderError(f"it cannot be run ({type(error).__name__}: {error}).", where=where) from None


# Python runs one thread at a time anyway, and not all that renders text was made for two.
_ONE_AT_A_TIME = threading.Lock()


def prepared(submitted: bytes | UnreadableSubmission, lesson: Lesson) -> NotebookNode:
    """What was handed in, repaired and with the tests of `source/`; as handed out where it cannot be read.

    `metadata.convlab` says what was repaired, and, of an unreadable one, its status and the reason.
    """
    template = _lesson_notebook(lesson.release)
    record: dict[str, Any] = {}
    try:
        if isinstance(submitted, UnreadableSubmission):
            raise submitted
        repaired = repair(parse_notebook(submitted, f"{lesson.name}.ipynb"), template, lesson.earlier)
    except UnreadableSubmission as error:
        repaired = Repaired(copy.deepcopy(template))
        record |= {"status": "unreadable", "reason": str(error)}
    notebook = with_tests(repaired.notebook, _lesson_notebook(lesson.source))
    notebook.metadata["convlab"] = NotebookNode(record | {"repaired": repaired.notes})
    _mark_after_hidden(notebook, template)
    return notebook


def _mark_after_hidden(nb: NotebookNode, release: NotebookNode) -> None:
    """Mark the cells that run when hidden tests have run: the student's functions know by then what these called them with.

    What such cells show is left out of the feedback page. Not covered is what a test's message says of the student's own
    function, "got" and the text of its exception: a function that recorded the arguments of a hidden test can still hand
    them, a few at a time, to a visible test that comes later. That costs the points of that test.
    """
    handed_out = {cell.metadata.nbgrader.grade_id: cell.source for cell in release.cells if "nbgrader" in cell.metadata}
    after = False
    for cell in nb.cells:
        cell.metadata.pop("convlab", None)
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code":
            continue
        if not marks.get("grade") or marks.get("solution"):
            if after:
                cell.metadata["convlab"] = NotebookNode(after_hidden=True)
        else:
            known = handed_out.get(marks.get("grade_id"), "")
            after = after or BEGIN_HIDDEN in cell.source or cell.source.strip() != known.strip()


def note_left_out(nb: NotebookNode, notes: Iterable[str]) -> None:
    """Add what became of the files beside a prepared notebook to its record."""
    nb.metadata.convlab.repaired += notes


def mark(
    nb: NotebookNode, files: dict[str, bytes], known: dict[str, list[dict[str, str]]], settings: Settings
) -> Examined | None:
    """Run a prepared notebook's cells in a worker and its tests in a judge, and put what came of them into it.

    Returns None, and says why in each test cell, where it cannot be read. Raises AutograderError.
    """
    record = nb.metadata.setdefault("convlab", NotebookNode(repaired=[]))
    record["sandbox"] = not settings.unsafe
    if record.get("status") == "unreadable":
        mark_not_run(nb, record.reason)
        return None
    if settings.every_cell:
        run_every_cell(nb)
    examined = shared_examiner(unsafe=settings.unsafe, secret=settings.secret).examine(
        nb, files, known=known, cell_seconds=settings.cell_seconds, total_seconds=settings.total_seconds
    )
    _fill_in(nb, examined)
    record["status"] = examined.status
    return examined


def _fill_in(nb: NotebookNode, examined: Examined) -> None:
    """Put what came of each code cell into the notebook."""
    cells = [cell for cell in nb.cells if cell.cell_type == "code"]
    number = 0
    for cell, outputs in zip(cells, examined.outputs, strict=True):
        if SKIP in cell.metadata.get("tags", []):
            continue
        number += 1
        cell.outputs = [nbformat.from_dict(output) for output in outputs]
        cell.execution_count = number
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = number


def mark_not_run(nb: NotebookNode, reason: str) -> None:
    """Say in each test cell that has not run why that is."""
    for cell in nb.cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and marks.get("grade") and cell.execution_count is None and not cell.outputs:
            cell.outputs = [
                nbformat.v4.new_output("error", ename="NotRun", evalue=reason, traceback=[f"NotRun: {reason}"])
            ]


def _written(job: Job, nb: NotebookNode, examined: Examined | None) -> Marked:
    limit, clean = _steps(job.finish.steps) if job.finish else (None, None)
    if limit:
        nb, _ = limit(nb, {})
    # Before the text is cleaned: whether an answer is as it was handed out counts.
    entry = first_entry(nb)
    if clean:
        nb, _ = clean(nb, {})
    text = written(nb)
    status = nb.metadata.convlab.status
    seconds = round(examined.seconds[-1], 3) if examined and examined.seconds else None
    finished = None
    if job.finish:
        record = record_of(job.student, job.lesson.name, nb, entry.scores)
        names = {"student": job.student, "notebook": job.lesson.name}
        fill_in_grades(nb, names, entry)
        finished = Finished(record, feedback_page(nb, names, hide=job.finish.hide))
    return Marked(status, text, entry, seconds, finished)


def written(nb: NotebookNode) -> str:
    """A graded notebook as the text of its file. Raises nbformat's ValidationError."""
    nbformat.validate(nb)
    return f"{nbformat.v4.writes(nb)}\n"


@lru_cache(maxsize=8)
def _steps(settings: str) -> tuple[LimitOutput, CleanHTML]:
    config = Config(json.loads(settings))
    return LimitOutput(config=config), CleanHTML(config=config)


class CleanHTML(SanitizeHTML):
    """nbconvert's step, which cleans a text of the lesson's once for all submissions."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        clean, remembered = self.sanitize_html_tags, lru_cache(maxsize=1024)(self.sanitize_html_tags)
        self.sanitize_html_tags = lambda text: (remembered if len(text) < REMEMBERED else clean)(text)


def known_misconceptions(root: Path, lesson: str) -> dict[str, list[dict[str, str]]]:
    """What `autograder new` wrote beside the class's sources; nothing in a class that has none. Raises ClassError, OSError."""
    path = root / MISCONCEPTIONS / f"{lesson}.json"
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        if any(type(text) is not str for answers in known.values() for answer in answers for text in answer.values()):
            raise TypeError("a text is due")
        return known
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError) as error:
        raise ClassError(
            f"this is no list of misconceptions ({error}).",
            where=str(path),
            remedy="Correct it, or delete it: points do not depend on it, only the help beside a failed test does.",
        ) from error


@lru_cache(maxsize=64)
def _lesson_notebook(content: bytes) -> NotebookNode:
    """A notebook of `source/` or `release/`, parsed once for all submissions: it must not be changed."""
    notebook = nbformat.reads(content.decode("utf-8"), as_version=4)
    for number, cell in enumerate(notebook.cells):
        # Before nbformat 4.5 cells had none; random ones would make two runs differ.
        cell.setdefault("id", f"cell-{number}")
        # nbgrader's toolbar leaves such marks on a cell that is of no kind any more.
        if not cell.metadata.get("nbgrader", {}).get("grade_id"):
            cell.metadata.pop("nbgrader", None)
    notebook.nbformat_minor = max(notebook.nbformat_minor, 5)
    return notebook


def with_tests(nb: NotebookNode, source: NotebookNode) -> NotebookNode:
    """The notebook with the instructor's text in its test cells, as nbgrader's OverwriteCells leaves it."""
    tests = tests_of(source)
    for cell in nb.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in tests:
            cell.source, cell.metadata.nbgrader["points"] = tests[grade_id]
    return nb


def graded_cells(source: NotebookNode) -> dict[str, tuple[str, float]]:
    """Text and points of each graded cell of a lesson's source; no text where a person grades."""
    marks = (cell.metadata.get("nbgrader", {}) for cell in source.cells)
    by_hand = {mark.grade_id: ("", float(mark.points)) for mark in marks if mark.get("grade")}
    return by_hand | tests_of(source)


def tests_of(source: NotebookNode) -> dict[str, tuple[str, float]]:
    """Text and points of each test cell of a lesson's source."""
    return {
        cell.metadata.nbgrader.grade_id: (cell.source, float(cell.metadata.nbgrader.points))
        for cell in source.cells
        if cell.cell_type == "code" and is_grade(cell) and is_locked(cell)
    }
