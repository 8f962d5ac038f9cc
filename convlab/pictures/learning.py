"""Figures of lesson 8: descent, gradients, and what is learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from convlab.pictures.style import (
    FAINT,
    IMAGE,
    INK,
    INPUT,
    INPUT_EDGE,
    KERNEL,
    KERNEL_EDGE,
    ON_LIGHT,
    OUTPUT,
    OUTPUT_EDGE,
    PAGE,
    PALE,
    PICKED,
    PICKED_EDGE,
    ROW,
    SMALL,
    TEXT,
    TITLE,
    WIDEST,
    Picture,
    boards,
    grid,
    legend,
    many,
    new_figure,
    number,
    one_by_one,
    scales,
    show_image,
    title,
)

# The weight that suits the lesson's one pixel, 2, and its output, 6.
GOAL = 3.0
# How often a running mean looks back, and from how many steps on it is drawn.
MEAN_OF, MANY_STEPS = 25, 200
# The side of a cell that holds a number with two decimals, in inches.
WIDE_CELL = 0.45


def _loss(weight: Any) -> Any:
    """The loss of one weight or of an array of them."""
    return 4 * (weight - GOAL) ** 2


def _valley(ax: Axes, reach: float, top: float) -> None:
    """The loss over the one weight, as far as `reach` to both sides of its minimum."""
    scales(ax, xlabel="weight w", ylabel="loss")
    weights = np.linspace(GOAL - reach, GOAL + reach, 121)
    ax.plot(weights, _loss(weights), color=INK, linewidth=1.6, zorder=2)
    ax.set(xlim=(GOAL - reach, GOAL + reach), ylim=(0, top))


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], color: str, width: float = 1.4) -> None:
    ax.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=9 + 2 * width, linewidth=width, color=color, shrinkA=0,
            shrinkB=0, clip_on=False, zorder=4,
        )
    )  # fmt: skip


def one_weight(at: float) -> Picture:
    """The loss of the smallest network over its weight, and its slope where the weight is now."""
    slope, loss = 8 * (at - GOAL), float(_loss(at))
    figure, axes = new_figure(WIDEST, 3.1)
    ax = axes[0, 0]
    _valley(ax, 3.5, 49)
    blank = {"facecolor": PAGE, "edgecolor": "none", "pad": 0.5}
    ax.plot([GOAL, GOAL], [0, 36], color=FAINT, linewidth=1.2, linestyle=":")
    ax.text(GOAL, 37, f"lowest\nat {number(GOAL)}", ha="center", va="bottom", fontsize=SMALL, color=INK)
    downhill = -1 if at > GOAL else 1
    told = "no way leads further down"
    if slope:
        reach, step = np.array([-1, 1]), 0.55 * downhill
        ax.plot(at + reach, loss + slope * reach, color=PICKED_EDGE, linewidth=1.4, linestyle="--", zorder=3)
        end = at + step, loss + slope * step
        _arrow(ax, (at, loss), end, PICKED_EDGE, 3)
        ax.annotate(
            "downhill", end, (-9 * downhill, -1), textcoords="offset points", ha="right" if downhill > 0 else "left",
            va="center", fontsize=SMALL, color=PICKED_EDGE,
        )  # fmt: skip
        told = f"downhill is to the {'left' if slope > 0 else 'right'}"
    ax.scatter(at, loss, s=70, color=KERNEL, edgecolor=KERNEL_EDGE, linewidth=1.4, zorder=5)
    side = "left" if downhill > 0 else "right"
    for shift, text, color in ((16, f"slope {number(slope)}", PICKED_EDGE), (1, f"loss {number(loss)}", INK)):
        ax.annotate(
            text, (at, loss), (14 * downhill, shift), textcoords="offset points", ha=side, fontsize=TEXT, color=color,
            bbox=blank, zorder=3,
        )  # fmt: skip
    title(ax, f"w is {number(at)} now")
    return Picture(
        figure,
        f"The loss over the weight w is a valley, lowest at {number(GOAL)}, where it is 0. At w = {number(at)} the loss is {number(loss)}, the curve's slope "
        f"there is {number(slope)}, and {told}.",
    )


def walks(rates: Sequence[float], start: float, steps: int) -> Picture:
    """The weights that descent visits with several learning rates, on the valley of the loss."""
    rows = -(-len(rates) // 2)
    figure, axes = new_figure(ROW, 2.75 * rows, columns=2, rows=rows)
    told, usual = [], abs(start - GOAL)
    for ax, rate in zip(axes.flat, rates, strict=False):
        # What is missing is multiplied by one factor at each step.
        weights = GOAL + (1 - 8 * rate) ** np.arange(steps + 1) * (start - GOAL)
        losses, widest = _loss(weights), float(np.abs(weights - GOAL).max())
        away = widest > 1.01 * usual
        _valley(ax, 1.15 * widest if away else 1.85 * usual, (1.32 if away else 2.25) * float(_loss(GOAL + widest)))
        ax.locator_params(axis="y", nbins=5)
        ax.plot(weights, losses, color=KERNEL_EDGE, linewidth=1.1, zorder=3)
        ax.scatter(weights[1:], losses[1:], s=34, color=KERNEL, edgecolor=KERNEL_EDGE, linewidth=1.1, zorder=4)
        # The start is hollow.
        ax.scatter(weights[0], losses[0], s=34, color=PAGE, edgecolor=KERNEL_EDGE, linewidth=1.4, zorder=5)
        _numbered(ax, weights, losses)
        if away:
            ax.text(0.5, 0.9, "on another scale", transform=ax.transAxes, ha="center", fontsize=SMALL, color=INK)
        end = f"{weights[-1]:.5g}".replace("-", "−")
        title(ax, f"rate {number(rate)}: after {many(steps, 'step')} at {end}")
        told.append(f"with a rate of {number(rate)} at {end}, where the loss is {_digits(losses[-1], 3)}")
    return Picture(
        figure,
        f"The same valley of the loss, lowest at {number(GOAL)}, with the weights that descent visits from {number(start)} on. "
        f"After {many(steps, 'step')} it is {'; '.join(told)}.",
        one_by_one(figure)[: len(rates)],
    )


def _numbered(ax: Axes, weights: np.ndarray, losses: np.ndarray) -> None:
    """The numbers of the steps beside their points; points that coincide share a text, and a crowd has only its ends numbered."""
    top = ax.get_ylim()[1]
    places = np.stack([weights / np.ptp(ax.get_xlim()), losses / top], axis=1)
    groups: list[list[int]] = []
    for step, place in enumerate(places):
        for group in groups:
            if np.hypot(*(place - places[group[0]])) < 0.025:
                group.append(step)
                break
        else:
            groups.append([step])
    if all(group == [step] for step, group in enumerate(groups)) and np.ptp(losses) < top / 2:
        groups = [groups[0], groups[-1]]
    for group in groups:
        first, last = group[0], group[-1]
        # Far up on a steep valley the lowest points lie in its curve, where no text fits.
        if losses.max() > top / 2 and losses[first] < top / 25:
            continue
        run = len(group) > 2 and last - first == len(group) - 1
        text = f"{first}–{last}" if run else ", ".join(map(str, group))
        side, low = 1 if weights[first] > GOAL else -1, losses[first] < top / 25
        ax.annotate(
            text, (weights[first], losses[first]), (2, 7) if low else (6 * side, -1), textcoords="offset points",
            va="bottom" if low else "center", ha="left" if side > 0 or low else "right", fontsize=SMALL, color=INK, zorder=5,
        )  # fmt: skip


def riddle(image: np.ndarray, target: np.ndarray) -> Picture:
    """A picture and its map, and between them the kernel, of which only the size is known."""
    rows, cols = (n - m + 1 for n, m in zip(image.shape, target.shape, strict=True))
    figure, axes = new_figure(3 * (IMAGE + 0.1), IMAGE + 0.6, columns=3)
    show_image(axes[0, 0], image)
    grid(axes[0, 1], np.full((rows, cols), "?", dtype=object), KERNEL, KERNEL_EDGE)
    for text in axes[0, 1].texts:
        text.set_fontsize(16)
    show_image(axes[0, 2], target, OUTPUT_EDGE, signed=True)
    for ax, name, shape in zip(
        axes[0], ("picture", "kernel", "map"), (image.shape, (rows, cols), target.shape), strict=True
    ):
        title(ax, "{}\n{} × {}".format(name, *shape))
    return Picture(
        figure,
        "A picture of {} by {} pixels, a kernel of {} by {} question marks, and the map of {} by {} that it makes, ".format(
            *image.shape, rows, cols, *target.shape
        )
        + f"from {target.min():.1f} to {target.max():.1f}, in which gray is 0.".replace("-", "−"),
    )


def learned(kernels: Mapping[int, np.ndarray], true: np.ndarray) -> Picture:
    """Kernels after so many steps, with the weight marked that is farthest off, and the true one at the end."""
    count, (rows, cols), gap, head, foot = len(kernels) + 1, true.shape, 0.25, 0.5, 0.3
    width, height = (WIDE_CELL * cols + gap) * count, WIDE_CELL * rows + head + foot
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    told = []
    for place, (steps, kernel) in enumerate([*kernels.items(), (None, true)]):
        left = (WIDE_CELL * cols + gap) * place + gap / 2
        box = (left / width, foot / height, WIDE_CELL * cols / width, WIDE_CELL * rows / height)
        ax = figure.add_axes(box, xlim=(0, cols), ylim=(rows, 0), autoscale_on=False)
        ax.set_axis_off()
        if steps is None:
            grid(ax, true, KERNEL, KERNEL_EDGE)
            title(ax, "the\nforgotten one", KERNEL_EDGE)
            continue
        off = np.abs(kernel - true)
        farthest = off == off.max()
        texts = np.array([_two_decimals(value) for value in kernel.ravel()], dtype=object).reshape(kernel.shape)
        grid(ax, texts, KERNEL, KERNEL_EDGE, farthest, PICKED)
        for text in ax.texts:
            text.set_fontsize(SMALL)
        title(ax, f"after\n{many(steps, 'step')}")
        ax.text(
            cols / 2,
            rows + 0.15,
            f"farthest: {_two_decimals(off.max())} off",
            ha="center",
            va="top",
            fontsize=SMALL,
            color=PICKED_EDGE,
        )
        told.append(f"{_two_decimals(off.max())} after {many(steps, 'step')}")
    return Picture(
        figure,
        f"Kernels of {rows} by {cols} weights that come nearer to the forgotten one. The weight that is farthest off is off by {', '.join(told)}.",
    )


def _two_decimals(value: float) -> str:
    text = f"{round(value, 2) + 0:.2f}" if abs(value) < 100 else f"{value:.0e}"
    return text.replace("-", "−")


def losses(histories: Mapping[str, Sequence[float]]) -> Picture:
    """The loss at each step of up to three trainings; where a single one is noisy, its running mean too."""
    named = {name: np.asarray(history, dtype=float) for name, history in histories.items() if len(history)}
    whole = np.concatenate([[], *named.values()])
    positive = whole[np.isfinite(whole) & (whole > 0)]
    steps = max(map(len, named.values()), default=0)
    wide = bool(positive.size and positive.max() > 100 * positive.min())
    figure, axes = new_figure(WIDEST, 2.9)
    ax = axes[0, 0]
    scales(ax, xlabel="step", ylabel="loss, by powers of ten" if wide else "loss")
    ax.grid(color=FAINT, linewidth=0.5)
    if wide:
        _by_tens(ax, positive)
    elif positive.size:
        ax.set_ylim(0, 1.08 * positive.max())
    ax.set_xlim(0, max(steps, 1))
    title(ax, ", ".join(named) if len(named) == 1 else f"the loss over {many(steps, 'step')}")
    told = []
    looks = zip((INK, PICKED_EDGE, OUTPUT_EDGE), ("-", (0, (5, 1.5)), (0, (1.2, 1.2))), strict=True)
    ends = []
    for (name, history), (color, dashes) in zip(named.items(), looks, strict=False):
        places = np.arange(1, len(history) + 1)
        told.append(f"{name} from {_short(history[0])} to {_short(history[-1])}")
        if len(named) == 1 and len(history) > MANY_STEPS and (np.diff(history) > 0).mean() > 0.25:
            # Sums up to each step, and their differences.
            sums = np.cumsum([0.0, *history])
            mean = (sums[MEAN_OF:] - sums[:-MEAN_OF]) / MEAN_OF
            ax.plot(places, history, color=FAINT, linewidth=0.7, label="each step")
            ax.plot(places[MEAN_OF - 1 :], mean, color=color, linewidth=2.2, label=f"mean of the last {MEAN_OF}")
            legend(ax, loc="upper right")
            told[-1] += f", up and down; the mean of {MEAN_OF} steps goes from {_short(mean[0])} to {_short(mean[-1])}"
            continue
        ax.plot(places, history, color=color, linestyle=dashes, linewidth=2)
        ends.append((history[-1], name, color))
    if len(named) > 1:
        _named(ax, steps, ends)
    return Picture(
        figure, f"Loss over {many(steps, 'step')}{', by powers of ten' * wide}: {'; '.join(told) or 'nothing yet'}."
    )


def _short(loss: float) -> str:
    """A loss with two decimals, or with its first digit if it is smaller."""
    if not np.isfinite(loss):
        return "infinity" if loss > 0 else "no number"
    return f"{loss:.2f}" if loss >= 0.01 or loss <= 0 else _digits(loss, 1)


def _digits(value: float, count: int) -> str:
    """A number with so many digits that count, and never with a power of ten."""
    return np.format_float_positional(float(f"{value:.{count}g}"), trim="-").replace("-", "−")


def _by_tens(ax: Axes, values: np.ndarray) -> None:
    """A logarithmic scale whose numbers are written out, since raised digits would be too small."""
    low, high = np.floor(np.log10(values.min())), np.ceil(np.log10(values.max()))
    ax.set_yscale("log")
    ax.minorticks_off()
    tens = 10.0 ** np.arange(low, high + 1)
    ax.set_yticks(tens, [_digits(value, 1) for value in tens])
    ax.set_ylim(0.8 * values.min(), 1.3 * values.max())


def _named(ax: Axes, steps: int, ends: Sequence[tuple[float, str, str]]) -> None:
    """The names of lines at their right ends, moved apart where they would touch."""
    low, high = ax.get_ylim()
    straight = ax.get_yscale() == "linear"

    def share(value: float) -> float:
        value = min(max(value, low), high) if np.isfinite(value) else high
        return (value - low) / (high - low) if straight else float(np.log(value / low) / np.log(high / low))

    before = -1.0
    for height, name, color in sorted((share(value), name, color) for value, name, color in ends):
        before = max(height, before + 0.085)
        ax.annotate(
            name, (1, before), (4, 0), xycoords="axes fraction", textcoords="offset points", va="center",
            fontsize=SMALL, color=color,
        )  # fmt: skip


def surprise(probabilities: Sequence[float]) -> Picture:
    """The cross-entropy of one picture over the probability of its right class, with some points of it."""
    figure, axes = new_figure(WIDEST, 3.0)
    ax = axes[0, 0]
    scales(ax, xlabel="probability p of the right class", ylabel="loss −ln p")
    # Denser where the curve is steep.
    curve = np.geomspace(0.002, 1, 120)
    ax.plot(curve, -np.log(curve), color=INK, linewidth=1.6, zorder=2)
    ax.set(xlim=(-0.02, 1.04), ylim=(0, 6.5))
    told = []
    for p in probabilities:
        loss = float(-np.log(p)) + 0.0
        told.append(f"{loss:.2f} at {number(p)}")
        ax.scatter(p, loss, s=60, color=OUTPUT, edgecolor=OUTPUT_EDGE, linewidth=1.2, zorder=4, clip_on=False)
        right = p > 0.8
        ax.annotate(
            f"p = {number(p)}: {loss:.2f}", (p, loss), (2, 8) if right else (8, 8), textcoords="offset points",
            ha="right" if right else "left", va="bottom", fontsize=TEXT, color=INK,
            bbox={"facecolor": PAGE, "edgecolor": "none", "pad": 0.5}, zorder=3,
        )  # fmt: skip
    ax.text(0.03, 6.2, "↑ without end, the nearer p is to 0", va="center", fontsize=SMALL, color=INK)
    title(ax, "how much a probability costs")
    return Picture(
        figure,
        f"The curve of −ln p falls from infinity at p = 0, steeply first, to 0 at p = 1. Marked on it: {', '.join(told)}.",
    )


def pulls(probabilities: Sequence[float], label: int) -> Picture:
    """The probability of each class, its goal, and how far and which way a step against the gradient pulls its logit."""
    figure, axes = new_figure(WIDEST, 3.4)
    ax = axes[0, 0]
    scales(ax, ylabel="probability")
    told = []
    for place, p in enumerate(probabilities):
        goal = float(place == label)
        pull = round(p - goal, 9)
        sign, way = ("+", "down ↓") if pull > 0 else ("", "up ↑")
        ax.bar(place - 0.17, p, 0.4, color=OUTPUT, edgecolor=OUTPUT_EDGE, zorder=2)
        ax.text(place - 0.17, p + 0.02, f"p = {number(p)}", ha="center", va="bottom", fontsize=SMALL, color=INK)
        ax.plot([place - 0.42, place + 0.42], [goal, goal], color=INK, linewidth=2.2, zorder=3)
        if goal:
            ax.text(place - 0.42, goal + 0.02, "goal", va="bottom", fontsize=SMALL, color=INK)
        _arrow(ax, (place + 0.22, p), (place + 0.22, goal), PICKED_EDGE, 3)
        ax.text(place, 1.37, f"{sign}{number(pull)}", ha="center", va="center", fontsize=TITLE + 2, color=INK)
        ax.text(place, 1.21, f"logit {way}", ha="center", va="center", fontsize=TEXT, color=PICKED_EDGE)
        told.append(
            f"class {place} has {number(p)}, its goal is {number(goal)}, its gradient {sign}{number(pull)}, so its logit goes {way[:-2]}"
        )
    names = [f"class {place}\ngoal y = {int(place == label)}" for place in range(len(probabilities))]
    ax.set_xticks(range(len(probabilities)), names)
    ax.tick_params(axis="x", length=0)
    ax.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
    ax.spines["bottom"].set_visible(False)
    ax.set(xlim=(-0.5, len(probabilities) - 0.5), ylim=(-0.02, 1.47))
    title(ax, "the gradient p − y, and a step against it")
    return Picture(
        figure,
        f"The probabilities of {len(probabilities)} classes, their goals y and arrows from the one to the other, as long as the gradient p − y: "
        f"{'; '.join(told)}.",
    )


# Which pixel and which weight `backward` explains.
PIXEL, WEIGHT = (0, 1), (0, 0)


def backward(image: np.ndarray, kernel: np.ndarray, upstream: np.ndarray) -> Picture:
    """A convolution's input, kernel and upstream, and what goes back, still unknown, with one weight and one pixel marked."""
    below = "The marked weight met one pixel in each window; the marked pixel lay under one weight in each."
    figure, axes = boards(image.shape, kernel.shape, upstream.shape, kernel.shape, image.shape, below=below)
    here, there = _only(kernel.shape, WEIGHT), _only(image.shape, PIXEL)
    grid(axes[0], image, INPUT, INPUT_EDGE, there, PICKED)
    grid(axes[1], kernel, KERNEL, KERNEL_EDGE, here, PICKED)
    grid(axes[2], upstream, PALE, OUTPUT_EDGE)
    grid(axes[3], np.full(kernel.shape, "?", dtype=object), PAGE, KERNEL_EDGE, here, PICKED)
    grid(axes[4], np.full(image.shape, "?", dtype=object), PAGE, INPUT_EDGE, there, PICKED)
    for (row, col), line in zip(np.ndindex(upstream.shape), ("-", (0, (2.5, 1.5))), strict=False):
        # A little apart, so that both windows are seen where they overlap.
        for ax, size, inset in ((axes[0], kernel.shape, 0.07 + 0.09 * col), (axes[2], (1, 1), 0.07)):
            ax.add_patch(
                Rectangle(
                    (col + inset, row + inset), size[1] - 2 * inset, size[0] - 2 * inset, fill=False, edgecolor=ON_LIGHT,
                    linewidth=1.8, linestyle=line, zorder=3,
                )
            )  # fmt: skip
    names = ("input", "kernel", "upstream", "gradient\nto the kernel", "gradient\nto the input")
    for ax, name, color in zip(axes, names, (INK, INK, INK, KERNEL_EDGE, INPUT_EDGE), strict=True):
        title(ax, name, color)
    parts: list[Sequence[Artist]] = [axes[:3], axes[3:], figure.texts]
    return Picture(
        figure,
        f"An input, {_rows(image)}, a kernel, {_rows(kernel)}, and upstream, {_rows(upstream)}, which belongs to the windows framed in the input. "
        f"Weight {WEIGHT} and pixel {PIXEL} are marked, and so are their places in the gradients to the kernel and to the input, where all numbers are still asked for. {below}",
        parts,
    )


