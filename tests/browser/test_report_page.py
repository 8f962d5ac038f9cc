"""The class report in a browser: nothing that keeps anybody from reading it, on a desk or in a hand."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from graded_class import large_class

from autograder.course import Course
from autograder.reports import write_report

LESSONS = ["01_dense_vs_conv", "02_padding"]


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    classroom = large_class(Course(), tmp_path_factory.mktemp("report") / "class", students=14, lessons=LESSONS)
    damaged = next(classroom.path.glob("autograded/s05/*/*.ipynb"))
    damaged.write_text("{")
    return write_report(classroom, LESSONS).page


@pytest.fixture(params=[(1280, "light"), (1280, "dark"), (400, "light"), (400, "dark")], ids=str)
def page(request, browser, page_file):
    width, scheme = request.param
    # Axe is brought into the page, which the page's own policy would not let in.
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(page_file.as_uri())
    yield page
    context.close()


def test_axe_finds_nothing_serious(page):
    found = Axe().run(page).response["violations"]
    assert [
        (one["id"], one["impact"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")
    ] == []


def test_the_page_is_as_wide_as_the_screen(page):
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    # Wide tables scroll by themselves, and a keyboard gets to them.
    wide = page.evaluate(
        "[...document.querySelectorAll('.scroll')].filter(one => one.scrollWidth > one.clientWidth).map(one => one.tabIndex)"
    )
    assert set(wide) <= {0}


def test_nothing_is_loaded_and_nothing_runs(browser, page_file):
    page = browser.new_page()
    asked, logged = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: logged.append(message.text))
    page.goto(page_file.as_uri())
    assert asked == [page_file.as_uri()] and logged == []
    assert page.locator("script").count() == 0
    page.close()
