"""Converts a lesson's percent source into nbgrader's source notebook, or reports exactly why that is impossible.

Four kinds of cell have a mark in their header line; every other cell is plain text or code:

    # %% solution="conv2d_valid"                     the exercise's solution, becomes a stub
    # %% test="conv2d_valid" points=3                its tests, visible ones first, then hidden ones
    # %% [markdown] written="explain_x" points=2     a model answer with its rubric, graded by hand
    # %% setup=true                                  what answers rely on: imports, data

In a lesson with a setup cell, every other plain code cell only displays something, such as a picture or a trained
model. Grading skips these cells unless an answer uses a name that they define.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from autograder.errors import SourceError
from autograder.notebooks import free_names, global_names
from autograder.notebooks.cells import BEGIN_HIDDEN, BEGIN_SOLUTION, DISPLAY, END_HIDDEN, END_SOLUTION
from autograder.notebooks.names import parse

MARKS = ("solution", "test", "written")
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def read_lesson(path: Path) -> NotebookNode:
    """Read one percent source and return the notebook that nbgrader takes as its source.

    Args:
        path: `solutions/NN_topic/NN_topic.py`.

    Raises:
        SourceError: the source has faults. The message lists each with its lesson, cell and remedy.
    """
    lesson = path.stem
    try:
        cells = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent").cells
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"the source cannot be read: {error}.", where=lesson) from error
    faults = [f"{lesson}, {fault}" for fault in _faults(cells)]
    if faults:
        raise SourceError.of(faults)
    return _notebook(lesson, cells)


def _notebook(lesson: str, cells: list[NotebookNode]) -> NotebookNode:
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": KERNELSPEC, "language_info": {"name": "python"}})
    seen: Counter[str] = Counter()
    has_setup = any("setup" in cell.metadata for cell in cells)
    for cell in cells:
        cell_id, metadata = _nbgrader_metadata(cell)
        if cell_id is None:
            # The id depends only on the text, so that inserting a cell does not change the ids of the others.
            digest = hashlib.sha256(f"{lesson}\n{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
            seen[digest] += 1
            cell_id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
        if cell.cell_type == "markdown":
            made = nbformat.v4.new_markdown_cell(cell.source, metadata=metadata)
        else:
            if has_setup and not metadata and "setup" not in cell.metadata:
                metadata = {"tags": [DISPLAY]}
            made = nbformat.v4.new_code_cell(cell.source, metadata=metadata)
        made.id = cell_id
        notebook.cells.append(made)
    nbformat.validate(notebook)
    return notebook


def _nbgrader_metadata(cell: NotebookNode) -> tuple[str | None, dict]:
    """Cell id and nbgrader's metadata (schema 3) for a marked cell; `(None, {})` for any other."""
    kind = next((mark for mark in MARKS if mark in cell.metadata), None)
    if kind is None:
        return None, {}
    name = cell.metadata[kind]
    grade_id = f"test_{name}" if kind == "test" else name
    fields = {
        "grade": kind != "solution",
        "grade_id": grade_id,
        "locked": kind == "test",
        "schema_version": 3,
        "solution": kind != "test",
        "task": False,
    }
    if kind != "solution":
        fields["points"] = cell.metadata["points"]
    return grade_id.replace("_", "-"), {"nbgrader": fields}


def _faults(cells: list[NotebookNode]) -> Iterator[str]:
    """Yield each fault as `cell N (name): what is wrong. Remedy.`; cells count from 1, as in an editor's outline."""
    if not cells or cells[0].cell_type != "markdown" or not cells[0].source.startswith("# "):
        yield "cell 1: the lesson has no title. Begin with a markdown cell that starts with '# '."
    names: dict[tuple[str, str], int] = {}
    for number, cell in enumerate(cells, start=1):
        marks = [mark for mark in MARKS if mark in cell.metadata]
        place = f"cell {number}" + (f" ({cell.metadata[marks[0]]})" if marks else "")
        for key in sorted(set(cell.metadata) - {*MARKS, "points", "setup", "lines_to_next_cell"}):
            yield f"{place}: unknown mark '{key}'. Known ones are solution, test, written, points and setup."
        if "setup" in cell.metadata and (marks or cell.cell_type != "code" or cell.metadata["setup"] is not True):
            yield f"{place}: setup=true marks a plain code cell. Remove it here."
        if len(marks) > 1:
            yield f"{place}: marked as {' and '.join(marks)}. Give a cell one mark."
            continue
        yield from (f"{place}: {fault}" for fault in _marker_faults(cell, marks[0] if marks else ""))
        if cell.cell_type == "code":
            yield from (f"{place}: {fault}" for fault in _syntax_faults(cell))
        if not marks:
            continue
        kind, name = marks[0], cell.metadata[marks[0]]
        if not isinstance(name, str) or not name.isidentifier():
            yield f"{place}: {name!r} is not an exercise id. Use a Python name."
            continue
        if (kind, name) in names:
            yield f"{place}: '{name}' already has a {kind} cell, cell {names[kind, name]}. Keep one."
        names[kind, name] = number
        yield from (f"{place}: {fault}" for fault in _mark_faults(cell, kind, name))
    yield from _display_faults(cells)
    for (kind, name), number in names.items():
        partner = {"solution": "test", "test": "solution"}.get(kind)
        if partner and (partner, name) not in names:
            yield f"cell {number} ({name}): there is no {partner} cell for it. Add '# %% {partner}=\"{name}\"'."
        if kind == "test" and names.get(("solution", name), 0) > number:
            yield f"cell {number} ({name}): the tests come before the solution. Move them after it."


