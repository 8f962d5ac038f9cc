"""Reads the results of a class: points from the gradebook, messages and answers from the graded notebooks."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import nbformat
import sqlalchemy
from nbformat import NotebookNode
from nbgrader.api import Grade, Gradebook, MissingEntry, SubmittedAssignment, SubmittedNotebook

from autograder.classroom import ClassDirectory, Journal
from autograder.classroom.directory import source_of
from autograder.course.answers import known_misconceptions
from autograder.errors import COMMAND, ClassError
from autograder.gradebook import gradebook_errors
from autograder.notebooks.cells import is_by_hand
from autograder.notebooks.outcome import Failure, failure_of, mode_of, note_of, status_of
from autograder.notebooks.status import ENDINGS, NOT_READ, Mode, Status
from autograder.reports.similarity import essence


@dataclass(frozen=True)
class Exercise:
    """A graded cell of a lesson.

    `known` is code that the course itself has, its solution and misconceptions; `help` maps the help for a
    misconception to its name; `notebook` is the name of the cell's notebook if the lesson has several.
    """

    cell: str
    max_score: float
    by_hand: bool = False
    solutions: tuple[str, ...] = ()
    stub: str = ""
    known: tuple[str, ...] = ()
    help: dict[str, str] = field(default_factory=dict)
    notebook: str = ""

    @property
    def key(self) -> str:
        """What the cell is called among all of the lesson: each notebook may have a cell of the same id."""
        return f"{self.notebook}/{self.cell}" if self.notebook else self.cell

    @property
    def name(self) -> str:
        name = self.cell.removeprefix("test_")
        return f"{self.notebook}/{name}" if self.notebook else name


@dataclass(frozen=True)
class Outcome:
    """One exercise of one submission; `score` is None until it is graded by hand, `attempted` None if unknown.

    `note` is the sentence on what the test was judged with, as from `note_of`; `judged` says where it was judged.
    """

    score: float | None
    waiting: bool = False
    attempted: bool | None = None
    answer: str = ""
    message: str = ""
    help: str = ""
    note: str = ""
    judged: str = Mode.APART


@dataclass(frozen=True)
class Result:
    """One graded submission; `outcomes` are by `Exercise.key`, `late` and `running` are in seconds, None if unknown.

    Its status is the worst of its notebooks; one that has a notebook which could be read counts as readable.
    """

    student: str
    lesson: str
    status: Status
    outcomes: dict[str, Outcome]
    late: float | None = None
    penalty: float = 0.0
    running: float | None = None
    readable: bool = True


@dataclass(frozen=True)
class LessonResults:
    lesson: str
    title: str
    exercises: list[Exercise]
    results: list[Result]


@dataclass(frozen=True)
class ClassResults:
    """The lessons in order, the students in the gradebook, and a note for each file that could not be read."""

    name: str
    students: list[str]
    lessons: list[LessonResults]
    notes: list[str]


def read_results(classroom: ClassDirectory, lessons: list[str]) -> ClassResults:
    """Read the gradebook and the graded notebooks of these lessons, without writing anything.

    Raises:
        ClassError: nothing has been graded yet.
        GradebookError: the gradebook does not respond.
    """
    notes: list[str] = []
    found: list[LessonResults] = []
    students: list[str] = []
    url = sqlalchemy.make_url(classroom.db_url)
    # Opening an SQLite gradebook that does not exist would create one.
    if url.get_backend_name() != "sqlite" or Path(url.database or "").is_file():
        with gradebook_errors(classroom.db_url), Gradebook(classroom.db_url) as gradebook:
            students = sorted(student.id for student in gradebook.students)
            journal = Journal(classroom.path)
            found = [_lesson(classroom, gradebook, journal, lesson, notes) for lesson in lessons]
    if not any(lesson.results for lesson in found):
        which = f" of {', '.join(lessons)}" if len(lessons) < len(classroom.lessons) else ""
        raise ClassError(
            f"no submission{which} has been graded yet, so there is nothing to report.",
            where=str(classroom.path),
            remedy=f"Run '{COMMAND} grade {classroom.path}' first.",
        )
    return ClassResults(classroom.path.name, students, found, notes)


def _lesson(
    classroom: ClassDirectory, gradebook: Gradebook, journal: Journal, lesson: str, notes: list[str]
) -> LessonResults:
    known = _misconceptions(classroom, lesson, notes)
    names = classroom.notebooks(lesson)
    parts = [
        _one_notebook(classroom, gradebook, journal, lesson, name, known, notes, several=len(names) > 1)
        for name in names
    ]
    by_student: dict[str, list[Result]] = defaultdict(list)
    for part in parts:
        for result in part.results:
            by_student[result.student].append(result)
    return LessonResults(
        lesson,
        parts[0].title if len(parts) == 1 else lesson,
        [exercise for part in parts for exercise in part.exercises],
        [_together(results) for _, results in sorted(by_student.items())],
    )


def _together(results: list[Result]) -> Result:
    """One student's results in the notebooks of a lesson as one."""
    if len(results) == 1:
        return results[0]
    running = [result.running for result in results if result.running is not None]
    return replace(
        results[0],
        status=max((result.status for result in results), key=list(ENDINGS).index),
        outcomes={key: outcome for result in results for key, outcome in result.outcomes.items()},
        penalty=sum(result.penalty for result in results),
        running=sum(running) if running else None,
        readable=any(result.readable for result in results),
    )


