"""Export the grades: a new sheet, or a platform's own with the grades filled in.

The rules are the platforms' own, from their sources:
- Canvas `lib/gradebook_importer.rb`: a student is found by `ID`, else `SIS User ID`, else `SIS Login ID`, else name; the
  columns behind `Section` are assignments, `Title (id)`; `(read only)` columns are left alone.
- Moodle `mod/assign/feedback/offline/importgradeslib.php`: needs `Identifier` ("Participant 12345"), `Grade` and
  `Last modified (grade)`; a grade above the maximum is skipped.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from autograder.course import ClassDirectory
from autograder.errors import UsageError
from autograder.gradesheets import (
    Grade,
    Sheet,
    canvas_sheet,
    grades,
    inert,
    max_scores,
    moodle_sheet,
    plain_sheet,
    points,
)
from autograder.identity import Owner, Roster, mapped
from autograder.lms import Imports, class_roster
from autograder.platforms import plain

FORMATS = ("canvas", "moodle", "csv")
TEST_STUDENT = "Student, Test"


def export(
    classroom: ClassDirectory,
    lessons: list[str],
    form: str,
    *,
    template: Path | None = None,
    columns: dict[str, str] | None = None,
) -> Sheet:
    """The grades of these lessons as a platform imports them.

    Args:
        form: one of FORMATS; Moodle takes one lesson at a time.
        template: the platform's own export, whose rows, columns and ids are kept and whose grades are filled in.
        columns: for each lesson that the template calls otherwise, its column there.

    Raises:
        UsageError: the template does not fit.
    """
    found = grades(classroom, lessons)
    roster = class_roster(classroom)
    most = max_scores(classroom, lessons)
    if form == "moodle" and len(lessons) != 1:
        raise UsageError(
            "Moodle takes the grades of one assignment at a time.", remedy=f"Name one lesson of: {', '.join(lessons)}."
        )
    if form == "csv":
        if template:
            raise UsageError("--template goes with --format canvas or moodle.", remedy="Leave it out.")
        sheet = plain_sheet(roster, found)
    elif template is None:
        imports = Imports(classroom.path)
        sheet = (
            canvas_sheet(roster, lessons, found, most, imports.users("canvas"))
            if form == "canvas"
            else moodle_sheet(roster, lessons[0], found, most[lessons[0]], imports.users("moodle", lessons[0]))
        )
    else:
        sheet = _read_template(template)
        fill = _fill_canvas if form == "canvas" else _fill_moodle
        Imports(classroom.path).teach(roster, form, lessons[0])
        fill(sheet, roster, lessons, found, most, columns or {}, str(template))
    waiting = sum(one.waiting for one in found.values())
    if waiting:
        sheet.notes.append(f"{waiting} submission(s) have answers that nobody has graded by hand yet.")
    return sheet


def _read_template(path: Path) -> Sheet:
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
        first = text.split("\n", 1)[0]
        delimiter = max(",;\t", key=first.count)
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(
            f"the template cannot be read ({error}).",
            where=str(path),
            remedy="Download it from the platform again, as CSV, and do not open it in a spreadsheet.",
        ) from error
    rows = [row for row in rows if row]
    if not rows:
        raise UsageError("the template is empty.", where=str(path), remedy="Download it from the platform again.")
    width = len(rows[0])
    rows = [row + [""] * (width - len(row)) for row in rows]
    return Sheet(rows, [], [], delimiter, raw.startswith(b"\xef\xbb\xbf"))


def _fill_canvas(
    sheet: Sheet,
    roster: Roster,
    lessons: list[str],
    found: dict[tuple[str, str], Grade],
    most: dict[str, float],
    columns: dict[str, str],
    where: str,
) -> None:
    header = [name.strip() for name in sheet.rows[0]]
    if "ID" not in header or not {"Student", "LastName"} & set(header):
        raise UsageError(
            "this is no export of Canvas' gradebook (no columns Student and ID).",
            where=where,
            remedy="Export it with Grades, Export, Export Entire Gradebook.",
        )
    places = _canvas_places(header, lessons, columns, where)
    for lesson in set(lessons) - set(places):
        if any(of == lesson for _, of in found):
            sheet.faults.append(
                f"{lesson}: the template has no column of this name. Name it: --column '{lesson}=Title (id)'."
            )
    people = []
    for row in sheet.rows[1:]:
        if "Points Possible" in row[0]:
            _compare_maximum(sheet, {lesson: row[place] for lesson, place in places.items()}, most)
        elif row[0].strip():
            # A row without a name tells which assignments are hidden.
            row[:] = map(inert, row)
            people += [row] if row[0].strip() != TEST_STUDENT else []

    def owner(row: list[str]) -> Owner:
        cell = dict(zip(header, row, strict=False))
        ids = tuple(cell.get(name, "").strip() for name in ("SIS User ID", "SIS Login ID"))
        name = cell.get("Student", "") or f"{cell.get('LastName', '')}, {cell.get('FirstName', '')}"
        return Owner(name.lstrip("'"), cell["ID"].strip(), ids, ids[1] if "@" in ids[1] else "")

    for student, row in _students_of(sheet, people, roster, "canvas", owner):
        for lesson, place in places.items():
            if (student, lesson) in found:
                row[place] = points(found.pop((student, lesson)).score)
    _report_unplaced(sheet, found, set(places))


def _canvas_places(header: list[str], lessons: list[str], columns: dict[str, str], where: str) -> dict[str, int]:
    """The column of each lesson: `Title (id)`, where the title is the lesson's name in whatever writing."""
    places = {}
    for lesson in lessons:
        wanted = columns.get(lesson)
        fits = [
            place
            for place, name in enumerate(header)
            if name == wanted or (not wanted and plain(re.sub(r"\s*\(\d+\)$", "", name)) == plain(lesson))
        ]
        if wanted and not fits:
            raise UsageError(
                f"there is no column '{wanted}'.", where=where, remedy=f"There are: {', '.join(filter(None, header))}."
            )
        if len(fits) > 1:
            raise UsageError(
                f"several columns are called like {lesson}: {', '.join(header[place] for place in fits)}.",
                where=where,
                remedy=f"Name one: --column '{lesson}={header[fits[0]]}'.",
            )
        if fits:
            places[lesson] = fits[0]
    return places


