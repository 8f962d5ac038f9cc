"""Restores a submitted notebook to the structure in which its lesson was released.

None of the student's metadata survives: ids, points, locks, tags and cell types are the lesson's. Every change is
recorded in plain words for the feedback page.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_locked

from autograder.notebooks.cells import DISPLAY, SKIP, Cell, digest
from autograder.notebooks.names import Names, global_names
from autograder.notebooks.read import bare_notebook

# Characters in one text cell, and in all: a lesson has 15,000; sanitizing a hostile 200,000 takes half a minute.
MAX_TEXT, MAX_TEXTS = 20_000, 100_000
# With more characters of code than this, no cell is skipped: the analysis would take too long. A lesson has 20,000.
MAX_CODE_ANALYSED = 500_000
MAX_DIGITS = 20  # of points
# With these names a cell can reach any global without naming it.
REACHES_ANYTHING = frozenset("globals locals vars eval exec compile __import__ get_ipython In Out".split())
MAY_REACH_ANYTHING = re.compile(r"\b(sys|inspect|importlib|builtins|gc|__main__|_i?\d+|_i+|_[io]h)\b|\.__\w+__")


@dataclass
class Repaired:
    """A submission restored to its lesson's structure, with a note for each thing that had to be repaired."""

    notebook: NotebookNode
    notes: list[str] = field(default_factory=list)


def repair(submitted: NotebookNode, template: NotebookNode, earlier: dict[str, list[Cell]] | None = None) -> Repaired:
    """Match each marked cell of the lesson with one of the student's: by id, then by source, then by position.

    A marked cell is one with nbgrader metadata.

    Args:
        submitted: the student's notebook, as `parse_notebook` returns it.
        template: the lesson as released.
        earlier: earlier released versions of the marked cells, by `grade_id`; a cell that equals one was not edited.

    Returns:
        A new notebook that contains every marked cell of the lesson once, with each test after its solution, with the
        lesson's metadata and, for test cells, the lesson's text. Cells that only display something are tagged with
        `SKIP`.
    """
    notes: list[str] = []
    cells = [_copy(cell) for cell in submitted.cells]
    marked = [cell for cell in template.cells if "nbgrader" in cell.metadata]
    places = _match(cells, template.cells, notes)
    # A cell that the lesson itself tagged is no news.
    tagged = any(cell.metadata.get("tags") not in (None, [], [DISPLAY]) for cell in template.cells)
    for cell in cells:
        if cell.metadata.pop("tags", None) and not tagged:
            notes.append("Tags on a cell were removed: they do not count here.")
        cell.metadata.pop("nbgrader", None)
    for original in marked:
        grade_id = original.metadata.nbgrader.grade_id
        position = places.get(grade_id)
        if position is not None:
            _restore(cells, position, original, submitted.cells[position], (earlier or {}).get(grade_id, []), notes)
    cells = _insert_missing(cells, marked, places, notes)
    cells = _tests_behind_solutions(cells, notes)
    _skip_displays(cells, template)
    _cut_texts(cells, notes)
    return Repaired(_finished(cells, template), list(dict.fromkeys(notes)))


def _copy(cell: NotebookNode) -> NotebookNode:
    return nbformat.from_dict(json.loads(json.dumps(cell)))


def _match(cells: list[NotebookNode], lesson: list[NotebookNode], notes: list[str]) -> dict[str, int]:
    """Map each matched `grade_id` of the lesson to a position in `cells`; no position is used twice."""
    marked = [cell for cell in lesson if "nbgrader" in cell.metadata]
    texts = {cell.source.strip() for cell in lesson if "nbgrader" not in cell.metadata}
    places: dict[str, int] = {}
    for original in marked:
        grade_id = original.metadata.nbgrader.grade_id
        found = [n for n, cell in enumerate(cells) if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id]
        if len(found) > 1:
            notes.append(
                f"Cell '{grade_id}' occurred {len(found)} times: the last one counts, the others ran as plain cells."
            )
        if found:
            places[grade_id] = found[-1]
    for original in marked:
        grade_id = original.metadata.nbgrader.grade_id
        if grade_id in places:
            continue
        free = [n for n, cell in enumerate(cells) if n not in places.values() and cell.source.strip() not in texts]
        found = _by_source(cells, original, free) or _by_place(cells, marked, places, original, free)
        if found:
            places[grade_id] = found[-1]
            notes.append(f"Cell '{grade_id}' had lost its id: it was recognized and got its id back.")
    return places


