"""Grades the submissions of a class: read -> repair -> run -> judge -> record."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.utils import is_grade

from autograder.classroom import ClassDirectory, Journal, Submission, writing
from autograder.classroom.directory import AUTOTEST, CONFIG_FILE, WITH_TESTS, source_of
from autograder.classroom.releases import keep_release
from autograder.classroom.roster import refuse_strangers
from autograder.course.answers import known_misconceptions
from autograder.course.preflight import Findings
from autograder.course.release import generate_release, generate_tests
from autograder.errors import COMMAND, AutograderError, ClassError
from autograder.execution import shared_runner
from autograder.gradebook import Record, check_gradebook, gradebook_errors
from autograder.gradebook.database import due_date, extensions, known_cells, known_students
from autograder.grading.configuration import walled
from autograder.grading.job import GradedNotebook, Job, JobReport, Outcome, Rendering, Settings
from autograder.grading.nbgrader_plugin import LINUX, Run
from autograder.grading.pool import Pool
from autograder.grading.recorder import Recorder, kept_record, read_lesson, record_without
from autograder.notebooks import graded_cells, handed_in_files
from autograder.notebooks.cells import grade_id_of, lesson_notebook
from autograder.notebooks.folder import submission_key
from autograder.notebooks.status import Status
from autograder.uploads import shared_clerks
from autograder.uploads.own_files import OwnFolder
from autograder.uploads.preflight import Limits, make_preflight
from autograder.uploads.prepare import modes_of

LOG = logging.getLogger(__name__)
DROPPED = (
    "the student was removed from the gradebook after being graded, so the submission is left unchanged. To add them again: "
    "'nbgrader db student add {}', then grade again."
)
# The languages of kernels whose notebooks do not always say it.
KERNELS = {"ir": "r", "bash": "bash", "octave": "octave", "xcpp17": "c++"}
# A submission is logged as slow if it takes more than SLOW_TIMES the median of its lesson, once FEW are done, and more
# than SLOW_SECONDS, or more than the share NEAR_LIMIT of a time limit.
SLOW_TIMES, SLOW_SECONDS, FEW, NEAR_LIMIT = 3, 1.0, 3, 0.8
# A new version of any of these may give another score.
ENVIRONMENT = [sys.version, *(version(name) for name in ("numpy", "tensorflow", "keras", "nbgrader", "convlab"))]


def grade_class(
    classroom: ClassDirectory,
    lessons: list[str],
    *,
    workers: int = 1,
    scheduler: str | None = None,
    force: bool = False,
    unsafe: bool = False,
    begun: Callable[[int], None] = lambda total: None,
    found: Callable[[Findings], None] = lambda findings: None,
) -> Iterator[Record]:
    """Grade all submissions of these lessons, yielding a record for each; one bad submission never stops the others.

    Args:
        workers: how many notebooks are run at a time; only this process writes to the gradebook.
        scheduler: the address of a Dask scheduler whose workers run the notebooks instead.
        force: whether to grade unchanged submissions again.
        unsafe: whether to run the notebooks without the sandbox; this is written into every record.
        begun: called once with the number of submissions.
        found: called with what a pre-flight found out, for each lesson that needed one.

    Raises:
        GradebookError, SandboxUnavailable, ClassInUse, ClassError: before anything is graded, if the gradebook cannot
            be used, the sandbox cannot be built, another process is writing into the class, or its configuration is
            wrong.
    """
    shared_runner(unsafe=unsafe).check(classroom.secret)
    classroom.config.Run.unsafe = unsafe
    walled(classroom)  # raises an error before anything is written
    with writing(classroom.path, "grade"):
        yield from _graded(classroom, lessons, workers, scheduler, force, begun, found)


def _graded(
    classroom: ClassDirectory,
    lessons: list[str],
    workers: int,
    scheduler: str | None,
    force: bool,
    begun: Callable[[int], None],
    found: Callable[[Findings], None],
) -> Iterator[Record]:
    """The body of `grade_class`, while the class's lock is held."""
    check_gradebook(classroom.db_url)
    refresh_lessons(classroom, lessons)
    students = known_students(classroom.db_url)
    submissions = list(classroom.submissions(lessons))
    begun(len(submissions))
    LOG.info("%d submission(s) of %s", len(submissions), ", ".join(lessons) or "no lesson")
    for findings in preflights(classroom, sorted({submission.lesson for submission in submissions})):
        found(findings)
    journal, keys = Journal(classroom.path), RecordKeys(classroom)
    todo: dict[Submission, str] = {}
    for submission in submissions:
        if was_dropped(classroom, submission, students, journal):
            LOG.info("%s: not graded, since the student was removed from the gradebook", submission)
            yield record_without(submission, Status.DROPPED, DROPPED.format(submission.student))
            continue
        try:
            refuse_strangers(submission.student, students if classroom.has_roster else None, "grade")
            key = keys.of(submission)
        except (AutograderError, OSError) as error:
            LOG.warning("%s: not recorded: %s", submission, error)
            yield record_without(submission, Status.NOT_RECORDED, str(error))
            continue
        record = None if force else _unchanged(classroom, submission, key, journal)
        if record:
            LOG.debug("%s: unchanged since it was recorded", submission)
            yield record
        else:
            todo[submission] = key
    with Gradebook(classroom.db_url) as gradebook:
        recorder = Recorder(classroom, gradebook)
        if not LINUX:
            for submission, key in todo.items():
                record = recorder.run_and_record(submission)
                if record.recorded:
                    journal.write((submission, key, None))
                yield record
            return
        for group in graded_ahead(classroom, list(todo), workers, scheduler, recorder.rendering):
            records = recorder.record(group)
            journal.write(
                *(
                    (submission, todo[submission], graded.seconds if isinstance(graded, GradedNotebook) else None)
                    for (submission, graded), record in zip(group, records, strict=True)
                    if record.recorded
                )
            )
            yield from records


