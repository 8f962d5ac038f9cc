"""Draw the animations of the lessons, with the lessons' own numbers, into docs/images: `python docs/images/animate.py`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from autograder.course import Course, read_lesson
from autograder.course.lessons import REPOSITORY
from convlab.pictures.stage import Animation

HERE = Path(__file__).resolve().parent
LESSONS = ("02_padding", "03_stride", "05_pooling")


def drawn() -> Iterator[tuple[str, Animation]]:
    """File names, and what the cells that show an animation give, after those that make their small picture."""
    for lesson in LESSONS:
        names: dict = {}
        exec(f"import numpy as np\nfrom convlab.pictures import {lesson[3:]} as pictures", names)
        for cell in read_lesson(Course(REPOSITORY).source(lesson)).cells:
            if cell.source.startswith("small = "):
                exec(cell.source, names)
            elif "\nmotion." in cell.source:
                *before, shown = cell.source.splitlines()
                exec("\n".join(before), names)
                yield f"motion-{lesson}.svg", eval(shown, names)


def main() -> None:
    for name, animation in drawn():
        (HERE / name).write_text(animation.svg, encoding="utf-8")


if __name__ == "__main__":
    main()
