"""Our steps for nbgrader's own converters, so that nbgrader's command line and the Formgrader use them too.

The `nbgrader_config.py` of a class directory configures them; nbgrader runs its converters in the class directory.
"""

from __future__ import annotations

import contextlib
import datetime
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager, KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbconvert.exporters import NotebookExporter
from nbconvert.exporters.exporter import Exporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.preprocessors.execute import Execute, UnresponsiveKernelError
from traitlets import Bool, Float, Unicode, default
from traitlets.config import Config

from autograder.classroom.directory import secret_paths
from autograder.course.release import STUB
from autograder.errors import SandboxUnavailable
from autograder.execution import shared_runner
from autograder.gradebook import install
from autograder.gradebook.scores import entry
from autograder.grading.job import Settings, run_prepared, say_not_run
from autograder.notebooks.folder import (
    handed_in_beside,
    read_submitted_or_error,
)
from autograder.notebooks.status import NOT_READ, Status
from autograder.reports import fill_in_grades
from autograder.uploads.own_files import OwnFolder
from autograder.uploads.preflight import Limits, make_preflight
from autograder.uploads.prepare import Lesson, note_left_out, prepared_notebook
from autograder.uploads.presentation import page_of

LINUX = sys.platform.startswith("linux")
MARKDOWN_TAGS = (
    "a abbr b blockquote br code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i img kbd li ol p pre s span strong sub sup "
    "table tbody td th thead tr u ul"
).split()


def configure(config: Config, *, cell_seconds: int = 60) -> None:
    """Put our steps into nbgrader's configuration; called by a class directory's `nbgrader_config.py`.

    Args:
        cell_seconds: how long one cell may run.
    """
    config.ClearSolutions.code_stub = STUB
    config.GenerateAssignment.preprocessors.append("autograder.classroom.releases.KeepRelease")
    config.Autograde.exporter_class = f"{__name__}.SubmissionExporter"
    # `repair` has already done what the other steps in nbgrader's default list do.
    config.Autograde.sanitize_preprocessors = ["nbgrader.preprocessors.OverwriteCells"]
    config.Autograde.autograde_preprocessors = [
        f"{__name__}.{'Run' if LINUX else 'RunHere'}",
        "nbgrader.preprocessors.LimitOutput",
        "autograder.gradebook.scores.SaveAutoGrades",
        # After the grades are saved, since it changes text, and before anybody opens the notebook in a browser.
        "autograder.uploads.presentation.CleanHTML",
        "autograder.gradebook.scores.AssignLatePenalties",
    ]
    # One validation at the end of each pass instead of one after each step.
    config.Exporter.optimistic_validation = True
    config.SanitizeHTML.enabled = True
    config.SanitizeHTML.tags = MARKDOWN_TAGS
    config.SanitizeHTML.attributes = {
        "a": ["href", "title"],
        "img": ["alt", "src", "title"],
        "td": ["align"],
        "th": ["align"],
    }
    config.GenerateFeedback.exporter_class = f"{__name__}.FeedbackExporter"
    config.GenerateFeedback.preprocessors = [f"{__name__}.GetGrades"]
    config.Run.cell_seconds = float(cell_seconds)
    config.RunHere.timeout = cell_seconds
    install()


@contextlib.contextmanager
def no_kernels() -> Iterator[None]:
    """Make every start of a Jupyter kernel raise SandboxUnavailable: its notebook would run outside of the sandbox."""

    async def refuse(*_: Any, **__: Any) -> None:
        raise SandboxUnavailable(
            "a configured step tried to run the notebook outside of the sandbox.",
            remedy="Remove it from c.Autograde: 'grade' runs notebooks with a step of its own.",
        )

    kept = KernelManager._async_launch_kernel, AsyncKernelManager._launch_kernel
    KernelManager._async_launch_kernel = refuse  # type: ignore[method-assign] # a patch of Jupyter's class, undone below
    AsyncKernelManager._launch_kernel = refuse
    try:
        yield
    finally:
        KernelManager._async_launch_kernel = kept[0]  # type: ignore[method-assign] # undone
        AsyncKernelManager._launch_kernel = kept[1]


class SubmissionExporter(NotebookExporter):
    """Reads a submitted notebook and repairs it; if it cannot be read, takes the lesson as it was handed out.

    Only our own step may run the notebook; registering another one that does raises SandboxUnavailable.
    """

    def register_preprocessor(self, preprocessor: Any, enabled: bool = False) -> Any:
        kind = preprocessor if isinstance(preprocessor, type) else type(preprocessor)
        if issubclass(kind, NotebookClient) and (LINUX or kind is not RunHere):
            raise SandboxUnavailable(
                f"the step {kind.__name__} would run students' notebooks outside of the sandbox.",
                remedy="Remove it from c.Autograde: 'grade' runs notebooks with a step of its own.",
            )
        return super().register_preprocessor(preprocessor, enabled)

    def _preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        with no_kernels() if LINUX else contextlib.nullcontext():
            return super()._preprocess(nb, resources)

    # What comes first of the two is a text: nbconvert's own annotation of it is the one of its base class.
    def from_filename(self, filename: str, resources: dict | None = None, **kw: Any) -> tuple[Any, dict]:
        converter: Any = self.parent
        if resources is None or not converter._sanitizing:
            return super().from_filename(filename, resources=resources, **kw)
        names, root = resources["nbgrader"], Path(converter.coursedir.root)
        settings = Run(config=self.config).settings
        if LINUX:
            secret = secret_paths(converter.coursedir)
            limits = Limits(settings.cell_seconds, settings.total_seconds, settings.every_cell)
            own = OwnFolder.of(converter.coursedir, self.config, names["assignment"])
            lesson = Lesson.read(root, names["assignment"], names["notebook"], own)
            make_preflight(root, lesson, lambda: shared_runner(unsafe=settings.unsafe, secret=secret), limits)
        lesson = Lesson.read(root, names["assignment"], names["notebook"])
        notebook = prepared_notebook(read_submitted_or_error(Path(filename)), lesson, unsafe=settings.unsafe)
        return self.from_notebook_node(notebook, resources=resources, **kw)


