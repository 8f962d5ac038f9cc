"""Finds the lessons of a repository."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.errors import LessonError

REPOSITORY = Path(__file__).resolve().parents[2]

MISCONCEPTIONS = "misconceptions"


@dataclass(frozen=True)
class Course:
    """The lessons of a repository: `solutions/NN_topic/NN_topic.py`, in order."""

    root: Path = REPOSITORY

    @property
    def lessons(self) -> list[str]:
        return sorted(path.stem for path in self.root.glob("solutions/[0-9][0-9]_*/*.py") if self._is_source(path))

    @staticmethod
    def _is_source(path: Path) -> bool:
        return path.stem == path.parent.name

    @property
    def solutions(self) -> Path:
        """The folder of the sources, which also has what their pre-flight found out."""
        return self.root / "solutions"

    def source(self, lesson: str) -> Path:
        return self.root / "solutions" / lesson / f"{lesson}.py"

    def release(self, lesson: str) -> Path:
        return self.root / "lessons" / lesson / f"{lesson}.ipynb"

    def select(self, wanted: tuple[str, ...] | list[str] = ()) -> list[str]:
        """The lessons of the given names, in order, or all if none are given. Raises LessonError if one is unknown."""
        return _select(wanted, self.lessons, str(self.root / "solutions"))


def _select(wanted: tuple[str, ...] | list[str], known: list[str], where: str) -> list[str]:
    for lesson in wanted:
        if lesson not in known:
            there = ", ".join(known) or "none"
            raise LessonError(f"there is no lesson '{lesson}'.", where=where, remedy=f"There are: {there}.")
    return sorted(wanted) if wanted else known
