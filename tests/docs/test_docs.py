"""README and docs/: every link leads somewhere, every command shown exists, and the reference is complete."""

import ast
import itertools
import re
import sys
from html import unescape

import pytest
from click.testing import CliRunner
from markdown_it import MarkdownIt

from autograder.course.lessons import REPOSITORY as ROOT

DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS / "site"))
import reference  # noqa: E402, a script beside the pages that it makes

PAGES = sorted(ROOT.glob("*.md")) + sorted(DOCS.rglob("*.md"))
PYTHON = [path for package in ("autograder", "convlab") for path in sorted((ROOT / package).rglob("*.py"))]
MARKDOWN = MarkdownIt("commonmark").enable("table")


def name(path):
    return path.relative_to(ROOT).as_posix()


def links(text):
    """Where a page's links and pictures lead; what stands in code leads nowhere."""
    for block in MARKDOWN.parse(text):
        for token in [block, *(block.children or [])]:
            yield from (token.attrs[key] for key in ("href", "src") if key in token.attrs)
            if token.type in ("html_block", "html_inline"):
                yield from re.findall(r'\b(?:src|href|srcset)="([^"]+)"', token.content)


def anchors(path):
    """The anchors of a page's headings, as GitHub makes them."""
    tokens = MARKDOWN.parse(path.read_text(encoding="utf-8"))
    headings = [after.content for before, after in itertools.pairwise(tokens) if before.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_relative_link_leads_to_a_file_and_an_anchor_that_are_there(page):
    # The site's first page is laid beside the folders of docs/.
    folder = DOCS if page.parent == DOCS / "site" else page.parent
    faults = []
    for link in links(page.read_text(encoding="utf-8")):
        path, _, anchor = unescape(link).partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        target = (folder / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            faults.append(link)
    assert faults == []


def test_the_check_of_links_sees_links_pictures_and_anchors(tmp_path):
    text = '[a](b.md#c-d) ![e](f.png) `[g](h.md)`\n\n<img src="i.svg">\n\n```sh\n[j](k.md)\n```\n'
    assert list(links(text)) == ["b.md#c-d", "f.png", "i.svg"]
    (tmp_path / "b.md").write_text("# What *this* is, and `why`\n\n```sh\n# no heading\n```\n")
    assert anchors(tmp_path / "b.md") == {"what-this-is-and-why"}


def test_the_readme_is_short_and_leads_to_every_guide():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 130
    guides = {name(path) for folder in ("guide", "reference") for path in (DOCS / folder).glob("*.md")}
    assert len(guides) >= 8 and guides <= {link.partition("#")[0] for link in links(text)}


def commands():
    """Each command of the program with its options, as its own help tells them."""

    def told(*arguments):
        done = CliRunner().invoke(reference.program, [*arguments, "--help"])
        assert done.exit_code == 0, done.output
        return done.output

    found = {}
    for command in re.findall(r"(?m)^  ([a-z][\w-]*)  ", told()):
        options = re.findall(r"(?m)^  (?:-\w, )?(--[\w-]+)", told(command))
        found[command] = set(options) - {"--help"}
    return found


@pytest.fixture(scope="module")
def known():
    return commands()


def shown():
    """Every call of the program on a page, with the page."""
    for page in PAGES:
        text = re.sub(r"\\\n\s*", "", page.read_text(encoding="utf-8"))
        for call in re.findall(r"python -m autograder ([a-z][^#`\n|]*)", text):
            yield page, call


def test_every_command_and_option_that_a_page_shows_exists(known):
    calls = [(page, call) for page, call in shown() if DOCS / "reference" not in page.parents]
    assert len(calls) > 20
    faults = [
        (name(page), call)
        for page, call in calls
        if call.split()[0] not in known or not set(re.findall(r"--[\w-]+", call)) <= known[call.split()[0]]
    ]
    assert faults == []


def test_every_make_target_that_a_page_shows_exists():
    targets = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text()))
    told = {
        (name(page), target)
        for page in PAGES
        for target in re.findall(r"(?:`|^)make ([a-z]+)", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    }
    assert len(told) > 10 and [one for one in told if one[1] not in targets] == []


def test_the_reference_is_what_the_program_says_of_itself():
    for page, text in reference.pages().items():
        assert (DOCS / "reference" / f"{page}.md").read_text(encoding="utf-8") == text, "run 'make reference'"


def test_no_command_and_no_option_is_missing_from_the_reference(known):
    text = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"(?ms)^## ([\w-]+)\n(.*?)(?=^## |\Z)", text))
    assert set(sections) == set(known) and len(known) >= 14
    for command, options in known.items():
        rows = set(re.findall(r"(?m)^\| `(?:-\w, )?(--[\w-]+)", sections[command]))
        assert rows == options, command
        assert f"python -m autograder {command}" in sections[command]
    assert sum(map(len, known.values())) > 20


def configurable():
    """`Class.setting` for each trait of ours that a configuration can set, as the sources have it."""
    for path in PYTHON:
        for kind in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for line in getattr(kind, "body", []) if isinstance(kind, ast.ClassDef) else []:
                if isinstance(line, ast.Assign | ast.AnnAssign) and "config=True" in ast.unparse(line):
                    target = line.targets[0] if isinstance(line, ast.Assign) else line.target
                    yield f"{kind.name}.{target.id}"


def test_no_setting_and_no_environment_variable_is_missing_from_the_reference():
    text = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")
    settings = set(configurable())
    assert len(settings) >= 5 and [one for one in settings if f"`c.{one}`" not in text] == []
    variables = {
        variable
        for path in PYTHON
        for variable in re.findall(r'environ(?:\.get\(|\[)"([A-Z_]+)"', path.read_text(encoding="utf-8"))
    }
    # What the system, Keras and the doctor's own attack set is nobody's setting.
    ours = variables - {"PATH", "HOME", "KERAS_HOME", "CONVLAB_DOCTOR"}
    assert ours >= {"CONVLAB_PROGRESS", "CONVLAB_DATA", "FASHION_MNIST"}
    assert [one for one in ours if f"| `{one}` |" not in text] == []
