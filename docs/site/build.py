"""Build the site: every lesson as it is handed out, with the figures that need no solution, and the pages of docs/.

`python docs/site/build.py` writes build/site; `make site` calls it. `--no-lessons` builds the pages of docs/ alone, in seconds. Nothing is fetched, neither now nor by the pages.
"""

from __future__ import annotations

import argparse
import copy
import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path

import alive
import nbformat
import reference
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from sphinx.cmd.build import build_main

from autograder.course import Course
from autograder.course.lessons import REPOSITORY
from autograder.course.release import released
from autograder.files import write_notebook
from autograder.gradebook import install

HERE = Path(__file__).resolve().parent
DOCS = HERE.parent
LAB = "http://localhost:8888/lab/tree"
UNRUN = "skip-execution"
WIDGET = "application/vnd.jupyter.widget-view+json"
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
PICTURES = ("image/png", "image/jpeg")
PANELS = 'class="figure-panels"'
ONLY_LIVE = "In JupyterLab this picture answers: change it and see what follows."
HEADING = re.compile(r"\A# (?P<title>.+)\n")
LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]+)\]\((?P<path>\.\./[^)#\s]+)[^)]*\)")


def build_site(course: Course, lessons: list[str], target: Path) -> None:
    """Run the lessons, write the pages' sources beside `target`, and let Sphinx make the pages.

    Raises:
        SystemExit: a cell that needs no solution failed, or Sphinx warned of anything.
    """
    sources = target.with_name(f"{target.name}-sources")
    for stale in (sources, target):
        shutil.rmtree(stale, ignore_errors=True)
    shutil.copytree(HERE, sources, ignore=shutil.ignore_patterns("alive.py", "build.py", "reference.py", "__pycache__"))
    alive.write_scripts(sources / "_static" / "explorers")
    copy_pages(sources)
    (sources / "lessons").mkdir()
    (sources / "notebooks").mkdir()
    notebooks = released(course, lessons) if lessons else {}
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        pages = list(pool.map(lambda lesson: lesson_page(course, lesson, notebooks[lesson]), lessons))
    for lesson, page in zip(lessons, pages, strict=True):
        write_notebook(notebooks[lesson], sources / "notebooks" / f"{lesson}.ipynb")
        nbformat.write(page, sources / "lessons" / f"{lesson}.ipynb")
    index = (sources / "index.md").read_text(encoding="utf-8")
    cards = "\n".join(_card(lesson, page) for lesson, page in zip(lessons, pages, strict=True))
    entries = "\n".join(f"lessons/{lesson}" for lesson in lessons)
    develop = "\n".join(sorted(page.stem for page in DOCS.glob("*.md")))
    for mark, text in (("cards", cards), ("lessons", entries), ("develop", develop)):
        index = index.replace(f"{{{{ {mark} }}}}", text)
    (sources / "index.md").write_text(index, encoding="utf-8")
    doctrees = target.with_name(f"{target.name}-doctrees")
    failed = build_main(["-q", "-E", "-W", "--keep-going", "-d", str(doctrees), str(sources), str(target)])
    if failed:
        raise SystemExit("The site has faults; Sphinx names them above.")


def copy_pages(sources: Path) -> None:
    """The pages of docs/ and their pictures at the same places, so that links between them hold; the reference is made anew."""
    shutil.copytree(DOCS / "images", sources / "images", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for page in DOCS.rglob("*.md"):
        if page.is_relative_to(HERE):
            continue
        target = sources / page.relative_to(DOCS)
        target.parent.mkdir(exist_ok=True)
        target.write_text(_linked_inside(page), encoding="utf-8")
    (sources / "reference").mkdir(exist_ok=True)
    for name, text in reference.pages().items():
        (sources / "reference" / f"{name}.md").write_text(text, encoding="utf-8")


def _linked_inside(page: Path) -> str:
    """A page's text, where a link to a file of the repository outside docs/ is text: the site does not have that file."""

    def kept(link: re.Match) -> str:
        inside = (page.parent / link["path"]).resolve().is_relative_to(DOCS)
        return link[0] if inside else link["text"]

    return LINK.sub(kept, page.read_text(encoding="utf-8"))


def lesson_page(course: Course, lesson: str, handed_out: NotebookNode) -> NotebookNode:
    """The released notebook with outputs, laid out for reading: tests folded, exercises marked."""
    notebook = copy.deepcopy(handed_out)
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("grade") and cell.cell_type == "code":
            # A test of a stub says only that the stub is one.
            cell.metadata["tags"] = [UNRUN, "hide-input", "tests"]
            cell.metadata["mystnb"] = {"code_prompt_show": "The tests", "code_prompt_hide": "The tests"}
        elif marks.get("solution") and cell.cell_type == "code":
            cell.metadata["tags"] = ["exercise"]
        elif marks.get("solution"):
            cell.source = ":::{note}\nYour answer goes here, in the notebook.\n:::"
    widgets = _run(notebook, lesson, course.root)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [shown for output in cell.outputs if (shown := _shown(output, widgets))]
    _add_ways_in(notebook, lesson)
    return notebook


def _run(notebook: NotebookNode, lesson: str, folder: Path) -> dict:
    """Run the cells that need no solution, and return the state of each widget by its id."""
    client = NotebookClient(
        notebook,
        timeout=600,
        resources={"metadata": {"path": str(folder)}},
        skip_cells_with_tag=UNRUN,
        extra_arguments=["--log-level=ERROR"],
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise SystemExit(f"{lesson}: a cell that needs no solution failed.\n{error}") from error
    # Taken out: for what stays in, Sphinx would load scripts of its own.
    stored = notebook.metadata.pop("widgets", {})
    return stored.get(WIDGET_STATE, {}).get("state", {})


def _shown(output: NotebookNode, widgets: dict) -> NotebookNode | None:
    """An output as a page can show it: figures with their text, explorers, prints; no warnings, nothing that needs a kernel."""
    if output.output_type == "stream":
        return output if output.name == "stdout" else None
    data, live = output.data, WIDGET in output.data
    kind = next((kind for kind in PICTURES if kind in data), None)
    if kind:
        alt = output.metadata.get(kind, {}).get("alt")
        if not alt:
            raise SystemExit("A figure has no alternative text; return a Picture of convlab.pictures.style.")
        picture = f'<img alt="{escape(alt)}" src="data:{kind};base64,{data[kind].strip()}">'
        if PANELS in data.get("text/html", ""):
            picture = data["text/html"]  # follows the page's theme
        output.data = {"text/html": picture}
    if live:
        still = f'{output.data["text/html"] if kind else ""}<p class="live">{ONLY_LIVE}</p>'
        widget = widgets.get(data[WIDGET]["model_id"])
        output.data = {"text/html": (widget and alive.answering(widget, still)) or still}
    return output


def _add_ways_in(notebook: NotebookNode, lesson: str) -> None:
    """Below the title: how to get from reading to doing."""
    first = notebook.cells[0]
    path = f"lessons/{lesson}/{lesson}.ipynb"
    box = (
        ":::{admonition} This page is for reading. The notebook is for doing.\n:class: work\n"
        f"In the course's folder: `jupyter lab --ServerApp.root_dir=. {path}`. "
        f"Already running? [Open it in JupyterLab]({LAB}/{path}). "
        f"Elsewhere: {{download}}`download the notebook <../notebooks/{lesson}.ipynb>` and see "
        "[where to run it](../guide/run.md).\n:::\n"
    )
    first.source = HEADING.sub(lambda title: f"{title[0]}\n{box}", first.source + "\n", count=1)


def _card(lesson: str, page: NotebookNode) -> str:
    number, title = _title(page).split(" · ", 1) if " · " in _title(page) else ("1", _title(page))
    marks = [cell.metadata.get("nbgrader", {}) for cell in page.cells]
    points = sum(mark.get("points", 0) for mark in marks)
    topic = lesson.split("_", 1)[1].replace("_", " ")
    return f"{number}. [{title}](lessons/{lesson}.ipynb) {topic}, {points:g} points"


def _title(page: NotebookNode) -> str:
    return HEADING.match(page.cells[0].source + "\n")["title"].strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", help="such as 01_dense_vs_conv; default: all")
    parser.add_argument("--no-lessons", action="store_true", help="build the pages of docs/ alone, in seconds")
    parser.add_argument("--root", type=Path, default=REPOSITORY, help="repository whose lessons are built")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "build" / "site")
    arguments = parser.parse_args()
    install()
    course = Course(arguments.root)
    lessons = [] if arguments.no_lessons else course.select(arguments.lessons)
    build_site(course, lessons, arguments.out.resolve())
    print(f"Open {arguments.out / 'index.html'}")


if __name__ == "__main__":
    main()
