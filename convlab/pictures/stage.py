"""Draws animations as SVG with a style sheet and no script, in a few milliseconds.

An animation plays once and ends in a still that shows the whole story. Without its animations the style sheet draws
that still, so it is also what is printed and what readers see who have turned animations off.
"""

from __future__ import annotations

import base64
import html
from dataclasses import dataclass, field

from convlab.pictures.style import (
    DARK,
    INK,
    INPUT,
    INPUT_EDGE,
    KERNEL,
    KERNEL_EDGE,
    ON_LIGHT,
    OUTPUT,
    OUTPUT_EDGE,
    PAGE,
    PALE,
    PICKED,
    PICKED_EDGE,
    number,
)

# Classes: `on` appears at step --t and stays; `only` is visible during step --t; `fly` arrives from (--x, --y) at step
# --t. --s is the duration of a step.
STYLE = f"""
svg {{ --ink: {INK}; --page: {PAGE}; --in: {INPUT_EDGE}; --kernel: {KERNEL_EDGE}; --out: {OUTPUT_EDGE}; --picked: {PICKED_EDGE};
  font: 15px system-ui, "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; }}
@media (prefers-color-scheme: dark) {{ svg {{ --ink: {DARK[INK]}; --page: {DARK[PAGE]}; --in: {DARK[INPUT_EDGE]}; --kernel: {DARK[KERNEL_EDGE]};
  --out: {DARK[OUTPUT_EDGE]}; --picked: {DARK[PICKED_EDGE]}; }} }}
.page {{ fill: var(--page); }}
text {{ fill: var(--ink); }}
.cell text {{ fill: {ON_LIGHT}; text-anchor: middle; dominant-baseline: central; }}
.cell rect {{ stroke-width: 1.2; }}
.in rect {{ fill: {INPUT}; stroke: var(--in); }}
.zero rect {{ fill: #fff; stroke: #6d7184; stroke-dasharray: 3 2; }}
.picked rect {{ fill: {PICKED}; stroke: var(--picked); }}
.ignored rect {{ fill: url(#hatch); stroke: var(--in); }}
.ignored text {{ paint-order: stroke; stroke: #fff; stroke-width: 4px; }}
.out rect {{ fill: {PALE}; stroke: var(--out); }}
.now rect {{ fill: {OUTPUT}; stroke: var(--out); }}
.now text {{ fill: #fff; }}
.empty {{ fill: none; stroke: var(--out); stroke-dasharray: 3 2; }}
.frame {{ fill: none; stroke: {INK}; stroke-width: 3; }}
.edge {{ fill: none; stroke: {INPUT_EDGE}; stroke-width: 2.5; }}
.lens {{ fill: {KERNEL}; fill-opacity: .85; }}
.rim {{ fill: none; stroke: {KERNEL_EDGE}; stroke-width: 4; }}
.tight {{ font-size: 13.5px; }}
.cell .small {{ font-size: 12px; text-anchor: start; }}
.step {{ font-size: 12px; }}
.weight {{ font-size: 12px; font-weight: 700; fill: {INK}; text-anchor: end; }}
.arrow {{ font-size: 20px; text-anchor: middle; }}
.name {{ font-weight: 600; }}
.only, .fly {{ opacity: 0; }}
.on {{ animation: on .3s calc(var(--t) * var(--s)) backwards; }}
.only {{ animation: only var(--s) calc(var(--t) * var(--s)); }}
.fly {{ animation: fly calc(.7 * var(--s)) calc(var(--t) * var(--s)) ease-in-out; }}
.move {{ animation-timing-function: ease-in-out; animation-fill-mode: both; }}
@keyframes on {{ from {{ opacity: 0; }} }}
@keyframes only {{ from, to {{ opacity: 1; }} }}
@keyframes fly {{ from {{ opacity: 1; transform: translate(var(--x), var(--y)); }} 90% {{ opacity: 1; transform: none; }} to {{ opacity: 0; }} }}
"""
STILL = """@media (prefers-reduced-motion: reduce), print { * { animation: none !important; } }
svg:target * { animation: none !important; }"""
HATCH = (
    f'<pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="7" height="7" fill="#fff"/>'
    f'<path d="M0 0V7" stroke="{INPUT_EDGE}" stroke-width="2"/></pattern>'
)
# The animation is in an iframe because it can be restarted there; the clock of an <img> keeps running. The frame learns
# the page's theme only from its color-scheme, which JupyterLab and VS Code do not set. Where frames and styles are
# removed, as on GitHub, the still behind the frame appears.
AROUND = (
    "<style>[data-jp-theme-light=true] .motion *, .vscode-light .motion * { color-scheme: light; } "
    "[data-jp-theme-light=false] .motion *, .vscode-dark .motion * { color-scheme: dark; } "
    ".motion iframe { width: 100%; height: calc(100% + 36px); border: 0; display: block; } .motion iframe + img { display: none; }</style>"
)
INSIDE = """<!doctype html><html lang="en"><meta name="color-scheme" content="light dark"><title>Moving picture</title><style>
body { margin: 0; overflow: hidden; background: #fff; color: #22223b; font: 15px/36px system-ui, "DejaVu Sans", sans-serif; }
label { display: block; height: 36px; padding-left: 32px; white-space: nowrap; }
svg { display: block; width: 100%; }
input:not(:checked) ~ svg * { animation: none !important; }
input { position: absolute; left: 8px; top: 10px; width: 16px; height: 16px; margin: 0; }
@media (prefers-color-scheme: dark) { body { background: #1c1d29; color: #ececf4; } }
@media (prefers-reduced-motion: reduce), print { input, label { visibility: hidden; } }
</style><main><input type="checkbox" id="play" checked><label for="play">play (or show the still)</label>"""


