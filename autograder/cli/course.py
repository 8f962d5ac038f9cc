"""The commands for authors, instructors and self-study: build, bundle, proof, doctor, check, solution."""

from __future__ import annotations

import contextlib
import itertools
import json
from pathlib import Path

import click
from rich.syntax import Syntax
from rich.table import Table

from autograder.classroom import ClassDirectory
from autograder.cli.console import Terminal, echo, error_console, saved_when, show_check
from autograder.cli.logs import logging_options
from autograder.course import Course
from autograder.course import build as build_lessons
from autograder.course.bundle import write_bundle
from autograder.course.hint_index import build_companion
from autograder.course.proof import Figures, Proof, prove_all
from autograder.errors import UnreadableSubmission
from autograder.execution import try_walls
from autograder.gradebook import Record
from autograder.grading import SelfStudy
from autograder.grading.selfstudy import LessonProgress, find_notebook, lesson_of, saves_of, solution_of
from autograder.notebooks.status import Status
from autograder.reports.feedback import page_for_oneself
from autograder.sandbox import missing


@click.command()
@click.argument("lessons", nargs=-1)
def build(lessons: tuple[str, ...]) -> None:
    """Write lessons/ and convlab/hints/lessons.json from the sources in solutions/ (all LESSONS if none is named)."""
    course = Course()
    wanted = course.select(lessons)
    for path in [*build_lessons(course, wanted), build_companion(course, wanted)]:
        click.echo(path.relative_to(course.root))


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
def bundle(archive: Path) -> None:
    """Write ARCHIVE, a zip for students: lessons, data, convlab and an environment, but no solutions or grader."""
    names = write_bundle(Course(), archive)
    echo(f"Wrote {archive} with {len(names)} files. Hand it out: it contains no solutions and no hidden tests.")


@click.command()
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option(
    "--html", "page", type=click.Path(path_type=Path, dir_okay=False), help="Also write the result as a page."
)
@click.option("--watch", is_flag=True, help="Check again each time the notebook is saved, until Ctrl+C.")
@logging_options
@click.pass_context
def check(ctx: click.Context, notebook: Path, as_json: bool, page: Path | None, watch: bool) -> None:
    """Check your own NOTEBOOK: points for each exercise, and help where something is not right yet.

    NOTEBOOK may also be the number of a lesson, such as 1, for the notebook in lessons/.

    Exit code 0: full marks. 1: not yet. 2: the notebook cannot be read.
    """
    course = Course()
    notebook = find_notebook(course, notebook)
    lesson = lesson_of(course, notebook)
    reached = LessonProgress.load()
    console = Terminal()
    with SelfStudy(course, lesson) as study:

        def once() -> Record:
            saved = saved_when(notebook)
            with error_console().status("Checking"):
                record = study.check(notebook)
            # If the progress cannot be saved, the result is shown anyway.
            with contextlib.suppress(OSError):
                reached.add(record)
            if page is not None:
                _write_page(record, page)
            if as_json:
                click.echo(json.dumps(record.as_dict() | {"feedback": str(page or "")}, indent=2))
            else:
                console.print(saved, markup=False, highlight=False, soft_wrap=True)
                show_check(console, record, reached, course)
            return record

        record = None if watch else once()
        if record is None:
            console.print(f"Checking {notebook} each time you save it. Press Ctrl+C to stop.", markup=False)
            for _ in itertools.chain([None], saves_of(notebook)):
                try:
                    record = once()
                except (UnreadableSubmission, OSError) as error:
                    echo(f"{error} It will be checked again at the next save.", err=True)
    done = record is not None and record.status == Status.GRADED and record.score == record.max_score - record.to_grade
    ctx.exit(0 if done else 1)


def _write_page(record: Record, page: Path) -> None:
    if not record.feedback:
        click.echo(f"{page} was not written: {record.reason or 'the notebook was not graded.'}", err=True)
        return
    page.write_text(page_for_oneself(Path(record.feedback).read_text(encoding="utf-8")), encoding="utf-8")


@click.command()
@click.argument("exercise")
@click.option("--give-up", is_flag=True, help="Show it even if you have not tried the exercise.")
def solution(exercise: str, give_up: bool) -> None:
    """Show the solution of EXERCISE, such as conv2d_valid, once you have tried it yourself.

    For a written answer, such as explain_padding: a model answer and how it is graded.
    """
    shown = solution_of(Course(), exercise, LessonProgress.load(), give_up=give_up)
    console = Terminal()
    if console.is_terminal:
        language = "python" if shown.cell_type == "code" else "markdown"
        console.print(Syntax(shown.source, language, word_wrap=True))
    else:
        click.echo(shown.source)


@click.command()
@click.argument("lessons", nargs=-1)
@click.option(
    "--mutants",
    default=8,
    show_default=True,
    help="Number of small changes to each solution to try; the tests have to reject them.",
)
@click.option("--verbose", is_flag=True, help="Also list the changes that were not rejected.")
@click.pass_context
def proof(ctx: click.Context, lessons: tuple[str, ...], mutants: int, verbose: bool) -> None:
    """Prove the tests of LESSONS (default: all): right answers pass, wrong ones fail, misconceptions are recognized.

    Exit code 0: every figure is high enough. 1: one is not.
    """
    course = Course()
    with Terminal(stderr=True).status("Judging all answers, which takes minutes"):
        proofs = prove_all(course, course.select(lessons), mutants=mutants, unsafe=bool(missing()))
    total = Proof.total(proofs)
    table = Table()
    table.add_column("", no_wrap=True)
    for heading in ("right ones:\naccepted", "wrong ones:\nrejected", "\nvisibly", "\nnamed", "\nrecognized",
                    "mutants:\nrejected", "\nvisibly"):  # fmt: skip
        table.add_column(heading)
    for found in proofs:
        for figures in found.exercises:
            table.add_row(*_proven(figures))
        table.add_section()
        table.add_row(*_proven(found.sums), style="bold")
        table.add_section()
    table.add_row(*_proven(total.sums, shares=True), style="bold")
    console = Terminal(width=120)
    console.print(table)
    for line in [*total.faults, *(total.survivors if verbose else [])]:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    ctx.exit(0 if total.holds else 1)


def _proven(figures: Figures, *, shares: bool = False) -> list[str]:
    """A row of the table of `proof`."""

    def of(part: int, whole: int) -> str:
        return f"{part} of {whole}" + (f" ({part / max(whole, 1):.1%})" if shares else "")

    wrong = (figures.rejected, figures.visible, figures.named, figures.recognized)
    return [
        figures.name,
        of(figures.accepted, figures.right),
        *(of(count, figures.wrong) for count in wrong),
        *(of(count, figures.mutants) for count in (figures.killed, figures.killed_visibly)),
    ]


@click.command()
@click.argument("classdir", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.pass_context
def doctor(ctx: click.Context, classdir: Path | None) -> None:
    """Attack every wall of the sandbox on this machine, and print which of them held.

    With CLASSDIR, also make sure that students' code could not see that class. Exit code 0: all held. 1: the walls
    cannot be built here, or one fell.
    """
    faults = missing(ClassDirectory(classdir).secret if classdir else ())
    for fault in faults:
        echo(f"Error: {fault}", err=True)
    if faults:
        ctx.exit(faults[0].exit_code)
    console, fallen = Terminal(), 0
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
