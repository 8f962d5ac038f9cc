"""Hidden tests hold no surprise: what they ask for is known, and a source that keeps a demand back is refused."""

import numpy as np
import pytest

from autograder.course import Course, build, read_lesson
from autograder.course.demands import surprises
from autograder.course.proof.collect import collecting, failed_checks
from autograder.course.proof.mutants import forgetful
from autograder.errors import SourceError

LESSON = '''# %% [markdown]
# # A lesson

# %%
import numpy as np

# %% solution="mean"
def mean(image, window, padding="valid"):
    """The mean."""
    ### BEGIN SOLUTION
    if window < 1 or window > len(image):
        raise ValueError
    return float(image.astype(float).mean())
    ### END SOLUTION

# %% test="mean" points=1
import numpy as np

from convlab.checks import check, check_error

check(mean, np.ones((2, 3)), 1, gives=1.0)
check(mean, np.ones((2, 3)), 1, "valid", gives=1.0, hint="All are one.")
check_error(mean, np.ones((2, 3)), 0, because="there is no window of 0")
### BEGIN HIDDEN TESTS
{hidden}
### END HIDDEN TESTS
'''


def faults(tmp_path, hidden):
    path = tmp_path / "01_a.py"
    path.write_text(LESSON.format(hidden=hidden))
    return list(surprises(read_lesson(path)))


@pytest.mark.parametrize(
    "hidden",
    [
        "check(mean, np.zeros((4, 2)), 2, gives=0.0)",
        'check(mean, np.full((4, 2), 7.0), 1, gives=7.0, hint="All are one.")',
        'check_error(mean, np.zeros((3, 2)), 0, because="there is no window of 0")',
        "for size in (2, 3, 4):\n    check(mean, np.zeros((size, 5)), 1, gives=0.0)",
    ],
)
def test_other_data_are_no_surprise(tmp_path, hidden):
    assert faults(tmp_path, hidden) == []


@pytest.mark.parametrize(
    ("hidden", "demand"),
    [
        ('check_error(mean, np.ones((2, 3)), 3, because="it does not fit")', "refusal: it does not fit"),
        ('check(mean, np.ones((2, 3)), 1, gives=1.0, hint="Cast first.")', "hint: Cast first."),
        ("check(mean, np.ones((2, 3), np.uint8), 1, gives=1.0)", "image: uint8"),
        ("check(mean, np.ones((2, 3), np.float32), 1, gives=1.0)", "image: float32"),
        ("check(mean, np.ones((2, 3, 2)), 1, gives=1.0)", "image: 3 axes"),
        ("check(mean, np.ones((2, 1)), 1, gives=1.0)", "image: an axis of length 1"),
        ("check(mean, -np.ones((2, 3)), 1, gives=-1.0)", "image: negative numbers"),
        ("check(mean, np.ones((0, 3)), 1, gives=0.0)", "image: empty"),
        ("check(mean, [1, 2], 1, gives=1.0)", "image: a list"),
        ('check(mean, np.ones((2, 3)), 1, "same", gives=1.0)', "padding: 'same'"),
        ("check(mean, np.ones((2, 3)), -1, gives=1.0)", "window: negative"),
    ],
)
def test_another_demand_is_one_and_is_named_with_its_exercise(tmp_path, hidden, demand):
    (fault,) = faults(tmp_path, hidden)
    assert fault.startswith("mean: ")
    assert demand in fault


def test_the_build_refuses_a_lesson_that_keeps_a_demand_back_and_writes_nothing(tmp_path):
    (tmp_path / "solutions" / "01_a").mkdir(parents=True)
    source = tmp_path / "solutions" / "01_a" / "01_a.py"
    course = Course(tmp_path)
    source.write_text(LESSON.format(hidden="check(mean, np.ones((2, 3), np.uint8), 1, gives=1.0)"))
    with pytest.raises(
        SourceError, match="01_a, mean: hidden tests ask for what no visible check asks for: image: uint8"
    ):
        build(course, ["01_a"])
    assert not (tmp_path / "lessons").exists()
    source.write_text(LESSON.format(hidden="check(mean, np.full((2, 3), 9.0), 1, gives=9.0)"))
    (built,) = build(course, ["01_a"])
    assert "full" not in built.read_text()


def test_a_test_that_fails_by_itself_is_a_fault_of_the_source(tmp_path):
    with pytest.raises(SourceError, match="the test of mean with the course's own solution fails: ZeroDivisionError"):
        faults(tmp_path, "1 / 0")


def test_a_test_without_our_checks_is_left_alone(tmp_path):
    path = tmp_path / "01_a.py"
    path.write_text(
        LESSON.format(hidden="").replace("from convlab.checks import check, check_error", "check = check_error = print")
    )
    assert list(surprises(read_lesson(path))) == []


def test_a_collecting_test_makes_all_checks_and_raises_the_first_error(capsys):
    test = (
        "from convlab.checks import check, check_error\n"
        "check(twice, 1, gives=3)\ncheck(twice, 2, gives=4)\n### BEGIN HIDDEN TESTS\n"
        'for text in ("}",):\n    check_error(twice, 3, because=f"three {text}")\n### END HIDDEN TESTS\n'
    )
    with pytest.raises(AssertionError, match="expected = 3"):
        exec(collecting(test), {"twice": lambda x: 2 * x})
    text = capsys.readouterr().out
    assert failed_checks([{"output_type": "stream", "text": text}]) == [0, 2]
    with pytest.raises(AssertionError, match="expected = 3"):
        exec(collecting(test, go_on=False), {"twice": lambda x: 2 * x})
    text = capsys.readouterr().out
    assert failed_checks([{"output_type": "stream", "text": text}]) == [0]


def test_a_forgetful_solution_lacks_one_demand():
    code = (
        "def f(x, k, s):\n    if k < 1 or not 0 <= s < 9 or min(*x, k) < 0:\n        raise ValueError\n"
        "    return x.astype(float) * k\n"
    )
    found = dict(forgetful(code))
    assert list(found) == ["k < 1", "not 0 <= s", "not s < 9", "min(*x) < 0", "k < 0", "x.astype(float)"]
    names = {}
    exec(found["x.astype(float)"], names)
    assert names["f"](np.array([200, 9], np.uint8), np.uint8(2), 3)[0] == 144
    exec(found["k < 1"], names)
    assert names["f"](np.array([2.0, 3.0]), 0, 3)[0] == 0
