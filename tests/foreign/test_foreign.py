"""Foreign assignments, in the manner of many courses, get the points that plain nbgrader gives them.

`stock.json` has the points of plain nbgrader; `python tests/foreign/stock.py` measures them anew.
"""

import json
from pathlib import Path

import pytest
from assignment import ASSIGNMENTS, VARIANTS, Assignment

from autograder.classroom import ClassDirectory
from autograder.gradebook import install
from autograder.grading import grade_class
from autograder.notebooks.status import Mode

pytestmark = pytest.mark.usefixtures("sandbox")

STOCK = json.loads(Path(__file__).with_name("stock.json").read_text())["assignments"]
# Test cells with magics, that put another function or value into the notebook, take a built-in away or patch the clock.
MOST_TOGETHER = 9
BY_NAME = {assignment.name: assignment for assignment in ASSIGNMENTS}


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    """The records of all submissions by assignment and variant, from one class without a line of ours."""
    install()
    folder = tmp_path_factory.mktemp("foreign")
    write(folder, {"nbgrader_config.py": b'c = get_config()\nc.CourseDirectory.course_id = "foreign"\n'})
    for assignment in ASSIGNMENTS:
        notebook = f"{assignment.name}.ipynb"
        write(folder / "source" / assignment.name, assignment.files | {notebook: assignment.source_file})
        for variant in VARIANTS:
            handed_in = assignment.files | {notebook: assignment.submission_file(variant)}
            write(folder / "submitted" / variant / assignment.name, handed_in)
    classroom = ClassDirectory(folder)
    return {(record.lesson, record.student): record for record in grade_class(classroom, list(BY_NAME))}


def test_there_are_many_assignments_and_each_has_a_few_graded_cells():
    assert len(ASSIGNMENTS) >= 36
    for assignment in ASSIGNMENTS:
        assert 2 <= len(marks(assignment)) <= 7, assignment.name


def marks(assignment: Assignment) -> list[dict]:
    """nbgrader's fields of the graded cells."""
    fields = (cell.metadata.get("nbgrader", {}) for cell in assignment.source.cells)
    return [field for field in fields if field.get("grade")]


@pytest.mark.parametrize("name", list(BY_NAME))
def test_plain_nbgrader_gives_a_solution_everything_and_a_blank_nothing(name):
    tests = {field["grade_id"]: field["points"] for field in marks(BY_NAME[name]) if not field["solution"]}
    stock = STOCK[name]
    assert {cell: stock["solved"][cell] for cell in tests} == tests
    assert {cell: stock["blank"][cell] for cell in tests} == dict.fromkeys(tests, 0)
    earned = sum(stock["half"][cell] for cell in tests)
    assert 0 < earned < sum(tests.values()), "half of the answers earn something, but not everything"


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", list(BY_NAME))
def test_points_are_those_of_plain_nbgrader(records, name, variant):
    record = records[name, variant]
    assert record.sandbox and record.points.keys() == STOCK[name][variant].keys()
    # Each cell with other points, with why its test failed.
    differing = {
        cell: f"{record.points[cell]} instead of {points}: {getattr(record.failures.get(cell), 'text', '')}"
        for cell, points in STOCK[name][variant].items()
        if record.points[cell] != points
    }
    assert differing == {}


def test_nearly_all_cells_are_judged_apart(records):
    """And none is left to a person: the pre-flight has found out where each can be judged."""
    together = {(name, cell) for (name, _), record in records.items() for cell in record.judged}
    assert {mode for record in records.values() for mode in record.judged.values()} <= {Mode.TOGETHER}
    tests = sum(not field["solution"] for assignment in ASSIGNMENTS for field in marks(assignment))
    assert tests >= 180
    assert len(together) <= MOST_TOGETHER, sorted(together)
