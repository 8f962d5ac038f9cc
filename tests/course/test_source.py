import gc
import sys
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest
from toy import TOY

from autograder.course import read_lesson
from autograder.errors import SourceError
from autograder.notebooks import free_names, global_names
from autograder.notebooks.names import parse


def lesson(tmp_path, text):
    path = tmp_path / "01_toy.py"
    path.write_text(text)
    return path


def test_marked_cells_become_nbgrader_cells(tmp_path):
    notebook = read_lesson(lesson(tmp_path, TOY))
    marks = {cell.id: cell.metadata.nbgrader for cell in notebook.cells if "nbgrader" in cell.metadata}
    assert list(marks) == ["twice", "test-twice", "half", "test-half", "explain-toy"]
    assert marks["twice"] == {
        "grade": False,
        "grade_id": "twice",
        "locked": False,
        "schema_version": 3,
        "solution": True,
        "task": False,
    }
    assert marks["test-twice"] == {
        "grade": True,
        "grade_id": "test_twice",
        "locked": True,
        "points": 2,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
    assert marks["explain-toy"]["grade"] and marks["explain-toy"]["solution"] and not marks["explain-toy"]["locked"]


def test_a_solution_may_not_build_on_what_a_cell_only_shows(tmp_path):
    text = TOY.replace("# %%\nimport numpy as np", "# %% setup=true\nimport numpy as np\n\n# %%\ntwo = 2\nprint(two)")
    text = text.replace("return x / 2", "return x / two")
    with pytest.raises(SourceError, match="cell 3: it defines 'two', which the solution 'half' uses"):
        read_lesson(lesson(tmp_path, text))
    read_lesson(lesson(tmp_path, text.replace("# %%\ntwo", "# %% setup=true\ntwo")))


def test_an_inserted_cell_leaves_all_other_ids_alone(tmp_path):
    before = [cell.id for cell in read_lesson(lesson(tmp_path, TOY)).cells]
    inserted = TOY.replace("# %%\nimport numpy", "# %% [markdown]\n# A new thought.\n\n# %%\nimport numpy")
    after = [cell.id for cell in read_lesson(lesson(tmp_path, inserted)).cells]
    assert len(after) == len(before) + 1 and [id for id in after if id in before] == before


def test_equal_cells_get_different_ids(tmp_path):
    notebook = read_lesson(lesson(tmp_path, TOY + "\n# %%\nprint(1)\n\n# %%\nprint(1)\n"))
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    nbformat.validate(notebook)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("# # Toy", "# Toy", "cell 1: the lesson has no title"),
        ('test="twice" points=2', 'test="twice"', "cell 5 (twice): points=None is not a whole number above 0"),
        ('test="twice" points=2', 'test="twice" points=0', "points=0 is not a whole number above 0"),
        ('test="twice" points=2', 'test="twice" point=2', "unknown mark 'point'"),
        ('test="twice" points=2', 'test="twice" points=2 setup=true', "setup=true marks a plain code cell"),
        ("# %%\nimport numpy as np", "# %% setup=1\nimport numpy as np", "setup=true marks a plain code cell"),
        ('test="twice" points=2', 'test="twicee" points=2', "there is no test cell for it"),
        ('solution="half"', 'solution="twice"', "'twice' already has a solution cell, cell 4"),
        ('solution="half"', 'solution="half" test="half"', "marked as solution and test"),
        ('solution="half"', 'solution="half it"', "'half it' is not an exercise id"),
        ('solution="half"', 'solution="half" points=1', "points belong on the test cell"),
        ("def half(x)", "def halve(x)", "the cell does not define 'half'"),
        ('    """Half of the number x."""\n', "", "'half' has no docstring"),
        ("    return x / 2", "    return x /", "line 4 is not Python"),
        ("    ### END SOLUTION\n\n\n# %% test=\"half\"", "\n\n# %% test=\"half\"", "do not match"),
        ("import numpy as np", "### BEGIN HIDDEN TESTS\nx = 1\n### END HIDDEN TESTS", "would reach the students"),
        ("import numpy as np", "x = 1  ### BEGIN SOLUTION", "is inside another line"),
        ("assert half(2) == 1,", "assert half(twice(1)) == 1,", "'twice' is neither imported nor defined in this test cell"),
        ("assert half(2) == 1,", "assert np.isclose(half(2), 1),", "'np' is neither imported nor defined"),
        ('# %% [markdown] written="explain_toy"', '# %% written="explain_toy"', "a written answer must be a markdown cell"),
        ("# Because of the model answer.\n", "", "needs its model answer and rubric"),
        ('assert half(2) == 1, "half(2) should be 1"\n', "", "there are no visible tests"),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_lesson_and_cell(tmp_path, old, new, fault):
    assert old in TOY
    with pytest.raises(SourceError) as error:
        read_lesson(lesson(tmp_path, TOY.replace(old, new, 1)))
    assert fault in str(error.value) and "01_toy, cell " in str(error.value)


def test_all_faults_are_named_at_once(tmp_path):
    with pytest.raises(SourceError) as error:
        read_lesson(lesson(tmp_path, TOY.replace("points=2", "points=-1").replace("def half", "def halve")))
    assert "points=-1" in str(error.value) and "does not define 'half'" in str(error.value)


def test_free_names_sees_through_functions_comprehensions_and_imports():
    code = "import a.b\nfrom c import d as e\nfor i in x: pass\ndef f(p, q=y):\n    return p + z + a\n[k for k in w]\nlen(f, e, i)"
    assert free_names(code) == {"x", "y", "z", "w"}


@pytest.mark.slow
def test_threads_may_parse_at_the_same_time():
    """With `ast.parse` itself, some of these calls raise SystemError on CPython 3.11.7: switches amid a garbage collection."""

    class Garbage:
        def __init__(self):
            self.itself = self

        def __del__(self):
            for _ in range(100):
                pass

    def many(_):
        return [parse("x = " + "+".join(f"f({i})" for i in range(300))) for _ in range(60) if Garbage()]

    threshold, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.set_threshold(5)
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            assert [len(trees) for trees in pool.map(many, range(4))] == [60] * 4
    finally:
        gc.set_threshold(*threshold)
        sys.setswitchinterval(interval)


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ("shirt = shirt", True),
        ("shirt = 1\n    other = shirt", False),
        ("shirt: int\n    other = shirt", True),
        ("if 0:\n        shirt = 1\n    other = shirt", True),
        ("def shirt(self): pass\n    other = shirt", False),
        ("other = shirt\n    import shirt", True),
        ("shirt = [shirt for _ in range(2)]", True),
        ("def f(self, shirt=shirt): pass\n    shirt = 1", True),
    ],
)
def test_a_class_body_may_read_a_name_that_it_makes_afterwards(body, read):
    """Fails at 981fac2: `shirt = shirt` is thought to need nothing, and the cell that makes it is left out."""
    assert ("shirt" in global_names(f"@decorated\nclass A(object):\n    {body}").used) == read


@pytest.mark.parametrize(
    "comprehension", ["[x for x in z]", "{x for x in z}", "{x: x for x in z}", "list(x for x in z)"]
)
def test_a_comprehensions_own_names_are_neither_used_nor_made_by_the_cell(comprehension):
    """Since Python 3.12 the symbols of all but the last one are among the cell's own."""
    names = global_names(f"y = {comprehension}")
    assert (names.used - {"list"}, names.made) == ({"z"}, {"y"})
