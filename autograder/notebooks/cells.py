"""The cells of a lesson's own notebooks, in `source/` and `release/`: their tests, points and ids."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_locked


def grade_id_of(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def is_test(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and is_grade(cell)


@lru_cache(maxsize=64)
def lesson_notebook(content: bytes) -> NotebookNode:
    """A notebook of `source/` or `release/`, parsed once for all submissions: it must not be changed."""
    notebook = nbformat.reads(content.decode("utf-8"), as_version=4)
    for number, cell in enumerate(notebook.cells):
        # Before nbformat 4.5 cells had none; random ones would make two runs differ.
        cell.setdefault("id", f"cell-{number}")
        # nbgrader's toolbar leaves such marks on a cell that is of no kind any more.
        if not cell.metadata.get("nbgrader", {}).get("grade_id"):
            cell.metadata.pop("nbgrader", None)
    notebook.nbformat_minor = max(notebook.nbformat_minor, 5)
    return notebook


@lru_cache(maxsize=64)
def lesson_text(content: bytes) -> str:
    """What `lesson_notebook` gives, as JSON."""
    return json.dumps(lesson_notebook(content))


def with_tests(nb: NotebookNode, source: NotebookNode) -> NotebookNode:
    """The notebook with the instructor's text in its test cells, as nbgrader's OverwriteCells leaves it."""
    tests = tests_of(source)
    for cell in nb.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in tests:
            cell.source, cell.metadata.nbgrader["points"] = tests[grade_id]
    return nb


def graded_cells(source: NotebookNode) -> dict[str, tuple[str, float]]:
    """Text and points of each graded cell of a lesson's source; no text where a person grades."""
    marks = (cell.metadata.get("nbgrader", {}) for cell in source.cells)
    by_hand = {mark.grade_id: ("", float(mark.points)) for mark in marks if mark.get("grade")}
    return by_hand | tests_of(source)


def tests_of(source: NotebookNode) -> dict[str, tuple[str, float]]:
    """Text and points of each test cell of a lesson's source."""
    return {
        cell.metadata.nbgrader.grade_id: (cell.source, float(cell.metadata.nbgrader.points))
        for cell in source.cells
        if cell.cell_type == "code" and is_grade(cell) and is_locked(cell)
    }


DISPLAY = "display"  # the tag of a cell that only shows something

BEGIN_SOLUTION, END_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"

BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"


# Digest of a locked cell's text, empty for another cell, and its points if it is graded.
Cell = tuple[str, float | None]


def digest(source: str) -> str:
    """Of a cell's text, white space around it aside."""
    return hashlib.sha256(source.strip().encode("utf-8", "replace")).hexdigest()


SKIP = "skip-execution"  # the tag that nbclient knows; here it is only ever ours
