"""The command line: `python -m autograder`."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from autograder.classroom import new_class
from autograder.course import ClassDirectory, Course
from autograder.demo import make_demo_class
from autograder.doctor import try_walls
from autograder.errors import AutograderError, LessonError, UnreadableSubmission
from autograder.grade import Record, grade_class
from autograder.proof import Proof, prove_all
from autograder.regrade import Regraded, preview, write
from autograder.release import build as build_lessons
from autograder.release import write_notebook
from autograder.report import Report, write_report
from autograder.sandbox import missing
from autograder.submission import read_notebook

STATUS_COLORS = {"graded": "green", "unreadable": "red", "not_recorded": "red"}


class _Group(click.Group):
    """Shows our errors as one sentence, with their exit code."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except AutograderError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(error.exit_code)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Build the lessons, hand them out, and grade what comes back."""


@main.command()
@click.argument("lessons", nargs=-1)
def build(lessons: tuple[str, ...]) -> None:
    """Write lessons/ from the sources in solutions/ (all LESSONS if none is named)."""
    course = Course()
    for path in build_lessons(course, course.select(lessons)):
        click.echo(path.relative_to(course.root))


@main.command()
@click.argument("classdir", type=click.Path(path_type=Path))
@click.option(
    "--roster", type=click.Path(path_type=Path), help="CSV with a column 'id': only these students are graded."
)
@click.option("--db", "db_url", help="Gradebook address, such as postgresql://host/name; default: gradebook.db.")
@click.option("--cell-seconds", default=60, show_default=True, type=click.IntRange(1), help="Time limit for one cell.")
def new(classdir: Path, roster: Path | None, db_url: str | None, cell_seconds: int) -> None:
    """Make CLASSDIR, an nbgrader course directory with every lesson released."""
    classroom = new_class(Course(), classdir, roster=roster, db_url=db_url, cell_seconds=cell_seconds)
    click.echo(f"Made {classdir} with {len(classroom.lessons)} lesson(s).")
    click.echo(f"Hand out {classdir}/release/; put what comes back into {classdir}/submitted/<student>/<lesson>/;")
    click.echo(f"then run: python -m autograder grade {classdir}")


def _running(command: Any) -> Any:
    """The options that say where and how notebooks are run."""
    for option in (
        click.option(
            "--unsafe-no-sandbox",
            "unsafe",
            is_flag=True,
            help="Run notebooks without the sandbox. Only for notebooks you trust.",
        ),
        click.option(
            "--scheduler", help="Run the notebooks on the workers of this Dask scheduler, such as tcp://host:8786."
        ),
        click.option(
            "--workers",
            type=click.IntRange(1),
            default=os.cpu_count(),
            help="Notebooks that are run at a time. Default: as many as there are cores.",
        ),
    ):
        command = option(command)
    return command


def _warn_unsafe(unsafe: bool) -> None:
    if unsafe:
        click.echo(
            "Warning: no sandbox. The notebooks run with your rights, can read your files and change grades.", err=True
        )


@main.command()
@click.argument("classdir", type=click.Path(path_type=Path))
@click.argument("lessons", nargs=-1)
@_running
@click.option("--force", is_flag=True, help="Grade unchanged submissions again.")
@click.option(
    "--json",
    "json_file",
    type=click.File("w", encoding="utf-8", lazy=True),
    help="Write all records to FILE ('-': output).",
)
@click.pass_context
def grade(
    ctx: click.Context,
    classdir: Path,
    lessons: tuple[str, ...],
    workers: int,
    scheduler: str | None,
    force: bool,
    unsafe: bool,
    json_file: click.utils.LazyFile | None,
) -> None:
    """Grade what lies in CLASSDIR/submitted/ (all LESSONS if none is named).

    Exit code 0: every submission has a record. 1: something could not be recorded. 2: the call was wrong.
    """
    classroom = ClassDirectory(classdir)
    _warn_unsafe(unsafe)
    how = {"workers": workers, "scheduler": scheduler, "force": force, "unsafe": unsafe}
    ctx.exit(_grade(classroom, classroom.select(lessons), json_file=json_file, **how))


