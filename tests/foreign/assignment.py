"""Reads a foreign assignment: from its percent source to nbgrader's notebook, its files and what students handed in.

Header lines carry nbgrader's own fields; every other cell is plain text or code:

    # %% solution=true id="stack"                    an answer, with ### BEGIN SOLUTION and ### END SOLUTION
    # %% grade=true points=2 id="test_stack"         a test cell, locked
    # %% locked=true id="helpers"                    a locked cell without points
    # %% solution=true grade=true points=3 id="e"    an answer with points of its own, graded by hand
    # %% wrong="stack"                               a wrong answer to a solution, in no notebook

`# nbformat: 4.0` in the first lines makes a notebook without ids of cells. Files beside the notebook are in
`files/NAME/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions

HERE = Path(__file__).parent
VARIANTS = ("solved", "half", "blank")
FIELDS = {"solution", "grade", "points", "id", "locked", "wrong", "lines_to_next_cell"}


@dataclass(frozen=True)
class Assignment:
    """One assignment: `assignments/NAME.py`."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.stem

    @cached_property
    def files(self) -> dict[str, bytes]:
        """The contents of the files beside the notebook, by relative path."""
        folder = HERE / "files" / self.name
        return {
            str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
        }

    @cached_property
    def _cells(self) -> list[NotebookNode]:
        cells = jupytext.reads(self.path.read_text(encoding="utf-8"), fmt="py:percent").cells
        for cell in cells:
            assert set(cell.metadata) <= FIELDS, f"{self.name}: {set(cell.metadata) - FIELDS} is no field"
        return cells

    @property
    def _without_ids(self) -> bool:
        return self.path.read_text(encoding="utf-8").startswith("# nbformat: 4.0\n")

    @cached_property
    def wrong_answers(self) -> dict[str, str]:
        """The wrong answers by the `grade_id` of the solution."""
        return {cell.metadata["wrong"]: cell.source for cell in self._cells if "wrong" in cell.metadata}

    @cached_property
    def source(self) -> NotebookNode:
        """The instructor's notebook, in nbgrader's schema 3."""
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel, "language_info": {"name": "python"}})
        cells = [cell for cell in self._cells if "wrong" not in cell.metadata]
        if self._without_ids:
            cells = cells[1:] if cells[0].source == "# nbformat: 4.0" else cells
        for number, cell in enumerate(cells, 1):
            new = nbformat.v4.new_markdown_cell if cell.cell_type == "markdown" else nbformat.v4.new_code_cell
            made = new(cell.source, metadata=_nbgrader(cell.metadata), id=f"cell-{number}")
            notebook.cells.append(made)
        return self._in_format(notebook)

    def _in_format(self, notebook: NotebookNode) -> NotebookNode:
        if self._without_ids:
            notebook.nbformat_minor = 0
            for cell in notebook.cells:
                cell.pop("id", None)
        nbformat.validate(notebook)
        return notebook

    @cached_property
    def source_file(self) -> bytes:
        return nbformat.writes(self.source).encode()

    def submission(self, variant: str) -> NotebookNode:
        """What a student handed in: everything `solved`, `blank` as released, or `half` of the answers.

        In `half`, every second answer is the solution; the others are the wrong answer if there is one, else blank.
        """
        blank = self.release()
        notebook = blank if variant == "blank" else self.release(solved=True)
        if variant == "half":
            for number, (cell, released) in enumerate(
                (cell, released) for cell, released in zip(notebook.cells, blank.cells, strict=True) if _is_answer(cell)
            ):
                if number % 2:
                    cell.source = self.wrong_answers.get(cell.metadata["nbgrader"]["grade_id"], released.source)
        return notebook

    def submission_file(self, variant: str) -> bytes:
        return nbformat.writes(self.submission(variant)).encode()

    def release(self, *, solved: bool = False) -> NotebookNode:
        """The notebook as nbgrader hands it out, without hidden tests; with the solutions if `solved`."""
        notebook: NotebookNode = nbformat.from_dict(self.source)
        resources: Any = {}
        if not solved:
            notebook, resources = ClearSolutions().preprocess(notebook, resources)
        notebook, _ = ClearHiddenTests().preprocess(notebook, resources)
        return notebook


def _is_answer(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def _nbgrader(fields: dict[str, Any]) -> dict[str, Any]:
    if "id" not in fields:
        return {}
    solution, grade = bool(fields.get("solution")), bool(fields.get("grade"))
    made = {
        "grade": grade,
        "grade_id": fields["id"],
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    return {"nbgrader": made | ({"points": fields["points"]} if grade else {})}


ASSIGNMENTS = [Assignment(path) for path in sorted((HERE / "assignments").glob("*.py"))]
