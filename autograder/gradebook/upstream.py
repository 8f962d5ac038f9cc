"""What nbgrader 0.9 and SQLAlchemy 2 need to be told before they serve us: one `install()`, called by every program of ours.

Nothing of this happens at import, so that a program that only uses our modules keeps its own nbgrader as it is.
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

from autograder.notebooks.folder import link_in, ordinary_files, read_ordinary

# The gradebook that `held_gradebook` holds open, with its address.
HELD: ContextVar[tuple[str, Gradebook] | None] = ContextVar("held gradebook", default=None)
MAX_TIMESTAMP_BYTES = 1_000


@lru_cache(maxsize=1)
def install() -> None:
    """Change what has to be changed of nbgrader, SQLAlchemy and PATH in this process; once, however often it is called."""
    put_environment_on_path()
    silence_sqlalchemy()
    share_engines()
    share_held_gradebook()
    collect_ordinary_files_only()
    forgive_timestamps()


def require_installed() -> None:
    """Raise RuntimeError where `install()` was forgotten: without it a submission could get half into the books."""
    if not install.cache_info().currsize:
        raise RuntimeError("call autograder.gradebook.install() before a gradebook is opened.")


def put_environment_on_path() -> None:
    """nbgrader calls 'alembic' by its bare name, which an environment that is not activated does not have on PATH."""
    environment = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", os.defpath)
    if environment not in path.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([environment, path])


def silence_sqlalchemy() -> None:
    """nbgrader 0.9 trips over rules of a newer SQLAlchemy that do not concern it, and warns at each call."""
    warnings.filterwarnings("ignore", category=sqlalchemy.exc.SAWarning)


def share_engines() -> None:
    """With an engine of its own each time that nbgrader opens the gradebook, every statement would be compiled anew.

    That takes longer than to execute it.
    """
    api.create_engine = lru_cache(maxsize=8)(api.create_engine)


def share_held_gradebook() -> None:
    """nbgrader opens the gradebook anew in each step: within `held_gradebook` it gets the one that is held."""
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
    """nbgrader's own search follows links, which a student may have handed in, out of the class."""
    base.find_all_files = ordinary_files


def forgive_timestamps() -> None:
    """nbgrader gives up a batch over a `timestamp.txt` that holds no time; to us it says nothing then."""
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
    """A logger for nbgrader that prints nothing, and the list that its warnings end up in."""
    lines: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    log = logging.Logger(f"autograder.{name}", logging.INFO)
    log.addHandler(handler)
    return log, lines
