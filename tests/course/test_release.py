import os
import subprocess
import sys

import nbformat
import pytest
from secret_lines import secret_lines

from autograder.course import Course, build
from autograder.course.lessons import REPOSITORY as ROOT

COURSE = Course(ROOT)


def test_no_solution_hidden_test_or_model_answer_reaches_the_release(toy_course):
    (path,) = build(toy_course, toy_course.lessons)
    text = path.read_text()
    for secret in ("the secret of", "hidden line of", "model answer", "BEGIN ", "END "):
        assert secret not in text
    for shown in ("Twice the number x.", "raise NotImplementedError", "twice(2) should be 4", "YOUR ANSWER HERE"):
        assert shown in text


def test_a_release_has_no_outputs_and_says_that_it_is_generated(toy_course):
    (path,) = build(toy_course, toy_course.lessons)
    notebook = nbformat.read(path, as_version=4)
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in notebook.cells)
    assert "solutions/01_toy/01_toy.py" in notebook.metadata.convlab.generated


def _built(root, seed):
    code = f"from pathlib import Path; from autograder.course import Course; from autograder.course import build; c = Course(Path({str(root)!r})); [print(p) for p in build(c, c.lessons)]"
    environment = os.environ | {"PYTHONHASHSEED": seed}
    output = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    ).stdout
    return [open(path, "rb").read() for path in output.splitlines()]


@pytest.mark.slow
def test_the_same_bytes_under_any_hash_seed(toy_course):
    first, second = _built(toy_course.root, "1"), _built(toy_course.root, "2")
    assert len(first) == 1 and first == second


@pytest.mark.slow
def test_lessons_in_the_repository_are_what_the_sources_build(tmp_path):
    (tmp_path / "solutions").symlink_to(ROOT / "solutions")
    copy = Course(tmp_path)
    assert copy.lessons == COURSE.lessons and copy.lessons
    build(copy, copy.lessons)
    for lesson in copy.lessons:
        assert copy.release(lesson).read_bytes() == COURSE.release(lesson).read_bytes(), f"run 'make lessons': {lesson}"


def test_no_line_of_a_real_solution_or_hidden_test_is_in_lessons():
    for lesson in COURSE.lessons:
        secret = secret_lines(lesson)
        assert len(secret) > 20
        released = "\n".join(cell.source for cell in nbformat.read(COURSE.release(lesson), as_version=4).cells)
        assert [line for line in secret if line in released] == []
        assert "BEGIN SOLUTION" not in released and "BEGIN HIDDEN" not in released
