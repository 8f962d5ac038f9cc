"""Formulas as MathML, made while the site is built: browsers typeset it themselves, so no script has to be loaded."""

from __future__ import annotations

import re
from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from autograder.reports.html import mathml

logger = logging.getLogger(__name__)


def _mathml(node: nodes.Element, display: str) -> str:
    """The formula; a warning, which ends the build, where the converter left LaTeX standing."""
    latex = node.astext()
    try:
        formula = mathml(latex, display)
    except Exception as error:  # the library's errors have no common parent
        logger.warning("this formula is not LaTeX that can be shown: %s (%r)", latex, error, location=node)
        return f"<code>{escape(latex)}</code>"
    if re.search(r">[^<]*\\[^<]*<", formula):
        logger.warning("a command of this formula is not known: %s", latex, location=node)
    return formula


def inline(self: HTML5Translator, node: nodes.Element) -> None:
    self.body.append(_mathml(node, "inline"))
    raise nodes.SkipNode


def block(self: HTML5Translator, node: nodes.Element) -> None:
    # A box that can scroll can be reached by keyboard.
    self.body.append(f'<div class="formula" tabindex="0">{_mathml(node, "block")}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", inline_renderers=(inline, None), block_renderers=(block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
