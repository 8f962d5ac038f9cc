"""An instructor's class directory: its configuration, lessons, submissions and gradebook."""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from pathlib import Path
from types import ModuleType

from nbgrader.coursedir import CourseDirectory
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError
from traitlets.config import Config
from traitlets.config.loader import JSONFileConfigLoader, PyFileConfigLoader

from autograder.course.lessons import _select
from autograder.errors import COMMAND, ClassError, LessonError
from autograder.files import printable
from autograder.notebooks.cells import has_graded_cells, is_test, lesson_notebook
from autograder.notebooks.file_names import notebook_among, notebooks_among, title_of

CONFIG_FILE, JSON_CONFIG_FILE = "nbgrader_config.py", "nbgrader_config.json"

# Letters that are safe in folder names; '+' is excluded because nbgrader uses it to join ids and timestamps.
STUDENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")


def _files_in(folder: Path) -> list[str]:
    """The names in a student's folder that are not directories, symbolic links included; none if it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if not entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []


@lru_cache(maxsize=1024)
def _is_graded(notebook: Path, modified: int, size: int) -> bool:
    """Whether a notebook of `source/` has graded cells; the time and the size are for the cache."""
    try:
        return has_graded_cells(notebook.read_bytes())
    except Exception:  # a damaged file: whoever grades this lesson will say so
        return True


@dataclass(frozen=True)
class Submission:
    """One notebook of one student's folder for one lesson, as handed in.

    Args:
        file: the name of the file if it is not the notebook's.
        notebook_name: the name of the notebook in `source/`, without `.ipynb`; by default the lesson's.
        missing: whether the student handed in other notebooks of the lesson, but not this one.
    """

    student: str
    lesson: str
    folder: Path
    file: str = ""
    notebook_name: str = ""
    missing: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "notebook_name", self.notebook_name or self.lesson)

    def __str__(self) -> str:
        return f"{self.student}, {title_of(self.lesson, self.notebook_name)}"

    @property
    def notebook(self) -> Path:
        return self.folder / (self.file or f"{self.notebook_name}.ipynb")

    @property
    def renamed(self) -> str:
        """A note on the name of the file; "" if it is the notebook's."""
        if not self.file:
            return ""
        return f"The notebook was named '{printable(self.file)}'; it was graded as '{self.notebook_name}.ipynb'."


# Where nbgrader had settings before its version 0.5.
OLD_SECTIONS = {"NbGrader", "NbGraderConfig", "BasicConfig", "BaseNbGraderApp", "BaseApp", "AutogradeApp", "AssignApp"}


def with_new_names(config: Config) -> Config:
    """A configuration whose settings have the names that nbgrader gives them now, changed by nbgrader itself."""
    if OLD_SECTIONS & set(config):
        # Imported here, since few classes need it and it takes a second.
        from nbgrader.apps import AutogradeApp, GenerateAssignmentApp  # noqa: PLC0415

        for app in (AutogradeApp(), GenerateAssignmentApp()):
            app.log = logging.Logger("old settings", logging.CRITICAL)
            app._load_config(config)
    return config


# The folders of nbgrader's steps, which must keep nbgrader's names.
FOLDERS = ("source", "release", "submitted", "autograded", "feedback")


