"""The story of grading: read -> repair -> run -> judge -> record; one submission, then a batch."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters.base import NbGraderException

from autograder.course import STUDENT_ID, ClassDirectory, Submission
from autograder.errors import AutograderError, UnreadableSubmission
from autograder.examiner import Examined, shared_examiner, steps
from autograder.farm import Farm, Job
from autograder.feedback import write_feedback
from autograder.gradebook import (
    Score,
    check_gradebook,
    due_date,
    gradebook_errors,
    held_gradebook,
    known_students,
    known_tests,
    scores,
)
from autograder.journal import Journal
from autograder.nbgrader_steps import (
    AutogradeInOnePass,
    Run,
    examined_before,
    handed_in_files,
    job_of,
    known_misconceptions,
    lesson_notebook,
    submission_key,
    tests_of,
    with_tests,
)
from autograder.release import captured_log, cause, generate_release
from autograder.submission import read_notebook, repair, run_every_cell

# A new version of any of these may give another score.
ENVIRONMENT = [sys.version, *(version(name) for name in ("numpy", "tensorflow", "keras", "nbgrader", "convlab"))]


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
    workers: int = 1,
    scheduler: str | None = None,
    force: bool = False,
    unsafe: bool = False,
    begun: Callable[[int], None] = lambda total: None,
) -> Iterator[Record]:
    """Grade all submissions of these lessons, yielding a record for each; one bad submission never stops the others.

    Args:
        workers: how many notebooks are run at a time; only this process writes the books.
        scheduler: address of a Dask scheduler whose workers run the notebooks instead.
        force: grade again what has an unchanged record.
        unsafe: run the notebooks without the sandbox; written into every record.
        begun: called once with the number of submissions.

    Raises:
        GradebookError, SandboxUnavailable: before anything is graded, when the gradebook cannot be used or the sandbox
            cannot be built.
    """
    shared_examiner(unsafe=unsafe).check()
    classroom.config.Run.unsafe = unsafe
    check_gradebook(classroom.db_url)
    refresh_lessons(classroom, lessons)
    students = known_students(classroom.db_url)
    submissions = list(classroom.submissions(lessons))
    begun(len(submissions))
    journal = Journal(classroom.path)
    todo: dict[Submission, str] = {}
    for submission in submissions:
        try:
            refuse_strangers(classroom, submission, students)
            key = record_key(classroom, submission)
        except AutograderError as error:
            yield Record(submission.student, submission.lesson, "not_recorded", reason=str(error))
            continue
        record = None if force else _unchanged(classroom, submission, key, journal)
        if record:
            yield record
        else:
            todo[submission] = key
    with Gradebook(classroom.db_url) as gradebook:
        for submission, examined in examined_ahead(classroom, list(todo), workers, scheduler, unsafe=unsafe):
            try:
                if isinstance(examined, AutograderError):
                    raise examined
                yield grade_submission(classroom, submission, examined, gradebook)
                journal.write(submission, todo[submission], seconds_of(examined))
            except AutograderError as error:
                yield Record(submission.student, submission.lesson, "not_recorded", reason=str(error))


Ahead = tuple[list[dict[str, Any]], Examined]


def seconds_of(examined: Ahead | None) -> float | None:
    """How long a submission's cells and tests ran."""
    return round(examined[1].seconds[-1], 3) if examined and examined[1].seconds else None


def examined_ahead(
    classroom: ClassDirectory, submissions: list[Submission], workers: int, scheduler: str | None, *, unsafe: bool
) -> Iterator[tuple[Submission, Ahead | AutograderError | None]]:
    """Each submission with what came of its cells, in the order in which they are done; None where nothing can be run."""
    plans: dict[Submission, list[dict[str, Any]]] = {}
    unreadable: list[Submission] = []

    def jobs() -> Iterator[tuple[Submission, Job]]:
        """Made when a worker is free for them: a whole class of notebooks is large."""
        for submission in submissions:
            job = _job(classroom, submission, unsafe=unsafe)
            if job is None:
                unreadable.append(submission)
            else:
                plans[submission] = steps(job.notebook)
                yield submission, job

    if not submissions:
        return
    if not scheduler:
        shared_examiner(unsafe=unsafe).launch()
    with Farm(min(workers, len(submissions)), scheduler) as farm:
        for submission, examined in farm.examine(jobs()):
            plan = plans.pop(submission)
            yield submission, examined if isinstance(examined, AutograderError) else (plan, examined)
    yield from ((submission, None) for submission in unreadable)


