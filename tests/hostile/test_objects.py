"""Objects of a student's classes in a test: whatever they claim, they are not taken for values.

Each attack passes where the guard is missing: run with `nbgrader autograde`, whose tests share a process with the
student's code, every one of these answers gets its points.
"""

import nbformat
import pytest

from autograder.execution import Runner
from autograder.execution.given import given_by

pytestmark = pytest.mark.usefixtures("sandbox")

LIAR = """
class Liar:
    def __init__(self, *args): pass
    def __getattr__(self, name):
        if name.startswith('__'): raise AttributeError(name)
        return lambda *args, **named: True
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __contains__ = __lt__
    def __sub__(self, other): return 0.0
    __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = __sub__
    def __abs__(self): return 0.0
    def __bool__(self): return True
    def __float__(self): return 0.0
    def __hash__(self): return hash(4)
    def __array_ufunc__(self, *args, **named): return True
    def __array_function__(self, *args, **named): return True
    def __array__(self, *args, **named):
        import numpy as np
        return np.zeros(1)
    __class__ = int
    def startswith(self, text): return True
    def equals(self, other): return True
"""
GIVEN = "import numpy as np\nfrom numpy.testing import assert_allclose\ndef close(a, b):\n    assert abs(a - b) < 1e-9"
SOLUTION = """
def double(x):
    return 2 * x
class Vector:
    def __init__(self, x): self.x = x
    def __sub__(self, other): return Vector(self.x - other.x)
    def __eq__(self, other): return self.x == other.x
def unit():
    return Vector(1)
"""
# All of these ask for the number 4.
TESTS = [
    "assert double(2) == 4",
    "assert not double(2) != 4",
    "assert double(2) in [4]",
    "assert double(2) in {4}",
    "assert 4 in double(2)",
    "assert [double(2)] == [4]",
    "assert {'a': double(2)} == {'a': 4}",
    "assert abs(double(2) - 4) < 1e-9",
    "assert abs(4 - double(2)) < 1e-9",
    "assert double(2) <= 4 and double(2) >= 4",
    "assert double(2).startswith('4')",
    "assert double(2).equals(4)",
    "assert isinstance(double(2), int) and double(2) - 4 == 0",
    "assert np.isclose(double(2), 4)",
    "assert np.array_equal(double(2), 4)",
    "assert (double(2) == np.array([4])).all()",
    "assert_allclose(double(2), 4)",
    "close(double(2), 4)",
    "import math\nassert math.isclose(double(2), 4)",
    "import unittest\nunittest.TestCase().assertEqual(double(2), 4)",
    "import unittest\nunittest.TestCase().assertAlmostEqual(double(2), 4)",
    "from unittest import mock\nassert double(2) == mock.ANY and double(2) == 4",
    "assert sum([double(2), -4]) == 0",
]
ANSWERS = {
    "an object": f"{LIAR}def double(x):\n    return Liar()",
    "of a class that the course has": f"{LIAR.replace('Liar', 'Vector')}def double(x):\n    return Vector(1)",
    "a class in place of the function": LIAR.replace("Liar", "double"),
    "under another name": f"{LIAR.replace('Liar', 'Vector')}def double(x):\n    return Vector(1)\ndouble.__name__ = 'unit'",
    "a class under another name": f"{LIAR.replace('Liar', 'double')}\ndouble.__name__ = double.__qualname__ = 'Vector'",
    "in a list": f"{LIAR}def double(x):\n    return [Liar()][0]",
    "the test's own helpers": "def double(x):\n    return 5\ndef close(a, b): pass\ndef assert_allclose(a, b): pass\n"
    "class np:\n    isclose = array_equal = staticmethod(lambda a, b: True)",
}


@pytest.fixture(scope="module")
def runner():
    with Runner() as runner:
        yield runner


def code(text, **marks):
    cell = nbformat.v4.new_code_cell(text)
    if marks:
        cell.metadata["nbgrader"] = marks
    return cell


