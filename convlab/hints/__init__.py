"""Hints for the exercises, opened one after the other: `hint()`, `hint(4)` or `hint("conv2d_valid")`.

They are written by hand, in a file for each lesson beside this one: from what to look at, over which operation and which
shape, to nearly there, and never the solution.
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

# How many hints of each exercise have been opened in this notebook.
_opened: dict[str, int] = {}


class UnknownExercise(LookupError):
    """There is no exercise of this name; the text says which one may be meant."""


@dataclass(frozen=True)
class Hint:
    """Something to read: plain text in a terminal, Markdown in a notebook."""

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
        exercise: its name, such as "conv2d_valid", the function itself, or its number in this notebook's lesson; without
            it, the exercise that `progress()` calls next.
        number: open this hint, counted from 1; without it, each call opens the next one. After the last one come all.

    Raises:
        UnknownExercise: there is no exercise of this name.
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
        raise ValueError(f"{name} has hints 1 to {len(hints)}, there is no hint {number}.")
    if number > len(hints):
        return _all_again(name, hints)
    _opened[name] = number
    last = number == len(hints)
    after = "This is the last one." if last else f'The next one: `hint("{name}")`.'
    return Hint(f"{name}: hint {number} of {len(hints)}", f"{hints[number - 1]}\n\n{after}")


def _of_this_lesson(place: int | None) -> str:
    """The exercise of this number, or the next one to do."""
    lesson = points.this_lesson()
    if not lesson:
        raise UnknownExercise('No exercise has run in this notebook yet, so name one, such as hint("conv2d_valid").')
    if place is None:
        if name := points.next_exercise(lesson):
            return name
        raise UnknownExercise('Every visible test passes. Of which exercise? Such as hint(1) or hint("conv2d_valid").')
    names = points.exercises(lesson)
    if not 1 <= place <= len(names):
        raise UnknownExercise(
            f"Lesson {int(lesson[:2])} has exercises 1 to {len(names)}, there is no exercise {place}."
        )
    return names[place - 1]


def _hints_of(name: str) -> list[str]:
    known = {exercise: hints for lesson in hints_by_lesson().values() for exercise, hints in lesson.items()}
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    advice = f"Did you mean '{close[0]}'?" if close else "The name stands in the heading of the exercise."
    raise UnknownExercise(f"There is no exercise '{name}'. {advice}")


def _all_again(name: str, hints: list[str]) -> Hint:
    numbered = "\n\n".join(f"{number}. {text}" for number, text in enumerate(hints, start=1))
    after = f'There are no more hints. `hint("{name}", 1)` begins again with the first one.'
    return Hint(f"{name}: all {len(hints)} hints", f"{numbered}\n\n{after}")
