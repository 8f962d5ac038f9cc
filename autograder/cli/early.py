"""Starts what a check needs while the rest of the program is still being imported, which takes as long."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.course import Course
from autograder.course.lessons import MISCONCEPTIONS
from autograder.errors import AutograderError
from autograder.execution import shared_runner
from autograder.execution.runner import name_keras
from autograder.sandbox import missing


def start_for_check(arguments: Iterable[str], course: Course | None = None) -> None:
    """Start worker, judge and clerk for the lesson that is named among a command's arguments, if there is one.

    This only saves time. Whatever goes wrong here is found again, and reported, by the command itself.
    """
    course = course or Course()
    lesson = next(filter(None, (_lesson_of(course, argument) for argument in arguments)), None)
    if lesson is None or not sys.platform.startswith("linux"):
        return
    with contextlib.suppress(AutograderError, OSError, ValueError):
        unsafe = bool(missing())
        shared_runner(unsafe=unsafe).launch(keras=lesson_names_keras(course, lesson))
        # Imported late: it takes longer than all of the above.
        from autograder.uploads import shared_clerks  # noqa: PLC0415

        shared_clerks(unsafe=unsafe).launch()


def _lesson_of(course: Course, argument: str) -> str | None:
    """The lesson that `check` would take for this argument; None if there is no such file, folder or number."""
    path = Path(argument)
    for lesson in course.lessons:
        number = lesson.partition("_")[0]
        if path.name.startswith(lesson) if path.exists() else argument in (lesson, number, number.lstrip("0")):
            return lesson
    return None


def lesson_names_keras(course: Course, lesson: str) -> bool:
    """Whether the code of a lesson or of its misconceptions names Keras, found without parsing them as notebooks."""
    source = course.source(lesson)
    return name_keras(_code_lines(source, source.with_name(f"{MISCONCEPTIONS}.py")))


def _code_lines(*files: Path) -> Iterator[str]:
    """The lines of Python files that are not comments; in a lesson's source, text cells are comments."""
    for file in files:
        if file.is_file():
            yield from (line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
