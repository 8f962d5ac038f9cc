"""Figures in a browser: they follow the theme of JupyterLab, VS Code and the site, wrap on a narrow page, and cut no text."""

import base64
import io
import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from convlab.pictures import dense_vs_conv, dropout, padding, pooling, stride, style

PICTURES = [
    dense_vs_conv.window(np.arange(20).reshape(4, 5), np.array([[1, -1], [2, 0]]), 1, 2),
    dense_vs_conv.seen_twice(np.eye(6), np.eye(6)[::-1], np.ones((6, 6)), np.eye(2)),
    padding.row(6, 4, "same"),
    stride.row(28, 5, 4, "valid"),
    stride.field([(3, 2), (3, 1)]),
    pooling.pooled(np.arange(16).reshape(4, 4), (2, 2)),
    dropout.network(np.random.default_rng(0), 8, 0.5, 3),
]
FIGURES = "".join(picture._repr_mimebundle_()[0]["text/html"] for picture in PICTURES)
WITHOUT_STYLE = re.sub(r"<style>.*?</style>", "", FIGURES)
LIGHT, DARK = style.PAGE, style.DARK[style.PAGE]


@pytest.fixture
def open_page(browser):
    opened = []

    def open_page(body, around="", width=900, scheme="null"):
        page = browser.new_page(viewport={"width": width, "height": 700}, color_scheme=scheme)
        opened.append(page)
        # As JupyterLab and VS Code do it, an attribute or a class of the body; as the site does it, one of html.
        page.set_content(
            f"<!doctype html><html lang=en {around}><title>A page</title><body {around}><main>{body}</main>"
        )
        page.wait_for_function("[...document.images].every(image => image.complete && image.naturalWidth)")
        return page

    yield open_page
    for page in opened:
        page.close()


def backgrounds(page):
    """The color in a corner of each panel."""
    found = set()
    for panel in page.locator(".figure-panels img").all():
        pixel = Image.open(io.BytesIO(panel.screenshot())).convert("RGB").getpixel((2, 2))
        found.add("#{:02x}{:02x}{:02x}".format(*pixel))
    return found


@pytest.mark.parametrize(
    ("around", "page_color"),
    [
        ("", LIGHT),
        ('data-jp-theme-light="true"', LIGHT),
        ('data-jp-theme-light="false"', DARK),
        ('class="vscode-light"', LIGHT),
        ('class="vscode-dark"', DARK),
        ('data-theme="light"', LIGHT),
        ('data-theme="dark"', DARK),
    ],
)
def test_figures_follow_the_theme_of_their_page(open_page, around, page_color):
    assert backgrounds(open_page(FIGURES, around)) == {page_color}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_where_the_style_sheet_is_removed_figures_are_light_and_whole(open_page, scheme):
    page = open_page(WITHOUT_STYLE, 'data-jp-theme-light="false"', scheme=scheme)
    assert backgrounds(page) == {LIGHT}


@pytest.mark.parametrize("width", [400, 900])
def test_figures_fit_and_are_accessible(open_page, width):
    page = open_page(FIGURES, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    faults = [
        fault["id"] for fault in Axe().run(page).response["violations"] if fault["impact"] in ("serious", "critical")
    ]
    assert faults == []
    rows = "new Set([...document.querySelector('.figure-panels').children].map(panel => panel.offsetTop)).size"
    # On a wide page three boards stand beside each other, above the sum; on a narrow one they wrap.
    assert page.evaluate(rows) == (2 if width == 900 else 3)


def test_no_text_is_cut_by_the_edge_of_its_panel(open_page):
    sources = re.findall(r"data:image/svg\+xml;base64,([^\"]+)", FIGURES)
    svgs = [base64.b64decode(source).decode() for source in sources]
    assert len(svgs) == 15
    cut = """svgs => svgs.flatMap(svg => {
        document.querySelector('main').innerHTML = svg;
        const edge = document.querySelector('svg').getBoundingClientRect();
        return [...document.querySelectorAll('text')].filter(text => {
            const box = text.getBoundingClientRect();
            return box.left < edge.left || box.right > edge.right || box.top < edge.top - 2 || box.bottom > edge.bottom + 2;
        }).map(text => text.textContent);
    })"""
    assert open_page("<p>").evaluate(cut, svgs) == []
