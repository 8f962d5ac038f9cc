"""What the books say of one submission."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from autograder.gradebook.scores import Score


@dataclass(frozen=True)
class Record:
    """What the books say of one submission.

    `status` is graded, timeout, out_of_memory, killed or unreadable; `not_recorded` when the books could not take it,
    with the reason; `dropped` when the student was removed from the gradebook. `to_review` are cells with points by hand for
    another answer than this one, at which a person has to look again. `sandbox` says that the notebook was run in the walls: false where that is not known. `points` maps each graded cell to its points, None while a person still has to grade it; `messages`
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
    sandbox: bool = False
    to_review: list[str] = field(default_factory=list)

    @property
    def recorded(self) -> bool:
        return self.status not in ("not_recorded", "dropped")

    @property
    def failed(self) -> bool:
        """Whether somebody has to see to it that there is a record."""
        return self.status == "not_recorded"

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


def record_of(
    student: str, lesson: str, notebook: NotebookNode, scores: dict[str, Score], page: Path | str = ""
) -> Record:
    """What a graded notebook and the scores of its cells say, in the order of its cells."""
    known = notebook.metadata.get("convlab", {})
    cells = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    points = {cell: scores[cell] for cell in cells if cell in scores}
    return Record(
        student,
        lesson,
        known.get("status", "graded"),
        {cell: score.score for cell, score in points.items()},
        {cell: score.max_score for cell, score in points.items()},
        _messages(notebook),
        list(known.get("repaired", [])),
        known.get("reason", ""),
        str(page),
        known.get("sandbox") is True,
        [cell for cell, score in points.items() if score.score is not None and not score.reviewed],
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
