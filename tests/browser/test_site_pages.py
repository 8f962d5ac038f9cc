"""The web edition in a browser: accessible, fits a phone, finds words, and asks nobody else."""

import shutil
import sys

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from ipywidgets.embed import embed_data
from playwright.sync_api import expect

from autograder.course.lessons import REPOSITORY as ROOT
from convlab import explorers

LESSON = "lessons/01_dense_vs_conv.html"
SCREENSHOTS = ROOT / "build" / "screenshots"
# A part of each explorer, and a key there that changes what the explorer tells.
KEYS = {
    "channels": (".channels [role='grid']", "ArrowLeft"),
    "convolution": ("[role='grid']", "ArrowRight"),
    "dense_and_convolution": ("[role='grid']", "ArrowDown"),
    "descent": ("button:text-is('step')", "Enter"),
    "dropout": ("button:text-is('draw again')", "Space"),
    "padding": ("[role='grid']", "Home"),
    "pooling": ("input[type='range']", "ArrowRight"),
    "window_sizes": ("[role='listbox']", "ArrowDown"),
}


@pytest.fixture
def open_page(browser, site):
    opened = []

    def open_page(name, width, scheme="light", **settings):
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, **settings)
        page.context.set_offline(True)
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


def test_the_explorer_of_lesson_1_answers_to_keys_and_follows_the_theme(open_page):
    page = open_page(LESSON, 1280)
    explorer = page.get_by_role("group", name="The same shape, somewhere else")
    told = explorer.get_by_role("status")
    expect(told).to_contain_text("Shape at row 0, column 0.")
    explorer.get_by_role("grid").first.press("ArrowDown")
    expect(told).to_contain_text("Shape at row 1, column 0.")
    colors = [explorer.evaluate("one => getComputedStyle(one).backgroundColor")]
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    colors.append(explorer.evaluate("one => getComputedStyle(one).backgroundColor"))
    assert colors == ["rgb(255, 255, 255)", "rgb(20, 24, 30)"]
    still = page.locator(".answering .still")
    expect(still).to_be_hidden()
    expect(page.locator(".alive .live")).to_be_visible()
    page.emulate_media(media="print")
    expect(still).to_be_visible()
    expect(explorer).to_be_hidden()


def test_without_javascript_an_explorer_is_its_picture(open_page):
    page = open_page(LESSON, 400, java_script_enabled=False)
    place = page.locator(".answering")
    assert len(place.get_by_role("img").first.get_attribute("alt")) > 30
    expect(place.get_by_text("In JupyterLab this picture answers")).to_be_visible()
    expect(page.locator(".alive .live")).to_be_hidden()


@pytest.fixture(scope="module")
def all_explorers(tmp_path_factory):
    """A page with all explorers, made by the parts of the site's builder that need neither a kernel nor Sphinx."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "docs" / "site")
        patch.delitem(sys.modules, "alive", raising=False)
        import alive

    folder = tmp_path_factory.mktemp("explorers")
    shutil.copytree(ROOT / "docs" / "site" / "_static", folder / "_static")
    alive.write_scripts(folder / "_static" / "explorers")
    html = '<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8"><title>Explorers</title>'
    html += '<link rel="stylesheet" href="../_static/site.css"><script defer src="../_static/explorers.js"></script>'
    for name in KEYS:
        explorer = getattr(explorers, name)()
        widget = embed_data([explorer], drop_defaults=False)["manager_state"]["state"][explorer.model_id]
        html += f'<section id="{name}">{alive.answering(widget, "still")}</section>'
    (folder / "lessons").mkdir()
    (folder / "lessons" / "all.html").write_text(html, encoding="utf-8")
    return folder / "lessons" / "all.html"


def test_explorers_answer_on_a_page_from_disk_without_a_kernel(browser, all_explorers):
    assert set(explorers.__all__) - set(KEYS) == {"model"}
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.context.set_offline(True)
    faults, asked = [], []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(all_explorers.as_uri())
    for name, (part, key) in KEYS.items():
        told = page.locator(f"#{name} .told")
        before = told.inner_text()
        page.locator(f"#{name} {part}").first.press(key)
        expect(told).not_to_have_text(before, use_inner_text=True)
    walk = explorers.descent()
    first, then = (walk.loss_at(np.array(weights)) for weights in walk.walked(1))
    expect(page.locator("#descent .part-name").first).to_have_text(f"loss: {then:.3g}")
    expect(page.locator("#descent .told")).to_contain_text(f"The loss fell from {first:.3g} to {then:.3g}.")
    assert faults == [] and [url for url in asked if not url.startswith("file:")] == []
    ids = page.locator("[id]").evaluate_all("all => all.map(one => one.id)")
    assert len(ids) > 100 and len(ids) == len(set(ids))
    page.close()