def graded_ahead(
    classroom: ClassDirectory,
    submissions: list[Submission],
    workers: int,
    scheduler: str | None,
    rendering: Rendering | None = None,
) -> Iterator[list[tuple[Submission, Outcome]]]:
    """Run submissions ahead of recording them, and yield each with its outcome as they finish. Linux only.

    Args:
        rendering: if given, notebooks and feedback pages are rendered there too.
    """
    settings = replace(
        Run(config=walled(classroom)).settings, secret=classroom.secret, ask_ends=LOG.isEnabledFor(logging.INFO)
    )
    pace = _Pace(settings)
    unread: dict[Submission, AutograderError] = {}
    lesson_of = lru_cache(lambda lesson, notebook: read_lesson(classroom, lesson, notebook, here=not scheduler))

    def jobs() -> Iterator[tuple[Submission, Job]]:
        """Yield jobs, made only when they are needed: the notebooks of a whole class are large."""
        for submission in submissions:
            try:
                lesson = lesson_of(submission.lesson, submission.notebook_name)
                job = Job.read(submission, lesson, settings, rendering, here=not scheduler)
            except OSError as error:
                where = str(submission)
                unread[submission] = AutograderError(f"the submission cannot be read ({error}).", where=where)
                continue
            yield submission, job

    if submissions:
        if not scheduler:
            with contextlib.suppress(OSError, ValueError):  # each job will report it
                wanted = {(submission.lesson, submission.notebook_name) for submission in submissions}
                for keras in {lesson_of(*names).keras for names in wanted}:
                    shared_runner(unsafe=settings.unsafe).launch(keras=keras)
                shared_clerks(unsafe=settings.unsafe).launch()
        with Pool(min(workers, len(submissions)), scheduler) as pool:
            for group in pool.run(jobs()):
                for submission, outcome in group:
                    pace.log(submission, outcome)
                yield group
        if unread:
            yield list(unread.items())


class _Pace:
    """Logs how long each submission took, and which were slow compared with others of the lesson or with the limits."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seconds: dict[tuple[str, str], list[float]] = {}

    def log(self, submission: Submission, outcome: Outcome | None) -> None:
        if not isinstance(outcome, GradedNotebook) or not outcome.report or not LOG.isEnabledFor(logging.INFO):
            return
        report = outcome.report
        slow = self.slow((submission.lesson, submission.notebook_name), report)
        level = logging.INFO if outcome.status == Status.GRADED and not slow else logging.WARNING
        remark = f" (slow: {slow})" if slow else ""
        LOG.log(level, "%s: %s after %.2f s%s: %s", submission, outcome.status, report.seconds, remark, report)

    def slow(self, of: tuple[str, str], report: JobReport) -> str:
        """Why a submission of a lesson's notebook counts as slow; "" if it does not. Also remembers how long it took."""
        others = self._seconds.setdefault(of, [])
        usual = statistics.median(others) if len(others) >= FEW else report.seconds
        others.append(report.seconds)
        reasons = []
        if report.seconds > max(SLOW_TIMES * usual, SLOW_SECONDS):
            reasons.append(f"{report.seconds / usual:.0f} times the median so far, {usual:.2f} s")
        if report.run:
            ran, (cell, longest) = report.run.cell_seconds + report.run.test_seconds, report.run.slowest
            if ran > NEAR_LIMIT * self._settings.total_seconds:
                reasons.append(f"all cells took {ran:.1f} s, the limit is {self._settings.total_seconds:g} s")
            if longest > NEAR_LIMIT * self._settings.cell_seconds:
                reasons.append(f"code cell {cell} took {longest:.1f} s, the limit is {self._settings.cell_seconds:g} s")
        return "; ".join(reasons)


