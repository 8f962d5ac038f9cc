"""Records graded submissions: in the gradebook, in `autograded/` and as feedback pages, completely or not at all."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
import sqlalchemy
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.preprocessors import LimitOutput
from nbgrader.utils import remove, rmtree, setenv

from autograder.classroom import ClassDirectory, Submission
from autograder.classroom.directory import CONFIG_FILE
from autograder.errors import AutograderError, ClassError
from autograder.files import write_atomically
from autograder.files.atomic import name_beside
from autograder.gradebook import Entry, Record, held_gradebook
from autograder.gradebook.record import record_of
from autograder.gradebook.scores import (
    AssignLatePenalties,
    SaveAutoGrades,
    begin_submission,
    entry,
    keep_reviewed,
    scores,
)
from autograder.gradebook.upstream import captured_log
from autograder.grading.configuration import walled
from autograder.grading.job import GradedNotebook, Outcome, RenderedNotebook, Rendering
from autograder.grading.nbgrader_plugin import LINUX, FeedbackExporter, Run, no_kernels
from autograder.notebooks.file_names import title_of
from autograder.notebooks.folder import copy_over, ordinary_files, read_submitted_or_error
from autograder.notebooks.status import Status
from autograder.reports import fill_in_grades
from autograder.reports.feedback import feedback_path, write_feedback
from autograder.uploads.clerk import written
from autograder.uploads.own_files import OwnFolder
from autograder.uploads.prepare import Lesson, note_left_out, prepared_notebook
from autograder.uploads.presentation import CleanHTML

LOG = logging.getLogger(__name__)

# The steps that `configure` sets up, and those that have been done when a rendered notebook arrives.
STEPS = [Run, LimitOutput, SaveAutoGrades, CleanHTML, AssignLatePenalties]
DONE_BY_WORKER = (Run, LimitOutput, CleanHTML)


class Recorder:
    """Records the submissions of a class.

    It does what nbgrader's autograde and generate_feedback do, with the steps of the class's configuration. nbgrader's
    own commands would read and write each notebook three times, and create the steps again for each.

    Raises:
        ClassError: the configuration names steps that cannot be created.
    """

    def __init__(self, classroom: ClassDirectory, gradebook: Gradebook | None = None) -> None:
        self._classroom, self._gradebook = classroom, gradebook
        log, _ = captured_log("autograde")
        config = walled(classroom)
        try:
            with classroom.importable():
                self._autograde = Autograde(coursedir=classroom.coursedir(), config=config, log=log)
                self._exporter = self._autograde.exporter_class(parent=self._autograde, config=self._autograde.config)
                for step in self._autograde.autograde_preprocessors:
                    self._exporter.register_preprocessor(step)
            self._feedback = FeedbackExporter(config=config)
        except AutograderError:
            raise
        except Exception as error:  # an import or a setting of the instructor's
            raise ClassError(
                f"the steps of grading cannot be made ({type(error).__name__}: {error}).",
                where=str(classroom.path / CONFIG_FILE),
                remedy="Correct c.Autograde or the settings of its steps.",
            ) from error

    @cached_property
    def rendering(self) -> Rendering | None:
        """How jobs render notebooks in advance; None if the class has steps of its own, which must run here first."""
        steps = [type(step) for step in self._exporter._preprocessors if getattr(step, "enabled", True)]
        config = {name: self._exporter.config.get(name, {}) for name in ("LimitOutput", "SanitizeHTML", "CleanHTML")}
        try:
            return Rendering(json.dumps(config, sort_keys=True), self._feedback.hide) if steps == STEPS else None
        except TypeError:  # a setting that JSON cannot express
            return None

    def record(self, group: Sequence[tuple[Submission, Outcome]], *, reviewed: Sequence[str] = ()) -> list[Record]:
        """Record submissions in one transaction; if it fails, one by one, so that a failure affects only one of them.

        Args:
            group: submissions, each with the outcome of running it.
            reviewed: cells graded by hand whose points are still valid, so that nobody has to review them again.

        Returns:
            A record for each; its status is `not_recorded`, with the reason, if nothing was written for it.
        """
        if len(group) > 1 and self.rendering is None:
            # The class's own steps may commit or roll back the transaction, so each submission gets its own.
            return [record for one in group for record in self.record([one], reviewed=reviewed)]
        begun = time.monotonic()
        try:
            booked = self._booked(group, reviewed)
        except AutograderError as error:
            if len(group) > 1:
                LOG.info(
                    "%d submissions could not be recorded together, so each is recorded alone: %s", len(group), error
                )
                return [record for one in group for record in self.record([one], reviewed=reviewed)]
            return [_not_recorded(group[0][0], error)]
        in_books = time.monotonic()
        records = [self._shown(submission, *found) for (submission, _), found in zip(group, booked, strict=True)]
        _log_records(records, in_books - begun, time.monotonic() - in_books)
        return records

    def run_and_record(self, submission: Submission) -> Record:
        """Run a submission with nbgrader's own execution, for systems that cannot fork, and record it."""
        try:
            with _failures_of(submission):
                self._refuse_misnamed(submission)
                lesson = read_lesson(self._classroom, submission.lesson, submission.notebook_name)
                notebook = prepared_notebook(read_submitted_or_error(submission.notebook), lesson)
                if submission.missing:
                    notebook.metadata.convlab["status"] = Status.MISSING
                note_left_out(notebook, [submission.renamed] if submission.renamed else [])
            with held_gradebook(self._classroom.db_url, self._gradebook) as commit, _failures_of(submission):
                notebook = self._take_steps(submission, notebook, ())
                known = self._known(submission)
                commit()
        except AutograderError as error:
            return _not_recorded(submission, error)
        return self._shown(submission, notebook, known)

    def _refuse_misnamed(self, submission: Submission) -> None:
        if submission.missing or os.path.lexists(submission.notebook):
            return
        others = sorted(path.name for path in submission.folder.glob("*.ipynb") if path != submission.notebook)
        names = [f"'{name}.ipynb'" for name in self._classroom.notebooks(submission.lesson)]
        wanted = f"no '{submission.notebook.name}'" if len(names) < 2 else f"neither {' nor '.join(names)}"
        raise AutograderError(
            f"there is {wanted}" + (f", only {', '.join(others)}." if others else "."),
            where=str(submission),
            remedy="Rename the notebook, or ask the student to hand in again.",
        )

    def _booked(
        self, group: Sequence[tuple[Submission, Outcome]], reviewed: Sequence[str]
    ) -> list[tuple[NotebookNode, Entry, RenderedNotebook | None]]:
        """Write a group into the gradebook and `autograded/`, and return the arguments for `_shown`.

        Raises:
            AutograderError: a submission could not be recorded; then none is.
        """
        graded_ones: list[tuple[Submission, GradedNotebook]] = []
        for submission, graded in group:
            if isinstance(graded, AutograderError):
                raise graded
            with _failures_of(submission):
                self._refuse_misnamed(submission)
            graded_ones.append((submission, graded))
        with held_gradebook(self._classroom.db_url, self._gradebook) as commit:
            booked = []
            for submission, graded in graded_ones:
                with _failures_of(submission):
                    notebook = self._book(submission, graded)
                    if reviewed:
                        keep_reviewed(
                            self._classroom.db_url,
                            submission.student,
                            submission.lesson,
                            reviewed,
                            submission.notebook_name,
                        )
                    known = self._known(submission)
                    # The rendered page is invalid if the submission was graded by hand before, is late, or has to pass
                    # through the class's own steps.
                    ready = graded.rendered if notebook is None and known == graded.entry else None
                    booked.append((notebook or (NotebookNode() if ready else _parsed(graded)), known, ready))
            commit()
        return booked

    def _known(self, submission: Submission) -> Entry:
        """The current entry of a submission in the gradebook."""
        with Gradebook(self._classroom.db_url) as gradebook:
            return entry(gradebook, submission.notebook_name, submission.lesson, submission.student)

    def _shown(
        self, submission: Submission, notebook: NotebookNode, known: Entry, ready: RenderedNotebook | None = None
    ) -> Record:
        """Write the feedback page of a submission that is in the gradebook, and return its record."""
        try:
            with _failures_of(submission):
                record, page = (ready.record, ready.page) if ready else self._render(submission, notebook, known)
                return replace(record, feedback=str(write_feedback(self._classroom, submission, page)))
        except AutograderError as error:
            return _not_recorded(submission, error)

    def _render(self, submission: Submission, notebook: NotebookNode, known: Entry) -> tuple[Record, str]:
        names = {"student": submission.student, "notebook": submission.notebook_name}
        record = record_of(submission.student, submission.lesson, notebook, known.scores, name=submission.notebook_name)
        fill_in_grades(notebook, names, known)
        return record, self._feedback.page(notebook, names)

    def _book(self, submission: Submission, graded: GradedNotebook) -> NotebookNode | None:
        """Write a notebook into the gradebook and `autograded/`, and return it, or None if it was rendered already."""
        if graded.rendered is None or self.rendering is None:
            return self._take_steps(submission, _parsed(graded), (Run,))
        # The remaining steps do not use the notebook, so an empty one will do.
        self._take_steps(submission, NotebookNode(cells=[]), DONE_BY_WORKER, graded)
        return None

    def _take_steps(
        self,
        submission: Submission,
        notebook: NotebookNode,
        done: tuple[type, ...],
        rendered: GradedNotebook | None = None,
    ) -> NotebookNode:
        """Run the remaining steps of nbgrader's autograde, and write the notebook and the files beside it.

        Args:
            done: the steps that have been done already.
            rendered: a notebook whose text is ready, to be written instead of the result of the steps.
        """
        lesson, student, name = submission.lesson, submission.student, submission.notebook_name
        path = autograded_path(self._classroom, submission)
        names: dict[str, Any] = {
            "student": student,
            "assignment": lesson,
            "notebook": name,
            "db_url": self._classroom.db_url,
        }
        if rendered:
            names["entry"] = rendered.entry
        resources = ResourcesDict(
            unique_key=name,
            metadata=ResourcesDict(name=name, path=str(path.parent)),
            nbgrader=names,
        )
        nbgrader = self._autograde
        nbgrader.coursedir.assignment_id, nbgrader.coursedir.student_id = lesson, student
        nbgrader.notebooks = [str(submission.notebook)]
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.chdir(self._classroom.path), setenv(NBGRADER_EXECUTION="autograde"):
            nbgrader.run_pre_convert_hook()
            self._copy_files(submission, path.parent)
            with Gradebook(self._classroom.db_url) as gradebook:
                timestamp = nbgrader.coursedir.get_existing_timestamp(str(submission.folder))
                begin_submission(gradebook, lesson, student, timestamp, name)
            record = notebook.get("metadata", {}).get("convlab")
            with self._classroom.importable(), no_kernels() if LINUX else contextlib.nullcontext():
                for step in self._exporter._preprocessors:
                    if type(step) not in done:
                        notebook, resources = step(notebook, resources)
            if record is not None:
                notebook.metadata["convlab"] = record  # a step of the class's own may clear metadata
            write_atomically(path, (rendered.notebook if rendered else written(notebook)).encode())
            nbgrader.set_permissions(lesson, student)
            nbgrader.run_post_convert_hook()
        return notebook

    def _copy_files(self, submission: Submission, target: Path) -> None:
        """Replace the files in `target` with those submitted beside the notebook, overwritten by the lesson's own."""
        notebooks = [f"{name}.ipynb" for name in self._classroom.notebooks(submission.lesson)]
        notebooks.append(f"{submission.notebook_name}.ipynb")
        for old in target.iterdir():
            if old.is_dir() and not old.is_symlink():
                rmtree(old)
            elif old.name not in notebooks:
                remove(old)
        own = self._classroom.path / "source" / submission.lesson
        kept = self._autograde.exclude_overwriting.get(submission.lesson, [])
        for folder, left in ((submission.folder, []), (own, kept)):
            left_out = [
                *self._autograde.coursedir.ignore,
                "*.ipynb",
                submission.notebook.name,
                *(name_beside(target / name) for name in notebooks),
            ]
            for name in ordinary_files(str(folder), left_out, own=folder == own):
                relative = Path(name).relative_to(folder)
                if str(relative) in left:
                    continue
                # A submitted file that has disappeared or become unreadable is skipped; the lesson's own must be there.
                with contextlib.suppress(*([OSError] if folder == submission.folder else [])):
                    copy_over(Path(name), target, relative, own=folder == own)


