"""Figures of lesson 4: filters and their feature maps."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Polygon, Rectangle

from convlab.pictures.style import (
    IMAGE,
    INK,
    INPUT,
    INPUT_EDGE,
    KERNEL,
    KERNEL_EDGE,
    OUTPUT,
    OUTPUT_EDGE,
    PAGE,
    PALE,
    ROW,
    TEXT,
    Picture,
    grid,
    new_figure,
    number,
    show_image,
    title,
)
from convlab.pictures.windows import marked, same_map

# The side of a cell where four boards stand beside each other on a narrow page, in inches.
SIDE = 0.36


def detectors(
    image: np.ndarray, filters: Sequence[np.ndarray], names: Sequence[str], *, signed: bool = False
) -> Picture:
    """A picture, and each filter beside its feature map; `signed` draws zero as middle gray."""
    figure, axes = new_figure(
        IMAGE * (1 + 1.6 * len(filters)),
        IMAGE + 0.3,
        columns=1 + 2 * len(filters),
        width_ratios=[1.0, *[0.6, 1.0] * len(filters)],
    )
    show_image(axes[0, 0], image)
    title(axes[0, 0], "picture")
    told = []
    for place, (weights, name) in enumerate(zip(filters, names, strict=True)):
        output = same_map(image, weights)
        show_image(axes[0, 1 + 2 * place], weights, KERNEL_EDGE, signed=signed)
        title(axes[0, 1 + 2 * place], "filter")
        show_image(axes[0, 2 + 2 * place], output, OUTPUT_EDGE, signed=signed)
        title(axes[0, 2 + 2 * place], name)
        row, col = np.argwhere(output == output.max())[0]
        told.append(f"{name}, strongest at row {row}, column {col}")
    # A filter stays with its map.
    parts = [[axes[0, 0]], *(list(axes[0, place : place + 2]) for place in range(1, 1 + 2 * len(filters), 2))]
    return Picture(
        figure,
        f"A picture, and {len(filters)} filters with the maps of where it looks like them: {'; '.join(told)}.",
        parts,
    )


def maps(image: np.ndarray, stack: np.ndarray, names: Sequence[str]) -> Picture:
    """A picture and its stacked feature maps `[h, w, filters]`."""
    count = 1 + stack.shape[2]
    side = min(IMAGE, ROW / count)
    figure, axes = new_figure(side * count, side + 0.3, columns=count)
    show_image(axes[0, 0], image)
    title(axes[0, 0], "picture")
    for k, name in enumerate(names):
        show_image(axes[0, 1 + k], stack[:, :, k], OUTPUT_EDGE)
        title(axes[0, 1 + k], name)
    return Picture(figure, f"A picture and {stack.shape[2]} feature maps of it, after a ReLU: {', '.join(names)}.")


def kernels(weights: np.ndarray) -> Picture:
    """The kernels of a layer `[height, width, filters]` side by side in rows of eight; gray is zero in all of them."""
    height, width, count = weights.shape
    across = 8
    # Masked pixels, which are not drawn, keep the kernels apart: the color of kernels behind them shows.
    apart = np.pad(np.moveaxis(weights, 2, 0), ((0, -count % across), (0, 1), (0, 1)), constant_values=np.nan)
    sheet = apart.reshape(-1, across, height + 1, width + 1).swapaxes(1, 2).reshape(-1, across * (width + 1))
    figure, axes = new_figure(3.6, 3.6 * sheet.shape[0] / sheet.shape[1] + 0.3)
    shown = np.ma.masked_invalid(sheet[:-1, :-1])
    axes[0, 0].add_patch(Rectangle((-0.5, -0.5), *shown.shape[::-1], facecolor=KERNEL, zorder=-1))
    show_image(axes[0, 0], shown, KERNEL_EDGE, signed=True)
    title(axes[0, 0], f"{count} kernels of {height} × {width}")
    return Picture(
        figure,
        f"{count} kernels of {height} by {width} weights from {number(round(weights.min(), 2))} to {number(round(weights.max(), 2))}, dark where negative "
        "and bright where positive.",
    )


def stack(height: int, width: int, channels: int, kernel: int, filters: int) -> Picture:
    """An input with channels, filters that extend through all channels, and the stack of their feature maps."""
    out_h, out_w, side = height - kernel + 1, width - kernel + 1, kernel * 0.5
    away, high = 0.28 * (channels - 1), filters * (side + 1.2) - 1.2
    widths = [width + away + 1, side + away + 3.6, out_w + 0.28 * (filters - 1) + 3.6]
    figure, axes = new_figure(0.27 * sum(widths), 0.27 * (high + 3), columns=3, width_ratios=widths)
    for ax, wide, left in zip(axes[0], widths, (0.5, 3.0, 3.0), strict=True):
        ax.set(xlim=(-left, wide - left), ylim=(high + 2.2, -1.1), aspect="equal", anchor="N")
    middle = high / 2
    _block(axes[0, 0], 0, middle - height / 2, width, height, channels, INPUT, INPUT_EDGE)
    _label(axes[0, 0], width / 2, high, f"input\n{height} × {width} × {channels}")
    for k in range(filters):
        _block(axes[0, 1], 0, k * (side + 1.2), side, side, channels, KERNEL, KERNEL_EDGE)
    _label(axes[0, 1], side / 2, high, f"{filters} filters\n{kernel} × {kernel} × {channels} each")
    _block(axes[0, 2], 0, middle - out_h / 2, out_w, out_h, filters, PALE, OUTPUT_EDGE)
    _label(axes[0, 2], out_w / 2, high, f"feature maps\n{out_h} × {out_w} × {filters}")
    for ax in axes[0, 1:]:
        ax.add_patch(FancyArrowPatch((-2.6, middle), (-0.6, middle), arrowstyle="-|>", mutation_scale=16, color=INK))
    return Picture(
        figure,
        f"An input of {height} by {width} with {channels} channels, {filters} filters that are each {kernel} by {kernel} by {channels} weights, and the "
        f"{filters} feature maps of {out_h} by {out_w} that they make.",
    )


def channel_sums(
    names: Sequence[str],
    channels: np.ndarray,
    slices: np.ndarray,
    bias: float,
    maps: np.ndarray,
    place: tuple[int, int, int],
) -> Picture:
    """One output of a filter on several channels: the products and the sum of each channel, and the maps of all filters.

    Args:
        channels: the input, `[channel, height, width]`, each channel with its name.
        slices: the filter's weights, at least one slice for each channel, `[channel, kernel_height, kernel_width]`.
        maps: `[filter, height, width]`.
        place: the filter whose output is explained, and the row and column of this output.
    """
    chosen, row, col = place
    (high, wide), size = channels.shape[1:], slices.shape[1:]
    # In cells: where the boards of a channel begin, where the maps do, and how high a channel is with its titles.
    input_at, slice_at, product_at, sum_at = np.cumsum([0, wide, size[1], size[1]]) + 0.4 * np.arange(4)
    maps_at, line = sum_at + 2, high + 1.2
    width, height = maps_at + len(maps) * (maps.shape[2] + 0.6), line * len(names)
    figure = Figure(figsize=(SIDE * width, SIDE * height))
    FigureCanvasAgg(figure)

    def board(left: float, top: float, values: np.ndarray, name: str, *look: Any) -> Axes:
        """A grid with its title, so many cells from the left and from the top."""
        rows, cols = values.shape
        box = (left / width, 1 - (top + rows) / height, cols / width, rows / height)
        ax = figure.add_axes(box, xlim=(0, cols), ylim=(rows, 0), autoscale_on=False)
        ax.set_axis_off()
        grid(ax, values, *look)
        title(ax, name)
        return ax

    parts: list[list[Artist]] = [[], []]
    terms = []
    for count, (name, channel, weights) in enumerate(zip(names, channels, slices, strict=False)):
        top, patch = line * count + 1, marked(channel.shape, row, col, size)
        products = channel[patch].reshape(size) * weights
        middle = top + (high - size[0]) / 2
        terms.append(f"{name} {number(products.sum())}")
        parts[0] += [
            board(input_at, top, channel, name, INPUT, INPUT_EDGE, patch),
            board(slice_at, middle, weights, "slice", KERNEL, KERNEL_EDGE),
            board(product_at, middle, products, "products", PAGE, KERNEL_EDGE),
            board(sum_at, top + (high - 1) / 2, products.sum(keepdims=True), "sum", PALE, OUTPUT_EDGE),
        ]
    told = f"{' + '.join(terms)} + bias {number(bias)} = {number(maps[place])}"
    for count, values in enumerate(maps):
        here = marked(values.shape, row, col) & (count == chosen)
        left = maps_at + count * (values.shape[1] + 0.6)
        parts[1].append(board(left, 1, values, f"map {count}", PALE, OUTPUT_EDGE, here, OUTPUT))
    lines = [f"map {chosen}, row {row}, column {col}:", *textwrap.wrap(told, 34)]
    below = 1 - (maps.shape[1] + 1.6) / height
    parts[1].append(figure.text(maps_at / width, below, "\n".join(lines), fontsize=TEXT, color=INK, va="top"))
    return Picture(
        figure,
        f"An input of {len(names)} channels, and filter {chosen} with a slice of {size[0]} by {size[1]} weights for each. At row {row}, column {col} the channels "
        f"are added up to one number: {told}. {len(maps)} filters make {len(maps)} maps.",
        parts,
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
    ax.text(x, y + 0.4, text, ha="center", va="top", fontsize=TEXT, color=INK)
