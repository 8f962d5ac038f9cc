"""Derives the steps of grading from a class's own configuration, with our steps in place of nbgrader's.

Any nbgrader course is graded in the sandbox, whether or not its `nbgrader_config.py` calls `configure`.
"""

from __future__ import annotations

import copy
from typing import Any

from nbclient import NotebookClient
from nbconvert.exporters import NotebookExporter
from nbconvert.preprocessors import ExecutePreprocessor
from nbgrader import preprocessors as stock
from nbgrader.converters import Autograde
from traitlets.config import Config
from traitlets.config.loader import LazyConfigValue
from traitlets.utils.importstring import import_item

from autograder.classroom import ClassDirectory
from autograder.classroom.directory import CONFIG_FILE
from autograder.errors import ClassError
from autograder.gradebook.scores import AssignLatePenalties, SaveAutoGrades
from autograder.grading.nbgrader_plugin import LINUX, Run, RunHere, SubmissionExporter, configure
from autograder.uploads.presentation import CleanHTML

RUNS = Run if LINUX else RunHere
# Our replacements for nbgrader's steps; none where `repair` has already done what the step does.
OURS: dict[type, list[type]] = {
    stock.Execute: [RUNS],
    ExecutePreprocessor: [RUNS],
    stock.SaveAutoGrades: [SaveAutoGrades],
    stock.AssignLatePenalties: [AssignLatePenalties],
    stock.ClearOutput: [],
    stock.DeduplicateIds: [],
    stock.OverwriteKernelspec: [],
    stock.OverwriteCells: [],
    stock.CheckCellMetadata: [],
}


def walled(classroom: ClassDirectory) -> Config:
    """The configuration by which a class is graded, in which only our own step runs students' code.

    Raises:
        ClassError: a step cannot be found, would run students' code outside of the sandbox, or is one that only
            nbgrader's own `autograde` can do.
    """
    config = copy.deepcopy(classroom.config)
    where = str(classroom.path / CONFIG_FILE)
    with classroom.importable():
        try:
            configured = _is_configured(config)
            steps = _steps(config, "autograde_preprocessors")
            own = [step for step in _steps(config, "sanitize_preprocessors") if step not in OURS]
        except (ImportError, AttributeError, TypeError, ValueError) as error:
            raise ClassError(
                f"the steps of grading cannot be made ({type(error).__name__}: {error}).",
                where=where,
                remedy="Correct c.Autograde or the settings of its steps.",
            ) from error
    for step in [*steps, *own]:
        _refuse_execution(step, where)
    if own:
        raise ClassError(
            f"c.Autograde.sanitize_preprocessors names {own[0].__name__}, which would run before a notebook is graded: "
            "'grade' repairs notebooks itself and cannot run such a step.",
            where=where,
            remedy="Remove it, or put it into c.Autograde.autograde_preprocessors, whose steps run after the notebook.",
        )
    if not configured:
        config = _completed(config)
    config.Autograde.exporter_class = SubmissionExporter
    config.Autograde.autograde_preprocessors = _placed(steps, clean=not configured)
    return config


def _is_configured(config: Config) -> bool:
    """Whether the class's configuration calls `configure`. Raises TypeError if it has another exporter of its own."""
    exporter = config.get("Autograde", {}).get("exporter_class", NotebookExporter)
    exporter = import_item(exporter) if isinstance(exporter, str) else exporter
    if exporter not in (NotebookExporter, SubmissionExporter):
        raise TypeError(f"an exporter of the class's own, {exporter}, cannot be used for Autograde")
    return exporter is SubmissionExporter


def _steps(config: Config, name: str) -> list[Any]:
    steps = config.get("Autograde", {}).get(name, LazyConfigValue())
    if isinstance(steps, LazyConfigValue):
        steps = steps.get_value(getattr(Autograde, name).default())
    return [import_item(step) if isinstance(step, str) else step for step in steps]


def _refuse_execution(step: Any, where: str) -> None:
    """Raise ClassError if a step runs notebooks, except for nbgrader's and nbconvert's own, which are replaced."""
    kind = step if isinstance(step, type) else type(getattr(step, "__self__", step))
    if issubclass(kind, NotebookClient) and step not in (stock.Execute, ExecutePreprocessor, RUNS):
        raise ClassError(
            f"the step {kind.__name__} would run students' notebooks outside of the sandbox.",
            where=where,
            remedy="Remove it from c.Autograde: 'grade' runs notebooks with a step of its own, see c.Run.cell_seconds.",
        )


def _completed(config: Config) -> Config:
    """The class's own settings, with our defaults for what it does not set."""
    completed = Config()
    configure(completed)
    del completed["ClearSolutions"]  # releases keep the stubs that the class's own nbgrader writes
    for name in ("NotebookClient", "ExecutePreprocessor", "Execute"):
        seconds = config.get(name, {}).get("timeout")
        if isinstance(seconds, int | float) and seconds > 0:
            completed.Run.cell_seconds = float(seconds)
            completed.RunHere.timeout = int(seconds)
    completed.merge(config)
    return completed


def _placed(steps: list[Any], *, clean: bool) -> list[Any]:
    """The class's steps in order, with ours in place of nbgrader's; the step that runs the notebook comes first."""
    placed: list[Any] = []
    for step in steps:
        if isinstance(step, type) and step in OURS:
            placed += [one for one in OURS[step] if one not in placed]
        else:
            placed.append(step)
        if clean and SaveAutoGrades in placed and CleanHTML not in placed:
            placed.append(CleanHTML)
    return placed if RUNS in placed else [RUNS, *placed]
