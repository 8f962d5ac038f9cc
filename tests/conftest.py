import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import system_needs
from toy import TOY, TOY_MISCONCEPTIONS

# Before anything imports TensorFlow: its start-up lines are no part of a test's output.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# As in the program itself (autograder/__main__.py): nbformat's validator imports it for a format that notebooks do not
# use, and it takes 1.3 seconds to build its grammar.
sys.modules.setdefault("rfc3987_syntax", None)

# What `make check` runs, and from how many seconds of processor time on a test is too slow for it.
FAST = "not slow"
SLOW_SECONDS = 2
CPU_SECONDS = "cpu_seconds"

# A test with one of these starts a sandbox, a browser, a server or Sphinx, or needs a package of the system.
SLOW_FIXTURES = {"sandbox", "chromium", "jupyter", "site", "originals"}
# So a file says, at its top, that all of its tests are slow.
ALL_SLOW = re.compile(r'^pytestmark = pytest\.mark\.(slow|usefixtures\("sandbox"\))', re.MULTILINE)


def is_for_a_browser(path):
    return path.parent.name == "browser"


def pytest_ignore_collect(collection_path, config):
    """Where slow tests are left out, do not import a file that has no other: that may take seconds."""
    if config.option.markexpr == FAST and collection_path.name.startswith("test_"):
        return is_for_a_browser(collection_path) or bool(ALL_SLOW.search(collection_path.read_text("utf-8"))) or None
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark as slow what is slow by its fixtures or its folder; the other slow tests carry the mark in their source."""
    for item in items:
        if SLOW_FIXTURES & set(item.fixturenames) or is_for_a_browser(item.path):
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Note a test's processor time and its children's, without fixtures: a busy machine makes any test late."""
    before = sum(os.times()[:4])
    result = yield
    item.user_properties.append((CPU_SECONDS, sum(os.times()[:4]) - before))
    return result


@pytest.fixture(scope="session")
def sandbox():
    """For tests that run notebooks inside the walls."""
    system_needs.require("sandbox")


@pytest.fixture(scope="session")
def chromium():
    """The browser's program."""
    system_needs.require("chromium")
    return system_needs.chromium()


def pytest_collection_finish():
    """Whoever opens a gradebook has called this, as the command line does."""
    if "autograder.gradebook.database" in sys.modules:
        from autograder.gradebook import install

        install()


def pytest_terminal_summary(terminalreporter, config):
    for sentence in system_needs.left_out(terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_line(sentence, yellow=True)
    if config.option.markexpr == FAST:
        for report in terminalreporter.stats.get("passed", []):
            if (seconds := dict(report.user_properties)[CPU_SECONDS]) > SLOW_SECONDS:
                sentence = f"{report.nodeid} takes {seconds:.1f} s of processor time. Mark it with pytest.mark.slow?"
                terminalreporter.write_line(sentence, yellow=True)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session):
    """Remove deeply nested folders before pytest's own cleanup, which is recursive and would make this run fail.

    They may be those of an earlier run, which was killed.
    """
    if hasattr(session.config, "workerinput") or os.name != "posix":
        return
    for base in Path(os.environ.get("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())).glob("pytest-of-*"):
        command = ["find", base, "-mindepth", "100", "-maxdepth", "100", "-type", "d", "-exec", "rm", "-rf", "{}", "+"]
        subprocess.run(command, check=False, capture_output=True)  # another user's folders cannot be read


@pytest.fixture(scope="session")
def toy_course(tmp_path_factory):
    """A course with one lesson of two exercises, small enough to be graded in a second."""
    from autograder.course import Course
    from autograder.gradebook import install

    install()
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
    from autograder.classroom import ClassDirectory

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
    from autograder.course.lessons import REPOSITORY

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
