"""Figures as SVG that follows the theme of the page: dark ink on white, or light ink on a dark page.

A figure is cut into panels, one file for each, which a narrow page puts below each other instead of shrinking them.
They are shown as `<img>`: nothing of a page reaches into one, so its ids cannot collide and a sanitizer does not take it
apart. What an `<img>` does learn from its page is the `color-scheme`, and JupyterLab and VS Code do not set it for their
themes, so a style sheet does. Where that is removed, figures are in the light scheme, on white.
"""

from __future__ import annotations

import base64
import html
import io
import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

# Verdana is as wide as DejaVu Sans, with which matplotlib measures; other fonts are narrower.
FONTS = '"DejaVu Sans", Verdana, sans-serif'
# Around a panel, in inches.
MARGIN = 0.08
SPACE, LINKS = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
ElementTree.register_namespace("", SPACE)
ElementTree.register_namespace("xlink", LINKS)
NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))
DARK_PAGE = ":is([data-jp-theme-light=false], .vscode-dark, html[data-theme=dark]) .figure-panels"


def page(svgs: Sequence[str], width: float, alt: str, behind: str) -> str:
    """HTML that shows panels side by side, `width` pixels wide at most. The first one has the alternative text of all.

    Args:
        behind: the color behind the panels on a dark page.
    """
    style = f"{DARK_PAGE} {{ background: {behind}; }} {DARK_PAGE} img {{ color-scheme: dark !important; }}"
    images = "".join(
        f'<img alt="{html.escape(alt, quote=True) if place == 0 else ""}" '
        f'style="color-scheme: light; max-width: 100%; height: auto" '
        f'src="data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}">'
        for place, svg in enumerate(svgs)
    )
    return (
        f"<style>{style}</style>"
        f'<div class="figure-panels" style="display: flex; flex-wrap: wrap; align-items: start; max-width: {width:.0f}px">'
        f"{images}</div>"
    )


def panels(figure: Figure, parts: Sequence[Sequence[Artist]], dark: Mapping[str, str]) -> tuple[list[str], float]:
    """A figure's parts, each as an SVG, and the width of the widest row of them in pixels.

    Parts that stand beside each other in the figure begin at the same height, so that they stay aligned.

    Args:
        dark: for each color that follows the theme, its counterpart on a dark page; the page itself comes first.
    """
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # what is drawn later must stand where it was measured
    boxes = [Bbox.union([box for artist in part if (box := artist.get_tightbbox())]) for part in parts]
    rows: list[list[int]] = []
    for place, box in enumerate(boxes):
        if rows and box.y1 > boxes[rows[-1][0]].y0 and box.x0 > boxes[rows[-1][-1]].x0:
            rows[-1].append(place)
        else:
            rows.append([place])
    whole = _drawn(figure, parts)
    # From the figure's pixels, counted from below, to points from above.
    scale, margin, high = 72 / figure.dpi, MARGIN * 72, figure.get_figheight() * 72
    svgs, width = [], 0.0
    for row in rows:
        top = high - scale * max(boxes[place].y1 for place in row) - margin
        for place in row:
            height = high - scale * boxes[place].y0 + margin - top
            left, wide = scale * boxes[place].x0 - margin, scale * boxes[place].width + 2 * margin
            svgs.append(_part(whole, place, (left, top, wide, height), dark))
        # One more pixel for each, for rounding.
        width = max(width, sum(96 / 72 * (scale * boxes[place].width + 2 * margin) + 1 for place in row))
    return svgs, width


def _drawn(figure: Figure, parts: Sequence[Sequence[Artist]]) -> Element:
    """matplotlib's SVG of the whole figure, in which the number of its part is the id of each artist's group."""
    for place, part in enumerate(parts):
        for artist in part:
            artist.set_gid(f"part{place}")
    written = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "convlab", "svg.image_inline": True}):
        figure.savefig(written, format="svg", facecolor="none", metadata=NO_METADATA)
    return ElementTree.fromstring(written.getvalue())


def _part(whole: Element, place: int, box: tuple[float, ...], dark: Mapping[str, str]) -> str:
    """One part of a figure on a page of its own, in colors that follow the theme."""
    left, top, width, height = (round(value, 2) for value in box)
    chosen = [group for group in whole.iter(f"{{{SPACE}}}g") if group.get("id") == f"part{place}"]
    drawn = "".join(ElementTree.tostring(group, encoding="unicode") for group in chosen)
    used = set(re.findall(r"#(\w+)", drawn))
    for definition in whole.findall(f"{{{SPACE}}}defs/*"):
        if definition.get("id") in used:
            drawn = f"<defs>{ElementTree.tostring(definition, encoding='unicode')}</defs>{drawn}"
    drawn = re.sub(r' id="([^"]*)"', lambda found: found[0] if found[1] in used else "", drawn)
    drawn = re.sub(r' xmlns(:\w+)?="[^"]*"| font-family: [^;"]*;', "", drawn)
    drawn = re.sub(r"\d+\.\d{3,}", lambda digits: f"{float(digits[0]):.2f}", drawn)
    drawn = re.sub(r"\s*\n\s*", " ", drawn)
    for count, color in enumerate(dark):
        drawn = drawn.replace(color, f"var(--c{count})")
    light, night = (
        " ".join(f"--c{count}: {color};" for count, color in enumerate(colors)) for colors in (dark, dark.values())
    )
    return (
        f'<svg xmlns="{SPACE}" xmlns:xlink="{LINKS}" width="{width}pt" height="{height}pt" '
        f'viewBox="{left} {top} {width} {height}"><style>* {{ stroke-linejoin: round; stroke-linecap: butt; }} '
        f"svg {{ {light} font-family: {FONTS}; }} "
        f"@media (prefers-color-scheme: dark) {{ svg {{ {night} }} }}</style>"
        f'<rect x="{left}" y="{top}" width="{width}" height="{height}" style="fill: var(--c0)"/>{drawn}</svg>'
    )
