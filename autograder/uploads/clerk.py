"""The clerk process: reads, repairs and renders what a stranger handed in, inside the walls.

Requests and answers are each one value on the channel; notebooks and grades are sent as JSON:

    ("read", lesson, name, content)              -> ("read", cells, notes) | ("unreadable", what, where, remedy)
    ("clean", notebook, steps)                   -> ("cleaned", notebook)
    ("page", notebook, names, grades, hide)      -> ("page", page)
    ("finish", notebook, steps, names, grades, hide) -> ("finished", notebook, page)

    or ("failed", why) for any of them.

Lessons are learned in the fork server, before the fork, so that each child has them in memory, parsed and with their
texts rendered.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import re
import socket
from collections.abc import Callable
from dataclasses import asdict
from functools import lru_cache
from typing import Any

import nbformat
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbformat import NotebookNode
from nbgrader.preprocessors import LimitOutput
from traitlets.config import Config

from autograder.errors import ChannelError, UnreadableSubmission
from autograder.gradebook import Entry
from autograder.gradebook.scores import Score, first_entry
from autograder.notebooks import parse_notebook
from autograder.notebooks.read import MAX_BYTES
from autograder.notebooks.repair import repair
from autograder.notebooks.status import Status
from autograder.reports import feedback_page, fill_in_grades
from autograder.sandbox.wire import Channel, FrameLimits

REMEMBERED = 10_000  # shorter texts may be the lesson's own, so their cleaned form is cached
MAX_RENDERED = 2**20  # characters of HTML that one text cell may become in nbgrader's pages
# Large enough for a file as handed in, or for a notebook with its outputs and its page.
FRAMES = FrameLimits(head_bytes=2**20, body_bytes=MAX_BYTES + 16 * 2**20)
OUT_OF_MEMORY = 3  # exit code of a clerk that got a MemoryError
NOT_SHOWN = "*(This text cannot be shown here. It is in the notebook as it was handed in.)*"

# By key: each lesson as released, and the earlier released versions of its marked cells.
_lessons: dict[str, tuple[NotebookNode, dict[str, list]]] = {}


def learn(content: bytes) -> None:
    """Keep a lesson for all future children, and do once what would be the same in each; called in the fork server."""
    lesson = json.loads(content)
    template = nbformat.from_dict(json.loads(lesson["release"]))
    earlier = json.loads(lesson["earlier"])
    _lessons[lesson["key"]] = template, {name: [tuple(cell) for cell in cells] for name, cells in earlier.items()}
    # This fills caches only. An error here occurs again in a child, where it is reported.
    with contextlib.suppress(Exception):
        _texts_of_lessons.update(cell.source for cell in template.cells)
        notebook = repair(parse_notebook(lesson["release"], ""), template).notebook
        answered = nbformat.from_dict(json.loads(lesson["source"]))
        tests = {cell.metadata.nbgrader.grade_id: cell.source for cell in answered.cells if _is_marked(cell)}
        for cell in notebook.cells:
            if _is_marked(cell) and cell.metadata.nbgrader.get("grade"):
                cell.source = tests.get(cell.metadata.nbgrader.grade_id, cell.source)
        notebook.metadata["convlab"] = NotebookNode(status=Status.GRADED, repaired=[])
        for hide in (True, False):
            names = {"student": "", "notebook": ""}
            finish(copy.deepcopy(notebook), lesson["steps"], names, first_entry(notebook), hide=hide)


def _is_marked(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("grade_id"))


# Texts of the lessons themselves: they need not be checked with nbgrader's renderer.
_texts_of_lessons: set[str] = set()


def main(sock: socket.socket) -> None:
    """The forked child's main function: answer requests until the grader closes the socket."""
    channel = Channel(sock, FRAMES)
    with contextlib.suppress(ChannelError):
        while True:
            request = channel.receive()
            try:
                answer = answer_to(*request)
            except MemoryError:
                os._exit(OUT_OF_MEMORY)
            except Exception as error:  # any exception that a notebook causes is reported in the answer
                answer = ("failed", f"{type(error).__name__}: {error}"[:200].encode("ascii", "replace").decode())
            channel.send(answer)


def answer_to(what: str, *arguments: Any) -> tuple:
    """Answer one request. Raises whatever exception the notebook causes."""
    kinds: dict[str, Callable[..., tuple]] = {"read": _read, "clean": _clean, "page": _page, "finish": _finish}
    return kinds[what](*arguments)


