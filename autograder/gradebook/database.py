"""nbgrader's gradebook as a database: check it, query it, and hold it open for a batch of submissions."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy
from nbgrader.api import Assignment, Gradebook, MissingEntry, SubmittedAssignment
from sqlalchemy import select

from autograder.errors import GradebookError
from autograder.gradebook.upstream import HELD, require_installed

LOCK_SECONDS = 10


@contextmanager
def held_gradebook(db_url: str, opened: Gradebook | None = None) -> Iterator[Callable[[], None]]:
    """Make all code that opens the gradebook inside the block, nbgrader included, share one connection and transaction.

    nbgrader opens the gradebook eleven times per submission and commits about forty times; a crash in between would
    leave a submission half recorded.

    Args:
        opened: a gradebook already open at this URL, to reuse; opening it takes as long as all the rest.

    Yields:
        commit: writes everything done so far. Whatever is not committed at the end of the block is rolled back.
    """
    with gradebook_errors(db_url):
        gradebook = opened or Gradebook(db_url)
        session = gradebook.db()

        def postpone() -> None:
            # As after a real commit, objects are read again from the database when they are next used.
            session.flush()
            session.expire_all()

        gradebook.db.commit = postpone
        token = HELD.set((db_url, gradebook))
        try:
            yield session.commit
        finally:
            HELD.reset(token)
            del gradebook.db.commit
            gradebook.db.remove()
            if not opened:
                gradebook.close()


@contextmanager
def gradebook_errors(db_url: str) -> Iterator[None]:
    """Turn database exceptions into a GradebookError with a remedy. Raises RuntimeError if `install` was not called."""
    require_installed()
    try:
        yield
    except (sqlalchemy.exc.SQLAlchemyError, sqlite3.Error) as error:
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
            "the gradebook is locked: another program is writing to it.",
            where=where,
            remedy="Close the Formgrader or the other grading run, then run this again: nothing was lost.",
        )
    if "malformed" in text or "not a database" in text:
        return GradebookError(
            f"the gradebook is damaged ({text}).",
            where=where,
            remedy="Restore a backup, or move the file away and grade again: the submissions are untouched.",
        )
    return GradebookError(
        f"the gradebook cannot be used ({text}).", where=where, remedy="Check its address and the disk."
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


def known_cells(db_url: str, lesson: str, notebook: str = "") -> dict[str, tuple[str, float]] | None:
    """Text and points of each graded cell, like `graded_cells`, but from the gradebook; None for an unknown notebook.

    Args:
        notebook: its name; by default the lesson's.
    """
    with gradebook_errors(db_url), Gradebook(db_url) as gradebook:
        try:
            found = gradebook.find_notebook(notebook or lesson, lesson)
        except MissingEntry:
            return None
        tests = {cell.name: cell.source for cell in found.source_cells if cell.locked and cell.cell_type == "code"}
        graded = (*found.grade_cells, *found.task_cells)
        return {cell.name: (tests.get(cell.name, ""), float(cell.max_score)) for cell in graded}


def extensions(db_url: str, lesson: str) -> dict[str, str]:
    """The extra time for a lesson in seconds, as text, by student id; students without an extension are left out."""
    with gradebook_errors(db_url), Gradebook(db_url) as gradebook:
        given = (
            select(SubmittedAssignment.student_id, SubmittedAssignment.extension)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .where(Assignment.name == lesson, SubmittedAssignment.extension.is_not(None))
        )
        rows = gradebook.db.execute(given).all()
        return {student: str(more.total_seconds()) for student, more in rows if more}


def due_date(db_url: str, lesson: str) -> str:
    """When a lesson is due, in ISO format; empty if it has no due date or the gradebook does not know the lesson."""
    with gradebook_errors(db_url), Gradebook(db_url) as gradebook:
        try:
            due = gradebook.find_assignment(lesson).duedate
        except MissingEntry:
            return ""
        return due.isoformat() if due else ""
