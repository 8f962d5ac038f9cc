"""What a judge gets from a worker: values, changed arguments, errors, models; and the help it adds to a failed test."""

import json
import os
import subprocess
import sys

import nbformat
import pytest

from autograder.course import Course, read_lesson, solved
from autograder.course.variants import blank
from autograder.execution import Runner
from autograder.execution.runner import needs_keras, steps
from autograder.notebooks import with_tests
from autograder.notebooks.outcome import Failure

pytestmark = pytest.mark.usefixtures("sandbox")

COURSE = Course()


@pytest.fixture(scope="module")
def runner():
    with Runner() as runner:
        runner.check()
        yield runner


def code(source, *, test=False):
    cell = nbformat.v4.new_code_cell(source)
    if test:
        cell.metadata["nbgrader"] = {"grade": True, "solution": False}
    return cell


def run(runner, *cells, **options):
    """The status, and the outputs of the last cell."""
    result = runner.run(nbformat.v4.new_notebook(cells=list(cells)), cell_seconds=20, **options)
    return result.status, result.outputs[-1]


def verdict(runner, answer, test, **options):
    """None if the test passes, else its message."""
    notebook = nbformat.v4.new_notebook(cells=[code(answer), code(test, test=True)])
    result = runner.run(notebook, **options)
    assert result.status == "graded" and set(result.help) <= {1}
    errors = [output for output in result.outputs[1] if output["output_type"] == "error"]
    return Failure("", errors[0]["evalue"], result.help.get(1, "")).text if errors else None


def test_changed_arguments_come_back(runner):
    answer = "def f(a, b):\n    a[0] = 9\n    b.append(1)\n    return a.sum()"
    test = "import numpy as np\na, b = np.zeros(2), []\nassert f(a, b) == 9 and a[0] == 9 and b == [1]"
    assert verdict(runner, answer, test) is None


def test_a_generator_moves_on_in_the_judge_when_the_student_draws(runner):
    answer = "def draw(rng):\n    return rng.random(3)"
    test = (
        "import numpy as np\nrng, other = np.random.default_rng(5), np.random.default_rng(5)\n"
        "for _ in range(2):\n    assert np.array_equal(draw(rng), other.random(3))"
    )
    assert verdict(runner, answer, test) is None


def test_an_error_of_the_student_is_an_error_in_the_test(runner):
    answer = "class Mine(ValueError):\n    pass\ndef f(x):\n    raise Mine('no')"
    test = "try:\n    f(1)\nexcept ValueError as error:\n    assert str(error) == 'no'\nelse:\n    assert False"
    assert verdict(runner, answer, test) is None


def test_what_the_grader_says_of_a_function_is_not_put_into_its_mouth(runner):
    endless = nbformat.v4.new_notebook(
        cells=[
            code("def f(x):\n    while True:\n        pass"),
            code("from convlab.checks import check\ncheck(f, 1, gives=1)", test=True),
        ]
    )
    (said,) = runner.run(endless, cell_seconds=1).outputs[-1]
    assert "  f was stopped after 1 s: it did not finish in time.\n" in said["evalue"]
    assert "raised" not in said["evalue"]
    for answer in ("return ValueError", "return ValueError('no')", "return open"):
        said = verdict(runner, f"def f(x):\n    {answer}", "from convlab.checks import check_error\ncheck_error(f, 1)")
        print(said)
        assert "raised" not in said


def test_functions_that_a_function_returns_can_be_called(runner):
    assert verdict(runner, "def add(n):\n    return lambda x: x + n", "assert add(2)(3) == 5") is None


GRADIENT = """
import numpy as np
def numeric_gradient(f, x, step=1e-4):
    gradient = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[place] += step
        down[place] -= step
        gradient[place] = (f(up) - f(down)) / (2 * step)
    return gradient
"""


