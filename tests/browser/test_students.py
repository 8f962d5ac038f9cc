"""nbgrader's buttons for students in JupyterLab: Validate on a lesson, and the Assignment List."""

import os
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from autograder.classroom import new_class
from autograder.classroom.demo import sample_submissions
from autograder.course import Course
from autograder.course.lessons import REPOSITORY as ROOT
from autograder.files import write_notebook

LESSON = "01_dense_vs_conv"
SCREENSHOTS = ROOT / "build" / "screenshots"


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(60_000)
    yield page
    page.close()


def _validate(page, address, name):
    """Press Validate above a notebook; the dialog that answers. In a workspace of its own, else the other one opens too."""
    page.goto(address(f"lab/workspaces/{name}/tree/{name}.ipynb"))
    page.wait_for_selector("[data-status='idle']")
    page.click(".validate-button >> text=Validate")
    dialog = page.locator(".jp-Dialog")
    expect(dialog).to_be_visible(timeout=120_000)
    return dialog


def test_the_validate_button_tells_what_is_missing_and_when_all_is_right(tmp_path, jupyter, page):
    samples = sample_submissions(Course(ROOT), LESSON)
    write_notebook(samples["ben"], tmp_path / "blank.ipynb")
    write_notebook(samples["ada"], tmp_path / "solved.ipynb")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with jupyter(tmp_path) as address:
        dialog = _validate(page, address, "blank")
        page.screenshot(path=SCREENSHOTS / "validate-blank.png")
        expect(dialog).to_contain_text("failed")
        expect(dialog).to_contain_text("It is not written yet: replace 'raise NotImplementedError' with your code.")
        dialog = _validate(page, address, "solved")
        page.screenshot(path=SCREENSHOTS / "validate-solved.png")
        expect(dialog).to_contain_text("Success! Your notebook passes all the tests.")


def test_a_lesson_goes_out_and_comes_back_through_the_assignment_list(toy_course, tmp_path, jupyter, page):
    classroom = new_class(toy_course, tmp_path / "class")
    exchange = tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    home = tmp_path / "home"
    home.mkdir()
    (home / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.Exchange.root = {str(exchange)!r}\nc.CourseDirectory.course_id = 'class'\n"
    )
    _nbgrader(classroom.path, exchange, "release_assignment", "01_toy")
    with jupyter(home) as address:
        page.goto(address("lab"))
        page.wait_for_selector(".jp-Launcher, .jp-Notebook")
        page.evaluate("() => window.jupyterapp.commands.execute('nbgrader:open-assignment-list')")
        released = page.locator("#released_assignments_list")
        expect(released).to_contain_text("01_toy", timeout=60_000)
        released.locator("button", has_text="Fetch").click()
        fetched = page.locator("#fetched_assignments_list")
        expect(fetched).to_contain_text("01_toy", timeout=60_000)
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / "assignment-list.png")
        assert (home / "01_toy" / "01_toy.ipynb").is_file()
        fetched.locator("button", has_text="Submit").click()
        expect(page.locator("#submitted_assignments_list")).to_contain_text("01_toy", timeout=60_000)
    _nbgrader(classroom.path, exchange, "collect", "01_toy")
    assert len(list(classroom.path.glob("submitted/*/01_toy/01_toy.ipynb"))) == 1


def _nbgrader(folder, exchange, *command):
    subprocess.run(
        [sys.executable, "-m", "nbgrader", *command, f"--Exchange.root={exchange}"],
        cwd=folder,
        check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