def _fill_moodle(
    sheet: Sheet,
    roster: Roster,
    lessons: list[str],
    found: dict[tuple[str, str], Grade],
    most: dict[str, float],
    columns: dict[str, str],
    where: str,
) -> None:
    header = [name.strip() for name in sheet.rows[0]]
    missing = [name for name in ("Identifier", "Grade", "Last modified (grade)") if name not in header]
    if missing:
        raise UsageError(
            f"this is no grading worksheet of Moodle (no column {', '.join(missing)}).",
            where=where,
            remedy="Set Moodle to English, then: assignment, View all submissions, Download grading worksheet.",
        )
    (lesson,) = lessons
    sheet.rows[1:] = [[inert(cell) for cell in row] for row in sheet.rows[1:]]
    grade, comment = header.index("Grade"), header.index("Feedback comments") if "Feedback comments" in header else None
    maximum = next((place for place, name in enumerate(header) if name.casefold() == "maximum grade"), None)
    if maximum is not None and len(sheet.rows) > 1:
        _compare_maximum(sheet, {lesson: sheet.rows[1][maximum]}, most)

    def owner(row: list[str]) -> Owner:
        cell = dict(zip(header, row, strict=False))
        number = re.search(r"\d+$", cell["Identifier"].strip())
        ids = tuple(cell.get(name, "").strip() for name in ("ID number", "Username"))
        name = cell.get("Full name", "").lstrip("'")
        return Owner(name, number[0] if number else "", ids, cell.get("Email address", "").strip().lstrip("'"))

    for student, row in _students_of(sheet, sheet.rows[1:], roster, "moodle", owner):
        if (student, lesson) in found:
            one = found.pop((student, lesson))
            row[grade] = points(one.score)
            if comment is not None:
                row[comment] = one.comment
    _report_unplaced(sheet, found, {lesson})


def _students_of(
    sheet: Sheet, rows: list[list[str]], roster: Roster, platform: str, owner: Callable[[list[str]], Owner]
) -> Iterator[tuple[str, list[str]]]:
    owners = [owner(row) for row in rows]
    students, faults = mapped(owners, roster, platform, writer=f"{platform} sheet")
    sheet.notes += [f"left as it was: {fault}" for fault in faults.values()]
    yield from ((students[one], row) for one, row in zip(owners, rows, strict=True) if one in students)


def _compare_maximum(sheet: Sheet, theirs: dict[str, str], most: dict[str, float]) -> None:
    for lesson, text in theirs.items():
        try:
            other = float(text.replace(",", "."))
        except ValueError:
            continue
        if other != most[lesson]:
            sheet.notes.append(
                f"{lesson}: the platform expects at most {points(other)} points, the lesson has {points(most[lesson])}. "
                "Points are not converted: correct the maximum on the platform before you import them."
            )


def _report_unplaced(sheet: Sheet, found: dict[tuple[str, str], Grade], lessons: set[str]) -> None:
    for student, lesson in sorted(found):
        if lesson in lessons:
            sheet.faults.append(f"{student}, {lesson}: the template has no row of this student.")
