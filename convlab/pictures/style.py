"""The style of all figures: blue is the input, orange the kernel, violet the output, and teal what is picked out.

The colors also differ in lightness, so that a figure stays readable in grayscale. Faces are the same in every theme;
lines, texts and the page follow it (`DARK`).
"""

from __future__ import annotations

import base64
import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convlab.pictures.svg import page, panels

# What lies on the page. These are recolored by their value, so no two may be the same.
PAGE = "#ffffff"
INK = "#22223b"
FAINT = "#8c92a6"
INPUT_EDGE, KERNEL_EDGE, OUTPUT_EDGE, PICKED_EDGE = "#2f6f9f", "#a65a0a", "#3d2a63", "#16695c"
# The page comes first, as `svg` expects.
DARK = {
    PAGE: "#1c1d29",
    INK: "#ececf4",
    FAINT: "#767b92",
    INPUT_EDGE: "#7fb6de",
    KERNEL_EDGE: "#ffbe76",
    OUTPUT_EDGE: "#bda3ea",
    PICKED_EDGE: "#6fd3c0",
}
# Faces, and the ink on them.
INPUT, KERNEL, OUTPUT, PICKED = "#d6e6f4", "#f4a259", "#6b4e9b", "#49b3a1"
# For output cells other than the one being explained.
PALE = "#e6def2"
ON_LIGHT, ON_DARK = "#23233c", "#fefefe"
# The heights of a landscape, from low to high, and an arrow on them.
HEIGHTS = ("#fdfcff", "#f5f1fa", "#eae3f4", "#dfd4ee", "#d3c5e7", "#c7b6e0", "#bba7d9")
ON_HEIGHTS = "#a55a0a"

# Sizes of text in points; 9 points are 12 pixels.
SMALL, TEXT, TITLE, NUMBER = 9, 10, 10.5, 12
# The widest panel, in inches: a page that is 400 pixels wide need not shrink it.
WIDEST = 3.9
# What fits into one row of panels on the site, whose text is 736 pixels wide.
ROW = 7.1
# The sides of a cell with a number, and of a picture, in inches.
CELL, IMAGE = 0.4, 1.7
DPI = 110


@dataclass(frozen=True)
class Picture:
    """A finished figure with its alternative text.

    Attributes:
        parts: which axes and texts make one panel; by default each column of the figure's grid does.
    """

    figure: Figure
    alt: str
    parts: Sequence[Sequence[Artist]] | None = None

    @cached_property
    def png(self) -> bytes:
        """The whole figure on white."""
        buffer = io.BytesIO()
        self.figure.savefig(
            buffer, format="png", dpi=DPI, bbox_inches="tight", facecolor=PAGE, metadata={"Software": None}
        )
        return buffer.getvalue()

    @cached_property
    def svgs(self) -> tuple[list[str], float]:
        """The panels, and how many pixels wide they are beside each other."""
        return panels(self.figure, self.parts or columns(self.figure), DARK)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> tuple[dict, dict]:
        png = base64.b64encode(self.png).decode()
        shown = page(*self.svgs, self.alt, DARK[PAGE])
        return {"text/html": shown, "image/png": png, "text/plain": self.alt}, {"image/png": {"alt": self.alt}}


def columns(figure: Figure) -> list[list[Artist]]:
    """The axes in each column of a figure's grid, then the texts of the figure; all in one if that is narrow enough."""
    found: dict[int, list[Artist]] = {}
    for count, ax in enumerate(figure.axes):
        place = ax.get_subplotspec()
        found.setdefault(place.colspan.start if place else count, []).append(ax)
    texts: list[Artist] = list(figure.texts)
    if figure.get_figwidth() <= WIDEST:
        return [[*(ax for column in found.values() for ax in column), *texts]]
    return [*(found[place] for place in sorted(found)), *([texts] if texts else [])]


def one_by_one(figure: Figure) -> list[list[Artist]]:
    """Each axes of a figure as a part of its own, row by row."""
    return [[ax] for ax in figure.axes]


def new_figure(
    width: float, height: float, columns: int = 1, rows: int = 1, **options: Any
) -> tuple[Figure, np.ndarray]:
    """A figure (size in inches) and its axes `[rows, columns]`, made without pyplot, which would keep it alive."""
    with mpl.rc_context({"axes.edgecolor": INK, "xtick.color": INK, "ytick.color": INK, "text.color": INK, "axes.labelcolor": INK, "axes.facecolor": "none"}):  # fmt: skip
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(rows, columns, squeeze=False, **options)
    for ax in axes.flat:
        ax.set_axis_off()
    return figure, axes


