"""Photograph all figures of the lessons as a solved notebook shows them, for somebody to look at: light, dark, and on a narrow page.

`python docs/images/figures.py [LESSON ...]`, or `make figures`, runs the lessons with their solutions and writes build/figures/.
It needs Chromium.
"""

from __future__ import annotations

import html
import shutil
import sys
from collections.abc import Iterator

from nbclient import NotebookClient
from playwright.sync_api import sync_playwright

from autograder.course import Course, read_lesson, solved
from autograder.course.lessons import REPOSITORY

TARGET = REPOSITORY / "build" / "figures"
OURS = ('class="figure-panels"', 'class="motion"')
# The width of a page, and whether JupyterLab's theme is light.
PAGES = {"light": (900, "true"), "dark": (900, "false"), "narrow": (400, "false")}
STYLE = "body { font: 13px sans-serif; margin: 12px; } [data-jp-theme-light=false] { background: #111; color: #ccc; }"


def shown(lesson: str) -> Iterator[tuple[str, str]]:
    """The last line of each cell that shows figures, and their HTML."""
    course = Course(REPOSITORY)
    notebook = solved(read_lesson(course.source(lesson)))
    client = NotebookClient(
        notebook,
        timeout=600,
        resources={"metadata": {"path": str(course.root)}},
        extra_arguments=["--log-level=ERROR"],
    )
    client.execute()
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            drawn = output.get("data", {}).get("text/html", "")
            if any(mark in drawn for mark in OURS):
                yield cell.source.splitlines()[-1], drawn


def main() -> None:
    course = Course(REPOSITORY)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        raise SystemExit("Chromium is not installed; make system-test says how to get it.")
    TARGET.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for lesson in course.select(sys.argv[1:]):
            body = "".join(f"<p>{html.escape(line)}</p>{drawn}" for line, drawn in shown(lesson))
            for name, (width, light) in PAGES.items():
                # Without a preference of the system's, so that the theme alone decides; and animations as their stills.
                page = browser.new_page(
                    viewport={"width": width, "height": 600}, color_scheme="null", reduced_motion="reduce"
                )
                page.set_content(f"<style>{STYLE}</style><body data-jp-theme-light={light}>{body}</body>")
                page.wait_for_timeout(500)
                page.screenshot(path=TARGET / f"{lesson}-{name}.png", full_page=True)
                page.close()
            print(TARGET / f"{lesson}-*.png")


if __name__ == "__main__":
    main()
