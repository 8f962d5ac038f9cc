"""What becomes of one submission before it reaches the books: read -> repair -> run -> judge -> write out.

Nothing here needs a gradebook or a class directory, so all of it can be done on another machine: a job brings what was
handed in and what belongs to its lesson, and a `GradedNotebook` goes back.
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
LARGE_BYTES = 2**20  # of a submission, which does not wait for its turn in memory


@dataclass(frozen=True)
class Lesson:
    """What marking needs of a class's lesson.

    `release` and `source` are its notebooks, as handed out and with all tests; `known` has for each exercise the
    misconceptions that are recognized, as `Answer.as_dict` gives them; `earlier` what else was handed out as its cells.
    """

    name: str
    # Dask logs what a task was given, where one fails.
    release: bytes = field(repr=False)
    source: bytes = field(repr=False)
    known: dict[str, list[dict[str, str]]] = field(repr=False)
    earlier: dict[str, list[Cell]] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, root: Path, name: str) -> Lesson:
        """A lesson of the class at `root`. Raises OSError."""
        release, source = ((root / folder / name / f"{name}.ipynb").read_bytes() for folder in ("release", "source"))
        return cls(name, release, source, known_misconceptions(root, name), handed_out(root, name))

    @property
    def keras(self) -> bool:
        """Whether its tests and solutions name Keras."""
        return needs_keras(steps(lesson_notebook(self.source)), self.known)


@dataclass(frozen=True)
class Settings:
    """How notebooks are run: wall time in seconds for one cell and for all of them, and `Run`'s other settings.

    `secret` are the paths that the walls must not show: `course.secret_paths`; with `ask_ends` it is found out for the log how
    the processes ended.
    """

    cell_seconds: float = 60
    total_seconds: float = 300
    every_cell: bool = False
    unsafe: bool = False
    secret: tuple[str, ...] = ()
    ask_ends: bool = False


@dataclass(frozen=True)
class Rendering:
    """How what was run is written out: the settings of `LimitOutput` and `CleanHTML` as JSON, and if hidden tests are left out."""

    steps: str
    hide: bool


@dataclass(frozen=True)
class RenderedNotebook:
    """A graded notebook's record and feedback page, as they are until a person or a late penalty changes them."""

    record: Record
    page: str


@dataclass(frozen=True)
class JobReport:
    """How a job went, for the log; `began` is seconds since 1970, `run` None where nothing was run, for a `reason`."""

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
    """What came of a submission.

    `notebook` is the notebook as JSON; `entry` is what the gradebook has of it, if nobody has graded by hand; `seconds` is how
    long its cells and tests ran; `rendered` is None where steps of the class's own have to come before.
    """

    status: str
    notebook: str
    entry: Entry
    seconds: float | None
    rendered: RenderedNotebook | None
    report: JobReport | None = field(default=None, compare=False)


# What came of running a submission: an error where it could not be run, which is not the student's fault.
Outcome = GradedNotebook | AutograderError


@dataclass(frozen=True)
class Job:
    """One submission, with all that a worker needs for it.

    `submitted` is the notebook as handed in, or why it cannot be read; `files` are those beside it, by relative path; `left_out`
    says which of them are not. One that is too large to wait in memory is `still` in its folder.
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
        """What a student handed in.

        Args:
            here: it is run on this machine, so that what is large need not wait for that in memory: it is read again then.
        """
        submitted = read_submitted_or_error(submission.notebook)
        beside = handed_in_beside(submission.folder)
        notes = tuple(note for note in (submission.renamed, *beside.notes) if note)
        job = cls(submission.student, lesson, submitted, beside.files, settings, rendering, notes)
        size = sum(map(len, beside.files.values())) + (len(submitted) if isinstance(submitted, bytes) else 0)
        return replace(job, submitted=b"", files={}, still=submission) if here and size > LARGE_BYTES else job

    def run(self) -> GradedNotebook:
        """Do it in this process, with warm parents that stay for the next one.

        Raises:
            AutograderError: it could not be run; the reason names student and lesson.
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
                    # One at a time, and gone again before its cells run.
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
        except Exception as error:  # a stranger's file: whatever it brings about is its own affair
            where = f"{self.student}, {self.lesson.name}"
            # Without what the exception says, which may be the student's own text.
            LOG.debug("%s at: %s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
            raise AutograderError(f"it cannot be run ({type(error).__name__}: {error}).", where=where) from None


def prepared_notebook(submitted: bytes | UnreadableSubmission, lesson: Lesson, *, unsafe: bool = False) -> NotebookNode:
    """What was handed in, repaired and with the tests of `source/`; as handed out where it cannot be read.

    `metadata.convlab` says what was repaired, and, of an unreadable one, its status and the reason.
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
        LOG.warning("the notebook was too much for its clerk: %s", error)
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
    """The notebook of what was read: whatever is the lesson's comes from the lesson. Raises BeyondLimits if it is not all there."""
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
            # Random ids would make two runs differ.
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
    """Mark the cells that run when hidden tests have run: the student's functions know by then what these called them with.

    What such cells show is left out of the feedback page. Not covered is what a test's message says of the student's own
    function, "got" and the text of its exception: a function that recorded the arguments of a hidden test can still hand
    them, a few at a time, to a visible test that comes later. That costs the points of that test.
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
    """Add what became of the files beside a prepared notebook to its record."""
    nb.metadata.convlab.repaired += notes


def run_prepared(
    nb: NotebookNode, files: dict[str, bytes], known: dict[str, list[dict[str, str]]], settings: Settings
) -> RunResult | None:
    """Run a prepared notebook's cells in a worker and its tests in a judge, and put what came of them into it.

    Returns None, and says why in each test cell, where it cannot be read. Raises AutograderError.
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
    """Put what came of each code cell into the notebook."""
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
    """Say in each test cell that has not run why that is."""
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
        LOG.warning("the graded notebook was too much for its clerk, so its page is a plain one: %s", error)
        nb = without_texts(nb, str(error))
        text = written(nb)
        page = plain_page(nb, names, entry, hide=job.rendering.hide)
    record = record_of(job.student, job.lesson.name, nb, entry.scores)
    return GradedNotebook(status, text, entry, seconds, RenderedNotebook(record, page))


_LARGE_ONE = threading.Lock()
