"""Read a table that a person or a platform saved as CSV: strictly, with line numbers in the error messages."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError
from autograder.files.text import printable

MAX_BYTES = 16 * 2**20
MAX_CELL = 100_000
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class MalformedTable(Exception):
    """A table that cannot be read; the message says what is wrong and on which line."""


@dataclass(frozen=True)
class Table:
    """A header and its rows.

    Each row has as many cells as the header and comes with the number of the line on which it begins; blank lines are
    left out.
    """

    header: list[str]
    rows: list[tuple[int, list[str]]]
    delimiter: str
    bom: bool


def read_table(path: Path, what: str, error: type[UsageError], *, remedy: str, multiline: bool = False) -> Table:
    """Read a table separated by commas, semicolons or tabs, in UTF-8, or in UTF-16 if it starts with a byte order mark.

    Args:
        what: the noun for the file in error messages.
        error: the class of the exception to raise.
        remedy: what the person should do about it.
        multiline: whether a cell may span several lines; if not, that is taken for an unclosed quotation mark.

    Raises:
        error: the file cannot be read, is not such a table, or has a row with more cells than the header.
    """
    try:
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
        return _table(content, multiline=multiline)
    except FileNotFoundError as fault:
        raise error("there is no such file.", where=str(path), remedy=remedy) from fault
    except OSError as fault:
        raise error(f"the {what} cannot be read ({fault.strerror}).", where=str(path), remedy=remedy) from fault
    except MalformedTable as fault:
        raise error(f"the {what} cannot be read: {fault}.", where=str(path), remedy=remedy) from fault


def _table(content: bytes, *, multiline: bool) -> Table:
    text = _text(content)
    delimiter = max(",;\t", key=text.split("\n", 1)[0].count)
    rows = list(_rows(text, delimiter, multiline=multiline))
    if not rows:
        raise MalformedTable("it is empty")
    (_, header), *below = rows
    for line, cells in below:
        if len(cells) > len(header):
            raise MalformedTable(f"line {line} has {len(cells)} cells, but the header has {len(header)}")
    filled = [(line, cells + [""] * (len(header) - len(cells))) for line, cells in below]
    return Table(header, filled, delimiter, content.startswith(codecs.BOM_UTF8))


def _text(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise MalformedTable(f"it is larger than {MAX_BYTES // 2**20} MB")
    encoding = "utf-16" if content.startswith(UTF_16) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise MalformedTable(f"line {line} is not in UTF-8 (save it as 'CSV UTF-8')") from fault
    if "\0" in text:
        raise MalformedTable(
            f"line {text.count(chr(10), 0, text.index(chr(0))) + 1} holds a NUL character (save it as 'CSV UTF-8')"
        )
    return text


def _rows(text: str, delimiter: str, *, multiline: bool) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            raise MalformedTable(f"line {line}: {fault}; look for an unclosed quotation mark") from fault
        if not multiline and any("\n" in cell or "\r" in cell for cell in cells):
            raise MalformedTable(f"line {line}: a quotation mark is not closed before the end of the line")
        if any(len(cell) > MAX_CELL for cell in cells):
            raise MalformedTable(f"line {line}: a cell has more than {MAX_CELL:,} characters")
        if any(cell.strip() for cell in cells):
            yield line, cells


def quoted(text: str) -> str:
    """A cell's text for an error message: cut, quoted, and safe to print."""
    return repr(printable(text[:80]))
