"""Formats log records: each on a single line, whatever names it contains, with the submission that it is about."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from autograder.files.text import UNSEEN

MOST_LETTERS = 4_000  # characters of one line
_SUBJECT: ContextVar[str] = ContextVar("what log records are about", default="")
_PASSWORD = re.compile(r"(://[^\s/@:]*):[^\s@]+@")


@contextmanager
def about(subject: str) -> Iterator[None]:
    """Prefix each line that this thread logs inside the block with a subject, such as a submission."""
    token = _SUBJECT.set(subject)
    try:
        yield
    finally:
        _SUBJECT.reset(token)


def escaped(text: str) -> str:
    """The text on one line: invisible characters, line breaks and direction marks become Python escape sequences."""
    if text.isprintable() and UNSEEN.isdisjoint(text):
        return text
    return "".join(_escaped(letter) for letter in text)


def _escaped(letter: str) -> str:
    seen = letter.isprintable() and letter not in UNSEEN
    return letter if seen else letter.encode("unicode_escape").decode("ascii")


class LineFormatter(logging.Formatter):
    """Formats a record as one line without line breaks, control characters or the password in a database URL.

    Args:
        bare: leave out time, level, process and thread, which the terminal shows in its own columns or does not need.
    """

    def __init__(self, *, bare: bool = False) -> None:
        super().__init__()
        self._bare = bare

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        subject = _SUBJECT.get()
        if subject and not text.startswith(subject):
            text = f"{subject}: {text}"
        line = escaped(_PASSWORD.sub(r"\1:***@", text))
        if len(line) > MOST_LETTERS:
            line = f"{line[:MOST_LETTERS]} … {len(line) - MOST_LETTERS:,} more characters"
        if self._bare:
            return line
        when = f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S')}.{record.msecs:03.0f}{time.strftime('%z')}"
        process = f"{record.processName}[{record.process}]"
        return f"{when} {record.levelname} {process} {escaped(record.threadName or '')} {record.name}: {line}"
