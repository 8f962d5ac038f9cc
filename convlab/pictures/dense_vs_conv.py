"""Figures of lesson 1: the output of a dense layer and of a convolution for the same picture."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
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
    ROW,
    SMALL,
    TEXT,
    WIDEST,
    Picture,
    ink_on,
    new_figure,
    number,
    show_image,
    title,
)
from convlab.pictures.windows import correlate, window  # noqa: F401, the lesson shows `window`

# A line's style for matplotlib: its name, or where it begins and how long it is on and off.
_Dashes = str | tuple[float, tuple[float, ...]]


def before_and_after(image: np.ndarray, shifted: np.ndarray) -> Picture:
    """A picture, the same picture shifted, and a map of the pixels that differ."""
    figure, axes = new_figure(3 * (IMAGE + 0.1), IMAGE + 0.6, columns=3)
    changed = image != shifted
    for ax, picture, name in zip(axes[0, :2], (image, shifted), ("before", "after"), strict=True):
        show_image(ax, picture)
        title(ax, name)
    show_image(axes[0, 2], changed.astype(float), edge=INK)
    title(axes[0, 2], f"white: changed\n({changed.sum()} of {changed.size} pixels)")
    return Picture(
        figure,
        f"A small gray picture before and after it was moved, and a map of the pixels whose value changed: {changed.sum()} of {changed.size}.",
    )


def connections(inputs: int, kernel_size: int) -> Picture:
    """Connections from inputs to outputs in a row: fully connected, and a sliding window with shared weights."""
    outputs = inputs - kernel_size + 1
    figure, axes = new_figure(ROW, 2.4, columns=2)
    styles: list[_Dashes] = ["solid", (0, (5, 2)), (0, (1, 1.5))]
    dense, conv = axes[0]
    for out in range(outputs):
        for source in range(inputs):
            _line(dense, source, out, inputs, outputs, FAINT, "solid")
        for step in range(kernel_size):
            _line(conv, out + step, out, inputs, outputs, KERNEL_EDGE, styles[step % len(styles)])
    for ax in (dense, conv):
        _neurons(ax, inputs, outputs)
    title(dense, f"dense: {inputs} × {outputs} connections,\n{inputs * outputs} different weights")
    title(conv, f"convolution: {outputs * kernel_size} connections,\nonly {kernel_size} different weights")
    return Picture(
        figure,
        f"Left: each of {outputs} output neurons is joined to all {inputs} inputs, {inputs * outputs} different weights. "
        f"Right: each output is joined to {kernel_size} neighboring inputs only, and all outputs share the same {kernel_size} weights, "
        "drawn as solid, dashed and dotted lines.",
    )


def _line(ax: Axes, source: int, out: int, inputs: int, outputs: int, color: str, style: _Dashes) -> None:
    ax.plot([source, out + (inputs - outputs) / 2], [0, 1], color=color, linestyle=style, linewidth=1.4, zorder=1)


def _neurons(ax: Axes, inputs: int, outputs: int) -> None:
    ax.scatter(range(inputs), [0] * inputs, s=190, color=INPUT, edgecolor=INPUT_EDGE, linewidth=1.5, zorder=2)
    places = [out + (inputs - outputs) / 2 for out in range(outputs)]
    ax.scatter(places, [1] * outputs, s=190, color=OUTPUT, edgecolor=OUTPUT_EDGE, linewidth=1.5, zorder=2)
    ax.text((inputs - 1) / 2, -0.2, "inputs", ha="center", va="top", color=INPUT_EDGE, fontsize=TEXT)
    ax.text((inputs - 1) / 2, 1.2, "outputs", ha="center", va="bottom", color=OUTPUT_EDGE, fontsize=TEXT)
    # Space on both sides, so that two networks side by side do not look like one.
    ax.set(xlim=(-0.8, inputs - 0.2), ylim=(-0.45, 1.45))


def seen_twice(image: np.ndarray, shifted: np.ndarray, weights: np.ndarray, kernel: np.ndarray) -> Picture:
    """The response of a dense neuron and of a convolution to a picture and to the same picture shifted."""
    first, second = float((weights * image).sum()), float((weights * shifted).sum())
    figure, axes = new_figure(4 * (IMAGE + 0.1), 2 * (IMAGE + 0.55), columns=4, rows=2)
    for row, (picture, name) in enumerate(((image, "before"), (shifted, "after"))):
        show_image(axes[row, 0], picture)
        title(axes[row, 0], f"input, {name}")
        show_image(axes[row, 1], weights * picture, edge=INK, signed=True)
        title(axes[row, 1], f"dense: pixel × weight\nsum = {_rounded(first if row == 0 else second)}")
        show_image(axes[row, 2], correlate(picture, kernel), edge=OUTPUT_EDGE, signed=True)
        title(axes[row, 2], "convolution:\nfeature map")
    show_image(axes[0, 3], weights, edge=KERNEL_EDGE, signed=True)
    title(axes[0, 3], f"dense: {weights.size} weights\nfor one neuron")
    show_image(axes[1, 3], kernel, edge=KERNEL_EDGE, signed=True)
    title(axes[1, 3], f"convolution: {kernel.size} weights\nfor the whole map")
    return Picture(
        figure,
        f"A picture before and after it was moved. A dense neuron with {weights.size} weights gives {_rounded(first)} before and {_rounded(second)} after. "
        f"A convolution with {kernel.size} weights gives a feature map that has moved along with the picture and is otherwise the same.",
    )


def _rounded(value: float) -> str:
    return f"{value:.1f}".replace("-", "−")


def weight_matrix(matrix: np.ndarray, kernel: np.ndarray) -> Picture:
    """A convolution as a weight matrix `[outputs, inputs]`: its nonzero entries are written, zeros are left empty."""
    rows, cols = matrix.shape
    cell = min(0.35, (WIDEST - 0.4) / cols)
    figure, axes = new_figure(max(cell * cols + 0.4, 3), cell * rows + 0.8)
    ax = axes[0, 0]
    for (row, col), value in np.ndenumerate(matrix):
        face = KERNEL if value != 0 else PAGE
        ax.add_patch(Rectangle((col, row), 1, 1, facecolor=face, edgecolor=FAINT, linewidth=0.8))
        if value != 0:
            written = number(value)
            ax.text(col + 0.5, row + 0.53, written, ha="center", va="center", fontsize=SMALL, color=ink_on(face))
    ax.set(xlim=(-0.1, cols + 0.1), ylim=(rows + 0.1, -0.1), aspect="equal")
    ax.text(cols / 2, rows + 0.3, f"{cols} inputs", ha="center", va="top", fontsize=TEXT, color=INPUT_EDGE)
    outputs = f"{rows} outputs"
    ax.text(-0.3, rows / 2, outputs, ha="right", va="center", rotation=90, fontsize=TEXT, color=OUTPUT_EDGE)
    zero, different = int((matrix == 0).sum()), len(np.unique(kernel))
    title(
        ax, f"{zero} of {matrix.size} weights are zero, the rest are\nthe {kernel.size} of the kernel again and again"
    )
    return Picture(
        figure,
        f"A matrix of {rows} rows and {cols} columns. {zero} of its {matrix.size} entries are zero; each row holds the {kernel.size} kernel weights "
        f"({different} different values), in each row a little further to the right.",
    )
