"""Sphinx's configuration of the web edition. Every page works from disk and asks no other host for anything."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "convlab"
html_title = "convlab"
author = "the convlab authors"
copyright = "the convlab authors. Text and figures CC BY 4.0, code MIT"
language = "en"

extensions = ["myst_nb", "formulas"]
exclude_patterns = ["notebooks", "_templates"]
templates_path = ["_templates"]
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = [("explorers.js", {"defer": "defer"})]

# Lessons have their outputs already: docs/site/build.py has run what needs no solution.
nb_execution_mode = "off"
# Scripts of widgets would come from another host.
nb_ipywidgets_js = {}
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
myst_update_mathjax = False
html_math_renderer = "mathml"

html_context = {"default_mode": "auto"}
html_theme = "pydata_sphinx_theme"
html_show_sourcelink = False
html_copy_source = False
html_use_index = False
html_sidebars = {"**": ["pages.html"], "index": [], "search": []}
html_theme_options = {
    "logo": {"text": "convlab"},
    "navbar_center": [],
    "navbar_end": ["theme-switcher"],
    "search_bar_text": "Search the lessons and guides",
    "secondary_sidebar_items": {"**": ["page-toc"], "index": [], "search": []},
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_toc_level": 2,
    "back_to_top_button": False,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}


def setup(app):
    """Let a screen reader say what the eye reads on a folded cell, instead of five times "Toggle hidden content"."""
    app.connect("html-page-context", _without_labels)


def _without_labels(app, page, template, context, doctree):
    if "body" in context:
        context["body"] = context["body"].replace('<summary aria-label="Toggle hidden content">', "<summary>")
