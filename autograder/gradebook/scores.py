"""A submission's scores and comments in the gradebook, and faster versions of the nbgrader steps that write them."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode
from nbgrader import api, preprocessors, utils
from nbgrader.api import (
    Assignment,
    Base,
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

from autograder.gradebook.database import gradebook_errors
from autograder.notebooks.outcome import mode_of, status_of
from autograder.notebooks.status import NOT_READ, Mode


@dataclass(frozen=True)
class Score:
    """Points of one graded cell.

    Args:
        score: the points that count; None while a person still has to grade the cell.
        max_score: the points that the cell can have.
        by_hand: points that a person gave; they take precedence over the points of the tests.
        reviewed: whether no person has to look at the cell again.
        auto: the points of the tests alone, without what a person has added.
    """

    score: float | None
    max_score: float
    by_hand: float | None = None
    reviewed: bool = True
    auto: float | None = None


# These queries return plain rows instead of nbgrader's ORM objects, which need a query per cell and take longer to
# create than their rows take to read.
_SUBMITTED = (
    select(SubmittedNotebook.id, SubmittedNotebook.assignment_id, SubmittedNotebook.late_submission_penalty)
    .add_columns(SubmittedAssignment.timestamp, Assignment.duedate)
    .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
    .join(Assignment, Assignment.id == Notebook.assignment_id)
    .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
    .where(
        Notebook.name == bindparam("notebook"),
        Assignment.name == bindparam("lesson"),
        # Redundant after the joins, but without it the database does not use its index on assignment and student.
        SubmittedAssignment.assignment_id == Assignment.id,
        SubmittedAssignment.student_id == bindparam("student"),
    )
)
# Grades and comments are looked up by these cells, which are indexed, instead of scanning those of the whole class.
_ITS_CELLS = (
    select(BaseCell.id)
    .join(SubmittedNotebook, SubmittedNotebook.notebook_id == BaseCell.notebook_id)
    .where(SubmittedNotebook.id == bindparam("notebook"))
)
_GRADES = (
    select(BaseCell.name, Grade.id, Grade.auto_score, Grade.manual_score, Grade.needs_manual_grade)
    .add_columns(Grade.score.label("score"), Grade.max_score.label("max_score"))
    .join(BaseCell, BaseCell.id == Grade.cell_id)
    .where(Grade.notebook_id == bindparam("notebook"), Grade.cell_id.in_(_ITS_CELLS))
)
_COMMENTS = (
    select(BaseCell.name, Comment.id, Comment.comment.label("comment"))
    .join(BaseCell, BaseCell.id == Comment.cell_id)
    .where(Comment.notebook_id == bindparam("notebook"), Comment.cell_id.in_(_ITS_CELLS))
)
_LESSON = (
    select(Assignment.id.label("assignment"), Notebook.id.label("notebook"), BaseCell.id.label("cell"), BaseCell.type)
    .join(Notebook, Notebook.assignment_id == Assignment.id)
    .join(BaseCell, BaseCell.notebook_id == Notebook.id)
    .where(Assignment.name == bindparam("lesson"))
)
_BEGUN = (
    select(SubmittedAssignment.id)
    .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
    .where(Assignment.name == bindparam("lesson"), SubmittedAssignment.student_id == bindparam("student"))
)
_ITS_NOTEBOOKS = select(SubmittedNotebook.notebook_id).where(SubmittedNotebook.assignment_id == bindparam("submission"))
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


def begin_submission(
    gradebook: Gradebook, lesson: str, student: str, timestamp: datetime.datetime | None, notebook: str = ""
) -> None:
    """Create the rows of a student's submission unless they exist, and store when it was handed in.

    The rows are those of all notebooks of the lesson, so that a notebook which was not handed in or cannot be recorded
    counts as one whose points are not known yet, not as one that does not exist.

    Args:
        notebook: the name of the notebook that is to be recorded; by default the lesson's.

    Raises:
        MissingEntry: the gradebook does not know the lesson.
    """
    execute = gradebook.db.connection().execute
    begun = execute(_BEGUN, {"lesson": lesson, "student": student}).scalar_one_or_none()
    if begun and timestamp:
        submitted = SubmittedAssignment.__table__
        execute(update(submitted).where(submitted.c.id == begun).values(timestamp=timestamp))
    with suppress(MissingEntry):
        _submitted(gradebook, notebook or lesson, lesson, student)
        return
    cells = execute(_LESSON, {"lesson": lesson}).all()
    if not cells:
        raise MissingEntry(f"No such assignment: {lesson}")
    if execute(select(Student.id).where(Student.id == student)).first() is None:
        execute(insert(Student.__table__), [{"id": student}])
    submission = begun or api.new_uuid()
    there = set(execute(_ITS_NOTEBOOKS, {"submission": submission}).scalars()) if begun else set()
    graded = {cell.notebook for cell in cells if Grade in _ROWS_OF_CELL.get(cell.type, ())}
    cells = [cell for cell in cells if cell.notebook in graded - there]
    rows: dict[type[Base], list[dict[str, Any]]] = {
        SubmittedAssignment: [],
        SubmittedNotebook: [],
        Grade: [],
        Comment: [],
    }
    if not begun:
        row = {"assignment_id": cells[0].assignment, "student_id": student, "timestamp": timestamp}
        rows[SubmittedAssignment].append({"id": submission, **row})
    submitted_as = {cell.notebook: api.new_uuid() for cell in cells}
    for of, identity in submitted_as.items():
        rows[SubmittedNotebook].append({"id": identity, "assignment_id": submission, "notebook_id": of})
    for cell in cells:
        for kind in _ROWS_OF_CELL.get(cell.type, ()):
            rows[kind].append({"cell_id": cell.cell, "notebook_id": submitted_as[cell.notebook]})
    for kind, values in rows.items():
        if values:
            execute(insert(kind.__table__), values)


@dataclass(frozen=True)
class Entry:
    """What the gradebook stores about one submission: scores and comments by cell, and the late penalty."""

    scores: dict[str, Score]
    comments: dict[str, str | None]
    late_penalty: float


def entry(gradebook: Gradebook, notebook: str, lesson: str, student: str) -> Entry:
    """Read a submission's entry from the gradebook. Raises MissingEntry."""
    found = _submitted(gradebook, notebook, lesson, student)
    execute = gradebook.db.connection().execute
    return Entry(
        {
            row.name: Score(
                row.score if row.auto_score is not None or row.manual_score is not None else None,
                row.max_score,
                row.manual_score,
                not row.needs_manual_grade,
                row.auto_score,
            )
            for row in execute(_GRADES, {"notebook": found.id})
        },
        {row.name: row.comment for row in execute(_COMMENTS, {"notebook": found.id})},
        found.late_submission_penalty or 0,
    )