def _grade(
    classroom: ClassDirectory,
    lessons: list[str],
    *,
    json_file: click.utils.LazyFile | None = None,
    **how: Any,
) -> int:
    records: list[Record] = []
    with _progress("Grading") as progress:
        task = progress.add_task("", total=None)
        for record in grade_class(classroom, lessons, begun=lambda total: progress.update(task, total=total), **how):
            records.append(record)
            failed = sum(not one.recorded for one in records)
            trouble = f"[red]{failed} not recorded[/] · " if failed else ""
            progress.update(task, advance=1, description=trouble + escape(f"{record.student} · {record.lesson}"))
    # In the order of the class, whoever was done first.
    records.sort(key=lambda record: (record.lesson, record.student))
    strays = classroom.unknown_lessons()
    to_stdout = json_file is not None and json_file.name == "-"
    _show(Console(stderr=to_stdout), classroom, records, strays)
    if json_file is not None:
        json.dump({"submissions": [record.as_dict() for record in records], "unknown": strays}, json_file, indent=2)
        json_file.write("\n")
    return 0 if all(record.recorded for record in records) and not strays else 1


def _progress(what: str) -> Progress:
    columns = (
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    return Progress(*columns, console=Console(stderr=True))


def _show(console: Console, classroom: ClassDirectory, records: list[Record], strays: list[str]) -> None:
    if not records and not strays:
        console.print(
            f"There is nothing to grade: put notebooks into {classroom.path}/submitted/<student>/<lesson>/<lesson>.ipynb.",
            markup=False,
            soft_wrap=True,
        )
    if records:
        console.print(_table(records))
    for record in records:
        notes = record.repaired if record.recorded and not record.reason else [record.reason, *record.repaired]
        for note in notes:
            console.print(f"{record.student}, {record.lesson}: {note}", markup=False, highlight=False, soft_wrap=True)
    for stray in strays:
        console.print(
            f"{stray}: not graded, the class has no such lesson. There are: {', '.join(classroom.lessons)}. Rename the folder.",
            markup=False,
            soft_wrap=True,
        )
    if any(record.recorded for record in records):
        console.print(f"Feedback for students: {classroom.path / 'feedback'}", markup=False, soft_wrap=True)
        console.print(f"Graded notebooks:      {classroom.path / 'autograded'}", markup=False, soft_wrap=True)
        console.print(
            f"Gradebook:             {classroom.path}: 'nbgrader export', or the Formgrader",
            markup=False,
            soft_wrap=True,
        )


def _table(records: list[Record]) -> Table:
    table = Table()
    table.add_column("student")
    table.add_column("lesson")
    table.add_column("points", justify="right")
    table.add_column("by hand", justify="right")
    table.add_column("status")
    for record in records:
        color = STATUS_COLORS.get(record.status, "yellow")
        points = f"{record.score:g} / {record.max_score:g}" if record.recorded else "–"
        by_hand = f"{record.to_grade:g} to grade" if record.to_grade else ""
        status = record.status + (f" ({len(record.repaired)} repaired)" if record.repaired else "")
        status += "" if record.sandbox else ", no sandbox"
        table.add_row(escape(record.student), record.lesson, points, by_hand, f"[{color}]{status}[/]")
    return table


@main.command()
@click.argument("classdir", type=click.Path(path_type=Path))
@click.argument("lessons", nargs=-1)
@_running
@click.option("--yes", is_flag=True, help="Write the differences without asking.")
@click.option("--dry-run", is_flag=True, help="Show the differences and write nothing.")
@click.option(
    "--json",
    "json_file",
    type=click.File("w", encoding="utf-8", lazy=True),
    help="Write the differences to FILE ('-': output).",
)
@click.pass_context
def regrade(
    ctx: click.Context,
    classdir: Path,
    lessons: tuple[str, ...],
    yes: bool,
    dry_run: bool,
    json_file: click.utils.LazyFile | None,
    **how: Any,
) -> None:
    """Grade again what a corrected test touches: correct it in CLASSDIR/source/, then run this.

    Shows who would gain or lose points, and asks before anything is written. Points and comments by hand are kept.
    Exit code 0: nothing to write, or all of it was written. 1: not written. 2: the call was wrong.
    """
    classroom = ClassDirectory(classdir)
    _warn_unsafe(how["unsafe"])
    found: list[Regraded] = []
    with _progress("Running again") as progress:
        task = progress.add_task("", total=None)
        for one in preview(
            classroom, classroom.select(lessons), begun=lambda total: progress.update(task, total=total), **how
        ):
            found.append(one)
            progress.update(task, advance=1, description=escape(f"{one.submission.student} · {one.submission.lesson}"))
    found.sort(key=lambda one: (one.submission.lesson, one.submission.student))
    _show_differences(Console(stderr=json_file is not None and json_file.name == "-"), found)
    if json_file is not None:
        json.dump([one.as_dict() for one in found], json_file, indent=2)
        json_file.write("\n")
    if not found or dry_run:
        ctx.exit(0)
    try:
        sure = yes or click.confirm("Write this into the gradebook and the feedback?", err=True)
    except click.Abort:
        sure = False
    if not sure:
        click.echo("Nothing was written. Run this again with --yes to write it.", err=True)
        ctx.exit(1)
    failed = [record for record in write(classroom, found) if not record.recorded]
    for record in failed:
        click.echo(f"{record.student}, {record.lesson}: {record.reason}", err=True)
    click.echo(f"Written: {len(found) - len(failed)} submission(s).", err=True)
    ctx.exit(1 if failed else 0)


def _show_differences(console: Console, found: list[Regraded]) -> None:
    table = Table("student", "lesson", "exercise")
    for name in ("before", "after", "difference"):
        table.add_column(name, justify="right")
    changed = [one for one in found if one.changes]
    for one in changed:
        for change in one.changes:
            before = 0.0 if change.before is None else change.before
            color = "green" if change.after > before else "red"
            table.add_row(
                escape(one.submission.student),
                one.submission.lesson,
                change.cell.removeprefix("test_"),
                "–" if change.before is None else f"{change.before:g}",
                f"{change.after:g}",
                f"[{color}]{change.after - before:+g}[/]",
            )
    if changed:
        console.print(table)
    for one in found:
        if one.reason:
            console.print(
                f"{one.submission.student}, {one.submission.lesson}: {one.reason}", markup=False, soft_wrap=True
            )
    if found:
        console.print(f"{len(found)} submission(s) were touched; {len(changed)} of them would have other points.")
    else:
        console.print("Nothing is touched: every record was made with these tests.")


@main.command()
@click.argument("classdir", type=click.Path(path_type=Path))
@click.argument("lessons", nargs=-1)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The page to write; default: CLASSDIR/report.html."
)
def report(classdir: Path, lessons: tuple[str, ...], output: Path | None) -> None:
    """Write a report on the graded LESSONS (default: all) of CLASSDIR: one HTML page, and a CSV beside it.

    Scores, exercises, misconceptions, what waits for grading by hand, lateness, and unusually similar submissions.
    """
    classroom = ClassDirectory(classdir)
    _show_report(write_report(classroom, classroom.select(lessons), output))


