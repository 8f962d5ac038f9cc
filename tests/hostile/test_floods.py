"""Notebooks made to keep the grader busy for hours or to fill its memory, graded between two honest ones."""

import json

import nbformat
import pytest
from click.testing import CliRunner

from autograder.classroom import new_class
from autograder.cli.main import main
from autograder.course import read_lesson, solved
from autograder.files import write_notebook

pytestmark = pytest.mark.usefixtures("sandbox")

LESSON = "01_toy"
MEGABYTE = 2**20
FLOODS = {
    "b_parser": [nbformat.v4.new_code_cell("-" * 100_000 + "1")],
    "c_tags": [nbformat.v4.new_markdown_cell("<b>" * (MEGABYTE // 3)) for _ in range(20)],
    "d_brackets": [nbformat.v4.new_markdown_cell("![" * (MEGABYTE // 2)) for _ in range(20)],
    "e_code": [nbformat.v4.new_code_cell("0  # " + "x " * MEGABYTE) for _ in range(6)],
    "f_output": [nbformat.v4.new_code_cell(f"print('x' * {2 * MEGABYTE})") for _ in range(60)],
    "g_raw": [nbformat.v4.new_raw_cell("<" * MEGABYTE) for _ in range(20)],
}


@pytest.fixture(scope="module")
def graded(toy_course, tmp_path_factory):
    classroom = new_class(toy_course, tmp_path_factory.mktemp("floods") / "class")
    notebooks = {"a_honest": [], **FLOODS, "z_honest": []}
    for student, cells in notebooks.items():
        notebook = solved(read_lesson(toy_course.source(LESSON)))
        notebook.cells[1:1] = [nbformat.from_dict({**cell, "id": f"more-{n}"}) for n, cell in enumerate(cells)]
        write_notebook(notebook, classroom.path / "submitted" / student / LESSON / f"{LESSON}.ipynb")
    records = classroom.path / "records.json"
    result = CliRunner().invoke(main, ["grade", str(classroom.path), "--json", str(records)])
    assert result.exit_code == 0, result.output
    return classroom.path, {one["student"]: one for one in json.loads(records.read_text())["submissions"]}


@pytest.mark.parametrize("student", ["a_honest", *FLOODS, "z_honest"])
def test_everybody_is_graded(graded, student):
    folder, records = graded
    record = records[student]
    assert record["status"] == "graded" and record["points"]["test_twice"] == 2 and record["points"]["test_half"] == 1
    assert (folder / "feedback" / student / LESSON / f"{LESSON}.html").stat().st_size < 4 * MEGABYTE


def test_what_was_cut_is_said(graded):
    folder, records = graded
    assert any("cut" in note for note in records["c_tags"]["repaired"])
    page = (folder / "feedback" / "f_output" / LESSON / f"{LESSON}.html").read_text()
    assert "more was printed" in page
    assert (folder / "autograded" / "f_output" / LESSON / f"{LESSON}.ipynb").stat().st_size < 40 * MEGABYTE
