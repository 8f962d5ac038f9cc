"""Grades one submission before it is recorded: read -> repair -> run -> judge -> render.

Nothing here needs a gradebook or a class directory, so all of it can run on another machine: a job contains the
submission and its lesson, and returns a `GradedNotebook`.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_locked

from autograder.classroom import Submission
from autograder.classroom.releases import handed_out
from autograder.course.answers import known_misconceptions
from autograder.errors import AutograderError, BeyondLimits, UnreadableSubmission
from autograder.execution import RunResult, shared_runner
from autograder.execution.runner import RunReport, needs_keras, steps
from autograder.files.log import about
from autograder.gradebook import Entry, Record
from autograder.gradebook.record import record_of
from autograder.gradebook.scores import first_entry
from autograder.notebooks import with_tests
from autograder.notebooks.cells import BEGIN_HIDDEN, SKIP, Cell, grade_id_of, lesson_notebook, lesson_text
from autograder.notebooks.folder import handed_in_beside, read_submitted_or_error
from autograder.notebooks.outcome import keep_help
from autograder.notebooks.read import RESAVE
from autograder.notebooks.repair import run_every_cell
from autograder.notebooks.status import Status
from autograder.uploads import Clerk, GivenCell, RepairedNotebook, shared_clerks
from autograder.uploads.clerk import written
from autograder.uploads.presentation import fit, plain_page, without_texts

LOG = logging.getLogger(__name__)
LARGE_BYTES = 2**20  # a larger submission is not kept in memory while it waits for its turn


@dataclass(frozen=True)
class Lesson:
    """What grading needs from a class's lesson.

    `release` and `source` are its notebooks, as handed out and with all tests; `known` are the misconceptions that are
    recognized, by exercise, as from `Answer.as_dict`; `earlier` are the earlier versions of its cells, by name.
    """

    name: str
    # Not in the repr, because Dask logs the arguments of a task that fails.
    release: bytes = field(repr=False)
    source: bytes = field(repr=False)
    known: dict[str, list[dict[str, str]]] = field(repr=False)
    earlier: dict[str, list[Cell]] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, root: Path, name: str) -> Lesson:
        """Read a lesson of the class at `root`. Raises OSError."""
        release, source = ((root / folder / name / f"{name}.ipynb").read_bytes() for folder in ("release", "source"))
        return cls(name, release, source, known_misconceptions(root, name), handed_out(root, name))

    @property
    def keras(self) -> bool:
        """Whether its tests or solutions use Keras."""
        return needs_keras(steps(lesson_notebook(self.source)), self.known)


@dataclass(frozen=True)
class Settings:
    """How notebooks are run: the limits in seconds of wall time for one cell and for all, and `Run`'s other settings.

    `secret` lists paths that the sandbox must not show, from `secret_paths`; with `ask_ends`, how the processes ended
    is determined for the log.
    """

    cell_seconds: float = 60
    total_seconds: float = 300
    every_cell: bool = False
    unsafe: bool = False
    secret: tuple[str, ...] = ()
    ask_ends: bool = False


@dataclass(frozen=True)
class Rendering:
    """How graded notebooks are rendered: settings of nbgrader's steps as JSON, and whether to hide the hidden tests."""

    steps: str
    hide: bool


@dataclass(frozen=True)
class RenderedNotebook:
    """A graded notebook's record and feedback page, valid until manual grading or a late penalty changes the points."""

    record: Record
    page: str


@dataclass(frozen=True)
class JobReport:
    """How a job went, for the log; `began` is seconds since 1970, `run` is None if nothing was run, for a `reason`."""

    began: float
    read_seconds: float
    show_seconds: float
    seconds: float
    run: RunReport | None
    reason: str

    def __str__(self) -> str:
        parts = f"read {self.read_seconds:.2f}, show {self.show_seconds:.2f} s"
        return f"{parts}; {self.run or self.reason}"


@dataclass(frozen=True)
class GradedNotebook:
    """The result of grading a submission.

    `notebook` is the notebook as JSON; `entry` is its gradebook entry before any manual grading; `seconds` is how long
    its cells and tests ran; `rendered` is None if steps of the class's own have to run before rendering.
    """

    status: str
    notebook: str
    entry: Entry
    seconds: float | None
    rendered: RenderedNotebook | None
    report: JobReport | None = field(default=None, compare=False)


# The outcome of running a submission: an error if it could not be run, which is not the student's fault.
Outcome = GradedNotebook | AutograderError


