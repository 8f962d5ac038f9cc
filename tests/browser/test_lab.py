"""Lesson 01 in a real JupyterLab, in headless Chromium: opened, run from top to bottom, looked at."""

import re
import time

import pytest
from playwright.sync_api import TimeoutError

from autograder.course import Course, read_lesson, solved
from autograder.course.lessons import REPOSITORY as ROOT
from autograder.files import write_notebook

LESSON = "01_dense_vs_conv"
SCREENSHOTS = ROOT / "build" / "screenshots"


@pytest.fixture(scope="module")
def lab(tmp_path_factory, jupyter):
    """A JupyterLab on the solved lesson; gives its address with the token."""
    folder = tmp_path_factory.mktemp("lab")
    write_notebook(solved(read_lesson(Course(ROOT).source(LESSON))), folder / f"{LESSON}.ipynb")
    with jupyter(folder) as address:
        yield address(f"lab/tree/{LESSON}.ipynb")


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    yield page
    page.close()


def test_the_solved_lesson_runs_without_an_error_and_shows_its_pictures(lab, page):
    page.goto(lab)
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    ready = "() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
    page.wait_for_function(ready, timeout=60_000)
    page.click(".jp-Notebook .jp-Cell >> nth=0")
    _press_run_all(page)
    state = _run_to_the_end(page)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "lesson-01-in-jupyterlab.png")
    assert state["errors"] == [], state["errors"]
    assert state["executed"] == state["code"] > 10
    pictures = page.evaluate(
        "() => [...document.querySelectorAll('.jp-OutputArea img')].map(i => [i.alt, i.naturalWidth])"
    )
    assert len(pictures) > 10 and all(width > 60 for _, width in pictures)
    assert sum(len(alt) > 30 for alt, _ in pictures) >= 5


def _press_run_all(page) -> None:
    """By the menu, until JupyterLab listens: while it is still setting itself up, a press can come to nothing."""
    started = (
        "() => [...document.querySelectorAll('.jp-InputPrompt')].some(prompt => /\\[[*\\d]/.test(prompt.textContent))"
    )
    for _ in range(5):
        page.get_by_role("menuitem", name="Run", exact=True).first.click()
        page.locator("[data-command='runmenu:run-all']").click()
        try:
            page.wait_for_function(started, timeout=10_000)
            return
        except TimeoutError:
            page.keyboard.press("Escape")
    pytest.fail("JupyterLab does not run the notebook")


def _run_to_the_end(page) -> dict:
    """Wait until every code cell has a number; JupyterLab keeps cells that are out of sight out of the page, so ask its model."""
    ask = """() => {
      const notebook = window.jupyterapp.shell.currentWidget.content;
      const cells = [...Array(notebook.model.cells.length).keys()].map(i => notebook.model.cells.get(i)).filter(c => c.type === 'code');
      const errors = [];
      for (const c of cells) for (const o of c.toJSON().outputs)
        if (o.output_type === 'error' || (o.output_type === 'stream' && o.name === 'stderr')) errors.push(o.evalue || o.text);
      return {code: cells.length, executed: cells.filter(c => c.executionCount !== null).length, errors};
    }"""
    deadline = time.monotonic() + 240
    state = {}
    while time.monotonic() < deadline:
        state = page.evaluate(ask)
        if state["executed"] == state["code"] or state["errors"]:
            time.sleep(1)
            return page.evaluate(ask)
        time.sleep(0.5)
    return state


def test_the_shipped_lesson_is_the_one_that_make_lab_opens():
    makefile = (ROOT / "Makefile").read_text()
    # Without its root JupyterLab would show the folder of this lesson alone, and no way to the next one.
    (path,) = re.findall(r"jupyter lab --ServerApp\.root_dir=\. (\S+\.ipynb)", makefile)
    assert (ROOT / path).is_file()


def test_whoever_opens_the_first_lesson_can_get_to_the_others():
    said = [
        ROOT / "README.md",
        ROOT / "Makefile",
        ROOT / "docs/guide/run.md",
        ROOT / "docs/site/build.py",
        ROOT / "autograder/course/bundle.py",
    ]
    commands = [
        line
        for path in said
        for line in path.read_text().splitlines()
        if re.search(r"jupyter lab .*(ipynb|\{path\})", line)
    ]
    assert len(commands) >= 6 and [line for line in commands if "--ServerApp.root_dir=. " not in line] == []