def test_functions_of_a_test_can_be_handed_to_the_student(runner):
    test = (
        "import numpy as np\nfrom convlab.checks import check\n"
        "check(numeric_gradient, lambda x: (x ** 3).sum(), np.array([1.0, 2.0]), gives=np.array([3.0, 12.0]))\n"
        "check(numeric_gradient, lambda x: x.sum(), x=np.ones((2, 2)), step=0.5, gives=np.ones((2, 2)))"
    )
    assert verdict(runner, GRADIENT, test) is None
    message = verdict(runner, GRADIENT.replace("2 * step", "step"), test)
    assert "6.0, 24.0]" in message


@pytest.mark.parametrize(
    ("answer", "test"),
    [
        ("def f(g):\n    return g", "same = lambda x: x\nassert f(same) is same"),
        ("def f(g):\n    return [g, {'g': g}]", "same = lambda x: x\nassert f(same) == [same, {'g': same}]"),
        (
            "def f(gs):\n    gs.append(1)\n    return gs[0](2)",
            "gs = [lambda x: x + 1]\nassert f(gs) == 3 and gs[0](5) == 6 and gs[1] == 1",
        ),
        ("def f(g):\n    return lambda x: 2 * x", "assert f(lambda x: x)(4) == 8"),
        ("def f(g, x):\n    return g(lambda y: y + x)", "assert f(lambda h: h(10), 5) == 15"),
        ("def f(g):\n    return g()(3)", "assert f(lambda: lambda x: x * x) == 9"),
        (
            "def f(g):\n    try:\n        g()\n    except KeyError as error:\n        return error.args[0]",
            "def g():\n    raise KeyError('k')\nassert f(g) == 'k'",
        ),
        (
            "def f(xs):\n    return list(xs) + list(xs)",
            "assert f(iter([1, 2])) == [1, 2]\nassert f(x * x for x in (3, 4)) == [9, 16]",
        ),
        (
            "def f(g):\n    try:\n        g(open)\n        g(object())\n    except TypeError as error:\n        return str(error)",
            "assert 'object' in f(lambda x: 1)",
        ),
        (
            "def f(g):\n    try:\n        g()\n    except TypeError as error:\n        return str(error)",
            "assert 'object' in f(lambda: object())",
        ),
        ("def f(g):\n    return 1\ndef h(x):\n    return x + 1", "assert f(h) == 1"),
        (
            "def f(g, x):\n    return g(x)\ndef h(x):\n    return x + 1",
            "from convlab.checks import check\ncheck(f, h, 1, gives=2)",
        ),
        ("import copy\ndef f(g):\n    return copy.deepcopy([g])[0](1)", "assert f(lambda x: x + 1) == 2"),
        ("def f(g, n):\n    return g(n)", "def g(n):\n    return n if n == 0 else f(g, n - 1)\nassert f(g, 5) == 0"),
    ],
)
def test_what_a_student_may_do_with_a_function_of_the_test(runner, answer, test):
    assert verdict(runner, answer, test) is None


def test_a_function_of_the_test_can_be_kept_and_called_while_a_test_runs(runner):
    answer = (
        "import threading\nkept = []\ndef f(g):\n    kept.append(g)\ndef later():\n    return kept[0](1)\n"
        "def aside(g):\n    said = []\n    def call():\n        try:\n            g()\n        except RuntimeError as error:\n            said.append(str(error))\n"
        "    thread = threading.Thread(target=call)\n    thread.start()\n    thread.join()\n    return said[0]"
    )
    first = "f(lambda x: x + 1)\nassert 'another thread' in aside(lambda: 1) and later() == 2"
    assert verdict(runner, answer, first) is None
    cells = [code(answer), code(first, test=True), code("later()")]
    assert "belongs to a test, which is not running" in run(runner, *cells)[1][0]["evalue"]
    assert run(runner, *cells[:2], code("assert later() == 2", test=True)) == ("graded", [])