def _display_faults(cells: list[NotebookNode]) -> Iterator[str]:
    """Yield a fault for each name that a solution uses although its cell is for display only."""
    if not any("setup" in cell.metadata for cell in cells):
        return
    made: dict[str, int] = {}
    for number, cell in enumerate(cells, start=1):
        names = global_names(cell.source) if cell.cell_type == "code" else None
        if names and not {"setup", *MARKS} & set(cell.metadata):
            made |= dict.fromkeys(names.made, number)
    for cell in cells:
        if "solution" in cell.metadata:
            for name in sorted(free_names(cell.source) & set(made)):
                yield (
                    f"cell {made[name]}: it defines '{name}', which the solution '{cell.metadata['solution']}' uses. "
                    "Mark it setup=true."
                )


def _marker_faults(cell: NotebookNode, kind: str) -> Iterator[str]:
    for begin, end, home in ((BEGIN_SOLUTION, END_SOLUTION, "solution"), (BEGIN_HIDDEN, END_HIDDEN, "test")):
        found = re.findall(f"^\\s*({begin}|{end})\\s*$", cell.source, flags=re.MULTILINE)
        strays = cell.source.count(begin) + cell.source.count(end) - len(found)
        if strays:
            yield f"'{begin}' or '{end}' is inside another line. Give each marker a line of its own."
        if found and kind != home:
            yield f"'{found[0]}' outside a {home} cell would reach the students. Mark the cell as {home}."
        if found != [begin, end] * (len(found) // 2):
            yield f"'{begin}' and '{end}' do not match. Write one end for each begin."
        if kind == home and not found:
            yield f"a {home} cell needs '{begin}' and '{end}'. Add them."


def _syntax_faults(cell: NotebookNode) -> Iterator[str]:
    try:
        parse(re.sub(r"(?m)^(\s*)[%!].*$", r"\1pass", cell.source))
    except SyntaxError as error:
        yield f"line {error.lineno} is not Python: {error.msg}. Correct it."


def _mark_faults(cell: NotebookNode, kind: str, name: str) -> Iterator[str]:
    points = cell.metadata.get("points")
    if kind == "solution":
        if points is not None:
            yield "points belong on the test cell. Remove them here."
        yield from _solution_faults(cell.source, name)
    elif type(points) is not int or points < 1:
        yield f"points={points!r} is not a whole number above 0. Write for example points=2."
    if kind == "written" and cell.cell_type != "markdown":
        yield "a written answer must be a markdown cell. Write '# %% [markdown] written=...'."
    if kind == "written" and not cell.source.strip():
        yield "a written answer needs its model answer and rubric. Write them."
    if kind in ("solution", "test") and cell.cell_type != "code":
        yield f"a {kind} cell must be a code cell. Remove [markdown]."
    if kind == "test" and cell.cell_type == "code":
        yield from (
            f"'{free}' is neither imported nor defined in this test cell. Tests may use only '{name}' from the student."
            for free in sorted(free_names(cell.source) - {name})
        )
        if cell.source.lstrip().startswith(BEGIN_HIDDEN):
            yield "there are no visible tests. Put some before the hidden ones."


def _solution_faults(source: str, name: str) -> Iterator[str]:
    try:
        body = parse(source).body
    except SyntaxError:
        return
    function = next((node for node in body if isinstance(node, ast.FunctionDef) and node.name == name), None)
    if function is None:
        yield f"the cell does not define '{name}'. Give the function the name of the exercise."
    elif not ast.get_docstring(function):
        yield f"'{name}' has no docstring. State shapes, units and errors: it is all that the student sees."
