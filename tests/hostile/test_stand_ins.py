"""A student's function may call the course's own where the student's fails its test: no way to more than its results.

In each attack the student's `size` is wrong, so the course's own stands in for it when the test of `blur`, which holds the
attack, is judged again. `other` and the second test of `size` come after that.
"""

import json

import nbformat
import pytest

from autograder.course.answers import course_solutions
from autograder.execution import Runner

pytestmark = pytest.mark.usefixtures("sandbox")

SECRET = "secret of the course 5f2c"
SOLUTIONS = {
    "base": "def base(n):\n    return n",
    "size": f"def size(n, kernel=1):\n    if kernel > n:\n        raise ValueError('{SECRET}', n)\n    return n - kernel + 1  # {SECRET}",
    "total": "def total(values):\n    return sum(values)",
    "grow": "import numpy as np\ndef grow(n):\n    return np.ones(n)",
    "blur": "def blur(row):\n    return [size(len(row), 1), total(row), len(grow(1))]",
    "other": "def other(n):\n    return n",
}
TESTS = {
    "base": "assert base(7) == 7",
    "size": "assert size(5, 2) == 4",
    "total": "assert total([1, 2]) == 3",
    "grow": "assert len(grow(2)) == 2",
    "blur": "got = blur([3, 4])\nassert got == [2, 7, 1], str(got)",
    "size_2": "assert size(9, 3) == 7",
    "other": "assert other(1) == 1",
}
WRONG = {
    "base": "def base(n):\n    return 0",
    "size": "def size(n, kernel=1):\n    return 0",
    "total": "def total(values):\n    return 0",
    "grow": "def grow(n):\n    return []",
}
# How hostile code finds the worker and talks to the judge itself.
WORKER = (
    "import gc\nfrom autograder.execution.worker import Worker\n"
    "from autograder.sandbox.wire.messages import CallBack, Returned\n"
    "worker = next(one for one in gc.get_objects() if type(one) is Worker)\n"
    "def number():\n    return worker._borrowed[size]\n"
    "def ask(n):\n    worker._calls += 1\n    worker._call_back('x', CallBack(n, (2,), {}))\n"
)
RIGHT = "size(len(row), 1), total(row), len(grow(1))"


def cell(source, **marks):
    made = nbformat.v4.new_code_cell(source)
    made.metadata["nbgrader"] = {"locked": True, "points": 1} | marks
    return made


def notebook(answers):
    cells = []
    for name, test in TESTS.items():
        if name in SOLUTIONS:
            cells.append(cell(answers.get(name, SOLUTIONS[name]), grade=False, solution=True, grade_id=name))
        cells.append(cell(test, grade=True, solution=False, grade_id=f"test_{name}"))
    return nbformat.v4.new_notebook(cells=cells)


KNOWN = course_solutions(nbformat.writes(notebook({})).encode())


@pytest.fixture(scope="module")
def runner():
    with Runner() as runner:
        runner.check()
        yield runner


def judged(runner, *, seconds=2.0, status="graded", **answers):
    """The names of the tests that passed, those that were judged again, and all outputs as text."""
    made = notebook(WRONG | answers)
    result = runner.run(made, solutions=KNOWN, cell_seconds=seconds, total_seconds=20)
    assert result.status == status
    tests = [(place, one) for place, one in enumerate(made.cells) if one.metadata["nbgrader"]["grade"]]
    names = {place: one.metadata["nbgrader"]["grade_id"][5:] for place, one in tests}
    passed = {
        name for place, name in names.items() if all(one["output_type"] != "error" for one in result.outputs[place])
    }
    return passed, {names[place] for place in result.judged_with}, json.dumps(result.outputs)


def test_an_honest_function_is_judged_with_the_stand_ins(runner):
    assert judged(runner)[:2] == ({"blur", "other"}, {"blur"})


LOOKS = {
    "the function itself": (
        "import inspect\ndef text(x, depth=0):\n    if depth > 4:\n        return ''\n    cells = getattr(x, '__closure__', None) or ()\n"
        "    parts = [repr(getattr(x, name, '')) for name in dir(x)] + [repr(getattr(x, '__code__', None) and x.__code__.co_consts)]\n"
        "    return ' '.join(parts + [text(cell.cell_contents, depth + 1) for cell in cells])\n"
        "def blur(row):\n    size(2, 1)\n    try:\n        source = inspect.getsource(size)\n    except (OSError, TypeError):\n        source = ''\n"
        "    return [text(size), source, size.__doc__, size.__defaults__]"
    ),
    "its errors": (
        "import traceback\ndef blur(row):\n    try:\n        size(1, 2)\n    except ValueError as error:\n"
        "        return [*traceback.format_exception(error, chain=True), error.args, vars(error), error.__cause__, error.__context__]"
    ),
    "the whole memory": (
        "import gc\ndef blur(row):\n    size(2, 1)\n    try:\n        size(1, 2)\n    except ValueError:\n        pass\n"
        "    words = 'secret of the' + ' course'\n    import sys\n"
        "    found = [str(one)[:200] for one in gc.get_objects() if type(one) in (dict, list, tuple) for one in (one.values() if type(one) is dict else one)"
        " if type(one) in (str, bytes) and words in str(one)]\n    return [one for one in found if one != words]"
    ),
}


