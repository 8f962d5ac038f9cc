"""The result of one submission, as the gradebook and the graded notebook have it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from autograder.gradebook.scores import Score
from autograder.notebooks.outcome import Failure, failure_of, mode_of, note_of, status_of
from autograder.notebooks.status import Mode, Status


@dataclass(frozen=True)
class Record:
    """The result of one submission, for people and for `--json`.

    Args:
        points: points by graded cell; None while a person still has to grade it.
        max_points: the points that each graded cell can have.
        failures: why each failed test cell failed.
        repaired: what had to be repaired before the notebook could be graded.
        reason: why the submission could not be recorded, or not be read.
        feedback: the path of the feedback page.
        sandbox: whether the notebook ran in the sandbox; false if that is not known.
        to_review: cells graded by hand for an earlier answer, which a person has to look at again.
        notebook: the name of the notebook, if the lesson has several or its only one has another name than the lesson.
        notes: for each test cell that was judged with functions of the course in place of the student's, which and why.
        judged: for each test cell that was not judged apart from the notebook, where instead: a `Mode`.
    """

    student: str
    lesson: str
    status: Status
    points: dict[str, float | None] = field(default_factory=dict)
    max_points: dict[str, float] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)
    repaired: list[str] = field(default_factory=list)
    reason: str = ""
    feedback: str = ""
    sandbox: bool = False
    to_review: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    notebook: str = ""
    judged: dict[str, str] = field(default_factory=dict)

    @property
    def recorded(self) -> bool:
        return self.status not in (Status.NOT_RECORDED, Status.DROPPED)

    @property
    def failed(self) -> bool:
        """Whether recording failed, so that a person has to act."""
        return self.status is Status.NOT_RECORDED

    @property
    def score(self) -> float:
        return sum(points for points in self.points.values() if points is not None)

    @property
    def max_score(self) -> float:
        return sum(self.max_points.values())

    @property
    def to_grade(self) -> float:
        """The points that a person still has to grade."""
        return sum(self.max_points[cell] for cell, points in self.points.items() if points is None)

    def as_dict(self) -> dict[str, Any]:
        left = ("failures",) if self.notebook else ("failures", "notebook")
        return {name: value for name, value in asdict(self).items() if name not in left} | {
            "messages": {cell: failure.text for cell, failure in self.failures.items()},
            "score": self.score,
            "max_score": self.max_score,
            "to_grade": self.to_grade,
        }


def record_of(
    student: str, lesson: str, notebook: NotebookNode, scores: dict[str, Score], page: Path | str = "", name: str = ""
) -> Record:
    """The record of a graded notebook and the scores of its cells, in the order of the cells.

    Args:
        name: the notebook's name; by default the lesson's.
    """
    known = notebook.metadata.get("convlab", {})
    cells = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    points = {cell: scores[cell] for cell in cells if cell in scores}
    return Record(
        student,
        lesson,
        status_of(notebook),
        {cell: score.score for cell, score in points.items()},
        {cell: score.max_score for cell, score in points.items()},
        failures(notebook),
        list(known.get("repaired", [])),
        known.get("reason", ""),
        str(page),
        known.get("sandbox") is True,
        [cell for cell, score in points.items() if score.score is not None and not score.reviewed],
        {cell.metadata.nbgrader.grade_id: note for cell in _graded(notebook) if (note := note_of(cell))},
        "" if name == lesson else name,
        {
            cell.metadata.nbgrader.grade_id: str(mode)
            for cell in _graded(notebook)
            if (mode := mode_of(cell)) is not Mode.APART
        },
    )


def failures(notebook: NotebookNode) -> dict[str, Failure]:
    """Why each failed test of a graded notebook failed, by `grade_id`."""
    found = {cell.metadata.nbgrader.grade_id: failure_of(cell) for cell in _graded(notebook)}
    return {name: failure for name, failure in found.items() if failure}


def _graded(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