def judged(runner, answer, *tests, solution=SOLUTION, given=GIVEN, **options):
    """The status, and for each test its message; None if it passed."""
    first = code(given, locked=True, grade_id="given")
    source = nbformat.v4.new_notebook(cells=[first, code(solution, solution=True)])
    cells = [code(given), code(answer), *(code(test, grade=True, solution=False) for test in tests)]
    result = runner.run(nbformat.v4.new_notebook(cells=cells), given=given_by(source), cell_seconds=20, **options)
    errors = [[one for one in outputs if one["output_type"] == "error"] for outputs in result.outputs[2:]]
    return result.status, [found[0]["evalue"] if found else None for found in errors]


def test_the_tests_pass_for_the_right_answer(runner):
    fitting = [test for test in TESTS if not any(word in test for word in ("4 in d", "startswith", "equals(4)"))]
    assert judged(runner, SOLUTION, *fitting) == ("graded", [None] * len(fitting))


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_no_object_is_taken_for_a_number(runner, answer):
    status, messages = judged(runner, answer, *TESTS)
    assert status == "graded" and None not in messages


def test_an_object_that_the_course_expects_is_not_equal_to_a_plain_value(runner):
    answer = LIAR.replace("Liar", "Vector") + "def unit():\n    return Vector(1)\ndouble = None"
    tests = [
        "assert unit() == 1",
        "assert unit() in [1]",
        "assert unit() < 2",
        "assert 1 in unit()",
        "assert unit().startswith('')",
    ]
    status, messages = judged(runner, answer, *tests)
    assert status == "graded" and None not in messages


def test_a_notebook_does_not_replace_what_an_earlier_test_has_defined(runner):
    answer = "def double(x):\n    return 5"
    tests = ["expected = 4", "assert double(2) == expected"]
    source = nbformat.v4.new_notebook(cells=[code(SOLUTION, solution=True)])
    cells = [code(answer), code(tests[0], grade=True), code("expected = 5"), code(tests[1], grade=True)]
    assert runner.run(nbformat.v4.new_notebook(cells=cells), given=given_by(source)).outputs[-1]
    # Where the course's own notebook gives the name another value, a student's does, too.
    source.cells.append(code("expected = 6", solution=True))
    assert not runner.run(nbformat.v4.new_notebook(cells=cells), given=given_by(source)).outputs[-1]


def test_what_a_function_prints_is_shown_only_where_the_test_captures_it(runner):
    answer = "def double(x):\n    print('the argument is', x)\n    return 2 * x"
    notebook = nbformat.v4.new_notebook(cells=[code(answer), code("assert double(77) == 154", grade=True)])
    assert "77" not in str(runner.run(notebook).outputs)
    test = "import io\nfrom contextlib import redirect_stdout\nwith redirect_stdout(io.StringIO()) as out:\n    double(77)\n"
    assert judged(runner, answer, f"{test}assert out.getvalue() == 'the argument is 77\\n'") == ("graded", [None])


FILES = {
    "a module of the test's": "open('{0}.py', 'w').write('from math import *\\ndef close(a, b): pass')",
    "a hidden module": "import os\nos.makedirs('.course-modules', exist_ok=True)\n"
    "open('.course-modules/{0}.py', 'w').write('def close(a, b): pass')",
    "a link to it": "import os\nos.symlink('.course-modules', 'modules')\nos.makedirs('.course-modules', exist_ok=True)\n"
    "open('modules/{0}.py', 'w').write('def close(a, b): pass')",
}


@pytest.mark.parametrize("write", FILES.values(), ids=FILES)
def test_a_module_that_a_notebook_writes_is_not_the_tests(runner, write):
    """A test that looks at files has those of the notebook in its folder, from which it imports nothing."""
    helper = b"def close(a, b):\n    assert a == b"
    for module in ("helper", "unittest"):
        test = f"import os\nfrom {module} import close\nos.listdir()\nclose(double(2), 4)"
        own = {"helper.py": helper, "data.txt": b"1"}
        answer = f"{write.format(module)}\ndef double(x):\n    return 5"
        _, messages = judged(runner, answer, test, own_files=own, files=own)
        assert messages != [None]
    assert judged(runner, SOLUTION, test.replace("unittest", "helper"), own_files=own, files=own)[1] == [None]


