"""Remembers the tests and points of each release of a lesson, so that an old release does not count as edited."""

from __future__ import annotations

import contextlib
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_locked

from autograder.errors import ClassError
from autograder.files import append_lines, read_lines
from autograder.notebooks.cells import Cell, digest

FILE = "releases.jsonl"


def handed_out(root: Path, lesson: str, notebook: str = "") -> dict[str, list[Cell]]:
    """All versions of each marked cell of a lesson's notebook that were ever handed out, by cell name."""
    cells: dict[str, list[Cell]] = {}
    for release in _kept(root):
        if release["lesson"] == lesson and release.get("notebook", lesson) == (notebook or lesson):
            for name, (text, points) in release["cells"].items():
                cells.setdefault(name, []).append((text, points))
    return cells


def keep_release(root: Path, lesson: str, notebook: NotebookNode, name: str = "") -> None:
    """Remember the release of a lesson's notebook of this name, by default the lesson's, unless it is known already.

    Raises:
        ClassError: it cannot be written.
    """
    cells = {}
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("grade_id"):
            points = float(marks["points"]) if marks.get("grade") else None
            cells[marks["grade_id"]] = [digest(cell.source) if is_locked(cell) else "", points]
    if not cells and name not in ("", lesson):
        return  # a notebook that is not graded
    release = {"lesson": lesson} | ({"notebook": name} if name not in ("", lesson) else {}) | {"cells": cells}
    if release in _kept(root):
        return
    path = root / FILE
    try:
        append_lines(path, [release])
    except OSError as error:
        raise ClassError(
            f"the release cannot be recorded ({error.strerror}).",
            where=str(path),
            remedy="Free disk space, or fix the file's permissions.",
        ) from error


def _kept(root: Path) -> list[dict]:
    kept = []
    for release in read_lines(root / FILE):
        with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
            cells = {name: [str(text), points] for name, (text, points) in release["cells"].items()}
            kept.append({name: release[name] for name in ("lesson", "notebook") if name in release} | {"cells": cells})
    return kept


class KeepRelease(NbGraderPreprocessor):
    """The last step of nbgrader's generate_assignment in a class made by `autograder new`: remembers the release."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        names = resources["nbgrader"]
        keep_release(Path(self.parent.parent.coursedir.root), names["assignment"], nb, names["notebook"])
        return nb, resources
