"""Builds `convlab/hints/lessons.json`: what a notebook needs to help its student without having the solutions.

It is made from the released notebooks, which contain only visible tests, so no hidden input can get into it.
"""

from __future__ import annotations

import json
import warnings
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import numpy as np

from autograder.course.answers import Answer, read_answers
from autograder.course.lessons import MISCONCEPTIONS, Course
from convlab.checks import CheckError

NOTE = "from solutions/ by 'make lessons'; edit those files, not this one"


def companion_file(course: Course) -> Path:
    return course.root / "convlab" / "hints" / "lessons.json"


def build_companion(course: Course, lessons: Iterable[str]) -> Path:
    """Update the entries of these lessons, whose releases must have been built; every run writes the same bytes."""
    path = companion_file(course)
    known = json.loads(path.read_text(encoding="utf-8"))["lessons"] if path.is_file() else {}
    entries = known | {lesson: companion(course, lesson) for lesson in lessons}
    content = {
        "generated": NOTE,
        "lessons": {lesson: entries[lesson] for lesson in course.lessons if lesson in entries},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
    return path


def companion(course: Course, lesson: str) -> dict[str, Any]:
    """One lesson's entry: points of exercises and of written answers, and help by the digest of the wrong result."""
    notebook = nbformat.read(course.release(lesson), as_version=4)
    marked = [(cell, cell.metadata.nbgrader) for cell in notebook.cells if "nbgrader" in cell.metadata]
    tests = {mark.grade_id.removeprefix("test_"): cell for cell, mark in marked if mark.grade and not mark.solution}
    wrong = read_answers(course.source(lesson).with_name(f"{MISCONCEPTIONS}.py"))
    return {
        "points": {name: cell.metadata.nbgrader.points for name, cell in tests.items()},
        "written": {mark.grade_id: mark.points for _, mark in marked if mark.grade and mark.solution},
        "known": _known(wrong, {name: cell.source for name, cell in tests.items()}),
    }


def _known(wrong: list[Answer], tests: dict[str, str]) -> dict[str, str]:
    helps = defaultdict(set)
    for answer in (answer for answer in wrong if answer.exercise in tests):
        # Computed twice, because a result that depends on chance cannot be recognized.
        first, second = (first_failure(answer, tests[answer.exercise], attempt).outcome for attempt in (1, 2))
        if first and first == second:
            helps[first].add(answer.help)
    return {digest: help_ for digest, (help_, *others) in sorted(helps.items()) if not others}


@dataclass(frozen=True)
class FirstFailure:
    """How a wrong answer first fails a visible check: the message, and the digest of the result.

    The message is "" if it passes them all; the digest is "" as well if the answer raises.
    """

    message: str = ""
    outcome: str = ""


@cache
def first_failure(answer: Answer, test: str, attempt: int = 1) -> FirstFailure:
    """Run a test's visible checks with a wrong answer, for each attempt once."""
    if "keras" in test + answer.code:
        from convlab.quiet import keras  # noqa: PLC0415, only some lessons need TensorFlow, which takes seconds

        keras.utils.set_random_seed(attempt)  # the message is the same in every run, and a random result is still told
    made: dict[str, Any] = {}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        exec(answer.code, made)
        try:
            exec(test, {answer.exercise: made[answer.exercise]})
        except CheckError as error:
            return FirstFailure(str(error), error.outcome)
        except Exception as error:
            return FirstFailure(f"{type(error).__name__}: {error}")
    return FirstFailure()
