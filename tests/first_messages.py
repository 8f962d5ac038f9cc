"""What students read first when they have one of the known misconceptions: the messages of the visible checks.

They are kept in `tests/first_messages/`, one file a lesson, to be read through after each change of a check or a
message. `python tests/first_messages.py` writes them anew.
"""

import re
from pathlib import Path

import nbformat

from autograder.course import Course, read_answers
from autograder.course.hint_index import first_failure
from autograder.course.lessons import REPOSITORY

FOLDER = Path(__file__).with_suffix("")
COURSE = Course(REPOSITORY)
NUMBER = re.compile(r"-?\d+\.\d+(?:e[+-]\d+)?")


def messages_of(lesson):
    """The text of a lesson's file: each wrong answer, and the message of the visible check that it fails first."""
    notebook = nbformat.read(COURSE.release(lesson), as_version=4)
    tests = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in notebook.cells}
    parts = [f"What students read first in lesson {lesson}, by the mistake that they made\n"]
    for answer in read_answers(COURSE.source(lesson).with_name("misconceptions.py")):
        if "keras" in answer.code:
            from convlab.quiet import keras  # only some lessons need it, and it takes seconds

            keras.utils.set_random_seed(0)  # one of them shows the weights of a new layer
        said = first_failure(answer, tests[f"test_{answer.exercise}"]).message
        parts.append(f"## {answer.exercise}: {answer.name}\n\n{said or 'passes every visible check'}\n")
    return "\n".join(parts)


def split(text):
    """The words, with a mark in place of each decimal number, and these numbers.

    float32 differs between machines, and with it how wide the columns of an array are and where its lines break.
    """
    words = re.sub(r"\s+", " ", NUMBER.sub("#", text)).replace("[ #", "[#")
    return words, [float(number) for number in NUMBER.findall(text)]


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in COURSE.lessons:
        (FOLDER / f"{name}.txt").write_text(messages_of(name), encoding="utf-8")
