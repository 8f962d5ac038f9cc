"""The construct matrix: what tests of real courses do, judged apart wherever it can be, never in favor of a wrong answer.

`stock.json` has what plain nbgrader says of the same cells; `python tests/foreign/stock.py` measures it anew.
"""

import json
from pathlib import Path

import nbformat
import pytest
from constructs import CONSTRUCTS

from autograder.execution import Runner
from autograder.execution.given import given_by
from autograder.notebooks.outcome import keep_mode
from autograder.notebooks.status import Mode

pytestmark = pytest.mark.usefixtures("sandbox")

STOCK = json.loads(Path(__file__).with_name("stock.json").read_text())["constructs"]


@pytest.fixture(scope="module")
def runner():
    with Runner() as runner:
        runner.check()
        yield runner


def notebook_of(construct, answer):
    setup = [nbformat.v4.new_code_cell(construct.setup)] if construct.setup else []
    cells = [nbformat.v4.new_code_cell(answer, metadata={"nbgrader": {"solution": True}})]
    marks = {"nbgrader": {"grade": True, "solution": False}}
    cells += [nbformat.v4.new_code_cell(test, metadata=marks) for test in construct.tests]
    return nbformat.v4.new_notebook(cells=[*setup, *cells])


def why_not(runner, construct, answer, mode=Mode.APART):
    """Why the tests fail when judged in this mode; "" if they pass."""
    notebook = notebook_of(construct, answer)
    for cell in notebook.cells[-len(construct.tests) :]:
        keep_mode(cell, mode)
    files = {name: text.encode() for name, text in construct.files.items()}
    given = given_by(notebook_of(construct, construct.answer))
    result = runner.run(notebook, files, own_files=files, given=given, cell_seconds=20)
    errors = [
        f"{output['ename']}: {output['evalue']}"
        for outputs in result.outputs[-len(construct.tests) :]
        for output in outputs
        if output["output_type"] == "error"
    ]
    return "; ".join(errors) or ("" if result.status == "graded" else str(result.status))


def test_the_matrix_is_wide_and_few_rows_need_the_students_process():
    names = [construct.name for construct in CONSTRUCTS]
    assert len(set(names)) == len(names) >= 150
    assert sum(construct.judged == "together" for construct in CONSTRUCTS) <= 12


@pytest.mark.parametrize("construct", CONSTRUCTS, ids=lambda construct: construct.name)
def test_stock_says_what_the_table_says(construct):
    assert STOCK[construct.name] == dict(zip(("right", "wrong"), construct.stock, strict=True))


APART = [construct for construct in CONSTRUCTS if construct.judged == "apart"]
TOGETHER = [construct for construct in CONSTRUCTS if construct.judged == "together"]


@pytest.mark.parametrize("construct", APART, ids=lambda construct: construct.name)
def test_a_right_answer_passes_apart(runner, construct):
    assert why_not(runner, construct, construct.answer) == ""


@pytest.mark.parametrize("construct", APART, ids=lambda construct: construct.name)
def test_a_wrong_answer_fails_apart(runner, construct):
    assert why_not(runner, construct, construct.wrong_answer)


@pytest.mark.parametrize("construct", TOGETHER, ids=lambda construct: construct.name)
def test_apart_is_not_enough(runner, construct):
    """Apart, the right answer fails or the wrong one passes; otherwise the row has to say "apart"."""
    right, wrong = (why_not(runner, construct, answer) for answer in (construct.answer, construct.wrong_answer))
    assert right or not wrong


@pytest.mark.parametrize("construct", TOGETHER, ids=lambda construct: construct.name)
def test_together_a_right_answer_passes_and_a_wrong_one_fails(runner, construct):
    assert why_not(runner, construct, construct.answer, Mode.TOGETHER) == ""
    assert why_not(runner, construct, construct.wrong_answer, Mode.TOGETHER)
