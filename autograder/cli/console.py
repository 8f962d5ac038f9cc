"""Prints the commands' progress bars, tables and messages."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import click
from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from autograder.classroom import ClassDirectory
from autograder.course import Course
from autograder.course.preflight import Findings
from autograder.errors import COMMAND
from autograder.files import printable
from autograder.files.text import printable_lines
from autograder.gradebook import Record
from autograder.grading.regrade import ScoreChange
from autograder.grading.selfstudy import LessonProgress, is_written
from autograder.lms.importer import STATUSES, ImportResult
from autograder.notebooks.file_names import title_of
from autograder.notebooks.status import Mode, Status
from autograder.reports import Report
from autograder.sandbox.walls import PYTHON
from convlab.recognition import PERHAPS

STATUS_COLORS = {Status.GRADED: "green", Status.UNREADABLE: "red", Status.NOT_RECORDED: "red", Status.DROPPED: "dim"}
NAMES = 3  # students that a note about several lists by name
MOST_LINES = 200  # lines of one kind: a hostile upload can cause a hundred thousand


class Terminal(Console):
    """A console that neutralizes control characters in untrusted text, in lines, tables and progress bars."""

    def print(self, *objects: Any, **options: Any) -> None:
        super().print(*(printable_lines(one) if isinstance(one, str) else one for one in objects), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            if segment.control or (segment.text.isascii() and segment.text.isprintable()):
                yield segment
            else:
                yield Segment("\n".join(map(printable, segment.text.split("\n"))), segment.style)


@lru_cache(maxsize=1)
def error_console() -> Terminal:
    """The only console for the error stream: a progress bar stays below what is printed through its own console."""
    return Terminal(stderr=True)


def echo(text: str, *, err: bool = False) -> None:
    """Print lines that may contain untrusted text."""
    click.echo(printable_lines(text), err=err)


def first_lines(lines: Sequence[str], remedy: str = "") -> list[str]:
    """The first MOST_LINES lines, and how many more there are."""
    more = len(lines) - MOST_LINES
    return [*lines[:MOST_LINES], *([f"… and {more:,} more.{remedy and f' {remedy}'}"] if more > 0 else [])]


def json_option(what: str, name: str = "--json", into: str = "json_file") -> Any:
    """An option of a command: write `what` to a file, or to standard output for '-'."""
    file = click.File("w", encoding="utf-8", lazy=True)
    return click.option(name, into, type=file, metavar="FILE", help=f"Write {what} to FILE ('-': standard output).")


def progress_bar(what: str) -> Progress:
    columns = (
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    return Progress(*columns, console=error_console())


def show_batch(console: Console, classroom: ClassDirectory, records: list[Record], strays: list[str]) -> None:
    if not records and not strays:
        console.print(
            f"There is nothing to grade: put notebooks into {classroom.path}/submitted/<student>/<lesson>/<lesson>.ipynb.",
            markup=False,
            soft_wrap=True,
        )
    if records:
        console.print(_table(records))
    for line in first_lines(_notes(records), "All of them: --json FILE."):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    there = ", ".join(classroom.lessons)
    unknown = [
        f"{one}: not graded, the class has no such lesson. There are: {there}. Rename the folder." for one in strays
    ]
    for line in first_lines(unknown):
        console.print(line, markup=False, soft_wrap=True)
    if records:
        counts = Counter(record.status for record in records)
        submissions = len({(record.student, record.lesson) for record in records})
        what = f"{submissions} submission(s)" + (f" of {len(records)} notebooks" if len(records) > submissions else "")
        console.print(f"{what}: " + ", ".join(f"{n} {status}" for status, n in counts.most_common()))
    if any(record.recorded for record in records):
        lines = [
            f"Feedback for students: {classroom.path / 'feedback'}",
            f"Graded notebooks:      {classroom.path / 'autograded'}",
            f"Gradebook:             {classroom.path}: 'nbgrader export', or the Formgrader",
        ]
        if any(record.to_grade or record.to_review for record in records):
            lab = f"cd {classroom.path} && {Path(PYTHON).parent / 'jupyter'} lab"
            lines.append(f"Answers to grade:      {lab}, then Nbgrader > Formgrader > Manual Grading")
        lines.append(f"Report on the class:   {COMMAND} report {classroom.path}")
        for line in lines:
            console.print(line, markup=False, highlight=False, soft_wrap=True)


def show_findings(console: Console, found: Findings, *, together: bool = True) -> None:
    """Print what a pre-flight found out, with what to write instead of a test that is not judged apart.

    Args:
        together: whether the class lets tests be judged together.
    """
    title = title_of(found.lesson, found.notebook)
    lines = [] if found.tests or found.unsolved else [f"{title}: every test is judged apart from the notebook."]
    for name, finding in found.tests.items():
        if finding.judged == Mode.TOGETHER and together:
            lines.append(
                f"{title}, {name}: judged together with the notebook, whose code could forge the verdict. Apart, "
                f"your own solution: {finding.apart} {finding.instead}"
            )
        elif finding.judged == Mode.TOGETHER:
            lines.append(
                f"{title}, {name}: not graded by machine, you give the points by hand: it works only together "
                f"with the notebook, which c.Run.together forbids. Apart, your own solution: {finding.apart} "
                f"{finding.instead}"
            )
        else:
            same = finding.together == finding.apart
            also = (
                "Together with the notebook, the same." if same else f"Together with the notebook: {finding.together}"
            )
            lines.append(
                f"{title}, {name}: not graded by machine, you give the points by hand: your own solution fails "
                f"it. Apart: {finding.apart} {also} Correct the test or the solution. {finding.instead}"
            )
    lines += [
        f"{title}, {name}: source/ has no solution to try it with, so whether it can be judged apart is not known. "
        "It is judged apart. Write a solution, or compare some points yourself."
        for name in found.unsolved
    ]
    lines += [
        f"{title}, {name}: gives points to the notebook as handed out, without any answer. Have it test something "
        "that only an answer can pass."
        for name in found.free
    ]
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _notes(records: list[Record]) -> list[str]:
    """Notes about submissions; one that concerns several students of a lesson is printed only once."""
    students: dict[tuple[str, str], list[str]] = {}
    for record in records:
        notes = record.repaired if record.recorded and not record.reason else [record.reason, *record.repaired]
        title = title_of(record.lesson, record.notebook)
        whose = f"{record.student}, {title}: "
        for note in dict.fromkeys(note.removeprefix(whose) for note in notes):
            students.setdefault((title, note), []).append(record.student)
    lines = []
    for (lesson, note), who in students.items():
        some = ", ".join(who[:NAMES])
        shown = some if len(who) <= NAMES else f"{len(who)} students ({some}, …)"
        lines.append(f"{shown}, {lesson}: {note}")
    return lines


def _table(records: list[Record]) -> Table:
    table = Table()
    table.add_column("student")
    table.add_column("lesson")
    table.add_column("points", justify="right")
    table.add_column("by hand", justify="right")
    table.add_column("status")
    submissions: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        submissions.setdefault((record.student, record.lesson), []).append(record)
    for (student, lesson), parts in submissions.items():
        statuses = [
            _status([one for one in parts if one.status == status])
            for status in dict.fromkeys(one.status for one in parts)
        ]
        table.add_row(_name(student), _name(lesson), *_sums(parts), ", ".join(statuses))
    return table


def _sums(records: list[Record]) -> tuple[str, str]:
    """The points of a submission, over all of its notebooks, and what waits for a person."""
    score, most, to_grade = (
        sum(getattr(record, name) for record in records) for name in ("score", "max_score", "to_grade")
    )
    again = sum(record.max_points[cell] for record in records for cell in record.to_review)
    by_hand = [f"{to_grade:g} to grade"] * bool(to_grade) + [f"{again:g} to look at again"] * bool(again)
    return f"{score:g} / {most:g}" if any(record.recorded for record in records) else "–", ", ".join(by_hand)


def _status(records: list[Record]) -> str:
    """The status that notebooks of one submission share, and what is to be known of them."""
    status = records[0].status
    repaired = sum(len(record.repaired) for record in records)
    text = status + (f" ({repaired} repaired)" if repaired else "")
    ran = [record for record in records if record.recorded and status is not Status.MISSING]
    text += "" if all(record.sandbox for record in ran) else ", no sandbox"
    return f"[{STATUS_COLORS.get(status, 'yellow')}]{text}[/]"


def _name(text: str) -> str:
    """A name for a table cell, without line breaks, which would look like another row."""
    return escape(printable(text))


def show_differences(console: Console, found: list[ScoreChange]) -> None:
    table = Table("student", "lesson", "exercise")
    for name in ("before", "after", "difference"):
        table.add_column(name, justify="right")
    changed = [one for one in found if one.changes]
    for one in changed:
        for change in one.changes:
            before = 0.0 if change.before is None else change.before
            after = 0.0 if change.after is None else change.after
            color = "green" if after > before else "red"
            table.add_row(
                _name(one.submission.student),
                _name(title_of(one.submission.lesson, one.submission.notebook_name)),
                _name(change.cell.removeprefix("test_")),
                "–" if change.before is None else f"{change.before:g}",
                "by hand" if change.after is None else f"{change.after:g}",
                f"[{color}]{after - before:+g}[/]",
            )
    if changed:
        console.print(table)
    for one in found:
        if one.reason:
            console.print(f"{one.submission}: {one.reason}", markup=False, soft_wrap=True)
    if found:
        console.print(f"{len(found)} submission(s) are affected; the points of {len(changed)} of them would change.")
    else:
        console.print("No submission is affected: every record was made with these tests.")


def show_imported(console: Console, platform: str, results: list[ImportResult]) -> None:
    colors = {"imported": "green", "replaced": "green", "unchanged": "dim"}
    table = Table("student", "handed in (UTC)", "status")
    for one in results:
        if one.student:
            late = " [yellow]late[/]" if one.late else ""
            color = colors.get(one.status, "red")
            table.add_row(_name(one.student), one.submitted.removesuffix(" UTC") + late, f"[{color}]{one.status}[/]")
    if table.row_count:
        console.print(table)
    notes = [f"{one.student or one.entry}: {one.status}: {one.note}" for one in results if one.note]
    for line in first_lines(notes, "All of them: --json FILE."):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    counts = {status: sum(one.status == status for one in results) for status in STATUSES}
    numbers = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in counts.items() if count)
    console.print(f"{platform}: {numbers or 'nothing was handed in'}.", highlight=False)


def show_report(report: Report) -> None:
    for note in report.notes:
        echo(f"Note: {note}", err=True)
    echo(f"Class report:          {report.page}")
    echo(f"The same as a table:   {report.table}")


def saved_when(notebook: Path) -> str:
    """A line with the file that is checked and its age, since changes that are not saved yet are not in it."""
    seconds = max(time.time() - notebook.stat().st_mtime, 0)
    units = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
    unit, size = next((unit, size) for unit, size in units.items() if seconds >= size or size == 1)
    count = int(seconds // size)
    return f"{notebook}, saved {count} {unit}{'' if count == 1 else 's'} ago:"


def show_check(console: Console, record: Record, reached: LessonProgress, course: Course) -> None:
    if record.reason:
        console.print(record.reason, markup=False, highlight=False, soft_wrap=True)
    if not record.recorded:
        return
    for cell, points in record.points.items():
        if is_written(cell):
            answered = f"compare it with the model answer: {COMMAND} solution {cell}"
            remark = "not answered yet" if points is not None else answered
            console.print(
                f"  ✎ {cell}: {record.max_points[cell]:g} points by hand, {remark}",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )
            continue
        mark = "[green]✓[/]" if points == record.max_points[cell] else "[red]✗[/]"
        if points is None:
            by_hand = f"{record.max_points[cell]:g} points by hand, not graded by machine"
            console.print(f"  ✎ {_name(cell.removeprefix('test_'))}: {by_hand}", highlight=False)
            continue
        console.print(f"  {mark} {_name(cell.removeprefix('test_'))}: {points:g} of {record.max_points[cell]:g}")
        if cell in record.failures:
            failure = record.failures[cell]
            console.print(
                "\n".join("      " + line for line in failure.message.splitlines()),
                markup=False,
                highlight=False,
                soft_wrap=True,
            )
            if failure.help:
                console.print(Padding(Text(f"{PERHAPS} {failure.help}", style="yellow"), (0, 0, 0, 6)))
        if cell in record.notes:
            console.print(Padding(Text(record.notes[cell]), (0, 0, 0, 6)))
    tests = [cell for cell in record.points if not is_written(cell)]
    by_tests = sum(record.max_points[cell] for cell in tests)
    more = f", {record.max_score - by_tests:g} more by hand" if record.max_score > by_tests else ""
    got = sum(record.points[cell] or 0 for cell in tests)
    console.print(f"{record.lesson}: {got:g} of {by_tests:g} points{more}", style="bold")
    totals = [(lesson, *reached.of(lesson)) for lesson in course.lessons]
    parts = [
        f"{lesson[:2]} {'✓' if most and got == most else f'{got:g}/{most:g}' if most else '·'}"
        for lesson, got, most in totals
    ]
    console.print("All lessons, best so far: " + "   ".join(parts), markup=False, highlight=False)
