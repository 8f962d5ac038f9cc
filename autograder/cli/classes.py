"""The commands for a class: new, grade, regrade, report, demo."""

from __future__ import annotations

import contextlib
import json
import os
import time
from pathlib import Path
from typing import Any, TextIO

import click
from rich.markup import escape

from autograder.classroom import ClassDirectory, new_class
from autograder.classroom.demo import make_demo_class
from autograder.cli.console import (
    Terminal,
    echo,
    error_console,
    json_option,
    progress_bar,
    show_batch,
    show_differences,
    show_findings,
    show_report,
)
from autograder.cli.logs import logging_options
from autograder.course import Course
from autograder.course.preflight import Findings
from autograder.errors import COMMAND, SandboxUnavailable
from autograder.files import printable
from autograder.gradebook import Record
from autograder.grading import grade_class, preview, write
from autograder.grading.grade import preflights
from autograder.grading.regrade import ScoreChange
from autograder.notebooks.file_names import title_of
from autograder.reports import write_report
from autograder.sandbox import missing


@click.command()
@click.argument("classdir", type=click.Path(path_type=Path))
@click.option(
    "--roster",
    type=click.Path(path_type=Path),
    help="CSV file with a column 'id', or the gradebook that Canvas or Moodle exports. Only these students are graded.",
)
@click.option(
    "--db",
    "db_url",
    help="Address of the gradebook, such as postgresql://host/name. Default: gradebook.db in CLASSDIR.",
)
@click.option(
    "--cell-seconds", default=60, show_default=True, type=click.IntRange(1), help="Time limit for one cell, in seconds."
)
def new(classdir: Path, roster: Path | None, db_url: str | None, cell_seconds: int) -> None:
    """Make CLASSDIR, an nbgrader course directory with every lesson released."""
    classroom = new_class(Course(), classdir, roster=roster, db_url=db_url, cell_seconds=cell_seconds)
    with contextlib.suppress(SandboxUnavailable):  # 'grade' will say so, if it is not elsewhere
        for found in preflights(classroom, classroom.lessons):
            _say(classroom, found)
    echo(f"Made {classdir} with {len(classroom.lessons)} lesson(s).")
    click.echo(f"Hand out {classdir}/release/; students need the course around it: {COMMAND} bundle course.zip")
    click.echo(
        f"Put what comes back into {classdir}/submitted/<student>/<lesson>/, then run: {COMMAND} grade {classdir}"
    )


def _say(classroom: ClassDirectory, found: Findings) -> None:
    """Print what a pre-flight found out, if there is something to say."""
    if not found.silent:
        show_findings(error_console(), found, together=classroom.config.get("Run", {}).get("together", True))


def _running(command: Any) -> Any:
    """Add the options that determine where and how notebooks are run."""
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
            help="Number of notebooks to run at the same time. Default: the number of cores.",
        ),
    ):
        command = option(command)
    return command


def _warn_unsafe(unsafe: bool) -> None:
    if unsafe:
        click.echo(
            "Warning: no sandbox. The notebooks run with your rights, can read your files and change grades.", err=True
        )


@click.command()
@click.argument("classdir", type=click.Path(path_type=Path))
@click.argument("lessons", nargs=-1)
@_running
@click.option("--force", is_flag=True, help="Grade unchanged submissions again.")
@json_option("all records")
@json_option("each record as soon as it is known, with the progress of the batch,", "--json-lines", "lines_file")
@logging_options
@click.pass_context
def grade(
    ctx: click.Context,
    classdir: Path,
    lessons: tuple[str, ...],
    workers: int,
    scheduler: str | None,
    force: bool,
    unsafe: bool,
    json_file: TextIO | None,
    lines_file: TextIO | None,
) -> None:
    """Grade the submissions in CLASSDIR/submitted/ (all LESSONS if none is named).

    Submissions whose record is up to date are not run again. Exit code 0: every submission has a record. 1: something
    could not be recorded, for example because another 'grade' is running on this class. 2: the call was wrong.
    """
    classroom = ClassDirectory(classdir)
    _warn_unsafe(unsafe)
    how = {"workers": workers, "scheduler": scheduler, "force": force, "unsafe": unsafe}
    ctx.exit(_grade(classroom, classroom.select(lessons), json_file=json_file, lines_file=lines_file, **how))


