"""Figures of lesson 3: strides, with which a window takes larger steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.patches import Rectangle

from convlab.pictures.style import (
    FAINT,
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
    SMALL,
    TEXT,
    WIDEST,
    Picture,
    boards,
    grid,
    many,
    new_figure,
    number,
    scales,
    show_image,
    title,
)
from convlab.pictures.windows import correlate, marked, sum_of_products


def coarser(image: np.ndarray, kernel: np.ndarray, strides: Sequence[int]) -> Picture:
    """A picture and its feature maps at several strides, all drawn at the same size."""
    figure, axes = new_figure(IMAGE * (len(strides) + 1), IMAGE + 0.5, columns=len(strides) + 1)
    show_image(axes[0, 0], image)
    title(axes[0, 0], "picture\n{} × {}".format(*image.shape))
    whole, told = correlate(image, kernel), []
    for ax, stride in zip(axes[0, 1:], strides, strict=True):
        output = whole[::stride, ::stride]
        show_image(ax, output, OUTPUT_EDGE, signed=True)
        title(ax, "stride {}\n{} × {}".format(stride, *output.shape))
        told.append("{} by {} at stride {}".format(*output.shape, stride))
    return Picture(figure, "A picture of {} by {} and its edge maps: {}.".format(*image.shape, ", ".join(told)))


def window_starts(n: int, kernel: int, stride: int, padding: str) -> list[int]:
    """Where the windows on a row of pixels begin; under "same", negative where they begin on zeros, as TensorFlow has it."""
    starts = list(range(0, n, stride))
    if padding == "valid":
        return [start for start in starts if start + kernel <= n]
    # Slide all of them to the left until both ends stick out alike, or the last one by a pixel more.
    while starts[-1] + kernel - n > 1 - starts[0]:
        starts = [start - 1 for start in starts]
    return starts


def row(n: int, kernel: int, stride: int, padding: str) -> Picture:
    """A row of numbered pixels with the padding zeros, and a bracket above for each position of the window."""
    starts = window_starts(n, kernel, stride, padding)
    outputs, end = len(starts), starts[-1] + kernel
    before, after = -starts[0], max(end - n, 0)
    seen = {start + step for start in starts for step in range(kernel)}
    levels = min(-(-kernel // stride), outputs)
    total = max(n, end) + before
    cell = min(0.4, (WIDEST - 0.1) / (total + 0.4))
    figure, axes = new_figure(cell * (total + 0.4) + 0.1, 0.85 + 0.2 * levels + cell)
    ax = axes[0, 0]
    for place in range(-before, max(n, end)):
        real = 0 <= place < n
        hatch = "/////" if real and place not in seen else None
        face, edge, line = INPUT if real and not hatch else PAGE, INPUT_EDGE if real else INK, "-" if real else "--"
        box = Rectangle((place, 0), 1, 1, facecolor=face, edgecolor=edge, linestyle=line, linewidth=1.2, hatch=hatch)
        ax.add_patch(box)
        if not real:
            ax.text(place + 0.5, 0.47, "0", ha="center", va="center", fontsize=TEXT, color=INK)
        elif cell > 0.2 or place % 4 == 0:  # numbers of narrow cells would touch
            ax.text(place + 0.5, -0.14, str(place), ha="center", va="top", fontsize=SMALL, color=INPUT_EDGE)
    # Heights are in cells; a bracket's levels are 0.2 inches apart.
    step = 0.2 / cell
    for out, start in enumerate(starts):
        left, right, height = start + 0.12, start + kernel - 0.12, 1 + step * (0.8 + out % levels)
        ax.plot([left, right], [height, height], color=KERNEL_EDGE, linewidth=3, solid_capstyle="butt")
        for side in (left, right):
            ax.plot([side, side], [height - 0.4 * step, height], color=KERNEL_EDGE, linewidth=1.2)
    ax.set(xlim=(-before - 0.2, max(n, end) + 0.2), ylim=(-0.25 / cell, 1 + step * (levels + 0.1)))
    dropped, gaps = max(n - end, 0), len(set(range(min(n, end))) - seen)
    words = [many(outputs, "output")]
    words += [f"{many(before, 'zero')} before, {after} after"] if padding == "same" else []
    words += [f"{many(gaps, 'pixel')} in gaps"] if gaps else []
    words += [f"{dropped} dropped at the end"] if dropped else []
    title(ax, f"{many(n, 'pixel')}, window {kernel}, stride {stride}, {padding}:\n{', '.join(words)}")
    return Picture(
        figure,
        f"A row of {many(n, 'pixel')} with {many(before, 'zero')} before and {after} after it. A window of {kernel} with a stride of {stride} "
        f"stands at {many(outputs, 'place')}, the first one at pixel {starts[0]}, the last one at {starts[-1]}. "
        f"Hatched, because no window sees them: {many(dropped, 'pixel')} at the end, {gaps} in gaps between windows.",
    )


def window(image: np.ndarray, kernel: np.ndarray, strides: tuple[int, int], row: int, col: int) -> Picture:
    """One step of a strided convolution in numbers."""
    places = tuple(slice(None, None, step) for step in strides)
    output = correlate(image, kernel)[places]
    height, width = kernel.shape
    top, left = (np.arange(n)[::step][place] for n, step, place in zip(image.shape, strides, (row, col), strict=True))
    patch, here = marked(image.shape, top, left, kernel.shape), marked(output.shape, row, col)
    total = f"{sum_of_products(image[patch], kernel)} = {number(output[row, col])}"
    below = f"output ({row}, {col}), patch at pixel ({top}, {left}):\n{total}"
    figure, axes = boards(image.shape, kernel.shape, output.shape, below=below)
    grid(axes[0], image, INPUT, INPUT_EDGE, patch)
    grid(axes[1], kernel, KERNEL, KERNEL_EDGE)
    grid(axes[2], output, PALE, OUTPUT_EDGE, here, OUTPUT)
    for ax, name in zip(axes, ("picture", "kernel", "output"), strict=True):
        title(ax, name)
    return Picture(
        figure,
        f"A {image.shape[0]} by {image.shape[1]} picture, a kernel of {height} by {width}, strides {strides}, and the output of {output.shape[0]} by "
        f"{output.shape[1]}. The patch of output ({row}, {col}) begins at row {top}, column {left}; the output is {total}.",
    )


def kept(places: tuple[int, int], strides: tuple[int, int]) -> Picture:
    """The positions `[rows, columns]` of a window as dots: filled where the strides stop, hollow where they skip."""
    rows, cols = np.indices(places)
    stops = (rows % strides[0] == 0) & (cols % strides[1] == 0)
    figure, axes = new_figure(WIDEST, (WIDEST - 0.2) * places[0] / places[1] + 0.4)
    ax = axes[0, 0]
    ax.scatter(cols[~stops], rows[~stops], s=120, facecolor=PAGE, edgecolor=OUTPUT_EDGE, linewidth=1)
    ax.scatter(cols[stops], rows[stops], s=120, facecolor=OUTPUT, edgecolor=OUTPUT_EDGE, linewidth=1)
    ax.set_xlim(-0.8, places[1] - 0.2)
    ax.set_ylim(places[0] - 0.2, -0.8)
    ax.set_aspect("equal")
    title(ax, f"strides {strides}: {stops.sum()} of {stops.size} places are computed")
    return Picture(
        figure,
        f"{places[0]} by {places[1]} dots, one for each place of the window. With strides {strides}, {stops.sum()} of them are full, which are "
        f"computed, and {(~stops).sum()} hollow, which are skipped.",
    )


def two_shirts(image: np.ndarray, moved: np.ndarray, kernel: np.ndarray, stride: int) -> Picture:
    """A pattern and the same pattern shifted, each with its feature map at stride 1 and at a larger stride."""
    figure, axes = new_figure(3 * IMAGE + 0.6, 2 * (IMAGE + 0.5), columns=3, rows=2)
    told = []
    for line, picture, name in zip(axes, (image, moved), ("before", "after the move"), strict=True):
        whole = correlate(picture, kernel)
        coarse = whole[::stride, ::stride]
        show_image(line[0], picture)
        title(line[0], f"picture,\n{name}")
        show_image(line[1], whole, OUTPUT_EDGE, signed=True)
        title(line[1], "map at\nstride 1")
        show_image(line[2], coarse, OUTPUT_EDGE, signed=True)
        values = _values(coarse)
        title(line[2], f"map at stride {stride}:\n{values}")
        told.append(f"{name}, the map at stride 1 holds {_values(whole)} and at stride {stride} {values}")
    return Picture(figure, f"A pattern and the same pattern moved. {told[0].capitalize()}; {told[1]}.")


def _values(array: np.ndarray) -> str:
    found = np.unique(array)
    told = f"{found[0]:+g} everywhere" if found.size == 1 else f"values from {found[0]:+g} to {found[-1]:+g}"
    return told.replace("-", "−")


def field(layers: Sequence[tuple[int, int]]) -> Picture:
    """The receptive field of one top neuron, along one axis; unused pixels are hollow.

    Args:
        layers: `(kernel, stride)` of each layer, from the pixels up.
    """
    levels = [{0}]
    for length, stride in reversed(layers):
        levels.append({out * stride + step for out in levels[-1] for step in range(length)})
    levels.reverse()
    # The spacing of a level's neurons, in pixels, is the product of the strides below it.
    scales = [(1.0, 0.0)]
    for kernel, stride in layers:
        unit, start = scales[-1]
        scales.append((unit * stride, start + unit * (kernel - 1) / 2))
    size, used = max(levels[0]) + 1, len(levels[0])
    figure, axes = new_figure(WIDEST, 0.8 * len(levels) + 0.4)
    ax = axes[0, 0]
    radius = min(0.14, 1.3 / size)  # inches
    for level, seen in enumerate(levels):
        unit, start = scales[level]
        face, edge = (INPUT, INPUT_EDGE) if level == 0 else (OUTPUT, OUTPUT_EDGE)
        for place in range(max(seen) + 1):
            used_here = place in seen
            at = start + unit * place
            look = {"facecolor": face, "edgecolor": edge} if used_here else {"facecolor": PAGE, "edgecolor": FAINT}
            line = "-" if used_here else "--"
            ax.scatter(at, level, s=(144 * radius) ** 2, linewidth=1.5, linestyle=line, zorder=3, **look)
            if level and used_here:
                kernel, stride = layers[level - 1]
                below_unit, below_start = scales[level - 1]
                for step in range(kernel):
                    below = below_start + below_unit * (place * stride + step)
                    ax.plot([below, at], [level - 1, level], color=KERNEL_EDGE, linewidth=1.5, zorder=1)
        name = "pixels" if level == 0 else "window {}\nstride {}".format(*layers[level - 1])
        ax.text(1.02, level, name, va="center", fontsize=TEXT, color=edge, transform=ax.get_yaxis_transform())
    ax.set(xlim=(-0.5, size - 0.5), ylim=(-0.3, len(layers) + 0.3))
    hole = f", {many(size - used, 'hole')} included" if size > used else ""
    title(ax, f"the top neuron's field:\n{many(size, 'pixel')}{hole}")
    told = ", then ".join("a window of {} with stride {}".format(*layer) for layer in layers)
    return Picture(
        figure, f"Layers along one axis: {told}. The field of the top neuron is {many(size, 'pixel')} long{hole}."
    )


def speedup(sizes: Sequence[int], ratios: Sequence[float]) -> Picture:
    """A bar chart of how many times faster one function is than another, by picture size."""
    figure, axes = new_figure(WIDEST, 2.6)
    ax = axes[0, 0]
    scales(ax, ylabel="times faster")
    places = range(len(sizes))
    ax.bar(places, ratios, color=OUTPUT, edgecolor=OUTPUT_EDGE, width=0.6)
    for place, ratio in zip(places, ratios, strict=True):
        ax.text(place, ratio, f"{ratio:.0f} ×", ha="center", va="bottom", fontsize=TEXT, color=INK)
    ax.set_xticks(list(places), [f"{size} × {size}" for size in sizes], fontsize=SMALL)
    ax.set_ylim(0, max(ratios) * 1.2)
    ax.grid(axis="y", color=FAINT, linewidth=0.5)
    told = ", ".join(f"{ratio:.0f} times at {size} by {size}" for size, ratio in zip(sizes, ratios, strict=True))
    return Picture(figure, f"Bars: how many times faster the vectorized convolution is than the loop: {told}.")
