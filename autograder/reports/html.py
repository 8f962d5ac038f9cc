"""Renders self-contained HTML pages whose text, formulas, code and outputs are inert."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree

from jinja2 import Environment, PackageLoader, StrictUndefined
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from mdit_py_plugins.dollarmath import dollarmath_plugin
from nbconvert.filters.ansi import strip_ansi
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

# No scripts, frames, forms or external resources: whatever a student wrote can only be read.
CONTENT_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; base-uri 'none'; form-action 'none'"
)
IMAGES = ("image/png", "image/jpeg")
MAX_OUTPUT = 20_000  # characters of one output
QUOTED = re.compile(r"^([ \t]*)&gt;(?=[ \t]|$)", flags=re.MULTILINE)
MATHML = set(
    "math mrow mi mo mn mtext mspace msub msup msubsup munder mover munderover mfrac msqrt mroot mtable mtr mtd mstyle".split()
)
MATHML_ATTRIBUTES = set(
    "display mathvariant stretchy fence separator form lspace rspace minsize maxsize columnalign width accent movablelimits "
    "linethickness displaystyle scriptlevel".split()
)
# The spacing in a row end such as \\[1ex], which the converter would show as text.
ROW_GAP = re.compile(r"\\\\\[[^\]]*\]")

_PYTHON, _HTML = PythonLexer(), HtmlFormatter(nowrap=True)


def page(template: str, **values: Any) -> str:
    """Render `templates/<template>.html.j2`; every value that is not `Markup` is escaped."""
    return (
        _environment()
        .get_template(f"{template}.html.j2")
        .render(content_policy=Markup(CONTENT_POLICY), style=_style(), **values)
    )


@lru_cache
def head() -> str:
    """The beginning of every page, up to and including the content security policy, which disables whatever follows."""
    begin = page("base", title="", wide=False)
    return begin[: begin.index(CONTENT_POLICY) + len(CONTENT_POLICY) + len('">')]


@lru_cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("autograder.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@lru_cache
def _style() -> Markup:
    return Markup(files("autograder.reports").joinpath("templates/style.css").read_text(encoding="utf-8"))


@lru_cache
def _markdown() -> MarkdownIt:
    # HTML in the text is shown as text: a student's answer must not be able to change the page.
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.use(
        dollarmath_plugin,
        allow_digits=False,
        double_inline=True,
        renderer=lambda latex, options: _formula(latex, "block" if options.get("display_mode") else "inline"),
    )
    parser.validateLink = lambda url: re.match(r"(https?:|mailto:|#)", url, re.IGNORECASE) is not None  # type: ignore[method-assign] # markdown-it's own way to set it
    parser.add_render_rule("heading_open", _demoted)
    parser.add_render_rule("heading_close", _demoted)
    parser.add_render_rule("image", lambda _, tokens, index, *__: str(escape(f"[picture: {tokens[index].content}]")))
    return parser


def _demoted(renderer: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    """Render a heading two levels lower, since it is below the page's own headings."""
    token = tokens[index]
    return f"<{'/' if token.nesting < 0 else ''}h{min(int(token.tag[1]) + 2, 6)}>"


@lru_cache(maxsize=4096)
def text(markdown: str) -> Markup:
    """Render Markdown with formulas as HTML; raw HTML is shown as text. Cached, since a lesson's texts recur."""
    # nbgrader's sanitizing of a graded notebook escapes the '>' of quotations too.
    return Markup(_markdown().render(QUOTED.sub(r"\1>", markdown)))


@lru_cache(maxsize=4096)
def _formula(latex: str, display: str) -> str:
    """A formula as MathML, or its source if the result contains anything but known elements of formulas."""
    try:
        formula = mathml(latex, display)
        root = ElementTree.fromstring(formula)
    except Exception:  # whatever a student typed: the library's errors have no common parent
        return f"<code>{escape(latex)}</code>"
    namespace = "{http://www.w3.org/1998/Math/MathML}"
    known = all(
        element.tag.removeprefix(namespace) in MATHML and set(element.attrib) <= MATHML_ATTRIBUTES
        for element in root.iter()
    )
    return formula if known else f"<code>{escape(latex)}</code>"


def mathml(latex: str, display: str) -> str:
    """Convert LaTeX to MathML; `display` is "block" or "inline". For invalid input it may raise any exception."""
    return convert(ROW_GAP.sub(r"\\\\", latex), display=display)


@lru_cache(maxsize=4096)
def code(python: str) -> Markup:
    """Python with syntax highlighting. The box may scroll, so it can be focused by keyboard."""
    return Markup(f'<pre class="highlight" tabindex="0">{highlight(python, _PYTHON, _HTML)}</pre>')


def outputs(cell: NotebookNode) -> list[dict[str, str]]:
    """A cell's outputs, each as text or as an image with its alternative text."""
    return [shown for output in cell.get("outputs", []) if (shown := _output(output))]


def _output(output: NotebookNode) -> dict[str, str]:
    if output.output_type == "stream":
        return {"text": _plain(output.text)}
    if output.output_type == "error":
        return {"text": _plain("\n".join(output.traceback) or f"{output.ename}: {output.evalue}")}
    data = output.get("data", {})
    for kind in IMAGES:
        if isinstance(data.get(kind), str) and re.fullmatch(r"[A-Za-z0-9+/=\s]+", data[kind]):
            alt = output.get("metadata", {}).get(kind, {}).get("alt") or data.get("text/plain", "A figure")
            return {"image": f"data:{kind};base64,{''.join(data[kind].split())}", "alt": str(alt)[:1000]}
    return {"text": _plain(str(data["text/plain"]))} if data.get("text/plain") else {}


def _plain(output: str) -> str:
    whole = strip_ansi(output).rstrip()
    return whole if len(whole) <= MAX_OUTPUT else whole[:MAX_OUTPUT] + "\n… (more was printed)"


def points(number: float | None) -> str:
    return "–" if number is None else f"{number:g}"
