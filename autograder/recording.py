"""Put a submission into the books: graded notebook, feedback page and gradebook, all of it or nothing."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.utils import remove, rmtree, setenv

from autograder.course import CONFIG_FILE, ClassDirectory, Submission
from autograder.errors import AutograderError, ClassError
from autograder.examiner import Examined
from autograder.feedback import FeedbackExporter, feedback_path, write_feedback
from autograder.gradebook import Score, begin_submission, held_gradebook, scores
from autograder.nbgrader_steps import ordinary_files, prepared
from autograder.release import captured_log, write_whole


@dataclass(frozen=True)
class Record:
    """What the books say of one submission.

    `status` is graded, timeout, out_of_memory, killed or unreadable; `not_recorded` when the books could not take it,
    with the reason. `points` maps each graded cell to its points, None while a person still has to grade it; `messages`
    says why a test cell failed.
    """

    student: str
    lesson: str
    status: str
    points: dict[str, float | None] = field(default_factory=dict)
    max_points: dict[str, float] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    repaired: list[str] = field(default_factory=list)
    reason: str = ""
    feedback: str = ""
    sandbox: bool = True

    @property
    def recorded(self) -> bool:
        return self.status != "not_recorded"

    @property
    def score(self) -> float:
        return sum(points for points in self.points.values() if points is not None)

    @property
    def max_score(self) -> float:
        return sum(self.max_points.values())

    @property
    def to_grade(self) -> float:
        """The points that wait for a person."""
        return sum(self.max_points[cell] for cell, points in self.points.items() if points is None)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {
            "score": self.score,
            "max_score": self.max_score,
            "to_grade": self.to_grade,
        }


class Recorder:
    """Records the submissions of a class, one after the other.

    It does what nbgrader's autograde and generate_feedback do, with the steps of the class's configuration; those read
    and write each notebook three times, and make the steps anew for each.

    Raises:
        ClassError: the configuration names steps that cannot be made.
    """

    def __init__(self, classroom: ClassDirectory, gradebook: Gradebook | None = None) -> None:
        self._classroom, self._gradebook = classroom, gradebook
        log, _ = captured_log("autograde")
        try:
            self._autograde = Autograde(coursedir=classroom.coursedir(), config=classroom.config, log=log)
            self._exporter = self._autograde.exporter_class(parent=self._autograde, config=self._autograde.config)
            for step in self._autograde.autograde_preprocessors:
                self._exporter.register_preprocessor(step)
            self._feedback = FeedbackExporter(config=classroom.config)
        except Exception as error:  # an import or a setting of the instructor's
            raise ClassError(
                f"the steps of grading cannot be made ({type(error).__name__}: {error}).",
                where=str(classroom.path / CONFIG_FILE),
                remedy="Correct c.Autograde or the settings of its steps.",
            ) from error

    def record(
        self, submission: Submission, notebook: NotebookNode | None = None, examined: Examined | None = None
    ) -> Record:
        """Record one submission.

        Args:
            notebook: the submission as `prepared` gives it, which is changed; without it, it is read here.
            examined: what came of its cells; without it they are run here and now.

        Raises:
            AutograderError: the books could not take the submission, and are as they were.
        """
        _refuse_misnamed(submission)
        if notebook is None:
            notebook = prepared(submission.notebook, self._classroom.path, submission.lesson)
        try:
            with held_gradebook(self._classroom.db_url, self._gradebook) as commit:
                graded = self._graded(submission, notebook, examined)
                commit()
                page, points = write_feedback(self._classroom, submission, graded, self._feedback)
        except AutograderError:
            raise
        except (Exception, SystemExit) as error:  # whatever a step of the class's configuration raises
            raise AutograderError(
                f"nbgrader could not record it: {type(error).__name__}: {error}",
                where=f"{submission.student}, {submission.lesson}",
            ) from error
        return _record(submission, graded, points, page)

    def _graded(self, submission: Submission, notebook: NotebookNode, examined: Examined | None) -> NotebookNode:
        """The notebook with what came of its cells, written into `autograded/` with the files beside it."""
        lesson, student = submission.lesson, submission.student
        path = autograded_path(self._classroom, submission)
        names = {"student": student, "assignment": lesson, "notebook": lesson, "db_url": self._classroom.db_url}
        resources = ResourcesDict(
            unique_key=lesson,
            metadata=ResourcesDict(name=lesson, path=str(path.parent)),
            nbgrader=names | {"examined": examined},
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
                begin_submission(gradebook, lesson, student, timestamp)
            for step in self._exporter._preprocessors:
                notebook, resources = step(notebook, resources)
            nbformat.validate(notebook)
            write_whole(path, f"{nbformat.v4.writes(notebook)}\n".encode())
            nbgrader.set_permissions(lesson, student)
            nbgrader.run_post_convert_hook()
        return notebook

    def _copy_files(self, submission: Submission, target: Path) -> None:
        """What was handed in beside the notebook, and the lesson's own files over it; nothing of an earlier submission."""
        for old in target.iterdir():
            if old.is_dir() and not old.is_symlink():
                rmtree(old)
            elif old.name != submission.notebook.name:
                remove(old)
        own = self._classroom.path / "source" / submission.lesson
        kept = self._autograde.exclude_overwriting.get(submission.lesson, [])
        for folder, left in ((submission.folder, []), (own, kept)):
            for name in ordinary_files(str(folder), [*self._autograde.coursedir.ignore, "*.ipynb"]):
                relative = Path(name).relative_to(folder)
                if str(relative) in left:
                    continue
                (target / relative).parent.mkdir(parents=True, exist_ok=True)
                if (target / relative).exists():
                    remove(target / relative)  # it may be read-only
                shutil.copy(name, target / relative)


