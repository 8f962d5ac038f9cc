"""The web edition: complete, self-contained, and without a solution. Any warning of Sphinx ends its build."""

import copy
import importlib.util
import json
import re
import subprocess
import sys
import zipfile
from html.parser import HTMLParser

import nbformat
import numpy as np
import pytest
from secret_lines import secret_lines
from traitlets import ObserveHandler

from autograder.course import Course, build
from autograder.course.bundle import write_bundle
from autograder.course.lessons import REPOSITORY as ROOT
from autograder.course.release import released
from autograder.reports.html import mathml
from convlab import explorers
from convlab.pictures import motion

LESSON = "01_dense_vs_conv"
TOY = "01_toy"


class Page(HTMLParser):
    """What a page fetches by itself, its pictures, and its text."""

    def __init__(self, html):
        super().__init__()
        self.fetched, self.pictures, self.explorers, self.said = [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "img":
            self.pictures.append(attributes)
        if "data-explorer" in attributes:
            self.explorers.append(attributes["data-explorer"])
        self.fetched += [attributes[name] for name in ("src", "srcset", "data", "poster") if attributes.get(name)]
        if tag == "link" and attributes.get("href"):
            self.fetched.append(attributes["href"])

    def handle_data(self, data):
        self.said.append(data)

    @property
    def text(self):
        return "".join(self.said)


@pytest.fixture(scope="module")
def pages(site):
    return {path.relative_to(site).as_posix(): Page(path.read_text()) for path in site.rglob("*.html")}


@pytest.fixture(scope="module")
def builder():
    folder = ROOT / "docs" / "site"
    spec = importlib.util.spec_from_file_location("site_builder", folder / "build.py")
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        spec.loader.exec_module(module)
    return module


def test_no_page_and_no_style_asks_another_host_for_anything(site, pages):
    assert {"index.html", "search.html", "guide/run.html", f"lessons/{LESSON}.html"} <= set(pages)
    for name, page in pages.items():
        assert [address for address in page.fetched if re.match(r"(https?:)?//", address)] == [], name
    for style in site.rglob("*.css"):
        assert re.findall(r"""(?:url\(|@import )["']?(?:https?:)?//[^)]*""", style.read_text()) == [], style
    assert "mathjax" not in "".join(pages[f"lessons/{LESSON}.html"].fetched).lower()


def test_figures_that_need_no_solution_are_there_with_alternative_text(pages):
    panels = [one for one in pages[f"lessons/{LESSON}.html"].pictures if one["src"].startswith("data:image/svg+xml")]
    told = [one["alt"] for one in panels if one["alt"]]
    assert len(panels) > len(told) >= 5  # the first panel tells of all
    assert all(len(alt) > 30 for alt in told)
    # Below each explorer's picture stands where it answers; with JavaScript, here.
    notebook = nbformat.read(ROOT / "lessons" / LESSON / f"{LESSON}.ipynb", as_version=4)
    explorers = sum("explorers." in cell.source for cell in notebook.cells if cell.cell_type == "code")
    text = pages[f"lessons/{LESSON}.html"].text
    assert text.count("In JupyterLab this picture answers") == text.count("This picture answers:") == explorers > 0
    assert pages[f"lessons/{LESSON}.html"].explorers == ["neurons"]


def test_pages_share_one_copy_of_an_explorers_script_and_no_state_of_jupyter_is_in_them(site, pages):
    names = ["channels", "descent", "edges", "neurons", "shifts", "steps", "survivors", "windows"]
    assert sorted(path.stem for path in (site / "_static" / "explorers").glob("*.js")) == names
    fetched = pages[f"lessons/{LESSON}.html"].fetched
    assert {"../_static/explorers/neurons.js", "../_static/explorers/explorer.css"} <= set(fetched)
    html = (site / "lessons" / f"{LESSON}.html").read_text()
    assert "function render" not in html and "vnd.jupyter" not in html and "_esm" not in html


def test_exercises_are_stubs_tests_are_folded_and_no_error_shows(site, pages):
    html = (site / "lessons" / f"{LESSON}.html").read_text()
    text = pages[f"lessons/{LESSON}.html"].text
    assert text.count("raise NotImplementedError") == 6  # five exercises, and where the lesson says so
    assert (
        html.count('class="cell tag_exercise') == html.count('<p class="collapsed admonition-title">The tests</p>') == 5
    )
    told = nbformat.read(ROOT / "lessons" / LESSON / f"{LESSON}.ipynb", as_version=4).cells
    assert html.count("<summary>") == 5 + sum(cell.source.count("<details>") for cell in told)
    assert "solve exercise 4 first" in text and "Traceback" not in text
    assert "Your answer goes here" in text and "YOUR ANSWER HERE" not in text


def test_formulas_are_mathml(site):
    html = (site / "lessons" / f"{LESSON}.html").read_text()
    assert html.count('<math xmlns="http://www.w3.org/1998/Math/MathML"') > 15
    assert '<div class="formula" tabindex="0"><math' in html
    assert "\\sum" not in html and "$$" not in html


def test_every_page_of_docs_is_in_the_site_and_in_its_navigation(site, builder):
    pages = {path.relative_to(builder.DOCS).with_suffix("").as_posix() for path in builder.DOCS.rglob("*.md")}
    pages = {page for page in pages if not page.startswith("site/")}
    assert {"guide/teaching", "guide/lms", "reference/commands", "reference/settings"} <= pages
    for page in pages:
        html = (site / f"{page}.html").read_text()
        navigation = html.partition('aria-label="Pages"')[2].partition("</nav>")[0]
        parts = re.findall(r'class="caption-text">(\w+)<', navigation)
        assert parts == ["Learn", "Teach", "Reference", "Develop"]
        linked = set(re.findall(r'href="(?:\.\./)?([\w/-]+)\.html"', navigation))
        folder = page.rpartition("/")[0]
        assert pages - {page} <= linked | {f"{folder}/{one}" for one in linked}, page


def test_the_built_reference_has_every_command_option_and_setting(site, builder):
    reference = builder.reference
    for name, markdown in reference.pages().items():
        text = Page((site / "reference" / f"{name}.html").read_text()).text
        terms = [term.replace("\\|", "|") for term in re.findall(r"(?m)^\| `([^`]+)`", markdown)]
        assert len(terms) >= 10 and [term for term in terms if term not in text] == []
    html = (site / "reference" / "commands.html").read_text()
    assert len(reference.commands()) >= 14 and [one for one in reference.commands() if f'id="{one}"' not in html] == []


def test_a_link_to_a_file_that_the_site_does_not_have_becomes_text(builder, monkeypatch, tmp_path):
    monkeypatch.setattr(builder, "DOCS", tmp_path / "docs")
    page = tmp_path / "docs" / "guide" / "page.md"
    page.parent.mkdir(parents=True)
    page.write_text(
        "[code](../../autograder/cli.py#L3), [lab](run.md), [map](../architecture.md#a), ![a](../images/a.png)"
    )
    assert builder._linked_inside(page) == "code, [lab](run.md), [map](../architecture.md#a), ![a](../images/a.png)"


def test_the_search_index_knows_the_lesson(site):
    index = json.loads((site / "searchindex.js").read_text().removeprefix("Search.setIndex(").removesuffix(")"))
    page = index["docnames"].index(f"lessons/{LESSON}")
    for word in ("neuron", "cross", "수용", "flatten", "receptive_patch"):
        found = [index[kind][word] for kind in ("terms", "titleterms") if word in index[kind]]
        assert page in [one for places in found for one in (places if isinstance(places, list) else [places])], word


def test_no_line_of_a_solution_or_hidden_test_is_in_the_site(site, pages):
    secret = secret_lines(LESSON)
    assert len(secret) > 20
    shown = [page.text for page in pages.values()]
    shown += [path.read_text() for path in (site / "_downloads").rglob("*.ipynb")]
    assert len(shown) > len(pages)
    assert [line for line in secret if any(line in text for text in shown)] == []


def test_each_lesson_says_how_to_work_on_it(site):
    html = (site / "lessons" / f"{LESSON}.html").read_text()
    path = f"lessons/{LESSON}/{LESSON}.ipynb"
    assert f'href="http://localhost:8888/lab/tree/{path}"' in html
    (download,) = re.findall(r'href="\.\./(_downloads/[^"]+\.ipynb)"', html)
    assert (site / download).read_bytes() == (ROOT / path).read_bytes()


@pytest.mark.slow
def test_a_cell_that_fails_without_a_solution_ends_the_build(builder, toy_course):
    notebook = released(toy_course, [TOY])[TOY]
    notebook.cells[1].source = "import no_such_module"
    with pytest.raises(SystemExit, match=r"(?s)01_toy: a cell that needs no solution failed.*no_such_module"):
        builder.lesson_page(toy_course, TOY, notebook)


@pytest.mark.slow
def test_a_notebook_that_somebody_works_in_does_not_get_onto_the_site(builder, toy_course, tmp_path, monkeypatch):
    (path,) = build(toy_course, [TOY])
    handed_out = path.read_bytes()
    try:
        path.write_bytes(handed_out.replace(b"import numpy as np", b"my_own_answer"))
        monkeypatch.setattr(builder, "build_main", lambda arguments: 0)
        builder.build_site(toy_course, [TOY], tmp_path / "site")
    finally:
        path.write_bytes(handed_out)
    sources = tmp_path / "site-sources"
    assert (sources / "notebooks" / f"{TOY}.ipynb").read_bytes() == handed_out
    assert "import numpy as np" in (sources / "lessons" / f"{TOY}.ipynb").read_text()


def test_an_explorer_leaves_its_picture_and_says_where_it_answers(builder):
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "Explorer()"}
    bare = builder._shown(nbformat.v4.new_output("display_data", data=view), {})
    assert bare.data == {"text/html": f'<p class="live">{builder.ONLY_LIVE}</p>'}
    picture = nbformat.v4.new_output("display_data", data=view | {"image/png": "AAAA\n"})
    with pytest.raises(SystemExit, match="no alternative text"):
        builder._shown(picture, {})
    picture.metadata = nbformat.from_dict({"image/png": {"alt": "3 < 4"}})
    html = builder._shown(copy.deepcopy(picture), {}).data["text/html"]
    assert html.startswith('<img alt="3 &lt; 4" src="data:image/png;base64,AAAA">') and builder.ONLY_LIVE in html
    stored = {
        "state": {"_anywidget_id": "convlab.explorers.steps.Steps", "names": ["</script>"], "layout": "IPY_MODEL_2"}
    }
    stored["buffers"] = [{"encoding": "base64", "path": ["clothes"], "data": "AAAA\n"}]
    answers = builder._shown(copy.deepcopy(picture), {"1": stored}).data["text/html"]
    assert f'<div class="still">{html}</div>' in answers and 'data-explorer="steps"' in answers
    (start,) = re.findall(r'<script type="application/json">(.*?)</script>', answers)
    assert json.loads(start) == {"traits": {"names": ["</script>"]}, "bytes": {"clothes": "AAAA"}}
    for other in ({"_anywidget_id": "convlab.explorers.layers.Layers"}, {}):
        assert builder._shown(copy.deepcopy(picture), {"1": {"state": other}}).data["text/html"] == html


