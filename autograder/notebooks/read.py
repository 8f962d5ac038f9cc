"""Reads a stranger's notebook file of any version; keeps only its cells' types, sources, ids and pictures."""

from __future__ import annotations

import contextlib
import gc
import json
import re
from collections.abc import Iterator

import nbformat
from nbformat import NotebookNode
from nbformat.corpus.words import generate_corpus_id as random_cell_id

from autograder.errors import UnreadableSubmission
from autograder.notebooks.cells import DISPLAY

MAX_BYTES = 64 * 2**20
MAX_CELLS = 2_000
MAX_SOURCES = 16 * 2**20  # characters of code in all cells together
MAX_PICTURES = 4 * 2**20  # base64 characters of all pictures in one text cell
PICTURES = ("image/png", "image/jpeg")
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")
RESAVE = "Open it in JupyterLab, run 'Edit > Clear Outputs of All Cells', save, and hand it in again."
BROKEN = (
    "JupyterLab cannot open it either: it is probably incomplete. Hand in the file that you work in; if that one is "
    "broken, too, look for an older copy in the folder .ipynb_checkpoints beside it."
)


def parse_notebook(content: bytes | str, name: str) -> NotebookNode:
    """Parse a notebook of any version and keep only its cells' types, sources, nbgrader metadata and pictures.

    Outputs are dropped: what counts is what the cells do when they run.

    Args:
        content: the file.
        name: what error messages call the file.

    Raises:
        UnreadableSubmission: with the reason, and what the student can do about it.
    """
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableSubmission("the file is not UTF-8 text.", where=name, remedy=BROKEN) from error
    try:
        with _no_collection():
            data = json.loads(text)
    except (ValueError, RecursionError) as error:
        place = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise UnreadableSubmission(
            f"the file is not a notebook: it is not valid JSON{place}.", where=name, remedy=BROKEN
        ) from error
    try:
        del text
        if isinstance(data, dict) and data.get("nbformat") in (1, 2, 3):
            data = _modern(data, name)
        raw_cells = data["cells"]
        _check_count(len(raw_cells), name)
        cells = [_cell(raw) for raw in raw_cells]
        if (size := sum(len(cell.source) for cell in cells if cell.cell_type == "code")) > MAX_SOURCES:
            raise UnreadableSubmission(
                f"the notebook's cells hold {size / 2**20:.0f} MB of code, more than {MAX_SOURCES // 2**20} MB.",
                where=name,
                remedy="Delete some code.",
            )
    except (UnreadableSubmission, MemoryError):
        raise
    except Exception as error:
        raise UnreadableSubmission(
            "the file is JSON, but not a notebook: its cells cannot be read.", where=name, remedy=BROKEN
        ) from error
    return bare_notebook(cells)


def _check_count(cells: int, name: str) -> None:
    if cells > MAX_CELLS:
        raise UnreadableSubmission(
            f"the notebook has {cells:,} cells, more than {MAX_CELLS:,}.", where=name, remedy="Delete some cells."
        )


def _modern(data: dict, name: str) -> NotebookNode:
    """Convert a notebook of version 1 to 3, which keeps its cells in worksheets, to version 4 without its outputs."""
    sheets = [data, *data.get("worksheets", [])]
    _check_count(sum(len(sheet.get("cells", [])) for sheet in sheets), name)
    for sheet in sheets:
        for cell in sheet.get("cells", []):
            # Otherwise nbformat would convert and check each of them, however many there are.
            if "outputs" in cell:
                cell["outputs"] = []
    return nbformat.convert(nbformat.versions[data["nbformat"]].to_notebook_json(data), 4)


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Pause the garbage collector, which would scan millions of new lists again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def bare_notebook(cells: list[NotebookNode], **metadata: NotebookNode) -> NotebookNode:
    """A notebook node made without nbformat's constructors, which validate each part; `repair` validates it once."""
    return NotebookNode(nbformat=4, nbformat_minor=5, metadata=NotebookNode(metadata), cells=cells)


def _cell(raw: dict) -> NotebookNode:
    source = raw["source"]
    source = "".join(source) if isinstance(source, list) else source
    if not isinstance(source, str):
        raise TypeError("a cell's source is text")
    source = source.encode("utf-8", "replace").decode("utf-8")
    kind = raw["cell_type"] if raw["cell_type"] in ("code", "markdown") else "raw"
    cell = NotebookNode(id=random_cell_id(), cell_type=kind, metadata=NotebookNode(), source=source)
    if kind == "code":
        cell.update(execution_count=None, outputs=[])
    elif kind == "markdown" and (pictures := _pictures(raw.get("attachments"), source)):
        cell["attachments"] = pictures
    metadata = raw.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if isinstance(marks, dict) and isinstance(grade_id := marks.get("grade_id"), str):
        cell.metadata["nbgrader"] = {**marks, "grade_id": grade_id}
    if isinstance(metadata, dict) and metadata.get("tags") not in (None, [], [DISPLAY]):
        cell.metadata["tags"] = ["removed"]
    return cell


def _pictures(attachments: object, text: str) -> dict[str, dict[str, str]]:
    """A text cell's attachments that are PNG or JPEG images, that its text names, and that fit the size limit."""
    room = MAX_PICTURES
    pictures: dict[str, dict[str, str]] = {}
    for name, kinds in attachments.items() if isinstance(attachments, dict) else ():
        if name not in text or not name.isprintable() or len(name) > 200 or not isinstance(kinds, dict):
            continue
        for kind in PICTURES:
            content = kinds.get(kind)
            if isinstance(content, str) and len(content) <= room and BASE64.fullmatch(content):
                room -= len(content)
                pictures[name] = {kind: content}
                break
    return pictures
