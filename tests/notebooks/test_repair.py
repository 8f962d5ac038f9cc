import json

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy import TOY

from autograder.course import Course, build, read_lesson, solved
from autograder.course.variants import answer, blank, cell_of
from autograder.errors import UnreadableSubmission
from autograder.notebooks import graded_cells, parse_notebook
from autograder.notebooks.cells import DISPLAY, SKIP
from autograder.notebooks.folder import read_notebook
from autograder.notebooks.read import MAX_BYTES, MAX_CELLS
from autograder.notebooks.repair import repair
from autograder.reports import feedback_page
from autograder.uploads.prepare import Lesson, prepared_notebook


@pytest.fixture(scope="module")
def released(toy_course):
    (path,) = build(toy_course, toy_course.lessons)
    return nbformat.read(path, as_version=4)


@pytest.fixture
def answered(toy_course):
    return solved(read_lesson(toy_course.source("01_toy")))


def handed_in(notebook):
    return parse_notebook(nbformat.writes(notebook), "01_toy.ipynb")


def marked(notebook):
    return [cell.metadata.nbgrader.grade_id for cell in notebook.cells if "nbgrader" in cell.metadata]


ALL = ["twice", "test_twice", "half", "test_half", "explain_toy"]


def test_an_honest_submission_is_left_as_it_is(answered, released):
    result = repair(handed_in(answered), released)
    assert result.notes == [] and marked(result.notebook) == ALL
    assert [cell.source for cell in result.notebook.cells] == [cell.source for cell in answered.cells]


def test_a_blank_submission_is_left_as_it_is(toy_course, released):
    notebook = blank(read_lesson(toy_course.source("01_toy")))
    assert [c.source for c in notebook.cells] == [c.source for c in released.cells]
    assert repair(handed_in(notebook), released).notes == []


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("unlocked", [{"locked": False}, {}])
def test_a_test_cell_is_the_lesson_s_whatever_its_lock_says(toy_course, released, answered, unlocked):
    """Fails at 981fac2: the hidden tests were lost, and a wrong answer had all points.

    nbgrader takes every graded cell that is no solution for locked, and so do its toolbar and its own tests.
    """
    source = read_lesson(toy_course.source("01_toy"))
    for notebook in (source, released := nbformat.from_dict(released)):
        for cell in notebook.cells:
            if "nbgrader" in cell.metadata:
                cell.metadata.nbgrader.pop("locked")
                cell.metadata.nbgrader.update(unlocked)
            elif cell.cell_type == "code":
                cell.metadata["nbgrader"] = {"grade": False, "solution": False, "locked": False}
    edited = cell_of(answered, "test_twice")
    edited.source = "print('nothing to test')"
    lesson = Lesson("01_toy", *(nbformat.writes(one).encode() for one in (released, source)), {})
    notebook = prepared_notebook(nbformat.writes(answered).encode(), lesson)
    assert notebook.metadata.convlab.repaired == [
        "Cell 'test_twice' had been edited: the lesson's own tests were used."
    ]
    for name in ("test_twice", "test_half"):
        assert "HIDDEN TESTS" in cell_of(notebook, name).source and graded_cells(source)[name][0]
    notebook.cells.insert(0, nbformat.v4.new_code_cell("x = 1\n" * 20_000))
    grades = {"student": "ada", "notebook": "01_toy", "score": 0, "max_score": 5}
    assert "more was left out" in feedback_page(notebook, grades)


def test_a_deleted_test_cell_is_put_back_behind_its_exercise(answered, released):
    answered.cells.remove(cell_of(answered, "test_twice"))
    result = repair(handed_in(answered), released)
    assert marked(result.notebook) == ALL and "Cell 'test_twice' was missing" in result.notes[0]


def test_all_deleted_cells_are_put_back_in_order(answered, released):
    answered.cells = []
    assert marked(repair(handed_in(answered), released).notebook) == ALL


def test_an_edited_test_cell_gets_its_own_text_back(answered, released):
    cell_of(answered, "test_half").source = "pass"
    result = repair(handed_in(answered), released)
    assert "half(2) should be 1" in cell_of(result.notebook, "test_half").source
    assert result.notes == ["Cell 'test_half' had been edited: the lesson's own tests were used."]


def test_of_a_cell_pasted_twice_the_last_one_counts(answered, released):
    copy = nbformat.from_dict({**cell_of(answered, "twice"), "id": "copy", "source": "def twice(x):\n    return x + x"})
    answered.cells.insert(5, copy)
    result = repair(handed_in(answered), released)
    assert sorted(marked(result.notebook)) == sorted(ALL) and "2 times" in result.notes[0]
    assert cell_of(result.notebook, "twice").source.endswith("x + x")