def _grade(
    classroom: ClassDirectory,
    lessons: list[str],
    *,
    json_file: TextIO | None = None,
    lines_file: TextIO | None = None,
    **how: Any,
) -> int:
    records: list[Record] = []
    begun = time.monotonic()
    total = 0
    with progress_bar("Grading") as progress:
        task = progress.add_task("", total=None)

        def begin(count: int) -> None:
            nonlocal total
            total = count
            progress.update(task, total=count)

        for record in grade_class(classroom, lessons, begun=begin, found=lambda one: _say(classroom, one), **how):
            records.append(record)
            seconds = time.monotonic() - begun
            failed = sum(one.failed for one in records)
            trouble = f"[red]{failed} not recorded[/] · " if failed else ""
            rate = f"{60 * len(records) / max(seconds, 0.1):.0f} a minute"
            progress.update(
                task,
                advance=1,
                description=f"{rate} · {trouble}{escape(printable(f'{record.student} · {title_of(record.lesson, record.notebook)}'))}",
            )
            if lines_file is not None:
                state = {
                    "done": len(records),
                    "failed": failed,
                    "remaining": total - len(records),
                    "seconds": round(seconds, 2),
                    "seconds_left": round(seconds / len(records) * (total - len(records)), 2),
                }
                lines_file.write(json.dumps({**state, "record": record.as_dict()}) + "\n")
                lines_file.flush()
    # In the order of the class, not in that of completion.
    records.sort(key=lambda record: (record.lesson, record.student, record.notebook))
    strays = classroom.unknown_lessons()
    to_stdout = any(file is not None and file.name == "-" for file in (json_file, lines_file))
    show_batch(Terminal(stderr=to_stdout), classroom, records, strays)
    if json_file is not None:
        json.dump({"submissions": [record.as_dict() for record in records], "unknown": strays}, json_file, indent=2)
        json_file.write("\n")
    return 0 if not any(record.failed for record in records) and not strays else 1


@click.command()
@click.argument("classdir", type=click.Path(path_type=Path))
@click.argument("lessons", nargs=-1)
@_running
@click.option("--yes", is_flag=True, help="Write the differences without asking.")
@click.option("--dry-run", is_flag=True, help="Show the differences and write nothing.")
@json_option("the differences")
@logging_options
@click.pass_context
def regrade(
    ctx: click.Context,
    /,
    classdir: Path,
    lessons: tuple[str, ...],
    yes: bool,
    dry_run: bool,
    json_file: TextIO | None,
    **how: Any,
) -> None:
    """Grade again the submissions that a corrected test affects. Correct it in CLASSDIR/source/, then run this.

    Shows who would gain or lose points, and asks before anything is written. Points and comments given by hand are
    kept. Exit code 0: nothing to write, or all of it was written. 1: not written. 2: the call was wrong.
    """
    classroom = ClassDirectory(classdir)
    _warn_unsafe(how["unsafe"])
    found: list[ScoreChange] = []
    with progress_bar("Running again") as progress:
        task = progress.add_task("", total=None)
        for one in preview(
            classroom,
            classroom.select(lessons),
            begun=lambda total: progress.update(task, total=total),
            found=lambda one: _say(classroom, one),
            **how,
        ):
            found.append(one)
            progress.update(
                task, advance=1, description=escape(printable(f"{one.submission.student} · {one.submission.lesson}"))
            )
    found.sort(key=lambda one: (one.submission.lesson, one.submission.student, one.submission.notebook_name))
    show_differences(Terminal(stderr=json_file is not None and json_file.name == "-"), found)
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
        echo(f"{record.student}, {title_of(record.lesson, record.notebook)}: {record.reason}", err=True)
    click.echo(f"Written: {len(found) - len(failed)} submission(s).", err=True)
    ctx.exit(1 if failed else 0)


@click.command()
@click.argument("classdir", type=click.Path(path_type=Path))
@click.argument("lessons", nargs=-1)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Page to write. Default: CLASSDIR/report.html.")
def report(classdir: Path, lessons: tuple[str, ...], output: Path | None) -> None:
    """Write a report on the graded LESSONS (default: all) of CLASSDIR: one HTML page, and a CSV beside it.

    Scores, exercises, misconceptions, what waits for grading by hand, lateness, and unusually similar submissions.
    """
    classroom = ClassDirectory(classdir)
    show_report(write_report(classroom, classroom.select(lessons), output))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("build/demo-class"))
@click.pass_context
def demo(ctx: click.Context, folder: Path) -> None:
    """Make a class of nine sample students in FOLDER, grade it, and write the class report."""
    course = Course()
    lesson = course.lessons[0]
    classroom = make_demo_class(course, folder, lesson)
    echo(f"Made a class with 9 sample submissions for {lesson}: {folder}")
    faults = missing()
    if faults:
        echo(f"No sandbox here: {faults[0]} The samples are harmless, so they run without it.", err=True)
    code = _grade(classroom, [lesson], workers=os.cpu_count(), unsafe=bool(faults))
    if code == 0:
        show_report(write_report(classroom, [lesson]))
    ctx.exit(code)
