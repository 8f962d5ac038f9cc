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

    An empty panel begins a new row.

    Args:
        behind: the color behind the panels on a dark page.
    """
    style = f"{DARK_PAGE} {{ background: {behind}; }} {DARK_PAGE} img {{ color-scheme: dark !important; }}"
    shown, alt = "", html.escape(alt, quote=True)
    for svg in svgs:
        if svg:
            source = f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
            shown += f'<img alt="{alt}" style="color-scheme: light; max-width: 100%; height: auto" src="{source}">'
            alt = ""
        else:
            shown += '<div style="flex-basis: 100%"></div>'
    return (
        f'<style>{style}</style><div class="figure-panels" style="display: flex; flex-wrap: wrap; align-items: start; '
        f'max-width: {width:.0f}px">{shown}</div>'
    )


def panels(figure: Figure, parts: Sequence[Sequence[Artist]], dark: Mapping[str, str]) -> tuple[list[str], float]:
    """A figure's parts, each as an SVG, and the width of the widest row of them in pixels.

    An empty part gives an empty text, where a new row begins. Parts that stand beside each other in the figure begin at the same height, so that they stay aligned.

    Args:
        dark: for each color that follows the theme, its counterpart on a dark page; the page itself comes first.
    """
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # what is drawn later must stand where it was measured
    boxes = [
        Bbox.union([box for artist in part if (box := artist.get_tightbbox())]) if part else None for part in parts
    ]
    rows: list[list[Bbox]] = []
    for box in filter(None, boxes):
        if rows and box.y1 > rows[-1][0].y0 and box.x0 > rows[-1][-1].x0:
            rows[-1].append(box)
        else:
            rows.append([box])
    # From the figure's pixels, counted from below, to points from above.
    scale, margin, high = 72 / figure.dpi, MARGIN * 72, figure.get_figheight() * 72
    whole = _drawn(figure, parts)
    svgs = []
    for place, box in enumerate(boxes):
        if box is None:
            svgs.append("")
            continue
        row = next(row for row in rows if box in row)
        top = high - scale * max(beside.y1 for beside in row) - margin
        bottom = high - scale * box.y0 + margin
        frame = scale * box.x0 - margin, top, scale * box.width + 2 * margin, bottom - top
        svgs.append(_part(whole, place, frame, dark))
    # One more pixel for each, for rounding.
    width = max(sum(96 / 72 * (scale * box.width + 2 * margin) + 1 for box in row) for row in rows)
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
    # A clip path, a hatch or a marker is defined where matplotlib first needed it, which may be in another part.
    own = {element.get("id") for group in chosen for element in group.iter()}
    used = set(re.findall(r'(?:url\(|")#(\w+)', drawn))
    for element in whole.iter():
        if element.get("id") in used - own:
            drawn = f"<defs>{ElementTree.tostring(element, encoding='unicode')}</defs>{drawn}"
    names = {color: f"var(--c{count})" for count, color in enumerate(dark)}

    def short(attribute: re.Match) -> str:
        name, value = attribute.groups()
        if name.startswith("xmlns") or (name == "id" and value not in used):
            return ""
        value = re.sub(r" font-family: [^;]*;", "", value)
        value = re.sub(r"\d+\.\d{3,}", lambda digits: f"{float(digits[0]):.2f}", value)
        value = re.sub("|".join(names), lambda color: names[color[0]], value)
        return f' {name}="{value}"'

    drawn = re.sub(r' ([\w:-]+)="([^"]*)"', short, drawn)
    drawn = re.sub(r"\s*\n\s*", " ", drawn)
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