def test_lost_metadata_is_recognized_by_the_text(answered, released):
    for cell in answered.cells:
        cell.metadata.pop("nbgrader", None)
    result = repair(handed_in(answered), released)
    assert marked(result.notebook) == ALL and len(result.notebook.cells) == len(answered.cells)
    assert cell_of(result.notebook, "explain_toy").source == "Because of the model answer."
    assert len(result.notes) == 5 and all("recognized" in note for note in result.notes)


def test_a_renamed_answer_is_recognized_by_its_place(answered, released):
    cell = cell_of(answered, "half")
    cell.metadata.pop("nbgrader")
    cell.source = "half = lambda x: x / 2"
    result = repair(handed_in(answered), released)
    assert cell_of(result.notebook, "half").source == "half = lambda x: x / 2"


def test_points_tags_locks_and_types_are_the_lessons(answered, released):
    test, answer = cell_of(answered, "test_twice"), cell_of(answered, "half")
    test.metadata.nbgrader.update(points=100, locked=False, solution=True)
    test.metadata["tags"] = ["skip-execution"]
    answer.metadata["tags"] = ["raises-exception"]
    index = answered.cells.index(answer)
    answered.cells[index] = nbformat.v4.new_markdown_cell(answer.source, metadata=answer.metadata)
    result = repair(handed_in(answered), released)
    assert cell_of(result.notebook, "test_twice").metadata == cell_of(released, "test_twice").metadata
    assert cell_of(result.notebook, "half").cell_type == "code"
    assert not any("tags" in cell.metadata for cell in result.notebook.cells)
    assert len(result.notes) == 3


SHOWS = """
# %%
factor = 2
print(factor)

# %%
def doubled(x):
    return factor * x


# %%
print(doubled(21))

# %%
print("a picture")
"""


@pytest.fixture(scope="module")
def shows(tmp_path_factory):
    """The toy lesson with a setup cell and four cells that only show something, as source and as handed out."""
    root = tmp_path_factory.mktemp("shows")
    path = root / "solutions" / "01_toy" / "01_toy.py"
    path.parent.mkdir(parents=True)
    path.write_text(TOY.replace("# %%\nimport", "# %% setup=true\nimport") + SHOWS)
    (released,) = build(Course(root), ["01_toy"])
    return read_lesson(path), nbformat.read(released, as_version=4)


def skipped(shows, change=lambda notebook: None):
    """The first line of each cell that is left out of a solved notebook after a change."""
    source, released = shows
    notebook = solved(source)
    change(notebook)
    result = repair(handed_in(notebook), released)
    return [cell.source.splitlines()[0] for cell in result.notebook.cells if cell.metadata.get("tags") == [SKIP]]


ALL_SHOWN = ["factor = 2", "def doubled(x):", "print(doubled(21))", 'print("a picture")']


def test_cells_that_only_show_something_are_left_out(shows):
    assert skipped(shows) == ALL_SHOWN
    assert repair(handed_in(solved(shows[0])), shows[1]).notes == []


def test_nobody_looks_through_a_flood_of_code_for_what_may_be_left_out(shows):
    def flood(notebook):
        notebook.cells += [nbformat.v4.new_code_cell("a = b\n" * 30_000, id=f"more-{n}") for n in range(3)]

    assert skipped(shows, flood) == []


@pytest.mark.parametrize(
    ("name", "body", "left"),
    [
        ("half", "return x / factor", ALL_SHOWN[1:]),
        ("half", "return doubled(x) / 4", ALL_SHOWN[2:]),
        ("half", "factor = 2\n    return x / factor", ALL_SHOWN),
        ("half", "import numpy as factor\n    return x / 2", ALL_SHOWN),
        ("half", "return x / globals()['factor']", []),
        ("half", "return eval('x / factor')", []),
        ("half", "import __main__\n    return x / __main__.factor", []),
        ("half", "return x / half.__globals__['factor']", []),
        ("half", "return x /", []),
    ],
)
def test_what_an_answer_builds_on_is_run(shows, name, body, left):
    def change(notebook):
        answer(notebook, name, f'def {name}(x):\n    """Doc."""\n    {body}\n')

    assert skipped(shows, change) == left


