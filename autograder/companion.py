"""What a notebook needs in order to help its student, without solutions at hand: `convlab/hints/lessons.json`.

It is made of the released notebooks, which hold visible tests alone: no hidden input can get into it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat

from autograder.course import Course

NOTE = "from solutions/ by 'make lessons'; edit those files, not this one"


def companion_file(course: Course) -> Path:
    return course.root / "convlab" / "hints" / "lessons.json"


def build_companion(course: Course, lessons: Iterable[str]) -> Path:
    """Bring the entries of these lessons, whose releases have been built, up to date; the same bytes on every run."""
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
    """One lesson's entry: the points of its exercises and of its written answers."""
    notebook = nbformat.read(course.release(lesson), as_version=4)
    marked = [(cell, cell.metadata.nbgrader) for cell in notebook.cells if "nbgrader" in cell.metadata]
    tests = [(cell.source, mark) for cell, mark in marked if mark.grade and not mark.solution]
    return {
        "points": {mark.grade_id.removeprefix("test_"): mark.points for _, mark in tests},
        "written": {mark.grade_id: mark.points for _, mark in marked if mark.grade and mark.solution},
    }
