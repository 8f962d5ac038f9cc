"""All explorers in one notebook of a real JupyterLab, worked by keys, compared with NumPy, checked for access."""

import json
import time

import nbformat
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from autograder.course import REPOSITORY as ROOT
from convlab import explorers
from convlab.explorers.widget import script

SCREENSHOTS = ROOT / "build" / "screenshots"
ORDER = list(explorers.__all__)
WIDE, NARROW = {"width": 1280, "height": 1000}, {"width": 400, "height": 900}


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory, jupyter):
    """A page with the notebook, all cells run."""
    folder = tmp_path_factory.mktemp("explorers")
    cells = [f"from convlab import explorers\n{name} = explorers.{name}()\n{name}" for name in ORDER]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / "explorers.ipynb")
    with jupyter(folder) as address:
        page = browser.new_page(viewport=WIDE)
        page.goto(address("lab/tree/explorers.ipynb"))
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        page.wait_for_selector("[data-status='idle']", timeout=60_000)
        page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
        page.evaluate("() => window.jupyterapp.commands.execute('runmenu:run-all')")
        _wait_until(lambda: _model(page)["executed"] == len(cells))
        assert _model(page)["errors"] == []
        yield page
        page.close()


def _model(page):
    return page.evaluate("""() => {
      const model = window.jupyterapp.shell.currentWidget.content.model;
      const cells = [...Array(model.cells.length).keys()].map(i => model.cells.get(i).toJSON());
      return {executed: cells.filter(c => c.execution_count !== null).length,
              errors: cells.flatMap(c => c.outputs).filter(o => o.output_type === 'error').map(o => o.evalue)};
    }""")


def _wait_until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _python(page, expression):
    """The value of an expression in the notebook's kernel, as JSON."""
    code = f"import json; print(json.dumps({expression}))"
    text = page.evaluate(
        """async code => {
          const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
          const future = kernel.requestExecute({code, store_history: false});
          let text = '';
          future.onIOPub = message => { text += message.content.text ?? ''; };
          await future.done;
          return text;
        }""",
        code,
    )
    return json.loads(text)


def _show(page, name):
    """Bring an explorer into the page: JupyterLab leaves out cells that are far away."""
    place = ORDER.index(name)
    page.evaluate("async i => window.jupyterapp.shell.currentWidget.content.scrollToItem(i)", place)
    explorer = page.locator(f".jp-Notebook .jp-Cell[data-windowed-list-index='{place}'] .explorer")
    explorer.wait_for(timeout=30_000)
    return explorer


def _numbers(grid):
    """The numbers in the cells of a grid, without what is written small."""
    rows = grid.evaluate(
        "table => [...table.rows].map(row => [...row.cells].map(cell => cell.firstChild.textContent.replace('−', '-')))"
    )
    return np.array(rows, dtype=float)


def _grid(explorer, title):
    return explorer.locator(".panel", has=explorer.page.locator(f".panel-title:text-is('{title}')")).locator("table")


@pytest.mark.parametrize("name", ORDER)
def test_nothing_is_wider_than_a_page_of_400_pixels(lab, name):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    try:
        for viewport in (WIDE, NARROW):
            lab.set_viewport_size(viewport)
            explorer = _show(lab, name)
            lab.wait_for_timeout(400)
            too_wide = explorer.evaluate(
                """root => { const edge = Math.min(root.getBoundingClientRect().right, innerWidth);
                  return [root, ...root.querySelectorAll('*')]
                    .filter(e => e.getBoundingClientRect().right > edge + 0.5 || e.scrollWidth > e.clientWidth + 1 && e.matches('.explorer, .panel, .panels, .told'))
                    .map(e => e.className); }"""
            )
            explorer.screenshot(path=SCREENSHOTS / f"explorer-{name}-{viewport['width']}.png")
            assert too_wide == []
            assert explorer.evaluate("root => root.getBoundingClientRect().width") > 200
    finally:
        lab.set_viewport_size(WIDE)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_serious_inside_an_explorer(lab, theme):
    axe = Axe()
    lab.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    lab.wait_for_timeout(1500)
    for name in ORDER:
        _show(lab, name)
        place = ORDER.index(name)
        selector = f".jp-Cell[data-windowed-list-index='{place}'] .explorer"
        found = axe.run(lab, context=selector).response
        serious = [
            (rule["id"], node["html"][:200], node.get("failureSummary"))
            for rule in found["violations"]
            if rule["impact"] in ("serious", "critical")
            for node in rule["nodes"]
        ]
        assert found["passes"] and serious == [], name


