"""Figures of lesson 7: a whole network, from its plan to its misclassified pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from IPython.display import DisplayHandle
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

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
    new_figure,
    show_image,
    title,
)
from convlab.quiet import keras

FACES = {"conv": KERNEL, "pool": OUTPUT, "flatten": FAINT, "dense": INPUT, "dropout": "white"}
EDGES = {"conv": KERNEL_EDGE, "pool": OUTPUT_EDGE, "flatten": INK, "dense": INPUT_EDGE, "dropout": INK}


def gallery(images: np.ndarray, captions: Sequence[str], columns: int = 5) -> Picture:
    """Pictures `[n, h, w]` in rows, each with a caption below."""
    rows = -(-len(images) // columns)
    figure, axes = new_figure(
        9, (2.1 + 0.15 * max(caption.count("\n") for caption in captions)) * rows, columns=columns, rows=rows
    )
    for ax, image, caption in zip(axes.flat, images, captions, strict=False):
        show_image(ax, image)
        ax.set_axis_on()
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
        ax.set_xlabel(caption, fontsize=9.5, color=INK, labelpad=6)
    told = "; ".join(caption.replace("\n", " ") for caption in captions)
    return Picture(figure, f"{len(images)} small gray pictures of clothes with captions: {told}.")


def shapes(plan: Sequence[dict], input_shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The output shape of each layer of a plan: "same" convolutions, and pooling that drops incomplete windows."""
    shape, found = tuple(input_shape), []
    for layer in plan:
        match layer["type"]:
            case "conv":
                shape = (*shape[:2], layer["filters"])
            case "pool":
                shape = (shape[0] // layer["size"], shape[1] // layer["size"], shape[2])
            case "flatten":
                shape = (int(np.prod(shape)),)
            case "dense":
                shape = (layer["units"],)
        found.append(shape)
    return found


def architecture(plan: Sequence[dict], input_shape: tuple[int, ...]) -> Picture:
    """The layers of a plan as blocks, as high as the map and wider for more channels; dense layers as bars."""
    figure, axes = new_figure(9, 3.6)
    ax, at = axes[0, 0], 0.0
    steps = [({"type": "input"}, tuple(input_shape)), *zip(plan, shapes(plan, input_shape), strict=True)]
    for layer, shape in steps:
        kind = layer["type"]
        if kind == "dropout":
            continue
        height = shape[0] if len(shape) == 3 else 3 + 9 * np.log10(shape[0]) / 3
        width = 1.2 + (shape[2] / 60 if len(shape) == 3 else 0.4)
        face, edge = FACES.get(kind, INPUT), EDGES.get(kind, INPUT_EDGE)
        ax.add_patch(Rectangle((at, -height / 2), width, height, facecolor=face, edgecolor=edge, linewidth=1.2))
        name = f"conv\n{layer['kernel']}×{layer['kernel']}" if kind == "conv" else kind
        size = "{}×{}\n×{}".format(*shape) if len(shape) == 3 else str(shape[0])
        ax.text(at + width / 2, height / 2 + 0.9, name, ha="center", va="bottom", fontsize=10, color=INK)
        ax.text(at + width / 2, -height / 2 - 0.9, size, ha="center", va="top", fontsize=9, color=INK)
        at += width + 2.4
    ax.set_xlim(-1.5, at - 0.6)
    ax.set_ylim(-20, 20)
    told = ", ".join(
        f"{layer['type']} to {' by '.join(map(str, shape))}" for layer, shape in steps[1:] if layer["type"] != "dropout"
    )
    return Picture(figure, f"A network as a row of blocks. Input {' by '.join(map(str, input_shape))}, then {told}.")


def parameter_bars(plan: Sequence[dict], counts: Sequence[int]) -> Picture:
    """A bar chart of the number of parameters of each layer of a plan."""
    rows = [(layer, count) for layer, count in zip(plan, counts, strict=True) if count]
    figure, axes = new_figure(7.5, 0.42 * len(rows) + 0.9)
    ax = axes[0, 0]
    most = max(count for _, count in rows)
    names = []
    for place, (layer, count) in enumerate(rows):
        kind = layer["type"]
        name = f"conv, {layer['filters']} filters" if kind == "conv" else f"dense, {layer['units']} units"
        names.append(name)
        ax.barh(place, count, height=0.7, color=FACES[kind], edgecolor=EDGES[kind])
        ax.text(count + most * 0.015, place, f"{count:,}", va="center", fontsize=10, color=INK)
        ax.text(-most * 0.015, place, name, ha="right", va="center", fontsize=10, color=INK)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(0, most * 1.18)
    title(ax, f"{sum(counts):,} parameters in all")
    told = ", ".join(f"{name} {count:,}" for name, (_, count) in zip(names, rows, strict=True))
    return Picture(figure, f"Bars of the number of parameters of each layer, {sum(counts):,} in all: {told}.")


def softmax_bars(logits: np.ndarray) -> Picture:
    """Bar charts of logits and of their softmax."""
    powers = np.exp(logits - logits.max())
    figure, axes = new_figure(7.5, 2.6, columns=2)
    for ax, values, name, face, edge in (
        (axes[0, 0], logits, "logits", KERNEL, KERNEL_EDGE),
        (axes[0, 1], powers / powers.sum(), "probabilities: sum 1", OUTPUT, OUTPUT_EDGE),
    ):
        ax.bar(range(len(values)), values, color=face, edgecolor=edge, width=0.7)
        reach = np.abs(values).max()
        for place, value in enumerate(values):
            above = value >= 0
            ax.text(
                place, value + (0.05 if above else -0.05) * reach, f"{value:.3g}", ha="center",
                va="bottom" if above else "top", fontsize=10, color=INK,
            )  # fmt: skip
        ax.axhline(0, color=INK, linewidth=0.8)
        ax.set_ylim(min(values.min(), 0) - 0.25 * reach, reach * 1.25)
        title(ax, name)
    told = ", ".join(f"{value:.3g} becomes {p:.3g}" for value, p in zip(logits, powers / powers.sum(), strict=True))
    return Picture(figure, f"Two bar charts, logits and the probabilities that softmax makes of them: {told}.")


def feature_maps(image: np.ndarray, blocks: Sequence[np.ndarray], each: int = 8) -> Picture:
    """A picture and the strongest maps of each block `[h, w, channels]`, one row for each block."""
    figure, axes = new_figure(9, 1.25 * len(blocks) + 0.4, columns=each + 1, rows=len(blocks))
    for row, block in enumerate(blocks):
        if row == len(blocks) // 2:
            show_image(axes[row, 0], image)
            title(axes[row, 0], "input")
        strongest = np.argsort(-block.mean(axis=(0, 1)))[:each]
        for ax, channel in zip(axes[row, 1:], strongest, strict=False):
            show_image(ax, block[..., channel], edge=OUTPUT_EDGE)
        title(axes[row, 1], f"block {row + 1}: {block.shape[0]} × {block.shape[1]}")
        axes[row, 1].title.set_horizontalalignment("left")
        axes[row, 1].title.set_x(0)
    told = ", ".join(f"block {n}, maps of {b.shape[0]} by {b.shape[1]}" for n, b in enumerate(blocks, start=1))
    return Picture(
        figure,
        f"A picture and the {each} strongest feature maps of each block: {told}. Early maps look like the picture, late ones are coarse.",
    )


def confusion(matrix: np.ndarray, names: Sequence[str]) -> Picture:
    """A confusion matrix with its counts; row = truth, column = prediction."""
    count = len(names)
    figure, axes = new_figure(7.4, 6.4)
    ax = axes[0, 0]
    ax.set_axis_on()
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    ax.imshow(share**0.5, cmap="Purples", vmin=0, vmax=1)
    for (row, col), value in np.ndenumerate(matrix):
        if value:
            ax.text(
                col, row, str(value), ha="center", va="center", fontsize=9,
                color="white" if share[row, col] > 0.35 else INK, fontweight="bold" if row == col else "normal",
            )  # fmt: skip
    ax.set_xticks(range(count), names, rotation=45, ha="right", fontsize=9)
    ax.set_yticks(range(count), names, fontsize=9)
    ax.set_xlabel("the network says", color=INK)
    ax.set_ylabel("it is", color=INK)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    off = matrix - np.diag(np.diag(matrix))
    worst = np.unravel_index(np.argsort(-off, axis=None)[:3], off.shape)
    told = "; ".join(f"{names[i]} taken for {names[j]} {off[i, j]} times" for i, j in zip(*worst, strict=True))
    return Picture(
        figure,
        f"A confusion matrix of {matrix.sum()} pictures, {np.trace(matrix)} of them right, on the diagonal. The most frequent mistakes: {told}.",
    )


def curves(history: Mapping[str, Sequence[float]], epochs: int) -> Picture:
    """Accuracy on the training set and on the validation set, epoch by epoch."""
    figure, axes = new_figure(6.5, 3.2)
    ax: Axes = axes[0, 0]
    ax.set_axis_on()
    told = []
    for key, name, color, style in (
        ("accuracy", "pictures it learns from", INPUT_EDGE, "o-"),
        ("val_accuracy", "pictures kept aside", KERNEL_EDGE, "s--"),
    ):
        values = history.get(key, [])
        ax.plot(range(1, len(values) + 1), values, style, color=color, label=name)
        if len(values):
            told.append(f"{values[-1]:.2f} on {name}")
    ax.set_xlim(0.7, epochs + 0.3)
    ax.set_ylim(0.5, 1)
    ax.set_xticks(range(1, epochs + 1))
    ax.set_xlabel("epoch", color=INK)
    ax.set_ylabel("accuracy", color=INK)
    ax.grid(color=FAINT, linewidth=0.5)
    ax.legend(frameon=False, loc="lower right")
    ax.spines[["top", "right"]].set_visible(False)
    done = max(map(len, history.values()), default=0)
    return Picture(figure, f"Accuracy after {done} of {epochs} epochs: {' and '.join(told) or 'nothing yet'}.")


class LiveCurve(keras.callbacks.Callback):
    """Redraws the accuracy curves in place after each epoch."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self.epochs = epochs
        self.history: dict[str, list[float]] = {}
        self.handle = DisplayHandle()

    def on_train_begin(self, logs: Any = None) -> None:
        self.handle = DisplayHandle()
        self.handle.display(curves(self.history, self.epochs))

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        logs = logs or {}
        for key in ("accuracy", "val_accuracy"):
            if key in logs:
                self.history.setdefault(key, []).append(logs[key])
        self.handle.update(curves(self.history, self.epochs))