class RecordKeys:
    """Computes digests of everything that a record depends on: submission, tests, settings and environment."""

    def __init__(self, classroom: ClassDirectory) -> None:
        self._classroom, self._config = classroom, walled(classroom)
        self._lesson_parts = lru_cache(self._of_lesson)

    def of(self, submission: Submission) -> str:
        source = source_of(self._classroom.path, submission.lesson, submission.notebook_name)
        files = handed_in_files(submission.folder, submission.notebook_name)
        settings, known, extended, own = self._lesson_parts(submission.lesson)
        parts = [submission_key(submission.notebook, source), settings, _digests(files), known, submission.file]
        parts += [extended.get(submission.student, ""), *own]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def _of_lesson(self, lesson: str) -> tuple[str, str, dict[str, str], list[str]]:
        config = self._config
        due = due_date(self._classroom.db_url, lesson)
        settings: list[Any] = [config.get("Run", {}), config.get("AssignLatePenalties", {}), due, ENVIRONMENT]
        modes = [modes_of(self._classroom.path, lesson, name) for name in self._classroom.notebooks(lesson)]
        settings += [modes] if any(modes) else []
        known = known_misconceptions(self._classroom.path, lesson)
        extended = extensions(self._classroom.db_url, lesson)
        own = OwnFolder.of(self._classroom.coursedir(), self._classroom.config, lesson).files()
        # A lesson without such files has the key that it always had.
        digests = [_digests(own)] if own else []
        return json.dumps(settings, sort_keys=True, default=str), json.dumps(known, sort_keys=True), extended, digests


def _digests(files: dict[str, bytes]) -> str:
    return repr(sorted((name, hashlib.sha256(content).hexdigest()) for name, content in files.items()))


def _unchanged(classroom: ClassDirectory, submission: Submission, key: str, journal: Journal) -> Record | None:
    """The existing record of a submission, if nothing that it depends on has changed; else None."""
    return kept_record(classroom, submission) if journal.key(submission) == key else None


def refresh_lessons(classroom: ClassDirectory, lessons: list[str]) -> None:
    """Update the gradebook for lessons that are new or whose tests or points were changed in `source/`.

    The existing release is remembered first. Raises ClassError for a lesson that cannot be graded here.
    """
    for lesson in sorted(set(lessons)):
        refresh_tests(classroom, lesson)
        sources = {name: read_source(classroom, lesson, name) for name in classroom.notebooks(lesson)}
        check_own_files(classroom, lesson)
        fresh = [_is_released(classroom, lesson, name, source) for name, source in sources.items()]
        if not all(fresh):
            with gradebook_errors(classroom.db_url), classroom.importable():
                directory = classroom.coursedir()
                if _generated(classroom, lesson):
                    directory.source_directory = WITH_TESTS
                generate_release(directory, classroom.config, lesson)
            for name in sources:
                keep_release(classroom.path, lesson, _release(classroom, lesson, name), name)


def preflights(classroom: ClassDirectory, lessons: list[str], *, anew: bool = False) -> Iterator[Findings]:
    """Make the pre-flights of these lessons that are missing or out of date, and yield what each found out.

    Where nbgrader itself runs notebooks, none is made: all tests are judged together there.

    Args:
        anew: make those that are up to date, too.

    Raises:
        As `make_preflight` does.
    """
    if not LINUX:
        return
    settings = Run(config=walled(classroom)).settings
    limits = Limits(settings.cell_seconds, settings.total_seconds, settings.every_cell)
    names = [(lesson, name) for lesson in lessons for name in classroom.notebooks(lesson)]
    for lesson, name in names:
        if (classroom.path / "release" / lesson / f"{name}.ipynb").is_file():  # else there is nothing to hand in yet
            found = make_preflight(
                classroom.path,
                read_lesson(classroom, lesson, name),
                lambda: shared_runner(unsafe=settings.unsafe, secret=classroom.secret),
                limits,
                anew=anew,
            )
            if found:
                yield found


def preflight_class(classroom: ClassDirectory, lessons: list[str], *, unsafe: bool = False) -> Iterator[Findings]:
    """Make the pre-flights of these lessons, whether or not they are up to date, and yield what each found out.

    Arguments and errors are those of `grade_class`.
    """
    shared_runner(unsafe=unsafe).check(classroom.secret)
    classroom.config.Run.unsafe = unsafe
    walled(classroom)
    with writing(classroom.path, "preflight"):
        check_gradebook(classroom.db_url)
        refresh_lessons(classroom, lessons)
        yield from preflights(classroom, lessons, anew=True)


