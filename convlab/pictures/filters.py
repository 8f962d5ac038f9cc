"""Figures of lesson 4: filters and their feature maps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Polygon

from convlab.pictures.style import (
    INK,
    INPUT,
    INPUT_EDGE,
    KERNEL,
    KERNEL_EDGE,
    OUTPUT_EDGE,
    PALE,
    Picture,
    new_figure,
    show_image,
    title,
)
from convlab.pictures.windows import same_map


def detectors(
    image: np.ndarray, filters: Sequence[np.ndarray], names: Sequence[str], *, signed: bool = False
) -> Picture:
    """A picture, and each filter beside its feature map; `signed` draws zero as middle gray."""
    figure, axes = new_figure(9, 2.4, columns=1 + 2 * len(filters), width_ratios=[1.0, *[0.55, 1.0] * len(filters)])
    show_image(axes[0, 0], image)
    title(axes[0, 0], "picture")
    told = []
    for place, (weights, name) in enumerate(zip(filters, names, strict=True)):
        output = same_map(image, weights)
        show_image(axes[0, 1 + 2 * place], weights, KERNEL_EDGE, signed=signed)
        title(axes[0, 1 + 2 * place], "filter")
        show_image(axes[0, 2 + 2 * place], output, OUTPUT_EDGE, signed=signed)
        title(axes[0, 2 + 2 * place], name)
        row, col = np.unravel_index(output.argmax(), output.shape)
        told.append(f"{name}, strongest at row {row}, column {col}")
    return Picture(
        figure, f"A picture, and {len(filters)} filters with the maps of where it looks like them: {'; '.join(told)}."
    )


def maps(image: np.ndarray, stack: np.ndarray, names: Sequence[str]) -> Picture:
    """A picture and its stacked feature maps `[h, w, filters]`."""
    figure, axes = new_figure(9, 2.3, columns=1 + stack.shape[2])
    show_image(axes[0, 0], image)
    title(axes[0, 0], "picture")
    for k, name in enumerate(names):
        show_image(axes[0, 1 + k], stack[:, :, k], OUTPUT_EDGE)
        title(axes[0, 1 + k], name)
    return Picture(figure, f"A picture and {stack.shape[2]} feature maps of it, behind a ReLU: {', '.join(names)}.")


def stack(height: int, width: int, channels: int, kernel: int, filters: int) -> Picture:
    """An input with channels, filters that extend through all channels, and the stack of their feature maps."""
    figure, axes = new_figure(9, 3.4)
    ax = axes[0, 0]
    _block(ax, 0, 0, width, height, channels, INPUT, INPUT_EDGE)
    _label(ax, width / 2, height, f"input\n{height} × {width} × {channels}")
    at = width + 3.2
    for k in range(filters):
        _block(ax, at, k * (kernel * 0.5 + 1.4) - 1.6, kernel * 0.5, kernel * 0.5, channels, KERNEL, KERNEL_EDGE)
    _label(
        ax,
        at + kernel * 0.25,
        filters * (kernel * 0.5 + 1.4) - 2.6,
        f"{filters} filters\n{kernel} × {kernel} × {channels} each",
    )
    out_h, out_w = height - kernel + 1, width - kernel + 1
    right = at + kernel * 0.5 + 4
    _block(ax, right, 0.8, out_w, out_h, filters, PALE, OUTPUT_EDGE)
    _label(ax, right + out_w / 2, out_h + 0.8, f"feature maps\n{out_h} × {out_w} × {filters}")
    for start, end in ((width + 1.2, at - 0.5), (at + kernel * 0.5 + 1.3, right - 0.5)):
        ax.add_patch(FancyArrowPatch((start, 2.2), (end, 2.2), arrowstyle="-|>", mutation_scale=16, color=INK))
    ax.set_xlim(-0.5, right + out_w + 3)
    ax.set_ylim(max(height, filters * (kernel * 0.5 + 1.4) - 2.0) + 2.6, -3.2)
    ax.set_aspect("equal")
    return Picture(
        figure,
        f"An input of {height} by {width} with {channels} channels, {filters} filters that are each {kernel} by {kernel} by {channels} weights, and the "
        f"{filters} feature maps of {out_h} by {out_w} that they make.",
    )


def _block(ax: Axes, left: float, top: float, width: float, height: float, sheets: int, face: str, edge: str) -> None:
    """A box seen from the front, with one sheet for each channel."""
    for sheet in reversed(range(sheets)):
        shift = 0.28 * sheet
        corners = [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
        ax.add_patch(
            Polygon([(x + shift, y - shift) for x, y in corners], facecolor=face, edgecolor=edge, linewidth=1.3)
        )


def _label(ax: Axes, x: float, y: float, text: str) -> None:
    ax.text(x, y + 0.4, text, ha="center", va="top", fontsize=10.5, color=INK)