def _one_notebook(
    classroom: ClassDirectory,
    gradebook: Gradebook,
    journal: Journal,
    lesson: str,
    name: str,
    known: dict[str, list[dict[str, str]]],
    notes: list[str],
    *,
    several: bool,
) -> LessonResults:
    release = _notebook(classroom.path / "release" / lesson / f"{name}.ipynb", classroom, notes)
    source = _notebook(source_of(classroom.path, lesson, name), classroom, notes)
    title = _title(release) or lesson
    try:
        notebook = gradebook.find_notebook(name, lesson)
    except MissingEntry:
        return LessonResults(lesson, title, [], [])
    cells = {cell.id: cell for cell in (*notebook.grade_cells, *notebook.task_cells)}
    points = {cell.name: cell.max_score for cell in cells.values()}
    exercises = _exercises(points, release, source, known)
    if several:
        exercises = [replace(exercise, notebook=name) for exercise in exercises]
    results = []
    for submission, penalty, grades in _submissions(gradebook, notebook.id):
        path = classroom.path / "autograded" / submission.student_id / lesson / f"{name}.ipynb"
        if not path.exists() and all(grade.auto_score is None for grade in grades):
            continue  # fetched, but not graded yet
        scores = {cells[grade.cell_id].name: grade for grade in grades if grade.cell_id in cells}
        graded = _notebook(path, classroom, notes)
        status = status_of(graded)
        results.append(
            Result(
                submission.student_id,
                lesson,
                status,
                _outcomes(exercises, scores, graded),
                _seconds_late(submission),
                penalty or 0.0,
                journal.seconds(submission.student_id, lesson, name) or _running_seconds(graded),
                status not in NOT_READ,
            )
        )
    return LessonResults(lesson, title, exercises, results)


def _notebook(path: Path, classroom: ClassDirectory, notes: list[str]) -> NotebookNode | None:
    """A notebook of the class directory; None, and a note, if it cannot be read."""
    kind, *_ = parts = path.relative_to(classroom.path).parts
    try:
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
        if all(isinstance(cell.source, str) and isinstance(cell.metadata, dict) for cell in notebook.cells):
            return notebook
        reason = "its cells have no text"
    except FileNotFoundError:
        reason = "it does not exist"
    except Exception as error:  # a damaged file makes nbformat fail in many ways
        reason = f"{type(error).__name__}: {str(error).splitlines()[0][:120] if str(error) else 'damaged'}"
    student = f" --force {parts[2]}" if kind == "autograded" else ""
    remedy = (
        "The points come from the gradebook, but messages and answers of this submission are missing from this report. "
        f"Run '{COMMAND} grade {classroom.path}{student}' to write it again."
        if kind == "autograded"
        else "Stubs and solutions of this lesson are unknown to this report. Restore the file, or make the class again."
    )
    notes.append(f"{'/'.join(parts)} cannot be read ({reason}). {remedy}")
    return None


def _cells(notebook: NotebookNode | None) -> list[NotebookNode]:
    return list(notebook.cells) if notebook is not None else []


def _title(release: NotebookNode | None) -> str:
    texts = (cell.source for cell in _cells(release) if cell.cell_type == "markdown")
    return next((line[2:].strip() for text in texts for line in text.splitlines() if line.startswith("# ")), "")


def _misconceptions(classroom: ClassDirectory, lesson: str, notes: list[str]) -> dict[str, list[dict[str, str]]]:
    try:
        return known_misconceptions(classroom.path, lesson)
    except (ClassError, OSError) as error:
        notes.append(f"{error} Until then, misconceptions of this lesson are not counted.")
        return {}


