"""The log of imports: from which entry of which platform's archive each submission of a class came."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from pathlib import Path
from typing import Any

from autograder.classroom.matching import Roster
from autograder.files import append_lines, read_lines

IMPORTS = "imports.jsonl"


class Imports:
    """The file `imports.jsonl` of a class directory, which says where each submission came from.

    It has one JSON line for each import; the last one for a student, lesson, platform and notebook counts.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / IMPORTS
        self._latest: dict[tuple[str, str, str, str], dict[str, Any]] = {}
        for record in read_lines(self._path):
            with contextlib.suppress(KeyError, TypeError):
                self._keep(record)

    def _keep(self, record: dict[str, Any]) -> None:
        notebook = record.get("notebook") or record["lesson"]
        self._latest[record["lesson"], record["student"], record["platform"], notebook] = record

    def of(self, lesson: str, student: str, platform: str, notebook: str = "") -> dict[str, Any]:
        """The last import of a student's notebook, by default the lesson's; empty if there was none."""
        return self._latest.get((lesson, student, platform, notebook or lesson), {})

    def users(self, platform: str, lesson: str = "") -> dict[str, set[str]]:
        """The platform's ids of each student; on Moodle, they differ from lesson to lesson."""
        known: dict[str, set[str]] = defaultdict(set)
        for (of_lesson, student, of_platform, _), record in self._latest.items():
            if of_platform == platform and lesson in ("", of_lesson) and record.get("user"):
                known[student].add(record["user"])
        return known

    def teach(self, roster: Roster, platform: str, lesson: str) -> None:
        """Tell a roster how earlier imports mapped a platform's users; Moodle's ids differ from lesson to lesson."""
        for (of_lesson, student, of_platform, _), record in self._latest.items():
            if of_platform == platform and record.get("user") and (platform != "moodle" or of_lesson == lesson):
                roster.learn(platform, record["user"], student, certain=record.get("by") == "id")

    def write(self, record: dict[str, Any]) -> None:
        if self.of(record["lesson"], record["student"], record["platform"], record.get("notebook", "")) == record:
            return
        append_lines(self._path, [record])
        self._keep(record)
