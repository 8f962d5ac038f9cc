"""What a hostile notebook can do to a test that is judged together with it, and what it cannot.

The answer cannot be written ahead, the test's text leaves the process by no way that is shown, and a notebook does not
choose where it is judged. But the verdict can be forged: the last test of this file does it.
"""

import contextlib
import json

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.course import read_lesson, solved
from autograder.course.variants import answer, blank, cell_of
from autograder.execution import Runner
from autograder.execution.given import Given
from autograder.execution.judging import Conversation, WorkerLost, conversation
from autograder.execution.runner import steps
from autograder.grading.job import Job, Rendering, Settings
from autograder.notebooks.outcome import keep_mode
from autograder.notebooks.status import Mode
from autograder.sandbox import Limits
from autograder.sandbox.wire.messages import Ran, RunCell
from autograder.uploads.prepare import Lesson, prepared_notebook

pytestmark = pytest.mark.usefixtures("sandbox")

SECRET = "31337"
WRONG = "def twice(x):\n    return 0"
TEST = "assert twice(2) == 4, 'no'"
# Answers to the request to run this cell, and to the next one: the test has passed.
AHEAD = """
import os, socket, stat
from autograder.sandbox.wire import Channel
for fd in range(3, 256):
    try:
        if stat.S_ISSOCK(os.fstat(fd).st_mode):
            channel = Channel(socket.socket(fileno=os.dup(fd)))
            channel.send(("ran", b"[]"))
            channel.send(("ran together", bytes(16), b"[]"))
    except Exception:
        pass
"""


@pytest.fixture(scope="module")
def runner():
    with Runner() as runner:
        runner.check()
        yield runner


@pytest.fixture(scope="module")
def source(toy_course):
    notebook = read_lesson(toy_course.source("01_toy"))
    for cell in notebook.cells:
        cell.source = cell.source.replace("twice(3)", f"twice({SECRET})").replace("== 6", f"== 2 * {SECRET}")
    return notebook


def lesson(source, **modes):
    modes = {"test_twice": "together"} | modes
    contents = (nbformat.writes(one).encode() for one in (blank(source), source))
    return Lesson("01_toy", *contents, {}, modes=modes)


def graded(lesson, notebook):
    """The notebook, its points by cell, its record and its page."""
    done = Job("eva", lesson, nbformat.writes(notebook).encode(), {}, Settings(), Rendering("{}", True)).run()
    points = {name: score.score for name, score in done.entry.scores.items()}
    return nbformat.reads(done.notebook, as_version=4), points, done.rendered.record, done.rendered.page


def handing_in(source, code, *later):
    """A solved notebook with another answer to `twice`, and cells behind its test."""
    notebook = solved(source)
    answer(notebook, "twice", code)
    place = notebook.cells.index(cell_of(notebook, "test_twice"))
    notebook.cells[place + 1 : place + 1] = [nbformat.v4.new_code_cell(text) for text in later]
    return notebook


@pytest.mark.parametrize("token", ["random", "known"])
def test_an_answer_that_is_written_ahead_ends_the_process(runner, token, monkeypatch):
    if token == "known":  # without the guard
        monkeypatch.setattr(conversation.secrets, "token_bytes", bytes)
    workers, _ = runner.launch(keras=False)._pairs[False]
    with workers.fork(Limits(wall_s=60)) as worker:
        talk = Conversation(worker, 10, 60, Given())
        talk.begin()
        talk.ask(RunCell(WRONG), Ran)
        talk.begin()
        talk.ask(RunCell(AHEAD), Ran)
        talk.begin()
        with pytest.raises(WorkerLost) if token == "random" else contextlib.nullcontext():
            assert talk.run_together(TEST) == b"[]"
        assert talk.lost == ("killed" if token == "random" else None)


def test_it_costs_the_points(runner, source):
    notebook = handing_in(source, f"{WRONG}\n{AHEAD}")
    _, points, record, _ = graded(lesson(source), notebook)
    assert record.status == "killed" and points["test_twice"] == 0


# Keeps the text of each cell that runs, wherever it can.
KEEPS = """
from pathlib import Path
from IPython import get_ipython
seen = []
def keep(info):
    seen.append(info.raw_cell)
    for folder in (".", "/tmp", "/dev/shm"):
        try:
            with open(f"{folder}/seen.txt", "a") as file:
                file.write(info.raw_cell)
        except OSError:
            pass
get_ipython().events.register("pre_run_cell", keep)
def twice(x):
    return 2 * x if x < 9 else 0
"""
SHOWS = "print(seen, In, *(path.read_text() for path in map(Path, ('seen.txt', '/tmp/seen.txt')) if path.exists()))"
# Says in an error what the process knows.
TELLS = "def twice(x):\n    raise ValueError(str(get_ipython().user_ns['In']) if x != 2 else 'as expected')"