def _show_report(report: Report) -> None:
    for note in report.notes:
        click.echo(f"Note: {note}", err=True)
    click.echo(f"Class report:          {report.page}")
    click.echo(f"The same as a table:   {report.table}")


@main.command()
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def check(ctx: click.Context, notebook: Path, as_json: bool) -> None:
    """Check your own NOTEBOOK: points for each exercise, and help where something is not right yet.

    Exit code 0: full marks. 1: not yet. 2: the notebook cannot be read.
    """
    if not notebook.is_file():
        raise UnreadableSubmission(
            "there is no such file.", where=str(notebook), remedy="Name a notebook, such as lessons/…/….ipynb."
        )
    course = Course()
    lesson = _lesson_of(course, notebook)
    handed_in = read_notebook(notebook)
    with tempfile.TemporaryDirectory() as folder:
        classroom = new_class(course, Path(folder) / "self-study", lessons=[lesson])
        write_notebook(handed_in, classroom.path / "submitted" / "you" / lesson / f"{lesson}.ipynb")
        # One's own notebook may run without walls where there are none.
        (record,) = grade_class(classroom, [lesson], unsafe=bool(missing()))
    if as_json:
        click.echo(json.dumps(record.as_dict() | {"feedback": ""}, indent=2))
    else:
        _show_check(record)
    ctx.exit(0 if record.status == "graded" and record.score == record.max_score - record.to_grade else 1)


