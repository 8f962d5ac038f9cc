"""A test judged together with the notebook: in the student's own process, by an answer that nobody can write ahead."""

import nbformat
import pytest

from autograder.execution import Runner
from autograder.notebooks.outcome import keep_mode
from autograder.notebooks.status import Mode

pytestmark = pytest.mark.usefixtures("sandbox")


@pytest.fixture(scope="module")
def runner():
    with Runner() as runner:
        runner.check()
        yield runner


def notebook(*cells):
    """Cells in order: a text is the student's, a pair of a mode and a text is a test."""
    made = []
    for one in cells:
        mode, source = one if isinstance(one, tuple) else ("", one)
        made.append(nbformat.v4.new_code_cell(source))
        if mode:
            made[-1].metadata["nbgrader"] = {"grade": True, "solution": False, "grade_id": f"test_{len(made)}"}
            keep_mode(made[-1], mode)
    return nbformat.v4.new_notebook(cells=made)


def run(runner, *cells, **options):
    return runner.run(notebook(*cells), **{"cell_seconds": 10, **options})


def said(outputs):
    """The message of a test; "" if it passed."""
    return next((one["evalue"] for one in outputs if one["output_type"] == "error"), "")


def together(source):
    return Mode.TOGETHER, source


def apart(source):
    return Mode.APART, source


F = "import os\ndef f(x):\n    return 2 * x"
HIDE, END = "### BEGIN HIDDEN TESTS\n", "\n### END HIDDEN TESTS\n"
# What reaches into the process that it runs in.
OWN = [
    "spy = []\nkept = f\ndef f(x):\n    spy.append(x)\n    return kept(x)\nassert f(2) == 4 and spy == [2]",
    "%timeit -n1 -r1 f(2)\nassert f(2) == 4",
    "import unittest.mock\nwith unittest.mock.patch('os.getcwd', lambda: 'here'):\n    assert os.getcwd() == 'here'",
    "del f\ntry:\n    f(2)\nexcept NameError:\n    pass\nelse:\n    raise AssertionError",
    "assert get_ipython().user_ns['f'] is f and 'def f' in In[-2]",
]


@pytest.mark.parametrize("test", OWN)
def test_a_test_that_needs_the_notebooks_process_runs_in_it(runner, test):
    result = run(runner, F, together(test))
    assert (result.status, said(result.outputs[1]), result.together) == ("graded", "", (1,))
    assert said(run(runner, F, together(f"{test}\nassert 1 == 2, 'wrong'")).outputs[1]) == "wrong"


def test_it_fails_with_its_message_and_its_line_and_without_its_text(runner):
    result = run(runner, F, together("print('seen')\nx = 1  # secret\nassert f(2) == 5, f'got {f(2)}'"))
    stream, error = result.outputs[1]
    assert stream["text"] == "seen\n"
    assert (error["ename"], error["evalue"]) == ("AssertionError", "got 4")
    assert error["traceback"] == ["AssertionError: got 4", "(line 3 of this test)"]


def test_the_others_are_judged_as_if_it_were_not_there(runner):
    cells = F, apart("assert f(1) == 2"), "y = 3", apart("assert y == 4, 'no'")
    without = run(runner, *cells)
    result = run(runner, *cells[:2], together("y = 4\nassert f(2) == 4"), *cells[2:], together("assert y == 3"))
    assert [result.outputs[n] for n in (0, 1, 3, 4)] == without.outputs
    assert [said(result.outputs[n]) for n in (2, 5)] == ["", ""]


def test_earlier_tests_run_before_it_only_if_it_uses_a_name_that_they_make(runner):
    helper = apart("import math\ndef near(a, b):\n    return math.isclose(a, b)\nassert near(f(2), 4)")
    other = together("unused = 1\nassert True")
    result = run(runner, F, helper, other, together("%time near(1, 1)\nassert near(f(2), 4)"))
    assert [said(outputs) for outputs in result.outputs] == [""] * 4
    made = run(runner, F, other, together("f = len"), "def f(x):\n    return 4", together("globals()['unused'], f(2)"))
    assert said(made.outputs[4]) == "'unused'"
    assert said(run(runner, F, other, together("f = len"), together("unused, f(2)")).outputs[3]) != ""


@pytest.mark.parametrize("mistake", ["3 * x", "2 * x if x < 9 else 0"])
def test_a_hidden_part_says_nothing_but_that_it_failed(runner, mistake):
    test = f"print('seen')\nassert f(2) == 4, 'visible'\n{HIDE}secret = 99\nassert f(secret) == 198, secret{END}"
    outputs = run(runner, F.replace("2 * x", mistake), together(test)).outputs[1]
    visible = mistake == "3 * x"
    assert said(outputs) == ("visible" if visible else "A hidden test failed.")
    assert ("seen" in str(outputs)) == visible
    assert "99" not in str(outputs)
    assert run(runner, F, together(test)).outputs[1] == []


def test_points_are_kept_as_a_number(runner):
    outputs = run(runner, F, together("print(1)\n1.5")).outputs[1]
    assert [one.get("data") for one in outputs] == [None, {"text/plain": "1.5"}]
    for value in ("'1'", "float('inf')", "-1", "'a text'"):
        assert run(runner, F, together(value)).outputs[1] == []


def test_files_are_there_and_what_an_earlier_replay_left_is_not(runner):
    test = together("assert open('a.txt').read() == 'a'\nopen('a.txt', 'w').write('b')")
    result = run(runner, F, test, test, files={"a.txt": b"a"})
    assert [said(outputs) for outputs in result.outputs] == [""] * 3


@pytest.mark.parametrize(
    ("answer", "status", "message"),
    [
        ("while True: pass", "timeout", "This test was stopped after 1 s: it did not finish in time."),
        ("import os; os._exit(0)", "killed", "This test ended the whole process."),
    ],
)
def test_what_ends_a_test_costs_only_its_own_points(runner, answer, status, message):
    cells = f"def f(x):\n    {answer}", together("f(1)"), "y = 1", apart("assert y == 1")
    result = run(runner, *cells, cell_seconds=1)
    assert result.status == status
    assert said(result.outputs[1]) == message
    assert said(result.outputs[3]) == ""


def test_a_test_behind_the_end_of_the_process_is_not_run(runner):
    result = run(runner, F, "import os; os._exit(0)", together("assert f(2) == 4"))
    assert said(result.outputs[2]) == "Not run: an earlier cell ended the whole process."
    assert result.together == ()


def test_a_test_by_hand_is_not_run_and_is_no_success_for_nbgrader(runner):
    result = run(runner, F, (Mode.BY_HAND, "assert f(2) == 4"))
    assert said(result.outputs[1]) == "Not graded by machine: your instructor gives these points."
    assert result.status == "graded"
