"""What is said of a failed test that says nothing itself."""

import nbformat
import pytest

from autograder.notebooks.outcome import failure_of

TEST = "x = 1\nassert area(2) == 4\n### BEGIN HIDDEN TESTS\nassert area(31) == 961\n### END HIDDEN TESTS\nassert area(1) == 1"


def failed(line, text="", source=TEST, name="AssertionError", **known):
    traceback = [f"{name}: {text}", f"(line {line} of this test)"]
    error = nbformat.v4.new_output("error", ename=name, evalue=text, traceback=traceback)
    return nbformat.v4.new_code_cell(source, outputs=[error], metadata={"convlab": known} if known else {})


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (failed(2), "Line 2 of this test does not hold: assert area(2) == 4"),
        (failed(6), "Line 6 of this test does not hold: assert area(1) == 1"),
        (failed(4), "A hidden test does not hold."),
        (failed(4, source=TEST.replace("###", "#"), handed_out="assert area(2) == 4"), "A hidden test does not hold."),
        (failed(2, "area(2) should be 4"), "area(2) should be 4"),
        (failed(2, name="KeyError"), "KeyError: "),
        (failed(99), "AssertionError: "),
        (failed(0), "AssertionError: "),
    ],
    ids="visible visible-after hidden other-marks with-words another-error beyond none".split(),
)
def test_an_assertion_without_words_is_told_by_its_line(cell, said):
    assert failure_of(cell).message == said


def test_a_long_line_is_cut():
    assert len(failure_of(failed(1, source=f"assert {'x' * 5_000}")).message) < 400