def _lesson_of(course: Course, notebook: Path) -> str:
    """The lesson a notebook belongs to: by its name, where a browser may have added ' (1)' or '-Copy1'."""
    for lesson in course.lessons:
        if notebook.stem.startswith(lesson):
            return lesson
    raise LessonError(
        f"'{notebook.name}' is named after no lesson.", remedy=f"Name it after one of: {', '.join(course.lessons)}."
    )


def _show_check(record: Record) -> None:
    console = Console()
    for cell, points in record.points.items():
        if points is None:
            console.print(
                f"  ✎ {cell}: {record.max_points[cell]:g} points, read the rubric in the solution", markup=False
            )
            continue
        mark = "[green]✓[/]" if points == record.max_points[cell] else "[red]✗[/]"
        console.print(f"  {mark} {cell.removeprefix('test_')}: {points:g} of {record.max_points[cell]:g}")
        if cell in record.messages:
            console.print(
                "\n".join("      " + line for line in record.messages[cell].splitlines()), markup=False, highlight=False
            )
    console.print(f"{record.lesson}: {record.score:g} of {record.max_score - record.to_grade:g} points", style="bold")


@main.command()
@click.argument("lessons", nargs=-1)
@click.option("--mutants", default=8, show_default=True, help="Small edits of each solution that have to be rejected.")
@click.option("--verbose", is_flag=True, help="List the edits that were not rejected.")
@click.pass_context
def proof(ctx: click.Context, lessons: tuple[str, ...], mutants: int, verbose: bool) -> None:
    """Prove the tests of LESSONS (default: all): right answers count, wrong ones do not, and each is recognized.

    Exit code 0: all bars are met. 1: not.
    """
    course = Course()
    table = Table("lesson", *("exercises", "right accepted", "wrong rejected", "recognized", "mutants rejected"))
    with Console(stderr=True).status("Judging all answers, which takes minutes"):
        proofs = prove_all(course, course.select(lessons), mutants=mutants, unsafe=bool(missing()))
    for found in proofs:
        table.add_row(
            found.lesson,
            str(found.exercises),
            f"{found.accepted} of {found.right}",
            f"{found.rejected} of {found.wrong}",
            f"{found.recognized} of {found.wrong}",
            f"{found.killed} of {found.mutants}",
        )
    total = Proof.total(proofs)
    table.add_section()
    table.add_row(
        "together",
        str(total.exercises),
        f"{total.accepted} of {total.right}",
        f"{total.rejected} of {total.wrong}",
        f"{total.recognized} of {total.wrong} ({total.recognized / max(total.wrong, 1):.1%})",
        f"{total.killed} of {total.mutants} ({total.killed / max(total.mutants, 1):.1%})",
    )
    console = Console(width=120)
    console.print(table)
    for line in [*total.faults, *(total.survivors if verbose else [])]:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    ctx.exit(0 if total.holds else 1)


@main.command()
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Try to break through every wall of the sandbox on this machine, and say which of them held.

    Exit code 0: all held. 1: the walls cannot be built here, or one fell.
    """
    faults = missing()
    for fault in faults:
        click.echo(f"Error: {fault}", err=True)
    if faults:
        ctx.exit(faults[0].exit_code)
    console, fallen = Console(), 0
    with console.status("Starting the sandbox"):
        for found in try_walls():
            fallen += not found.held
            mark = "[green]held[/]" if found.held else "[red]FELL[/]"
            console.print(f"{mark}  [bold]{found.wall.name}[/]: {found.wall.tries}")
            console.print(f"      {found.said}", markup=False, highlight=False, style="dim")
    if fallen:
        console.print(
            f"{fallen} wall(s) fell. Do not grade here. Update bubblewrap and the kernel, and run this again.",
            style="red",
        )
    ctx.exit(1 if fallen else 0)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("build/demo-class"))
@click.pass_context
def demo(ctx: click.Context, folder: Path) -> None:
    """Make a class of nine sample students in FOLDER, grade it, and write the class report."""
    course = Course()
    lesson = course.lessons[0]
    classroom = make_demo_class(course, folder, lesson)
    click.echo(f"Made a class with 9 sample submissions for {lesson}: {folder}")
    faults = missing()
    if faults:
        click.echo(f"No sandbox here: {faults[0]} The samples are harmless, so they run without it.", err=True)
    code = _grade(classroom, [lesson], workers=os.cpu_count(), unsafe=bool(faults))
    if code == 0:
        _show_report(write_report(classroom, [lesson]))
    ctx.exit(code)
