"""Runs a lesson's solution and its blank release before anybody is graded, as if they had been handed in.

The solution says where each test is judged: apart where it passes there, else together with the notebook if it passes
there, else by hand. The blank release says which tests give points for nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import determine_grade

from autograder.course.preflight import Finding, Findings, digest_of, instead_of, keep_findings, kept_findings
from autograder.course.preflight.reasons import replaced_in
from autograder.execution import Runner
from autograder.notebooks import global_names, parse_notebook
from autograder.notebooks.cells import grade_id_of, is_test, lesson_notebook
from autograder.notebooks.outcome import failure_of, keep_mode
from autograder.notebooks.repair import repair, run_every_cell
from autograder.notebooks.status import Mode
from autograder.uploads.answers import RepairedNotebook, given_cell
from autograder.uploads.clerk import plain_cell
from autograder.uploads.prepare import Lesson, prepared_from

LOG = logging.getLogger(__name__)
MAX_REASON = 400  # characters of a message that are kept
UNSEEN = "it passes only because the test's own '{}' has no effect there: an answer that calls it would pass, too."
NO_FULL_POINTS = "it gives {earned:g} of {most:g} points."


@dataclass(frozen=True)
class Limits:
    """How notebooks are run, as in the settings of grading."""

    cell_seconds: float = 60
    total_seconds: float = 300
    every_cell: bool = False


def make_preflight(
    root: Path, lesson: Lesson, runner: Callable[[], Runner], limits: Limits, *, anew: bool = False
) -> Findings | None:
    """Make a notebook's pre-flight for the class at `root` if it has none that is up to date, and keep what it found out.

    Args:
        runner: called if there is something to run.
        anew: make it even if there is one that is up to date.

    Returns:
        What it found out; None if there was nothing to do.

    Raises:
        SandboxUnavailable, ForkServerDied, UnreadableSubmission, ClassError: it could not be made or kept.
    """
    kept = kept_findings(root).get((lesson.name, lesson.notebook))
    if kept and not anew and kept.digest == digest_of(lesson.source, lesson.own_files):
        return None
    found = preflight(lesson, runner(), limits)
    keep_findings(root, [found])
    LOG.info("%s: pre-flight: %s", lesson, found.modes or "every test is judged apart")
    return found


def preflight(lesson: Lesson, runner: Runner, limits: Limits) -> Findings:
    """Find out where the tests of a lesson's notebook are judged, and which of them give points for nothing.

    Args:
        lesson: its modes are not used.

    Raises:
        SandboxUnavailable, ForkServerDied: nothing can be run here.
        UnreadableSubmission: the lesson's own notebook cannot be read.
    """
    cell_s, total_s, files = limits.cell_seconds, limits.total_seconds, lesson.own_files

    def outputs_of(notebook: NotebookNode, visible: dict[str, str] | None = None) -> list[list[dict]]:
        return runner.run(
            notebook,
            files,
            given=lesson.given,
            own_files=files,
            cell_seconds=cell_s,
            total_seconds=total_s,
            visible=visible,
        ).outputs

    solved = _as_handed_in(lesson.source, lesson, {}, limits)
    codes = [cell for cell in solved.cells if cell.cell_type == "code"]
    made = {name for cell in codes if not is_test(cell) for name in _made(cell.source)}
    # Nothing of the instructor's own solution has to be hidden from the instructor.
    whole = {grade_id_of(cell): cell.source for cell in codes if is_test(cell)}
    open_from = _first_unsolved(codes, lesson)
    tests: dict[str, Finding] = {}
    unsolved: list[str] = []
    unseen: list[str] = []  # they replace something, but the solution fails them where that has an effect
    known = -1
    # Again without those that fail, since a later test may use what one of them makes.
    while known < len(tests):
        known = len(tests)
        outputs = outputs_of(solved)
        for place, cell in enumerate(codes):
            name = grade_id_of(cell)
            if not _has_points(cell) or name in (*tests, *unsolved, *unseen):
                continue
            apart = _why_not(cell, outputs[place])
            replaced = "" if apart else replaced_in(cell.source, made)
            if not apart and not replaced:
                continue
            verdict = runner.judge_together(
                solved, place, files, cell_seconds=cell_s, total_seconds=total_s, visible=whole
            )
            together = _why_not(cell, verdict.outputs)
            if replaced and together:
                unseen.append(name)
                continue
            apart = apart or UNSEEN.format(replaced)
            if together and place > open_from:
                unsolved.append(name)
                continue
            mode = Mode.BY_HAND if together else Mode.TOGETHER
            tests[name] = Finding(str(mode), apart, together, instead_of(cell.source, apart, made))
            keep_mode(cell, Mode.BY_HAND)
    # A release without some of the tests is out of date: what was found out holds only until there is a new one.
    complete = {grade_id_of(cell) for cell in lesson_notebook(lesson.source).cells if is_test(cell)} == set(whole)
    digest = digest_of(lesson.source, files) if complete else ""
    found = Findings(lesson.name, lesson.notebook, digest, tests, unsolved=tuple(unsolved))
    blank = _as_handed_in(lesson.release, lesson, found.modes, limits)
    outputs = outputs_of(blank, whole)
    codes = [cell for cell in blank.cells if cell.cell_type == "code"]
    free = [
        grade_id_of(cell) for place, cell in enumerate(codes) if _has_points(cell) and _earned(cell, outputs[place])
    ]
    return replace(found, free=tuple(free))


def _as_handed_in(content: bytes, lesson: Lesson, modes: dict[str, str], limits: Limits) -> NotebookNode:
    """One of the lesson's own notebooks as a submission; read in this process, since no stranger wrote it."""
    name = f"{lesson.notebook}.ipynb"
    repaired = repair(parse_notebook(content, name), lesson_notebook(lesson.release), lesson.earlier)
    cells = [given_cell(plain_cell(cell)) for cell in repaired.notebook.cells]
    notebook = prepared_from(RepairedNotebook(cells, []), replace(lesson, modes=modes))
    if limits.every_cell:
        run_every_cell(notebook)
    return notebook