def test_a_file_of_the_notebooks_is_not_unpickled(runner):
    answer = (
        "class Evil:\n    def __reduce__(self):\n        import os\n        return os.getpid, ()\n"
        "import pickle\npickle.dump({'a': Evil()}, open('out.pkl', 'wb'))\ndouble = None"
    )
    test = "import pickle\nwith open('out.pkl', 'rb') as file:\n    assert pickle.load(file)"
    status, (message,) = judged(runner, answer, test)
    assert status == "graded" and "unpickle" in message


HOSTILE_WORKER = (
    "import gc\nfrom autograder.execution.worker import Worker\nfrom autograder.execution.effects import surroundings\n"
    "worker = next(one for one in gc.get_objects() if type(one) is Worker)\n"
    "def found(self):\n    return {0}\nsurroundings.Watching.found = found\ndef double(x):\n    return 2 * x"
)
AROUND = {
    "a file outside": "{'files': {'../../escaped.txt': b'x'}}",
    "a file by its full path": "{'files': {'/tmp/escaped.txt': b'x'}}",
    "a hidden file": "{'files': {'.course-modules/x.py': b'x'}}",
    "many files": "{'files': {str(n): b'' for n in range(1000)}}",
    "a state of random numbers that is out of range": "{'random': [(3, (2**32 - 1,) * 624 + (10**6,), None), {}]}",
    "no state": "{'random': 7}",
    "what was not asked for": "{'figures': []}",
    "prints that are no text": "{'print': [(1, 2)]}",
    "a class that is no warning": "{'warnings': [('x', int, 3)]}",
}


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_what_comes_with_an_answer_is_checked(runner, around):
    answer = HOSTILE_WORKER.replace("{0}", around)
    tests = [
        f"import os, random, warnings\nrandom.seed(1)\n{watched}\nassert double(2) == 4"
        for watched in ("os.getcwd()", "'capsys'")
    ]
    status, messages = judged(runner, answer, *tests)
    assert status == "killed" and None not in messages


def test_two_objects_of_a_class_are_compared_by_it_and_errors_are_its_own(runner):
    test = (
        "assert Vector(1) == Vector(1) and Vector(1) != Vector(2) and (Vector(3) - Vector(1)).x == 2\n"
        "assert isinstance(unit(), Vector) and not isinstance(unit(), int) and type(unit()) is Vector"
    )
    assert judged(runner, SOLUTION, test) == ("graded", [None])


ENDLESS = {
    "a metaclass": "class Meta(type):\n    def __getattribute__(cls, name):\n        raise SystemExit\n    def __hash__(cls):\n        raise SystemExit\n"
    "class Vector(metaclass=Meta): pass\ndef unit():\n    return Vector()\ndouble = None",
    "a class of many classes": "kinds = [type(f'K{n}', (), {}) for n in range(5000)]\ndef unit():\n    return [kind() for kind in kinds]\ndouble = None\nclass Vector: pass",
    "a tower of classes": "Vector = object\nfor n in range(500):\n    Vector = type('Vector', (Vector,), {})\ndef unit():\n    return Vector()\ndouble = None",
    "objects that make objects": "class Vector:\n    @property\n    def x(self):\n        return Vector()\n    def __iter__(self):\n        while True:\n            yield Vector()\ndef unit():\n    return Vector()\ndouble = None",
    "a hash that never ends": "class Vector:\n    def __hash__(self):\n        while True: pass\ndef unit():\n    return {Vector()}\ndouble = None",
}


@pytest.mark.parametrize("answer", ENDLESS.values(), ids=ENDLESS)
def test_a_class_that_never_ends_costs_its_own_test(runner, answer):
    tests = [
        "found = unit()\nwhile True:\n    found = found.x",
        "for one in unit():\n    assert one.x.x is not one",
        "assert double is None",
    ]
    source = nbformat.v4.new_notebook(cells=[code(SOLUTION, solution=True)])
    cells = [code(answer), *(code(test, grade=True, solution=False) for test in tests)]
    result = runner.run(nbformat.v4.new_notebook(cells=cells), given=given_by(source), cell_seconds=2, total_seconds=20)
    assert result.outputs[1] and result.outputs[2] and result.status in ("graded", "timeout", "killed", "out_of_memory")
