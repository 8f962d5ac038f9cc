"""Compares a self-learner's `check` with `nbgrader validate` on the same solved notebook, in alternation.

    python benchmarks/check.py [--lesson 01] [--runs 5]

After the first check, `check --watch` has everything imported; the later checks are timed here. `nbgrader validate`
starts a kernel each time and runs only the visible tests.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograder.course import Course, read_lesson, solved
from autograder.files import write_notebook
from autograder.grading import SelfStudy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lesson", default="01", help="the lesson's number")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    course = Course()
    lesson = next(lesson for lesson in course.lessons if lesson.startswith(arguments.lesson))
    seconds: dict[str, list[float]] = {"check, warm": [], "nbgrader validate": []}
    with tempfile.TemporaryDirectory() as folder, SelfStudy(course, lesson) as study:
        notebook = write_notebook(solved(read_lesson(course.source(lesson))), Path(folder) / f"{lesson}.ipynb")
        study.check(notebook)
        for _ in range(arguments.runs):
            begun = time.perf_counter()
            record = study.check(notebook)
            seconds["check, warm"].append(time.perf_counter() - begun)
            assert record.status == "graded" and record.score == record.max_score - record.to_grade
            begun = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "nbgrader", "validate", notebook.name],
                cwd=folder,
                check=True,
                capture_output=True,
            )
            seconds["nbgrader validate"].append(time.perf_counter() - begun)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    for name, median in medians.items():
        print(f"{name}: {median:.2f} s (median of {arguments.runs})")
    print(f"ratio: {medians['nbgrader validate'] / medians['check, warm']:.1f}")


if __name__ == "__main__":
    main()
