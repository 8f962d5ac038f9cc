"""nbgrader's gradebook: can it be used, and what does it say of a submission."""

from __future__ import annotations

import datetime
import logging
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy
from nbformat import NotebookNode
from nbgrader import api, preprocessors, utils
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.preprocessors import NbGraderPreprocessor
from sqlalchemy import Row, bindparam, insert, select, update

from autograder.errors import GradebookError

LOCK_SECONDS = 10

# nbgrader 0.9 trips over rules of a newer SQLAlchemy that do not concern it.
warnings.filterwarnings("ignore", category=sqlalchemy.exc.SAWarning)

# With an engine of its own each time that nbgrader opens the gradebook, every statement would be compiled anew, which takes
# longer than to execute it.
api.create_engine = lru_cache(maxsize=8)(api.create_engine)

_held: ContextVar[tuple[str, Gradebook] | None] = ContextVar("held gradebook", default=None)
_open, _close = Gradebook.__init__, Gradebook.close


def _open_or_join(
    self: Gradebook, db_url: str, course_id: str = "default_course", authenticator: object = None
) -> None:
    held = _held.get()
    if held and held[0] == db_url:
        self.__dict__.update(held[1].__dict__, course_id=course_id, authenticator=authenticator)
    else:
        _open(self, db_url, course_id, authenticator)


def _close_or_leave(self: Gradebook) -> None:
    held = _held.get()
    if not held or held[1].db is not self.db:
        _close(self)


Gradebook.__init__, Gradebook.close = _open_or_join, _close_or_leave


@contextmanager
def held_gradebook(db_url: str, opened: Gradebook | None = None) -> Iterator[Callable[[], None]]:
    """Have all that opens the gradebook inside, nbgrader included, share one connection and one transaction.

    nbgrader opens the gradebook eleven times for a submission and commits about forty times; a crash in between would leave
    half of it in the books.

    Args:
        opened: the gradebook of this address, to use instead of opening it, which takes as long as all the rest.

    Yields:
        commit: writes what was done so far. What is not committed in the end is undone.
    """
    with gradebook_errors(db_url):
        gradebook = opened or Gradebook(db_url)
        session = gradebook.db()

        def postpone() -> None:
            # As after a commit, everything is read again from what is in the books by then.
            session.flush()
            session.expire_all()

        gradebook.db.commit = postpone
        token = _held.set((db_url, gradebook))
        try:
            yield session.commit
        finally:
            _held.reset(token)
            del gradebook.db.commit
            gradebook.db.remove()
            if not opened:
                gradebook.close()


@dataclass(frozen=True)
class Score:
    """Points of a graded cell; `score` is None while a person still has to grade it.

    `by_hand` are points that a person gave, which count more than the tests'; `reviewed`: nobody has to look again.
    """

    score: float | None
    max_score: float
    by_hand: float | None = None
    reviewed: bool = True


@contextmanager
def gradebook_errors(db_url: str) -> Iterator[None]:
    """Turn a database's refusal into one sentence with a remedy."""
    try:
        yield
    except (sqlalchemy.exc.DBAPIError, sqlite3.Error) as error:
        raise _explained(error, _shown(db_url)) from error
    except ModuleNotFoundError as error:
        raise GradebookError(
            f"the driver for this kind of database is not installed ({error.name}).",
            where=_shown(db_url),
            remedy="For PostgreSQL: pip install 'psycopg[binary]'.",
        ) from error


def _shown(db_url: str) -> str:
    return sqlalchemy.make_url(db_url).render_as_string(hide_password=True)


def _explained(error: Exception, where: str) -> GradebookError:
    text = str(getattr(error, "orig", error))
    if "locked" in text:
        return GradebookError(
            "another program is writing to the gradebook and does not let go.",
            where=where,
            remedy="Close the Formgrader or the other grading run, then run this again: nothing was lost.",
        )
    if "malformed" in text or "not a database" in text:
        return GradebookError(
            f"the gradebook is damaged ({text}).",
            where=where,
            remedy="Put a backup in its place, or move it away and grade again: the submissions are untouched.",
        )
    return GradebookError(
        f"the gradebook does not answer ({text}).", where=where, remedy="Check the address and the disk."
    )


def check_gradebook(db_url: str) -> None:
    """Make sure that the gradebook can be read and written before anything is graded. Raises GradebookError."""
    url = sqlalchemy.make_url(db_url)
    with gradebook_errors(db_url):
        if url.get_backend_name() == "sqlite" and url.database and Path(url.database).exists():
            with closing(sqlite3.connect(url.database, timeout=LOCK_SECONDS, isolation_level=None)) as database:
                database.execute("BEGIN IMMEDIATE")
                damage = database.execute("PRAGMA quick_check(1)").fetchone()[0]
                database.execute("ROLLBACK")
            if damage != "ok":
                raise _explained(sqlite3.DatabaseError(f"malformed: {damage}"), _shown(db_url))
        with Gradebook(db_url) as gradebook:
            gradebook.db.execute(sqlalchemy.text("SELECT 1"))


