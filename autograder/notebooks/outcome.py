"""Why a test failed: the single source of these messages for records, feedback pages and reports."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.notebooks.cells import HIDDEN
from autograder.notebooks.status import ENDINGS, Mode, Status
from convlab.recognition import PERHAPS

_LINE = re.compile(r"\(line (\d{1,6}) of this test\)$")
MAX_LINE = 300  # characters of a test's line in a message
# Errors shown without their type, which would tell a student nothing.
PLAIN = ("CheckError", "AssertionError", "NotRun", "NotGraded")


# What a reader is told of a test that was not judged apart, and what it means.
MARKS = {
    Mode.APART: ("", ""),
    Mode.TOGETHER: (
        "judged together with your notebook",
        "This test ran in your notebook's own process, since it works only there. All others ran outside of it.",
    ),
    Mode.BY_HAND: ("not graded by machine", "No program ran this test: your instructor gives these points."),
}


@dataclass(frozen=True)
class Failure:
    """Why a test failed.

    Args:
        error: the name of the exception; "NotRun" for a test that was not reached.
        message: the text for a person.
        help: the explanation of the recognized misconception; empty if none was recognized.
        note: the sentence of `note_of`; empty if the test was judged as it is.
    """

    error: str
    message: str
    help: str = ""
    note: str = ""

    @property
    def text(self) -> str:
        """The message, followed by the note and the help if there are any."""
        more = [self.note, f"{PERHAPS} {self.help}" if self.help else ""]
        return "\n  ".join([self.message, *filter(None, more)])


def status_of(notebook: NotebookNode | None) -> Status:
    """The status stored in a graded notebook; `Status.GRADED` if it holds none."""
    known = notebook.metadata.get("convlab") if notebook is not None else None
    status = known.get("status") if isinstance(known, dict) else None
    return Status(status) if status in list(ENDINGS) else Status.GRADED


def failure_of(cell: NotebookNode) -> Failure | None:
    """Why a test cell that has run failed; None if it passed, has no outputs or is not judged by machine.

    The help is in the cell's metadata, where the judge's help is stored. If the tests ran in an ordinary Jupyter
    kernel, or the notebook was graded by version 0.1, the checks of `convlab` have appended the help to their message
    instead.
    """
    if mode_of(cell) is Mode.BY_HAND:
        return None
    error = next((output for output in cell.get("outputs", []) if output.get("output_type") == "error"), None)
    if error is None:
        return None
    name, value = str(error.get("ename", "")), str(error.get("evalue", ""))
    known = cell.metadata.get("convlab")
    help_ = known.get("help") if isinstance(known, dict) else None
    if not isinstance(help_, str) or not help_:
        said, mark, behind = value.rpartition(f"\n  {PERHAPS}")
        value, help_ = (said, behind.strip()) if mark else (value, "")
    message = value if name.endswith(PLAIN) and value else f"{name}: {value}"
    if name == "AssertionError" and not value:
        message = _what_does_not_hold(cell, error) or message
    return Failure(name, message, help_, note_of(cell))


def _what_does_not_hold(cell: NotebookNode, error: NotebookNode) -> str:
    """A sentence for an `assert` without words: its line, and its text unless that is hidden; "" if it is not known."""
    found = next(filter(None, map(_LINE.match, error.get("traceback", []))), None)
    lines = cell.source.splitlines()
    number = int(found[1]) if found else 0
    if not 0 < number <= len(lines):
        return ""
    known = cell.metadata.get("convlab")
    handed_out = known.get("handed_out") if isinstance(known, dict) else None
    shown = handed_out if isinstance(handed_out, str) else HIDDEN.sub("", cell.source)
    line = lines[number - 1].strip()
    if line not in map(str.strip, shown.splitlines()):
        return "A hidden test does not hold."
    return f"Line {number} of this test does not hold: {line[:MAX_LINE]}"


def keep_mode(cell: NotebookNode, mode: str) -> None:
    """Store in the metadata of a test cell where it is judged."""
    cell.metadata.setdefault("convlab", NotebookNode())["judged"] = str(mode)


def mode_of(cell: NotebookNode) -> Mode:
    """Where a test cell is judged, or was; apart if nothing is stored."""
    known = cell.metadata.get("convlab")
    mode = known.get("judged") if isinstance(known, dict) else None
    return Mode(mode) if mode in list(Mode) else Mode.APART


def keep_help(cell: NotebookNode, help_: str) -> None:
    """Store the help for a recognized misconception in the metadata of the test cell that failed."""
    cell.metadata.setdefault("convlab", NotebookNode())["help"] = help_


def keep_judged_with(cell: NotebookNode, names: Iterable[str]) -> None:
    """Store in the metadata of a test cell which functions of the course stood in for the student's."""
    cell.metadata.setdefault("convlab", NotebookNode())["judged_with"] = list(names)


def note_of(cell: NotebookNode) -> str:
    """A sentence for a test that was judged with functions of the course; "" for one that was judged as it is."""
    known = cell.metadata.get("convlab")
    names = known.get("judged_with") if isinstance(known, dict) else None
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        return ""
    if len(names) == 1:
        return f"Judged with the course's own {names[0]}, since yours fails its own test: that mistake counts once."
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    return f"Judged with the course's own {listed}, since yours fail their own tests: those mistakes count once."
