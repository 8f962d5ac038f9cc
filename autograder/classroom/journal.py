"""Which submissions are in the books, so that a batch that was cut off goes on where it was.

A line is written when grades, graded notebook and feedback of a submission are all there. If the machine dies in between,
the submission is graded once more, which puts the same into the books.
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
    """The journal of a class directory, one JSON line for each graded submission; the last one counts."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._keys: dict[tuple[str, str], str] = {}
        self._seconds: dict[tuple[str, str], float | None] = {}
        self._students: set[str] = set()
        for entry in read_lines(self._path):
            with contextlib.suppress(KeyError, TypeError):
                self._keep(entry)

    def _keep(self, entry: dict[str, Any]) -> None:
        graded = entry["student"], entry["lesson"]
        self._keys[graded], self._seconds[graded] = entry["key"], entry.get("seconds")
        self._students.add(entry["student"])

    def key(self, submission: Submission) -> str | None:
        """What the submission's record depended on when it was written; None if there is none."""
        return self._keys.get((submission.student, submission.lesson))

    def knows(self, student: str) -> bool:
        """Whether anything of a student's was ever in the books."""
        return student in self._students

    def seconds(self, student: str, lesson: str) -> float | None:
        """How long the submission's cells and tests ran; None if that is not known."""
        return self._seconds.get((student, lesson))

    def write(self, *graded: tuple[Submission, str, float | None]) -> None:
        """Say that submissions are in the books: each with its key, and how long its cells and tests ran. Raises ClassError."""
        lines = [
            {"student": submission.student, "lesson": submission.lesson, "key": key, "seconds": seconds}
            for submission, key, seconds in graded
        ]
        if not lines:
            return
        try:
            append_lines(self._path, lines)
        except OSError as error:
            raise ClassError(
                f"the journal cannot be written ({error.strerror}).",
                where=str(self._path),
                remedy="Make room, or mend the file's rights, and grade again: what is in the books stays.",
            ) from error
        for line in lines:
            self._keep(line)
