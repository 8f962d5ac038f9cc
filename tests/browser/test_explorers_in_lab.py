"""All explorers in one notebook of a real JupyterLab, worked by keys, compared with NumPy, checked for access."""

import itertools
import json
import time

import nbformat
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from autograder.course.lessons import REPOSITORY as ROOT
from convlab import explorers
from convlab.explorers.widget import clothes, script
from convlab.pictures.stride import window_starts

SCREENSHOTS = ROOT / "build" / "screenshots"
ORDER = list(explorers.__all__)
WIDE, NARROW = {"width": 1280, "height": 1000}, {"width": 400, "height": 1800}


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory, jupyter):
    """A page with the notebook, all cells run."""
    folder = tmp_path_factory.mktemp("explorers")
    cells = [f"from convlab import explorers\n{name} = explorers.{name}()\n{name}" for name in ORDER]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / "explorers.ipynb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        with jupyter(folder) as address:
            yield _opened(browser, address("lab/tree/explorers.ipynb"), len(cells))


def _opened(browser, address, count):
    """The page with the notebook, once its cells have run."""
    page = browser.new_page(viewport=WIDE)
    page.goto(address)
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    ready = "() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
    page.wait_for_function(ready, timeout=60_000)
    page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
    page.click(".jp-Notebook .jp-Cell >> nth=0")
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    _wait_until(lambda: _model(page)["executed"] == count, 120)
    assert _model(page)["errors"] == []
    return page


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
    return explorer.locator(".part", has=explorer.page.locator(f".part-name:text-is('{title}')")).locator("table")


def _nothing_is_wider_than_the_page(page, name, shown=""):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    try:
        for viewport in (WIDE, NARROW):
            page.set_viewport_size(viewport)
            explorer = _show(page, name)
            page.wait_for_timeout(400)
            # What a drawing clips does not count.
            too_wide = explorer.evaluate(
                """root => { const edge = Math.min(root.getBoundingClientRect().right, innerWidth);
                  return [root, ...root.querySelectorAll('*:not(svg *)')]
                    .filter(e => e.getBoundingClientRect().right > edge + 0.5 || e.scrollWidth > e.clientWidth + 1 && e.matches('.explorer, .part, .panels, .told'))
                    .map(e => e.className); }"""
            )
            explorer.screenshot(path=SCREENSHOTS / f"explorer-{name}{shown}-{viewport['width']}.png")
            assert too_wide == []
            assert explorer.evaluate("root => root.getBoundingClientRect().width") > 200
    finally:
        page.set_viewport_size(WIDE)


