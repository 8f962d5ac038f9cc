"""One mistake costs once: a test does not punish for another function of the student's whose own test has failed."""

import json

import nbformat
import pytest

from autograder.course import Course, read_lesson, solved
from autograder.course.answers import course_solutions
from autograder.course.variants import answer, blank, cell_of
from autograder.execution import Runner
from autograder.notebooks import with_tests
from autograder.notebooks.outcome import keep_judged_with, note_of

pytestmark = pytest.mark.usefixtures("sandbox")

COURSE = Course()

TEXT = {
    "size": """
def size(n, kernel):
    if kernel > n:
        raise ValueError("the secret of size")
    return n - kernel + 1
""",
    "blur": """
def blur(row, width):
    return [sum(row[i : i + width]) / width for i in range(size(len(row), width))]
""",
    "twice": """
def twice(row, width):
    return blur(blur(row, width), width)
""",
}
TESTS = {
    "size": "check(size, 5, 2, gives=4)\ncheck(size, 7, 7, gives=1)\ncheck_error(size, 1, 2)",
    "blur": "check(blur, [1, 3, 5], 2, gives=[2.0, 4.0])\ncheck(blur, [4, 8, 0, 4], 4, gives=[4.0])\ncheck_error(blur, [1], 2)",
    "twice": "check(twice, [1, 3, 5], 2, gives=[3.0])\ncheck(twice, [4, 8, 0, 4], 2, gives=[5.0, 3.0])",
}
WRONG = "def size(n, kernel):\n    return n - kernel"
STUB = "def size(n, kernel):\n    raise NotImplementedError"
IMPORTS = "from convlab.checks import check, check_error\n"


def cell(source, **marks):
    made = nbformat.v4.new_code_cell(source)
    if marks:
        made.metadata["nbgrader"] = marks
    return made


def notebook(before="", after="", **answers):
    cells = [cell(before)]
    for name in TEXT:
        cells.append(cell(answers.get(name, TEXT[name]), grade=False, solution=True, grade_id=name))
        cells.append(
            cell(IMPORTS + TESTS[name], grade=True, solution=False, locked=True, grade_id=f"test_{name}", points=1)
        )
    return nbformat.v4.new_notebook(cells=[*cells, cell(after)])


SOLUTIONS = course_solutions(nbformat.writes(notebook()).encode())


@pytest.fixture(scope="module")
def runner():
    with Runner() as runner:
        runner.check()
        yield runner


def judged(runner, made, **options):
    """For each test None or its message, and for each test that was judged again the names that stood in."""
    options = {"solutions": SOLUTIONS, "cell_seconds": 5} | options
    status = options.pop("status", "graded")
    result = runner.run(made, **options)
    cells = [one for one in made.cells if one.cell_type == "code"]
    verdicts, again = {}, {}
    for place, (one, outputs) in enumerate(zip(cells, result.outputs, strict=True)):
        name = one.metadata.get("nbgrader", {}).get("grade_id", "")
        if name.startswith("test_"):
            errors = [output["evalue"] for output in outputs if output["output_type"] == "error"]
            verdicts[name[5:]] = (errors[0] or "failed") if errors else None
            if place in result.judged_with:
                again[name[5:]] = result.judged_with[place]
    assert result.status == status
    return verdicts, again


def test_a_wrong_function_does_not_cost_what_calls_it(runner):
    for size in (WRONG, STUB, "def size(n, kernel)\n    return 1"):
        verdicts, again = judged(runner, notebook(size=size))
        assert verdicts["size"] and not verdicts["blur"] and not verdicts["twice"], size
        assert again == {"blur": ("size",), "twice": ("size",)}


def test_the_caller_is_judged_by_its_own_mistake(runner):
    broken = "def blur(row, width):\n    return [sum(row[i : i + width]) for i in range(size(len(row), width))]"
    verdicts, again = judged(runner, notebook(size=WRONG, blur=broken))
    assert "got      = [4, 8]" in verdicts["blur"] and again["blur"] == ("size",)
    # Both have failed by then, and both stand in where they are called: blur's own hides size.
    assert not verdicts["twice"] and again["twice"] == ("blur",)


def test_known_mistakes_are_recognized_behind_a_stand_in(runner):
    broken = "def blur(row, width):\n    return [sum(row[i : i + width]) for i in range(size(len(row), width))]"
    known = {"blur": [{"name": "sums", "help": "That is the sum.", "code": f"{TEXT['size']}\n{broken}"}]}
    made = notebook(size=WRONG, blur=broken)
    assert runner.run(made, known=known, solutions=SOLUTIONS).help == {4: "That is the sum."}
    assert runner.run(made, known=known).help == {}


def test_nothing_changes_where_nothing_is_called_or_known(runner):
    made = notebook(size=WRONG, blur="def blur(row, width):\n    return []")
    assert judged(runner, made)[1] == {"twice": ("size",)} or not judged(runner, made)[1].get("blur")
    whole = notebook(size=WRONG)
    assert judged(runner, whole, solutions=None)[0]["blur"] and not judged(runner, whole, solutions={})[1]
    right = json.dumps(runner.run(notebook(), solutions=SOLUTIONS).outputs)
    assert right == json.dumps(runner.run(notebook()).outputs) and "error" not in right


