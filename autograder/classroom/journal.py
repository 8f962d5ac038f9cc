"""The journal records which submissions have been graded, so that an interrupted batch continues where it stopped.

A line is written once the grades, the graded notebook and the feedback of a submission have been written. If the
machine crashes before that, the submission is graded again, with the same result.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from autograder.classroom.directory import Submission
from autograder.errors import ClassError
from autograder.files import append_lines, read_lines

FILE = "journal.jsonl"


class Journal:
    """The journal of a class directory: a JSON line for each time a submission was graded; the last one counts."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._keys: dict[tuple[str, str, str], str] = {}
        self._seconds: dict[tuple[str, str, str], float | None] = {}
        self._students: set[str] = set()
        for entry in read_lines(self._path):
            with contextlib.suppress(KeyError, TypeError):
                self._keep(entry)

    def _keep(self, entry: dict[str, Any]) -> None:
        graded = entry["student"], entry["lesson"], entry.get("notebook") or entry["lesson"]
        self._keys[graded], self._seconds[graded] = entry["key"], entry.get("seconds")
        self._students.add(entry["student"])

    def key(self, submission: Submission) -> str | None:
        """The digest of everything that the submission's record depended on; None if it was never graded."""
        return self._keys.get((submission.student, submission.lesson, submission.notebook_name))

    def knows(self, student: str) -> bool:
        """Whether anything by this student was ever graded."""
        return student in self._students

    def seconds(self, student: str, lesson: str, notebook: str = "") -> float | None:
        """How long the cells and tests of a notebook, by default the lesson's, ran; None if unknown."""
        return self._seconds.get((student, lesson, notebook or lesson))

    def write(self, *graded: tuple[Submission, str, float | None]) -> None:
        """Record that submissions have been graded: each with its key and the seconds that its cells and tests ran.

        Raises:
            ClassError: the journal cannot be written.
        """
        lines: list[dict[str, Any]] = []
        for submission, key, seconds in graded:
            line: dict[str, Any] = {"student": submission.student, "lesson": submission.lesson}
            if submission.notebook_name != submission.lesson:
                line["notebook"] = submission.notebook_name
            lines.append(line | {"key": key, "seconds": seconds})
        if not lines:
            return
        try:
            append_lines(self._path, lines)
        except OSError as error:
            raise ClassError(
                f"the journal cannot be written ({error.strerror}).",
                where=str(self._path),
                remedy="Free disk space or fix the file's permissions, and grade again; existing grades are kept.",
            ) from error
        for line in lines:
            self._keep(line)