def _exercises(
    points: dict[str, float],
    release: NotebookNode | None,
    source: NotebookNode | None,
    misconceptions: dict[str, list[dict[str, str]]],
) -> list[Exercise]:
    """The lesson's graded cells in order; cells that are only in the gradebook come last."""
    stubs, official = _by_id(release), _by_id(source)
    exercises: list[Exercise] = []
    solutions: list[str] = []
    for cell in _cells(release):
        marks = cell.metadata.get("nbgrader", {})
        name = marks.get("grade_id", "")
        if marks.get("solution"):
            solutions.append(name)
        if name not in points:
            continue
        known = misconceptions.get(name.removeprefix("test_"), [])
        exercises.append(
            Exercise(
                name,
                points[name],
                is_by_hand(cell),
                tuple(solutions),
                _joined(solutions, stubs),
                (_joined(solutions, official), *(one["code"] for one in known)),
                {one["help"]: one["name"] for one in known},
            )
        )
        solutions = []
    seen = {exercise.cell for exercise in exercises}
    return exercises + [Exercise(name, points[name]) for name in sorted(set(points) - seen)]


def _by_id(notebook: NotebookNode | None) -> dict[str, str]:
    return {cell.metadata.get("nbgrader", {}).get("grade_id", ""): cell.source for cell in _cells(notebook)}


def _joined(names: list[str] | tuple[str, ...], texts: dict[str, str]) -> str:
    return "\n\n".join(texts.get(name, "") for name in names)


def _submissions(
    gradebook: Gradebook, notebook: str
) -> Iterator[tuple[SubmittedAssignment, float | None, list[sqlalchemy.Row]]]:
    """Each submission with its penalty and its grades, in two database queries rather than one for each grade."""
    grades = defaultdict(list)
    columns = (Grade.notebook_id, Grade.cell_id, Grade.score, Grade.auto_score, Grade.manual_score)
    ours = (SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
    for row in (
        gradebook.db.query(*columns, Grade.needs_manual_grade)
        .join(*ours)
        .filter(SubmittedNotebook.notebook_id == notebook)
    ):
        grades[row.notebook_id].append(row)
    submissions = (
        gradebook.db.query(SubmittedAssignment, SubmittedNotebook.id, SubmittedNotebook.late_submission_penalty)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .filter(SubmittedNotebook.notebook_id == notebook)
    )
    for submission, identity, penalty in submissions:
        yield submission, penalty, grades[identity]


def _outcomes(
    exercises: list[Exercise], grades: dict[str, sqlalchemy.Row], graded: NotebookNode | None
) -> dict[str, Outcome]:
    texts = _by_id(graded)
    tests = {cell.metadata.get("nbgrader", {}).get("grade_id", ""): cell for cell in _cells(graded)}
    outcomes = {}
    for exercise in exercises:
        grade = grades.get(exercise.cell)
        if grade is None:
            continue
        decided = grade.auto_score is not None or grade.manual_score is not None
        answer = _joined(exercise.solutions, texts)
        failure = _failure(tests.get(exercise.cell), exercise)
        outcomes[exercise.key] = Outcome(
            float(grade.score) if decided else None,
            bool(grade.needs_manual_grade),
            _attempted(exercise, answer) if graded is not None and exercise.solutions else None,
            answer,
            failure.message,
            failure.help,
            note_of(tests[exercise.cell]) if exercise.cell in tests else "",
            str(mode_of(tests[exercise.cell])) if exercise.cell in tests else Mode.APART,
        )
    return outcomes


def _attempted(exercise: Exercise, answer: str) -> bool:
    if exercise.by_hand:
        return answer.strip() not in ("", exercise.stub.strip())
    return bool(essence(answer, exercise.stub))


def _failure(test: NotebookNode | None, exercise: Exercise) -> Failure:
    """Why a test failed, with help only if the class knows the misconception: a student's error may say anything."""
    failure = (failure_of(test) if test else None) or Failure("", "")
    known = not failure.help or failure.help in exercise.help
    return failure if known else Failure(failure.error, replace(failure, note="").text)


def _seconds_late(submission: SubmittedAssignment) -> float | None:
    """How late a submission is; None if there is no due date or submission time, for which nbgrader itself says 0."""
    if submission.timestamp is None or submission.assignment.duedate is None:
        return None
    return float(submission.total_seconds_late)


def _running_seconds(graded: NotebookNode | None) -> float | None:
    """The total running time of the cells, if their metadata has times; else None."""
    seconds = [_cell_seconds(cell.metadata.get("execution")) for cell in _cells(graded) if cell.cell_type == "code"]
    known = [one for one in seconds if one is not None]
    return sum(known) if known else None


def _cell_seconds(times: Any) -> float | None:
    try:
        begun, ended = times["iopub.execute_input"], times["shell.execute_reply"]
        return (datetime.datetime.fromisoformat(ended) - datetime.datetime.fromisoformat(begun)).total_seconds()
    except (TypeError, KeyError, ValueError, AttributeError):
        return None
