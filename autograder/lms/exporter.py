"""Exports the grades as a new sheet, or fills them into a sheet that a platform exported.

The rules are those of the platforms, from their sources:
- Canvas `lib/gradebook_importer.rb`: a student is found by `ID`, else `SIS User ID`, else `SIS Login ID`, else name;
the
  columns after `Section` are assignments, `Title (id)`; `(read only)` columns are ignored.
- Moodle `mod/assign/feedback/offline/importgradeslib.php`: needs `Identifier` ("Participant 12345"), `Grade` and
  `Last modified (grade)`; a grade above the maximum is skipped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from autograder.classroom import ClassDirectory
from autograder.classroom.matching import Owner, Roster, mapped
from autograder.classroom.roster import TEST_STUDENT
from autograder.errors import UsageError
from autograder.files import read_table
from autograder.files.tables import quoted
from autograder.lms.import_log import Imports
from autograder.lms.importer import class_roster, members
from autograder.lms.sheets import (
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
from autograder.notebooks.file_names import plain

FORMATS = ("canvas", "moodle", "csv")
MAX_NAMED = 10


def export(
    classroom: ClassDirectory,
    lessons: list[str],
    form: str,
    *,
    template: Path | None = None,
    columns: dict[str, str] | None = None,
    unfinished: bool = False,
) -> Sheet:
    """The grades of these lessons as a sheet that a platform can import.

    Args:
        form: one of FORMATS; Moodle takes one lesson at a time.
        template: a sheet exported from the platform; its rows, columns and ids are kept, and the grades are filled in.
        columns: the template's column for each lesson that has another name there.
        unfinished: whether to write grades of submissions that wait for manual grading; if not, their cells stay
            empty or unchanged.

    Raises:
        UsageError: the format and the other arguments do not go together, or the template is not usable.
    """
    found = grades(classroom, lessons)
    roster, known = class_roster(classroom), members(classroom)
    if known is not None:
        roster = Roster([one for one in roster.students if one["id"] in known])
    waiting = sorted(key for key, one in found.items() if one.waiting)
    if form != "csv" and not unfinished:
        found = {key: one for key, one in found.items() if not one.waiting}
    most = max_scores(classroom, lessons)
    if form == "moodle" and len(lessons) != 1:
        raise UsageError(
            "Moodle imports the grades of one assignment at a time.",
            remedy=f"Name one lesson of: {', '.join(lessons)}.",
        )
    if form == "csv":
        if template:
            raise UsageError("--template needs --format canvas or moodle.", remedy="Leave it out.")
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
    if waiting:
        sheet.notes.append(_about_waiting(waiting, left_out=form != "csv" and not unfinished))
    return sheet


def _about_waiting(waiting: list[tuple[str, str]], *, left_out: bool) -> str:
    if not left_out:
        return f"{len(waiting)} submission(s) have answers that wait for manual grading; their grades are not final."
    who = "; ".join(f"{student}, {lesson}" for student, lesson in waiting[:MAX_NAMED])
    who += f" and {len(waiting) - MAX_NAMED} more" if len(waiting) > MAX_NAMED else ""
    return (
        f"{len(waiting)} submission(s) have answers that wait for manual grading, so their grades were not written: {who}. "
        "Grade them in the Formgrader, or write the points so far with --unfinished."
    )


def _read_template(path: Path) -> Sheet:
    remedy = "Download it from the platform again, as CSV, and do not open it in a spreadsheet."
    table = read_table(path, "template", UsageError, remedy=remedy, multiline=True)
    return Sheet([table.header, *(cells for _, cells in table.rows)], [], [], table.delimiter, table.bom)


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
            "this is not an export of Canvas' gradebook (it lacks the columns Student and ID).",
            where=where,
            remedy="Export it with Grades, Export, Export Entire Gradebook.",
        )
    _refuse_doubled(header, ("Student", "ID", "SIS User ID", "SIS Login ID"), where)
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
        elif row[0].strip() and row[0].strip() != TEST_STUDENT:
            # A row without a name is not a student: it tells which assignments are hidden.
            people.append(row)

    def owner(row: list[str]) -> Owner:
        cell = dict(zip(header, row, strict=False))
        ids = tuple(cell.get(name, "").strip() for name in ("SIS User ID", "SIS Login ID"))
        name = cell.get("Student", "") or f"{cell.get('LastName', '')}, {cell.get('FirstName', '')}"
        return Owner(name.lstrip("'"), cell["ID"].strip(), ids, ids[1] if "@" in ids[1] else "")

    theirs = _students_of(sheet, people, roster, "canvas", owner)
    assignments = {place for place, name in enumerate(header) if re.search(r"\(\d+\)$", name)} | set(places.values())
    _disarm(sheet, assignments, where)
    for student, row in theirs:
        for lesson, place in places.items():
            if (student, lesson) not in found:
                continue
            score = points(found.pop((student, lesson)).score)
            if row[place].strip().upper() == "EX":
                sheet.notes.append(
                    f"{student}, {lesson}: excused on Canvas (EX) and left unchanged; the gradebook has {score} points."
                )
            else:
                row[place] = score
    _report_unplaced(sheet, found, set(places))


def _refuse_doubled(header: list[str], names: tuple[str, ...], where: str) -> None:
    """Raise UsageError if the template has one of these columns twice, since it is unclear which of them is meant."""
    for name in names:
        if header.count(name) > 1:
            raise UsageError(
                f"the template has two columns '{name}'.", where=where, remedy="Download it from the platform again."
            )


def _canvas_places(header: list[str], lessons: list[str], columns: dict[str, str], where: str) -> dict[str, int]:
    """The index of each lesson's column `Title (id)`; the title is compared without regard to case and punctuation."""
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
                f"several columns match {lesson}: {', '.join(header[place] for place in fits)}.",
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
            f"this is not a grading worksheet of Moodle (it lacks {', '.join(missing)}).",
            where=where,
            remedy="Set Moodle to English, then: assignment, View all submissions, Download grading worksheet.",
        )
    _refuse_doubled(header, ("Identifier", "Grade", "Feedback comments"), where)
    (lesson,) = lessons
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

    theirs = _students_of(sheet, sheet.rows[1:], roster, "moodle", owner)
    _disarm(sheet, {grade}, where)
    for student, row in theirs:
        if (student, lesson) in found:
            one = found.pop((student, lesson))
            row[grade] = points(one.score)
            if comment is not None:
                row[comment] = one.comment
    _report_unplaced(sheet, found, {lesson})