def test_two_runs_agree_to_the_byte(runner):
    made = notebook(size=WRONG, twice="def twice(row, width):\n    return blur(row, width)")
    one, other = (runner.run(made, solutions=SOLUTIONS) for _ in range(2))
    assert one.judged_with and (json.dumps(one.outputs), one.judged_with) == (
        json.dumps(other.outputs),
        other.judged_with,
    )


def test_the_names_are_the_students_again_afterwards(runner):
    """What is judged again comes after all cells, so no cell, and no first verdict, sees a stand-in."""
    after = "print(size(5, 2), size.__code__.co_name)"
    made = notebook(size=WRONG, after=after)
    assert runner.run(made, solutions=SOLUTIONS).outputs[-1][0]["text"] == "3 size\n"
    remembering = "seen = []\ndef blur(row, width):\n    seen.append(size(9, 1))\n    return seen"
    verdicts, again = judged(
        runner, notebook(size=WRONG, blur=remembering, twice="def twice(row, width):\n    return seen")
    )
    # In the first run 8, with the stand-in 9.
    assert "8, 8" not in verdicts["blur"] and "9" in verdicts["blur"] and again == {"blur": ("size",)}


def test_an_endless_function_costs_once(runner):
    verdicts, again = judged(
        runner, notebook(size="def size(n, kernel):\n    while True:\n        pass"), cell_seconds=1, status="timeout"
    )
    assert verdicts["size"] and not verdicts["blur"] and not verdicts["twice"] and len(again) == 2


@pytest.mark.parametrize(
    "blur",
    [
        "def blur(row, width):\n    try:\n        return [sum(row[i : i + width]) / width for i in range(size(len(row), width))]\n"
        "    except ValueError as error:\n        raise ValueError(f'not {error}')",
        "def blur(row, width):\n    return [sum(row[i : i + width]) / width for i in range(size(n=len(row), kernel=width))]",
        "def sizes(*args):\n    return size(*args)\ndef blur(row, width):\n    return [sum(row[i : i + width]) / width for i in range(sizes(len(row), width))]",
        "blur = lambda row, width: [sum(row[i : i + width]) / width for i in range(globals()['si' + 'ze'](len(row), width))]",
        "import numpy as np\ndef blur(row, width):\n    return np.array([sum(row[i : i + width]) / width for i in range(size(np.int64(len(row)), width))])",
    ],
)
def test_it_does_not_matter_how_the_name_is_called(runner, blur):
    verdicts, again = judged(runner, notebook(size=WRONG, blur=blur))
    assert not verdicts["blur"] and again["blur"] == ("size",)


def test_another_name_for_a_wrong_function_is_as_wrong(runner):
    made = [
        cell("def one(x):\n    return 0", grade=False, solution=True, grade_id="one"),
        cell("assert one(2) == 2", grade=True, solution=False, locked=True, grade_id="test_one", points=1),
        cell("other = one", grade=False, solution=True, grade_id="other"),
        cell("assert other(2) == 2", grade=True, solution=False, locked=True, grade_id="test_other", points=1),
    ]
    source = [cell(one.source, **one.metadata["nbgrader"]) for one in made]
    source[0].source, source[2].source = "def one(x):\n    return x", "def other(x):\n    return one(x)"
    known = course_solutions(nbformat.writes(nbformat.v4.new_notebook(cells=source)).encode())
    verdicts, again = judged(runner, nbformat.v4.new_notebook(cells=made), solutions=known)
    assert verdicts["other"] and not again
    made[2].source = "def other(x):\n    return one(x)"
    verdicts, again = judged(runner, nbformat.v4.new_notebook(cells=made), solutions=known)
    assert verdicts["one"] and not verdicts["other"] and again == {"other": ("one",)}


def test_lesson_3_costs_a_wrong_output_size_once(runner):
    source = read_lesson(COURSE.source("03_stride"))
    solutions = course_solutions(nbformat.writes(source).encode())
    made = solved(source)
    answer(made, "output_size", "def output_size(n, kernel, stride, padding):\n    return n")
    verdicts, again = judged(runner, with_tests(made, source), solutions=solutions)
    assert [name for name, said in verdicts.items() if said] == ["output_size"]
    assert again == {"conv2d_strided": ("output_size",)}
    made = blank(source)
    answer(
        made,
        "conv2d_fast",
        "def conv2d_fast(image, kernel, strides):\n    return conv2d_strided(image, kernel, strides, 'valid')",
    )
    verdicts, again = judged(runner, with_tests(made, source), solutions=solutions)
    assert [name for name, said in verdicts.items() if not said] == ["conv2d_fast"]
    assert all("not written yet" in said for said in verdicts.values() if said)


def test_the_sentence_says_whose_function_it_was():
    one = cell("")
    assert note_of(one) == ""
    keep_judged_with(one, ("size",))
    assert (
        note_of(one) == "Judged with the course's own size, since yours fails its own test: that mistake counts once."
    )
    keep_judged_with(one, ("a", "b", "c"))
    assert note_of(one).startswith("Judged with the course's own a, b and c, since yours fail their own tests")


def test_a_solution_brings_all_that_it_needs_and_no_test():
    source = read_lesson(COURSE.source("03_stride"))
    found = course_solutions(nbformat.writes(source).encode())["conv2d_strided"]
    namespace = {}
    exec(found["code"], namespace)
    assert found["cell"] == "conv2d_strided" and "check" not in found["code"]
    assert {"np", "output_size", "same_padding_strided", "conv2d_strided"} <= namespace.keys()
    assert cell_of(source, "conv2d_fast").source not in found["code"]