def first_entry(nb: NotebookNode, log: logging.Logger | None = None) -> Entry:
    """The entry that a notebook that was run will get, if it has no manual grades and was not handed in late."""
    points, remarks = {}, {}
    there = nb.get("metadata", {}).get("convlab", {}).get("status") not in NOT_READ
    for cell in nb.cells:
        marks = cell.metadata.get("nbgrader", {})
        if utils.is_task(cell):
            score = None if there else 0.0
            points[marks.grade_id] = Score(score, float(marks.get("points") or 0), reviewed=not there, auto=score)
        if utils.is_grade(cell):
            score, most = utils.determine_grade(cell, log)
            if mode_of(cell) is Mode.BY_HAND and status_of(nb) not in NOT_READ:
                score = None
            score = None if score is None else float(score)
            points[marks.grade_id] = Score(score, float(most), reviewed=score is not None, auto=score)
        if utils.is_solution(cell) or utils.is_task(cell):
            untouched = marks.get("checksum") == utils.compute_checksum(cell) and not utils.is_task(cell)
            remarks[marks.grade_id] = "No response." if untouched else None
    return Entry(points, remarks, 0)


def _submitted(gradebook: Gradebook, notebook: str, lesson: str, student: str) -> Row:
    """The row of a submitted notebook: ids, time of submission, due date, late penalty. Raises MissingEntry."""
    names = {"notebook": notebook, "lesson": lesson, "student": student}
    found = gradebook.db.connection().execute(_SUBMITTED, names).one_or_none()
    if found is None:
        raise MissingEntry(f"No such submitted notebook: {lesson}/{notebook} for {student}")
    return found


def scores(db_url: str, student: str, lesson: str, notebook: str = "") -> dict[str, Score]:
    """The points of the graded cells of a submission's notebook, by default the lesson's; empty if it is not known."""
    with gradebook_errors(db_url), Gradebook(db_url) as gradebook:
        try:
            return entry(gradebook, notebook or lesson, lesson, student).scores
        except MissingEntry:
            return {}


class SaveAutoGrades(NbGraderPreprocessor):
    """nbgrader's step of the same name, with two queries for all cells instead of two for each.

    If the grades are already known, as `first_entry` returns them, they are passed in `resources["nbgrader"]["entry"]`.
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
                # Manual points take precedence over the tests', so a person has to look at the new answer again.
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
    """nbgrader's step of the same name, skipped where no penalty can apply: finding that out loads half the class."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as gradebook:
            found = _submitted(gradebook, names["notebook"], names["assignment"], names["student"])
            if found.late_submission_penalty is None and None in (found.timestamp, found.duedate):
                return nb, resources
            return super().preprocess(nb, resources)


def keep_reviewed(db_url: str, student: str, lesson: str, cells: Sequence[str], notebook: str = "") -> None:
    """Confirm that manual points still stand; nbgrader marks all of them for review after every autograde."""
    with gradebook_errors(db_url), Gradebook(db_url) as gradebook:
        for cell in cells:
            gradebook.find_grade(cell, notebook or lesson, lesson, student).needs_manual_grade = False
        gradebook.db.commit()
