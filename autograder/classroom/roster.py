"""Reads the students of a class from a file with our own columns or as exported from Canvas or Moodle.

- Canvas' gradebook (`lib/gradebook_importer.rb`): `Student` ("Last, First") or `LastName` and `FirstName`, `ID`,
  `SIS User ID`, `SIS Login ID`; above the students a row `Points Possible`, below them `Student, Test`.
- Moodle's gradebook, participants and grading worksheet, in English: `First name` and `Last name` or `Full name`,
  `ID number`, `Username`, `Email address`, `Identifier`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from autograder.classroom.directory import STUDENT_ID
from autograder.errors import RosterError, UnknownStudent
from autograder.files import printable, read_table
from autograder.files.tables import quoted

ROSTER = "roster.csv"
COLUMNS = ("id", "first_name", "last_name", "email", "lms_user_id", "canvas_id", "participant_id", "sis_id")
# The columns that nbgrader's gradebook has.
GRADEBOOK_COLUMNS = ("id", "first_name", "last_name", "email", "lms_user_id")
TEST_STUDENT = "Student, Test"
USER = re.compile(r"[A-Za-z0-9_-]{1,64}")
Row = dict[str, str]
MOST_FAULTS = 50  # listed in a message


def read_roster(path: Path, known: Iterable[str] = ()) -> list[Row]:
    """Read the students of a roster: for each the `id`, and those of the other COLUMNS that the file has values for.

    Args:
        known: the ids of an existing class. If a platform has several ids for a student, the one in the class is used.

    Raises:
        RosterError: the file cannot be read, or has rows that cannot be students. The message lists these by line.
    """
    table = read_table(path, "roster", RosterError, remedy="Correct it or save it as CSV in UTF-8; nothing was made.")
    header = [name.strip() for name in table.header]
    reads = _form(set(header), path)
    header = [_column(name) for name in header] if reads is dict else header
    twice = {name for name in header if name and header.count(name) > 1}
    if twice:
        raise RosterError(
            f"the roster has two columns {quoted(min(twice))}.", where=str(path), remedy="Keep one; nothing was made."
        )
    rows = [(line, reads(dict(zip(header, map(str.strip, cells), strict=True)))) for line, cells in table.rows]
    rows = [(line, row) for line, row in rows if row]
    if reads is not dict:
        _choose_ids(rows, frozenset(known))
    faults = _faults(rows)
    if faults:
        more = len(faults) - MOST_FAULTS
        shown = [*faults[:MOST_FAULTS], *([f"and {more:,} more"] if more > 0 else [])]
        raise RosterError(
            "the roster is not usable: " + "; ".join(shown) + ".",
            where=str(path),
            remedy="Correct it; nothing was made.",
        )
    return [{column: row[column] for column in COLUMNS if row.get(column)} for _, row in rows]


def on_any_disk(student: str) -> str:
    """An id as folder names are compared: macOS and Windows ignore case, and Windows drops trailing dots."""
    return student.casefold().rstrip(".")


def roster_text(students: list[Row]) -> str:
    """A roster as text for `read_roster`, without Moodle's participant ids, which differ for each lesson."""
    columns = [one for one in COLUMNS if one != "participant_id" and any(student.get(one) for student in students)]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        [columns, *([student.get(one, "") for one in columns] for student in students)]
    )
    return out.getvalue()


def _form(header: set[str], path: Path) -> Callable[[Row], Row]:
    if "ID" in header and header & {"Student", "LastName"}:
        return _canvas
    if "Email address" in header and header & {"First name", "Full name"}:
        return _moodle
    if "id" in map(_column, header):
        return dict
    raise RosterError(
        "the roster has no column 'id'.",
        where=str(path),
        remedy="Its first line is a header such as: id,first_name,last_name,email,canvas_id. "
        "A gradebook exported from Canvas, or from Moodle in English, works too.",
    )


def _column(name: str) -> str:
    return name.lower().replace(" ", "_")