def test_time_limits_hold_in_functions_of_the_test(runner):
    endless = "def f(g):\n    while True:\n        g()"
    deep = "def f(g):\n    return g(lambda: f(g))"
    for answer, test, said in [
        (endless, "f(lambda: 1)", "f was stopped after 1 s"),
        (
            "def f(g):\n    return g()",
            "import itertools\ndef g():\n    for _ in itertools.count():\n        pass\nf(g)",
            "f was stopped after 1 s",
        ),
        (deep, "f(lambda h: h())", "called too often"),
    ]:
        cells = [
            code(answer + "\ndef good():\n    return 1"),
            code(test, test=True),
            code("assert good() == 1", test=True),
        ]
        result = runner.run(nbformat.v4.new_notebook(cells=cells), cell_seconds=1)
        assert said in result.outputs[1][0]["evalue"] and result.outputs[2] == [], answer


def test_partial_credit_is_the_last_value_of_the_test(runner):
    status, outputs = run(runner, code("x = 1"), code("0.5 if x == 1 else 0", test=True))
    assert status == "graded" and outputs[-1]["data"]["text/plain"] == "0.5"


def test_a_model_crosses_and_trains_in_the_worker(runner):
    answer = (
        "import keras\nimport numpy as np\ndef build():\n"
        "    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])\n"
        "    model.compile('sgd', 'mse')\n    model.fit(np.ones((8, 3)), np.ones((8, 2)), verbose=0)\n    return model"
    )
    test = "import numpy as np\nmodel = build()\nassert model.output_shape == (None, 2)\nassert np.asarray(model(np.ones((4, 3)))).shape == (4, 2)"
    assert verdict(runner, answer, test) is None


def test_keras_may_come_in_unannounced(runner):
    answer = "k = __import__('ke' + 'ras')\ndef build():\n    return k.Sequential([k.Input((3,)), k.layers.Dense(2)])"
    assert not needs_keras(steps(nbformat.v4.new_notebook(cells=[code(answer)])), {})
    assert verdict(runner, answer, "assert build().output_shape == (None, 2)") is None


@pytest.mark.parametrize(
    ("source", "files", "needed"),
    [
        ("import numpy as np\nimport keras", {}, True),
        ("from tensorflow.nn import relu", {}, True),
        ("keras_image = 1", {}, False),
        ("import helper", {"helper.py": b"import \xff\nfrom keras import layers"}, True),
        ("import helper", {"helper.py": b"import numpy"}, False),
    ],
)
def test_keras_is_imported_beforehand_where_it_is_named(source, files, needed):
    assert needs_keras(steps(nbformat.v4.new_notebook(cells=[code(source)])), {}, files) is needed


@pytest.mark.parametrize("lesson", ["01_dense_vs_conv", "02_padding", "03_stride", "05_pooling"])
def test_lessons_about_numpy_come_out_the_same_with_keras_in_the_process(runner, lesson):
    source = read_lesson(COURSE.source(lesson))
    assert not needs_keras(steps(source), {})
    for cells in (solved(source).cells, blank(source).cells):
        tested = with_tests(nbformat.v4.new_notebook(cells=cells), source)
        tests = [place for place, step in enumerate(steps(tested)) if step.test]
        alone = runner.run(tested)
        tested.cells.append(code("# keras"))
        beside = runner.run(tested)
        assert tests and (alone.status, [alone.outputs[place] for place in tests]) == (
            beside.status,
            [beside.outputs[place] for place in tests],
        )


def test_a_model_may_be_handed_to_the_student(runner):
    answer = "import numpy as np\ndef answer(model, x):\n    return np.asarray(model(x))"
    test = (
        "import keras\nimport numpy as np\nmodel = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])\n"
        "x = np.ones((1, 3), 'float32')\nassert np.allclose(answer(model, x), model(x))"
    )
    assert verdict(runner, answer, test) is None


