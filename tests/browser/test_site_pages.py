"""The web edition in a browser: accessible, fits a phone, finds words, and asks nobody else."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from autograder.course.lessons import REPOSITORY as ROOT

LESSON = "lessons/01_dense_vs_conv.html"
SCREENSHOTS = ROOT / "build" / "screenshots"


@pytest.fixture
def open_page(browser, site):
    opened = []

    def open_page(name, width, scheme="light"):
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        opened.append(page)
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto((site / name).as_uri())
        page.wait_for_load_state("networkidle")
        return page

    yield open_page
    for page in opened:
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index.html", LESSON, "guide/teaching.html", "reference/commands.html"])
@pytest.mark.parametrize("width", [1280, 400])
def test_a_page_is_accessible_fits_and_asks_nobody_else(open_page, name, width, scheme):
    page = open_page(name, width, scheme)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"site-{name.split('/')[-1][:-5]}-{width}-{scheme}.png")
    faults = [
        (fault["id"], [node["target"] for node in fault["nodes"]][:3])
        for fault in Axe().run(page).response["violations"]
        if fault["impact"] in ("serious", "critical")
    ]
    assert faults == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.asked and [url for url in page.asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_search_from_a_page_finds_the_lesson_by_a_word_of_its_text(open_page):
    page = open_page("guide/run.html", 1280)
    page.click("button.search-button-field")
    page.fill("input[name='q']:visible", "receptive field")
    page.press("input[name='q']:visible", "Enter")
    found = page.locator("#search-results li a").first
    expect(found).to_contain_text("Why connect less?", timeout=20_000)
    found.click()
    expect(page.locator("h1")).to_contain_text("Why connect less?")