def _students_of(
    sheet: Sheet, rows: list[list[str]], roster: Roster, platform: str, owner: Callable[[list[str]], Owner]
) -> list[tuple[str, list[str]]]:
    """The rows that map to exactly one student each; for every other row, a note or a fault is added to the sheet."""
    owners = [owner(row) for row in rows]
    students, faults = mapped(owners, roster, platform, writer=f"{platform} sheet")
    sheet.notes += [f"row left unchanged: {fault}" for fault in faults.values()]
    twice = {one for one, count in Counter(owners).items() if count > 1 and one in students}
    sheet.faults += [
        f"{students[one]}: the template has two rows for {one}; both were left unchanged." for one in twice
    ]
    return [(students[one], row) for one, row in zip(owners, rows, strict=True) if one in students and one not in twice]


def _disarm(sheet: Sheet, grades: set[int], where: str) -> None:
    """Turn cells that a spreadsheet would run as formulas into text. Raises UsageError if one is in a grade column."""
    header = sheet.rows[0]
    changed = []
    for row in sheet.rows:
        who = quoted(row[0])
        for place, cell in enumerate(row):
            text = inert(cell)
            if text == cell:
                continue
            name = header[place].strip() if place < len(header) else ""
            if place in grades and row is not header:
                raise UsageError(
                    f"the row of {who} has {quoted(cell)} in the column '{name}', which is not a grade.",
                    where=where,
                    remedy="Look at it on the platform, and download the template again.",
                )
            row[place] = text
            changed.append(f"{quoted(cell)} ({name}, row of {who})")
    if changed:
        more = f" and {len(changed) - MAX_NAMED} more" if len(changed) > MAX_NAMED else ""
        sheet.notes.append(
            f"written as text, since a spreadsheet would run it: {'; '.join(changed[:MAX_NAMED])}{more}."
        )


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
            sheet.faults.append(f"{student}, {lesson}: the template has no row for this student.")