def test_a_test_sees_the_name_as_it_is_when_its_turn_comes(runner):
    cells = [
        code("def f():\n    return 1"),
        code("assert f() == 1", test=True),
        code("def f():\n    return 2"),
        code("assert f() == 2", test=True),
    ]
    result = runner.run(nbformat.v4.new_notebook(cells=cells))
    assert [len(outputs) for outputs in result.outputs] == [0, 0, 0, 0]


USES = "from convlab.checks import check\ncheck(conv2d, 1, gives=1)"
BELOW = "def conv2d_strided(x):\n    return x"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            "import numpy as np\ndef conv2d(x):\n    for i in range(3)\n        x = x + i\n    return x",
            "conv2d is not there, because its cell did not run: SyntaxError: expected ':' (line 3: `for i in range(3)`)",
        ),
        (
            "%time\nimport nonexistent\ndef conv2d(x):\n    return x",
            "conv2d is not there, because its cell stopped with ModuleNotFoundError: No module named 'nonexistent' "
            "(line 2: `import nonexistent`)",
        ),
        (
            "def conv2d(x, size=conv2_size):\n    return x",
            "conv2d is not there, because its cell stopped with NameError: name 'conv2_size' is not defined "
            "(line 1: `def conv2d(x, size=conv2_size):`)",
        ),
        (
            "while True:\n    pass\ndef conv2d(x):\n    return x",
            "conv2d is not there, because its cell did not finish in time. This cell was stopped after 1 s.",
        ),
        (
            "def conv2D(x):\n    return x",
            "conv2d is not there: its cell defines conv2D, and the tests look for conv2d, spelled exactly like this.",
        ),
        (
            "if False:\n    def conv2d(x):\n        return x",
            "conv2d is not there, although its cell ran: define it outside of every other function, class and if.",
        ),
        ("# not yet", "conv2d is not there: its cell does not define it."),
    ],
    ids=["syntax", "import", "definition", "endless", "other name", "nested", "empty"],
)
@pytest.mark.parametrize("test", [USES, USES.replace("conv2d", "lambda x: conv2d(x)"), "assert conv2d(1) == 1"])
def test_of_a_name_that_is_not_there_the_first_words_are_why(runner, answer, said, test):
    own = code(answer)
    own.metadata["nbgrader"] = {"grade": False, "solution": True}
    cells = [code(BELOW), own, code(test, test=True), code("assert conv2d_strided(1) == 1", test=True)]
    *_, tested, last = runner.run(nbformat.v4.new_notebook(cells=cells), cell_seconds=1).outputs
    (error,) = tested
    assert (error["ename"], error["evalue"]) == ("CheckError", said) and last == []


def test_a_name_that_no_answer_is_known_for_is_looked_for_in_all_cells(runner):
    def said(*cells):
        return run(runner, *cells)[1][0]["evalue"]

    test = code(USES, test=True)
    assert said(test) == "conv2d is not there: no cell defines it."
    assert said(code("1/0\n(conv2d, other), _ = f, 1"), code(BELOW), test).startswith(
        "conv2d is not there, because its cell stopped with ZeroDivisionError: division by zero (line 1: `1/0`)"
    )
    assert "a cell defines Conv2d, and" in said(code("def Conv2d(x):\n    return x"), code(BELOW), test)
    later = runner.run(nbformat.v4.new_notebook(cells=[test, code("def conv2d(x):\n    return x")])).outputs[0]
    assert later[0]["evalue"].startswith("conv2d is not there yet: the cell that defines it stands further down")


def test_an_error_of_the_tests_own_stays_what_it_is(runner):
    (error,) = run(runner, code("def conv2d(x):\n    return y"), code("assert conv2d(1) == 1", test=True))[1]
    assert (error["ename"], error["evalue"]) == ("NameError", "name 'y' is not defined")
    (error,) = run(runner, code("x = 1"), code("assert x == 1\ndel x\nx", test=True))[1]
    assert (error["ename"], error["evalue"]) == ("NameError", "name 'x' is not defined")


