"""Our steps inside nbgrader's own converters, so that its command line and the Formgrader use them too.

`nbgrader_config.py` of a class directory puts them in place; nbgrader runs its converters with the class directory as
the current one.
"""

from __future__ import annotations

import copy
import hashlib
import json
import stat
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
from nbclient.exceptions import DeadKernelError
from nbconvert.exporters import NotebookExporter
from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbformat import NotebookNode
from nbgrader.converters import base
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.preprocessors.execute import Execute, UnresponsiveKernelError
from nbgrader.utils import find_all_files
from traitlets import Bool, Float
from traitlets.config import Config

from autograder.course import MISCONCEPTIONS
from autograder.errors import UnreadableSubmission
from autograder.examiner import Examined
from autograder.farm import Job
from autograder.release import STUB
from autograder.submission import SKIP, Repaired, read_notebook, repair, run_every_cell

LINUX = sys.platform.startswith("linux")
MAX_FILES, MAX_FILES_BYTES = 200, 32 * 2**20
REMEMBERED = 10_000  # characters of a text that may be the lesson's
MARKDOWN_TAGS = (
    "a abbr b blockquote br code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i img kbd li ol p pre s span strong sub sup "
    "table tbody td th thead tr u ul"
).split()


def configure(config: Config, *, cell_seconds: int = 60) -> None:
    """Put our steps into nbgrader's configuration; called by a class directory's `nbgrader_config.py`."""
    config.ClearSolutions.code_stub = STUB
    config.Autograde.exporter_class = f"{__name__}.SubmissionExporter"
    # `repair` has already done what the other steps of nbgrader's own list are for.
    config.Autograde.sanitize_preprocessors = ["nbgrader.preprocessors.OverwriteCells"]
    config.Autograde.autograde_preprocessors = [
        f"{__name__}.{'Run' if LINUX else 'RunHere'}",
        "nbgrader.preprocessors.LimitOutput",
        "autograder.gradebook.SaveAutoGrades",
        # After the grades, since it changes text; before anybody looks at the notebook in a browser.
        f"{__name__}.CleanHTML",
        "nbgrader.preprocessors.AssignLatePenalties",
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
    config.GenerateFeedback.exporter_class = "autograder.feedback.FeedbackExporter"
    config.GenerateFeedback.preprocessors = ["autograder.feedback.GetGrades"]
    config.Run.cell_seconds = float(cell_seconds)
    config.RunHere.timeout = cell_seconds
    base.find_all_files = ordinary_files
    CourseDirectory.get_existing_timestamp = readable_timestamp


def ordinary_files(path: str, exclude: list[str] | None = None) -> list[str]:
    """nbgrader's `find_all_files` for folders that strangers filled.

    nbgrader copies what it finds into `autograded/` and `feedback/`: following a link would hand the student any file
    that the instructor can read, and a named pipe would stop the copy for ever.
    """
    return [name for name in find_all_files(path, exclude) if _is_ordinary(Path(name), Path(path))]


def _is_ordinary(path: Path, top: Path) -> bool:
    return stat.S_ISREG(path.lstat().st_mode) and path.resolve().is_relative_to(top.resolve())


_get_existing_timestamp = CourseDirectory.get_existing_timestamp


def readable_timestamp(self: CourseDirectory, folder: str) -> Any:
    """nbgrader's `get_existing_timestamp`, None for a `timestamp.txt` that holds no time instead of an error."""
    try:
        return _get_existing_timestamp(self, folder)
    except (AttributeError, ValueError, OverflowError, OSError):
        return None


def handed_in_files(folder: Path) -> dict[str, bytes]:
    """The ordinary files beside the notebook, by relative path, until they are too many or too large."""
    files: dict[str, bytes] = {}
    room = MAX_FILES_BYTES
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".ipynb" or not _is_ordinary(path, folder):
            continue
        room -= path.stat().st_size
        if len(files) >= MAX_FILES or room < 0:
            break
        files[str(path.relative_to(folder))] = path.read_bytes()
    return files


def submission_key(submitted: Path, source: Path) -> str:
    """A digest of all that a record depends on: the same key gives the same score."""
    digest = hashlib.sha256()
    for path in (submitted, source):
        digest.update(path.read_bytes() if path.is_file() and not path.is_symlink() else b"missing")
    return digest.hexdigest()


class SubmissionExporter(NotebookExporter):
    """Reads what a student handed in: repaired, or, if it cannot be read, as the lesson was handed out."""

    def from_filename(self, filename: str, resources: dict | None = None, **kw: Any) -> tuple[str, dict]:
        if not self.parent._sanitizing:
            return super().from_filename(filename, resources=resources, **kw)
        notebook = prepared(Path(filename), Path(self.parent.coursedir.root), resources["nbgrader"]["assignment"])
        return self.from_notebook_node(notebook, resources=resources, **kw)


def prepared(submitted: Path, root: Path, lesson: str) -> NotebookNode:
    """What was handed in, repaired and with the tests of `source/`; as handed out where it cannot be read.

    `metadata.convlab` says what was repaired, and, of an unreadable one, its status and the reason.
    """
    source, release = (root / folder / lesson / f"{lesson}.ipynb" for folder in ("source", "release"))
    record: dict[str, Any] = {"key": submission_key(submitted, source)}
    try:
        repaired = repair(read_notebook(submitted), lesson_notebook(release))
    except UnreadableSubmission as error:
        repaired = Repaired(copy.deepcopy(lesson_notebook(release)))
        record |= {"status": "unreadable", "reason": str(error)}
    notebook = with_tests(repaired.notebook, lesson_notebook(source))
    notebook.metadata["convlab"] = NotebookNode(record | {"repaired": repaired.notes})
    return notebook


class CleanHTML(SanitizeHTML):
    """nbconvert's step, which cleans a text of the lesson's once for all submissions."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        clean, remembered = self.sanitize_html_tags, lru_cache(maxsize=1024)(self.sanitize_html_tags)
        self.sanitize_html_tags = lambda text: (remembered if len(text) < REMEMBERED else clean)(text)


class Run(NbGraderPreprocessor):
    """Runs the student's cells in a worker and the tests in a judge, if that is not done yet."""

    cell_seconds = Float(60, help="Wall time for one cell.").tag(config=True)
    total_seconds = Float(300, help="Wall time for all cells together.").tag(config=True)
    unsafe = Bool(False, help="Run without the sandbox: only for notebooks that you trust.").tag(config=True)
    every_cell = Bool(False, help="Run the cells that only show something as well; slower, the same scores.").tag(
        config=True
    )

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        record = nb.metadata.setdefault("convlab", NotebookNode(repaired=[]))
        if record.get("status") == "unreadable":
            _mark_not_run(nb, record.reason)
            return nb, resources
        if self.every_cell:
            run_every_cell(nb)
        names = resources["nbgrader"]
        examined = names.get("examined") or self._job(nb, names["student"], names["assignment"]).run()
        fill_in(nb, examined)
        record["status"] = examined.status
        if self.unsafe:
            record["unsafe"] = True
        return nb, resources

    def _job(self, nb: NotebookNode, student: str, lesson: str) -> Job:
        coursedir = self.parent.parent.coursedir
        folder = Path(coursedir.format_path(coursedir.submitted_directory, student, lesson))
        return job_of(
            nb, folder, Path(coursedir.root), lesson, self.cell_seconds, self.total_seconds, unsafe=self.unsafe
        )


def fill_in(nb: NotebookNode, examined: Examined) -> None:
    """Put what came of each code cell into the notebook."""
    cells = [cell for cell in nb.cells if cell.cell_type == "code"]
    number = 0
    for cell, outputs in zip(cells, examined.outputs, strict=True):
        if SKIP in cell.metadata.get("tags", []):
            continue
        number += 1
        cell.outputs = [nbformat.from_dict(output) for output in outputs]
        cell.execution_count = number
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = number


def known_misconceptions(root: Path, lesson: str) -> dict[str, list[dict[str, str]]]:
    """What `autograder new` wrote beside the class's sources; nothing in a class that has none."""
    try:
        return json.loads((root / MISCONCEPTIONS / f"{lesson}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}


def job_of(
    nb: NotebookNode, folder: Path, root: Path, lesson: str, cell_seconds: float, total_seconds: float, *, unsafe: bool
) -> Job:
    """All that a worker needs for one submission of a class at `root`, handed in as `folder`."""
    return Job(
        nb, handed_in_files(folder), known_misconceptions(root, lesson), cell_seconds, total_seconds, unsafe=unsafe
    )


def lesson_notebook(path: Path) -> NotebookNode:
    """A notebook of `source/` or `release/`, read once for all submissions: it must not be changed."""
    return _read_lesson(path.resolve(), path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _read_lesson(path: Path, _changed: int) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def with_tests(nb: NotebookNode, source: NotebookNode) -> NotebookNode:
    """The notebook with the instructor's text in its test cells, as nbgrader's OverwriteCells leaves it."""
    tests = tests_of(source)
    for cell in nb.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in tests:
            cell.source, cell.metadata.nbgrader["points"] = tests[grade_id]
    return nb


def tests_of(source: NotebookNode) -> dict[str, tuple[str, float]]:
    """Text and points of each test cell of a lesson's source."""
    return {
        cell.metadata.nbgrader.grade_id: (cell.source, float(cell.metadata.nbgrader.points))
        for cell in source.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade") and cell.metadata.nbgrader.locked
    }


class RunHere(Execute):
    """nbgrader's own execution, for `check` on systems that have no sandbox to offer."""

    async def async_start_new_kernel(self, **options: Any) -> None:
        # What a kernel and TensorFlow say of themselves is no part of a check.
        await super().async_start_new_kernel(stderr=subprocess.DEVNULL, **options)

    def preprocess(self, nb: NotebookNode, resources: dict, km: Any = None) -> tuple[NotebookNode, dict]:
        record = nb.metadata.setdefault("convlab", NotebookNode(repaired=[]))
        record["unsafe"] = True
        if record.get("status") == "unreadable":
            _mark_not_run(nb, record.reason)
            return nb, resources
        record["status"] = "graded"
        try:
            nb, resources = super().preprocess(nb, resources, km)
        except UnresponsiveKernelError:
            record["status"] = "timeout"
        except DeadKernelError:
            record["status"] = "killed"
        else:
            if any(
                output.get("ename") == "CellTimeoutError" for cell in nb.cells for output in cell.get("outputs", [])
            ):
                record["status"] = "timeout"
        if record["status"] != "graded":
            _mark_not_run(nb, "Not run: a cell before did not come to an end, or ended the whole process.")
        return nb, resources


def _mark_not_run(nb: NotebookNode, reason: str) -> None:
    for cell in nb.cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and marks.get("grade") and cell.execution_count is None and not cell.outputs:
            cell.outputs = [
                nbformat.v4.new_output("error", ename="NotRun", evalue=reason, traceback=[f"NotRun: {reason}"])
            ]
