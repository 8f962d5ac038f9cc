"""The feedback page of a submission."""

from __future__ import annotations

import builtins
import re
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import is_locked

from autograder.classroom import ClassDirectory, Submission
from autograder.errors import COMMAND, AutograderError
from autograder.files import write_atomically
from autograder.gradebook import Entry
from autograder.notebooks.cells import HIDDEN, SKIP, is_by_hand, is_graded
from autograder.notebooks.outcome import MARKS, failure_of, mode_of, note_of, status_of
from autograder.notebooks.status import NOT_READ, Status
from autograder.reports import html

HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*$", flags=re.MULTILINE)
MAX_MESSAGE_LINES = 25
MAX_CODE, MAX_CODE_OF_ALL = 20_000, 200_000  # characters shown of one cell, and of all cells together
UNTOUCHED = "No response."  # the comment that nbgrader itself, not a person, adds to an unchanged answer
VERDICTS = {
    "right": ("✓", "right"),
    "partly": ("◐", "partly right"),
    "wrong": ("✗", "not right yet"),
    "notrun": ("✗", "not run"),
    "waiting": ("✎", "waits for your instructor"),
}
STILL_WAIT = "still waiting for your instructor"  # a phrase of the page's template
STATUS = {
    Status.TIMEOUT: "A cell did not finish within the time limit and was stopped. Look for a loop that never ends. "
    "Points earned before that count.",
    Status.KILLED: "The notebook's process ended before all cells had run. Points earned before that count.",
    Status.OUT_OF_MEMORY: "The notebook exceeded the memory limit and was stopped. Points earned before that count.",
    Status.UNREADABLE: "This submission could not be read.",
    Status.MISSING: "This notebook was not handed in, so it has no points.",
}


AFTER_HIDDEN = (
    "The output of this cell is left out, because it ran after hidden tests. You can see it in your own notebook."
)
# Only these names are shown: an error class of a student could have any name, such as a hidden input.
KNOWN_ERRORS = {
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, Exception)
}
KNOWN_ERRORS |= {"KeyboardInterrupt", "SystemExit", "CellTimeoutError", "NotRun", "CheckError"}


def fill_in_grades(nb: NotebookNode, names: dict[str, Any], known: Entry) -> None:
    """Write a submission's points and comments from the gradebook into its notebook, and the sums into `names`."""
    for cell in nb.cells:
        marks = cell.metadata.get("nbgrader", {})
        name = marks.get("grade_id")
        if name in known.comments:
            marks["comment"] = known.comments[name]
        if name in known.scores:
            one = known.scores[name]
            marks |= {"score": one.score or 0.0, "points": one.max_score, "needs_manual_grade": not one.reviewed}
    names["score"] = sum(score.score or 0 for score in known.scores.values()) - known.late_penalty
    names["max_score"] = sum(score.max_score for score in known.scores.values())
    names["late_penalty"] = known.late_penalty


def feedback_page(nb: NotebookNode, grades: dict[str, Any], *, hide: bool = True) -> str:
    """The feedback page of a submission as HTML.

    Args:
        nb: an autograded notebook after `fill_in_grades`.
        grades: student, notebook, score, max_score, late_penalty and timestamp, as in nbgrader's resources.
        hide: whether to leave out the hidden tests.
    """
    known = nb.metadata.get("convlab", {})
    nb = _shortened(nb)
    exercises = _exercises(nb, hide=hide)
    readable = status_of(nb) not in NOT_READ
    if not readable:
        verdict = "not handed in" if status_of(nb) is Status.MISSING else "not read"
        exercises = [one | {"state": "notrun", "mark": "✗", "verdict": verdict} for one in exercises]
    status = STATUS.get(known.get("status", ""), "")
    return html.page(
        "feedback",
        title=f"{grades['notebook']} · {grades['student']}",
        heading=_title(nb) or grades["notebook"],
        student=grades["student"],
        handed_in=grades.get("timestamp") or "",
        score=html.points(grades["score"]),
        max_score=html.points(grades["max_score"]),
        waiting=html.points(sum(one["max"] for one in exercises if one["state"] == "waiting") or None).strip("–"),
        late_penalty=html.points(grades.get("late_penalty") or None).strip("–"),
        status=f"{status} {known.get('reason', '')}".strip() if status else "",
        repaired=list(known.get("repaired", [])),
        exercises=exercises,
        readable=readable,
        next_step=next((one["name"] for one in exercises if one["state"] in ("wrong", "partly", "notrun")), ""),
        cells=[_block(cell, hide=hide) for cell in nb.cells],
        wide=False,
    )


def page_for_oneself(page: str) -> str:
    """A feedback page changed for self-study, where nobody grades answers by hand."""
    compare = f"for written answers, which no machine checks (compare yours with '{COMMAND} solution' and its name)"
    return page.replace(STILL_WAIT, compare).replace(VERDICTS["waiting"][1], "not checked by a machine")


def _shortened(nb: NotebookNode) -> NotebookNode:
    """The notebook with long code cut to what a person would read."""
    cells, room = [], MAX_CODE_OF_ALL
    for cell in nb.cells:
        own = cell.cell_type == "code" and not is_locked(cell)
        most = min(room, MAX_CODE)
        if own and len(cell.source) > most:
            cell = NotebookNode(cell, source=cell.source[:most] + "\n# … (more was left out)")  # noqa: PLW2901
        room -= min(len(cell.source), most) if own else 0
        cells.append(cell)
    return NotebookNode(nb, cells=cells)