class Run(NbGraderPreprocessor):
    """Runs the student's cells in a worker and the tests in a judge."""

    cell_seconds = Float(60, help="Seconds that one cell may take.").tag(config=True)
    total_seconds = Float(300, help="Seconds that all cells of a notebook may take together.").tag(config=True)
    unsafe = Bool(False, help="Run notebooks without the sandbox. Only for notebooks that you trust.").tag(config=True)
    every_cell = Bool(False, help="Also run cells that only display something: slower, the same scores.").tag(
        config=True
    )

    together = Bool(
        True,
        help="Judge a test in the student's own process where it works only there. Such a verdict can be forged. "
        "False: a person gives the points of such a test.",
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        names, coursedir = resources["nbgrader"], self.parent.parent.coursedir
        folder = Path(coursedir.format_path(coursedir.submitted_directory, names["student"], names["assignment"]))
        own = OwnFolder.of(coursedir, self.config, names["assignment"])
        lesson = Lesson.read(Path(coursedir.root), names["assignment"], names["notebook"], own)
        beside = handed_in_beside(folder, names["notebook"])
        note_left_out(nb, beside.notes)
        run_prepared(nb, beside.files, lesson, replace(self.settings, secret=secret_paths(coursedir)))
        return nb, resources

    @property
    def settings(self) -> Settings:
        return Settings(self.cell_seconds, self.total_seconds, self.every_cell, self.unsafe, together=self.together)


class RunHere(Execute):
    """nbgrader's own execution, for `check` on systems without a sandbox."""

    async def async_start_new_kernel(self, **options: Any) -> None:
        # Messages of the kernel and of TensorFlow do not belong to the result of a check.
        await super().async_start_new_kernel(stderr=subprocess.DEVNULL, **options)

    def preprocess(self, nb: NotebookNode, resources: dict, km: Any = None) -> tuple[NotebookNode, dict]:
        if not self.config.get("Run", {}).get("unsafe"):
            raise SandboxUnavailable(
                f"the sandbox needs Linux, this is {sys.platform}.",
                remedy="Grade on a Linux machine, or use --unsafe-no-sandbox (with nbgrader: --Run.unsafe=True) for notebooks "
                "that you trust.",
            )
        record = nb.metadata.setdefault("convlab", NotebookNode(repaired=[]))
        record["sandbox"] = False
        if record.get("status") in NOT_READ:
            say_not_run(nb, record.reason)
            return nb, resources
        record["status"] = Status.GRADED
        try:
            nb, resources = super().preprocess(nb, resources, km)
        except UnresponsiveKernelError:
            record["status"] = Status.TIMEOUT
        except DeadKernelError:
            record["status"] = Status.KILLED
        else:
            if any(
                output.get("ename") == "CellTimeoutError" for cell in nb.cells for output in cell.get("outputs", [])
            ):
                record["status"] = Status.TIMEOUT
        if record["status"] != Status.GRADED:
            say_not_run(nb, "Not run: an earlier cell did not finish in time, or ended the whole process.")
        return nb, resources


class GetGrades(NbGraderPreprocessor):
    """Replaces nbgrader's step of this name; also marks the cells that wait for manual grading."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as gradebook:
            fill_in_grades(nb, names, entry(gradebook, names["notebook"], names["assignment"], names["student"]))
        return nb, resources


class FeedbackExporter(Exporter):
    """Makes the feedback page of an autograded notebook with its grades."""

    show_hidden_tests_from = Unicode(
        "", help="Day from which on feedback pages show hidden tests, such as 2027-01-31. Empty: never."
    ).tag(config=True)

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(self, nb: NotebookNode, resources: dict | None = None, **kw: Any) -> tuple[Any, dict]:
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        return self.page(nb, resources["nbgrader"]), resources

    def page(self, nb: NotebookNode, names: dict[str, Any]) -> str:
        """The page of a notebook after `fill_in_grades`, with or without hidden tests as configured for today."""
        return page_of(nb, names, hide=self.hide)

    @property
    def hide(self) -> bool:
        """Whether hidden tests are left out today."""
        day = self.show_hidden_tests_from
        return not day or datetime.date.today() < datetime.date.fromisoformat(day)
