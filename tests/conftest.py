import os
import shutil
import subprocess
import sys

import pytest
import system_needs
from toy import TOY, TOY_MISCONCEPTIONS

# Before anything imports TensorFlow: its start-up lines are no part of a test's output.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture(scope="session")
def sandbox():
    """For tests that run notebooks inside the walls."""
    system_needs.require("sandbox")


@pytest.fixture(scope="session")
def chromium():
    """The browser's program."""
    system_needs.require("chromium")
    return system_needs.chromium()


def pytest_terminal_summary(terminalreporter):
    for sentence in system_needs.left_out(terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_line(sentence, yellow=True)


@pytest.fixture(scope="session")
def toy_course(tmp_path_factory):
    """A course with one lesson of two exercises, small enough to be graded in a second."""
    from autograder.course import Course

    root = tmp_path_factory.mktemp("toy")
    lesson = root / "solutions" / "01_toy"
    lesson.mkdir(parents=True)
    (lesson / "01_toy.py").write_text(TOY)
    (lesson / "misconceptions.py").write_text(TOY_MISCONCEPTIONS)
    return Course(root)


@pytest.fixture(scope="session")
def class_with_a_roster(toy_course, tmp_path_factory):
    """A class of six students, to be copied: making one takes a second."""
    from imported_class import ROSTER

    from autograder.classroom import new_class

    folder = tmp_path_factory.mktemp("template")
    (folder / "students.csv").write_text(ROSTER, encoding="utf-8")
    return new_class(toy_course, folder / "class", roster=folder / "students.csv")


@pytest.fixture
def classroom(class_with_a_roster, tmp_path):
    """A copy of it for one test."""
    from autograder.course import ClassDirectory

    path = tmp_path / "class"
    shutil.copytree(class_with_a_roster.path, path)
    config = path / "nbgrader_config.py"
    config.write_text(config.read_text().replace(str(class_with_a_roster.path), str(path)))
    return ClassDirectory(path)


@pytest.fixture
def graded(classroom):
    """Ada has 3 points and is late by 1, Sinéad waits for a person, a twin has all; nothing was run."""
    from imported_class import LESSON
    from nbgrader.api import Gradebook

    with Gradebook(classroom.db_url) as gradebook:
        gradebook.update_or_create_assignment(LESSON, duedate="2026-03-01 00:00:00 UTC")
        for student, scores, penalty in (
            ("ada", (2, 1, 0), 1.0),
            ("obri", (0, 1, None), None),
            ("twin1", (2, 1, 2), None),
        ):
            gradebook.add_submission(LESSON, student)
            cells = ("test_twice", "test_half", "explain_toy")
            for cell, score in zip(cells, scores, strict=True):
                grade = gradebook.find_grade(cell, LESSON, LESSON, student)
                grade.manual_score, grade.needs_manual_grade = score, score is None
            gradebook.find_submission_notebook(LESSON, LESSON, student).late_submission_penalty = penalty
        gradebook.db.commit()
    return classroom


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The web edition of lesson 1, built once; gives its folder."""
    from autograder.course import REPOSITORY

    target = tmp_path_factory.mktemp("web") / "site"
    command = [sys.executable, "docs/site/build.py", "01_dense_vs_conv", "--out", str(target)]
    built = subprocess.run(
        command,
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return target
