"""Hostile folders and files, through the whole of grading: from submitted/ to the feedback page in a browser."""

import json
import os
import shutil

import nbformat
import pytest
from click.testing import CliRunner
from playwright.sync_api import sync_playwright

from autograder.classroom import new_class
from autograder.cli.main import main
from autograder.course import read_lesson, solved
from autograder.course.variants import answer, blank
from autograder.files import write_notebook
from autograder.sandbox import walls

pytestmark = pytest.mark.usefixtures("sandbox")

LESSON = "01_toy"
SECRET = "secret-of-the-grader-77aa"

SCRIPTS = [
    "<script>document.title='BREACH'</script>",
    "<img src=x onerror=\"document.title='BREACH'\">",
    "<svg onload=\"document.title='BREACH'\"></svg>",
    "<iframe srcdoc=\"<script>parent.document.title='BREACH'</script>\"></iframe>",
    "<meta http-equiv=refresh content=\"0;url=javascript:document.title='BREACH'\">",
]
PAGE = f"""
from IPython.display import HTML, SVG, Javascript, Markdown, display
for text in {SCRIPTS!r}:
    display(HTML(text)); display(Markdown(text)); print(text)
    display({{"image/svg+xml": text, "text/html": text}}, raw=True)
display(Javascript("document.title='BREACH'"))
raise ValueError("".join({SCRIPTS!r}))
"""


@pytest.fixture(scope="module")
def graded(toy_course, tmp_path_factory):
    """A class of hostile folders between two honest ones, graded; records by student."""
    folder = tmp_path_factory.mktemp("uploads")
    classroom = new_class(toy_course, folder / "class", cell_seconds=5)
    source = read_lesson(toy_course.source(LESSON))
    secret = folder / "secret.txt"
    secret.write_text(SECRET)

    def submit(student, notebook):
        return write_notebook(notebook, classroom.path / "submitted" / student / LESSON / f"{LESSON}.ipynb").parent

    def cheat(code):
        notebook = blank(source)
        answer(notebook, "twice", code)
        return notebook

    for student in ("a_honest", "z_honest"):
        submit(student, solved(source))
    where = submit("b_link", cheat("import glob\nfor name in glob.glob('*'):\n    print(name, open(name).read())"))
    (where / "notes.txt").symlink_to(secret)
    (where / "up").symlink_to(folder)
    os.mkfifo(submit("c_pipe", solved(source)) / "pipe.txt")
    where = submit("d_shadow", solved(source))
    for name in ("numpy.py", "autograder.py", "convlab.py", "json.py", "sitecustomize.py"):
        (where / name).write_text("raise RuntimeError('BREACH')")
    submit("e_page", cheat(PAGE)).joinpath("data.csv").write_text("1,2")
    notebook = cheat("pass")
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell("\n\n".join(SCRIPTS)))
    submit("f_markdown", notebook)
    notebook = blank(source)
    notebook.cells += [nbformat.v4.new_code_cell("", id=f"cell-{number}") for number in range(20_000)]
    submit("g_cells", notebook)
    huge = submit("h_huge", blank(source)) / f"{LESSON}.ipynb"
    data = json.loads(huge.read_text())
    data["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 50_000_000}]
    huge.write_text(json.dumps(data))
    (submit("i_time", solved(source)) / "timestamp.txt").write_text("yesterday, honestly")
    notebook = blank(source)
    for cell in notebook.cells:
        cell.metadata["tags"] = ["skip-execution", "raises-exception"]
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.update(points=1000, locked=False, grade=False)
    submit("j_metadata", notebook)
    os.mkfifo(submit("k_time_pipe", solved(source)) / "timestamp.txt")
    huge = submit("l_sparse", blank(source)) / f"{LESSON}.ipynb"
    os.truncate(huge, 300 * 2**30)
    (submit("m_beside", solved(source)) / f".{LESSON}.ipynb.new").mkdir()
    notebook = solved(source)
    answer(notebook, "half", "def half(x):\n    raise type('E\\ud800', (ValueError,), {})('a\\ud800')")
    notebook.cells.insert(
        2, nbformat.v4.new_code_cell("import sys\nprint('\\ud800', file=sys.stderr)\nprint('\\ud800')")
    )
    notebook.cells.insert(3, nbformat.v4.new_code_cell("raise ValueError('\\ud800')"))
    submit("n_surrogates", notebook)
    result = CliRunner().invoke(main, ["grade", str(classroom.path), "--json", str(folder / "records.json")])
    records = {record["student"]: record for record in json.loads((folder / "records.json").read_text())["submissions"]}
    return classroom, result, records


def test_every_folder_has_a_record_and_honest_ones_their_points(graded):
    _, result, records = graded
    assert result.exit_code == 0, result.output
    scores = {student: (record["status"], record["score"]) for student, record in records.items()}
    assert scores == {
        "a_honest": ("graded", 3),
        "b_link": ("graded", 0),
        "c_pipe": ("graded", 3),
        "d_shadow": ("graded", 3),
        "e_page": ("graded", 0),
        "f_markdown": ("graded", 0),
        "g_cells": ("unreadable", 0),
        "h_huge": ("graded", 0),
        "i_time": ("graded", 3),
        "j_metadata": ("graded", 0),
        "k_time_pipe": ("graded", 3),
        "l_sparse": ("unreadable", 0),
        "m_beside": ("graded", 3),
        "n_surrogates": ("graded", 2),
        "z_honest": ("graded", 3),
    }
    assert records["j_metadata"]["max_score"] == 5
    same = ("status", "points", "max_points", "messages", "repaired")
    assert [records["a_honest"][key] for key in same] == [records["z_honest"][key] for key in same]


def test_a_link_brings_no_file_of_the_instructor_to_the_student(graded):
    classroom, _, _ = graded
    for top in ("autograded", "feedback"):
        for path in (classroom.path / top / "b_link").rglob("*"):
            assert not path.is_symlink() and (path.is_dir() or SECRET not in path.read_text(errors="replace")), path


def test_nothing_of_a_student_runs_in_the_feedback_page(graded, chromium):
    _, _, records = graded
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        page = browser.new_page()
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        for student in ("e_page", "f_markdown"):
            page.goto(f"file://{records[student]['feedback']}")
            page.wait_for_timeout(500)
            assert page.title() != "BREACH"
        # The same text does run on a page without protection.
        page = browser.new_page()
        page.set_content("".join(SCRIPTS[:2]))
        page.wait_for_timeout(500)
        assert page.title() == "BREACH"
        browser.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "about:"))] == []


