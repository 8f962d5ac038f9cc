"""Figures of lesson 3: a window that takes larger steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.patches import Rectangle

from convlab.pictures.dense_vs_conv import correlate
from convlab.pictures.style import (
    FAINT,
    INK,
    INPUT,
    INPUT_EDGE,
    KERNEL,
    KERNEL_EDGE,
    OUTPUT,
    OUTPUT_EDGE,
    Picture,
    grid,
    new_figure,
    show_image,
    title,
)


def coarser(image: np.ndarray, kernel: np.ndarray, strides: Sequence[int]) -> Picture:
    """A picture and its maps at several strides, each map drawn as large as the first."""
    figure, axes = new_figure(9, 2.8, columns=len(strides) + 1)
    show_image(axes[0, 0], image)
    title(axes[0, 0], "picture\n{} × {}".format(*image.shape))
    whole, told = correlate(image, kernel), []
    for ax, stride in zip(axes[0, 1:], strides, strict=True):
        output = whole[::stride, ::stride]
        show_image(ax, output, OUTPUT_EDGE, signed=True)
        title(ax, "stride {}\n{} × {}".format(stride, *output.shape))
        told.append("{} by {} at stride {}".format(*output.shape, stride))
    return Picture(figure, "A picture of {} by {} and its edge maps: {}.".format(*image.shape, ", ".join(told)))


def zeros_needed(n: int, kernel: int, stride: int, padding: str) -> tuple[int, int, int]:
    """Outputs, zeros before and zeros after along one axis, by TensorFlow's rule."""
    if padding == "valid":
        return (n - kernel) // stride + 1, 0, 0
    outputs = -(-n // stride)
    zeros = max((outputs - 1) * stride + kernel - n, 0)
    return outputs, zeros // 2, zeros - zeros // 2


def row(n: int, kernel: int, stride: int, padding: str) -> Picture:
    """A row of pixels and zeros, with a bracket above for each place of the window."""
    outputs, before, after = zeros_needed(n, kernel, stride, padding)
    overlap = -(-kernel // stride)
    levels = min(overlap, outputs)
    figure, axes = new_figure(9, 1.3 + 0.32 * levels)
    ax = axes[0, 0]
    end = (outputs - 1) * stride + kernel - before
    small = n > 16
    for place in range(-before, max(n, end)):
        real = 0 <= place < n
        unseen = real and place >= end
        face = "white" if not real or unseen else INPUT
        ax.add_patch(
            Rectangle((place, 0), 1, 1, facecolor=face, edgecolor=INPUT_EDGE if real else INK,
                      linestyle="-" if real else "--", linewidth=1.2, hatch="////" if unseen else None)
        )  # fmt: skip
        if not unseen:
            ax.text(place + 0.5, 0.47, str(place) if real else "0", ha="center", va="center",
                    fontsize=8 if small else 11, color=INK)  # fmt: skip
    for out in range(outputs):
        left, height = out * stride - before, 1.45 + 0.62 * (out % levels)
        ax.plot(
            [left + 0.12, left + kernel - 0.12], [height, height], color=KERNEL_EDGE, linewidth=3, solid_capstyle="butt"
        )
        for side in (left + 0.12, left + kernel - 0.12):
            ax.plot([side, side], [height - 0.22, height], color=KERNEL_EDGE, linewidth=1.2)
    dropped = max(n - end, 0)
    ax.set_xlim(-before - 0.2, max(n, end) + 0.2)
    ax.set_ylim(-0.15, 1.5 + 0.62 * levels)
    words = [f"{n} pixels, window {kernel}, stride {stride}, {padding}: {outputs} outputs"]
    words += [f"{before} zero{'s' * (before != 1)} before, {after} after"] if padding == "same" else []
    words += [f"{dropped} pixel{'s' * (dropped != 1)} dropped (hatched)"] if dropped else []
    title(ax, ", ".join(words))
    return Picture(
        figure,
        f"A row of {n} pixels with {before} zeros before and {after} after it. A window of {kernel} with a stride of {stride} stands at {outputs} places; "
        f"{dropped} pixels at the end are in none of them.",
    )


def window(image: np.ndarray, kernel: np.ndarray, strides: tuple[int, int], row: int, col: int) -> Picture:
    """One step of a strided convolution in numbers."""
    output = correlate(image, kernel)[:: strides[0], :: strides[1]]
    height, width = kernel.shape
    top, left = row * strides[0], col * strides[1]
    patch = np.zeros(image.shape, dtype=bool)
    patch[top : top + height, left : left + width] = True
    here = np.zeros(output.shape, dtype=bool)
    here[row, col] = True
    widths = [image.shape[1] + 1, kernel.shape[1] + 1, output.shape[1] + 1]
    figure, axes = new_figure(8, 3.1, columns=3, width_ratios=widths)
    grid(axes[0, 0], image, INPUT, INPUT_EDGE, patch)
    grid(axes[0, 1], kernel, KERNEL, KERNEL_EDGE)
    grid(axes[0, 2], output, "#e6def2", OUTPUT_EDGE, here, OUTPUT)
    for ax, name in zip(axes[0], ("picture", "kernel", "output"), strict=True):
        title(ax, name)
    figure.supxlabel(f"output ({row}, {col}) sees the patch that begins at ({top}, {left})", fontsize=11, color=INK)
    return Picture(
        figure,
        f"A {image.shape[0]} by {image.shape[1]} picture, a kernel of {height} by {width}, strides {strides}, and the output of {output.shape[0]} by "
        f"{output.shape[1]}. Output ({row}, {col}) is {output[row, col]:g}; its patch begins at row {top}, column {left}.",
    )


def field(layers: Sequence[tuple[int, int]]) -> Picture:
    """What one top neuron sees through layers of `(kernel, stride)`, along one axis."""
    levels = [{0}]
    for kernel, stride in reversed(layers):
        levels.append({out * stride + step for out in levels[-1] for step in range(kernel)})
    levels.reverse()
    # One unit of a level is as many pixels wide as the strides below it together.
    scale, offset, centers = 1.0, 0.0, []
    for level in range(len(levels)):
        centers.append((scale, offset))
        if level < len(layers):
            kernel, stride = layers[level]
            offset, scale = offset + scale * (kernel - 1) / 2, scale * stride
    size = max(levels[0]) - min(levels[0]) + 1
    figure, axes = new_figure(8, 0.95 * len(levels) + 0.4)
    ax = axes[0, 0]
    for level, seen in enumerate(levels):
        unit, start = centers[level]
        for place in seen:
            at = start + unit * place
            face, edge = (INPUT, INPUT_EDGE) if level == 0 else (OUTPUT, OUTPUT_EDGE)
            ax.scatter(at, level, s=320, color=face, edgecolor=edge, linewidth=1.5, zorder=3)
            if level:
                kernel, stride = layers[level - 1]
                below_unit, below_start = centers[level - 1]
                for step in range(kernel):
                    below = below_start + below_unit * (place * stride + step)
                    ax.plot([below, at], [level - 1, level], color=KERNEL, linewidth=1.5, zorder=1)
        name = "pixels" if level == 0 else "layer {}: window {}, stride {}".format(level, *layers[level - 1])
        ax.text(size - 0.2, level, f"{name}", va="center", fontsize=10, color=INPUT_EDGE if level == 0 else OUTPUT_EDGE)
    ax.set_xlim(-0.6, size + 3.6)
    ax.set_ylim(-0.4, len(layers) + 0.4)
    told = ", then ".join("a window of {} with stride {}".format(*layer) for layer in layers)
    return Picture(figure, f"Layers along one axis: {told}. The top neuron depends on {size} pixels.")


def speedup(sizes: Sequence[int], ratios: Sequence[float]) -> Picture:
    """How many times faster one function is than another, by the size of the picture."""
    figure, axes = new_figure(6, 3)
    ax = axes[0, 0]
    ax.set_axis_on()
    places = range(len(sizes))
    ax.bar(places, ratios, color=OUTPUT, edgecolor=OUTPUT_EDGE, width=0.6)
    for place, ratio in zip(places, ratios, strict=True):
        ax.text(place, ratio, f"{ratio:.0f} ×", ha="center", va="bottom", fontsize=11, color=INK)
    ax.set_xticks(list(places), [f"{size} × {size}" for size in sizes])
    ax.set_ylim(0, max(ratios) * 1.2)
    ax.set_ylabel("times faster", color=INK)
    ax.grid(axis="y", color=FAINT, linewidth=0.5)
    ax.set_axisbelow(True)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    told = ", ".join(f"{ratio:.0f} times at {size} by {size}" for size, ratio in zip(sizes, ratios, strict=True))
    return Picture(figure, f"Bars: how many times faster the vectorized convolution is than the loop: {told}.")
