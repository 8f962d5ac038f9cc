"""Variants of a lesson as students hand it in: solved, blank and half solved."""

from __future__ import annotations

import ast
import re

import nbformat
from nbformat import NotebookNode

from autograder.notebooks.cells import BEGIN_SOLUTION, END_SOLUTION
from autograder.notebooks.names import parse


def solved(source: NotebookNode) -> NotebookNode:
    """The lesson with all solutions, as a perfect student would hand it in: without markers and hidden tests."""
    notebook = _without_hidden_tests(source)
    for cell in notebook.cells:
        cell.source = re.sub(rf"(?m)^[ \t]*({BEGIN_SOLUTION}|{END_SOLUTION})[ \t]*\n?", "", cell.source).rstrip("\n")
    return notebook


def blank(source: NotebookNode) -> NotebookNode:
    """The lesson as handed out: every exercise is a stub, every written answer is empty."""
    notebook = _without_hidden_tests(source)
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("solution") and marks.get("grade"):
            cell.source = "YOUR ANSWER HERE"
        cell.source = re.sub(
            rf"(?ms)^([ \t]*){BEGIN_SOLUTION}[ \t]*\n.*?^[ \t]*{END_SOLUTION}[ \t]*$",
            r"\1# YOUR CODE HERE\n\1raise NotImplementedError",
            cell.source,
        )
    return notebook


def half_solved(source: NotebookNode) -> NotebookNode:
    """The lesson with the first half of the exercises solved and the rest as handed out."""
    notebook, answers = blank(source), solved(source)
    exercises = exercise_ids(source)
    for name in exercises[: len(exercises) // 2]:
        answer(notebook, name, cell_of(answers, name).source)
    return notebook


def exercise_ids(source: NotebookNode) -> list[str]:
    """The ids of the code exercises, in order."""
    marked = [cell for cell in source.cells if cell.cell_type == "code" and "nbgrader" in cell.metadata]
    return [cell.metadata.nbgrader.grade_id for cell in marked if cell.metadata.nbgrader.solution]


def cell_of(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def imports(notebook: NotebookNode) -> str:
    """The import statements of the lesson's own cells, which an answer may rely on."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and "nbgrader" not in cell.metadata]
    statements = [node for cell in cells for node in parse(cell.source).body]
    return "\n".join(ast.unparse(node) for node in statements if isinstance(node, (ast.Import, ast.ImportFrom)))


def answer(notebook: NotebookNode, name: str, source: str) -> None:
    """Write `source` into the solution cell of an exercise."""
    cell_of(notebook, name).source = source


def _without_hidden_tests(source: NotebookNode) -> NotebookNode:
    notebook = nbformat.from_dict(source)
    for cell in notebook.cells:
        cell.source = re.sub(
            r"(?ms)^[ \t]*### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS[ \t]*\n?", "", cell.source
        ).rstrip("\n")
    return notebook
