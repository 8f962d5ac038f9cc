"""Sample submissions made from the sources, and the class that `make demo` grades."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.classroom.create import new_class
from autograder.classroom.directory import ClassDirectory
from autograder.course import Course, read_answers, read_lesson, solved
from autograder.course.variants import answer, blank, cell_of, exercise_ids, half_solved
from autograder.files import write_notebook

MADE_BY_DEMO = ".made-by-autograder-demo"

ROSTER = """\
id,first_name,last_name,email
ada,Ada,Solved,
ben,Ben,Blank,
chloe,Chloe,Half,
dae,Daehyun,Flipped,
eva,Eva,Typo,
finn,Finn,Endless,
gus,Gus,Garbled,
hana,Hana,Twice,
ivo,Ivo,Hostile,
"""


# Gets full points from a grader that runs tests and student code in one process.
HOSTILE = """\
import convlab.checks

convlab.checks.check = convlab.checks.check_error = lambda *arguments, **options: None


class Everything:
    def __eq__(self, other):
        return True


def {name}(*arguments):
    return Everything()
"""


def sample_submissions(course: Course, lesson: str) -> dict[str, NotebookNode | str]:
    """Nine submissions such as a real class hands in, by student; a string is a file that is not a notebook."""
    source = read_lesson(course.source(lesson))
    exercises = exercise_ids(source)
    wrong = read_answers(course.source(lesson).with_name("misconceptions.py"))[0]
    flipped, typo, endless, twice = (solved(source) for _ in range(4))
    answer(flipped, wrong.exercise, wrong.code)
    answer(typo, exercises[1], f"def {exercises[1]}(:\n    return 1\n")
    name = exercises[-1]
    answer(endless, name, f"def {name}(*arguments):\n    while True:\n        pass\n")
    hostile = blank(source)
    for name in exercises:
        answer(hostile, name, HOSTILE.format(name=name))
    test = cell_of(twice, f"test_{exercises[0]}")
    twice.cells.insert(twice.cells.index(test) + 1, nbformat.from_dict({**test, "id": "pasted-copy"}))
    return {
        "ada": solved(source),
        "ben": blank(source),
        "chloe": half_solved(source),
        "dae": flipped,
        "eva": typo,
        "finn": endless,
        "gus": nbformat.writes(solved(source))[:2000],
        "hana": twice,
        "ivo": hostile,
    }


def make_demo_class(course: Course, path: Path, lesson: str) -> ClassDirectory:
    """Make a new class of nine students at `path`; one that an earlier demo made there is replaced."""
    if (path / MADE_BY_DEMO).is_file():
        shutil.rmtree(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    roster = path.parent / f"{path.name}-roster.csv"
    roster.write_text(ROSTER, encoding="utf-8")
    classroom = new_class(course, path, roster=roster, cell_seconds=5)
    (path / MADE_BY_DEMO).touch()
    for student, notebook in sample_submissions(course, lesson).items():
        target = path / "submitted" / student / lesson / f"{lesson}.ipynb"
        if isinstance(notebook, str):
            target.parent.mkdir(parents=True)
            target.write_text(notebook, encoding="utf-8")
        else:
            write_notebook(notebook, target)
    return classroom
