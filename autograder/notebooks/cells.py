"""The cells of a lesson's own notebooks, those in `source/` and `release/`: their tests, points and ids."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache

import nbformat
from nbformat import NotebookNode


def grade_id_of(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def is_test(cell: NotebookNode) -> bool:
    from nbgrader.utils import is_grade  # noqa: PLC0415, importing it takes a second, and `check` first starts its processes

    return cell.cell_type == "code" and is_grade(cell)


@lru_cache(maxsize=64)
def lesson_notebook(content: bytes) -> NotebookNode:
    """Parse a notebook of `source/` or `release/`. The result is cached for all submissions, so do not change it."""
    notebook = nbformat.reads(content.decode("utf-8"), as_version=4)
    for number, cell in enumerate(notebook.cells):
        # Before nbformat 4.5 cells had no ids; random ones would make two runs differ.
        cell.setdefault("id", f"cell-{number}")
        # nbgrader's toolbar leaves its metadata on a cell that was reset to an ordinary one.
        if not cell.metadata.get("nbgrader", {}).get("grade_id"):
            cell.metadata.pop("nbgrader", None)
    notebook.nbformat_minor = max(notebook.nbformat_minor, 5)
    return notebook


@lru_cache(maxsize=64)
def lesson_text(content: bytes) -> str:
    """The notebook of `lesson_notebook` as JSON text."""
    return json.dumps(lesson_notebook(content))


def with_tests(nb: NotebookNode, source: NotebookNode) -> NotebookNode:
    """Put the instructor's text and points into the test cells of `nb`, as nbgrader's OverwriteCells does."""
    tests = tests_of(source)
    for cell in nb.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in tests:
            cell.source, cell.metadata.nbgrader["points"] = tests[grade_id]
    return nb


def graded_cells(source: NotebookNode) -> dict[str, tuple[str, float]]:
    """Text and points by `grade_id` of a lesson's graded cells; the text is empty if a person grades the cell."""
    marks = (cell.metadata.get("nbgrader", {}) for cell in source.cells)
    by_hand = {mark.grade_id: ("", float(mark.points)) for mark in marks if mark.get("grade")}
    return by_hand | tests_of(source)


def tests_of(source: NotebookNode) -> dict[str, tuple[str, float]]:
    """Text and points by `grade_id` of a lesson's test cells."""
    from nbgrader.utils import is_locked  # noqa: PLC0415, as above

    return {
        cell.metadata.nbgrader.grade_id: (cell.source, float(cell.metadata.nbgrader.points))
        for cell in source.cells
        if is_test(cell) and is_locked(cell)
    }


DISPLAY = "display"  # the tag of a cell that only shows something

BEGIN_SOLUTION, END_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"

BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"


# The digest of a locked cell's text (empty if the cell is not locked), and the cell's points if it is graded.
Cell = tuple[str, float | None]


def digest(source: str) -> str:
    """SHA-256 of a cell's text, ignoring white space around it."""
    return hashlib.sha256(source.strip().encode("utf-8", "replace")).hexdigest()


SKIP = "skip-execution"  # a tag that nbclient knows, too; only we set it, a student's tags are removed