def _refuse_misnamed(submission: Submission) -> None:
    if not submission.notebook.exists():
        others = sorted(path.name for path in submission.folder.glob("*.ipynb"))
        raise AutograderError(
            f"there is no '{submission.notebook.name}'" + (f", but {', '.join(others)}." if others else "."),
            where=f"{submission.student}, {submission.lesson}",
            remedy="Rename the notebook, or ask the student to hand in again.",
        )


def autograded_path(classroom: ClassDirectory, submission: Submission) -> Path:
    return classroom.path / "autograded" / submission.student / submission.lesson / f"{submission.lesson}.ipynb"


def kept_record(classroom: ClassDirectory, submission: Submission) -> Record | None:
    """What the books have of a submission already; None if a part of it is missing."""
    page, path = feedback_path(classroom, submission), autograded_path(classroom, submission)
    if not page.is_file() or not path.is_file():
        return None
    points = scores(classroom.db_url, submission.student, submission.lesson)
    return _record(submission, nbformat.read(path, as_version=4), points, page)


def _record(submission: Submission, notebook: NotebookNode, points: dict[str, Score], page: Path) -> Record:
    known = notebook.metadata.get("convlab", {})
    cells = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    points = {cell: points[cell] for cell in cells if cell in points}
    return Record(
        submission.student,
        submission.lesson,
        known.get("status", "graded"),
        {cell: score.score for cell, score in points.items()},
        {cell: score.max_score for cell, score in points.items()},
        _messages(notebook),
        list(known.get("repaired", [])),
        known.get("reason", ""),
        str(page),
        not known.get("unsafe", False),
    )


def _messages(notebook: NotebookNode) -> dict[str, str]:
    """Why each failed test cell failed."""
    messages = {}
    for cell in notebook.cells:
        errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
        if errors and cell.metadata.get("nbgrader", {}).get("grade"):
            name, value = errors[0].ename, errors[0].evalue
            messages[cell.metadata.nbgrader.grade_id] = (
                value if name in ("AssertionError", "CheckError", "NotRun") and value else f"{name}: {value}"
            )
    return messages
