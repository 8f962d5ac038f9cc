"""The commands for learning platforms: import, export, export-feedback."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TextIO

import click

from autograder.classroom import ClassDirectory, writing
from autograder.cli.console import Terminal, echo, first_lines, json_option, show_imported
from autograder.cli.logs import logging_options
from autograder.files import printable
from autograder.lms import export, feedback_archive, import_archive
from autograder.lms.exporter import FORMATS
from autograder.lms.importer import as_dict, write_out
from autograder.lms.platforms import PLATFORMS


@click.command("import")
@click.argument("classdir", type=click.Path(path_type=Path))
@click.argument("lesson")
@click.argument("archive", type=click.Path(path_type=Path))
@click.option(
    "--platform",
    type=click.Choice(PLATFORMS),
    help="Platform that ARCHIVE is from. Default: recognized by the names in it.",
)
@click.option(
    "--roster",
    type=click.Path(path_type=Path),
    help="CSV file that maps names and ids of the platform to students: id, first_name, last_name, email, canvas_id, or the gradebook that Canvas or Moodle exports. "
    "Default: CLASSDIR/roster.csv.",
)
@json_option("the outcome of each upload")
@logging_options
@click.pass_context
def import_command(
    ctx: click.Context,
    classdir: Path,
    lesson: str,
    archive: Path,
    platform: str | None,
    roster: Path | None,
    json_file: TextIO | None,
) -> None:
    """Put the notebooks of ARCHIVE into CLASSDIR/submitted/. ARCHIVE is the zip of all submissions from Canvas, Moodle or Gradescope.

    A zip or a folder with files such as STUDENT_ID/01_dense_vs_conv.ipynb works as well. The latest notebook of a
    student counts. Exit code 0: all are imported. 1: some are not, and are listed. 2: the call was wrong.
    """
    classroom = ClassDirectory(classdir)
    with writing(classroom.path, "import"):
        platform, results = import_archive(classroom, lesson, archive, platform=platform, roster=roster)
    show_imported(Terminal(stderr=json_file is not None and json_file.name == "-"), platform, results)
    if json_file is not None:
        json.dump(as_dict(platform, results), json_file, indent=2)
        json_file.write("\n")
    ctx.exit(1 if any(one.is_fault for one in results) else 0)


@click.command("export")
@click.argument("classdir", type=click.Path(path_type=Path))
@click.argument("lessons", nargs=-1)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    required=True,
    help="Platform that reads the file, or a plain table.",
)
@click.option(
    "--template",
    type=click.Path(path_type=Path),
    help="The gradebook that Canvas exports, or Moodle's grading worksheet. Its grades are filled in, the rest is kept.",
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="LESSON=TITLE",
    help="Title of a lesson's column in the template. May be given several times.",
)
@click.option(
    "--unfinished",
    is_flag=True,
    help="Also write grades of submissions that still wait for grading by hand. Default: leave these cells as they are.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write. Default: standard output.")
@click.pass_context
def export_command(
    ctx: click.Context,
    classdir: Path,
    lessons: tuple[str, ...],
    form: str,
    template: Path | None,
    columns: tuple[str, ...],
    unfinished: bool,
    output: Path | None,
) -> None:
    """Write the grades of LESSONS (default: all) as CSV that Canvas or Moodle imports. Late penalties are subtracted.

    Moodle takes one lesson at a time. Exit code 0: all grades are in it. 1: some are left out, and are listed. 2: the
    call was wrong.
    """
    classroom = ClassDirectory(classdir)
    if any("=" not in one for one in columns):
        raise click.BadParameter("write LESSON=TITLE", ctx=ctx, param_hint="--column")
    titles = {lesson.strip(): title.strip() for lesson, title in (one.split("=", 1) for one in columns)}
    classroom.select(list(titles))
    sheet = export(classroom, classroom.select(lessons), form, template=template, columns=titles, unfinished=unfinished)
    if output is None:
        text = sheet.text()
        # Redirected output stays unchanged; on a terminal, control characters must not take effect.
        shown = "".join(f"{printable(line)}\n" for line in text.splitlines()) if sys.stdout.isatty() else text
        click.echo(shown, nl=False)
    else:
        write_out(output, sheet.text().encode())
        echo(f"Wrote {output}.", err=True)
    for sentence in [*first_lines(sheet.notes), *first_lines(sheet.faults)]:
        echo(printable(sentence), err=True)
    ctx.exit(1 if sheet.faults else 0)


@click.command("export-feedback")
@click.argument("classdir", type=click.Path(path_type=Path))
@click.argument("lesson")
@click.option(
    "--format", "form", type=click.Choice(["canvas", "moodle"]), required=True, help="Platform that reads the archive."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The zip to write.")
@click.pass_context
def export_feedback(ctx: click.Context, classdir: Path, lesson: str, form: str, output: Path) -> None:
    """Zip the feedback pages of LESSON for upload to Canvas or Moodle. Works for submissions imported from there.

    Exit code 0: all pages are in it. 1: some are not, and are listed. 2: the call was wrong.
    """
    count, faults = feedback_archive(ClassDirectory(classdir), lesson, form, output)
    echo(f"Wrote {count} page(s) to {output}.")
    for fault in faults:
        echo(fault, err=True)
    ctx.exit(1 if faults else 0)
