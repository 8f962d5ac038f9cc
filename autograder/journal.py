"""Which submissions are in the books, so that a batch that was cut off goes on where it was.

A line is written when grades, graded notebook and feedback of a submission are all there. If the machine dies in between,
the submission is graded once more, which puts the same into the books.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from autograder.course import Submission
from autograder.errors import ClassError

FILE = "journal.jsonl"


class Journal:
    """The journal of a class directory, one JSON line for each graded submission; the last one counts."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._keys: dict[tuple[str, str], str] = {}
        self._seconds: dict[tuple[str, str], float | None] = {}
        self._students: set[str] = set()
        self._cut_off = False
        with contextlib.suppress(FileNotFoundError):
            text = self._path.read_text(encoding="utf-8", errors="replace")
            self._cut_off = not text.endswith("\n") and text != ""
            for line in text.splitlines():
                # The last line may have been cut off in the middle.
                with contextlib.suppress(ValueError, KeyError, TypeError):
                    entry = json.loads(line)
                    self._keys[entry["student"], entry["lesson"]] = entry["key"]
                    self._seconds[entry["student"], entry["lesson"]] = entry.get("seconds")
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
            with open(self._path, "a", encoding="utf-8") as file:
                file.write("".join(["\n" if self._cut_off else "", *(f"{json.dumps(line)}\n" for line in lines)]))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise ClassError(
                f"the journal cannot be written ({error.strerror}).",
                where=str(self._path),
                remedy="Make room, or mend the file's rights, and grade again: what is in the books stays.",
            ) from error
        self._cut_off = False
        for submission, key, seconds in graded:
            self._keys[submission.student, submission.lesson] = key
            self._students.add(submission.student)
            self._seconds[submission.student, submission.lesson] = seconds
