"""Moving pictures in a browser: they move, come to an end, start anew, and stand still for who wants no motion."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from autograder.course.lessons import REPOSITORY as ROOT
from convlab.pictures.stage import Animation

FILES = sorted((ROOT / "docs" / "images").glob("motion-*.svg"))
# Where everything stands, and how far the clocks of what moves have come.
STATE = "[...document.querySelectorAll('svg *')].map(one => getComputedStyle(one)).map(style => [style.opacity, style.transform])"
CLOCK = "Math.max(...document.getAnimations().map(one => one.currentTime))"


@pytest.fixture(params=FILES, ids=lambda file: file.stem)
def shown(browser, request):
    """`page, frame = shown()`: the picture as a notebook shows it."""
    opened = []

    def shown(motion="no-preference", scheme="light"):
        page = browser.new_page(viewport={"width": 400, "height": 600}, reduced_motion=motion, color_scheme=scheme)
        opened.append(page)
        animation = Animation(request.param.read_text(encoding="utf-8"), "A picture")
        page.set_content(
            f"<html lang=en><title>A page</title><main>{animation._repr_mimebundle_()[0]['text/html']}</main>"
        )
        frame = page.frames[1]
        frame.wait_for_selector("svg")
        return page, frame

    yield shown
    for page in opened:
        page.close()


def test_it_moves_ends_in_its_still_and_plays_again(shown):
    page, frame = shown()
    first = page.screenshot()
    frame.wait_for_function(f"{CLOCK} > 4500")
    assert page.screenshot() != first
    frame.evaluate("document.getAnimations().forEach(one => one.finish())")
    end = frame.evaluate(STATE)
    frame.get_by_label("play").press("Space")
    assert frame.evaluate(STATE) == end and frame.evaluate("document.getAnimations().length") == 0
    frame.get_by_label("play").press("Space")
    assert frame.evaluate(STATE) != end and frame.evaluate(CLOCK) < 4500
    ends = frame.evaluate("document.getAnimations().map(one => one.effect.getComputedTiming().endTime)")
    assert len(ends) > 10 and max(ends) <= 20_000


def test_who_wants_no_motion_sees_the_whole_still(shown):
    page, frame = shown(motion="reduce")
    assert frame.evaluate("document.getAnimations().length") == 0
    assert frame.evaluate("[...document.querySelectorAll('.on')].every(one => getComputedStyle(one).opacity === '1')")
    before = page.screenshot()
    page.wait_for_timeout(500)
    assert page.screenshot() == before


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits_a_phone(shown, scheme):
    page, frame = shown(motion="reduce", scheme=scheme)
    assert [
        fault["id"] for fault in Axe().run(page).response["violations"] if fault["impact"] in ("serious", "critical")
    ] == []
    for one in (page, frame):
        assert one.evaluate("document.documentElement.scrollWidth") <= 400
    assert frame.evaluate("document.querySelector('svg').getBoundingClientRect().bottom <= innerHeight + 1")
    assert frame.evaluate("document.querySelector('label').scrollWidth <= innerWidth")
    ink = frame.evaluate("getComputedStyle(document.querySelector('svg > text')).fill")
    assert ink == {"light": "rgb(34, 34, 59)", "dark": "rgb(236, 236, 244)"}[scheme]


def test_where_frames_are_taken_out_the_still_is_left(shown):
    page, _ = shown()
    assert not page.locator("img").is_visible()
    page.evaluate("document.querySelector('iframe').remove()")
    assert page.locator("img").is_visible()
    still = page.locator("img").screenshot()
    page.wait_for_timeout(500)
    assert page.locator("img").screenshot() == still
