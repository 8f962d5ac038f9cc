"""Makes a class directory: `autograder new`."""

from __future__ import annotations

import json
from pathlib import Path

import sqlalchemy

from autograder.classroom.directory import CONFIG_FILE, ClassDirectory
from autograder.classroom.roster import GRADEBOOK_COLUMNS, ROSTER, read_roster, roster_text
from autograder.course import Course, read_answers
from autograder.course.lessons import MISCONCEPTIONS
from autograder.course.preflight import keep_findings, kept_findings
from autograder.course.preflight.findings import up_to_date
from autograder.course.release import generate_release, write_sources
from autograder.errors import ClassError
from autograder.gradebook import check_gradebook, gradebook_errors
from autograder.gradebook.database import add_students

CONFIG = '''\
"""nbgrader's configuration of this class. `nbgrader` and the Formgrader read it when started in this folder."""

from autograder.grading import configure

c = get_config()  # noqa: F821, nbgrader provides it

c.CourseDirectory.course_id = {course_id!r}
c.CourseDirectory.db_url = {db_url!r}

# False: only students on the roster are graded; add one with 'nbgrader db student add ID'. True: everyone who hands in
# is added.
c.Autograde.create_student = {create_student!r}

# Seconds that one cell of a student may take.
configure(c, cell_seconds={cell_seconds!r})
'''


def new_class(
    course: Course,
    path: Path,
    *,
    lessons: list[str] | None = None,
    roster: Path | None = None,
    db_url: str | None = None,
    cell_seconds: int = 60,
) -> ClassDirectory:
    """Make `path` an nbgrader course directory with the lessons of the course released.

    Args:
        lessons: the lessons of the class; by default all.
        roster: a CSV file of students, as `read_roster` takes it; without it, every student who hands in is added to
            the gradebook.
        db_url: the SQLAlchemy URL of the gradebook; by default, `gradebook.db` in the folder.
        cell_seconds: how long one cell of a student may run.

    Raises:
        ClassError: the folder is not empty, or `db_url` is not a database URL.
        RosterError, SourceError, GradebookError: in these cases nothing was made, except possibly a gradebook on a
            database server.
    """
    path = path.resolve()
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise ClassError(
            "the folder exists and is not empty.", where=str(path), remedy="Name a new one; nothing was changed."
        )
    students = read_roster(roster) if roster else []
    db_url = db_url or f"sqlite:///{path / 'gradebook.db'}"
    try:
        on_server = sqlalchemy.make_url(db_url).get_backend_name() != "sqlite"
    except sqlalchemy.exc.ArgumentError as error:
        raise ClassError(
            f"{db_url!r} is not a database URL.", remedy="Write for example postgresql://host/name."
        ) from error
    if on_server:
        check_gradebook(db_url)
    write_sources(course, lessons or course.lessons, path / "source")
    _write_misconceptions(course, lessons or course.lessons, path)
    _keep_known_findings(course, path)
    config = CONFIG.format(
        course_id=path.name.replace("+", "_"), db_url=db_url, create_student=not roster, cell_seconds=cell_seconds
    )
    (path / CONFIG_FILE).write_text(config, encoding="utf-8")
    (path / "submitted").mkdir()
    classroom = ClassDirectory(path)
    check_gradebook(db_url)
    with gradebook_errors(db_url):
        for lesson in classroom.lessons:
            generate_release(classroom.coursedir(), classroom.config, lesson)
    if students:
        # The gradebook cannot store everything that a learning platform says about its students.
        (path / ROSTER).write_text(roster_text(students), encoding="utf-8")
    add_students(db_url, [_for_gradebook(student) for student in students])
    return classroom


def _for_gradebook(student: dict[str, str]) -> dict[str, str]:
    user = {"lms_user_id": student["canvas_id"]} if student.get("canvas_id") else {}
    return {column: text for column, text in (user | student).items() if column in GRADEBOOK_COLUMNS}


def _keep_known_findings(course: Course, path: Path) -> None:
    """Keep what the course knows from its own pre-flight, unless a source was changed since."""
    fresh = up_to_date(kept_findings(course.solutions).values(), path / "source")
    if fresh:
        keep_findings(path, fresh)


def _write_misconceptions(course: Course, lessons: list[str], path: Path) -> None:
    """Write the misconceptions for the judge, not into `source/`, from which nbgrader would release them."""
    for lesson in lessons:
        known: dict[str, list[dict[str, str]]] = {}
        for answer in read_answers(course.source(lesson).with_name("misconceptions.py")):
            known.setdefault(answer.exercise, []).append(answer.as_dict())
        target = path / MISCONCEPTIONS / f"{lesson}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(known, indent=1, ensure_ascii=False), encoding="utf-8")
