"""The cells of a lesson's own notebooks, those in `source/` and `release/`: their tests, points and ids."""

from __future__ import annotations

import hashlib
import json
import re
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
    """Parse a notebook of `source/` or `release/`. The result is cached for all submissions, so do not change it.

    Whatever its age, it is of nbformat 4.5, has ids of cells, and its nbgrader metadata are of the newest version.
    """
    notebook = nbformat.reads(_with_ids(content.decode("utf-8-sig")), as_version=4)
    for cell in notebook.cells:
        upgrade(cell)
        # nbgrader's toolbar leaves its metadata on a cell that was reset to an ordinary one.
        if not cell.metadata.get("nbgrader", {}).get("grade_id"):
            cell.metadata.pop("nbgrader", None)
    notebook.nbformat_minor = max(notebook.nbformat_minor, 5)
    return notebook


def _with_ids(text: str) -> str:
    """The JSON text of a notebook whose cells have ids: nbformat would give them random ones, so two runs would differ."""
    data = json.loads(text)
    cells = data.get("cells") or [] if isinstance(data, dict) else []
    ids = [cell.get("id") for cell in cells]
    if data.get("nbformat") != 4 or (all(ids) and len(set(ids)) == len(ids)):
        return text
    taken = {one for one in ids if one}
    for number, cell in enumerate(cells):
        if not cell.get("id") or cell["id"] in ids[:number]:
            cell["id"] = f"cell-{number}"
            while cell["id"] in taken:
                cell["id"] += "x"
            taken.add(cell["id"])
    data["nbformat_minor"] = max(data.get("nbformat_minor", 0), 5)
    return json.dumps(data)


NEWEST = 3  # the version of nbgrader's metadata


def upgrade(cell: NotebookNode) -> None:
    """Bring a cell's nbgrader metadata to the newest version, as `nbgrader update` does it in the file."""
    marks = cell.metadata.get("nbgrader")
    if marks is not None and marks.get("schema_version", 0) < NEWEST:
        from nbgrader.nbgraderformat import MetadataValidator  # noqa: PLC0415, as below

        if marks.get("schema_version", 0) == 1 and "checksum" in marks:
            marks.setdefault("cell_type", cell.cell_type)  # nbgrader would do so with a warning
        MetadataValidator().upgrade_cell_metadata(cell)


def has_graded_cells(content: bytes) -> bool:
    """Whether a notebook of `source/` has cells with points: tests, answers, or tasks."""
    return any(is_graded(cell) for cell in lesson_notebook(content).cells)


def is_graded(cell: NotebookNode) -> bool:
    """Whether a cell has points: a test, an answer that a person grades, or a task."""
    marks = cell.metadata.get("nbgrader", {})
    return bool(marks.get("grade") or marks.get("task"))


def is_by_hand(cell: NotebookNode) -> bool:
    """Whether a person gives the points of a graded cell: an answer, or a task, which asks for work in other cells."""
    marks = cell.metadata.get("nbgrader", {})
    return bool(marks.get("solution") or marks.get("task"))


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
    marks = [cell.metadata.nbgrader for cell in source.cells if is_graded(cell)]
    by_hand = {mark.grade_id: ("", float(mark.get("points") or 0)) for mark in marks}
    return by_hand | tests_of(source)


def tests_of(source: NotebookNode) -> dict[str, tuple[str, float]]:
    """Text and points by `grade_id` of a lesson's test cells."""
    from nbgrader.utils import is_locked  # noqa: PLC0415, as above

    return {
        cell.metadata.nbgrader.grade_id: (cell.source, float(cell.metadata.nbgrader.get("points") or 0))
        for cell in source.cells
        if is_test(cell) and is_locked(cell)
    }


DISPLAY = "display"  # the tag of a cell that only shows something

BEGIN_SOLUTION, END_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"

BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
# As nbgrader finds them by default: whatever else stands in the lines of the marks.
HIDDEN = re.compile(r"^[^\n]*BEGIN HIDDEN TESTS.*?END HIDDEN TESTS[^\n]*$", flags=re.MULTILINE | re.DOTALL)


# The digest of a locked cell's text (empty if the cell is not locked), and the cell's points if it is graded.
Cell = tuple[str, float | None]


def digest(source: str) -> str:
    """SHA-256 of a cell's text, ignoring white space around it."""
    return hashlib.sha256(source.strip().encode("utf-8", "replace")).hexdigest()


SKIP = "skip-execution"  # a tag that nbclient knows, too; only we set it, a student's tags are removed