@pytest.mark.parametrize("look", LOOKS)
def test_the_solution_cannot_be_read_through_the_stand_in(runner, look):
    passed, again, text = judged(runner, seconds=10, blur=LOOKS[look])
    assert passed == {"other"} and again == {"blur"} and SECRET not in text


FAILS = {
    "asks without end": "def blur(row):\n    while size(2, 1):\n        pass",
    "has an endless iterator added up": "import itertools\ndef blur(row):\n    return [total(itertools.count()), size(2, 1)]",
    "asks by a number that it was not given": f"{WORKER}def blur(row):\n    ask(number() + 9)\n    return [{RIGHT}]",
    "asks by the numbers of the past": f"{WORKER}def blur(row):\n    for n in range(number() - 2):\n        ask(n)\n    return [{RIGHT}]",
    "sends questions and reads no answer": f"{WORKER}def blur(row):\n    while True:\n        worker._channel.send(CallBack(number(), (2,), {{}}).to_wire())",
    "sends malformed questions": f"{WORKER}def blur(row):\n    worker._channel.send(('callback', number(), [2], {{}}))\n    return [{RIGHT}]",
    "asks on in a thread": (
        f"{WORKER}import threading\ndef blur(row):\n    n = number()\n    def ask():\n        while True:\n            worker._channel.send(CallBack(n, (2,), {{}}).to_wire())\n"
        f"    threading.Thread(target=ask, daemon=True).start()\n    return [{RIGHT}]"
    ),
    "asks for more memory than there is": "def blur(row):\n    for n in range(10, 18):\n        grow(10**n)\n    return []",
    "asks with what is too large to be sent": "import numpy as np\ndef blur(row):\n    return [total(np.ones(2 * 10**7)), size(2, 1)]",
    "asks with what is deep": "def blur(row):\n    deep = []\n    for _ in range(10_000):\n        deep = [deep]\n    return [total(deep)]",
    "asks with a lying number": "class Lie(int):\n    def __gt__(self, other):\n        return False\ndef blur(row):\n    return [size(Lie(2), 1)]",
}


@pytest.mark.parametrize("attack", FAILS)
def test_the_attack_costs_only_its_own_points(runner, attack):
    passed, _, text = judged(runner, blur=FAILS[attack])
    assert passed == {"other"} and SECRET not in text
    assert judged(runner)[:2] == ({"blur", "other"}, {"blur"})


def test_a_time_limit_leaves_the_first_verdict(runner):
    for attack in ("asks without end", "has an endless iterator added up"):
        assert judged(runner, blur=FAILS[attack])[1] == set()


def test_memory_that_the_judge_uses_for_a_stand_in_costs_no_earlier_point(runner):
    passed, again, _ = judged(
        runner, status="out_of_memory", blur="def blur(row):\n    return grow(5 * 10**8)", seconds=10
    )
    assert passed == {"other"} and not again


@pytest.mark.parametrize(
    "cell",
    [
        "worker._channel.send(CallBack(1, (), {}).to_wire())",
        "ask(1)",
    ],
)
def test_a_question_where_nothing_is_offered_breaks_the_protocol(runner, cell):
    passed, again, _ = judged(runner, status="killed", base=f"{WORKER}{cell}\ndef base(n):\n    return n")
    assert not passed and not again


def test_what_a_stand_in_said_answers_no_test_of_its_own(runner):
    """`blur` learns the answers of `size`; `size`, which calls `base` to be judged again, would give them to its second test."""
    learns = f"known = {{}}\ndef blur(row):\n    known[9, 3] = size(9, 3)\n    return [{RIGHT}]"
    tells = "def size(n, kernel=1):\n    base(1)\n    return known.get((n, kernel)) if 'known' in globals() else 0"
    assert judged(runner, blur=learns, size=tells)[:2] == ({"blur", "other"}, {"size", "blur"})


def test_an_earlier_test_gets_no_answer_of_a_later_exercise(runner):
    asks = "def base(n):\n    return size(n, 1)"
    assert judged(runner, base=asks)[:2] == ({"blur", "other"}, {"blur"})


def test_a_stand_in_does_not_outlive_its_test(runner):
    keeps = f"kept = []\ndef blur(row):\n    kept.append(size)\n    return [{RIGHT}]"
    asks = "def other(n):\n    size(1, 1)\n    return kept[1](n, n) if len(kept) > 1 else 0"
    passed, _, text = judged(runner, blur=keeps, other=asks)
    assert passed == {"blur"} and "belongs to a test" in text
