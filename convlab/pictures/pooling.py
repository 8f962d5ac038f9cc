"""Figures of lesson 5: pooling, which keeps one number of each window."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from convlab.pictures.style import (
    FAINT,
    IMAGE,
    INPUT,
    INPUT_EDGE,
    ON_LIGHT,
    OUTPUT_EDGE,
    PAGE,
    PALE,
    PICKED,
    ROW,
    Picture,
    boards,
    frame,
    grid,
    new_figure,
    number,
    show_image,
    title,
)
from convlab.pictures.windows import reduced, same_map


def squint(image: np.ndarray, windows: Sequence[int]) -> Picture:
    """A picture max-pooled with several window sizes, all drawn at the same size."""
    figure, axes = new_figure((IMAGE + 0.1) * len(windows), IMAGE + 0.6, columns=len(windows))
    told = []
    for ax, window in zip(axes[0], windows, strict=True):
        output = reduced(image, (window, window))
        show_image(ax, output, INPUT_EDGE if window == 1 else OUTPUT_EDGE)
        name = "picture" if window == 1 else f"window {window} × {window}"
        title(ax, "{}\n{} × {}".format(name, *output.shape))
        told.append("{} by {}".format(*output.shape))
    return Picture(figure, f"A picture, max-pooled with ever larger windows: {', '.join(told)} pixels are left.")


def _won(values: np.ndarray, pool_size: tuple[int, int]) -> np.ndarray:
    """A mask of the largest value of each whole window, the first one if there are several."""
    mask = np.zeros(values.shape, dtype=bool)
    for i, j in np.ndindex(values.shape[0] // pool_size[0], values.shape[1] // pool_size[1]):
        window = values[i * pool_size[0] : (i + 1) * pool_size[0], j * pool_size[1] : (j + 1) * pool_size[1]]
        row, col = np.argwhere(window == window.max())[0]
        mask[i * pool_size[0] + row, j * pool_size[1] + col] = True
    return mask


def _frames(ax: Axes, shape: tuple[int, ...], pool_size: tuple[int, int]) -> None:
    """A thick frame around each whole window of a grid."""
    for i, j in np.ndindex(shape[0] // pool_size[0], shape[1] // pool_size[1]):
        corner = (j * pool_size[1], i * pool_size[0])
        ax.add_patch(
            Rectangle(corner, pool_size[1], pool_size[0], fill=False, edgecolor=ON_LIGHT, linewidth=3, zorder=3)
        )


def pooled(values: np.ndarray, pool_size: tuple[int, int]) -> Picture:
    """A small map in numbers, its windows, and what max pooling keeps."""
    output = reduced(values, pool_size)
    figure, axes = boards(values.shape, output.shape)
    grid(axes[0], values, INPUT, INPUT_EDGE, _won(values, pool_size), PICKED)
    _frames(axes[0], values.shape, pool_size)
    grid(axes[1], output, PALE, OUTPUT_EDGE)
    title(axes[0], "map, windows\nof {} × {}".format(*pool_size))
    title(axes[1], "the largest\nof each")
    told = ", ".join(map(number, output.ravel()))
    return Picture(
        figure,
        f"A {values.shape[0]} by {values.shape[1]} map in windows of {pool_size[0]} by {pool_size[1]}. The largest values are {told}.",
    )


def padding_must_not_win(values: np.ndarray, pool_size: tuple[int, int]) -> Picture:
    """Max pooling with "same" padding of a negative map: wrong if the padding zeros count, and right."""
    sizes = [-(-n // k) * k for n, k in zip(values.shape, pool_size, strict=True)]
    extra = [(0, size - n) for size, n in zip(sizes, values.shape, strict=True)]
    framed = np.pad(values.astype(float), extra)
    wrong = reduced(framed, pool_size)
    right = reduced(np.pad(values.astype(float), extra, constant_values=-np.inf), pool_size)
    inside = np.pad(np.ones(values.shape, dtype=bool), extra)
    figure, axes = boards(framed.shape, wrong.shape, right.shape)
    grid(axes[0], framed, PAGE, FAINT, inside, INPUT)
    _frames(axes[0], framed.shape, pool_size)
    grid(axes[1], wrong, PALE, OUTPUT_EDGE, wrong != right, PICKED)
    grid(axes[2], right, PALE, OUTPUT_EDGE)
    names = ("map, and zeros\noutside", "if zeros\ncould win", "as it\nshould be")
    for ax, name in zip(axes, names, strict=True):
        title(ax, name)
    return Picture(
        figure,
        f"A map of {number(values.flat[0])} everywhere, pooled with padding. If the zeros outside could win, {int((wrong != right).sum())} of {wrong.size} "
        f"outputs would be 0; as it should be, all are {number(right.max())}.",
    )


def max_and_mean(image: np.ndarray, kernel: np.ndarray, window: int) -> Picture:
    """A picture, its edge map after a ReLU, and the results of max and average pooling."""
    found = np.maximum(same_map(image, kernel), 0)
    largest, mean = reduced(found, (window, window)), reduced(found, (window, window), np.mean)
    figure, axes = new_figure(4 * (IMAGE + 0.1), IMAGE + 0.6, columns=4)
    for ax, picture, name, edge in (
        (axes[0, 0], image, "picture", INPUT_EDGE),
        (axes[0, 1], found, "left edges", OUTPUT_EDGE),
        (axes[0, 2], largest, "max pooling", OUTPUT_EDGE),
        (axes[0, 3], mean, "average pooling", OUTPUT_EDGE),
    ):
        top = image.max() if picture is image else found.max()
        ax.imshow(picture, cmap="gray", vmin=0, vmax=top, interpolation="none")
        frame(ax, picture.shape, edge)
        title(ax, "{}\n{} × {}".format(name, *picture.shape))
    return Picture(
        figure,
        f"A picture, its edge map, and the map pooled with windows of {window} by {window}: the brightest value is {largest.max():.1f} after max pooling "
        f"and {mean.max():.1f} after average pooling.",
    )


def shifts(image: np.ndarray, kernel: np.ndarray, pool: int, shifts: Sequence[int]) -> Picture:
    """Edge maps of a picture shifted to the right by several distances, and below them the pooled maps."""
    side = min(IMAGE, ROW / len(shifts))
    figure, axes = new_figure(side * len(shifts), 2 * side + 0.7, columns=len(shifts), rows=2)
    first, told = None, []
    for place, shift in enumerate(shifts):
        moved = np.roll(image, shift, axis=1)
        moved[:, :shift] = 0
        found = np.maximum(same_map(moved, kernel), 0)
        output = reduced(found, (pool, pool))
        first = output if first is None else first
        changed = int((~np.isclose(output, first)).sum())
        show_image(axes[0, place], found, INPUT_EDGE)
        title(axes[0, place], f"moved by {shift}")
        show_image(axes[1, place], output, OUTPUT_EDGE)
        title(axes[1, place], f"{changed} of {output.size}\nchanged")
        told.append(f"{changed} of {output.size} values at a shift of {shift}")
    return Picture(
        figure,
        f"An edge map that moves to the right, and below it the same map max-pooled by {pool}. Changed are {', '.join(told)}.",
    )


def winners(values: np.ndarray, pool_size: tuple[int, int]) -> Picture:
    """Which number of each window receives the gradient of max pooling."""
    output = reduced(values, pool_size)
    won = _won(values, pool_size)
    names = np.array([chr(ord("a") + n) for n in range(output.size)]).reshape(output.shape)
    received = np.full(values.shape, "0", dtype=object)
    for row, col in np.argwhere(won):
        received[row, col] = names[row // pool_size[0], col // pool_size[1]]
    figure, axes = boards(output.shape, values.shape)
    grid(axes[0], names.astype(object), PALE, OUTPUT_EDGE)
    grid(axes[1], received, INPUT, INPUT_EDGE, won, PICKED)
    title(axes[0], "gradient\nto the output", OUTPUT_EDGE)
    title(axes[1], "gradient\nto the input", INPUT_EDGE)
    places = ", ".join(f"({row}, {col})" for row, col in np.argwhere(won))
    return Picture(
        figure,
        f"Gradients a to {names.flat[-1]} of a pooled map, and where they go: to the winners at {places}; all other places get 0.",
    )
