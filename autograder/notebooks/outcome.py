"""Why a test failed: the one place that says it, for records, feedback pages and reports."""

from __future__ import annotations

from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.notebooks.status import ENDINGS, Status
from convlab.recognition import PERHAPS

# Errors whose text is the whole message: what they are called is no news for a student.
PLAIN = ("CheckError", "AssertionError", "NotRun")


@dataclass(frozen=True)
class Failure:
    """Why a test failed.

    Args:
        error: the name of the exception, "NotRun" for a test that was not reached.
        message: what a person reads.
        help: the sentence for a recognized misconception, if it is one.
    """

    error: str
    message: str
    help: str = ""

    @property
    def text(self) -> str:
        """All of it."""
        return f"{self.message}\n  {PERHAPS} {self.help}" if self.help else self.message


def status_of(notebook: NotebookNode | None) -> Status:
    """How running a graded notebook ended; graded, where it does not say."""
    known = notebook.metadata.get("convlab") if notebook is not None else None
    status = known.get("status") if isinstance(known, dict) else None
    return Status(status) if status in list(ENDINGS) else Status.GRADED


def failure_of(cell: NotebookNode) -> Failure | None:
    """Why a test cell that has run failed; None if it passed or has no outputs.

    The help comes from the cell's metadata, where the judge's is put. Where the tests ran in an ordinary kernel, the checks
    of `convlab` have said it themselves, behind their message; so did notebooks that version 0.1 graded.
    """
    error = next((output for output in cell.get("outputs", []) if output.get("output_type") == "error"), None)
    if error is None:
        return None
    name, value = str(error.get("ename", "")), str(error.get("evalue", ""))
    known = cell.metadata.get("convlab")
    help_ = known.get("help") if isinstance(known, dict) else None
    if not isinstance(help_, str) or not help_:
        said, mark, behind = value.rpartition(f"\n  {PERHAPS}")
        value, help_ = (said, behind.strip()) if mark else (value, "")
    return Failure(name, value if name.endswith(PLAIN) and value else f"{name}: {value}", help_)


def keep_help(cell: NotebookNode, help_: str) -> None:
    """Write the help for a recognized misconception into the metadata of the test that failed."""
    cell.metadata.setdefault("convlab", NotebookNode())["help"] = help_