def _canvas(cells: Row) -> Row:
    name = cells.get("Student", "")
    last, _, first = name.partition(", ")
    last, first = cells.get("LastName", last), cells.get("FirstName", first)
    if name == TEST_STUDENT or not cells["ID"]:
        return {}  # not a student: other rows without an id tell the possible points and which columns are hidden
    login = cells.get("SIS Login ID", "")
    return {
        "ids": "\n".join([login, cells.get("SIS User ID", ""), cells["ID"]]),
        "first_name": first,
        "last_name": last,
        "email": login if "@" in login else "",
        "canvas_id": cells["ID"],
        "sis_id": cells.get("SIS User ID", ""),
    }


def _moodle(cells: Row) -> Row:
    identifier = re.fullmatch(r"Participant ([0-9]{1,20})", cells.get("Identifier", ""))
    return {
        "ids": "\n".join(cells.get(one, "") for one in ("Username", "ID number", "Email address")),
        "first_name": cells.get("First name", cells.get("Full name", "")),
        "last_name": cells.get("Last name", cells.get("Surname", "")),
        "email": cells["Email address"],
        "participant_id": identifier[1] if identifier else "",
        "sis_id": cells.get("ID number", ""),
    }


def _choose_ids(rows: list[tuple[int, Row]], known: frozenset[str]) -> None:
    """Set each row's id: the one that the class knows, else the first kind of id that is valid in every row."""
    ids = [row.pop("ids").split("\n") for _, row in rows]
    complete = next((n for n in range(3) if all(STUDENT_ID.fullmatch(one[n]) for one in ids)), None)
    for (_, row), one in zip(rows, ids, strict=True):
        here = sorted({text for text in one if text in known})
        if len(here) == 1:
            row["id"] = here[0]
        elif not here and complete is not None:
            row["id"] = one[complete]
        else:
            row["id"], row["several"] = "", ", ".join(here)


def _faults(rows: list[tuple[int, Row]]) -> list[str]:
    faults = []
    lines: dict[tuple[str, str], int] = {}
    for line, row in rows:
        student = row.get("id", "")
        if row.get("several"):
            faults.append(f"line {line}: its ids belong to several students ({row['several']})")
        elif not STUDENT_ID.fullmatch(student):
            faults.append(
                f"line {line}: {quoted(student)} is not an id (letters, digits, '_', '.', '@' and '-', at most 64)"
            )
        else:
            faults += _doubled(lines, line, "id", student)
        for column in ("canvas_id", "lms_user_id", "participant_id"):
            user = row.get(column, "")
            if user and not USER.fullmatch(user):
                faults.append(f"line {line}: {quoted(user)} is not a {column} (did a spreadsheet round it?)")
            elif user:
                faults += _doubled(lines, line, column, user)
    return faults if rows else ["it lists no students"]


def _doubled(lines: dict[tuple[str, str], int], line: int, column: str, text: str) -> list[str]:
    before = lines.setdefault((column, on_any_disk(text) if column == "id" else text), line)
    what = "" if column == "id" else f"the {column} "
    return [f"line {line}: {what}{quoted(text)} is already on line {before}"] if before != line else []


def refuse_strangers(student: str, members: set[str] | None, doing: str) -> None:
    """Raise an error for a submission of somebody who may not hand in.

    Args:
        student: the name of the submission's student folder.
        members: the ids of those who may hand in; None if anybody may.
        doing: "grade" or "import", for the remedy.

    Raises:
        UnknownStudent: the name is not a student id, or not the id of a member.
    """
    if not STUDENT_ID.fullmatch(student):
        raise UnknownStudent(
            f"the folder name {printable(student)!r} is not a student id.",
            remedy="Rename it to the student's id (letters, digits, '_', '.', '@', '-').",
        )
    if members is not None and student not in members:
        raise UnknownStudent(
            f"'{student}' is not on the roster.",
            remedy=f"Add them with 'nbgrader db student add {student}' or rename the folder, then {doing} again.",
        )