def _exercises(nb: NotebookNode, *, hide: bool) -> list[dict[str, Any]]:
    """What the page shows of each graded cell: its points, the text before it, and the answer that it grades."""
    exercises: list[dict[str, Any]] = []
    task, answers = "", []
    for cell in nb.cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "markdown" and not marks.get("solution"):
            task = cell.source
        elif marks.get("solution") and not marks.get("grade"):
            answers.append(cell)
        if is_graded(cell):
            by_hand, is_task = is_by_hand(cell), bool(marks.get("task"))
            # A task says what to do in cells of one's own, wherever these are.
            answer = None if is_task else cell if by_hand else next(iter(answers), None)
            commented = [cell] if is_task else [*answers, cell]
            comments = [one.metadata.nbgrader.get("comment") for one in commented]
            untouched = UNTOUCHED in comments
            exercises.append(
                _verdict(cell)
                | ({"mark": "✎", "verdict": "not answered"} if by_hand and untouched else {})
                | {
                    "name": marks.grade_id.removeprefix("test_"),
                    "title": _heading(task, marks.grade_id.removeprefix("test_")),
                    "task": html.text(HEADING.sub("", task, count=1)) if task else "",
                    "answer": _block(answer, hide=hide) if answer is not None else None,
                    "tests": "" if by_hand else html.code(_source(cell, hide=hide)),
                    "hand_graded": by_hand,
                    "untouched": untouched,
                    "comments": [html.text(comment) for comment in comments if comment and comment != UNTOUCHED],
                }
            )
            task, answers = "", answers if is_task else []
    return exercises


def _verdict(cell: NotebookNode) -> dict[str, Any]:
    marks = cell.metadata.nbgrader
    points, highest = marks.get("score"), marks.get("points", 0)
    failure = failure_of(cell)
    if marks.get("needs_manual_grade"):
        state, points = "waiting", None
    elif points is not None and points >= highest:
        state = "right"
    elif points:
        state = "partly"
    else:
        state = "notrun" if failure and failure.error == "NotRun" else "wrong"
    mark, verdict = VERDICTS[state]
    return {
        "state": state,
        "mark": mark,
        "verdict": verdict,
        "max": highest,
        "points": html.points(points),
        "max_points": html.points(highest),
        "message": _short(failure.message) if failure and state != "right" else "",
        "help": failure.help if failure and state != "right" else "",
        "note": note_of(cell),
        "judged": MARKS[mode_of(cell)],
    }


def _short(message: str) -> str:
    lines = message.splitlines()
    more = ["…"] if len(lines) > MAX_MESSAGE_LINES else []
    return "\n".join(lines[:MAX_MESSAGE_LINES] + more)


def _title(nb: NotebookNode) -> str:
    """The notebook's own title, if its first text begins with one: courses number their parts with headings, too."""
    first = next((cell.source for cell in nb.cells if cell.cell_type == "markdown"), "")
    return _heading(first) if first.lstrip().startswith("# ") else ""


def _heading(markdown: str, otherwise: str = "") -> str:
    found = HEADING.search(markdown)
    return found[1].replace("`", "") if found else otherwise


def _source(cell: NotebookNode, *, hide: bool) -> str:
    if not hide:
        return cell.source
    handed_out = cell.metadata.get("convlab", {}).get("handed_out")
    if isinstance(handed_out, str):
        return f"{handed_out}\n# (hidden tests)".lstrip()
    return HIDDEN.sub("# (hidden tests)", cell.source)


def _block(cell: NotebookNode, *, hide: bool) -> dict[str, Any]:
    if cell.cell_type != "code":
        return {"text": html.text(cell.source), "code": "", "outputs": [], "skipped": False}
    outputs = html.outputs(cell)
    if hide and outputs and cell.metadata.get("convlab", {}).get("after_hidden"):
        outputs = [{"note": _left_out(cell)}]
    elif cell.metadata.get("nbgrader", {}).get("grade"):
        # Not the traceback: it quotes the lines around the failure, which may be hidden tests.
        failure = failure_of(cell)
        outputs = [{"text": _short(failure.message)}] if failure else []
    return {
        "text": "",
        "code": html.code(_source(cell, hide=hide)),
        "outputs": [output for output in outputs if any(map(output.get, ("text", "image", "note")))],
        "skipped": SKIP in cell.metadata.get("tags", []),
    }


def _left_out(cell: NotebookNode) -> str:
    """The note shown in place of outputs that may contain inputs of hidden tests."""
    errors = [output.ename for output in cell.outputs if output.output_type == "error"]
    if not errors:
        return AFTER_HIDDEN
    return f"It ended with {errors[0] if errors[0] in KNOWN_ERRORS else 'an error of its own'}. {AFTER_HIDDEN}"


def feedback_path(classroom: ClassDirectory, submission: Submission) -> Path:
    folder = classroom.path / "feedback" / submission.student / submission.lesson
    return folder / f"{submission.notebook_name}.html"


def write_feedback(classroom: ClassDirectory, submission: Submission, page: str) -> Path:
    """Write the feedback page of a submission. Raises AutograderError if it cannot be written."""
    path = feedback_path(classroom, submission)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, page.encode())
    except OSError as error:
        raise AutograderError(
            f"the feedback page could not be written ({error.strerror}).",
            where=str(submission),
            remedy="The score is in the gradebook; free disk space, then grade again.",
        ) from error
    return path