@contextlib.contextmanager
def _failures_of(submission: Submission) -> Iterator[None]:
    """Turn any error of a configured step into an AutograderError that names the submission."""
    try:
        yield
    except AutograderError:
        raise
    except sqlalchemy.exc.SQLAlchemyError:
        raise  # `held_gradebook` knows what these mean
    except (Exception, SystemExit) as error:
        raise AutograderError(
            f"nbgrader could not record the submission: {type(error).__name__}: {error}",
            where=str(submission),
        ) from error


def _parsed(graded: GradedNotebook) -> NotebookNode:
    return nbformat.reads(graded.notebook, as_version=4)


def _log_records(records: list[Record], book_seconds: float, page_seconds: float) -> None:
    if not LOG.isEnabledFor(logging.INFO):
        return
    together = f" ({len(records)} together)" if len(records) > 1 else ""
    for record in records:
        if record.recorded:
            LOG.info(
                "%s: recorded with %g of %g points; books %.2f, page %.2f s%s",
                f"{record.student}, {title_of(record.lesson, record.notebook)}",
                record.score,
                record.max_score,
                book_seconds,
                page_seconds,
                together,
            )


def _not_recorded(submission: Submission, error: AutograderError) -> Record:
    LOG.warning("%s: not recorded: %s", submission, str(error).removeprefix(f"{submission}: "))
    return record_without(submission, Status.NOT_RECORDED, str(error))