def add_students(db_url: str, students: list[dict[str, str]]) -> None:
    with gradebook_errors(db_url), Gradebook(db_url) as gradebook:
        for student in students:
            gradebook.update_or_create_student(student["id"], **{k: v for k, v in student.items() if k != "id"})


def known_students(db_url: str) -> set[str]:
    with gradebook_errors(db_url), Gradebook(db_url) as gradebook:
        return {student.id for student in gradebook.students}


def known_tests(db_url: str, lesson: str) -> dict[str, tuple[str, float]] | None:
    """Text and points of each test cell as the gradebook has them; None if it does not know the lesson."""
    with gradebook_errors(db_url), Gradebook(db_url) as gradebook:
        try:
            notebook = gradebook.find_notebook(lesson, lesson)
        except MissingEntry:
            return None
        points = {cell.name: cell.max_score for cell in notebook.grade_cells}
        return {
            cell.name: (cell.source, float(points[cell.name]))
            for cell in notebook.source_cells
            if cell.name in points and cell.locked and cell.cell_type == "code"
        }


def due_date(db_url: str, lesson: str) -> str:
    """When a lesson is due, as text; empty if it is not, or not known."""
    with gradebook_errors(db_url), Gradebook(db_url) as gradebook:
        try:
            due = gradebook.find_assignment(lesson).duedate
        except MissingEntry:
            return ""
        return due.isoformat() if due else ""


# Rows of the connection instead of nbgrader's objects of the session: those bring a query for each cell, and take longer to
# make than their rows to read.
_SUBMITTED = (
    select(SubmittedNotebook.id, SubmittedNotebook.assignment_id, SubmittedNotebook.late_submission_penalty)
    .add_columns(SubmittedAssignment.timestamp, Assignment.duedate)
    .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
    .join(Assignment, Assignment.id == Notebook.assignment_id)
    .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
    .where(
        Notebook.name == bindparam("notebook"),
        Assignment.name == bindparam("lesson"),
        SubmittedAssignment.student_id == bindparam("student"),
    )
)
_GRADES = (
    select(BaseCell.name, Grade.id, Grade.auto_score, Grade.manual_score, Grade.needs_manual_grade)
    .add_columns(Grade.score.label("score"), Grade.max_score.label("max_score"))
    .join(BaseCell, BaseCell.id == Grade.cell_id)
    .where(Grade.notebook_id == bindparam("notebook"))
)
_COMMENTS = (
    select(BaseCell.name, Comment.id, Comment.comment.label("comment"))
    .join(BaseCell, BaseCell.id == Comment.cell_id)
    .where(Comment.notebook_id == bindparam("notebook"))
)
_LESSON = (
    select(Assignment.id.label("assignment"), Notebook.id.label("notebook"), BaseCell.id.label("cell"), BaseCell.type)
    .join(Notebook, Notebook.assignment_id == Assignment.id)
    .join(BaseCell, BaseCell.notebook_id == Notebook.id)
    .where(Assignment.name == bindparam("lesson"), Notebook.name == bindparam("notebook"))
)
_SAVE_GRADE = (
    update(Grade.__table__)
    .where(Grade.__table__.c.id == bindparam("grade"))
    .values(auto_score=bindparam("points"), needs_manual_grade=bindparam("waiting"))
)
_SAVE_COMMENT = (
    update(Comment.__table__)
    .where(Comment.__table__.c.id == bindparam("saved"))
    .values(auto_comment=bindparam("remark"))
)
_ROWS_OF_CELL = {"GradeCell": (Grade,), "SolutionCell": (Comment,), "TaskCell": (Grade, Comment)}


def begin_submission(gradebook: Gradebook, lesson: str, student: str, timestamp: datetime.datetime | None) -> None:
    """Make the rows of a student's submission of a lesson, unless they are there, and note when it was handed in.

    Raises:
        MissingEntry: the gradebook does not know the lesson.
    """
    execute = gradebook.db.connection().execute
    with suppress(MissingEntry):
        found = _submitted(gradebook, lesson, lesson, student)
        if timestamp:
            submitted = SubmittedAssignment.__table__
            execute(update(submitted).where(submitted.c.id == found.assignment_id).values(timestamp=timestamp))
        return
    cells = execute(_LESSON, {"lesson": lesson, "notebook": lesson}).all()
    if not cells:
        raise MissingEntry(f"No such assignment: {lesson}")
    if execute(select(Student.id).where(Student.id == student)).first() is None:
        execute(insert(Student.__table__), [{"id": student}])
    submission, notebook = api.new_uuid(), api.new_uuid()
    rows: dict[type, list[dict[str, Any]]] = {
        SubmittedAssignment: [
            {"id": submission, "assignment_id": cells[0].assignment, "student_id": student, "timestamp": timestamp}
        ],
        SubmittedNotebook: [{"id": notebook, "assignment_id": submission, "notebook_id": cells[0].notebook}],
        Grade: [],
        Comment: [],
    }
    for cell in cells:
        for kind in _ROWS_OF_CELL[cell.type]:
            rows[kind].append({"cell_id": cell.cell, "notebook_id": notebook})
    for kind, values in rows.items():
        if values:
            execute(insert(kind.__table__), values)


