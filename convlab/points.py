"""`progress()`: a student's points so far by the visible tests. It does not influence grades; the judge gives them."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from convlab import runs

COURSE = Path(__file__).parents[1]
MARKS = {"passed": "✓", "failed": "✗", "changed": "·", "untested": "·"}
REMARKS = {
    "passed": "",
    "failed": "not right yet",
    "changed": "changed since its tests ran",
    "untested": "not tested yet",
}


@cache
def lessons() -> dict[str, dict[str, Any]]:
    """Points, written answers and known wrong results of each lesson, as `python -m autograder build` wrote them."""
    return json.loads((COURSE / "convlab" / "hints" / "lessons.json").read_text(encoding="utf-8"))["lessons"]


@dataclass(frozen=True)
class Progress:
    """A table to look at: plain text in a terminal, Markdown in a notebook."""

    head: str
    rows: list[tuple[str, str, str, str]]
    after: str

    def __repr__(self) -> str:
        if not self.rows:
            return f"{self.head}\n\n{self.after}"
        widths = [max(len(row[column]) for row in self.rows) for column in range(3)]
        lines = [
            f"  {mark}  {name:<{widths[1]}}  {points:>{widths[2]}}  {remark}".rstrip()
            for mark, name, points, remark in self.rows
        ]
        return "\n".join([self.head, "", *lines, "", self.after])

    def _repr_markdown_(self) -> str:
        if not self.rows:
            return f"**{self.head}**\n\n{self.after}"
        rows = [f"| {mark} | `{name}` | {points} | {remark} |" for mark, name, points, remark in self.rows]
        return "\n".join(
            [f"**{self.head}**", "", "| | exercise | points | |", "|---|---|--:|---|", *rows, "", self.after]
        )


def progress(lesson: str | None = None) -> Progress:
    """Show the points of this notebook's lesson by the visible tests, and what to do next.

    An exercise counts if the checks of its test cell passed the last time they ran and the function has not changed
    since. Hidden tests ask the same of other data; the result ends with how to run them too.

    Args:
        lesson: the lesson's name, such as "02_padding"; by default, the lesson whose tests ran last in this notebook.

    Raises:
        LookupError: there is no such lesson.
    """
    lesson = lesson or this_lesson()
    if not lesson:
        first = next(iter(lessons()))
        after = f'Solve an exercise and run its test cell. Or name a lesson: `progress("{first}")`.'
        return Progress("No test has run in this notebook yet", [], after)
    if lesson not in lessons():
        raise LookupError(f"There is no lesson '{lesson}'. There are: {', '.join(lessons())}.")
    points, written = lessons()[lesson]["points"], lessons()[lesson]["written"]
    states = _states(lesson)
    reached = {name: worth if states[name] == "passed" else 0 for name, worth in points.items()}
    rows = [
        (MARKS[states[name]], name, f"{reached[name]} of {worth}", REMARKS[states[name]])
        for name, worth in points.items()
    ]
    rows += [("✎", name, str(worth), "graded by a person") for name, worth in written.items()]
    head = f"Lesson {int(lesson[:2])}: {sum(reached.values())} of {sum(points.values())} points by the visible tests"
    return Progress(head, rows, f"{_advice(states, list(written))}\n\n{_hidden_tests(lesson)}")


def this_lesson() -> str:
    """The lesson that this notebook belongs to, "" if unknown.

    It is determined by the function that was checked last, else by the names the notebook defines, else by its folder.
    """
    notebook = vars(sys.modules["__main__"]) if "__main__" in sys.modules else {}
    for names in (runs.latest(), list(notebook)):
        for name in names:
            for lesson, entry in lessons().items():
                if name in entry["points"]:
                    return lesson
    return Path.cwd().name if Path.cwd().name in lessons() else ""


def exercises(lesson: str) -> list[str]:
    """The names of a lesson's exercises, in the lesson's order."""
    return list(lessons()[lesson]["points"])


def next_exercise(lesson: str) -> str:
    """The exercise that `progress` suggests next: once every visible test passes, the first written one, if any."""
    return _next(_states(lesson))[0] or next(iter(lessons()[lesson]["written"]), "")


def _states(lesson: str) -> dict[str, str]:
    return {name: runs.state(name) for name in exercises(lesson)}


def _next(states: dict[str, str]) -> tuple[str, str]:
    """The next exercise and its state: failed ones first, then those changed since their tests, then untested ones."""
    todo = [
        (name, state)
        for wanted in ("failed", "changed", "untested")
        for name, state in states.items()
        if state == wanted
    ]
    return todo[0] if todo else ("", "")


def _advice(states: dict[str, str], written: list[str]) -> str:
    name, state = _next(states)
    if name:
        return f"Next: `{name}`. " + ("Run its test cell again." if state == "changed" else f'Stuck? `hint("{name}")`')
    answers = " and ".join(f"`{name}`" for name in written)
    return "Every visible test passes." + (f' Next: answer {answers}. Stuck? `hint("{written[0]}")`' if answers else "")


def _hidden_tests(lesson: str) -> str:
    """How to run the hidden tests: by a command for this Python and notebook, or, without autograder, by handing in."""
    # Looked up without importing: a student's bundle has no grading code, and neither has the sandbox.
    if not (find_spec("autograder") and find_spec("autograder.cli")):
        return "The hidden tests run when you hand in: save the notebook, and hand it in under its original name."
    notebook, shipped = Path.cwd() / f"{lesson}.ipynb", COURSE / "lessons" / lesson / f"{lesson}.ipynb"
    if shipped.is_file() and not notebook.is_file():
        notebook = shipped
    python, path = (f'"{name}"' if " " in name else name for name in (os.path.abspath(sys.executable), str(notebook)))
    command = f"    {python} -m autograder check {path}"
    return f"To run all checks, the hidden ones too, save the notebook, then run in a terminal\n\n{command}"