def _by_source(cells: list[NotebookNode], original: NotebookNode, free: list[int]) -> list[int]:
    same = [n for n in free if cells[n].source.strip() == original.source.strip()]
    if same or original.metadata.nbgrader.grade:
        return same
    name = re.escape(original.metadata.nbgrader.grade_id)
    return [n for n in free if re.search(rf"(?m)^def {name}\b", cells[n].source)]


def _by_place(
    cells: list[NotebookNode],
    marked: list[NotebookNode],
    places: dict[str, int],
    original: NotebookNode,
    free: list[int],
) -> list[int]:
    """The unmatched cell of the right type between the neighboring marked cells, if there is exactly one.

    The lesson's own cells without nbgrader metadata do not count.
    """
    # A locked cell gets the lesson's text anyway; only what a student wrote is worth guessing at.
    if is_locked(original):
        return []
    order = [cell.metadata.nbgrader.grade_id for cell in marked]
    index = order.index(original.metadata.nbgrader.grade_id)
    before = max((places[name] for name in order[:index] if name in places), default=-1)
    after = min((places[name] for name in order[index + 1 :] if name in places), default=len(cells))
    between = [n for n in free if before < n < after and cells[n].cell_type == original.cell_type]
    return between if len(between) == 1 else []


def _restore(
    cells: list[NotebookNode],
    position: int,
    original: NotebookNode,
    handed_in: NotebookNode,
    earlier: list[Cell],
    notes: list[str],
) -> None:
    """Give the student's cell the lesson's metadata, type and, if it is locked, text."""
    fields = original.metadata.nbgrader
    student = handed_in.metadata.get("nbgrader", {})
    worth = [fields.get("points"), *(points for _, points in earlier)]
    if "points" in student and "points" in fields and _number(student["points"]) not in worth:
        notes.append(f"Cell '{fields.grade_id}' had different points: the lesson's points count.")
    if handed_in.cell_type != original.cell_type:
        notes.append(
            f"Cell '{fields.grade_id}' had become a {handed_in.cell_type} cell: "
            f"it was changed back to a {original.cell_type} cell."
        )
    source = handed_in.source
    if is_locked(original):
        if source.strip() != original.source.strip() and digest(source) not in [text for text, _ in earlier]:
            notes.append(f"Cell '{fields.grade_id}' had been edited: the lesson's own tests were used.")
        source = original.source
    cells[position] = _marked_copy(original, source)
    if original.cell_type == "markdown" and not is_locked(original) and "attachments" in handed_in:
        cells[position]["attachments"] = handed_in.attachments


def _number(points: Any) -> Any:
    """Points as a number, if they are a text that is one, as old versions of nbgrader wrote them."""
    try:
        return float(points) if isinstance(points, str) and len(points) < MAX_DIGITS else points
    except ValueError:
        return points


def _marked_copy(original: NotebookNode, source: str) -> NotebookNode:
    """A cell with the lesson's type, id and metadata, and the given text."""
    cell = _copy(original)
    cell.source = source
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    return cell


def _insert_missing(
    cells: list[NotebookNode], marked: list[NotebookNode], places: dict[str, int], notes: list[str]
) -> list[NotebookNode]:
    """Add the lesson's marked cells that the submission lacks, each after its predecessor."""
    behind: dict[int, list[NotebookNode]] = {}
    last = -1
    for original in marked:
        grade_id = original.metadata.nbgrader.grade_id
        if grade_id in places:
            last = places[grade_id]
        else:
            behind.setdefault(last, []).append(_copy(original))
            notes.append(f"Cell '{grade_id}' was missing: it was restored as released.")
    result = list(behind.get(-1, []))
    for position, cell in enumerate(cells):
        result += [cell, *behind.get(position, [])]
    return result


