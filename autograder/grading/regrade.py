"""Regrading after a test was corrected: runs the affected submissions, shows the differences, and then writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import chain
from typing import Any

from nbgrader.api import Gradebook

from autograder.classroom import ClassDirectory, Journal, Submission, writing
from autograder.course.preflight import Findings
from autograder.errors import AutograderError
from autograder.execution import shared_runner
from autograder.gradebook import Record, check_gradebook
from autograder.gradebook.scores import scores
from autograder.grading.grade import (
    RecordKeys,
    check_own_files,
    graded_ahead,
    preflights,
    refresh_lessons,
    refresh_tests,
)
from autograder.grading.job import GradedNotebook
from autograder.grading.nbgrader_plugin import LINUX
from autograder.grading.recorder import Recorder, record_without
from autograder.notebooks.status import Status


@dataclass(frozen=True)
class Change:
    """A change of one graded cell's points; None if a person has to give them."""

    cell: str
    before: float | None
    after: float | None


@dataclass(frozen=True)
class ScoreChange:
    """The result of running a submission again, not yet written; `reason` says why it could not be run."""

    submission: Submission
    status: str
    changes: list[Change] = field(default_factory=list)
    reviewed: list[str] = field(default_factory=list)  # cells graded by hand, whose points are kept
    key: str = ""
    graded: GradedNotebook | None = None
    reason: str = ""

    @property
    def difference(self) -> float:
        return sum((change.after or 0) - (change.before or 0) for change in self.changes)

    def as_dict(self) -> dict[str, Any]:
        return {
            "student": self.submission.student,
            "lesson": self.submission.lesson,
            **(
                {}
                if self.submission.notebook_name == self.submission.lesson
                else {"notebook": self.submission.notebook_name}
            ),
            "status": self.status,
            "difference": self.difference,
            "changes": [asdict(change) for change in self.changes],
            "reason": self.reason,
        }


def preview(
    classroom: ClassDirectory,
    lessons: list[str],
    *,
    workers: int = 1,
    scheduler: str | None = None,
    unsafe: bool = False,
    begun: Callable[[int], None] = lambda total: None,
    found: Callable[[Findings], None] = lambda findings: None,
) -> Iterator[ScoreChange]:
    """Run each recorded submission whose tests, limits or environment have changed since it was recorded.

    Arguments and errors are those of `grade_class`. No grades, notebooks or feedback are written.
    """
    shared_runner(unsafe=unsafe).check()
    classroom.config.Run.unsafe = unsafe
    check_gradebook(classroom.db_url)
    for lesson in lessons:
        check_own_files(classroom, lesson)
        refresh_tests(classroom, lesson)
    for findings in preflights(classroom, sorted({one.lesson for one in classroom.submissions(lessons)})):
        found(findings)
    journal, keys = Journal(classroom.path), RecordKeys(classroom)
    touched = {
        submission: key
        for submission in classroom.submissions(lessons)
        if journal.key(submission) != (key := keys.of(submission))
        and scores(classroom.db_url, submission.student, submission.lesson, submission.notebook_name)
    }
    begun(len(touched))
    rendering = Recorder(classroom).rendering
    for submission in [one for one in touched if not one.missing and not one.notebook.exists()]:
        yield ScoreChange(submission, Status.NOT_RECORDED, reason=f"'{submission.notebook.name}' no longer exists.")
        del touched[submission]
    if not LINUX:
        reason = "this system cannot run a submission without recording it. Use 'grade --force'."
        yield from (ScoreChange(submission, Status.NOT_RECORDED, reason=reason) for submission in touched)
        return
    for submission, graded in chain.from_iterable(
        graded_ahead(classroom, list(touched), workers, scheduler, rendering)
    ):
        if isinstance(graded, AutograderError):
            yield ScoreChange(submission, Status.NOT_RECORDED, reason=str(graded))
        else:
            yield _compared(classroom, submission, touched[submission], graded)


def _compared(classroom: ClassDirectory, submission: Submission, key: str, graded: GradedNotebook) -> ScoreChange:
    changes, reviewed = [], []
    before = scores(classroom.db_url, submission.student, submission.lesson, submission.notebook_name)
    for cell, score in graded.entry.scores.items():
        if cell not in before:
            continue
        if before[cell].by_hand is not None:
            reviewed += [cell] if before[cell].reviewed else []
        elif score.auto != before[cell].auto:
            changes.append(Change(cell, before[cell].auto, score.auto))
    return ScoreChange(submission, graded.status, changes, reviewed, key, graded)


def write(classroom: ClassDirectory, found: list[ScoreChange]) -> Iterator[Record]:
    """Write the results of `preview` into the gradebook, `autograded/` and `feedback/`, and yield the records.

    Points and comments given by hand are kept.

    Raises:
        ClassInUse: another process is writing into the class.
    """
    with writing(classroom.path, "regrade"):
        yield from _written(classroom, found)


def _written(classroom: ClassDirectory, found: list[ScoreChange]) -> Iterator[Record]:
    lessons = sorted({one.submission.lesson for one in found})
    refresh_lessons(classroom, lessons)
    for _ in preflights(classroom, lessons):
        pass
    journal, keys = Journal(classroom.path), RecordKeys(classroom)
    with Gradebook(classroom.db_url) as gradebook:
        recorder = Recorder(classroom, gradebook)
        for one in found:
            submission = one.submission
            try:
                if one.graded is None:
                    raise AutograderError(one.reason)
                if keys.of(submission) != one.key:
                    raise AutograderError(
                        "the submission was changed after the differences were shown.",
                        where=str(submission),
                        remedy="Run 'regrade' again.",
                    )
                (record,) = recorder.record([(submission, one.graded)], reviewed=one.reviewed)
                if record.recorded:
                    journal.write((submission, one.key, one.graded.seconds))
                yield record
            except (AutograderError, OSError) as error:
                yield record_without(submission, Status.NOT_RECORDED, str(error))