def _job(classroom: ClassDirectory, submission: Submission, *, unsafe: bool) -> Job | None:
    """The submission as nbgrader's own steps will have it before they run it; None if it cannot be read."""
    try:
        notebook = notebook_to_run(classroom, submission)
    except UnreadableSubmission:
        return None
    settings = Run(config=classroom.config)
    return job_of(
        notebook,
        submission.folder,
        classroom.path,
        submission.lesson,
        settings.cell_seconds,
        settings.total_seconds,
        unsafe=unsafe,
    )


def notebook_to_run(classroom: ClassDirectory, submission: Submission) -> NotebookNode:
    """What was handed in, repaired and with the tests of `source/`. Raises UnreadableSubmission."""
    source, release = (
        lesson_notebook(classroom.path / folder / submission.lesson / f"{submission.lesson}.ipynb")
        for folder in ("source", "release")
    )
    notebook = with_tests(repair(read_notebook(submission.notebook), release).notebook, source)
    if Run(config=classroom.config).every_cell:
        run_every_cell(notebook)
    return notebook


def record_key(classroom: ClassDirectory, submission: Submission) -> str:
    """A digest of all that a record depends on: submission, tests, settings and environment."""
    source = classroom.path / "source" / submission.lesson / f"{submission.lesson}.ipynb"
    settings = json.dumps(
        [
            classroom.config.get("Run", {}),
            classroom.config.get("AssignLatePenalties", {}),
            due_date(classroom.db_url, submission.lesson),
            ENVIRONMENT,
        ],
        sort_keys=True,
        default=str,
    )
    files = sorted(
        (name, hashlib.sha256(content).hexdigest()) for name, content in handed_in_files(submission.folder).items()
    )
    known = known_misconceptions(classroom.path, submission.lesson)
    parts = [submission_key(submission.notebook, source), settings, repr(files), json.dumps(known, sort_keys=True)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _unchanged(classroom: ClassDirectory, submission: Submission, key: str, journal: Journal) -> Record | None:
    """The record of a submission that the books have already, just as it is."""
    page = _page(classroom, submission)
    if journal.key(submission) != key or not page.is_file() or not _autograded_path(classroom, submission).is_file():
        return None
    return _record(
        submission,
        autograded_notebook(classroom, submission),
        scores(classroom.db_url, submission.student, submission.lesson),
        page,
    )


def refresh_lessons(classroom: ClassDirectory, lessons: list[str]) -> None:
    """Have the gradebook learn lessons that it does not know, being new, or whose tests were changed in `source/`."""
    for lesson in sorted(set(lessons)):
        source = nbformat.read(classroom.path / "source" / lesson / f"{lesson}.ipynb", as_version=4)
        if known_tests(classroom.db_url, lesson) != tests_of(source):
            with gradebook_errors(classroom.db_url):
                generate_release(classroom.coursedir(), classroom.config, lesson)


def refuse_strangers(classroom: ClassDirectory, submission: Submission, students: set[str]) -> None:
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


def grade_submission(
    classroom: ClassDirectory,
    submission: Submission,
    examined: Ahead | None = None,
    gradebook: Gradebook | None = None,
) -> Record:
    """Grade one submission into `autograded/`, `feedback/` and the gradebook.

    Args:
        examined: what came of its cells already; without it they are run here and now.
        gradebook: the class's, if it is open already.

    Raises:
        AutograderError: the books could not take the submission.
    """
    if examined is not None:
        examined_before[submission.student, submission.lesson] = examined
    with held_gradebook(classroom.db_url, gradebook) as commit:
        _autograde(classroom, submission)
        commit()
        notebook = autograded_notebook(classroom, submission)
        page = write_feedback(classroom, submission, notebook)
        points = scores(classroom.db_url, submission.student, submission.lesson)
        return _record(submission, notebook, points, page)


def _page(classroom: ClassDirectory, submission: Submission) -> Path:
    return classroom.path / "feedback" / submission.student / submission.lesson / f"{submission.lesson}.html"


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
    converter = AutogradeInOnePass(coursedir=coursedir, config=classroom.config, log=log, force=True)
    try:
        converter.start()
    except (NbGraderException, SystemExit) as error:
        raise AutograderError(
            f"nbgrader could not record it: {cause(lines)}",
            where=f"{submission.student}, {submission.lesson}",
        ) from error


def _autograded_path(classroom: ClassDirectory, submission: Submission) -> Path:
    return classroom.path / "autograded" / submission.student / submission.lesson / f"{submission.lesson}.ipynb"


def autograded_notebook(classroom: ClassDirectory, submission: Submission) -> NotebookNode | None:
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