def _first_unsolved(codes: list[NotebookNode], lesson: Lesson) -> int:
    """The place of the first answer that is in `source/` as it is handed out: what tests it cannot be tried."""
    stubs = {grade_id_of(cell): cell.source.strip() for cell in lesson_notebook(lesson.release).cells}
    answers = [(place, cell) for place, cell in enumerate(codes) if cell.metadata.get("nbgrader", {}).get("solution")]
    return next((n for n, cell in answers if cell.source.strip() == stubs.get(grade_id_of(cell))), len(codes))


def _made(source: str) -> frozenset[str]:
    names = global_names(source)
    return names.made if names else frozenset()


def _has_points(cell: NotebookNode) -> bool:
    """Whether a cell is a test worth points; an answer that a person grades has points, too."""
    return (
        is_test(cell)
        and not cell.metadata.nbgrader.get("solution")
        and float(cell.metadata.nbgrader.get("points") or 0) > 0
    )


def _earned(cell: NotebookNode, outputs: list[dict]) -> float:
    """The points that nbgrader gives a test with these outputs. Raises ValueError if they are more than it has."""
    earned, _ = determine_grade(NotebookNode(cell, outputs=[nbformat.from_dict(one) for one in outputs]))
    return float(earned or 0)


def _why_not(cell: NotebookNode, outputs: list[dict]) -> str:
    """Why a test with these outputs does not give full points; "" if it does."""
    most = float(cell.metadata.nbgrader.points)
    shown = NotebookNode(cell, metadata=NotebookNode(), outputs=[nbformat.from_dict(one) for one in outputs])
    failure = failure_of(shown)
    try:
        earned = _earned(cell, outputs)
    except ValueError as error:
        return f"{error}."
    if failure:
        text = " ".join(failure.message.split())[:MAX_REASON] or failure.error
        return text if text[-1] in ".!?" else f"{text}."
    return "" if earned >= most else NO_FULL_POINTS.format(earned=earned, most=most)