@dataclass(frozen=True)
class Entry:
    """What the gradebook has of a submission: scores and comments by cell, and the late penalty."""

    scores: dict[str, Score]
    comments: dict[str, str | None]
    late_penalty: float


def entry(gradebook: Gradebook, notebook: str, lesson: str, student: str) -> Entry:
    """Raises MissingEntry."""
    found = _submitted(gradebook, notebook, lesson, student)
    execute = gradebook.db.connection().execute
    return Entry(
        {
            row.name: Score(
                row.score if row.auto_score is not None or row.manual_score is not None else None,
                row.max_score,
                row.manual_score,
                not row.needs_manual_grade,
            )
            for row in execute(_GRADES, {"notebook": found.id})
        },
        {row.name: row.comment for row in execute(_COMMENTS, {"notebook": found.id})},
        found.late_submission_penalty or 0,
    )


def first_entry(nb: NotebookNode, log: logging.Logger | None = None) -> Entry:
    """What the gradebook will have of a notebook that was run, if nobody has graded it by hand or handed it in late."""
    points, remarks = {}, {}
    for cell in nb.cells:
        marks = cell.metadata.get("nbgrader", {})
        if utils.is_grade(cell):
            score, most = utils.determine_grade(cell, log)
            points[marks.grade_id] = Score(
                None if score is None else float(score), float(most), reviewed=score is not None
            )
        if utils.is_solution(cell) or utils.is_task(cell):
            untouched = marks.get("checksum") == utils.compute_checksum(cell) and not utils.is_task(cell)
            remarks[marks.grade_id] = "No response." if untouched else None
    return Entry(points, remarks, 0)


def _submitted(gradebook: Gradebook, notebook: str, lesson: str, student: str) -> Row:
    """A submitted notebook's id, when it was handed in and was due, and its late penalty. Raises MissingEntry."""
    names = {"notebook": notebook, "lesson": lesson, "student": student}
    found = gradebook.db.connection().execute(_SUBMITTED, names).one_or_none()
    if found is None:
        raise MissingEntry(f"No such submitted notebook: {lesson}/{notebook} for {student}")
    return found


def scores(db_url: str, student: str, lesson: str) -> dict[str, Score]:
    """The points of a submission's graded cells; empty if it has no record."""
    with gradebook_errors(db_url), Gradebook(db_url) as gradebook:
        try:
            return entry(gradebook, lesson, lesson, student).scores
        except MissingEntry:
            return {}


class SaveAutoGrades(NbGraderPreprocessor):
    """nbgrader's step of this name, with two queries for all cells instead of two for each.

    Where the grades are known already, as `first_entry` gives them, they are among the resources.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as gradebook:
            found = _submitted(gradebook, names["notebook"], names["assignment"], names["student"])
            execute = gradebook.db.connection().execute
            grades = {row.name: row for row in execute(_GRADES, {"notebook": found.id})}
            comments = {row.name: row for row in execute(_COMMENTS, {"notebook": found.id})}
            known = names.get("entry") or first_entry(nb, self.log)
            new_grades = [
                # Points given by hand count more than the tests', so a person has to look at them again.
                {
                    "grade": grades[cell].id,
                    "points": score.score,
                    "waiting": score.score is None or grades[cell].manual_score is not None,
                }
                for cell, score in known.scores.items()
            ]
            new_comments = [{"saved": comments[cell].id, "remark": remark} for cell, remark in known.comments.items()]
            for statement, rows in ((_SAVE_GRADE, new_grades), (_SAVE_COMMENT, new_comments)):
                if rows:
                    execute(statement, rows)
            gradebook.db.commit()
        return nb, resources


class AssignLatePenalties(preprocessors.AssignLatePenalties):
    """nbgrader's step of this name, which loads half a class to find that nothing was due."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as gradebook:
            found = _submitted(gradebook, names["notebook"], names["assignment"], names["student"])
            if found.late_submission_penalty is None and None in (found.timestamp, found.duedate):
                return nb, resources
            return super().preprocess(nb, resources)


def keep_reviewed(db_url: str, student: str, lesson: str, cells: list[str]) -> None:
    """Say that points given by hand still stand; nbgrader asks to look at each of them again after every autograde."""
    with gradebook_errors(db_url), Gradebook(db_url) as gradebook:
        for cell in cells:
            gradebook.find_grade(cell, lesson, lesson, student).needs_manual_grade = False
        gradebook.db.commit()