def test_no_later_cell_and_no_later_test_sees_its_text(source):
    own = f"import math\nassert half(2) == 1, str(seen)\n### BEGIN HIDDEN TESTS\nassert half({SECRET}) > 1\n### END HIDDEN TESTS"
    source = nbformat.from_dict(source)
    cell_of(source, "test_half").source = own
    notebook = handing_in(source, KEEPS, SHOWS)
    answer(notebook, "half", "def half(x):\n    return 0")
    done, points, record, page = graded(lesson(source, test_half="together"), notebook)
    assert points["test_twice"] == points["test_half"] == 0
    assert record.failures["test_twice"].message == "A hidden test failed."
    tests = [cell for cell in done.cells if cell.metadata.get("nbgrader", {}).get("grade_id", "").startswith("test_")]
    shown = [cell.outputs for cell in done.cells if cell.cell_type == "code"]
    assert len(tests) == 2 and SECRET not in json.dumps(shown) and SECRET not in page
    assert "return 2 * x if x < 9" in json.dumps(shown), "the cell behind the test has shown what it knew"
    # Where tests and students share one process, it is there.
    stock = nbformat.from_dict(notebook)
    cell_of(stock, "test_twice").source = cell_of(source, "test_twice").source
    NotebookClient(stock, timeout=20, allow_errors=True).execute()
    assert SECRET in json.dumps([cell.outputs for cell in stock.cells if cell.cell_type == "code"])


def test_an_error_of_a_hidden_test_says_nothing_of_it(runner, source):
    notebook = handing_in(source, TELLS.replace("x != 2", "True"))
    done, points, record, page = graded(lesson(source), notebook)
    assert points["test_twice"] == 0 and "def twice" in record.failures["test_twice"].message
    assert SECRET not in json.dumps([cell.get("outputs") for cell in done.cells]) and SECRET not in page
    # Without a hidden part, there would be nothing to hide.
    prepared = prepared_notebook(nbformat.writes(notebook).encode(), lesson(source))
    codes = [cell for cell in prepared.cells if cell.cell_type == "code"]
    place = codes.index(cell_of(prepared, "test_twice"))
    verdict = runner.judge_together(prepared, place, visible={"test_twice": codes[place].source})
    assert SECRET in json.dumps(verdict.outputs)


@pytest.mark.parametrize("mode", ["together", "by hand"])
def test_a_notebook_does_not_choose_where_it_is_judged(source, mode):
    notebook = handing_in(source, WRONG)
    for cell in notebook.cells:
        keep_mode(cell, mode)
        cell.metadata.setdefault("nbgrader", {})["judged"] = mode
    assert mode in {step.mode for step in steps(notebook)}
    plain = Lesson("01_toy", *(nbformat.writes(one).encode() for one in (blank(source), source)), {})
    prepared = prepared_notebook(nbformat.writes(notebook).encode(), plain)
    assert {step.mode for step in steps(prepared)} == {Mode.APART}
    _, points, record, _ = graded(plain, notebook)
    assert points["test_twice"] == 0 and record.judged == {}


# Drops every assertion of the cells that follow, and ends each with a number.
REWRITES = """
import ast
from IPython import get_ipython
class Rewrite(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()
    def visit_Module(self, node):
        self.generic_visit(node)
        node.body.append(ast.Expr(ast.Constant({number})))
        return ast.fix_missing_locations(node)
get_ipython().ast_transformers.append(Rewrite())
def twice(x):
    return 0
"""


@pytest.mark.parametrize("number", ["1e9", "2.5", "float('inf')"])
def test_it_gives_no_more_points_than_the_test_has(source, number):
    """With more, nbgrader raises an error, and the submission would have no record."""
    number = number.replace("float('inf')", "1e999")
    _, points, record, _ = graded(lesson(source), handing_in(source, REWRITES.format(number=number)))
    assert record.status == "graded" and points["test_twice"] == 2


def test_the_verdict_can_be_forged(source):
    """The price of judging together, as SECURITY.md says. The same notebook earns nothing apart."""
    notebook = handing_in(source, REWRITES.format(number="None"))
    _, points, record, page = graded(lesson(source), notebook)
    assert points["test_twice"] == 2 and record.judged == {"test_twice": "together"}
    assert "judged together with your notebook" in page
    _, points, record, _ = graded(lesson(source, test_twice="by hand"), notebook)
    assert points["test_twice"] is None and record.judged == {"test_twice": "by hand"}
    plain = Lesson("01_toy", *(nbformat.writes(one).encode() for one in (blank(source), source)), {})
    _, points, record, _ = graded(plain, notebook)
    assert points["test_twice"] == 0 and record.judged == {}
