"""nbgrader's Formgrader in a class directory: its buttons pressed in a browser, graded by our worker and judge."""

import re

import nbformat
import pytest
from playwright.sync_api import expect

from autograder.classroom import new_class
from autograder.classroom.demo import sample_submissions
from autograder.course.lessons import REPOSITORY as ROOT
from autograder.files import write_notebook
from autograder.gradebook.record import failures

LESSON = "01_toy"
SCREENSHOTS = ROOT / "build" / "screenshots"
# nbgrader's page for grading by hand fetches MathJax from the network; without, formulas stay LaTeX and all else works.
NO_MATHJAX = "MathJax is not defined"
COMMENT = "Good, but say **why** it follows."


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(30_000)
    page.faults = []
    page.on("pageerror", lambda error: NO_MATHJAX not in str(error) and page.faults.append(f"script: {error}"))
    page.on("response", lambda answer: answer.status >= 400 and page.faults.append(f"{answer.status}: {answer.url}"))
    yield page
    page.close()


def _press(page, student, button):
    """Press a button in a student's row of Manage Submissions and close the box that tells how it went."""
    page.click(f"tr:has(td.student-id:text-is('{student}')) td.{button} a")
    box = page.locator(".modal.in")
    expect(box.locator(".modal-title")).to_have_text("Success", timeout=120_000)
    box.locator("button", has_text="OK").or_(box.locator("[data-dismiss='modal']")).first.click()
    expect(box).to_have_count(0)


def _row(page, student):
    return page.locator(f"tr:has(td.student-id:text-is('{student}'))")


def test_an_instructor_grades_comments_and_gives_feedback_in_the_formgrader(toy_course, tmp_path, jupyter, page):
    classroom = new_class(toy_course, tmp_path / "class")
    samples = sample_submissions(toy_course, LESSON)
    for student in ("ada", "dae"):  # all right, and a known wrong answer
        write_notebook(samples[student], classroom.path / "submitted" / student / LESSON / f"{LESSON}.ipynb")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with jupyter(classroom.path) as address:
        page.goto(address("formgrader"))
        page.click(f"tr:has(td.name[data-order='{LESSON}']) td.num-submissions a:text-is('2')")
        expect(_row(page, "ada").locator(".status")).to_have_text("needs autograding")
        for student, score in (("ada", "3 / 5"), ("dae", "1 / 5")):
            _press(page, student, "autograde")
            expect(_row(page, student).locator(".score")).to_have_text(score)
            expect(_row(page, student).locator(".status")).to_have_text("needs manual grading")
        page.screenshot(path=SCREENSHOTS / "formgrader-submissions.png")

        _row(page, "ada").locator("td.student-name a").click()
        page.click(f"td.name a:has-text('{LESSON}')")
        answer = page.locator(".nbgrader_cell:has(#explain_toy)")
        expect(answer).to_contain_text("Because of the model answer.")
        # The page asks for scores and comments one by one, and only then listens to what is typed into them.
        expect(answer.locator(".extra-credit")).to_have_attribute("placeholder", "0")
        expect(answer.locator("textarea.comment")).to_have_attribute("placeholder", re.compile("any comments"))
        _give(page, answer.locator("#explain_toy"), "1.5")
        _give(page, answer.locator("textarea.comment"), COMMENT)
        page.screenshot(path=SCREENSHOTS / "formgrader-manual.png")

        page.goto(address(f"formgrader/manage_submissions/{LESSON}"))
        expect(_row(page, "ada").locator(".score")).to_have_text("4.5 / 5")
        expect(_row(page, "ada").locator(".status")).to_have_text("graded")
        for student in ("ada", "dae"):
            _press(page, student, "generate-feedback")
    assert page.faults == []
    _assert_judged(classroom)
    _assert_feedback(classroom, page)


def _give(page, field, value):
    """Type into a field of the manual grading page, leave it, and wait until nbgrader has stored it."""
    with page.expect_response(lambda answer: answer.request.method == "PUT") as stored:
        field.fill(value)
        field.press("Tab")
    assert stored.value.ok


def _assert_judged(classroom):
    """The button graded with worker and judge: only they name a misconception."""
    graded = nbformat.read(classroom.path / "autograded" / "dae" / LESSON / f"{LESSON}.ipynb", as_version=4)
    assert graded.metadata.convlab.status == "graded"
    told = [failure.help for failure in failures(graded).values()]
    assert told == ["Two times x is not x times x."]


def _assert_feedback(classroom, page):
    pages = {student: classroom.path / "feedback" / student / LESSON / f"{LESSON}.html" for student in ("ada", "dae")}
    page.goto(pages["ada"].as_uri())
    expect(page.locator(".total")).to_contain_text("4.5 of 5 points")
    expect(page.locator("#explain_toy .badge")).to_contain_text("1.5 of 2")
    expect(page.locator("#explain_toy .comment")).to_contain_text("Good, but say why it follows.")
    page.goto(pages["dae"].as_uri())
    expect(page.locator(".total")).to_contain_text(re.compile(r"1\s+of 5 points; still waiting for your instructor: 2"))
    assert "hidden line of" not in page.content()
