"""What a clerk's answers may be: it was handed a stranger's file, so each of them is held against a form and a size."""

from __future__ import annotations

from typing import Any, NamedTuple

from autograder.errors import BeyondLimits
from autograder.reports import html

MAX_NOTES, MAX_NOTE = 2_000, 1_000
MAX_PAGE_BYTES = 16 * 2**20
MAX_NOTEBOOK_BYTES = 48 * 2**20
KINDS = ("code", "markdown", "raw")


class GivenCell(NamedTuple):
    """What a student made of a cell: its type, the lesson's id of it or none, if it is left out, its text, its pictures."""

    kind: str
    grade_id: str
    skip: bool
    source: str
    pictures: dict[str, dict[str, str]]


class RepairedNotebook(NamedTuple):
    """A submission's cells in the lesson's order, and what had to be put right."""

    cells: list[GivenCell]
    notes: list[str]


def answered(answer: Any, doing: str) -> tuple:
    if type(answer) is not tuple or not answer or type(answer[0]) is not str:
        raise BeyondLimits(f"{doing} gave nothing that can be used.")
    if answer[0] == "failed":
        said = answer[1] if len(answer) == 2 and type(answer[1]) is str else ""
        raise BeyondLimits(f"{doing} failed ({short_line(said, 200)}).")
    return answer


def given_cell(item: Any) -> GivenCell:
    try:
        kind, grade_id, skip, source, pictures = item
        if kind in KINDS and type(grade_id) is str and type(skip) is bool and type(source) is bytes:
            named: dict[str, dict[str, str]] = {}
            for name, mime, content in pictures:
                named.setdefault(short_line(name, 200), {})[short_line(mime, 20)] = content.decode("ascii")
            return GivenCell(kind, grade_id, skip, source.decode(), named)
    except (ValueError, TypeError, AttributeError):
        pass
    raise BeyondLimits("reading it gave nothing that can be used.")


def short_line(text: Any, most: int) -> str:
    if type(text) is not str:
        raise TypeError
    return text[:most]


def text_within(text: bytes, most: int) -> str:
    if len(text) > most:
        raise BeyondLimits(f"showing it takes more than {most // 2**20} MB.")
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise BeyondLimits("showing it gave nothing that can be used.") from None


def checked_page(content: bytes) -> str:
    page = text_within(content, MAX_PAGE_BYTES)
    # What keeps everything in a page from running comes first; all else is a stranger's.
    if not page.startswith(html.head()):
        raise BeyondLimits("showing it gave nothing that can be used.")
    return page
