"""Where things are: the repository's lessons, and an instructor's class directory."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, PyFileConfigLoader

from autograder.errors import ClassError, LessonError

REPOSITORY = Path(__file__).resolve().parents[1]
MISCONCEPTIONS = "misconceptions"
CONFIG_FILE = "nbgrader_config.py"
# As it was called, so that what a message advises can be copied.
COMMAND = f"{sys.orig_argv[0]} -m autograder"

# nbgrader calls 'alembic' by its bare name, which an environment that is not activated does not have on PATH.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])

# nbgrader joins ids with '+' in timestamps and uses them as folder names.
STUDENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")


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

    def source(self, lesson: str) -> Path:
        return self.root / "solutions" / lesson / f"{lesson}.py"

    def release(self, lesson: str) -> Path:
        return self.root / "lessons" / lesson / f"{lesson}.ipynb"

    def select(self, wanted: tuple[str, ...] | list[str] = ()) -> list[str]:
        """The lessons of these names, all of them if none is named. Raises LessonError."""
        return _select(wanted, self.lessons, str(self.root / "solutions"))


def _select(wanted: tuple[str, ...] | list[str], known: list[str], where: str) -> list[str]:
    for lesson in wanted:
        if lesson not in known:
            there = ", ".join(known) or "none"
            raise LessonError(f"there is no lesson '{lesson}'.", where=where, remedy=f"There are: {there}.")
    return sorted(wanted) if wanted else known


@dataclass(frozen=True)
class Submission:
    """One student's folder for one lesson, as handed in."""

    student: str
    lesson: str
    folder: Path

    @property
    def notebook(self) -> Path:
        return self.folder / f"{self.lesson}.ipynb"


class ClassDirectory:
    """An nbgrader course directory that `autograder new` made.

    Raises:
        ClassError: the folder is missing, is no class directory, or its configuration does not run.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path).resolve()
        if not self.path.is_dir():
            raise ClassError(
                "there is no such folder.",
                where=str(path),
                remedy=f"Make a class with '{COMMAND} new {path}'.",
            )
        if not (self.path / CONFIG_FILE).is_file() or not (self.path / "source").is_dir():
            raise ClassError(
                f"this is no class directory ({CONFIG_FILE} or source/ is missing).",
                where=str(path),
                remedy=f"Make one with '{COMMAND} new {path}'.",
            )
        try:
            self.config: Config = PyFileConfigLoader(CONFIG_FILE, path=str(self.path)).load_config()
        except Exception as error:
            raise ClassError(
                f"the configuration does not run ({type(error).__name__}: {error}).",
                where=str(self.path / CONFIG_FILE),
                remedy="Correct that line.",
            ) from error

    @property
    def lessons(self) -> list[str]:
        return sorted(path.parent.name for path in self.path.glob("source/*/*.ipynb") if path.stem == path.parent.name)

    def select(self, wanted: tuple[str, ...] | list[str] = ()) -> list[str]:
        """The lessons of these names, all of them if none is named. Raises LessonError."""
        return _select(wanted, self.lessons, str(self.path / "source"))

    def coursedir(self, lesson: str = "", student: str = "*") -> CourseDirectory:
        """nbgrader's own view of this directory, for one lesson and one student or all."""
        directory = CourseDirectory(config=self.config, root=str(self.path))
        directory.assignment_id, directory.student_id = lesson, student
        return directory

    @cached_property
    def secret(self) -> tuple[str, ...]:
        """What students' code must not see."""
        return secret_paths(self.coursedir())

    @cached_property
    def db_url(self) -> str:
        return self.coursedir().db_url

    def submissions(self, lessons: list[str]) -> Iterator[Submission]:
        """What lies below `submitted/`, by lesson, then student; folders without a notebook are included."""
        for lesson in lessons:
            for folder in sorted(self.path.glob(f"submitted/*/{lesson}")):
                yield Submission(folder.parent.name, lesson, folder)

    def unknown_lessons(self) -> list[str]:
        """Folders below `submitted/<student>/` that belong to no lesson of the class."""
        known = set(self.lessons)
        return sorted(
            str(folder.relative_to(self.path))
            for folder in self.path.glob("submitted/*/*")
            if folder.is_dir() and folder.name not in known
        )

    @property
    def has_roster(self) -> bool:
        """Whether only students who are in the gradebook already may have submissions."""
        return self.config.get("Autograde", {}).get("create_student", True) is False


def secret_paths(directory: CourseDirectory) -> tuple[str, ...]:
    """What must stay hidden of a class: its directory, and the parts of it that the configuration puts elsewhere."""
    parts = [getattr(directory, f"{name}_directory") for name in "source release submitted autograded feedback".split()]
    if directory.db_url.startswith("sqlite:///"):
        parts.append(directory.db_url.removeprefix("sqlite:///"))
    return (directory.root, *(part for part in parts if os.path.isabs(part)))
