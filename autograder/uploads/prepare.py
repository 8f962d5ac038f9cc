"""Puts what was handed in into the shape of its lesson: repaired by a clerk, with the instructor's tests."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_locked

from autograder.classroom.directory import source_of
from autograder.classroom.releases import handed_out
from autograder.course.answers import course_solutions, known_misconceptions
from autograder.course.preflight import kept_findings
from autograder.errors import BeyondLimits, UnreadableSubmission
from autograder.execution.given import Given, given_by
from autograder.execution.runner import needs_keras, steps
from autograder.notebooks import with_tests
from autograder.notebooks.cells import HIDDEN, SKIP, Cell, grade_id_of, is_test, lesson_notebook, lesson_text
from autograder.notebooks.file_names import title_of
from autograder.notebooks.outcome import keep_mode, mode_of
from autograder.notebooks.read import RESAVE
from autograder.notebooks.status import Mode, Status
from autograder.uploads.answers import GivenCell, RepairedNotebook
from autograder.uploads.clerks import Clerk, shared_clerks
from autograder.uploads.own_files import LARGE_BYTES, OwnFolder

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Lesson:
    """What grading needs from one notebook of a class's lesson.

    `release` and `source` are the notebook, as handed out and with all tests; `known` are the misconceptions that are
    recognized, by exercise, as from `Answer.as_dict`; `earlier` are the earlier versions of its cells, by name;
    `notebook` is its name, by default the lesson's; `own_files` are the instructor's files beside it, by relative path;
    `modes` says for the tests that are not judged apart where they are, as its pre-flight found out.
    """

    name: str
    # Not in the repr, because Dask logs the arguments of a task that fails.
    release: bytes = field(repr=False)
    source: bytes = field(repr=False)
    known: dict[str, list[dict[str, str]]] = field(repr=False)
    earlier: dict[str, list[Cell]] = field(default_factory=dict, repr=False)
    notebook: str = ""
    own_files: dict[str, bytes] = field(default_factory=dict, repr=False)
    # Where `own_files` can be read again on this machine, so that a copy of the lesson need not carry them.
    own_folder: OwnFolder | None = None
    modes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "notebook", self.notebook or self.name)

    @classmethod
    def read(
        cls, root: Path, name: str, notebook: str = "", own: OwnFolder | None = None, *, here: bool = False
    ) -> Lesson:
        """Read a notebook, by default the lesson's, of a lesson of the class at `root`.

        Args:
            own: the instructor's files beside it; by default there are none.
            here: whether it is only used on this machine.

        Raises:
            OSError: a file cannot be read.
        """
        release = (root / "release" / name / f"{notebook or name}.ipynb").read_bytes()
        source = source_of(root, name, notebook).read_bytes()
        known, earlier = known_misconceptions(root, name), handed_out(root, name, notebook)
        files = own.files() if own else {}
        modes = modes_of(root, name, notebook or name)
        return cls(name, release, source, known, earlier, notebook, files, own if here else None, modes)

    @property
    def visible(self) -> dict[str, str]:
        """The texts of its tests as handed out, without their hidden parts, by `grade_id`."""
        return {grade_id_of(cell): cell.source for cell in lesson_notebook(self.release).cells if is_test(cell)}

    def __getstate__(self) -> dict[str, Any]:
        large = self.own_folder and sum(map(len, self.own_files.values())) > LARGE_BYTES
        return self.__dict__ | ({"own_files": None} if large else {})

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if state["own_files"] is None:
            self.__dict__["own_files"] = self.own_folder.files() if self.own_folder else {}

    def __str__(self) -> str:
        return title_of(self.name, self.notebook)

    @property
    def solutions(self) -> dict[str, dict[str, str]]:
        """The course's own functions that answer its exercises, as from `course_solutions`."""
        return course_solutions(self.source)

    @property
    def given(self) -> Given:
        """What its own notebook says about the names in its tests."""
        return _given(self.source)

    @property
    def keras(self) -> bool:
        """Whether its tests or solutions use Keras."""
        return needs_keras(steps(lesson_notebook(self.source)), self.known)


def modes_of(root: Path, name: str, notebook: str) -> dict[str, str]:
    """Where a notebook's tests are judged that are not judged apart, as its latest pre-flight found out."""
    found = kept_findings(root).get((name, notebook))
    return found.modes if found else {}


@lru_cache(maxsize=64)
def _given(source: bytes) -> Given:
    return given_by(lesson_notebook(source))


def prepared_notebook(submitted: bytes | UnreadableSubmission, lesson: Lesson, *, unsafe: bool = False) -> NotebookNode:
    """A submitted notebook, repaired and with the tests of `source/`; if it cannot be read, the lesson as handed out.

    `metadata.convlab` says what was repaired and, for an unreadable notebook, its status and the reason.
    """
    with shared_clerks(unsafe=unsafe).hire() as clerk:
        return prepare(clerk, submitted, lesson, "{}")