@dataclass(frozen=True)
class Animation:
    """A finished animation with its alternative text."""

    svg: str
    alt: str

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> tuple[dict, dict]:
        # Not as image/svg+xml, for which an export to PDF through LaTeX would need Inkscape.
        _, _, width, height = self.svg.partition(' viewBox="')[2].partition('"')[0].split()
        still = f"data:image/svg+xml;base64,{base64.b64encode(self.svg.encode()).decode()}#still"
        shown = (
            f'{AROUND}<div class="motion" style="max-width: 36rem; aspect-ratio: {width} / {height}; min-height: 0; margin-bottom: 36px">'
            f'<iframe title="Moving picture" srcdoc="{html.escape(f"{INSIDE}{self.svg}</main></html>")}"></iframe>'
            f'<img alt="{html.escape(self.alt)}" src="{still}"></div>'
        )
        return {"text/html": shown, "text/plain": self.alt}, {}


@dataclass
class Stage:
    """Collects the parts of an animation in drawing order; a step lasts `seconds`, a cell has sides of `size` pixels.

    `shown` says when a part is visible: `("on", step)` from that step on, `("only", step)` during it, None always.
    """

    seconds: float
    size: int
    parts: list[str] = field(default_factory=list)
    flights: list[str] = field(default_factory=list)
    ways: list[str] = field(default_factory=list)
    width: float = 0
    height: float = 0

    def add(self, part: str, shown: tuple | None = None) -> None:
        self.parts.append(f'<g class="{shown[0]}" style="--t: {_short(shown[1])}">{part}</g>' if shown else part)

    def say(self, x: float, y: float, words: str, look: str = "", shown: tuple | None = None) -> None:
        self.width, self.height = max(self.width, x + 7.6 * len(words)), max(self.height, y)
        self.add(text(x, y, words, look), shown)

    def board(self, left: float, top: float, shape: tuple[int, int]) -> Board:
        """Reserve space for a grid of cells and return it."""
        self.width = max(self.width, left + shape[1] * self.size)
        self.height = max(self.height, top + shape[0] * self.size)
        return Board(self, left, top)

    def move(self, drawn: str, way: list[tuple[int, int]]) -> None:
        """Add a part that stays at one cell in each step and moves to the next one in the step's last fifth."""
        shifts = [f"transform: translate({col * self.size}px, {row * self.size}px);" for row, col in way]
        stops = "".join(
            f"{_short(100 * step / len(way))}%, {_short(100 * (step + 0.8) / len(way))}% {{ {shift} }} "
            for step, shift in enumerate(shifts)
        )
        name = f"way{len(self.ways)}"
        self.ways.append(f"@keyframes {name} {{ {stops}}}")
        style = f"{shifts[-1]} animation-name: {name}; animation-duration: {_short(len(way) * self.seconds)}s"
        self.add(f'<g class="move" style="{style}">{drawn}</g>')

    def animation(self, alt: str) -> Animation:
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" id="still" role="img" viewBox="0 0 {_short(self.width + 12)} {_short(self.height + 12)}">',
            f"<title>{html.escape(alt)}</title>",
            f"<style>{STYLE}svg {{ --s: {_short(self.seconds)}s; }}",
            *self.ways,
            f"{STILL}</style>",
            '<rect class="page" width="100%" height="100%"/>',
            HATCH,
            *self.parts,
            *self.flights,
            "</svg>",
        ]
        return Animation("\n".join(lines) + "\n", alt)


@dataclass(frozen=True)
class Board:
    """A grid of cells on a stage, addressed by row and column."""

    stage: Stage
    left: float
    top: float

    def corner(self, row: float, col: float) -> tuple[float, float]:
        return self.left + col * self.stage.size, self.top + row * self.stage.size

    def cell(
        self,
        row: int,
        col: int,
        look: str,
        value: float | None = None,
        shown: tuple | None = None,
        step: int | None = None,
    ) -> None:
        """Draw a cell with a value and, small in its corner, its step; the look "bare" omits the cell itself."""
        self.stage.add(self._drawn(row, col, look, value, step), shown)

    def outline(self, row: int, col: int, shape: tuple[int, int], look: str) -> str:
        return rect(*self.corner(row, col), shape[1] * self.stage.size, shape[0] * self.stage.size, look)

    def receive(self, row: int, col: int, other: tuple[float, float], look: str, value: float, step: int) -> None:
        """Draw a number that flies into a cell from the position `other`, in front of everything else."""
        x, y = self.corner(row, col)
        style = f"--t: {step}; --x: {_short(other[0] - x)}px; --y: {_short(other[1] - y)}px"
        self.stage.flights.append(f'<g class="fly" style="{style}">{self._drawn(row, col, look, value)}</g>')

    def _drawn(self, row: int, col: int, look: str, value: float | None, step: int | None = None) -> str:
        (x, y), size = self.corner(row, col), self.stage.size
        drawn = "" if look == "bare" else rect(x, y, size, size)
        if value is not None:
            drawn += text(x + size / 2, y + size / 2, number(value), "tight" if len(number(value)) > 3 else "")
        if step is not None:
            drawn += text(x + 3, y + 9, str(step), "small")
        return f'<g class="cell {look}">{drawn}</g>'


def rect(x: float, y: float, width: float, height: float, look: str = "") -> str:
    return f'<rect{_class(look)} x="{_short(x)}" y="{_short(y)}" width="{_short(width)}" height="{_short(height)}"/>'


def text(x: float, y: float, words: str, look: str = "") -> str:
    return f'<text{_class(look)} x="{_short(x)}" y="{_short(y)}">{words}</text>'


def _class(look: str) -> str:
    return f' class="{look}"' if look else ""


def _short(value: float) -> str:
    return f"{round(float(value), 2):g}"