def _axe_finds_nothing_serious(page, name):
    _show(page, name)
    selector = f".jp-Cell[data-windowed-list-index='{ORDER.index(name)}'] .explorer"
    found = Axe().run(page, context=selector).response
    serious = [
        (rule["id"], node["html"][:200], node.get("failureSummary"))
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
    assert found["passes"] and serious == [], name


@pytest.mark.parametrize("name", ORDER)
def test_nothing_is_wider_than_a_page_of_400_pixels(lab, name):
    _nothing_is_wider_than_the_page(lab, name)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_serious_inside_an_explorer(lab, theme):
    lab.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    lab.wait_for_timeout(1500)
    for name in ORDER:
        _axe_finds_nothing_serious(lab, name)


@pytest.mark.parametrize("name", ORDER)
def test_whatever_has_the_focus_shows_it(lab, name):
    explorer = _show(lab, name)
    stops = explorer.locator(
        "button:enabled, select, input:not([type=radio]), [tabindex='0']",
    ).locator("visible=true")
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
    grid.focus()
    active = page.evaluate("() => window.jupyterapp.shell.currentWidget.content.activeCellIndex")
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


def _grays(grid):
    """The grays of a grid of pixels, and the numbers that its cells tell a screen reader."""
    rows = grid.evaluate(
        "table => [...table.rows].map(row => [...row.cells].map(cell => [cell.style.background.match(/\\d+/)[0], cell.getAttribute('aria-label').replace('−', '-')]))"
    )
    grays, numbers = np.moveaxis(np.array(rows, dtype=float), 2, 0)
    return grays, numbers


def test_a_filter_of_ones_own_on_a_real_picture_makes_numpys_map(lab):
    explorer = _show(lab, "convolution")
    explorer.get_by_label("picture").select_option("Shirt")
    explorer.get_by_label("filter").select_option("all zero")
    image = clothes()[6].astype(float)
    kernel = np.random.default_rng(4).integers(-9, 10, (3, 3)).astype(float)
    for (row, column), weight in np.ndenumerate(kernel):
        field = explorer.get_by_label(f"weight in row {row}, column {column} of the kernel")
        field.focus()
        lab.keyboard.press("Control+A")
        lab.keyboard.type(f"{weight:g}")
    explorer.get_by_label("weight in row 2, column 1 of the kernel").click()
    for _ in range(2):
        explorer.get_by_role("group", name="row 2, column 1:").get_by_role("button", name="−1").click()
    kernel[2, 1] -= 2

    due = explorers.convolution(image, kernel).output
    told = _pressed(lab, explorer, _grid(explorer, "input"), "Control+Home" + 9 * " ArrowDown" + 6 * " ArrowRight")
    assert f"Output (9, 6) = {due[9, 6]:g}." in told and f" = {due[9, 6]:g}" in told
    terms = [int(image[9 + u, 6 + v]) * int(kernel[u, v]) for u, v in np.ndindex(3, 3)]
    assert sum(terms) == due[9, 6]
    assert np.array_equal(_numbers(_grid(explorer, "pixel × weight")).ravel(), terms)
    assert np.array_equal(_numbers(_grid(explorer, "pixels in the window")), image[9:12, 6:9])
    assert f"The largest output is {due.max():g} at" in told and f"the smallest {due.min():g} at" in told
    grays, numbers = _grays(_grid(explorer, "input"))
    assert np.array_equal(numbers, image) and np.abs(grays - 255 * image / image.max()).max() <= 0.51
    grays, numbers = _grays(explorer.get_by_role("grid", name="output"))
    peak = np.abs(due).max()
    assert np.allclose(numbers, due) and np.abs(grays - 127.5 * (1 + due / peak)).max() <= 0.51
    _wait_until(lambda: _python(lab, "convolution.output.tolist()") == due.tolist())
    _nothing_is_wider_than_the_page(lab, "convolution", "-real")
    _axe_finds_nothing_serious(lab, "convolution")
    explorer.get_by_label("picture").select_option("a picture of numbers")
    assert _grid(explorer, "output: the sums").locator("td").count() == 16


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


def test_the_scripts_add_channels_as_numpy_does(scripts):
    rng = np.random.default_rng(6)
    for count, down, across in itertools.product((2, 3, 4), (1, 2, 3), (1, 3)):
        image, weights = rng.normal(size=(*rng.integers(3, 7, 2), count)), rng.normal(size=(down, across, count, 2))
        windows = np.lib.stride_tricks.sliding_window_view(image, (down, across), axis=(0, 1))
        apart = np.einsum("ijcuv,uvck->kcij", windows, weights)
        for k in range(2):
            values = [np.moveaxis(image, 2, 0), np.moveaxis(weights[..., k], 2, 0)]
            got = scripts("channels.js", "added", *(array.tolist() for array in values), 0.5)
            assert np.allclose(got["sums"], apart[k]) and np.allclose(got["map"], apart[k].sum(axis=0) + 0.5)


def test_channels_are_added_up_to_numpys_maps(lab):
    explorer = _show(lab, "channels")
    due = explorers.channels()

    def maps():
        return [_numbers(_grid(explorer, f"map of filter {k}")) for k in range(2)]

    red = explorer.get_by_role("grid", name="red", exact=True)
    told = _pressed(lab, explorer, red, "Control+Home ArrowDown ArrowRight")
    assert "Map 0, row 1, column 1: red 4 + green -3 + blue 0 + bias 0.5 = 1.5." in told
    assert "Input 4 × 4 × 3; 2 filters, each 2 × 2 × 3 and a bias; output 3 × 3 × 2." in told
    assert np.array_equal(maps(), due.maps)

    explorer.get_by_label("green, weight in row 0, column 1").fill("-2.5")
    explorer.get_by_label("bias", exact=True).fill("2")
    due.filters[0][1][0][1], due.biases[0] = -2.5, 2
    assert np.array_equal(maps(), due.maps)
    assert explorer.get_by_label("weights").input_value() == "numbers of your own"
    _wait_until(lambda: _python(lab, "channels.maps.tolist()") == due.maps.tolist())

    told = _pressed(lab, explorer, _grid(explorer, "map of filter 1"), "Control+End ArrowUp")
    assert "Map 1, row 1, column 2: red 2 + green 6 + blue 2 + bias 0 = 10." in told
    explorer.get_by_label("weights").select_option("first channel left of the second")
    explorer.get_by_label("input").select_option("four maps of an L: 4 channels")
    due.shown, due.filter = 2, 1
    due.filters[1] = [[[1, 0], [1, 0]], [[0, 1], [0, 1]], [[0, 0]] * 2, [[0, 0]] * 2]
    assert np.array_equal(maps(), due.maps)
    assert "each 2 × 2 × 4 and a bias; output 3 × 3 × 2." in explorer.locator(".told").inner_text()
    for place, name in enumerate(due.inputs[2]["names"]):
        grid = explorer.get_by_role("grid", name=name, exact=True)
        assert np.array_equal(_numbers(grid), due.inputs[2]["channels"][place])
    _wait_until(lambda: _python(lab, "channels.maps.tolist()") == due.maps.tolist())
    _grid(explorer, "map of filter 0").locator("td").first.click()
    assert "Map 0, row 0, column 0:" in explorer.locator(".told").inner_text()
    _nothing_is_wider_than_the_page(lab, "channels", "-four")
    _axe_finds_nothing_serious(lab, "channels")


def test_the_scripts_place_windows_as_tensorflow_does(scripts):
    for n, kernel, stride in itertools.product((1, 4, 7, 8, 12), (1, 2, 3, 7), (1, 2, 3, 6)):
        for padding in ("valid", "same"):
            got = scripts("windows.js", "arrange", n, kernel, stride, padding)
            starts = window_starts(n, kernel, stride, padding)
            before = max([0, *(-start for start in starts)])
            seen = [sum(start <= pixel < start + kernel for start in starts) for pixel in range(n)]
            assert (got["outputs"], got["before"], got["starts"], got["seen"]) == (len(starts), before, starts, seen)


def test_the_scripts_pad_average_and_count_as_numpy_does(scripts):
    rng = np.random.default_rng(1)
    for n, kernel, padding in itertools.product((5, 6, 9), (1, 2, 3, 4, 5), ("valid", "same")):
        image = rng.integers(0, 10, (n, n))
        due = explorers.padding(image, kernel, padding)
        assert np.allclose(scripts("edges.js", "means", image.tolist(), kernel, padding), due.output)
        assert scripts("edges.js", "visits", n, kernel, padding) == due.visits.tolist()


def test_the_scripts_pool_as_numpy_does(scripts):
    rng = np.random.default_rng(2)
    for size, shift in itertools.product((2, 3), (0, 1, 2, 3)):
        due = explorers.pooling(rng.normal(size=rng.integers(3, 10, 2)))
        due.size, due.shift = size, shift
        moved = scripts("shifts.js", "shifted", due.image, shift)
        assert np.allclose(scripts("shifts.js", "pooled", moved, size, "max"), due.largest)
        assert np.allclose(scripts("shifts.js", "pooled", moved, size, "mean"), due.mean)


def test_the_row_of_windows_fills_in_its_formula(lab):
    explorer = _show(lab, "window_sizes")
    told = _pressed(lab, explorer, explorer.get_by_role("listbox"), "Home ArrowDown ArrowDown ArrowDown")
    assert "⌊(8 - 3) / 2⌋ + 1 = ⌊2.5⌋ + 1 = 3." in told and "No window sees pixel 7." in told
    assert "Output 2 begins at 2·2 = 4 and sees pixels 4, 5 and 6." in told
    assert explorer.locator(".bar").count() == 3 and explorer.locator(".ignored").all_inner_texts() == ["7"]
    explorer.get_by_label("padding").select_option("same")
    told = explorer.locator(".told").inner_text().replace("−", "-")
    assert "⌈8 / 2⌉ = 4." in told and "max((4 - 1)·2 + 3 - 8, 0) = 1: 0 before, 1 after." in told
    assert explorer.locator(".zero").count() == 1 and explorer.locator(".ignored").count() == 0
    explorer.get_by_label("padding").select_option("valid")
    explorer.get_by_label("window k").fill("7")
    explorer.get_by_label("pixels n").fill("6")
    assert "does not fit" in explorer.locator(".told").inner_text()
    explorer.get_by_label("pixels n").fill("99")
    lab.keyboard.press("Tab")
    assert explorer.get_by_label("pixels n").input_value() == "6"
    _wait_until(lambda: _python(lab, "[window_sizes.n, window_sizes.kernel, window_sizes.padding]") == [6, 7, "valid"])


def test_zeros_enter_the_window_at_the_edge(lab):
    explorer = _show(lab, "padding")
    due = explorers.padding()
    grid = _grid(explorer, "picture, and zeros around it")
    told = _pressed(lab, explorer, grid, "Control+Home")
    assert "covers 4 pixels and 5 zeros. Mean: 36 / 9 = 4." in told
    assert np.array_equal(_numbers(grid), np.pad(np.array(due.image), due.zeros))
    assert np.allclose(_numbers(_grid(explorer, "output: mean of each window")), due.output)
    assert np.array_equal(_numbers(_grid(explorer, "how many windows see each pixel")), due.visits)
    assert "covers 9 pixels and 0 zeros" in _pressed(lab, explorer, grid, "ArrowDown ArrowRight")
    explorer.get_by_label("padding").select_option("valid")
    explorer.get_by_label("window (1 to 5)").fill("4")
    due = explorers.padding(kernel=4, padding="valid")
    assert np.allclose(_numbers(_grid(explorer, "output: mean of each window")), due.output)
    assert np.array_equal(_numbers(_grid(explorer, "how many windows see each pixel")), due.visits)


def test_pooling_follows_the_slider_and_counts_what_has_changed(lab):
    explorer = _show(lab, "pooling")
    before, after = explorers.pooling(), explorers.pooling()
    after.shift = 1
    explorer.get_by_role("slider").focus()
    lab.keyboard.press("ArrowRight")
    assert np.array_equal(_numbers(_grid(explorer, "input")), after.shifted)
    assert np.allclose(_numbers(_grid(explorer, "max pooling")), after.largest)
    assert np.allclose(_numbers(_grid(explorer, "average pooling")), after.mean, atol=0.005)
    changed = [int((~np.isclose(a, b)).sum()) for a, b in ((before.largest, after.largest), (before.mean, after.mean))]
    told = _pressed(lab, explorer, _grid(explorer, "input"), "Control+Home ArrowDown ArrowRight")
    assert f"{changed[0]} of 9 have changed under max pooling, {changed[1]} of 9 under average pooling" in told
    assert f"the largest is {after.largest[1, 1]:g}, the mean {after.mean[1, 1]:g}." in told
    marks = _grid(explorer, "max pooling").locator("small").count()
    assert marks == changed[0]
    _wait_until(lambda: _python(lab, "[pooling.shift, pooling.row, pooling.column]") == [1, 1, 1])


def test_the_scripts_drop_and_scale_as_numpy_does(scripts):
    for rate in (0, 0.1, 0.5, 0.9):
        due = explorers.dropout(rate, seed=3)
        draws = np.frombuffer(due.random).reshape(200, -1)
        kept = np.where(draws >= rate, np.array(due.activations), 0)
        got = scripts("survivors.js", "heard", due.activations, draws.tolist(), rate)
        assert np.isclose(got["bare"], kept.sum(axis=1).mean()) and np.isclose(got["scaled"], got["bare"] / (1 - rate))
        assert np.allclose(scripts("survivors.js", "dropped", due.activations, draws[0].tolist(), rate), due.output)


def test_the_scripts_count_weights_as_the_layers_have_them(scripts):
    for side in (3, 7, 28, 224):
        outputs = (side - 2) * (side - 2)
        due = {"outputs": outputs, "dense": side * side * outputs + outputs, "convolution": 10}
        assert scripts("neurons.js", "counts", side, 3) == due


def test_dropout_shows_the_draws_that_numpy_made(lab):
    explorer = _show(lab, "dropout")
    due = explorers.dropout()
    behind = _grid(explorer, "behind dropout")
    assert np.allclose(_numbers(behind).ravel(), due.output)
    explorer.get_by_role("button", name="draw again").focus()
    lab.keyboard.press("Enter")
    explorer.get_by_role("slider").focus()
    lab.keyboard.press("ArrowLeft")
    due.draw, due.rate = 1, 0.4
    assert np.allclose(_numbers(behind).ravel(), due.output, atol=0.005)
    assert behind.locator("small").count() == 12 - due.mask.sum()
    assert f"{due.mask.sum()} of 12 neurons survive" in explorer.locator(".told").inner_text()
    _wait_until(lambda: _python(lab, "[dropout.draw, dropout.rate]") == [1, 0.4])
    explorer.get_by_label("mode").select_option("prediction")
    assert np.array_equal(_numbers(behind).ravel(), due.activations)
    assert explorer.get_by_role("button", name="draw again").is_disabled()


def test_a_moved_shape_is_found_again_in_the_map(lab):
    explorer = _show(lab, "dense_and_convolution")
    due = explorers.dense_and_convolution()
    grid = _grid(explorer, "picture")
    told = _pressed(lab, explorer, grid, "Control+Home ArrowDown ArrowDown ArrowRight")
    due.row, due.column = 2, 1
    assert np.array_equal(_numbers(grid), due.image(2, 1))
    assert np.array_equal(_numbers(_grid(explorer, "its feature map")), due.feature_map)
    assert f"The dense neuron says {due.dense:g};" in told and "at row 2, column 1: the same value, moved along" in told
    explorer.get_by_label("count weights").fill("224")
    assert f"{(224**2 + 1) * 222**2:,} weights" in explorer.locator(".told").inner_text()


def test_the_scripts_walk_down_as_numpy_does(scripts):
    rng = np.random.default_rng(11)
    for start in (*rng.uniform((-1.25, -2.75), (2.75, 1.25), (4, 2)), (2, -1), (0, 0)):
        for rate in (0.02, 0.18, 0.22, 0.23, 0.3):
            due = explorers.descent(rate, start)
            land = {name: getattr(due, name) for name in ("curvature", "goal", "corner", "span", "near", "most")}
            got = scripts("descent.js", "walked", land, due.path, rate, 250)
            assert np.allclose(got, due.walked(250), rtol=1e-9)
            due.path = got[: 1 + len(got) // 2]
            values = (due.curvature, due.goal, due.path[-1])
            assert np.allclose(scripts("descent.js", "gradient", *values), due.gradient_at(due.weights))
            assert np.isclose(
                scripts("descent.js", "loss", *values), np.mean((due.output - due.target) ** 2), atol=1e-7
            )
            if start[0] != 2:
                assert np.isclose(scripts("descent.js", "beside", *values), due.beside())


def test_the_lines_of_equal_loss_are_ellipses(scripts):
    for curvature in ([[5, 4], [4, 5]], [[3, -1], [-1, 7]], [[2, 0], [0, 1]]):
        bends, axes = np.linalg.eigh(curvature)
        got = scripts("descent.js", "ellipse", curvature)
        assert np.allclose(got["radii"], np.sqrt(2 / bends[::-1]))
        short = np.array([np.cos(np.radians(got["angle"])), np.sin(np.radians(got["angle"]))])
        assert np.isclose(abs(short @ axes[:, 1]), 1)


def test_a_walk_downhill_has_numpys_numbers(lab):
    explorer = _show(lab, "descent")
    due = explorers.descent()
    told = explorer.locator(".told")
    assert (
        "The gradient here is (−6, −3)." in told.inner_text() and "points 53° away from the goal" in told.inner_text()
    )
    map_, kernel = (_grid(explorer, name) for name in ("map now", "kernel"))
    assert np.array_equal(_numbers(_grid(explorer, "picture")), due.image)
    assert np.array_equal(_numbers(_grid(explorer, "target map")), due.target)
    explorer.get_by_role("button", name="step", exact=True).click()
    due.path = due.walked(1)
    assert "the gradient was (−6, −3). The step led to w₀ = 1.08, w₁ = 0.54." in told.inner_text()
    assert "The loss fell from 4.5 to 2.38." in told.inner_text()
    assert np.allclose(_numbers(kernel), due.weights, atol=0.005)
    assert np.allclose(_numbers(map_), due.output, atol=0.05)
    explorer.get_by_role("button", name="10 steps").click()
    due.path = due.walked(10)
    assert np.allclose(_numbers(map_), due.output, atol=0.05)
    assert explorer.locator(".been").count() == len(due.path) == 12
    _wait_until(lambda: _python(lab, "len(descent.path)") == 12)
    assert np.allclose(_python(lab, "descent.path"), due.path, rtol=1e-12)
    _nothing_is_wider_than_the_page(lab, "descent", "-walked")
    _axe_finds_nothing_serious(lab, "descent")
    explorer.get_by_role("button", name="10 steps").click()
    assert "Arrived after 14 steps: the loss is below 0.01." in told.inner_text()
    assert explorer.get_by_role("button", name="10 steps").is_disabled()


def test_a_rate_that_is_too_large_leaves_the_landscape(lab):
    explorer = _show(lab, "descent")
    told = explorer.locator(".told")
    if (again := explorer.get_by_role("button", name="start again")).is_enabled():
        again.click()
    slider = explorer.get_by_role("slider")
    slider.focus()
    lab.keyboard.press("End")
    assert "learning rate 0.3" in explorer.inner_text()
    explorer.get_by_role("button", name="10 steps").click()
    assert "the step was too long." in told.inner_text() and "The path has left the picture" in told.inner_text()
    assert explorer.locator(".been").count() == len(explorers.descent(0.3).walked(10))
    assert "NaN" not in explorer.inner_html() and explorer.get_by_role("button", name="step", exact=True).is_disabled()
    _nothing_is_wider_than_the_page(lab, "descent", "-lost")
    slider.focus()
    for rate in (0.23, 0.22):
        while f"learning rate {rate}" not in explorer.inner_text():
            lab.keyboard.press("ArrowLeft")
        again.click()
        for _ in range(20):
            if explorer.get_by_role("button", name="10 steps").is_enabled():
                explorer.get_by_role("button", name="10 steps").click()
        assert (f"Arrived after {len(explorers.descent(0.22).walked(200)) - 1} steps" in told.inner_text()) == (
            rate == 0.22
        )
        slider.focus()
    _nothing_is_wider_than_the_page(lab, "descent", "-long")


def test_the_start_of_a_walk_moves_by_keys_and_clicks(lab):
    explorer = _show(lab, "descent")
    land = explorer.get_by_role("application")
    land.locator("svg").scroll_into_view_if_needed()
    border = land.locator(".border").bounding_box()
    lab.mouse.click(border["x"] + border["width"] * 0.5, border["y"] + border["height"] * 0.25)
    assert "Start: w₀ = 0.75, w₁ = 0.25." in explorer.locator(".told").inner_text()
    told = _pressed(lab, explorer, land, "ArrowUp ArrowLeft ArrowLeft ArrowDown ArrowDown ArrowRight")
    assert "Start: w₀ = 0.5, w₁ = 0." in told
    told = _pressed(lab, explorer, land, "Enter")
    assert "Step 1: at w₀ = 0.5, w₁ = 0 the gradient was (-3.5, -1)." in told
    _wait_until(lambda: _python(lab, "descent.path[0]") == [0.5, 0])
    assert "Start: w₀ = 0.5, w₁ = 1.25." in _pressed(lab, explorer, land, 12 * "ArrowUp ")


def _painted(explorer):
    """The pixels of all canvases, one after the other."""
    return explorer.locator("canvas").evaluate_all(
        "all => all.flatMap(c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data].filter((_, i) => i % 4 === 0))"
    )


def _maps(due, layer):
    """The bytes of a layer's maps."""
    sizes = [one["maps"] * one["shape"][0] * one["shape"][1] if one["maps"] else 0 for one in due.layers]
    before = 784 + sum(sizes[:layer])
    return list(due.maps[before : before + sizes[layer]])


def test_the_model_is_walked_through_layer_by_layer(lab):
    explorer = _show(lab, "model")
    due = explorers.model()
    told = _pressed(lab, explorer, explorer.get_by_role("listbox"), "Home ArrowDown ArrowDown ArrowDown")
    assert "Layer 4 of 14, convolution 3 × 3: output 14 × 14 × 128, 147,584 parameters, 10.4 % of all." in told
    assert "3 · 3 · 128 · 128 + 128 = 147,584." in told
    assert explorer.locator(".layer[aria-selected=true]").get_attribute("aria-label").startswith("convolution 3 × 3")
    assert explorer.get_by_text("1,413,834 in all").count() == 1

    assert _painted(explorer) == _maps(due, 3)
    captions = [f"filter {one['filter']}: {one['peak']:g}" for one in due.strongest[3]]
    assert explorer.locator("figcaption").all_inner_texts() == captions

    told = _pressed(lab, explorer, explorer.get_by_role("listbox"), "End")
    assert "Layer 14 of 14, dense: output 10" in told and explorer.locator("canvas").count() == 0
    assert explorer.locator(".sum-name").all_inner_texts()[0] == f"{due.answers[0]['name']}: over 99.9 %"
    explorer.locator(".layer").nth(1).click()
    assert "Layer 2 of 14, max pooling" in explorer.locator(".told").inner_text()
    _wait_until(lambda: _python(lab, "model.chosen") == 1)


def _easel(explorer):
    return explorer.get_by_role("grid")


def _drawn(explorer):
    return _grays(_easel(explorer))[1].astype(np.uint8)


def test_a_drawing_by_keys_is_seen_by_the_model_as_keras_sees_it(lab):
    explorer = _show(lab, "model")
    where = explorer.locator(".where")
    explorer.get_by_role("button", name="clear").click()
    assert not _drawn(explorer).any() and where.inner_text().endswith("The drawing is empty.")
    _pressed(lab, explorer, _easel(explorer), "Control+Home" + 5 * " ArrowDown" + 8 * " ArrowRight")
    assert where.inner_text().startswith("Row 5, column 8: 0 of 255.") and not _drawn(explorer).any()
    assert (
        _easel(explorer).evaluate(
            "grid => document.getElementById(grid.getAttribute('aria-activedescendant')).ariaLabel"
        )
        == "0"
    )

    explorer.get_by_label("brush").select_option("one pixel")
    _pressed(lab, explorer, _easel(explorer), "Space ArrowRight Enter" + 3 * " Shift+ArrowDown")
    due = np.zeros((28, 28), np.uint8)
    due[5, 8] = due[5:9, 9] = 255
    assert np.array_equal(_drawn(explorer), due)
    assert where.inner_text() == "Row 8, column 9: 255 of 255. 5 bright pixels, rows 5 to 8, columns 8 to 9."
    _pressed(lab, explorer, _easel(explorer), "Delete ArrowUp")
    explorer.get_by_role("button", name="eraser").click()
    _pressed(lab, explorer, _easel(explorer), "Space")
    due[7:9, 9] = 0
    assert np.array_equal(_drawn(explorer), due)
    _pressed(lab, explorer, _easel(explorer), "Control+z")
    due[7, 9] = 255
    assert np.array_equal(_drawn(explorer), due)
    explorer.get_by_role("button", name="eraser").click()

    explorer.get_by_label("brush").select_option("thick")
    _pressed(lab, explorer, _easel(explorer), 12 * "Shift+ArrowDown " + 9 * "Shift+ArrowRight ")
    drawn = _drawn(explorer)
    assert ((drawn > 0) & (drawn < 255)).any()
    # The first answer waits for Keras.
    _wait_until(lambda: _python(lab, "model.maps.startswith(model.drawing)"), 120)
    assert _python(lab, "list(model.drawing)") == drawn.ravel().tolist()
    live = explorers.model(drawn)
    names = explorer.locator(".sum-name")
    _wait_until(lambda: names.all_inner_texts()[0].startswith(live.answers[0]["name"]))
    for text, answer in zip(names.all_inner_texts(), live.answers, strict=True):
        name, share = text.removesuffix(" %").split(": ")
        assert name == answer["name"] and abs(float(share.split()[-1]) - 100 * answer["share"]) <= 0.11
    for layer in (0, 7):
        explorer.locator(".layer").nth(layer).click()
        assert np.abs(np.subtract(_painted(explorer), _maps(live, layer))).max() <= 1
    _nothing_is_wider_than_the_page(lab, "model", "-drawn")
    _axe_finds_nothing_serious(lab, "model")


def test_a_drawing_by_a_pointer_leaves_a_soft_line_and_is_taken_back_at_once(lab):
    explorer = _show(lab, "model")
    explorer.locator("select").first.select_option("Trouser")
    assert np.array_equal(_drawn(explorer), clothes()[1])
    explorer.locator("select").first.select_option("a drawing of your own")
    explorer.get_by_label("brush").select_option("thin")
    _easel(explorer).scroll_into_view_if_needed()
    box = _easel(explorer).locator("tbody").bounding_box()
    side = box["width"] / 28
    lab.mouse.move(box["x"] + 4.5 * side, box["y"] + 10.5 * side)
    lab.mouse.down()
    # Fast enough to skip pixels.
    lab.mouse.move(box["x"] + 22.5 * side, box["y"] + 10.5 * side, steps=2)
    lab.mouse.up()
    drawn = _drawn(explorer)
    assert (drawn[10, 4:23] > 240).all() and (drawn[[9, 11], 4:23] > 90).all() and (drawn[[9, 11], 4:23] < 165).all()
    assert not drawn[:9].any() and not drawn[12:].any()
    assert explorer.locator("select").first.input_value() == "a drawing of your own"
    explorer.get_by_role("button", name="undo").click()
    assert not _drawn(explorer).any()
    explorer.get_by_role("button", name="undo").click()
    assert np.array_equal(_drawn(explorer), clothes()[1])
    _wait_until(lambda: explorer.locator(".sum-name").all_inner_texts()[0].startswith("Trouser"), 120)


@pytest.mark.parametrize("radius", [0.5, 1, 2])
def test_the_brush_is_round_and_soft(scripts, radius):
    rng = np.random.default_rng(5)
    for erases in (False, True):
        before, (row, column) = rng.integers(0, 256, 784), rng.uniform(0, 27, 2)
        down, right = np.indices((28, 28))
        ink = np.rint(255 * np.clip(radius + 0.5 - np.hypot(down - row, right - column), 0, 1)).ravel()
        due = np.minimum(before, 255 - ink) if erases else np.maximum(before, ink)
        got = scripts("layers.js", "touched", before.tolist(), row, column, radius, erases)
        assert np.abs(np.subtract(got, due)).max() <= 1


def test_shares_are_never_said_to_be_nothing_or_all(scripts):
    said = [scripts("layers.js", "percent", share) for share in (1, 0.9996, 0.561, 0.0007, 0.0004, 0)]
    assert said == ["over 99.9 %", "over 99.9 %", "56.1 %", "0.1 %", "under 0.1 %", "under 0.1 %"]
