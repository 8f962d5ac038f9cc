"""Grades one submission before it is recorded: read -> repair -> run -> judge -> render.

Nothing here needs a gradebook or a class directory, so all of it can run on another machine: a job contains the
submission and its lesson, and returns a `GradedNotebook`.
"""

from __future__ import annotations

import logging
import threading
import time
import traceback
from dataclasses import dataclass, field, replace

import nbformat
from nbformat import NotebookNode

from autograder.classroom import Submission
from autograder.errors import AutograderError, BeyondLimits, UnreadableSubmission
from autograder.execution import RunResult, shared_runner
from autograder.execution.runner import RunReport
from autograder.files.log import about
from autograder.gradebook import Entry, Record
from autograder.gradebook.record import record_of
from autograder.gradebook.scores import first_entry
from autograder.notebooks.cells import SKIP
from autograder.notebooks.folder import handed_in_beside, read_submitted_or_error
from autograder.notebooks.outcome import keep_help, keep_judged_with, keep_mode, mode_of
from autograder.notebooks.repair import run_every_cell
from autograder.notebooks.status import NOT_READ, Mode, Status
from autograder.uploads import Clerk, shared_clerks
from autograder.uploads.clerk import written
from autograder.uploads.own_files import LARGE_BYTES, with_own
from autograder.uploads.prepare import Lesson, note_left_out, prepare
from autograder.uploads.presentation import fit, plain_page, without_texts

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """How notebooks are run: the limits in seconds of wall time for one cell and for all, and `Run`'s other settings.

    `secret` lists paths that the sandbox must not show, from `secret_paths`; with `ask_ends`, how the processes ended
    is determined for the log; without `together`, a test that cannot be judged apart is left to a person.
    """

    cell_seconds: float = 60
    total_seconds: float = 300
    every_cell: bool = False
    unsafe: bool = False
    secret: tuple[str, ...] = ()
    ask_ends: bool = False
    together: bool = True


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
    path, which those of the lesson overwrite; `left_out` are notes about files that are missing from these. If the
    submission is too large to wait in memory, these are empty, and `still` says which folder to read it from.
    `missing` is whether other notebooks of the lesson were handed in, but not this one.
    """

    student: str
    lesson: Lesson
    submitted: bytes | UnreadableSubmission = field(repr=False)
    files: dict[str, bytes] = field(repr=False)
    settings: Settings
    rendering: Rendering | None = None
    left_out: tuple[str, ...] = ()
    still: Submission | None = None
    missing: bool = False

    def __str__(self) -> str:
        return f"{self.student}, {self.lesson}"

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
        beside = handed_in_beside(submission.folder, submission.notebook_name)
        notes = tuple(note for note in (submission.renamed, *beside.notes) if note)
        job = cls(
            submission.student, lesson, submitted, beside.files, settings, rendering, notes, missing=submission.missing
        )
        size = sum(map(len, beside.files.values())) + (len(submitted) if isinstance(submitted, bytes) else 0)
        return replace(job, submitted=b"", files={}, still=submission) if here and size > LARGE_BYTES else job

    def run(self) -> GradedNotebook:
        """Grade the submission in this process, with fork servers that stay for the next job.

        Raises:
            AutograderError: it could not be run; the message names student and lesson.
        """
        with about(str(self)):
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
                        notebook = prepare(clerk, content, self.lesson, steps)
                        del content
                    files = handed_in_beside(self.still.folder, self.still.notebook_name).files
                else:
                    notebook, files = prepare(clerk, self.submitted, self.lesson, steps), self.files
                if self.missing:
                    notebook.metadata.convlab["status"] = Status.MISSING
                note_left_out(notebook, self.left_out)
                read = time.perf_counter()
                result = run_prepared(notebook, files, self.lesson, self.settings)
                ran = time.perf_counter()
                graded = _written(self, notebook, result, clerk)
            end = time.perf_counter()
            run, reason = result.report if result else None, notebook.metadata.convlab.get("reason", "")
            report = JobReport(began, read - begun, end - ran, end - begun, run, reason)
            return replace(graded, report=report)
        except AutograderError:
            raise
        except Exception as error:  # whatever an untrusted file causes must affect only its own submission
            # Without the exception's message, which may contain the student's text.
            LOG.debug("%s at: %s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
            raise AutograderError(
                f"the submission cannot be run ({type(error).__name__}: {error}).", where=str(self)
            ) from None


def run_prepared(nb: NotebookNode, files: dict[str, bytes], lesson: Lesson, settings: Settings) -> RunResult | None:
    """Run a prepared notebook's cells in a worker and its tests in a judge, and write the results into the notebook.

    Args:
        files: those handed in beside it; the lesson's own overwrite them.

    Returns:
        The result; None for an unreadable or missing notebook, which is not run: each of its test cells then says why.

    Raises:
        AutograderError: the notebook could not be run.
    """
    record = nb.metadata.setdefault("convlab", NotebookNode(repaired=[]))
    record["sandbox"] = not settings.unsafe
    for cell in nb.cells:
        if mode_of(cell) is Mode.TOGETHER and not settings.together:
            keep_mode(cell, Mode.BY_HAND)
    if record.get("status") in NOT_READ:
        say_not_run(nb, record.reason)
        return None
    if settings.every_cell:
        run_every_cell(nb)
    result = shared_runner(unsafe=settings.unsafe, secret=settings.secret).run(
        nb,
        with_own(files, lesson.own_files),
        known=lesson.known,
        solutions=lesson.solutions,
        given=lesson.given,
        own_files=lesson.own_files,
        cell_seconds=settings.cell_seconds,
        total_seconds=settings.total_seconds,
        ask_ends=settings.ask_ends,
        visible=lesson.visible,
    )
    _fill_in(nb, result)
    fit(nb)
    record["status"] = result.status
    return result


def _fill_in(nb: NotebookNode, result: RunResult) -> None:
    """Write outputs, execution counts, help and what a test was judged with into the notebook's code cells."""
    cells = [cell for cell in nb.cells if cell.cell_type == "code"]
    number = 0
    for place, (cell, outputs) in enumerate(zip(cells, result.outputs, strict=True)):
        if SKIP in cell.metadata.get("tags", []):
            continue
        number += 1
        cell.outputs = [nbformat.from_dict(output) for output in outputs]
        if place in result.help:
            keep_help(cell, result.help[place])
        if place in result.judged_with:
            keep_judged_with(cell, result.judged_with[place])
        cell.execution_count = number
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = number
                if place in result.together:  # the number comes from the student's process
                    most = float(cell.metadata.nbgrader.get("points") or 0)
                    output.data["text/plain"] = repr(min(float(output.data["text/plain"]), most))


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
    names = {"student": job.student, "notebook": job.lesson.notebook}
    try:
        text, page = clerk.finish(nb, job.rendering.steps, names, entry, hide=job.rendering.hide)
    except BeyondLimits as error:
        LOG.warning("the graded notebook exceeded the clerk's limits, so its page is a plain one: %s", error)
        nb = without_texts(nb, str(error))
        text = written(nb)
        page = plain_page(nb, names, entry, hide=job.rendering.hide)
    record = record_of(job.student, job.lesson.name, nb, entry.scores, name=job.lesson.notebook)
    return GradedNotebook(status, text, entry, seconds, RenderedNotebook(record, page))


_LARGE_ONE = threading.Lock()
