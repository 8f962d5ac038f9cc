"""Where things are: the repository's lessons, and an instructor's class directory."""

from __future__ import annotations

import contextlib
import glob
import importlib
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType

from nbgrader.coursedir import CourseDirectory
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError
from traitlets.config import Config, JSONFileConfigLoader, PyFileConfigLoader

from autograder.course.lessons import _select
from autograder.errors import COMMAND, ClassError, LessonError
from autograder.files import printable
from autograder.notebooks.file_names import notebook_among

CONFIG_FILE, JSON_CONFIG_FILE = "nbgrader_config.py", "nbgrader_config.json"

# nbgrader joins ids with '+' in timestamps and uses them as folder names.
STUDENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")


def _files_in(folder: Path) -> list[str]:
    """Names in a student's folder, links among them: what cannot be read holds none."""
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if not entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []


@dataclass(frozen=True)
class Submission:
    """One student's folder for one lesson, as handed in; `file` is the notebook's name where it is not the lesson's."""

    student: str
    lesson: str
    folder: Path
    file: str = ""

    @property
    def notebook(self) -> Path:
        return self.folder / (self.file or f"{self.lesson}.ipynb")

    @property
    def renamed(self) -> str:
        """A note on the notebook's name; empty if it is the lesson's."""
        if not self.file:
            return ""
        return f"The notebook was named '{printable(self.file)}': it was taken as '{self.lesson}.ipynb'."


# nbgrader's steps, whose folders have to have nbgrader's own names.
FOLDERS = ("source", "release", "submitted", "autograded", "feedback")


class ClassDirectory:
    """An nbgrader course directory: one that `autograder new` made, or any other.

    Raises:
        ClassError: the folder is missing, is no class directory, its configuration does not run, or it has renamed
            nbgrader's folders.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path).resolve()
        self._modules: dict[str, ModuleType] = {}
        if not self.path.is_dir():
            raise ClassError(
                "there is no such folder.",
                where=str(path),
                remedy=f"Make a class with '{COMMAND} new {path}'.",
            )
        self.config = self._read_config()
        if not (self.path / "source").is_dir():
            self._refuse_renamed()
            raise ClassError(
                "this is no class directory (source/ is missing).",
                where=str(path),
                remedy=f"Make one with '{COMMAND} new {path}'.",
            )
        self._refuse_renamed()

    def _read_config(self) -> Config:
        """What nbgrader reads in this folder."""
        config = Config()
        importlib.invalidate_caches()
        for loader, name in ((PyFileConfigLoader, CONFIG_FILE), (JSONFileConfigLoader, JSON_CONFIG_FILE)):
            if not (self.path / name).is_file():
                continue
            try:
                with self.importable(), contextlib.chdir(self.path):
                    config.merge(loader(name, path=str(self.path)).load_config())
            except (Exception, SystemExit) as error:
                raise ClassError(
                    f"the configuration does not run ({type(error).__name__}: {error}).",
                    where=str(self.path / name),
                    remedy="Correct that line.",
                ) from error
        return config

    def _refuse_renamed(self) -> None:
        try:
            directory = self.coursedir()
            named = [directory.format_path(getattr(directory, f"{name}_directory"), "s", "a") for name in FOLDERS]
        except Exception as error:
            raise ClassError(
                f"c.CourseDirectory cannot be used ({type(error).__name__}: {error}).",
                where=str(self.path / CONFIG_FILE),
                remedy="Correct it.",
            ) from error
        for name, folder in zip(FOLDERS, named, strict=True):
            if Path(folder) != self.path / name / "s" / "a":
                raise ClassError(
                    f"c.CourseDirectory has another folder than {name}/<student>/<lesson>: {folder}.",
                    where=str(self.path / CONFIG_FILE),
                    remedy="Give the folder its usual name, or make a link of that name, and take the line out.",
                )

    @contextlib.contextmanager
    def importable(self) -> Iterator[None]:
        """Let the class's configuration import modules of its own folder, such as a plugin; nbgrader does so, too.

        They are this class's alone: another one may have modules of the same names.
        """
        folder = str(self.path)
        known, hidden = set(sys.modules), {name: sys.modules.get(name) for name in self._modules}
        sys.modules.update(self._modules)
        sys.path.insert(0, folder)
        try:
            yield
        finally:
            sys.path.remove(folder)
            for name in (set(sys.modules) - known) | set(self._modules):
                module = sys.modules.get(name)
                if name in self._modules or str(getattr(module, "__file__", None) or "").startswith(folder + os.sep):
                    self._modules[name] = sys.modules.pop(name)
            sys.modules.update({name: module for name, module in hidden.items() if module is not None})

    @property
    def lessons(self) -> list[str]:
        return sorted(path.parent.name for path in self.path.glob("source/*/*.ipynb") if path.stem == path.parent.name)

    def select(self, wanted: tuple[str, ...] | list[str] = ()) -> list[str]:
        """The lessons of these names, all of them if none is named. Raises LessonError."""
        for folder in wanted or ([] if self.lessons else sorted(os.listdir(self.path / "source"))):
            others = sorted(path.name for path in self.path.glob(f"source/{glob.escape(folder)}/*.ipynb"))
            if others and f"{folder}.ipynb" not in others:
                raise LessonError(
                    f"there is no '{folder}.ipynb', but {', '.join(others)}: a lesson has one notebook, named like its folder.",
                    where=str(self.path / "source" / folder),
                    remedy="Rename the notebook or its folder; make a lesson of each notebook where there are several.",
                )
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
        """The gradebook's address; a relative one begins where nbgrader is started, in the class's folder."""
        address = self.coursedir().db_url
        with contextlib.suppress(ArgumentError):
            url = make_url(address)
            relative = bool(url.database) and not url.database.startswith((os.sep, ":", "file:"))
            if url.get_backend_name() == "sqlite" and relative:
                return f"sqlite:///{self.path / url.database}"
        return address

    def submissions(self, lessons: list[str]) -> Iterator[Submission]:
        """What lies below `submitted/`, by lesson, then student; folders without a notebook are included."""
        known = self.lessons
        for lesson in lessons:
            for folder in sorted(self.path.glob(f"submitted/*/{lesson}")):
                file = notebook_among(_files_in(folder), lesson, known)
                yield Submission(folder.parent.name, lesson, folder, "" if file == f"{lesson}.ipynb" else file)

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
