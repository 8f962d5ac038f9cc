"""Right answers whose classes are other ones than the course's own: a test sees of them what it sees of the course's."""

import nbformat
import pytest

from autograder.execution import Runner
from autograder.execution.given import given_by

pytestmark = pytest.mark.usefixtures("sandbox")

# The course's own answer, a student's, and the test.
CASES = {
    "a dataclass in place of a named tuple": (
        "from collections import namedtuple\nPoint = namedtuple('Point', 'x y')\ndef middle():\n    return Point(1, 2)",
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\n    y: int\ndef middle():\n    return P(1, 2)",
        "p = middle()\nassert p.x == 1 and p.y == 2",
    ),
    "a helper class of another name": (
        "class Node:\n    def __init__(self, value):\n        self.value, self.next = value, None\nclass Chain:\n"
        "    head = None\n    def add(self, value):\n        node = Node(value)\n        node.next, self.head = self.head, node",
        "class Item:\n    def __init__(self, value, after):\n        self.value = value\n        self.next = after\nclass Chain:\n"
        "    def __init__(self):\n        self.head = None\n    def add(self, value):\n        self.head = Item(value, self.head)",
        "c = Chain()\nc.add(1)\nc.add(2)\nassert c.head.value == 2 and c.head.next.value == 1 and c.head.next.next is None",
    ),
    "an object that is called in place of a closure": (
        "def counter():\n    n = 0\n    def up():\n        nonlocal n\n        n += 1\n        return n\n    return up",
        "class Counter:\n    n = 0\n    def __call__(self):\n        self.n += 1\n        return self.n\ndef counter():\n    return Counter()",
        "c = counter()\nassert c() == 1 and c() == 2 and counter()() == 1",
    ),
    "a generator in place of a list": (
        "def words(text):\n    return text.split()",
        "def words(text):\n    yield from text.split()",
        "assert list(words('a b')) == ['a', 'b']",
    ),
    "an iterator class in place of a generator": (
        "def count(n):\n    yield from range(n)",
        "class Count:\n    def __init__(self, n):\n        self.n, self.at = n, -1\n    def __iter__(self):\n        return self\n"
        "    def __next__(self):\n        self.at += 1\n        if self.at == self.n:\n            raise StopIteration\n        return self.at\n"
        "count = Count",
        "assert list(count(3)) == [0, 1, 2] and sum(count(4)) == 6",
    ),
}


@pytest.fixture(scope="module")
def runner():
    with Runner() as runner:
        yield runner


def notebook(answer, test):
    cells = [(answer, {"solution": True}), (test, {"grade": True, "solution": False})]
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(text, metadata={"nbgrader": marks}) for text, marks in cells]
    )


@pytest.mark.parametrize(("own", "answer", "test"), CASES.values(), ids=CASES)
def test_a_right_answer_of_another_shape_passes(runner, own, answer, test):
    for one in (own, answer):
        result = runner.run(notebook(one, test), given=given_by(notebook(own, test)))
        assert (result.status, result.outputs[1]) == ("graded", [])
