"""The feedback page as a student sees it, on a laptop and on a phone, and as a screen reader hears it."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from graded_page import GRADES, notebook

from autograder.reports import feedback_page


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible_and_fits(browser, tmp_path, width, scheme):
    path = tmp_path / "feedback.html"
    path.write_text(feedback_page(notebook(), GRADES))
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    try:
        page.goto(path.as_uri())
        page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page).response["violations"]
        faults = [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")]
        assert faults == []
    finally:
        page.close()


def test_nothing_runs_and_nothing_is_fetched(browser, tmp_path):
    """With the policy in force, as in a student's browser."""
    path = tmp_path / "feedback.html"
    html = feedback_page(notebook(), GRADES)
    # As if one hostile piece had come through.
    path.write_text(
        html.replace("</main>", '<script>document.title = "run"</script><img src="https://a.invalid/x"></main>')
    )
    page = browser.new_page()
    asked, refused = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: refused.append((request.url, request.failure)))
    try:
        page.goto(path.as_uri())
        assert page.title() == "01_toy · ada"
        assert [url for url in asked if url.startswith("http")] == ["https://a.invalid/x"]
        assert refused == [("https://a.invalid/x", "csp")]
    finally:
        page.close()
