"""The grades as CSV sheets with the columns of Canvas, Moodle or nbgrader."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field

from nbgrader.api import Assignment, Gradebook, SubmittedAssignment

from autograder.classroom import ClassDirectory
from autograder.classroom.matching import Roster
from autograder.gradebook import gradebook_errors

CANVAS_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE_COLUMNS = (
    "Identifier",
    "Full name",
    "Email address",
    "Status",
    "Grade",
    "Maximum grade",
    "Grade can be changed",
    "Last modified (submission)",
    "Last modified (grade)",
    "Feedback comments",
)
CSV_COLUMNS = tuple(
    "assignment timestamp student_id last_name first_name email raw_score late_submission_penalty score max_score "
    "needs_manual_grade".split()
)
# A spreadsheet runs a text that begins like this as a formula, which can fetch and send data.
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
NUMBER = re.compile(r"[+-]?\d*[.,]?\d*%?|-")


@dataclass(frozen=True)
class Grade:
    """The grade of one submission in the gradebook; `penalty` is the points taken off for lateness."""

    student: str
    lesson: str
    raw: float
    penalty: float
    max_score: float
    waiting: bool
    timestamp: str = ""

    @property
    def score(self) -> float:
        """The points that count, after the penalty."""
        return max(0.0, self.raw - self.penalty)

    @property
    def comment(self) -> str:
        text = f"{points(self.score)} of {points(self.max_score)} points"
        text += f"; {points(self.penalty)} taken off for lateness" if self.penalty else ""
        return text + ("; answers still wait for your instructor" if self.waiting else "")


@dataclass
class Sheet:
    """The rows of a CSV file; `faults` are sentences about what could not be written, `notes` tell what to know."""

    rows: list[list[str]]
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    delimiter: str = ","
    bom: bool = False

    def text(self) -> str:
        out = io.StringIO()
        csv.writer(out, delimiter=self.delimiter).writerows(self.rows)
        return ("\ufeff" if self.bom else "") + out.getvalue()


def points(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


def inert(text: str) -> str:
    """A text in a form that no spreadsheet runs as a formula; numbers stay unchanged."""
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text


def grades(classroom: ClassDirectory, lessons: list[str]) -> dict[tuple[str, str], Grade]:
    """All grades of these lessons, by student and lesson, after penalties for lateness."""
    one = SubmittedAssignment
    with gradebook_errors(classroom.db_url), Gradebook(classroom.db_url) as gradebook:
        # One query for all grades: going through nbgrader's objects takes three times as long.
        rows = (
            gradebook.db.query(
                one.student_id,
                Assignment.name,
                one.score,
                one.late_submission_penalty,
                one.max_score,
                one.needs_manual_grade,
                one.timestamp,
            )
            .join(Assignment, Assignment.id == one.assignment_id)
            .filter(Assignment.name.in_(lessons))
            .all()
        )
    return {
        (student, lesson): Grade(
            student, lesson, score or 0.0, penalty or 0.0, most or 0.0, bool(waiting), str(time or "")
        )
        for student, lesson, score, penalty, most, waiting, time in rows
    }


def max_scores(classroom: ClassDirectory, lessons: list[str]) -> dict[str, float]:
    with gradebook_errors(classroom.db_url), Gradebook(classroom.db_url) as gradebook:
        known = {one.name: one.max_score for one in gradebook.assignments}
    return {lesson: known.get(lesson, 0.0) for lesson in lessons}


def plain_sheet(roster: Roster, found: dict[tuple[str, str], Grade]) -> Sheet:
    people = {one["id"]: one for one in roster.students}
    rows = [list(CSV_COLUMNS)]
    for (student, lesson), one in sorted(found.items(), key=lambda item: (item[0][1], item[0][0])):
        names = [inert(people.get(student, {}).get(column, "")) for column in ("last_name", "first_name", "email")]
        numbers = [points(number) for number in (one.raw, one.penalty, one.score, one.max_score)]
        rows.append([lesson, one.timestamp, inert(student), *names, *numbers, "yes" if one.waiting else ""])
    return Sheet(rows)


def canvas_sheet(
    roster: Roster,
    lessons: list[str],
    found: dict[tuple[str, str], Grade],
    most: dict[str, float],
    users: dict[str, set[str]],
) -> Sheet:
    rows = [
        [*CANVAS_COLUMNS, *lessons],
        ["    Points Possible", "", "", "", "", *(points(most[one]) for one in lessons)],
    ]
    for one in sorted(roster.students, key=lambda one: (one.get("last_name", ""), one["id"])):
        student = one["id"]
        known = {one[column] for column in ("canvas_id", "lms_user_id") if one.get(column)} or users.get(student, set())
        name = ", ".join(filter(None, (one.get("last_name"), one.get("first_name")))) or student
        user = next(iter(known)) if len(known) == 1 else ""
        scores = [points(found[student, lesson].score) if (student, lesson) in found else "" for lesson in lessons]
        number = one.get("sis_id") or student
        rows.append([inert(name), user, inert(number), inert(student), "", *scores])
    return Sheet(rows)


def moodle_sheet(
    roster: Roster, lesson: str, found: dict[tuple[str, str], Grade], most: float, users: dict[str, set[str]]
) -> Sheet:
    sheet = Sheet([list(MOODLE_COLUMNS)])
    for one in roster.students:
        student, grade = one["id"], found.get((one["id"], lesson))
        known = users.get(student, set()) or ({one["participant_id"]} if one.get("participant_id") else set())
        if len(known) != 1:
            if grade:
                sheet.faults.append(
                    f"{student}: Moodle's participant id of this student is unknown, because nothing was imported from Moodle. "
                    "Download the grading worksheet and name it with --template."
                )
            continue
        name = " ".join(filter(None, (one.get("first_name"), one.get("last_name")))) or student
        score, comment = (points(grade.score), grade.comment) if grade else ("", "")
        who = [f"Participant {next(iter(known))}", inert(name), inert(one.get("email", ""))]
        sheet.rows.append([*who, "", score, points(most), "Yes", "-", "-", comment])
    return sheet