@pytest.mark.parametrize("name", ORDER)
def test_whatever_has_the_focus_shows_it(lab, name):
    explorer = _show(lab, name)
    stops = explorer.locator(
        "button:enabled, select, input:not([type=radio]), [tabindex='0']",
    )
    assert stops.count() >= 1
    for place in range(stops.count()):
        stop = stops.nth(place)
        stop.focus()
        lab.keyboard.press("Shift")
        style = stop.evaluate(
            "e => [e.matches(':focus-visible'), getComputedStyle(e).outlineStyle, parseFloat(getComputedStyle(e).outlineWidth)]"
        )
        assert style == [True, "solid", 3], stop.evaluate("e => e.outerHTML.slice(0, 120)")


def _pressed(page, explorer, grid, keys):
    """Press keys in a grid; JupyterLab's own cell must not move with them."""
    active = page.evaluate("() => window.jupyterapp.shell.currentWidget.content.activeCellIndex")
    grid.focus()
    for key in keys.split():
        page.keyboard.press(key)
    assert page.evaluate("() => window.jupyterapp.shell.currentWidget.content.activeCellIndex") == active
    return explorer.locator(".told").inner_text().replace("−", "-")


def test_the_stepper_follows_the_keys_and_its_numbers_are_numpys(lab):
    explorer = _show(lab, "convolution")
    stepper = explorers.convolution()
    image, kernel = np.array(stepper.image), np.array(stepper.kernel)
    grid = _grid(explorer, "input")
    told = _pressed(lab, explorer, grid, "Control+Home ArrowDown ArrowRight ArrowRight")
    assert f"Output (1, 2) = {stepper.output[1, 2]:g}." in told and told.endswith(f"= {stepper.output[1, 2]:g}")
    assert np.array_equal(_numbers(_grid(explorer, "output: the sums")), stepper.output)
    assert np.array_equal(_numbers(_grid(explorer, "pixel × weight")), image[1:4, 2:5] * kernel)
    _wait_until(lambda: _python(lab, "[convolution.row, convolution.column]") == [1, 2])
    assert "Output (3, 3)" in _pressed(lab, explorer, grid, "Control+End ArrowDown")

    explorer.get_by_label("weight in row 0, column 2 of the kernel").fill("-2.5")
    kernel[0, 2] = -2.5
    due = explorers.convolution(image, kernel).output
    assert np.allclose(_numbers(_grid(explorer, "output: the sums")), due)
    assert explorer.get_by_label("filter").input_value() == "numbers of your own"
    _wait_until(lambda: _python(lab, "convolution.output.tolist()") == due.tolist())

    explorer.get_by_label("filter").select_option("horizontal edge")
    assert np.array_equal(
        _numbers(_grid(explorer, "output: the sums")),
        explorers.convolution(image, kernel=[[-1, -2, -1], [0, 0, 0], [1, 2, 1]]).output,
    )
    explorer.get_by_role("button", name="step back").click()
    assert "Output (3, 2)" in explorer.locator(".told").inner_text()
    _grid(explorer, "output: the sums").locator("td").nth(1).hover()
    assert "Output (0, 1)" in explorer.locator(".told").inner_text()


@pytest.fixture(scope="module")
def scripts(browser):
    """`scripts("steps.js", "correlate", *arguments)`: what a function of an explorer's script gives."""
    page = browser.new_page()
    loaded = """async ([source, name, values]) => {
      const module = await import(URL.createObjectURL(new Blob([source], {type: 'text/javascript'})));
      return module[name](...values);
    }"""
    yield lambda file, name, *values: page.evaluate(loaded, [script(file), name, list(values)])
    page.close()


def test_the_scripts_correlate_as_numpy_does(scripts):
    rng = np.random.default_rng(0)
    for _ in range(20):
        high, wide, down, across = (*rng.integers(3, 10, 2), *rng.integers(1, 4, 2))
        image, kernel = rng.normal(size=(high, wide)), rng.normal(size=(down, across))
        got = scripts("steps.js", "correlate", image.tolist(), kernel.tolist())
        assert np.allclose(got, explorers.convolution(image, kernel).output)