def prepare(clerk: Clerk, submitted: bytes | UnreadableSubmission, lesson: Lesson, steps: str) -> NotebookNode:
    name = f"{lesson.notebook}.ipynb"
    try:
        if isinstance(submitted, UnreadableSubmission):
            raise submitted
        release, source = lesson_text(lesson.release), lesson_text(lesson.source)
        key = shared_clerks(unsafe=clerk.unsafe).learn(release, source, steps, lesson.earlier)
        return prepared_from(clerk.read(key, name, submitted), lesson)
    except BeyondLimits as error:
        LOG.warning("the notebook exceeded the clerk's limits: %s", error)
        reason = str(UnreadableSubmission(f"the notebook cannot be read: {error}", where=name, remedy=RESAVE))
    except UnreadableSubmission as error:
        reason = str(error)
    template = lesson_notebook(lesson.release)
    read = RepairedNotebook(
        [GivenCell(cell.cell_type, grade_id_of(cell), False, cell.source, {}) for cell in template.cells], []
    )
    notebook = prepared_from(read, lesson)
    notebook.metadata.convlab |= {"status": Status.UNREADABLE, "reason": reason}
    return notebook


def prepared_from(read: RepairedNotebook, lesson: Lesson) -> NotebookNode:
    """Build the notebook to run from what the clerk read; locked cells and metadata come from the lesson, not from it.

    Raises:
        BeyondLimits: the lesson's cells are not all there, so the clerk's result is unusable.
    """
    template = lesson_notebook(lesson.release)
    graded = {grade_id_of(cell): cell for cell in template.cells if grade_id_of(cell)}
    if sorted(cell.grade_id for cell in read.cells if cell.grade_id) != sorted(graded):
        raise BeyondLimits("reading it gave no usable result.")
    cells = []
    for number, given in enumerate(read.cells):
        if given.grade_id:
            original = graded[given.grade_id]
            cell = nbformat.from_dict(json.loads(json.dumps(original)))
            cell.source = original.source if is_locked(original) else given.source
        else:
            cell = NotebookNode(cell_type=given.kind, metadata=NotebookNode(), source=given.source)
            # Numbered, because random ids would make two runs differ.
            cell["id"] = f"student-{number}"
            while cell.id in {one.get("id") for one in graded.values()}:
                cell["id"] += "x"
            if given.skip:
                cell.metadata["tags"] = [SKIP]
        if cell.cell_type == "code":
            cell.update(execution_count=None, outputs=[])
        elif given.pictures and not is_locked(cell):
            cell["attachments"] = nbformat.from_dict(given.pictures)
        cells.append(cell)
    metadata = {key: template.metadata[key] for key in ("kernelspec", "language_info") if key in template.metadata}
    metadata |= {"convlab": NotebookNode(repaired=list(read.notes))}
    notebook = NotebookNode(nbformat=4, nbformat_minor=5, metadata=NotebookNode(metadata), cells=cells)
    with_tests(notebook, lesson_notebook(lesson.source))
    _mark_tests(notebook, lesson.modes)
    _mark_after_hidden(notebook, template)
    return notebook


def _mark_tests(nb: NotebookNode, modes: dict[str, str]) -> None:
    """Mark the tests that are not judged apart: the lesson decides, whatever a notebook says of itself."""
    for cell in nb.cells:
        cell.metadata.pop("convlab", None)
        if is_test(cell) and grade_id_of(cell) in modes:
            keep_mode(cell, modes[grade_id_of(cell)])


def _mark_after_hidden(nb: NotebookNode, release: NotebookNode) -> None:
    """Mark the cells that run after hidden tests, by when the student's functions may know the arguments of these.

    The output of such cells is left out of the feedback page. What remains is the part of a test's message that comes
    from the student's function, "got" and the text of an exception: a function that recorded the arguments of a hidden
    test can still pass them on, a few at a time, to a later visible test. This costs the points of that test.
    """
    handed_out = {cell.metadata.nbgrader.grade_id: cell.source for cell in release.cells if "nbgrader" in cell.metadata}
    after = False
    for cell in nb.cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code":
            continue
        if not marks.get("grade") or marks.get("solution"):
            if after:
                cell.metadata["convlab"] = NotebookNode(after_hidden=True)
        else:
            known = handed_out.get(marks.get("grade_id"), "")
            changed = cell.source.strip() != known.strip()
            # What is judged elsewhere does not run before the cells that follow.
            after = after or (mode_of(cell) is Mode.APART and (bool(HIDDEN.search(cell.source)) or changed))
            if HIDDEN.sub("", cell.source).split() != HIDDEN.sub("", known).split():
                # The class marks hidden tests in another way, which the feedback page does not know.
                cell.metadata.setdefault("convlab", NotebookNode())["handed_out"] = known


def note_left_out(nb: NotebookNode, notes: Iterable[str]) -> None:
    """Add notes about files beside a prepared notebook that were left out to its record."""
    nb.metadata.convlab.repaired += notes
