import os
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
