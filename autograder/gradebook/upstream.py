"""Adapts nbgrader 0.9 and SQLAlchemy 2 to our needs: one `install()`, which every program of ours calls.

None of this happens at import, so a program that merely imports our modules keeps its nbgrader unchanged.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from contextvars import ContextVar
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any

import sqlalchemy
from nbgrader import api
from nbgrader.api import Gradebook
from nbgrader.converters import base
from nbgrader.coursedir import CourseDirectory
from nbgrader.dbutil import ALEMBIC_DIR

from autograder.notebooks.folder import link_in, ordinary_files, read_ordinary

# The URL and the gradebook that `held_gradebook` currently holds open.
HELD: ContextVar[tuple[str, Gradebook] | None] = ContextVar("held gradebook", default=None)
MAX_TIMESTAMP_BYTES = 1_000


@lru_cache(maxsize=1)
def install() -> None:
    """Apply all changes to nbgrader, SQLAlchemy and PATH in this process; further calls do nothing."""
    print_no_log_unasked()
    put_environment_on_path()
    read_table_version_here()
    silence_sqlalchemy()
    share_engines()
    share_held_gradebook()
    collect_ordinary_files_only()
    forgive_timestamps()


def require_installed() -> None:
    """Raise RuntimeError if `install()` was not called: without it a submission could end up half recorded."""
    if not install.cache_info().currsize:
        raise RuntimeError("call autograder.gradebook.install() before a gradebook is opened.")


def print_no_log_unasked() -> None:
    """Keep Python from printing log warnings without -v: what an instructor has to know is in the records."""
    logging.getLogger("autograder").addHandler(logging.NullHandler())


def put_environment_on_path() -> None:
    """Put the environment's `bin` on PATH: nbgrader starts 'alembic' by name, even if the environment is not active."""
    environment = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", os.defpath)
    if environment not in path.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([environment, path])


def read_table_version_here() -> None:
    """Read the version of nbgrader's tables in this process: nbgrader starts 'alembic' for it, at two seconds a gradebook."""

    @wraps(api.get_alembic_version)
    def newest_version() -> str:
        from alembic.script import ScriptDirectory  # noqa: PLC0415, only new gradebooks need it

        return ScriptDirectory(ALEMBIC_DIR).get_heads()[0]

    api.get_alembic_version = newest_version


def silence_sqlalchemy() -> None:
    """Hide SQLAlchemy's warnings: nbgrader 0.9 triggers them at each call, for rules that do not concern it."""
    warnings.filterwarnings("ignore", category=sqlalchemy.exc.SAWarning)


def share_engines() -> None:
    """Reuse one SQLAlchemy engine per database.

    nbgrader creates a new engine each time it opens the gradebook, and a new engine compiles every statement again,
    which takes longer than executing it.
    """
    api.create_engine = lru_cache(maxsize=8)(api.create_engine)


def share_held_gradebook() -> None:
    """Have nbgrader, which opens the gradebook again in each step, use the one that `held_gradebook` holds open."""
    opening, closing = Gradebook.__init__, Gradebook.close

    @wraps(opening)
    def open_or_join(
        self: Gradebook, db_url: str, course_id: str = "default_course", authenticator: object = None
    ) -> None:
        held = HELD.get()
        if held and held[0] == db_url:
            self.__dict__.update(held[1].__dict__, course_id=course_id, authenticator=authenticator)
        else:
            opening(self, db_url, course_id, authenticator)

    @wraps(closing)
    def close_or_leave(self: Gradebook) -> None:
        held = HELD.get()
        if not held or held[1].db is not self.db:
            closing(self)

    Gradebook.__init__, Gradebook.close = open_or_join, close_or_leave


def collect_ordinary_files_only() -> None:
    """Replace nbgrader's file search: it follows links, and a student's link may lead out of the class directory."""
    base.find_all_files = ordinary_files


def forgive_timestamps() -> None:
    """Ignore a `timestamp.txt` that holds no valid time: nbgrader would abort the whole batch."""
    reading = CourseDirectory.get_existing_timestamp

    @wraps(reading)
    def readable_timestamp(self: CourseDirectory, folder: str) -> Any:
        try:
            if (
                link_in(Path(folder))
                or len(read_ordinary(Path(folder, "timestamp.txt"), MAX_TIMESTAMP_BYTES)) > MAX_TIMESTAMP_BYTES
            ):
                return None
            return reading(self, folder)
        except (AttributeError, ValueError, OverflowError, OSError):
            return None

    CourseDirectory.get_existing_timestamp = readable_timestamp


def captured_log(name: str) -> tuple[logging.Logger, list[str]]:
    """A logger for nbgrader that prints nothing, and the list in which it collects warnings."""
    handler = _Lines(logging.WARNING)
    log = logging.Logger(f"autograder.{name}", logging.INFO)
    log.addHandler(handler)
    return log, handler.lines


class _Lines(logging.Handler):
    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())