def test_a_changed_or_added_cell_is_run_with_what_it_builds_on(shows):
    def changed(notebook):
        notebook.cells[-2].source += "\nhalf = doubled"

    def added(notebook):
        notebook.cells.append(nbformat.v4.new_code_cell("factor += 1"))

    assert skipped(shows, changed) == ALL_SHOWN[3:]
    assert skipped(shows, added) == ALL_SHOWN[1:]


def test_no_student_can_leave_a_cell_out(shows):
    def change(notebook):
        for cell in notebook.cells:
            cell.metadata["tags"] = [SKIP, DISPLAY]
        notebook.cells.append(nbformat.v4.new_code_cell("half = 3", metadata={"tags": [SKIP]}))

    assert skipped(shows, change) == ALL_SHOWN


def test_without_a_setup_cell_everything_is_run(answered, released):
    assert not any("tags" in cell.metadata for cell in repair(handed_in(answered), released).notebook.cells)


def test_ids_that_the_lesson_does_not_know_are_dropped(answered, released):
    answered.cells[1].metadata["nbgrader"] = {"grade_id": "bonus", "grade": True, "points": 50}
    assert marked(repair(handed_in(answered), released).notebook) == ALL


def test_tests_in_front_of_their_exercise_move_behind_it(answered, released):
    test = cell_of(answered, "test_half")
    answered.cells.remove(test)
    answered.cells.insert(0, test)
    result = repair(handed_in(answered), released)
    assert marked(result.notebook).index("test_half") > marked(result.notebook).index("half")
    assert "moved after it" in result.notes[0]


def test_an_old_notebook_format_is_read(answered, released):
    old = json.dumps({
        "nbformat": 3, "nbformat_minor": 0, "metadata": {"name": "x"},
        "worksheets": [{"cells": [{"cell_type": "code", "input": ["def twice(x):\n", "    return 2 * x"], "outputs": [], "language": "python", "collapsed": False, "metadata": {}}]}],
    })  # fmt: skip
    result = repair(parse_notebook(old, "01_toy.ipynb"), released)
    assert cell_of(result.notebook, "twice").source == "def twice(x):\n    return 2 * x"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "3", '{"cells": 3}', '{"cells": [3]}', '{"cells": [{"cell_type": "code"}]}', "[" * 100_000,
     '{"cells": [{"cell_type": "code", "source": {"a": 1}}]}', '{"nbformat": 3}', '{"cells": [{"cell_type": "code", "source": [1]}]}'],
)  # fmt: skip
def test_what_is_no_notebook_is_refused_with_a_remedy(text):
    with pytest.raises(UnreadableSubmission, match=r"JupyterLab cannot open it either.*an older copy in"):
        parse_notebook(text, "x.ipynb")


def test_too_large_too_many_cells_missing_and_links_are_refused(tmp_path):
    big = tmp_path / "big.ipynb"
    with open(big, "wb") as file:
        file.truncate(MAX_BYTES + 1)
    link = tmp_path / "link.ipynb"
    link.symlink_to(big)
    binary = tmp_path / "binary.ipynb"
    binary.write_bytes(b"\xff\xfe\x00")
    for path, reason in (
        (big, "64 MB"),
        (link, "missing"),
        (tmp_path / "no.ipynb", "missing"),
        (tmp_path, "missing"),
        (binary, "UTF-8"),
    ):
        with pytest.raises(UnreadableSubmission, match=reason):
            read_notebook(path)
    cells = [{"cell_type": "code", "source": ""}] * (MAX_CELLS + 1)
    with pytest.raises(UnreadableSubmission, match="cells"):
        parse_notebook(json.dumps({"cells": cells}), "x.ipynb")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["grade_id", "nbgrader", "tags", "points", "x"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
cells = st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "markdown", "raw", "odd"]), "source": st.text(max_size=20)},
    optional={"metadata": json_values | st.fixed_dictionaries({"nbgrader": st.fixed_dictionaries({"grade_id": st.sampled_from(["twice", "test_twice", "half", "no"]), "points": json_values})}), "id": json_values},
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(cells, max_size=8))
def test_whatever_is_read_gets_the_lessons_shape(released, cells):
    result = repair(parse_notebook(json.dumps({"cells": cells}), "x.ipynb"), released)
    nbformat.validate(result.notebook)
    assert sorted(marked(result.notebook)) == sorted(ALL)
    for grade_id in ("test_twice", "test_half"):
        assert cell_of(result.notebook, grade_id).source == cell_of(released, grade_id).source
        assert cell_of(result.notebook, grade_id).metadata == cell_of(released, grade_id).metadata
    order = marked(result.notebook)
    assert order.index("test_twice") > order.index("twice") and order.index("test_half") > order.index("half")
