"""Writes the class report: an HTML page that an instructor reads before the next class, and a CSV beside it."""

from __future__ import annotations

import csv
import datetime
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.classroom import ClassDirectory
from autograder.errors import AutograderError, UsageError
from autograder.files import write_atomically
from autograder.notebooks.status import ENDINGS
from autograder.reports import html
from autograder.reports.results import ClassResults, read_results
from autograder.reports.similarity import similar_pairs
from autograder.reports.statistics import (
    BLUNT,
    HARD,
    Distribution,
    ExerciseFigures,
    LessonFigures,
    answers,
    class_distribution,
    fault,
    lesson_figures,
    to_look_at,
)

LONGEST = 8  # rows shown of a list of any length
COLUMNS = (
    "student,lesson,exercise,points,max_points,status,waits_for_a_person,attempted,misconception,message,"
    "seconds_late,late_penalty,seconds_running,note,judged"
).split(",")


@dataclass(frozen=True)
class Report:
    """The paths of the two files, and notes about what could not be read."""

    page: Path
    table: Path
    notes: list[str]


def write_report(classroom: ClassDirectory, lessons: list[str], output: Path | None = None) -> Report:
    """Write the report of these lessons to `output` (default `report.html` in the class) and a CSV of the same name.

    Raises:
        ClassError: nothing has been graded yet.
        GradebookError: the gradebook does not respond.
        UsageError: `output` does not end in .html or .htm.
        AutograderError: a file cannot be written.
    """
    target = output or classroom.path / "report.html"
    if target.suffix.lower() not in (".html", ".htm"):
        raise UsageError(
            "the report is an HTML page.", where=str(target), remedy="Give the file a name ending in .html."
        )
    found = read_results(classroom, lessons)
    page, table = report_page(found), report_table(found)
    # Excel reads a CSV as UTF-8 only if it has a byte order mark, hence utf-8-sig.
    for path, text, encoding in ((target, page, "utf-8"), (target.with_suffix(".csv"), table, "utf-8-sig")):
        try:
            write_atomically(path, text.encode(encoding))
        except OSError as error:
            raise AutograderError(
                f"the report cannot be written ({error.strerror}).",
                where=str(path),
                remedy="Name another place with -o FILE.",
            ) from error
    return Report(target, target.with_suffix(".csv"), found.notes)


def report_page(found: ClassResults) -> str:
    """The report as one HTML page."""
    lessons = [lesson_figures(lesson, found.students) for lesson in found.lessons]
    misconceptions = [one for lesson in lessons for one in lesson.misconceptions]
    failures = [one for lesson in lessons for one in lesson.failures]
    return html.page(
        "report",
        title=f"Class report · {found.name}",
        name=found.name,
        day=datetime.date.today().isoformat(),
        notes=found.notes,
        lessons=[lesson for lesson in lessons if lesson.submitted],
        ungraded=[lesson for lesson in lessons if not lesson.submitted],
        handed_in=len({result.student for lesson in found.lessons for result in lesson.results}),
        students=len(found.students),
        statuses=_statuses(lessons),
        scores=class_distribution(found),
        look_at=to_look_at(one for lesson in lessons for one in lesson.exercises),
        misconceptions=sorted(misconceptions, key=lambda one: (-one.count, one.of))[:LONGEST],
        failures=sorted(failures, key=lambda one: -one.count)[:LONGEST],
        waiting_points=sum(lesson.waiting_points for lesson in lessons),
        waiting_answers=sum(lesson.waiting_answers for lesson in lessons),
        late=sum(len(lesson.late) for lesson in lessons),
        late_known=sum(lesson.late_known for lesson in lessons),
        pairs=similar_pairs(answers(found)),
        longest=LONGEST,
        markdown=html.text,
        percent=percent,
        points=html.points,
        number=correlation,
        duration=duration,
        bars=bars,
        classes=classes,
        flags=flags,
        wide=True,
    )


def _statuses(lessons: list[LessonFigures]) -> list[tuple[str, int]]:
    counts: Counter[str] = Counter({status: 0 for status in ENDINGS})
    for lesson in lessons:
        counts.update({status: len(students) for status, students in lesson.statuses.items()})
    return [(status, count) for status, count in counts.items() if count]


def percent(share: float | None) -> str:
    """A share, 0 to 1, as a whole percentage with a non-breaking space."""
    return "–" if share is None else f"{share * 100:.0f}\u00a0%"


def correlation(value: float | None) -> str:
    # A real minus sign, as wide as a digit, so that a column of numbers is aligned.
    return "–" if value is None else f"{value:.2f}".replace("-", "−")


def duration(seconds: float | None) -> str:
    """A duration in its two largest units: enough to see whether somebody was late by an hour or by a week."""
    if seconds is None:
        return "–"
    left, parts = round(seconds, 1 if seconds < 60 else 0), []
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if left >= length:
            parts.append(f"{left // length:.0f} {unit}")
            left %= length
    if len(parts) < 2 and (left or not parts):
        parts.append(f"{left:g} s")
    return " ".join(parts[:2]).replace(" ", "\u00a0")


def bars(counts: list[int], *, width: float, height: float, gap: float = 2) -> list[dict[str, float]]:
    """The positions and sizes of a histogram's bars in a box of this size whose upper left corner is at (0, 0)."""
    step, highest = width / len(counts), max([*counts, 1])
    return [
        {
            "x": round(number * step + gap / 2, 2),
            "y": round(height * (1 - count / highest), 2),
            "width": round(step - gap, 2),
            "height": round(height * count / highest, 2),
            "count": count,
        }
        for number, count in enumerate(counts)
    ]


def classes(scores: Distribution) -> list[tuple[str, int]]:
    """The labels of a histogram's classes, with their counts."""
    width = 100 // len(scores.counts)
    names = [f"{n * width} to under {(n + 1) * width}\u00a0%" for n in range(len(scores.counts) - 1)]
    return list(zip([*names, f"{100 - width} to 100\u00a0%"], scores.counts, strict=True))


def flags(exercise: ExerciseFigures) -> list[str]:
    """The reasons why an exercise deserves a look, in words."""
    found = []
    if exercise.full is not None and exercise.full < HARD:
        found.append("hard")
    if exercise.discrimination is not None and exercise.discrimination < BLUNT:
        found.append("low discrimination")
    return found


def report_table(found: ClassResults) -> str:
    """The report's CSV: one row for each exercise of each submission, by lesson, then student."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for lesson in found.lessons:
        for result in lesson.results:
            for exercise in lesson.exercises:
                if (outcome := result.outcomes.get(exercise.key)) is None:
                    continue
                row = (
                    result.student,
                    result.lesson,
                    exercise.name,
                    outcome.score,
                    exercise.max_score,
                    result.status,
                    outcome.waiting,
                    outcome.attempted,
                    exercise.help.get(outcome.help, ""),
                    fault(outcome.message) if outcome.message else "",
                    result.late,
                    result.penalty,
                    result.running,
                    outcome.note,
                    "" if exercise.by_hand else outcome.judged,
                )
                writer.writerow([_cell(value) for value in row])
    return text.getvalue()


def _cell(value: Any) -> Any:
    """A value in a form that a spreadsheet does not run as a formula: messages may contain text from students."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return f"'{value}" if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") and value else value