def test_the_explorers_that_ask_python_are_those_that_stay_pictures(builder):
    ask = set()
    for name in explorers.__all__:
        for kind in type(getattr(explorers, name)()).mro():
            ours = kind.__module__.startswith("convlab.")
            if ours and any(isinstance(value, ObserveHandler) for value in vars(kind).values()):
                ask.add(kind.__module__.rpartition(".")[2])
    assert ask == builder.alive.NEED_A_KERNEL


def test_an_explorers_module_becomes_a_script_or_ends_the_build(builder):
    module = "export function double(x) {\n  return 2 * x;\n}\n\nexport default { double };\n"
    assert "export" not in builder.alive.classic("twice", module)
    for line in ("export { double };", 'import { sum } from "./sums.js";', "export * from 'sums';"):
        with pytest.raises(SystemExit, match=r"twice\.js: .* with the line"):
            builder.alive.classic("twice", f"{module}{line}\n")


def test_a_moving_picture_is_shown_as_a_notebook_shows_it(builder):
    data, _ = motion.sliding(np.eye(2), np.ones((1, 2)))._repr_mimebundle_()
    shown = builder._shown(nbformat.v4.new_output("execute_result", data=dict(data)), {})
    assert shown.data["text/html"] == data["text/html"]


def test_a_gap_between_rows_of_a_formula_is_no_text():
    for latex in (r"\begin{cases} a & b \\[1ex] c & d \end{cases}", r"\begin{cases} a & b \\ c & d \end{cases}"):
        assert re.findall(r"<mi>(.)</mi>", mathml(latex, "block")) == ["a", "b", "c", "d"]


