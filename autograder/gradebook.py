"""nbgrader's gradebook: can it be used, and what does it say of a submission."""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import sqlalchemy
from nbgrader import api
from nbgrader.api import Gradebook, MissingEntry

from autograder.errors import GradebookError

LOCK_SECONDS = 10

# nbgrader 0.9 trips over rules of a newer SQLAlchemy that do not concern it.
warnings.filterwarnings("ignore", category=sqlalchemy.exc.SAWarning)

# nbgrader opens the gradebook about ten times for one submission; with an engine of its own each time, every statement
# would be compiled anew, which takes longer than to execute it.
api.create_engine = lru_cache(maxsize=8)(api.create_engine)


@dataclass(frozen=True)
class Score:
    """Points of one graded cell; `score` is None while a person still has to grade it.

    `by_hand` are points that a person gave, which count more than the tests'; `reviewed`: nobody has to look again.
    """

    cell: str
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


def scores(db_url: str, student: str, lesson: str) -> list[Score]:
    """The points of a submission's graded cells in the lesson's order; empty if it has no record."""
    with gradebook_errors(db_url), Gradebook(db_url) as gradebook:
        try:
            notebook = gradebook.find_submission_notebook(lesson, lesson, student)
            order = {cell.name: n for n, cell in enumerate(gradebook.find_notebook(lesson, lesson).source_cells)}
        except MissingEntry:
            return []
        grades = sorted(notebook.grades, key=lambda grade: order.get(grade.name, len(order)))
        return [
            Score(g.name, g.score if _decided(g) else None, g.max_score, g.manual_score, not g.needs_manual_grade)
            for g in grades
        ]


def _decided(grade: object) -> bool:
    return grade.auto_score is not None or grade.manual_score is not None


def keep_reviewed(db_url: str, student: str, lesson: str, cells: list[str]) -> None:
    """Say that points given by hand still stand; nbgrader asks to look at each of them again after every autograde."""
    with gradebook_errors(db_url), Gradebook(db_url) as gradebook:
        for cell in cells:
            gradebook.find_grade(cell, lesson, lesson, student).needs_manual_grade = False
        gradebook.db.commit()
