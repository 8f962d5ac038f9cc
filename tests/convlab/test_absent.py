"""What a Jupyter kernel says of an exercise that is not there, in a student's own notebook."""

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.course.lessons import REPOSITORY
from convlab.absent import CellRun, why_absent

TEST = "from convlab.checks import check\n\ncheck(output_size, 8, 3, 2, 'valid', gives=3)"


def shown(*sources):
    """The outputs of the last cell."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    NotebookClient(notebook, timeout=60, allow_errors=True, resources={"metadata": {"path": str(REPOSITORY)}}).execute()
    return notebook.cells[-1].outputs


def said(*sources):
    """The name, the text and the traceback of the error that the last cell shows."""
    (error,) = (output for output in shown(*sources) if output.output_type == "error")
    return error.ename, error.evalue, error.traceback


@pytest.mark.slow
def test_a_jupyter_kernel_says_why_an_exercise_is_not_there():
    broken = "def output_size(n, kernel, stride, padding):\n    if n > 1\n        return 1"
    because = "output_size is not there, because its cell did not run: SyntaxError: expected ':' (line 2: `if n > 1`)"
    assert said("from convlab import hint", broken, TEST) == ("CheckError", because, [because])
    stopped = (
        "output_size is not there, because its cell stopped with ZeroDivisionError: division by zero (line 1: `1/0`)"
    )
    assert said("import convlab", "1/0\ndef output_size(n):\n    return 1", TEST)[1] == stopped
    assert said("import convlab", "def outputsize(n):\n    return 1", TEST)[1].startswith(
        "output_size is not there: a cell defines outputsize, and the tests look for output_size"
    )
    # After a restart, a test cell may be the first one to run.
    assert said(TEST)[1].startswith("output_size is not there: run the cell with output_size first.")


@pytest.mark.slow
def test_other_errors_are_shown_as_ever():
    other = "def f():\n    return my_size\n\nf()"
    assert said("import convlab", other) == said("import math", other)
    mine = "get_ipython().set_custom_exc((NameError,), lambda *_, **__: print('mine'))"
    assert [output.get("text") for output in shown(mine, TEST)] == ["mine\n"]


def test_a_message_quotes_a_line_and_an_error_in_part_only():
    ran = CellRun("f(" + "x" * 500 + ")", "ValueError", "y" * 500 + "\nmore", 1)
    said = why_absent("f", [], ran)
    assert len(said) < 400 and "y…" in said and "x…" in said and "more" not in said
    assert why_absent("f", [], CellRun("f()", "KeyboardInterrupt", "", 9)).endswith("stopped with KeyboardInterrupt")
