"""The command line: `python -m autograder`."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.syntax import Syntax
from rich.table import Table

from autograder.archive import printable
from autograder.bundle import write_bundle
from autograder.classroom import new_class
from autograder.companion import build_companion
from autograder.console import progress_bar, show_batch, show_check, show_differences, show_imported, show_report
from autograder.course import ClassDirectory, Course
from autograder.demo import make_demo_class
from autograder.doctor import try_walls
from autograder.errors import AutograderError, UnreadableSubmission
from autograder.export import FORMATS, export
from autograder.grade import Record, grade_class
from autograder.handback import feedback_archive
from autograder.lms import as_dict, import_archive, write_out
from autograder.platforms import PLATFORMS
from autograder.proof import Proof, prove_all
from autograder.regrade import Regraded, preview, write
from autograder.release import build as build_lessons
from autograder.report import write_report
from autograder.sandbox import missing
from autograder.selfstudy import Reached, SelfStudy, lesson_of, saves_of, solution_of


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
    """Write lessons/, and what helps while working on them, from the sources in solutions/ (all LESSONS if none is named)."""
    course = Course()
    wanted = course.select(lessons)
    for path in [*build_lessons(course, wanted), build_companion(course, wanted)]:
        click.echo(path.relative_to(course.root))


@main.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
def bundle(archive: Path) -> None:
    """Write ARCHIVE, a zip for students: lessons, data, convlab and an environment, without anything that grades."""
    names = write_bundle(Course(), archive)
    click.echo(f"Wrote {archive} with {len(names)} files. Hand it out: it holds no solution and no hidden test.")


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
@click.option(
    "--json-lines",
    "lines_file",
    type=click.File("w", encoding="utf-8", lazy=True),
    help="Write each record to FILE ('-': output) as soon as it is there, with how far the batch is.",
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
    lines_file: click.utils.LazyFile | None,
) -> None:
    """Grade what lies in CLASSDIR/submitted/ (all LESSONS if none is named).

    Exit code 0: every submission has a record. 1: something could not be recorded. 2: the call was wrong.
    """
    classroom = ClassDirectory(classdir)
    _warn_unsafe(unsafe)
    how = {"workers": workers, "scheduler": scheduler, "force": force, "unsafe": unsafe}
    ctx.exit(_grade(classroom, classroom.select(lessons), json_file=json_file, lines_file=lines_file, **how))


def _grade(
    classroom: ClassDirectory,
    lessons: list[str],
    *,
    json_file: click.utils.LazyFile | None = None,
    lines_file: click.utils.LazyFile | None = None,
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

        for record in grade_class(classroom, lessons, begun=begin, **how):
            records.append(record)
            seconds = time.monotonic() - begun
            failed = sum(not one.recorded for one in records)
            trouble = f"[red]{failed} not recorded[/] · " if failed else ""
            rate = f"{60 * len(records) / max(seconds, 0.1):.0f} a minute"
            progress.update(
                task, advance=1, description=f"{rate} · {trouble}{escape(f'{record.student} · {record.lesson}')}"
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
    # In the order of the class, whoever was done first.
    records.sort(key=lambda record: (record.lesson, record.student))
    strays = classroom.unknown_lessons()
    to_stdout = any(file is not None and file.name == "-" for file in (json_file, lines_file))
    show_batch(Console(stderr=to_stdout), classroom, records, strays)
    if json_file is not None:
        json.dump({"submissions": [record.as_dict() for record in records], "unknown": strays}, json_file, indent=2)
        json_file.write("\n")
    return 0 if all(record.recorded for record in records) and not strays else 1


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
    with progress_bar("Running again") as progress:
        task = progress.add_task("", total=None)
        for one in preview(
            classroom, classroom.select(lessons), begun=lambda total: progress.update(task, total=total), **how
        ):
            found.append(one)
            progress.update(task, advance=1, description=escape(f"{one.submission.student} · {one.submission.lesson}"))
    found.sort(key=lambda one: (one.submission.lesson, one.submission.student))
    show_differences(Console(stderr=json_file is not None and json_file.name == "-"), found)
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


@main.command("import")
@click.argument("classdir", type=click.Path(path_type=Path))
@click.argument("lesson")
@click.argument("archive", type=click.Path(path_type=Path))
@click.option("--platform", type=click.Choice(PLATFORMS), help="Where ARCHIVE is from. Default: seen from its names.")
@click.option(
    "--roster",
    type=click.Path(path_type=Path),
    help="CSV that tells who is who: id, first_name, last_name, email, canvas_id. Default: CLASSDIR/roster.csv.",
)
@click.option(
    "--json",
    "json_file",
    type=click.File("w", encoding="utf-8", lazy=True),
    help="Write what became of each hand-in to FILE ('-': output).",
)
@click.pass_context
def import_command(
    ctx: click.Context,
    classdir: Path,
    lesson: str,
    archive: Path,
    platform: str | None,
    roster: Path | None,
    json_file: click.utils.LazyFile | None,
) -> None:
    """Put the notebooks of ARCHIVE into CLASSDIR/submitted/: Canvas', Moodle's or Gradescope's zip of all submissions.

    A zip or a folder of <student id>/.../*.ipynb will do as well. The latest notebook of a student counts. Exit code 0:
    all are imported. 1: some are not, and are listed. 2: the call was wrong.
    """
    platform, results = import_archive(ClassDirectory(classdir), lesson, archive, platform=platform, roster=roster)
    show_imported(Console(stderr=json_file is not None and json_file.name == "-"), platform, results)
    if json_file is not None:
        json.dump(as_dict(platform, results), json_file, indent=2)
        json_file.write("\n")
    ctx.exit(1 if any(one.is_fault for one in results) else 0)


@main.command("export")
@click.argument("classdir", type=click.Path(path_type=Path))
@click.argument("lessons", nargs=-1)
@click.option("--format", "form", type=click.Choice(FORMATS), required=True, help="Who is to read it.")
@click.option(
    "--template",
    type=click.Path(path_type=Path),
    help="Canvas' exported gradebook or Moodle's grading worksheet: its grades are filled in, the rest is kept.",
)
@click.option(
    "--column", "columns", multiple=True, metavar="LESSON=TITLE", help="What the template calls a lesson's column."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Default: standard output.")
@click.pass_context
def export_command(
    ctx: click.Context,
    classdir: Path,
    lessons: tuple[str, ...],
    form: str,
    template: Path | None,
    columns: tuple[str, ...],
    output: Path | None,
) -> None:
    """Write the grades of LESSONS (default: all) as CSV that Canvas or Moodle imports; penalties are taken off.

    Moodle takes one lesson at a time. Exit code 0: all grades are in it. 1: some found no place. 2: the call was wrong.
    """
    classroom = ClassDirectory(classdir)
    if any("=" not in one for one in columns):
        raise click.BadParameter("write LESSON=TITLE", ctx=ctx, param_hint="--column")
    titles = {lesson.strip(): title.strip() for lesson, title in (one.split("=", 1) for one in columns)}
    classroom.select(list(titles))
    sheet = export(classroom, classroom.select(lessons), form, template=template, columns=titles)
    if output is None:
        click.echo(sheet.text(), nl=False)
    else:
        write_out(output, sheet.text().encode())
        click.echo(f"Wrote {output}.", err=True)
    for sentence in [*sheet.notes, *sheet.faults]:
        click.echo(printable(sentence), err=True)
    ctx.exit(1 if sheet.faults else 0)


@main.command("export-feedback")
@click.argument("classdir", type=click.Path(path_type=Path))
@click.argument("lesson")
@click.option("--format", "form", type=click.Choice(["canvas", "moodle"]), required=True, help="Who is to read it.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The zip to write.")
@click.pass_context
def export_feedback(ctx: click.Context, classdir: Path, lesson: str, form: str, output: Path) -> None:
    """Zip the feedback pages of LESSON as Canvas or Moodle takes them back; they have to be imported from there.

    Exit code 0: all pages are in it. 1: some are not. 2: the call was wrong.
    """
    count, faults = feedback_archive(ClassDirectory(classdir), lesson, form, output)
    click.echo(f"Wrote {count} page(s) to {output}.")
    for fault in faults:
        click.echo(fault, err=True)
    ctx.exit(1 if faults else 0)


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
    show_report(write_report(classroom, classroom.select(lessons), output))


@main.command()
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option(
    "--html", "page", type=click.Path(path_type=Path, dir_okay=False), help="Write the result as a page, too."
)
@click.option("--watch", is_flag=True, help="Check again each time that the notebook is saved, until Ctrl+C.")
@click.pass_context
def check(ctx: click.Context, notebook: Path, as_json: bool, page: Path | None, watch: bool) -> None:
    """Check your own NOTEBOOK: points for each exercise, and help where something is not right yet.

    Exit code 0: full marks. 1: not yet. 2: the notebook cannot be read.
    """
    course = Course()
    lesson = lesson_of(course, notebook)
    reached = Reached.load()
    console = Console()
    with SelfStudy(course, lesson) as study:

        def once() -> Record:
            with Console(stderr=True).status("Checking"):
                record = study.check(notebook)
            # Progress that cannot be kept is no reason to say nothing.
            with contextlib.suppress(OSError):
                reached.add(record)
            if page is not None:
                shutil.copyfile(record.feedback, page)
            if as_json:
                click.echo(json.dumps(record.as_dict() | {"feedback": str(page or "")}, indent=2))
            else:
                show_check(console, record, reached, course)
            return record

        record = None if watch else once()
        if record is None:
            console.print(f"Checking {notebook} each time that you save it. Ctrl+C ends this.", markup=False)
            for _ in itertools.chain([None], saves_of(notebook)):
                try:
                    record = once()
                except UnreadableSubmission as error:
                    click.echo(f"{error} It is checked again at the next save.", err=True)
    done = record is not None and record.status == "graded" and record.score == record.max_score - record.to_grade
    ctx.exit(0 if done else 1)


@main.command()
@click.argument("exercise")
@click.option("--give-up", is_flag=True, help="Show it although you have not tried.")
def solution(exercise: str, give_up: bool) -> None:
    """Show the solution of EXERCISE, such as conv2d_valid, once you have tried it yourself."""
    Console().print(Syntax(solution_of(Course(), exercise, Reached.load(), give_up=give_up), "python"))


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
        show_report(write_report(classroom, [lesson]))
    ctx.exit(code)