def _read(lesson: str, name: str, content: bytes) -> tuple:
    try:
        submitted = parse_notebook(content, name)
    except UnreadableSubmission as error:
        return ("unreadable", error.what, error.where, error.remedy)
    repaired = repair(submitted, *_lessons[lesson])
    return ("read", [plain_cell(cell) for cell in repaired.notebook.cells], repaired.notes)


def plain_cell(cell: NotebookNode) -> list:
    """A cell as a list in the form that `answers.given_cell` checks: type, lesson's id, skip, text, pictures."""
    pictures = [
        [name, kind, text.encode()]
        for name, kinds in cell.get("attachments", {}).items()
        for kind, text in kinds.items()
    ]
    marks = cell.metadata.get("nbgrader", {})
    skip = bool(cell.metadata.get("tags"))
    return [cell.cell_type, marks.get("grade_id", ""), skip and not marks, cell.source.encode(), pictures]


def _clean(notebook: bytes, steps: str) -> tuple:
    nb = _notebook(notebook)
    nb, _ = _steps(steps)[1](nb, {})
    return ("cleaned", as_json(nb))


def _page(notebook: bytes, names: bytes, grades: bytes, hide: bool) -> tuple:
    nb, known_names = _notebook(notebook), json.loads(names)
    if grades:
        fill_in_grades(nb, known_names, entry_of(grades))
    return ("page", feedback_page(nb, known_names, hide=hide).encode())


def _finish(notebook: bytes, steps: str, names: bytes, grades: bytes, hide: bool) -> tuple:
    text, page = finish(_notebook(notebook), steps, json.loads(names), entry_of(grades), hide=hide)
    return ("finished", text.encode(), page.encode())


def finish(nb: NotebookNode, steps: str, names: dict[str, Any], grades: Entry, *, hide: bool) -> tuple[str, str]:
    """Write out a notebook that was run: the text of its file, and its feedback page."""
    limit, clean = _steps(steps)
    nb, _ = limit(nb, {})
    nb, _ = clean(nb, {})
    text = written(nb)
    fill_in_grades(nb, names, grades)
    return text, feedback_page(nb, names, hide=hide)


def written(nb: NotebookNode) -> str:
    """The text of a graded notebook's file. Raises nbformat's ValidationError."""
    nbformat.validate(nb)
    return f"{nbformat.v4.writes(nb)}\n"


def _notebook(content: bytes) -> NotebookNode:
    return nbformat.from_dict(json.loads(content))


def as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def entry_as_json(entry: Entry) -> bytes:
    """A gradebook entry as JSON, which `entry_of` reads."""
    return as_json(asdict(entry))


def entry_of(content: bytes) -> Entry:
    fields = json.loads(content)
    scores = {cell: Score(**score) for cell, score in fields["scores"].items()}
    return Entry(scores, fields["comments"], fields["late_penalty"])


@lru_cache(maxsize=8)
def _steps(settings: str) -> tuple[LimitOutput, CleanHTML]:
    config = Config(json.loads(settings))
    return LimitOutput(config=config), CleanHTML(config=config)


class CleanHTML(SanitizeHTML):
    """nbconvert's SanitizeHTML, plus what nbgrader's pages need: texts that its renderer can handle, and a size limit.

    The settings are those of SanitizeHTML. The cleaned form of short texts, such as the lesson's, is cached for all
    submissions.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._remembered = lru_cache(maxsize=1024)(super().sanitize_html_tags)

    def sanitize_html_tags(self, html_str: str) -> str:
        return self._remembered(html_str) if len(html_str) < REMEMBERED else super().sanitize_html_tags(html_str)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        for index, cell in enumerate(nb.cells):
            own = cell.source in _texts_of_lessons and "attachment:" not in cell.source
            self.preprocess_cell(cell, resources, index)
            if cell.cell_type == "markdown" and not own:
                cell.source = showable(cell.source, cell.get("attachments", {}))
        return nb, resources


def showable(text: str, attachments: dict[str, dict[str, str]]) -> str:
    """Make a text that nbconvert's renderer, and so the Formgrader, can show.

    Returns the first of these that renders: the text itself; the text with its attachments marked as missing; the text
    as a code block; a note that it cannot be shown.
    """
    if not text.strip():
        return text
    named = re.sub(r"attachment:(?=[^)\s\"'>]*)", "missing-attachment:", text)
    plain = "\n".join(f"    {line}" for line in text.splitlines())
    for tried in (text, named, plain):
        with contextlib.suppress(Exception):
            rendered = MarkdownWithMath(renderer=IPythonRenderer(escape=False, attachments=attachments)).render(tried)
            if len(rendered) <= MAX_RENDERED:
                return tried
    return NOT_SHOWN
