"""The command that finds out where the tests of a class, or of this course, can be judged."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

import click

from autograder.classroom import ClassDirectory, new_class
from autograder.cli.console import Terminal, error_console, json_option, show_findings
from autograder.cli.logs import logging_options
from autograder.course import Course
from autograder.course.preflight import Findings, keep_findings, kept_findings
from autograder.course.preflight.findings import up_to_date
from autograder.course.release import write_sources
from autograder.grading.grade import preflight_class, preflights
from autograder.notebooks.status import Mode
from autograder.sandbox import missing

NOTHING = "Nothing to find out: on this system nbgrader itself runs notebooks, and judges all tests together with them."


@click.command()
@click.argument("classdir", required=False, type=click.Path(path_type=Path))
@click.argument("lessons", nargs=-1)
@click.option(
    "--unsafe-no-sandbox",
    "unsafe",
    is_flag=True,
    help="Run the notebooks of source/ and release/, which are your own, without the sandbox.",
)
@json_option("what was found out")
@logging_options
@click.pass_context
def preflight(
    ctx: click.Context, classdir: Path | None, lessons: tuple[str, ...], unsafe: bool, json_file: TextIO | None
) -> None:
    """Find out where each test of CLASSDIR can be judged (of all LESSONS if none is named), and what helps if not apart.

    Runs the solution and the notebook as handed out. The first 'grade', and each after a change in source/, does the
    same by itself. Without CLASSDIR: renews solutions/preflight.json, for the lessons of this repository that changed.

    Exit code 0: every test is judged by machine, and none gives points for nothing. 1: a person has to look at one of them.
    """
    found: list[Findings] = []
    together = True
    with error_console().status("Running the solutions"):
        if classdir:
            classroom = ClassDirectory(classdir)
            together = classroom.config.get("Run", {}).get("together", True)
            found = list(preflight_class(classroom, classroom.select(lessons), unsafe=unsafe))
        else:
            found = list(_of_the_course(Course()))
    console = Terminal(stderr=json_file is not None and json_file.name == "-")
    if not found:
        console.print(NOTHING if classdir else "solutions/preflight.json is up to date.", soft_wrap=True)
    for one in found:
        show_findings(console, one, together=together)
    if json_file is not None:
        json.dump({"notebooks": [asdict(one) for one in found]}, json_file, indent=2)
        json_file.write("\n")
    by_hand = Mode.BY_HAND if together else (Mode.BY_HAND, Mode.TOGETHER)
    ctx.exit(
        1
        if any(one.free or one.unsolved or any(mode in by_hand for mode in one.modes.values()) for one in found)
        else 0
    )


def _of_the_course(course: Course) -> Iterator[Findings]:
    """Make the pre-flights of a repository's lessons that are out of date, in a class of their own, and keep all."""
    with tempfile.TemporaryDirectory(prefix="convlab-") as folder:
        write_sources(course, course.lessons, Path(folder) / "source")
        known = up_to_date(kept_findings(course.solutions).values(), Path(folder) / "source")
        stale = sorted(set(course.lessons) - {one.lesson for one in known})
        if stale:
            classroom = new_class(course, Path(folder) / "class", lessons=stale)
            classroom.config.Run.unsafe = bool(missing())
            for found in preflights(classroom, stale):
                keep_findings(course.solutions, [found])
                yield found
