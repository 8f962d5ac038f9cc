"""The story of grading: read -> repair -> run -> judge -> record; one submission, then a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException

from autograder.course import STUDENT_ID, ClassDirectory, Submission
from autograder.errors import AutograderError
from autograder.feedback import write_feedback
from autograder.gradebook import Score, check_gradebook, gradebook_errors, known_lessons, known_students, scores
from autograder.nbgrader_steps import examiner, submission_key
from autograder.release import captured_log, generate_release


@dataclass(frozen=True)
class Record:
    """What the books say of one submission.

    `status` is graded, timeout, out_of_memory, killed or unreadable; `not_recorded` when the books could not take it,
    with the reason. `points` maps each graded cell to its points, None while a person still has to grade it; `messages`
    says why a test cell failed.
    """

    student: str
    lesson: str
    status: str
    points: dict[str, float | None] = field(default_factory=dict)
    max_points: dict[str, float] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    repaired: list[str] = field(default_factory=list)
    reason: str = ""
    feedback: str = ""
    sandbox: bool = True

    @property
    def recorded(self) -> bool:
        return self.status != "not_recorded"

    @property
    def score(self) -> float:
        return sum(points for points in self.points.values() if points is not None)

    @property
    def max_score(self) -> float:
        return sum(self.max_points.values())

    @property
    def to_grade(self) -> float:
        """The points that wait for a person."""
        return sum(self.max_points[cell] for cell, points in self.points.items() if points is None)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {
            "score": self.score,
            "max_score": self.max_score,
            "to_grade": self.to_grade,
        }


def grade_class(
    classroom: ClassDirectory,
    lessons: list[str],
    *,
    force: bool = False,
    unsafe: bool = False,
    begun: Callable[[int], None] = lambda total: None,
) -> Iterator[Record]:
    """Grade all submissions of these lessons, yielding a record for each; one bad submission never stops the others.

    Args:
        force: grade again what has an unchanged record.
        unsafe: run the notebooks without the sandbox; written into every record.
        begun: called once with the number of submissions.

    Raises:
        GradebookError, SandboxUnavailable: before anything is graded, when the gradebook cannot be used or the sandbox
            cannot be built.
    """
    examiner(unsafe=unsafe).check()
    classroom.config.Run.unsafe = unsafe
    check_gradebook(classroom.db_url)
    _ensure_lessons(classroom, lessons)
    students = known_students(classroom.db_url)
    submissions = list(classroom.submissions(lessons))
    begun(len(submissions))
    for submission in submissions:
        try:
            _refuse_strangers(classroom, submission, students)
            yield grade_submission(classroom, submission, force=force)
        except AutograderError as error:
            yield Record(submission.student, submission.lesson, "not_recorded", reason=str(error))


def _ensure_lessons(classroom: ClassDirectory, lessons: list[str]) -> None:
    """A gradebook that was moved away and begun anew has to learn the lessons again."""
    for lesson in set(lessons) - known_lessons(classroom.db_url):
        with gradebook_errors(classroom.db_url):
            generate_release(classroom.coursedir(), classroom.config, lesson)


def _refuse_strangers(classroom: ClassDirectory, submission: Submission, students: set[str]) -> None:
    if classroom.has_roster and submission.student not in students:
        raise AutograderError(
            f"'{submission.student}' is not on the roster.",
            remedy=f"Add them with 'nbgrader db student add {submission.student}' or rename the folder, then grade again.",
        )
    if not STUDENT_ID.fullmatch(submission.student):
        raise AutograderError(
            f"the folder name {submission.student!r} is no student id.",
            remedy="Rename it to the student's id (letters, digits, '_', '.', '@', '-').",
        )


def grade_submission(classroom: ClassDirectory, submission: Submission, *, force: bool = False) -> Record:
    """Grade one submission into `autograded/`, `feedback/` and the gradebook, or find its unchanged record.

    Raises:
        AutograderError: the books could not take the submission.
    """
    source = classroom.path / "source" / submission.lesson / f"{submission.lesson}.ipynb"
    key = submission_key(submission.notebook, source)
    notebook = _autograded(classroom, submission)
    if force or notebook is None or notebook.metadata.get("convlab", {}).get("key") != key:
        _autograde(classroom, submission)
        notebook = _autograded(classroom, submission)
    page = classroom.path / "feedback" / submission.student / submission.lesson / f"{submission.lesson}.html"
    if force or not page.is_file() or page.stat().st_mtime < _autograded_path(classroom, submission).stat().st_mtime:
        write_feedback(classroom, submission)
    return _record(submission, notebook, scores(classroom.db_url, submission.student, submission.lesson), page)


def _autograde(classroom: ClassDirectory, submission: Submission) -> None:
    if not submission.notebook.exists():
        others = sorted(path.name for path in submission.folder.glob("*.ipynb"))
        raise AutograderError(
            f"there is no '{submission.notebook.name}'" + (f", but {', '.join(others)}." if others else "."),
            where=f"{submission.student}, {submission.lesson}",
            remedy="Rename the notebook, or ask the student to hand in again.",
        )
    log, lines = captured_log("autograde")
    coursedir = classroom.coursedir(submission.lesson, submission.student)
    coursedir.notebook_id = submission.lesson
    converter = Autograde(coursedir=coursedir, config=classroom.config, log=log, force=True)
    with gradebook_errors(classroom.db_url):
        try:
            converter.start()
        except (NbGraderException, SystemExit) as error:
            raise AutograderError(
                f"nbgrader could not record it: {_cause(lines)}",
                where=f"{submission.student}, {submission.lesson}",
            ) from error


def _cause(lines: list[str]) -> str:
    """The last line of the last traceback that nbgrader logged."""
    traces = [line for line in lines if "Traceback" in line] or lines or ["no reason given"]
    return traces[-1].strip().splitlines()[-1]


def _autograded_path(classroom: ClassDirectory, submission: Submission) -> Path:
    return classroom.path / "autograded" / submission.student / submission.lesson / f"{submission.lesson}.ipynb"


def _autograded(classroom: ClassDirectory, submission: Submission) -> NotebookNode | None:
    """What the last grading wrote."""
    path = _autograded_path(classroom, submission)
    return nbformat.read(path, as_version=4) if path.is_file() else None


def _record(submission: Submission, notebook: NotebookNode, points: list[Score], page: Path) -> Record:
    known = notebook.metadata.get("convlab", {})
    return Record(
        submission.student,
        submission.lesson,
        known.get("status", "graded"),
        {score.cell: score.score for score in points},
        {score.cell: score.max_score for score in points},
        _messages(notebook),
        list(known.get("repaired", [])),
        known.get("reason", ""),
        str(page),
        not known.get("unsafe", False),
    )


def _messages(notebook: NotebookNode) -> dict[str, str]:
    """Why each failed test cell failed."""
    messages = {}
    for cell in notebook.cells:
        errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
        if errors and cell.metadata.get("nbgrader", {}).get("grade"):
            name, value = errors[0].ename, errors[0].evalue
            messages[cell.metadata.nbgrader.grade_id] = (
                value if name in ("AssertionError", "CheckError", "NotRun") and value else f"{name}: {value}"
            )
    return messages
