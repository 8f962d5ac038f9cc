"""Hints for the exercises, opened one at a time: `hint()`, `hint(4)` or `hint("conv2d_valid")`.

The hints of each lesson are written by hand in a TOML file beside this module. They progress from what to look at,
through the operation and the shape, to almost the whole answer, and never give the solution.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from convlab import points

FOLDER = Path(__file__).parent

# The number of the hint opened last in this notebook, by exercise.
_opened: dict[str, int] = {}


class UnknownExercise(LookupError):
    """There is no exercise of this name or number; the message suggests a similar name or says what is possible."""


@dataclass(frozen=True)
class Hint:
    """A hint that displays as plain text in a terminal and as Markdown in a notebook."""

    title: str
    text: str

    def __repr__(self) -> str:
        return f"{self.title}\n\n{self.text}"

    def _repr_markdown_(self) -> str:
        return f"**{self.title}**\n\n{self.text}"


@cache
def hints_by_lesson() -> dict[str, dict[str, list[str]]]:
    """All hints of each exercise of each lesson, in the order of the lessons."""
    files = sorted(FOLDER.glob("*.toml"))
    return {file.stem: tomllib.loads(file.read_text(encoding="utf-8")) for file in files}


def hint(exercise: str | int | Callable | None = None, number: int | None = None) -> Hint:
    """Open the next hint for an exercise.

    Args:
        exercise: its name, such as "conv2d_valid", the function itself, or its number in this notebook's lesson; by
            default, the exercise that `progress()` suggests next.
        number: the hint to open, counted from 1; by default each call opens the next one, and after the last one, a
            call shows all of them.

    Raises:
        UnknownExercise: there is no exercise of this name or number.
        ValueError: there is no hint of this number.
    """
    if exercise is None or isinstance(exercise, int):
        name = _of_this_lesson(exercise)
    else:
        name = exercise if isinstance(exercise, str) else getattr(exercise, "__name__", repr(exercise))
    hints = _hints_of(name)
    if number is None:
        number = _opened.get(name, 0) + 1
    elif not 1 <= number <= len(hints):
        raise ValueError(f"{name} has hints 1 to {len(hints)}; there is no hint {number}.")
    if number > len(hints):
        return _all_again(name, hints)
    _opened[name] = number
    last = number == len(hints)
    after = "This is the last one." if last else f'The next one: `hint("{name}")`.'
    return Hint(f"{name}: hint {number} of {len(hints)}", f"{hints[number - 1]}\n\n{after}")


def _of_this_lesson(place: int | None) -> str:
    """The name of the exercise with this number in this notebook's lesson; without a number, of the next one to do."""
    lesson = points.this_lesson()
    if not lesson:
        raise UnknownExercise('No exercise has run in this notebook yet. Name one, such as hint("conv2d_valid").')
    if place is None:
        if name := points.next_exercise(lesson):
            return name
        raise UnknownExercise('Every visible test passes. Name an exercise, such as hint(1) or hint("conv2d_valid").')
    names = points.exercises(lesson)
    if not 1 <= place <= len(names):
        raise UnknownExercise(
            f"Lesson {int(lesson[:2])} has exercises 1 to {len(names)}; there is no exercise {place}."
        )
    return names[place - 1]


def _hints_of(name: str) -> list[str]:
    known = {exercise: hints for lesson in hints_by_lesson().values() for exercise, hints in lesson.items()}
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    advice = f"Did you mean '{close[0]}'?" if close else "The heading of the exercise gives its name."
    raise UnknownExercise(f"There is no exercise '{name}'. {advice}")


def _all_again(name: str, hints: list[str]) -> Hint:
    numbered = "\n\n".join(f"{number}. {text}" for number, text in enumerate(hints, start=1))
    after = f'There are no more hints. `hint("{name}", 1)` starts again from the first one.'
    return Hint(f"{name}: all {len(hints)} hints", f"{numbered}\n\n{after}")