def boards(*shapes: tuple[int, ...], below: str = "") -> tuple[Figure, list[Axes]]:
    """A figure with axes beside each other for a grid of each shape, all with cells of one size and titles on one line.

    Args:
        below: a text below the boards, whose lines may be broken.
    """
    lines = [part for line in below.splitlines() for part in textwrap.wrap(line, 52)]
    gap, head, foot = 0.3, 0.45, 0.22 * len(lines)
    high, wide = max(rows for rows, _ in shapes), sum(cols for _, cols in shapes)
    width, height = CELL * wide + gap * (len(shapes) + 1), CELL * high + head + foot + 0.1
    figure, left, axes = Figure(figsize=(width, height)), gap, []
    FigureCanvasAgg(figure)
    for rows, cols in shapes:
        box = (left / width, (height - head - CELL * rows) / height, CELL * cols / width, CELL * rows / height)
        axes.append(figure.add_axes(box, xlim=(0, cols), ylim=(rows, 0), autoscale_on=False))
        axes[-1].set_axis_off()
        left += CELL * cols + gap
    if lines:
        figure.text(gap / width, 0, "\n".join(lines), fontsize=TEXT, color=INK, va="bottom")
    return figure, axes


def scales(ax: Axes, **names: str) -> None:
    """Show the axes' scales, with names such as `xlabel`, and leave out the frame's upper and right side."""
    ax.set_axis_on()
    ax.set(**names)
    ax.tick_params(labelsize=SMALL)
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_axisbelow(True)
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set(fontsize=TEXT, color=INK)


def legend(ax: Axes, loc: Literal["lower right", "upper left", "upper right"]) -> None:
    """The names of what is drawn, on a piece of the page, so that no line of a grid crosses them."""
    ax.legend(loc=loc, fontsize=SMALL, labelcolor=INK, facecolor=PAGE, edgecolor="none", framealpha=1, borderpad=0.2)


def title(ax: Axes, text: str, color: str = INK) -> None:
    ax.set_title(text, fontsize=TITLE, color=color, pad=6)


def number(value: float) -> str:
    """A number as it is written in figures, with a true minus."""
    return f"{value + 0:g}".replace("-", "−")  # + 0: no −0


def many(count: int, noun: str) -> str:
    """Such as "1 zero" or "2 zeros"."""
    return f"{count} {noun}{'s' * (count != 1)}"


def show_image(ax: Axes, image: np.ndarray, edge: str = INPUT_EDGE, *, signed: bool = False) -> None:
    """A grayscale picture in a frame whose color shows its role; `signed` maps zero to middle gray."""
    peak = float(np.abs(image).max()) or 1.0
    low = -peak if signed else 0
    # "none" keeps the pixels as they are in an SVG.
    ax.imshow(image, cmap="gray", vmin=low, vmax=peak, interpolation="none")
    frame(ax, image.shape, edge)


def frame(ax: Axes, shape: tuple[int, ...], edge: str) -> None:
    """A frame around a picture of this shape."""
    ax.add_patch(Rectangle((-0.5, -0.5), shape[1], shape[0], fill=False, edgecolor=edge, linewidth=2.5, clip_on=False))


def grid(
    ax: Axes,
    values: np.ndarray,
    face: str,
    edge: str,
    marked: np.ndarray | None = None,
    mark: str = KERNEL,
    written: np.ndarray | None = None,
) -> None:
    """Draw a matrix as a grid of cells with its numbers, or with texts if it holds these.

    Args:
        marked: a mask of the cells that are filled with the color `mark` instead of `face`.
        written: a mask of the cells whose number is shown; by default all.
    """
    height, width = values.shape
    for (row, col), value in np.ndenumerate(values):
        on = marked is not None and bool(marked[row, col])
        fill = mark if on else face
        ax.add_patch(Rectangle((col, row), 1, 1, facecolor=fill, edgecolor=edge, linewidth=1.2, clip_on=False))
        if written is None or written[row, col]:
            text = value if isinstance(value, str) else number(value)
            size = NUMBER if len(text) < 3 else TEXT
            ax.text(col + 0.5, row + 0.53, text, ha="center", va="center", fontsize=size, color=ink_on(fill))
    if ax.get_autoscale_on():  # else the axes have their limits from `boards`
        ax.set(xlim=(-0.1, width + 0.1), ylim=(height + 0.1, -0.1), aspect="equal")


def ink_on(face: Any) -> str:
    """The color of text on a face."""
    red, green, blue = to_rgb(face)
    if to_hex(face) == PAGE:
        return INK
    return ON_DARK if 0.299 * red + 0.587 * green + 0.114 * blue < 0.5 else ON_LIGHT
