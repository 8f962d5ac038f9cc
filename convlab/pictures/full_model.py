"""Figures of lesson 7: a whole network, from its plan to its misclassified pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from IPython.display import DisplayHandle
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Rectangle

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
    PALE,
    PICKED,
    PICKED_EDGE,
    ROW,
    SMALL,
    TEXT,
    TITLE,
    WIDEST,
    Picture,
    frame,
    ink_on,
    legend,
    new_figure,
    number,
    one_by_one,
    scales,
    show_image,
    title,
)
from convlab.quiet import keras


def gallery(images: np.ndarray, captions: Sequence[str], columns: int = 5) -> Picture:
    """Pictures `[n, h, w]` in rows, each with a caption below."""
    rows = -(-len(images) // columns)
    side = min(IMAGE, ROW / columns)
    below = 0.2 * (1 + max(caption.count("\n") for caption in captions))
    figure, axes = new_figure(side * columns, (side + below) * rows, columns=columns, rows=rows)
    for ax, image, caption in zip(axes.flat, images, captions, strict=False):
        show_image(ax, image)
        middle = (image.shape[1] - 1) / 2
        ax.annotate(
            caption, (middle, image.shape[0] - 0.5), (0, -6), textcoords="offset points", ha="center", va="top",
            fontsize=SMALL, color=INK,
        )  # fmt: skip
    told = "; ".join(caption.replace("\n", " ") for caption in captions)
    parts = one_by_one(figure)[: len(images)]
    return Picture(figure, f"{len(images)} small gray pictures of clothes with captions: {told}.", parts)


def _shapes(plan: Sequence[dict], sides: Sequence[int]) -> list[tuple[int, ...]]:
    """The output shape of each layer of a plan with a gray input; its square maps have these sides, one more after each pooling."""
    left = iter(sides)
    side = next(left)
    found: list[tuple[int, ...]] = [(side, side, 1)]
    for layer in plan:
        match layer["type"]:
            case "conv":
                found.append((side, side, layer["filters"]))
            case "pool":
                side = next(left)
                found.append((side, side, found[-1][2]))
            case "flatten":
                found.append((side * side * found[-1][2],))
            case "dense":
                found.append((layer["units"],))
            case _:
                found.append(found[-1])
    return found[1:]


def architecture(plan: Sequence[dict], sides: Sequence[int]) -> Picture:
    """The arrays that flow through a plan as blocks, and the layers as arrows between them.

    A map is as high as it has rows, and wider for more channels; a vector is a bar of a fixed height, with dots in it.

    Args:
        sides: of the square maps, from the input on, one more after each pooling.
    """
    steps = [({"type": "input"}, (sides[0], sides[0], 1)), *zip(plan, _shapes(plan, sides), strict=True)]
    lines: list[list[tuple[dict, tuple[int, ...]]]] = [[]]
    for layer, shape in steps:
        if layer["type"] == "flatten" and lines[-1]:
            lines.append([])
        if layer["type"] != "dropout":
            lines[-1].append((layer, shape))
        if layer["type"] == "pool":
            lines.append([])
    lines = [line for line in lines if line]
    vector, labels, unit = 16, 7, 0.052  # an inch has about 19 pixels of a map
    heights = [max(shape[0] if len(shape) == 3 else vector for _, shape in line) + labels for line in lines]
    columns = max(map(len, lines))
    figure, axes = new_figure(
        WIDEST, unit * sum(heights) + 0.1 * len(lines), columns=columns, rows=len(lines), height_ratios=heights
    )
    room = WIDEST / unit / columns
    for row, line in enumerate(lines):
        for ax, (layer, shape) in zip(axes[row], line, strict=False):
            ax.set(xlim=(0, room), ylim=(-heights[row] / 2 - labels / 2, heights[row] / 2 - labels / 2))
            _block(ax, layer, shape, vector, last=layer is steps[-1][0])
    told = ", ".join(
        f"{layer['type']} to {' by '.join(map(str, shape))}" for layer, shape in steps[1:] if layer["type"] != "dropout"
    )
    return Picture(
        figure,
        f"A network as a row of blocks with arrows between them. Input {sides[0]} by {sides[0]} by 1, then {told}. "
        "Maps are drawn as high as they are; vectors have one height, whatever their length.",
    )


def _block(ax: Axes, layer: dict, shape: tuple[int, ...], vector: int, *, last: bool) -> None:
    """One array with its shape, and the arrow of the layer that makes it."""
    kind, start = layer["type"], 9.5
    width, height = (2.5 + shape[2] / 60, shape[0]) if len(shape) == 3 else (3.4, vector)
    face, edge = (INPUT, INPUT_EDGE) if kind == "input" else (OUTPUT if last else PALE, OUTPUT_EDGE)
    ax.add_patch(Rectangle((start, -height / 2), width, height, facecolor=face, edgecolor=edge, linewidth=1.2))
    if len(shape) == 1:
        ax.text(start + width / 2, 0, "⋮", ha="center", va="center", fontsize=TITLE, color=ink_on(face))
    size = "{}×{}\n×{}".format(*shape) if len(shape) == 3 else str(shape[0])
    ax.text(start + width / 2, -height / 2 - 1, size, ha="center", va="top", fontsize=SMALL, color=edge)
    if kind == "input":
        ax.text(start - 1, 0, kind, ha="right", va="center", fontsize=SMALL, color=edge)
        return
    name, color = (f"conv\n{layer['kernel']}×{layer['kernel']}", KERNEL_EDGE) if kind == "conv" else (kind, INK)
    arrow = FancyArrowPatch(
        (0.5, 0), (start - 0.6, 0), arrowstyle="-|>", mutation_scale=11, color=color, shrinkA=0, shrinkB=0
    )
    ax.add_patch(arrow)
    ax.text((start - 1) / 2, 1.2, name, ha="center", va="bottom", fontsize=SMALL, color=color)


def parameter_bars(plan: Sequence[dict], counts: Sequence[int]) -> Picture:
    """A bar chart of the number of parameters of each layer of a plan."""
    rows = [(layer, count) for layer, count in zip(plan, counts, strict=True) if count]
    figure, axes = new_figure(WIDEST, 0.36 * len(rows) + 0.5)
    ax = axes[0, 0]
    most = max(count for _, count in rows)
    names = []
    for place, (layer, count) in enumerate(rows):
        kind = layer["type"]
        name = f"conv, {layer['filters']} filters" if kind == "conv" else f"dense, {layer['units']} units"
        names.append(name)
        # Orange are the weights of kernels; dense layers have none.
        face, edge = (KERNEL, KERNEL_EDGE) if kind == "conv" else (FAINT, INK)
        ax.barh(place, count, height=0.7, color=face, edgecolor=edge)
        ax.text(count + most * 0.03, place, f"{count:,}", va="center", fontsize=SMALL, color=INK)
        ax.text(-most * 0.03, place, name, ha="right", va="center", fontsize=SMALL, color=INK)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(0, most * 1.35)
    title(ax, f"{sum(counts):,} parameters in all")
    told = ", ".join(f"{name} {count:,}" for name, (_, count) in zip(names, rows, strict=True))
    return Picture(figure, f"Bars of the number of parameters of each layer, {sum(counts):,} in all: {told}.")


def softmax_bars(logits: np.ndarray, shares: np.ndarray) -> Picture:
    """Bar charts of logits and of the probabilities that softmax makes of them."""
    figure, axes = new_figure(6.4, 2.4, columns=2)
    for ax, values, name, face, edge in (
        (axes[0, 0], logits, "logits", PALE, OUTPUT_EDGE),
        (axes[0, 1], shares, "probabilities: sum 1", OUTPUT, OUTPUT_EDGE),
    ):
        ax.bar(range(len(values)), values, color=face, edgecolor=edge, width=0.7)
        reach = np.abs(values).max()
        for place, value in enumerate(values):
            above = value >= 0
            ax.text(
                place, value + (0.05 if above else -0.05) * reach, number(float(f"{value:.3g}")), ha="center",
                va="bottom" if above else "top", fontsize=TEXT, color=INK,
            )  # fmt: skip
        ax.axhline(0, color=INK, linewidth=0.8)
        ax.set_ylim(min(values.min(), 0) - 0.25 * reach, reach * 1.25)
        title(ax, name)
    told = ", ".join(f"{number(value)} becomes {p:.3g}" for value, p in zip(logits, shares, strict=True))
    return Picture(figure, f"Two bar charts, logits and the probabilities that softmax makes of them: {told}.")


def feature_maps(image: np.ndarray, blocks: Sequence[np.ndarray], each: int = 8) -> Picture:
    """A picture and the strongest maps of each block `[h, w, channels]`, one row for each block."""
    rows, half = len(blocks) + 1, -(-each // 2)
    figure, axes = new_figure(0.9 * each, 1.2 * rows, columns=each, rows=rows)
    show_image(axes[0, 0], image)
    _left_title(axes[0, 0], "input")
    parts = [[axes[0, 0]], []]
    for row, block in enumerate(blocks, start=1):
        strongest = np.argsort(-block.mean(axis=(0, 1)))[:each]
        for ax, channel in zip(axes[row], strongest, strict=False):
            show_image(ax, block[..., channel], edge=OUTPUT_EDGE)
        _left_title(axes[row, 0], f"block {row}: {block.shape[0]} × {block.shape[1]}")
        parts += [list(axes[row, :half]), list(axes[row, half:]), []]
    told = ", ".join(f"block {n}, maps of {b.shape[0]} by {b.shape[1]}" for n, b in enumerate(blocks, start=1))
    return Picture(
        figure,
        f"A picture and the {each} strongest feature maps of each block: {told}. Early maps look like the picture, late ones are coarse.",
        parts,
    )


def _left_title(ax: Axes, text: str) -> None:
    """A title that goes on over the axes at the right."""
    ax.set_title(text, fontsize=TITLE, color=INK, pad=6, loc="left")


def occlusion(
    image: np.ndarray, answers: np.ndarray, names: Sequence[str], label: int, said: int, size: int
) -> Picture:
    """A picture, and a network's answers when a square covers a part of it, as maps of probabilities.

    Args:
        answers: `[rows, columns, classes]`, for each place of the square from the upper left to the lower right.
        label, said: the true class, and that which the network says to the whole picture. Each gets a map.
        size: the side of the square, in pixels.
    """
    classes = [said] if label == said else [said, label]
    figure, axes = new_figure(2.0 * (1 + len(classes)), 2.3, columns=1 + len(classes))
    show_image(axes[0, 0], image)
    worst = np.unravel_index(answers[..., said].argmin(), answers.shape[:2])
    step = (np.array(image.shape) - size) / (np.array(answers.shape[:2]) - 1)
    top, left = worst * step - 0.5
    axes[0, 0].add_patch(Rectangle((left, top), size, size, fill=False, edgecolor=PICKED, linewidth=2.5))
    title(axes[0, 0], f"it is: {names[label]}")
    told = []
    for ax, shown in zip(axes[0, 1:], classes, strict=True):
        share = answers[..., shown]
        ax.imshow(share, cmap="gray", vmin=0, vmax=1, interpolation="none")
        frame(ax, share.shape, OUTPUT_EDGE)
        title(ax, f"{names[shown]}: {share.min():.0%} to {share.max():.0%}")
        told.append(f"{names[shown]} gets between {share.min():.0%} and {share.max():.0%}")
    across, down = round(left + 0.5), round(top + 0.5)
    return Picture(
        figure,
        f"A picture of class {names[label]}, and for each place of a black square of {size} by {size} pixels the share of a class, white is 100%: "
        f"{'; '.join(told)}. The square marked in the picture, {down} pixels from the top and {across} from the left, costs {names[said]} the most.",
    )


def confusion(matrix: np.ndarray, names: Sequence[str]) -> Picture:
    """A confusion matrix with its counts; row = truth, column = prediction."""
    count = len(names)
    figure, axes = new_figure(WIDEST, 3.7)
    ax = axes[0, 0]
    ax.set_axis_on()
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    purples = mpl.colormaps["Purples"]
    ax.imshow(share**0.5, cmap=purples, vmin=0, vmax=1, interpolation="none")
    for (row, col), value in np.ndenumerate(matrix):
        if value:
            ax.text(
                col, row, str(value), ha="center", va="center", fontsize=SMALL,
                color=ink_on(purples(share[row, col] ** 0.5)), fontweight="bold" if row == col else "normal",
            )  # fmt: skip
    ax.set_xticks(range(count), names, rotation=45, ha="right", fontsize=SMALL)
    ax.set_yticks(range(count), names, fontsize=SMALL)
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
    figure, axes = new_figure(WIDEST, 2.8)
    ax: Axes = axes[0, 0]
    scales(ax, xlabel="epoch", ylabel="accuracy")
    told = []
    for key, name, color, style in (
        ("accuracy", "pictures it learns from", INK, "o-"),
        ("val_accuracy", "pictures kept aside", PICKED_EDGE, "s--"),
    ):
        values = history.get(key, [])
        ax.plot(range(1, len(values) + 1), values, style, color=color, label=name)
        if len(values):
            told.append(f"{values[-1]:.2f} on {name}")
    ax.set_xlim(0.7, epochs + 0.3)
    ax.set_ylim(0.5, 1)
    ax.set_xticks(range(1, epochs + 1))
    ax.grid(color=FAINT, linewidth=0.5)
    legend(ax, loc="lower right")
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
