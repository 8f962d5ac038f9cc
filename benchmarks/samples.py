"""Makes a class with sample submissions in which each exercise has a right answer, a misconception or none."""

from __future__ import annotations

import random
from pathlib import Path

import nbformat

from autograder.classroom import ClassDirectory, new_class
from autograder.course import Course, read_answers, read_lesson, solved
from autograder.course.variants import answer, blank, exercise_ids
from autograder.files import write_notebook


def sample_class(folder: Path, counts: dict[str, int], *, seed: int = 1) -> ClassDirectory:
    """Make a class with different submissions: 70% of the answers are the solution, 10% another right answer, 15% a
    misconception, and 5% are missing.

    Args:
        counts: the number of submissions of each lesson, by the lesson's number, such as "01".
        seed: the seed by which answers are chosen.
    """
    course, chance = Course(), random.Random(seed)
    lessons = {
        lesson: count for lesson in course.lessons for number, count in counts.items() if lesson.startswith(number)
    }
    classroom = new_class(course, folder, lessons=list(lessons))
    for lesson, count in lessons.items():
        source = read_lesson(course.source(lesson))
        texts = {
            kind: {
                name: [one.code for one in read_answers(course.source(lesson).with_name(file)) if one.exercise == name]
                for name in exercise_ids(source)
            }
            for kind, file in (("other", "right_answers.py"), ("wrong", "misconceptions.py"))
        }
        right, empty = solved(source), blank(source)
        stubs = {cell.metadata.nbgrader.grade_id: cell.source for cell in empty.cells if "nbgrader" in cell.metadata}
        for number in range(count):
            notebook = nbformat.from_dict(right)
            notebook.cells[0].source += f"\n\nHanded in as number {number}."
            for name in exercise_ids(source):
                (kind,) = chance.choices(["right", "other", "wrong", "none"], [70, 10, 15, 5])
                if kind == "none":
                    answer(notebook, name, stubs[name])
                elif kind != "right" and texts[kind][name]:
                    answer(notebook, name, chance.choice(texts[kind][name]))
            write_notebook(notebook, folder / "submitted" / f"s{number:04}" / lesson / f"{lesson}.ipynb")
    return classroom
