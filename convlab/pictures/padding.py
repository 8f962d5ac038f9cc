"""Figures of lesson 2: what happens at the edges of a picture."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.patches import Rectangle

from convlab.pictures.style import (
    CELL,
    FAINT,
    IMAGE,
    INK,
    INPUT,
    INPUT_EDGE,
    KERNEL,
    KERNEL_EDGE,
    NUMBER,
    OUTPUT,
    OUTPUT_EDGE,
    PAGE,
    PALE,
    ROW,
    TEXT,
    WIDEST,
    Picture,
    boards,
    grid,
    ink_on,
    many,
    new_figure,
    number,
    show_image,
    title,
)
from convlab.pictures.windows import correlate, marked, same_frame


def mean_filter(image: np.ndarray, size: int) -> np.ndarray:
    """The mean of each `size` x `size` window that lies inside the picture."""
    return np.lib.stride_tricks.sliding_window_view(image.astype(float), (size, size)).mean(axis=(2, 3))


def shrinking(image: np.ndarray, kernel_size: int, layers: Sequence[int]) -> Picture:
    """A picture after as many valid mean filters as each number in `layers` says, all drawn to the same scale."""
    figure, axes = new_figure(min(1.4 * len(layers), ROW), 1.7, columns=len(layers))
    current, done, sizes = image, 0, []
    for ax, count in zip(axes[0], layers, strict=True):
        while done < count:
            current, done = mean_filter(current, kernel_size), done + 1
        height, width = current.shape
        sizes.append(f"{height} by {width} after {count}")
        top, left = (image.shape[0] - height) / 2, (image.shape[1] - width) / 2
        extent = (left, left + width, top + height, top)
        ax.imshow(current, cmap="gray", vmin=0, vmax=255, extent=extent, interpolation="none")
        edge = INPUT_EDGE if count == 0 else OUTPUT_EDGE
        ax.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor=edge, linewidth=2))
        ax.set_xlim(-1, image.shape[1] + 1)
        ax.set_ylim(image.shape[0] + 1, -1)
        title(ax, f"{many(count, 'layer')}\n{height} × {width}")
    return Picture(figure, f"A picture that shrinks from layer to layer: {', '.join(sizes)} layers.")


def visits(counts: np.ndarray, name: str) -> Picture:
    """A heat map `[n, n]` of whole numbers, each written into its cell."""
    n = counts.shape[0]
    side = min(CELL + 0.05, WIDEST / n) * n
    figure, axes = new_figure(max(side, 3), side + 0.5)
    ax = axes[0, 0]
    blues = mpl.colormaps["Blues"]
    top = counts.max() * 1.25 or 1
    ax.imshow(counts, cmap=blues, vmin=0, vmax=top, interpolation="none")
    for (row, col), value in np.ndenumerate(counts):
        color = ink_on(blues(value / top))
        ax.text(col, row, number(value), ha="center", va="center", fontsize=NUMBER, color=color)
    title(ax, name.replace(" (", "\n("))
    return Picture(
        figure,
        f"A {n} by {n} heat map, {name}: {counts[0, 0]} at the corner, {counts[0, n // 2]} in the middle of an edge, {counts.max()} at most.",
    )


def valid_visits(n: int, kernel: int) -> Picture:
    """A heat map of the number of valid `kernel` x `kernel` windows that contain each pixel of an `n` x `n` picture."""
    along = np.convolve(np.ones(n - kernel + 1, int), np.ones(kernel, int))
    return visits(np.outer(along, along), f"windows that a pixel is part of ({kernel} × {kernel}, valid)")


def padded(image: np.ndarray, before: tuple[int, int], after: tuple[int, int]) -> Picture:
    """A small picture and the same picture with a frame of zeros."""
    framed = np.pad(image, tuple(zip(before, after, strict=True)))
    inside = marked(framed.shape, *before, image.shape)
    figure, axes = boards(image.shape, framed.shape)
    grid(axes[0], image, INPUT, INPUT_EDGE)
    grid(axes[1], framed, PAGE, FAINT, inside, INPUT)
    title(axes[0], "{} × {}".format(*image.shape))
    title(axes[1], "padded: {} × {}".format(*framed.shape))
    return Picture(
        figure,
        f"A {image.shape[0]} by {image.shape[1]} picture, and the same picture in a frame of zeros, {framed.shape[0]} by {framed.shape[1]}: "
        f"{many(before[0], 'row')} above, {after[0]} below, {many(before[1], 'column')} left, {after[1]} right.",
    )


def row(n: int, kernel: int, padding: str) -> Picture:
    """A row of pixels with the padding zeros, and the window of each output."""
    total = kernel - 1 if padding == "same" else 0
    before = total // 2
    outputs = n + total - kernel + 1
    figure, axes = new_figure(WIDEST, 2.1)
    ax = axes[0, 0]
    places = np.arange(-before, n + total - before)
    centers = np.arange(outputs) - before + (kernel - 1) / 2
    for out, center in enumerate(centers):
        for step in range(kernel):
            first_or_last = out in (0, outputs - 1)
            ax.plot(
                [out - before + step, center], [0, 1], color=KERNEL_EDGE if first_or_last else FAINT,
                linewidth=1.6 if first_or_last else 1, zorder=2 if first_or_last else 1,
            )  # fmt: skip
    real = (places >= 0) & (places < n)
    size = (min(0.28, 2.6 / len(places)) * 72) ** 2
    for found, face, edge, line in ((real, INPUT, INPUT_EDGE, "-"), (~real, PAGE, INK, "--")):
        x = places[found]
        ax.scatter(x, 0 * x, s=size, color=face, edgecolor=edge, linewidth=1.5, linestyle=line, zorder=3)
    for place in places[~real]:
        ax.text(place, 0, "0", ha="center", va="center", fontsize=TEXT, color=INK, zorder=4)
    ax.scatter(centers, np.ones(outputs), s=size, color=OUTPUT, edgecolor=OUTPUT_EDGE, linewidth=1.5, zorder=3)
    for level, text, color in ((0, many(n, "pixel"), INPUT_EDGE), (1, many(outputs, "output"), OUTPUT_EDGE)):
        ax.text(1.02, level, text, va="center", fontsize=TEXT, color=color, transform=ax.get_yaxis_transform())
    ax.set(xlim=(places[0] - 0.5, places[-1] + 0.5), ylim=(-0.25, 1.25))
    after = total - before
    title(ax, f"a window of {kernel}, {padding}: {many(before, 'zero')} before, {after} after")
    return Picture(
        figure,
        f"A row of {many(n, 'pixel')} with {many(before, 'zero')} before and {after} after it. A window of {kernel} slides over it and makes {many(outputs, 'output')}.",
    )


def same_window(image: np.ndarray, kernel: np.ndarray, row: int, col: int) -> Picture:
    """One step of a convolution with "same" padding in numbers."""
    frame = same_frame(kernel)
    framed = np.pad(image, frame)
    output = correlate(framed, kernel)
    patch, here = marked(framed.shape, row, col, kernel.shape), marked(output.shape, row, col)
    figure, axes = boards(framed.shape, kernel.shape, output.shape)
    grid(axes[0], framed, PAGE, FAINT, patch)
    first = frame[1][0], frame[0][0]
    axes[0].add_patch(Rectangle(first, image.shape[1], image.shape[0], fill=False, edgecolor=INPUT_EDGE, linewidth=2.5))
    grid(axes[1], kernel, KERNEL, KERNEL_EDGE)
    grid(axes[2], output, PALE, OUTPUT_EDGE, here, OUTPUT)
    for ax, name in zip(axes, ("picture in its frame", "kernel", "output"), strict=True):
        title(ax, name)
    return Picture(
        figure,
        f"A {image.shape[0]} by {image.shape[1]} picture in a frame of zeros, the window over its place ({row}, {col}), a kernel of "
        f"{kernel.shape[0]} by {kernel.shape[1]}, and the output: {number(output[row, col])} at ({row}, {col}).",
    )


def borders(image: np.ndarray, size: int) -> Picture:
    """A bright picture, and its mean filter with "valid" and with "same" padding."""
    before = (size - 1) // 2
    valid, same = mean_filter(image, size), mean_filter(np.pad(image, (before, size - 1 - before)), size)
    figure, axes = new_figure(3 * (IMAGE + 0.1), IMAGE + 0.6, columns=3)
    for ax, picture, name, edge in (
        (axes[0, 0], image, "picture", INPUT_EDGE),
        (axes[0, 1], valid, "blurred, valid", OUTPUT_EDGE),
        (axes[0, 2], same, "blurred, same", OUTPUT_EDGE),
    ):
        show_image(ax, picture, edge)
        title(ax, f"{name}\n{picture.shape[0]} × {picture.shape[1]}")
    return Picture(
        figure,
        f"A picture with a bright background and its mean over {size} by {size}. With valid padding it is {valid.shape[0]} pixels high and its corner "
        f"is {valid[0, 0]:.0f} bright; with same padding it is {same.shape[0]} high and has a dark border: {same[0, 0]:.0f} at the corner.",
    )


def growing_field(layers: int, kernel: int) -> Picture:
    """The receptive field of one output through a stack of layers, along one axis."""
    figure, axes = new_figure(WIDEST, 0.7 * layers + 0.7)
    ax = axes[0, 0]
    field = 1 + layers * (kernel - 1)
    size, sizes = (min(0.28, 2.6 / field) * 72) ** 2, []
    for level in range(layers + 1):
        seen = 1 + (layers - level) * (kernel - 1)
        sizes.append(seen)
        left = level * (kernel - 1) / 2
        places = np.arange(seen) + left
        face, edge = (INPUT, INPUT_EDGE) if level == 0 else (OUTPUT, OUTPUT_EDGE)
        ax.scatter(places, np.full(seen, level), s=size, color=face, edgecolor=edge, linewidth=1.5, zorder=3)
        if level < layers:
            above = np.arange(seen - kernel + 1) + left + (kernel - 1) / 2
            for out, at in enumerate(above):
                for step in range(kernel):
                    ax.plot([left + out + step, at], [level, level + 1], color=KERNEL_EDGE, linewidth=1.3, zorder=1)
        name = "pixels" if level == 0 else f"layer {level}"
        words, across = f"{name}: {seen}", ax.get_yaxis_transform()
        ax.text(1.02, level, words, va="center", fontsize=TEXT, color=edge, transform=across)
    ax.set(xlim=(-0.5, field - 0.5), ylim=(-0.3, layers + 0.3))
    return Picture(
        figure,
        f"One output of layer {layers} sees {', then '.join(map(str, reversed(sizes[:-1])))} neurons or pixels below it, through windows of {kernel}: "
        f"a receptive field of {field} pixels.",
    )