def test_stored_outputs_of_students_hold_no_markup_that_runs(graded):
    classroom, _, _ = graded
    for student in ("e_page", "f_markdown"):
        notebook = nbformat.read(classroom.path / "autograded" / student / LESSON / f"{LESSON}.ipynb", as_version=4)
        kinds = {
            kind for cell in notebook.cells for output in cell.get("outputs", []) for kind in output.get("data", {})
        }
        assert kinds <= {"text/plain", "image/png", "image/jpeg"}
        assert not any("<script" in cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def test_grading_is_refused_where_there_is_no_sandbox(graded, monkeypatch):
    classroom, _, _ = graded
    monkeypatch.setattr(walls.shutil, "which", lambda name: None)
    result = CliRunner().invoke(main, ["grade", str(classroom.path)])
    assert (
        result.exit_code == 1 and "bubblewrap is not installed. Install it: apt-get install bubblewrap" in result.output
    )


def test_grading_without_a_sandbox_warns_and_marks_every_record(graded, tmp_path):
    classroom, _, _ = graded
    arguments = [
        "grade",
        str(classroom.path),
        LESSON,
        "--force",
        "--unsafe-no-sandbox",
        "--json",
        str(tmp_path / "r.json"),
    ]
    for student in classroom.path.glob("submitted/[b-y]_*"):
        shutil.rmtree(student)
    result = CliRunner().invoke(main, arguments)
    records = json.loads((tmp_path / "r.json").read_text())["submissions"]
    assert result.exit_code == 0 and "Warning: no sandbox" in result.output and "no sandbox" in result.output
    assert [record["sandbox"] for record in records] == [False, False]
