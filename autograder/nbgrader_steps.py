"""Our steps inside nbgrader's own converters, so that its command line and the Formgrader use them too.

`nbgrader_config.py` of a class directory puts them in place; nbgrader runs its converters with the class directory as
the current one.
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient.exceptions import DeadKernelError
from nbconvert.exporters import HTMLExporter, NotebookExporter
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
from autograder.examiner import PERHAPS, Examined, steps
from autograder.farm import Job
from autograder.release import STUB
from autograder.source import BEGIN_HIDDEN, END_HIDDEN
from autograder.submission import Repaired, read_notebook, repair

LINUX = sys.platform.startswith("linux")
MAX_FILES, MAX_FILES_BYTES = 200, 32 * 2**20
MARKDOWN_TAGS = (
    "a abbr b blockquote br code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i img kbd li ol p pre s span strong sub sup "
    "table tbody td th thead tr u ul"
).split()
# No script, no frame, no form, nothing from anywhere else: whatever a student wrote, it can only be read.
CONTENT_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; base-uri 'none'; form-action 'none'"
)


def configure(config: Config, *, cell_seconds: int = 60) -> None:
    """Put our steps into nbgrader's configuration; called by a class directory's `nbgrader_config.py`."""
    config.ClearSolutions.code_stub = STUB
    config.Autograde.exporter_class = f"{__name__}.SubmissionExporter"
    config.Autograde.autograde_preprocessors = [
        f"{__name__}.{'Run' if LINUX else 'RunHere'}",
        "nbgrader.preprocessors.LimitOutput",
        "nbgrader.preprocessors.SaveAutoGrades",
        # After the grades, since it changes text; before anybody looks at the notebook in a browser.
        "nbconvert.preprocessors.sanitize.SanitizeHTML",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    config.SanitizeHTML.enabled = True
    config.SanitizeHTML.tags = MARKDOWN_TAGS
    config.SanitizeHTML.attributes = {
        "a": ["href", "title"],
        "img": ["alt", "src", "title"],
        "td": ["align"],
        "th": ["align"],
    }
    config.GenerateFeedback.exporter_class = f"{__name__}.FeedbackExporter"
    config.GenerateFeedback.preprocessors = [
        "nbgrader.preprocessors.GetGrades",
        f"{__name__}.ForStudents",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ]
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
        lesson = resources["nbgrader"]["assignment"]
        coursedir = self.parent.coursedir
        source = Path(coursedir.format_path(coursedir.source_directory, ".", lesson)) / f"{lesson}.ipynb"
        release = Path(coursedir.format_path(coursedir.release_directory, ".", lesson)) / f"{lesson}.ipynb"
        handed_out = nbformat.read(release, as_version=4)
        record: dict[str, Any] = {"key": submission_key(Path(filename), source)}
        try:
            repaired = repair(read_notebook(Path(filename)), handed_out)
        except UnreadableSubmission as error:
            repaired = Repaired(handed_out)
            record |= {"status": "unreadable", "reason": str(error)}
        repaired.notebook.metadata["convlab"] = record | {"repaired": repaired.notes}
        return self.from_notebook_node(repaired.notebook, resources=resources, **kw)


class Run(NbGraderPreprocessor):
    """Runs the student's cells in a worker and the tests in a judge."""

    cell_seconds = Float(60, help="Wall time for one cell.").tag(config=True)
    total_seconds = Float(300, help="Wall time for all cells together.").tag(config=True)
    unsafe = Bool(False, help="Run without the sandbox: only for notebooks that you trust.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        record = nb.metadata.setdefault("convlab", NotebookNode(repaired=[]))
        if record.get("status") == "unreadable":
            _mark_not_run(nb, record.reason)
            return nb, resources
        names = resources["nbgrader"]
        job = self._job(nb, names["student"], names["assignment"])
        examined = examined_before.pop((names["student"], names["assignment"]), None)
        if examined is None or examined[0] != steps(job.notebook):
            examined = (steps(job.notebook), job.run())
        examined = examined[1]
        cells = [cell for cell in nb.cells if cell.cell_type == "code"]
        for number, (cell, outputs) in enumerate(zip(cells, examined.outputs, strict=True), start=1):
            cell.outputs = [nbformat.from_dict(output) for output in outputs]
            cell.execution_count = number
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = number
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


def _known_misconceptions(root: Path, lesson: str) -> dict[str, list[dict[str, str]]]:
    """What `autograder new` wrote beside the class's sources; nothing in a class that has none."""
    try:
        return json.loads((root / MISCONCEPTIONS / f"{lesson}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}


# What a batch has examined ahead of nbgrader's own steps: by student and lesson, the steps and what came of them.
examined_before: dict[tuple[str, str], tuple[list[dict[str, Any]], Examined]] = {}


def job_of(
    nb: NotebookNode, folder: Path, root: Path, lesson: str, cell_seconds: float, total_seconds: float, *, unsafe: bool
) -> Job:
    """All that a worker needs for one submission of a class at `root`, handed in as `folder`."""
    return Job(
        nb, handed_in_files(folder), _known_misconceptions(root, lesson), cell_seconds, total_seconds, unsafe=unsafe
    )


def with_tests(nb: NotebookNode, source: NotebookNode) -> NotebookNode:
    """The notebook with the instructor's text in its test cells, as nbgrader's OverwriteCells leaves it."""
    tests = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in source.cells
        if cell.metadata.get("nbgrader", {}).get("locked") and cell.cell_type == "code"
    }
    for cell in nb.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = tests.get(grade_id, cell.source)
    return nb


class RunHere(Execute):
    """nbgrader's own execution, for `check` on systems that have no sandbox to offer."""

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


class FeedbackExporter(HTMLExporter):
    """nbgrader's feedback page, with a content security policy that forbids it to run or load anything."""

    def from_notebook_node(self, nb: NotebookNode, resources: dict | None = None, **kw: Any) -> tuple[str, dict]:
        page, resources = super().from_notebook_node(nb, resources, **kw)
        policy = f'<meta http-equiv="Content-Security-Policy" content="{CONTENT_POLICY}">'
        if page.count("<head>") < 1:
            raise ValueError("the feedback template has no head to put the content security policy into")
        # The template's own scripts fetch typesetting from elsewhere, which the policy forbids.
        page = re.sub(r"(?is)<script\b.*?</script>", "", page)
        return page.replace("<head>", f"<head>\n{policy}", 1), resources


class ForStudents(NbGraderPreprocessor):
    """What a student may see: the verdict with its reasons, but no hidden test."""

    enabled = True

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        for cell in nb.cells:
            if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade"):
                _hide_tests(cell)
        banner = [_status(nb.metadata.get("convlab", {})), _to_do(nb), _repairs(nb.metadata.get("convlab", {}))]
        if any(banner):
            nb.cells.insert(0, nbformat.v4.new_markdown_cell("\n\n".join(part for part in banner if part)))
        return nb, resources


def _hide_tests(cell: NotebookNode) -> None:
    hidden = re.compile(rf"^[ \t]*{BEGIN_HIDDEN}.*?{END_HIDDEN}[ \t]*$", flags=re.MULTILINE | re.DOTALL)
    cell.source = hidden.sub("# (hidden tests)", cell.source)
    for output in cell.outputs:
        if output.output_type == "error":
            # A traceback quotes the lines around the failure, hidden tests among them.
            output.traceback = [f"{output.ename}: {output.evalue}" if output.ename != "NotRun" else output.evalue]


def _status(record: dict) -> str:
    """What became of the submission, in plain words; empty if all cells ran."""
    return {
        "timeout": "**A cell did not come to an end** within its time and was stopped. Look for a loop that never ends.",
        "killed": "**The notebook's process ended** before all cells had run. Points earned before that count.",
        "out_of_memory": "**The notebook used more memory than it may**, and was stopped. Points earned before that count.",
        "unreadable": f"**This submission could not be read.** {record.get('reason', '')}",
    }.get(record.get("status", ""), "")


def _to_do(nb: NotebookNode) -> str:
    """The exercises whose tests failed, each with its message."""
    failed = []
    for cell in nb.cells:
        errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
        if errors and cell.metadata.get("nbgrader", {}).get("grade") and errors[0].ename != "NotRun":
            name = cell.metadata.nbgrader.grade_id.removeprefix("test_")
            text = (
                errors[0].evalue
                if errors[0].ename.endswith(("CheckError", "AssertionError"))
                else f"{errors[0].ename}: {errors[0].evalue}"
            )
            text, _, help_ = text.partition(f"\n  {PERHAPS}")
            # Four spaces make a code block, in which Markdown and HTML of the student's stay text.
            failed.append(f"**{name}**\n\n" + "\n".join(f"    {line}" for line in text.splitlines()[:25]))
            if help_:
                failed.append(f"**{PERHAPS}** " + re.sub(r"([\\`*_<>\[\]$])", r"\\\1", help_))
    return "## Not right yet\n\n" + "\n\n".join(failed) if failed else ""


def _repairs(record: dict) -> str:
    notes = record.get("repaired", [])
    return "## Put right before grading\n\n" + "\n".join(f"- {note}" for note in notes) if notes else ""