@dataclass(frozen=True)
class Job:
    """One submission, with everything that is needed to grade it elsewhere.

    `submitted` is the notebook as handed in, or why it cannot be read; `files` are the files beside it, by relative
    path; `left_out` are notes about files that are missing from these. If the submission is too large to wait in
    memory, these are empty, and `still` says which folder to read it from.
    """

    student: str
    lesson: Lesson
    submitted: bytes | UnreadableSubmission = field(repr=False)
    files: dict[str, bytes] = field(repr=False)
    settings: Settings
    rendering: Rendering | None = None
    left_out: tuple[str, ...] = ()
    still: Submission | None = None

    @classmethod
    def read(
        cls,
        submission: Submission,
        lesson: Lesson,
        settings: Settings,
        rendering: Rendering | None = None,
        *,
        here: bool = False,
    ) -> Job:
        """Read a submission.

        Args:
            here: whether it will be run on this machine; if so, a large submission is not kept in memory but read again
                when it is run.
        """
        submitted = read_submitted_or_error(submission.notebook)
        beside = handed_in_beside(submission.folder)
        notes = tuple(note for note in (submission.renamed, *beside.notes) if note)
        job = cls(submission.student, lesson, submitted, beside.files, settings, rendering, notes)
        size = sum(map(len, beside.files.values())) + (len(submitted) if isinstance(submitted, bytes) else 0)
        return replace(job, submitted=b"", files={}, still=submission) if here and size > LARGE_BYTES else job

    def run(self) -> GradedNotebook:
        """Grade the submission in this process, with fork servers that stay for the next job.

        Raises:
            AutograderError: it could not be run; the message names student and lesson.
        """
        with about(f"{self.student}, {self.lesson.name}"):
            LOG.debug("begins")
            return self._run()

    def _run(self) -> GradedNotebook:
        began, begun = time.time(), time.perf_counter()
        try:
            with shared_clerks(unsafe=self.settings.unsafe).hire(self.settings.total_seconds) as clerk:
                steps = self.rendering.steps if self.rendering else "{}"
                if self.still:
                    # One at a time, and freed before its cells run, to save memory.
                    with _LARGE_ONE:
                        content = read_submitted_or_error(self.still.notebook)
                        notebook = _prepare(clerk, content, self.lesson, steps)
                        del content
                    files = handed_in_beside(self.still.folder).files
                else:
                    notebook, files = _prepare(clerk, self.submitted, self.lesson, steps), self.files
                note_left_out(notebook, self.left_out)
                read = time.perf_counter()
                result = run_prepared(notebook, files, self.lesson.known, self.settings)
                ran = time.perf_counter()
                graded = _written(self, notebook, result, clerk)
            end = time.perf_counter()
            run, reason = result.report if result else None, notebook.metadata.convlab.get("reason", "")
            report = JobReport(began, read - begun, end - ran, end - begun, run, reason)
            return replace(graded, report=report)
        except AutograderError:
            raise
        except Exception as error:  # whatever an untrusted file causes must affect only its own submission
            where = f"{self.student}, {self.lesson.name}"
            # Without the exception's message, which may contain the student's text.
            LOG.debug("%s at: %s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
            raise AutograderError(
                f"the submission cannot be run ({type(error).__name__}: {error}).", where=where
            ) from None


def prepared_notebook(submitted: bytes | UnreadableSubmission, lesson: Lesson, *, unsafe: bool = False) -> NotebookNode:
    """A submitted notebook, repaired and with the tests of `source/`; if it cannot be read, the lesson as handed out.

    `metadata.convlab` says what was repaired and, for an unreadable notebook, its status and the reason.
    """
    with shared_clerks(unsafe=unsafe).hire() as clerk:
        return _prepare(clerk, submitted, lesson, "{}")


def _prepare(clerk: Clerk, submitted: bytes | UnreadableSubmission, lesson: Lesson, steps: str) -> NotebookNode:
    name = f"{lesson.name}.ipynb"
    try:
        if isinstance(submitted, UnreadableSubmission):
            raise submitted
        release, source = lesson_text(lesson.release), lesson_text(lesson.source)
        key = shared_clerks(unsafe=clerk.unsafe).learn(release, source, steps, lesson.earlier)
        return _notebook_of(clerk.read(key, name, submitted), lesson)
    except BeyondLimits as error:
        LOG.warning("the notebook exceeded the clerk's limits: %s", error)
        reason = str(UnreadableSubmission(f"the notebook cannot be read: {error}", where=name, remedy=RESAVE))
    except UnreadableSubmission as error:
        reason = str(error)
    template = lesson_notebook(lesson.release)
    read = RepairedNotebook(
        [GivenCell(cell.cell_type, grade_id_of(cell), False, cell.source, {}) for cell in template.cells], []
    )
    notebook = _notebook_of(read, lesson)
    notebook.metadata.convlab |= {"status": Status.UNREADABLE, "reason": reason}
    return notebook


def _notebook_of(read: RepairedNotebook, lesson: Lesson) -> NotebookNode:
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
    _mark_after_hidden(notebook, template)
    return notebook


def _mark_after_hidden(nb: NotebookNode, release: NotebookNode) -> None:
    """Mark the cells that run after hidden tests, by when the student's functions may know the arguments of these.

    The output of such cells is left out of the feedback page. What remains is the part of a test's message that comes
    from the student's function, "got" and the text of an exception: a function that recorded the arguments of a hidden
    test can still pass them on, a few at a time, to a later visible test. This costs the points of that test.
    """
    handed_out = {cell.metadata.nbgrader.grade_id: cell.source for cell in release.cells if "nbgrader" in cell.metadata}
    after = False
    for cell in nb.cells:
        cell.metadata.pop("convlab", None)
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code":
            continue
        if not marks.get("grade") or marks.get("solution"):
            if after:
                cell.metadata["convlab"] = NotebookNode(after_hidden=True)
        else:
            known = handed_out.get(marks.get("grade_id"), "")
            after = after or BEGIN_HIDDEN in cell.source or cell.source.strip() != known.strip()


def note_left_out(nb: NotebookNode, notes: Iterable[str]) -> None:
    """Add notes about files beside a prepared notebook that were left out to its record."""
    nb.metadata.convlab.repaired += notes


def run_prepared(
    nb: NotebookNode, files: dict[str, bytes], known: dict[str, list[dict[str, str]]], settings: Settings
) -> RunResult | None:
    """Run a prepared notebook's cells in a worker and its tests in a judge, and write the results into the notebook.

    Returns:
        The result; None for an unreadable notebook, which is not run: each of its test cells then says why.

    Raises:
        AutograderError: the notebook could not be run.
    """
    record = nb.metadata.setdefault("convlab", NotebookNode(repaired=[]))
    record["sandbox"] = not settings.unsafe
    if record.get("status") == Status.UNREADABLE:
        say_not_run(nb, record.reason)
        return None
    if settings.every_cell:
        run_every_cell(nb)
    result = shared_runner(unsafe=settings.unsafe, secret=settings.secret).run(
        nb,
        files,
        known=known,
        cell_seconds=settings.cell_seconds,
        total_seconds=settings.total_seconds,
        ask_ends=settings.ask_ends,
    )
    _fill_in(nb, result)
    fit(nb)
    record["status"] = result.status
    return result


def _fill_in(nb: NotebookNode, result: RunResult) -> None:
    """Write outputs, execution counts and help into the notebook's code cells."""
    cells = [cell for cell in nb.cells if cell.cell_type == "code"]
    number = 0
    for place, (cell, outputs) in enumerate(zip(cells, result.outputs, strict=True)):
        if SKIP in cell.metadata.get("tags", []):
            continue
        number += 1
        cell.outputs = [nbformat.from_dict(output) for output in outputs]
        if place in result.help:
            keep_help(cell, result.help[place])
        cell.execution_count = number
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = number


def say_not_run(nb: NotebookNode, reason: str) -> None:
    """Write the reason into each test cell that has not run."""
    for cell in nb.cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and marks.get("grade") and cell.execution_count is None and not cell.outputs:
            cell.outputs = [
                nbformat.v4.new_output("error", ename="NotRun", evalue=reason, traceback=[f"NotRun: {reason}"])
            ]


def _written(job: Job, nb: NotebookNode, result: RunResult | None, clerk: Clerk) -> GradedNotebook:
    entry = first_entry(nb)
    status = nb.metadata.convlab.status
    seconds = round(result.seconds[-1], 3) if result and result.seconds else None
    if not job.rendering:
        return GradedNotebook(status, written(nb), entry, seconds, None)
    names = {"student": job.student, "notebook": job.lesson.name}
    try:
        text, page = clerk.finish(nb, job.rendering.steps, names, entry, hide=job.rendering.hide)
    except BeyondLimits as error:
        LOG.warning("the graded notebook exceeded the clerk's limits, so its page is a plain one: %s", error)
        nb = without_texts(nb, str(error))
        text = written(nb)
        page = plain_page(nb, names, entry, hide=job.rendering.hide)
    record = record_of(job.student, job.lesson.name, nb, entry.scores)
    return GradedNotebook(status, text, entry, seconds, RenderedNotebook(record, page))


_LARGE_ONE = threading.Lock()
