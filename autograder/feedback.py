"""Feedback pages, by nbgrader's generate_feedback with our steps."""

from __future__ import annotations

from pathlib import Path

from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException

from autograder.course import ClassDirectory, Submission
from autograder.errors import AutograderError
from autograder.release import captured_log


def write_feedback(classroom: ClassDirectory, submission: Submission) -> Path:
    """Write `feedback/<student>/<lesson>/<lesson>.html` from the autograded notebook."""
    log, lines = captured_log("feedback")
    converter = GenerateFeedback(
        coursedir=classroom.coursedir(submission.lesson, submission.student),
        config=classroom.config,
        log=log,
        force=True,
    )
    try:
        converter.start()
    except (NbGraderException, SystemExit) as error:
        raise AutograderError(
            "the feedback page could not be written: " + " ".join(lines[-1:]),
            where=f"{submission.student}, {submission.lesson}",
            remedy="The score is in the gradebook; run 'nbgrader generate_feedback' for the details.",
        ) from error
    return classroom.path / "feedback" / submission.student / submission.lesson / f"{submission.lesson}.html"
