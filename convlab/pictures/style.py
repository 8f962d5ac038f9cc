"""The style of all figures: blue is the input, orange the kernel, violet the output.

The three colors also differ in lightness, so that a figure stays readable in grayscale.
"""

from __future__ import annotations

import base64
import html
import io
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

INK = "#22223b"
FAINT = "#b8bcc8"
INPUT, INPUT_EDGE = "#d6e6f4", "#2f6f9f"
KERNEL, KERNEL_EDGE = "#f4a259", "#a65a0a"
OUTPUT, OUTPUT_EDGE = "#6b4e9b", "#3d2a63"
# For output cells other than the one being explained.
PALE = "#e6def2"
DPI = 110


@dataclass(frozen=True)
class Picture:
    """A finished figure with its alternative text."""

    figure: Figure
    alt: str

    @cached_property
    def png(self) -> bytes:
        buffer = io.BytesIO()
        self.figure.savefig(
            buffer, format="png", dpi=DPI, bbox_inches="tight", facecolor="white", metadata={"Software": None}
        )
        return buffer.getvalue()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> tuple[dict, dict]:
        png = base64.b64encode(self.png).decode()
        image = (
            f'<img alt="{html.escape(self.alt, quote=True)}" style="max-width: 100%" src="data:image/png;base64,{png}">'
        )
        return {"text/html": image, "image/png": png, "text/plain": self.alt}, {"image/png": {"alt": self.alt}}


def new_figure(
    width: float, height: float, columns: int = 1, rows: int = 1, **options: Any
) -> tuple[Figure, np.ndarray]:
    """A figure (size in inches) and its axes `[rows, columns]`, made without pyplot, which would keep it alive."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, squeeze=False, **options)
    for ax in axes.flat:
        ax.set_axis_off()
    return figure, axes


def title(ax: Axes, text: str, color: str = INK) -> None:
    ax.set_title(text, fontsize=11, color=color, pad=8)


def show_image(ax: Axes, image: np.ndarray, edge: str = INPUT_EDGE, *, signed: bool = False) -> None:
    """A grayscale picture in a frame whose color shows its role; `signed` maps zero to middle gray."""
    peak = float(np.abs(image).max()) or 1.0
    low = -peak if signed else 0
    ax.imshow(image, cmap="gray", vmin=low, vmax=peak, interpolation="nearest")
    height, width = image.shape
    ax.add_patch(Rectangle((-0.5, -0.5), width, height, fill=False, edgecolor=edge, linewidth=2.5))


def grid(
    ax: Axes,
    values: np.ndarray,
    face: str,
    edge: str,
    marked: np.ndarray | None = None,
    mark: str = KERNEL,
    written: np.ndarray | None = None,
) -> None:
    """Draw a matrix as a grid of cells with its numbers.

    Args:
        marked: a mask of the cells that are filled with the color `mark` instead of `face`.
        written: a mask of the cells whose number is shown; by default all.
    """
    height, width = values.shape
    for (row, col), value in np.ndenumerate(values):
        on = marked is not None and bool(marked[row, col])
        fill = mark if on else face
        ax.add_patch(Rectangle((col, row), 1, 1, facecolor=fill, edgecolor=edge, linewidth=1.2))
        if written is None or written[row, col]:
            ax.text(col + 0.5, row + 0.53, f"{value:g}", ha="center", va="center", fontsize=12, color=_text_on(fill))
    ax.set_xlim(-0.1, width + 0.1)
    ax.set_ylim(height + 0.1, -0.1)
    ax.set_aspect("equal")


def _text_on(color: str) -> str:
    red, green, blue = to_rgb(color)
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.55 else INK