def test_binder_gets_the_pinned_packages_and_a_python_that_the_course_supports():
    binder = ROOT / ".binder"
    assert (binder / "requirements.txt").read_text().splitlines()[-1] == "-r ../requirements.lock"
    assert (binder / "runtime.txt").read_text().strip() == "python-3.11"
    assert "pip install --no-deps" in (binder / "postBuild").read_text()


@pytest.mark.slow
def test_what_the_site_says_of_colab_works_with_the_bundle(tmp_path):
    said = (ROOT / "docs" / "guide" / "run.md").read_text()
    assert "python -m autograder bundle convlab-course.zip" in said and "!unzip -q -o convlab-course.zip" in said
    archive = tmp_path / "convlab-course.zip"
    write_bundle(Course(ROOT), archive)
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path)
    (cell,) = re.findall(r"```ipython\n(.*?)```", said, flags=re.S)
    python = "\n".join(line for line in cell.splitlines() if not line.startswith(("!", "%")))
    ask = f"{python}\nfrom convlab import data\nprint(data.__file__, len(data.load_fashion_mnist()[0][0]))"
    found = subprocess.run([sys.executable, "-c", ask], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    module, images = found.split()
    assert (tmp_path / module).is_relative_to(tmp_path / "convlab-course") and images == "6000"