def _generated(classroom: ClassDirectory, lesson: str) -> list[Path]:
    """The notebooks of a lesson in `source_with_tests/` that are graded in place of those in `source/`."""
    paths = (source_of(classroom.path, lesson, name) for name in classroom.notebooks(lesson))
    return [path for path in paths if path.parts[-3] == WITH_TESTS]


def refresh_tests(classroom: ClassDirectory, lesson: str) -> None:
    """Have nbgrader generate the tests of a lesson with AUTOTEST lines, if these or their templates are newer.

    Raises:
        SourceError: nbgrader refuses them.
    """
    folder = classroom.path / "source" / lesson
    if not (generated := _generated(classroom, lesson)):
        return
    of = [*folder.glob("*.ipynb"), *folder.glob("*.yml"), *classroom.path.glob("*.yml")]
    newest = max(path.stat().st_mtime_ns for path in of)
    if any(not path.is_file() or path.stat().st_mtime_ns < newest for path in generated):
        with classroom.importable():
            generate_tests(classroom.coursedir(), classroom.config, lesson, classroom.path / WITH_TESTS / lesson)


def _is_released(classroom: ClassDirectory, lesson: str, name: str, source: NotebookNode) -> bool:
    """Whether a notebook was released with the tests and points that it has now; its release is remembered."""
    if not (classroom.path / "release" / lesson / f"{name}.ipynb").is_file():
        return False
    keep_release(classroom.path, lesson, _release(classroom, lesson, name), name)
    return known_cells(classroom.db_url, lesson, name) == graded_cells(source)


def _release(classroom: ClassDirectory, lesson: str, name: str) -> NotebookNode:
    return lesson_notebook((classroom.path / "release" / lesson / f"{name}.ipynb").read_bytes())


def check_own_files(classroom: ClassDirectory, lesson: str) -> None:
    """Raise ClassError if the files beside a lesson's notebooks are more than can be there when a notebook runs."""
    own = OwnFolder.of(classroom.coursedir(), classroom.config, lesson)
    try:
        own.files()
    except OSError as error:
        raise ClassError(
            f"the files beside the notebooks cannot be read ({error.strerror}).",
            where=str(own.path),
            remedy="Name those that no cell reads: "
            f"c.Autograde.exclude_overwriting = {{{lesson!r}: ['film.mp4']}} in {CONFIG_FILE}.",
        ) from error


def read_source(classroom: ClassDirectory, lesson: str, name: str) -> NotebookNode:
    """Read a notebook of a lesson from `source/`.

    Raises:
        ClassError: it cannot be read, or cannot be graded here: it is in another language, has tests that would not
            run, or two cells of the same id.
    """
    path = source_of(classroom.path, lesson, name)
    where = str(path)
    try:
        source = lesson_notebook(path.read_bytes())
    except Exception as error:  # a damaged file makes nbformat fail in many ways
        raise ClassError(
            f"the notebook cannot be read ({type(error).__name__}: {str(error)[:200]}).",
            where=where,
            remedy="Open it in JupyterLab, or restore a copy of it.",
        ) from error
    ids = Counter(grade_id_of(cell) for cell in source.cells if grade_id_of(cell))
    if twice := [grade_id for grade_id, count in ids.items() if count > 1]:
        raise ClassError(
            f"several cells have the id {', '.join(map(repr, twice))}.",
            where=where,
            remedy="Give each a name of its own with nbgrader's toolbar 'Create Assignment'; a copied cell keeps its id.",
        )
    kernel = source.metadata.get("kernelspec", {})
    language = (kernel.get("language") or source.metadata.get("language_info", {}).get("name") or "").lower()
    language = language or KERNELS.get(str(kernel.get("name", "")).lower(), "python")
    if language not in ("python", "ipython"):
        raise ClassError(
            f"expected a lesson in Python, got one for a kernel of the language {language}.",
            where=where,
            remedy=f"Grade it with 'nbgrader autograde', and name the other lessons: '{COMMAND} grade {classroom.path} LESSON'.",
        )
    tests = [cell.source for cell in source.cells if is_grade(cell) and cell.cell_type == "code"]
    if any(AUTOTEST.search(text) for text in tests):
        raise ClassError(
            "it has AUTOTEST lines from which nbgrader made no tests.",
            where=where,
            remedy="Write them as in nbgrader's documentation: '### AUTOTEST expression'.",
        )
    return source


def was_dropped(classroom: ClassDirectory, submission: Submission, students: set[str], journal: Journal) -> bool:
    """Whether the student was graded before, but has been removed from the gradebook since.

    Nobody was removed from a gradebook without students, which is new; without a roster, everyone who hands in is
    added.
    """
    return bool(
        classroom.has_roster and students and submission.student not in students and journal.knows(submission.student)
    )