KNOWN = {
    "double": [
        {"name": "squares", "help": "That is the square.", "code": "def double(x):\n    return x * x"},
        {"name": "adds_two", "help": "That adds two.", "code": "def double(x):\n    return x + 2"},
        {"name": "squares_too", "help": "Another square.", "code": "def double(x):\n    return x ** 2"},
    ]
}
TEST = "from convlab.checks import check\ncheck(double, 2, gives=4)\ncheck(double, 3, gives=6)"


def test_a_known_misconception_is_named_and_the_message_stays(runner):
    message = verdict(runner, "double = lambda x: x + 2", TEST, known=KNOWN)
    assert "expected = 6" in message and message.endswith("Perhaps this is it: That adds two.")


@pytest.mark.parametrize(
    "answer",
    ["double = lambda x: x * x", "double = lambda x: 7", "def double(x):\n    raise NotImplementedError"],
    ids=["two kinds match", "unknown", "stub"],
)
def test_no_misconception_is_named_when_in_doubt(runner, answer):
    message = verdict(runner, answer, TEST, known=KNOWN)
    assert message and "Perhaps" not in message


def test_a_judge_names_a_mistake_once_and_only_by_its_own_look(runner):
    """In a student's own notebook, the checks would recognize this misconception, too, and name it a second time."""
    answer = "def dense_parameter_count(input_shape, units):\n    return 12"
    test = "from convlab.checks import check\ncheck(dense_parameter_count, (2, 2), 3, gives=15)"
    known = {"dense_parameter_count": [{"name": "twelve", "help": "That is twelve.", "code": answer}]}
    assert "Perhaps" not in verdict(runner, answer, test)
    assert verdict(runner, answer, test, known=known).split("Perhaps this is it: ")[1:] == ["That is twelve."]


def test_looking_for_a_misconception_costs_no_points(runner):
    """The answer works while it is judged, but ends its process when it is called again to find the misconception."""
    answer = "import os\ncalls = []\ndef double(x):\n    calls.append(x)\n    return 0 if len(calls) < 2 else os._exit(1)\ndef good():\n    return 1"
    cells = [code(answer), code(TEST, test=True), code("assert good() == 1", test=True)]
    result = runner.run(nbformat.v4.new_notebook(cells=cells), known=KNOWN)
    assert result.status == "graded" and result.outputs[-1] == []


def test_a_display_that_is_updated_shows_its_last_state(runner):
    _, outputs = run(runner, code("h = display('one', display_id=True)\nprint('between')\nh.update('two')"))
    assert [output.get("text") or output["data"]["text/plain"] for output in outputs] == ["'two'", "between\n"]


def test_python_may_be_called_by_way_of_a_folder_that_is_not_inside_the_walls(tmp_path):
    roundabout = os.path.relpath(sys.executable, tmp_path)
    code = "from autograder.execution.runner import WORKER; from autograder.sandbox.forkserver import ForkServer; ForkServer(WORKER).start().close()"
    started = subprocess.run([roundabout, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert started.returncode == 0, started.stderr


@pytest.mark.parametrize(
    "raises",
    [
        "raise ExceptionGroup('g', [ValueError()])",
        "try:\n    raise ExceptionGroup('g', [ValueError()])\nfinally:\n    assert False",
        "print('x' * 3_000_000)\nassert False",
        "for n in range(500):\n    display(n)\nassert False",
        "from IPython.display import display\nimport sys\nprint('x' * 3_000_000, file=sys.stderr)\nraise SystemExit(0)",
    ],
)
def test_a_cell_that_raises_has_an_error_among_its_outputs_whatever_is_shown(raises):
    """IPython shows exception groups as text, and after 2 MB of output nothing more is added: a failing test passed."""
    source = f"import json\nfrom autograder.execution.shell import new_shell\nprint(json.dumps(new_shell().run_to_outputs({raises!r})))"
    ran = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    outputs = json.loads(ran.stdout.splitlines()[-1])
    assert [one["output_type"] for one in outputs].count("error") == 1
