import os

import pytest
from toy import TOY, TOY_MISCONCEPTIONS

# Before anything imports TensorFlow: its start-up lines are no part of a test's output.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


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