def _only(shape: tuple[int, ...], place: tuple[int, int]) -> np.ndarray:
    mask = np.zeros(shape, dtype=bool)
    mask[place] = True
    return mask


def _rows(values: np.ndarray) -> str:
    """A matrix in words."""
    return " over ".join(" ".join(map(number, row)) for row in values)


# In `there_and_back`, in inches: how high the two ways are, and the edges of an array and of what has no way back.
FORWARD, BACK, EDGES, UPPER = 0.46, -0.52, (-0.85, 0.8), (0.12, 0.8)


def there_and_back() -> Picture:
    """The lesson's network as arrays and layers, and what each layer needs on the way back."""
    widths = [3.25, 3.8]
    figure, axes = new_figure(sum(widths), 2.75, columns=2, width_ratios=widths)
    for ax, width in zip(axes[0], widths, strict=True):
        ax.set(xlim=(0, width), ylim=(-1.2, 1.25), aspect="equal")
    first, second = axes[0]
    title(first, "first layers: there, and back in green")
    title(second, "last layers: there, and back in green")
    for ax, x, name, shape, face, edge, sides in (
        (first, 0.4, "pictures", "n×28×28×1", INPUT, INPUT_EDGE, UPPER),
        (first, 1.84, "maps", "n×26×26×8", PALE, OUTPUT_EDGE, EDGES),
        (first, 2.85, "maps", "n×26×26×8", PALE, OUTPUT_EDGE, EDGES),
        (second, 0.86, "a", "n×5408", PALE, OUTPUT_EDGE, EDGES),
        (second, 2.12, "logits", "n×10", PALE, OUTPUT_EDGE, EDGES),
        (second, 3.0, "p", "n×10", OUTPUT, OUTPUT_EDGE, UPPER),
    ):
        low, high = sides
        ax.add_patch(Rectangle((x - 0.13, low), 0.26, high - low, facecolor=face, edgecolor=edge, linewidth=1.3))
        ax.text(x, high + 0.24, name, ha="center", va="bottom", fontsize=TEXT, color=INK)
        ax.text(x, high + 0.05, shape, ha="center", va="bottom", fontsize=SMALL, color=edge)
    for ax, start, end, name in (
        (first, 0.57, 1.68, "convolution"),
        (first, 2.0, 2.69, "ReLU"),
        (second, 0.05, 0.7, "flatten"),
        (second, 1.02, 1.96, "dense"),
        (second, 2.28, 2.84, "softmax"),
        (second, 3.16, 3.42, ""),
    ):
        _arrow(ax, (start, FORWARD), (end, FORWARD), INK)
        ax.text((start + end) / 2, FORWARD + 0.06, name, ha="center", va="bottom", fontsize=SMALL, color=INK)
    second.text(3.62, FORWARD, "loss", ha="center", va="center", fontsize=TEXT, color=INK)
    for ax, start, end, needs in (
        (first, 2.69, 2.0, "0 where\nx ≤ 0"),
        (second, 0.7, 0.05, "another\nshape"),
        (second, 1.96, 1.02, "g Wᵀ"),
        (second, 3.62, 2.28, "g = (p − y) / n"),
    ):
        _arrow(ax, (start, BACK), (end, BACK), PICKED_EDGE)
        ax.text((start + end) / 2, BACK - 0.07, needs, ha="center", va="top", fontsize=SMALL, color=PICKED_EDGE)
    second.plot([3.62, 3.62], [FORWARD - 0.13, BACK], color=PICKED_EDGE, linewidth=1.4)
    for ax, x, shapes in ((first, 1.125, "k 3×3×1×8\nb 8"), (second, 1.49, "W 5408×10\nb 10")):
        ax.add_patch(Rectangle((x - 0.43, -0.16), 0.86, 0.38, facecolor=KERNEL, edgecolor=KERNEL_EDGE, linewidth=1.3))
        ax.text(x, 0.03, shapes, ha="center", va="center", fontsize=SMALL, color=ON_LIGHT)
        ax.plot([x, x], [0.22, FORWARD], color=KERNEL_EDGE, linewidth=1.4)
        _arrow(ax, (x, BACK), (x, -0.17), PICKED_EDGE)
    first.plot([1.68, 1.125], [BACK, BACK], color=PICKED_EDGE, linewidth=1.4)
    first.text(1.125, BACK - 0.07, "pixel ·\nupstream", ha="center", va="top", fontsize=SMALL, color=PICKED_EDGE)
    second.text(1.55, -0.35, "aᵀ g", va="center", fontsize=SMALL, color=PICKED_EDGE)
    return Picture(
        figure,
        "A network as a row of arrays with arrows between them. There: pictures, n by 28 by 28 by 1, become maps, n by 26 by 26 by 8, by a convolution with "
        "3 by 3 by 1 by 8 weights k and 8 biases b; a ReLU keeps their shape; flatten makes n by 5408 of it, called a; a dense layer with weights W, 5408 by 10, "
        "and 10 biases makes n by 10 logits, softmax n by 10 probabilities p, and these give the loss. And back, from the loss: the logits get g = (p − y) / n; "
        "W gets a transposed times g, and a gets g times W transposed; flatten gives it another shape; the ReLU makes it 0 where its input x was 0 or less; and "
        "the weights of the convolution get pixel times upstream.",
    )