class ClassDirectory:
    """An nbgrader course directory: one made by `autograder new`, or any other.

    Raises:
        ClassError: the folder is missing or is not a class directory, or its configuration does not run or renames
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
                "this is not a class directory (source/ is missing).",
                where=str(path),
                remedy=f"Make one with '{COMMAND} new {path}'.",
            )
        self._refuse_renamed()

    def _read_config(self) -> Config:
        """The configuration that nbgrader reads when started in this folder."""
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
        return with_new_names(config)

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
                    f"c.CourseDirectory: expected the folder {name}/<student>/<lesson>, got {folder}.",
                    where=str(self.path / CONFIG_FILE),
                    remedy="Give the folder its usual name, or make a link with that name, and remove the line.",
                )

    @contextlib.contextmanager
    def importable(self) -> Iterator[None]:
        """Let the class's configuration import modules from its own folder, such as a plugin, as nbgrader does.

        The modules belong to this class only: another class may have modules of the same names.
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
        """The folders of `source/` that hold a notebook to grade."""
        folders = sorted({path.parent.name for path in self.path.glob("source/*/*.ipynb")})
        return [folder for folder in folders if not folder.startswith(".") and self.notebooks(folder)]

    def notebooks(self, lesson: str) -> list[str]:
        """The names of a lesson's notebooks that are graded, in order, without `.ipynb`.

        They are those with graded cells; a lesson without any is its notebook of the same name, if it has one.
        """
        wanted = self._coursedir.notebook_id
        found = sorted((self.path / "source" / lesson).glob("*.ipynb"))
        found = [path for path in found if not path.name.startswith(".") and fnmatchcase(path.stem, wanted)]
        if [path.stem for path in found] != [lesson]:
            states = [(path, path.stat()) for path in found]
            graded = [path for path, state in states if _is_graded(path, state.st_mtime_ns, state.st_size)]
            found = graded or [path for path in found if path.stem == lesson]
        return [path.stem for path in found]

    def select(self, wanted: tuple[str, ...] | list[str] = ()) -> list[str]:
        """The lessons of the given names, in order, or all if none are given. Raises LessonError if one is unknown."""
        for folder in wanted or ([] if self.lessons else sorted(os.listdir(self.path / "source"))):
            there = sorted(path.name for path in (self.path / "source" / folder).glob("*.ipynb"))
            if there and not self.notebooks(folder):
                raise LessonError(
                    f"no notebook in it has a graded cell: {', '.join(there)}.",
                    where=str(self.path / "source" / folder),
                    remedy="Mark tests and answers with nbgrader's toolbar 'Create Assignment' and give them points.",
                )
        return _select(wanted, self.lessons, str(self.path / "source"))

    def coursedir(self, lesson: str = "", student: str = "*") -> CourseDirectory:
        """nbgrader's object for this directory, for one lesson and one student, by default all students."""
        directory = CourseDirectory(config=self.config, root=str(self.path))
        directory.assignment_id, directory.student_id = lesson, student
        return directory

    @cached_property
    def _coursedir(self) -> CourseDirectory:
        """nbgrader's object for this directory, for its settings: every other use changes it."""
        return CourseDirectory(config=self.config, root=str(self.path))

    @cached_property
    def secret(self) -> tuple[str, ...]:
        """The paths that students' code must not see."""
        return secret_paths(self.coursedir())

    @cached_property
    def db_url(self) -> str:
        """The gradebook's URL; a relative path is made absolute from the class's folder, where nbgrader is started."""
        address = self.coursedir().db_url
        with contextlib.suppress(ArgumentError):
            url = make_url(address)
            database = url.database or ""
            relative = bool(database) and not database.startswith((os.sep, ":", "file:"))
            if url.get_backend_name() == "sqlite" and relative:
                return f"sqlite:///{self.path / database}"
        return address

    def submissions(self, lessons: list[str]) -> Iterator[Submission]:
        """The submissions below `submitted/`, by lesson, student and notebook, including folders without a notebook."""
        known = self.lessons
        left_out = self._coursedir.student_id_exclude.split(",")
        for lesson in lessons:
            names = self.notebooks(lesson) or [lesson]
            others = [one for one in known if one != lesson]
            for folder in sorted(self.path.glob(f"submitted/*/{lesson}")):
                if folder.parent.name not in left_out:
                    yield from _handed_in(folder, names, others)

    def unknown_lessons(self) -> list[str]:
        """The folders `submitted/<student>/<name>` whose name is not a lesson of the class."""
        known = set(self.lessons)
        return sorted(
            str(folder.relative_to(self.path))
            for folder in self.path.glob("submitted/*/*")
            if folder.is_dir() and folder.name not in known
        )

    @property
    def has_roster(self) -> bool:
        """Whether only students who are already in the gradebook may have submissions."""
        return self.config.get("Autograde", {}).get("create_student", True) is False


def _handed_in(folder: Path, names: list[str], others: list[str]) -> Iterator[Submission]:
    """A student's notebooks for one lesson, of which `names` are the notebooks; `others` are the other lessons."""
    student, lesson, files = folder.parent.name, folder.name, _files_in(folder)
    if len(names) == 1:
        found = {names[0]: notebook_among(files, names[0], [*others, names[0]])}
    else:
        found = notebooks_among(files, names)
    if not any(found.values()):
        yield Submission(student, lesson, folder, notebook_name=names[0])
        return
    for name, file in found.items():
        yield Submission(student, lesson, folder, "" if file == f"{name}.ipynb" else file, name, missing=not file)


# A line from which nbgrader generates tests.
AUTOTEST = re.compile(r"^\s*#+.*\bAUTOTEST\b", flags=re.MULTILINE)
WITH_TESTS = "source_with_tests"


def source_of(root: Path, lesson: str, notebook: str = "") -> Path:
    """The file with the tests of a lesson's notebook, by default the lesson's, in the class at `root`.

    It is in `source/`, or in `source_with_tests/` if the one in `source/` has lines from which nbgrader generates tests.
    """
    path = root / "source" / lesson / f"{notebook or lesson}.ipynb"
    try:
        state = path.stat()
        generated = _has_autotests(path, state.st_mtime_ns, state.st_size)
    except OSError:
        return path
    return root / WITH_TESTS / lesson / path.name if generated else path


@lru_cache(maxsize=1024)
def _has_autotests(notebook: Path, modified: int, size: int) -> bool:
    """Whether a test of a notebook has AUTOTEST lines; the time and the size are for the cache."""
    content = notebook.read_bytes()
    if b"AUTOTEST" not in content:
        return False
    try:
        return any(is_test(cell) and AUTOTEST.search(cell.source) for cell in lesson_notebook(content).cells)
    except Exception:  # a damaged file: whoever grades this lesson will say so
        return False


def secret_paths(directory: CourseDirectory) -> tuple[str, ...]:
    """The paths of a class that must stay hidden: its directory, and folders that the configuration puts elsewhere."""
    parts = [getattr(directory, f"{name}_directory") for name in "source release submitted autograded feedback".split()]
    if directory.db_url.startswith("sqlite:///"):
        parts.append(directory.db_url.removeprefix("sqlite:///"))
    return (directory.root, *(part for part in parts if os.path.isabs(part)))