def _tests_behind_solutions(cells: list[NotebookNode], notes: list[str]) -> list[NotebookNode]:
    for test in [cell for cell in cells if is_locked(cell)]:
        grade_id = test.metadata.nbgrader.grade_id
        name = grade_id.removeprefix("test_")
        solution = next((cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name), None)
        if solution is None:
            continue
        here, there = _index(cells, test), _index(cells, solution)
        if here < there:
            cells.insert(there, cells.pop(here))
            notes.append(f"Cell '{grade_id}' came before its exercise: it was moved after it.")
    return cells


def _index(cells: list[NotebookNode], wanted: NotebookNode) -> int:
    return next(n for n, cell in enumerate(cells) if cell is wanted)


def _skip_displays(cells: list[NotebookNode], template: NotebookNode) -> None:
    """Tag the lesson's display cells to be skipped, if they are unchanged and no other cell depends on them.

    Their figures and training runs take most of a lesson's time, and no test sees their results.
    """
    if sum(len(cell.source) for cell in cells if cell.cell_type == "code") > MAX_CODE_ANALYSED:
        return
    texts = {cell.source.strip() for cell in template.cells if DISPLAY in cell.metadata.get("tags", [])}
    shown: list[tuple[NotebookNode, Names]] = []
    needed: set[str] = set()
    for cell in cells:
        marks = cell.metadata.get("nbgrader")
        if cell.cell_type != "code" or is_locked(cell):
            continue
        names = global_names(cell.source)
        if names and not marks and cell.source.strip() in texts:
            shown.append((cell, names))
            continue
        if names is None or names.used & REACHES_ANYTHING or MAY_REACH_ANYTHING.search(cell.source):
            return
        needed |= names.used | names.made
    # If a display cell is needed, the cells that it depends on are needed, too: repeat until nothing changes.
    before = None
    while shown != before:
        before = shown
        needed.update(*(names.used for _, names in shown if names.made & needed))
        shown = [(cell, names) for cell, names in shown if not names.made & needed]
    for cell, _ in shown:
        cell.metadata["tags"] = [SKIP]


def run_every_cell(notebook: NotebookNode) -> None:
    """Remove the `SKIP` tags that `repair` set, so that every cell runs."""
    for cell in notebook.cells:
        if cell.metadata.get("tags") == [SKIP]:
            del cell.metadata["tags"]


def _cut_texts(cells: list[NotebookNode], notes: list[str]) -> None:
    """Cut text cells to the size limits; if there is too much text, answers (marked cells) are kept first."""
    room = MAX_TEXTS
    for cell in sorted(cells, key=lambda cell: "nbgrader" not in cell.metadata):
        if cell.cell_type == "code":
            continue
        most = min(MAX_TEXT, room)
        if len(cell.source) > most:
            cell.source = cell.source[:most]
            notes.append(f"Text was cut: a text cell may have {MAX_TEXT:,} characters, all together {MAX_TEXTS:,}.")
        room -= len(cell.source)


def _finished(cells: list[NotebookNode], template: NotebookNode) -> NotebookNode:
    metadata = {key: template.metadata[key] for key in ("kernelspec", "language_info") if key in template.metadata}
    notebook = bare_notebook(cells, **metadata)
    taken = {cell.id for cell in cells if "nbgrader" in cell.metadata}
    for number, cell in enumerate(cells):
        # Random ids would make two runs differ.
        if "nbgrader" not in cell.metadata:
            cell.id = f"student-{number}"
            while cell.id in taken:
                cell.id += "x"
    nbformat.validate(notebook)
    return notebook
