"""Moving pictures in a browser: they move, come to an end, start anew, and stand still for who wants no motion."""

import pytest

from autograder.course import REPOSITORY as ROOT
from convlab.pictures.stage import Animation

STATE = """[...document.querySelectorAll('svg *')].map(one => getComputedStyle(one)).map(style => [style.opacity, style.transform])"""
FILES = sorted((ROOT / "docs" / "images").glob("motion-*.svg"))


@pytest.fixture
def shown(browser):
    """`shown(file)`: a page with the picture as a notebook shows it."""
    opened = []

    def shown(file, motion="no-preference", scheme="light"):
        page = browser.new_page(viewport={"width": 400, "height": 500}, reduced_motion=motion, color_scheme=scheme)
        opened.append(page)
        page.set_content(Animation(file.read_text(encoding="utf-8"), "A picture")._repr_mimebundle_()[0]["text/html"])
        page.wait_for_function("document.images[0].complete && document.images[0].naturalWidth > 0")
        return page

    yield shown
    for page in opened:
        page.close()


def _look(page):
    return page.locator("img").screenshot()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_moves_and_starts_anew_when_it_is_unfolded(shown, file):
    page = shown(file)
    page.wait_for_timeout(300)
    early = _look(page)
    page.wait_for_timeout(2500)
    later = _look(page)
    assert early != later
    page.click("summary")
    assert not page.locator("img").is_visible()
    page.click("summary")
    page.wait_for_timeout(300)
    assert _look(page) != later
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_who_wants_no_motion_sees_the_still(shown, file):
    page = shown(file, motion="reduce")
    first = _look(page)
    page.wait_for_timeout(1500)
    assert _look(page) == first
    assert page.evaluate("document.images[0].currentSrc").endswith("#still")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_still_is_the_end_of_the_motion_and_shows_every_output(browser, file):
    page = browser.new_page(viewport={"width": 500, "height": 500})
    try:
        page.goto(file.as_uri())
        ends = page.evaluate("document.getAnimations().map(one => one.effect.getComputedTiming().endTime)")
        assert len(ends) > 10 and max(ends) <= 20_000
        page.evaluate("document.getAnimations().forEach(one => one.finish())")
        end = page.evaluate(STATE)
        page.emulate_media(reduced_motion="reduce")
        assert page.evaluate("document.getAnimations().length") == 0
        assert page.evaluate(STATE) == end
        assert page.evaluate(
            "[...document.querySelectorAll('.on')].every(one => getComputedStyle(one).opacity === '1')"
        )
    finally:
        page.close()


def test_a_dark_page_gets_a_dark_picture(shown):
    looks = {scheme: _look(shown(FILES[0], motion="reduce", scheme=scheme)) for scheme in ("light", "dark")}
    assert looks["light"] != looks["dark"]
