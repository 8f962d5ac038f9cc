"""Checks the form and size of a clerk's answers: it handled a stranger's file, so its answers are not trusted."""

from __future__ import annotations

from typing import Any, NamedTuple

from autograder.errors import BeyondLimits
from autograder.reports import html

MAX_NOTES, MAX_NOTE = 2_000, 1_000
MAX_PAGE_BYTES = 16 * 2**20
MAX_NOTEBOOK_BYTES = 48 * 2**20
KINDS = ("code", "markdown", "raw")


class GivenCell(NamedTuple):
    """A cell of a repaired submission.

    Args:
        kind: its type, one of `KINDS`.
        grade_id: the lesson's id for it; empty if it is not one of the lesson's marked cells.
        skip: whether it is skipped when the notebook runs.
        source: its text.
        pictures: its attachments: base64 text by name and MIME type.
    """

    kind: str
    grade_id: str
    skip: bool
    source: str
    pictures: dict[str, dict[str, str]]


class RepairedNotebook(NamedTuple):
    """A submission's cells in the lesson's order, and notes on what had to be repaired."""

    cells: list[GivenCell]
    notes: list[str]


def answered(answer: Any, doing: str) -> tuple:
    """Return a clerk's answer if it is a tuple that begins with a word other than "failed"; else raise BeyondLimits.

    Args:
        doing: what was asked for, such as "reading it", for the message.
    """
    if type(answer) is not tuple or not answer or type(answer[0]) is not str:
        raise BeyondLimits(f"{doing} gave no usable result.")
    if answer[0] == "failed":
        said = answer[1] if len(answer) == 2 and type(answer[1]) is str else ""
        raise BeyondLimits(f"{doing} failed ({short_line(said, 200)}).")
    return answer


def given_cell(item: Any) -> GivenCell:
    """Check one cell of a clerk's answer. Raises BeyondLimits if it is malformed."""
    try:
        kind, grade_id, skip, source, pictures = item
        if kind in KINDS and type(grade_id) is str and type(skip) is bool and type(source) is bytes:
            named: dict[str, dict[str, str]] = {}
            for name, mime, content in pictures:
                named.setdefault(short_line(name, 200), {})[short_line(mime, 20)] = content.decode("ascii")
            return GivenCell(kind, grade_id, skip, source.decode(), named)
    except (ValueError, TypeError, AttributeError):
        pass
    raise BeyondLimits("reading it gave no usable result.")


def short_line(text: Any, most: int) -> str:
    """The first `most` characters of a text. Raises TypeError if it is not a string."""
    if type(text) is not str:
        raise TypeError
    return text[:most]


def text_within(text: bytes, most: int) -> str:
    """Decode a text of at most `most` bytes. Raises BeyondLimits if it is larger or not UTF-8."""
    if len(text) > most:
        raise BeyondLimits(f"showing it needs more than {most // 2**20} MB.")
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise BeyondLimits("showing it gave no usable result.") from None


def checked_page(content: bytes) -> str:
    """Decode a feedback page. Raises BeyondLimits if it is too large or does not begin with our own head."""
    page = text_within(content, MAX_PAGE_BYTES)
    # The head forbids everything in the page to run, so it must come first; the rest may be a stranger's.
    if not page.startswith(html.head()):
        raise BeyondLimits("showing it gave no usable result.")
    return page
