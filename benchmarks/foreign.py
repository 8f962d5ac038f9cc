"""Compares stock nbgrader and this grader on a class of another course: assignments that know nothing of either.

    python benchmarks/foreign.py [--submissions 123] [--stock 123] [ASSIGNMENT ...]

The assignments are those of `tests/foreign/`, by default one of strings, one of classes and one of pandas' tables. Each student hands
in the solution, a half solved notebook or the blank one. Both graders grade the same files, one after the other on one machine; this
one makes its pre-flight, too, and everything that it writes. With fewer submissions for stock nbgrader, its time is scaled up.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path

from nbgrader.api import Gradebook

from autograder.classroom import ClassDirectory
from autograder.gradebook import install
from autograder.gradebook.scores import entry
from autograder.grading import grade_class

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "foreign"))
from assignment import ASSIGNMENTS, VARIANTS

CONFIG = b'c = get_config()\nc.CourseDirectory.course_id = "foreign"\n'
DEFAULT = ["strings_basics", "bank_account", "pandas_cleaning"]


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def make_class(folder: Path, names: list[str], submissions: int) -> None:
    """A course directory with about as many submissions as wanted, spread over the assignments."""
    write(folder, {"nbgrader_config.py": CONFIG})
    chosen = [assignment for assignment in ASSIGNMENTS if assignment.name in names]
    for assignment in chosen:
        write(
            folder / "source" / assignment.name, assignment.files | {f"{assignment.name}.ipynb": assignment.source_file}
        )
    students = zip(range(-(-submissions // len(chosen))), cycle(VARIANTS), strict=False)
    left = submissions
    for number, variant in students:
        for assignment in chosen[:left]:
            files = assignment.files | {f"{assignment.name}.ipynb": assignment.submission_file(variant)}
            write(folder / "submitted" / f"student{number:03}" / assignment.name, files)
        left -= len(chosen[:left])


def points(folder: Path, names: list[str]) -> dict[tuple[str, str], dict[str, float | None]]:
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        return {
            (path.parent.name, path.name): {
                cell: score.score
                for cell, score in entry(gradebook, path.name, path.name, path.parent.name).scores.items()
            }
            for path in sorted(folder.glob("submitted/*/*"))
            if path.name in names
        }


def stock(folder: Path, names: list[str]) -> float:
    """Seconds that plain nbgrader takes."""
    program = str(Path(sys.executable).with_name("nbgrader"))
    for name in names:
        subprocess.run([program, "generate_assignment", name, "--force"], cwd=folder, check=True, capture_output=True)
    begun = time.perf_counter()
    for name in names:
        subprocess.run([program, "autograde", name, "--create"], cwd=folder, check=False, capture_output=True)
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", default=DEFAULT, metavar="ASSIGNMENT")
    parser.add_argument("--submissions", type=int, default=123)
    parser.add_argument("--stock", type=int, default=123, help="submissions that plain nbgrader grades")
    options = parser.parse_args()
    install()
    with tempfile.TemporaryDirectory() as parent:
        ours, theirs = Path(parent, "ours"), Path(parent, "stock")
        make_class(ours, options.names, options.submissions)
        begun = time.perf_counter()
        records = list(grade_class(ClassDirectory(ours), options.names, workers=2))
        seconds = time.perf_counter() - begun
        make_class(theirs, options.names, options.stock)
        stock_seconds = stock(theirs, options.names) * options.submissions / options.stock
        same = points(ours, options.names)
        differing = [one for one, found in points(theirs, options.names).items() if same.get(one) != found]
    print(f"{len(records)} submissions: {seconds:.1f} s here, {stock_seconds:.0f} s with plain nbgrader", end="")
    print(f" ({options.stock} measured)," if options.stock != options.submissions else ",", end=" ")
    print(f"{stock_seconds / seconds:.1f} times as long; {len(differing)} with other points: {differing[:5]}")


if __name__ == "__main__":
    main()
