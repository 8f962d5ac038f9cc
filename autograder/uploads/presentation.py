"""Limits what is kept and shown of a notebook that was run; points and messages of tests are always kept."""

from __future__ import annotations

import json
import threading
from typing import Any

import nbformat
from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbformat import NotebookNode
from nbgrader.utils import is_locked

from autograder.errors import BeyondLimits
from autograder.gradebook import Entry
from autograder.notebooks.cells import is_test
from autograder.reports import feedback_page, fill_in_grades
from autograder.uploads.clerk import NOT_SHOWN
from autograder.uploads.clerks import shared_clerks

# Characters of a student's code, and of all its outputs, that are kept; a larger notebook could not be opened.
MAX_CODE_KEPT, MAX_OUTPUTS_KEPT = 2 * 2**20, 20 * 2**20
MAX_MESSAGE = 2_000
CODE_LEFT_OUT = "\n# … (more was left out)"
CODE_NOT_SHOWN = "# (not shown)"
OUTPUTS_LEFT_OUT = f"Outputs were left out: they were larger than {MAX_OUTPUTS_KEPT // 2**20} MB in total."


def fit(nb: NotebookNode) -> None:
    """Cut long code of the student's, and drop all outputs of the student's cells if they are too large to open."""
    room = MAX_CODE_KEPT
    own = [cell for cell in nb.cells if cell.cell_type == "code" and not is_locked(cell)]
    for cell in own:
        if len(cell.source) > max(room, 0):
            cell.source = cell.source[: max(room, 0)] + CODE_LEFT_OUT
        room -= len(cell.source)
    if sum(_length(cell.outputs) for cell in own) > MAX_OUTPUTS_KEPT:
        for cell in own:
            cell.outputs = []
        nb.metadata.convlab.repaired.append(OUTPUTS_LEFT_OUT)


def _length(value: Any) -> int:
    """The number of characters of all strings in a value, plus a few for each container."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return 8 + sum(map(_length, value.values()))
    return 8 + (sum(map(_length, value)) if isinstance(value, list) else 0)


def without_texts(nb: NotebookNode, why: str) -> NotebookNode:
    """A copy of a notebook that was run with nothing of the student's but code, for one that is too large to show."""
    nb = nbformat.from_dict(json.loads(json.dumps(nb)))
    for cell in nb.cells:
        cell.pop("attachments", None)
        if is_locked(cell) or is_test(cell):
            cell.outputs = [_cut_error(output) for output in cell.get("outputs", []) if output.output_type == "error"]
        elif cell.cell_type == "code":
            cell.outputs = []
        if cell.cell_type != "code":
            cell.pop("outputs", None)
            cell.source = NOT_SHOWN
    nb.metadata.convlab.repaired.append(f"Texts and outputs are not shown: {why}")
    return nb


def _cut_error(output: NotebookNode) -> NotebookNode:
    text = output.evalue[:MAX_MESSAGE]
    return NotebookNode(output, evalue=text, traceback=[f"{output.ename}: {text}"])


def plain_page(nb: NotebookNode, names: dict[str, Any], entry: Entry | None, *, hide: bool) -> str:
    """The feedback page of a notebook after `without_texts`, without the student's code either, to take no risk."""
    cells = [
        NotebookNode(cell, source=CODE_NOT_SHOWN) if cell.cell_type == "code" and not is_locked(cell) else cell
        for cell in nb.cells
    ]
    nb = NotebookNode(nb, cells=cells)
    with _ONE_AT_A_TIME:
        if entry:
            fill_in_grades(nb, names, entry)
        return feedback_page(nb, names, hide=hide)


def page_of(nb: NotebookNode, names: dict[str, Any], *, hide: bool) -> str:
    """The feedback page of a graded notebook after `fill_in_grades`; a reduced one if it exceeds the limits."""
    unsafe = nb.metadata.get("convlab", {}).get("sandbox") is False
    try:
        with shared_clerks(unsafe=unsafe).hire() as clerk:
            return clerk.page(nb, names, hide=hide)
    except BeyondLimits as error:
        nb.metadata.setdefault("convlab", NotebookNode()).setdefault("repaired", [])
        return plain_page(without_texts(nb, str(error)), names, None, hide=hide)


# Some of the libraries that render text are not thread-safe.
_ONE_AT_A_TIME = threading.Lock()


class CleanHTML(SanitizeHTML):
    """nbconvert's SanitizeHTML, done by a clerk with limits, since a hostile text can make it take very long."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        steps = json.dumps({name: self.config.get(name, {}) for name in ("SanitizeHTML", "CleanHTML")})
        unsafe = nb.metadata.get("convlab", {}).get("sandbox") is False
        try:
            with shared_clerks(unsafe=unsafe).hire() as clerk:
                return nbformat.from_dict(clerk.clean(nb, steps)), resources
        except BeyondLimits as error:
            return without_texts(nb, str(error)), resources