def record_without(submission: Submission, status: Status, reason: str) -> Record:
    """The record of a submission that has no points in the gradebook, for this reason."""
    name = "" if submission.notebook_name == submission.lesson else submission.notebook_name
    return Record(submission.student, submission.lesson, status, reason=reason, notebook=name)


def read_lesson(classroom: ClassDirectory, lesson: str, notebook: str, *, here: bool = True) -> Lesson:
    """Read what grading needs from a notebook of a lesson, with the instructor's files beside it. Raises OSError.

    Args:
        here: whether it is only used on this machine.
    """
    own = OwnFolder.of(classroom.coursedir(), classroom.config, lesson)
    return Lesson.read(classroom.path, lesson, notebook, own, here=here)


def autograded_path(classroom: ClassDirectory, submission: Submission) -> Path:
    folder = classroom.path / "autograded" / submission.student / submission.lesson
    return folder / f"{submission.notebook_name}.ipynb"


def kept_record(classroom: ClassDirectory, submission: Submission) -> Record | None:
    """The existing record of a submission; None if its gradebook entry, notebook or feedback page is missing."""
    page, path = feedback_path(classroom, submission), autograded_path(classroom, submission)
    if not page.is_file() or not path.is_file():
        return None
    points = scores(classroom.db_url, submission.student, submission.lesson, submission.notebook_name)
    if not points:
        return None
    notebook = nbformat.read(path, as_version=4)
    return record_of(submission.student, submission.lesson, notebook, points, page, submission.notebook_name)
