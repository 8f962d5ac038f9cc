"""Animations, where motion explains more: where a window goes, what it skips, and where a gradient flows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from convlab.pictures.stage import Animation, Stage, text
from convlab.pictures.style import number
from convlab.pictures.windows import correlate, reduced, same_frame

MARGIN, TITLE = 12, 24


def sliding(image: np.ndarray, kernel: np.ndarray) -> Animation:
    """A convolution with "same" padding: the window moves, each sum is shown, and the output fills in."""
    (high, wide), frame = kernel.shape, same_frame(kernel)
    framed, (top, left) = np.pad(image, frame), (before for before, _ in frame)
    windows = np.lib.stride_tricks.sliding_window_view(framed, kernel.shape)
    output, places = correlate(framed, kernel), _places(image)
    stage = Stage(seconds=2, size=44)
    before = stage.board(MARGIN, TITLE + 12, framed.shape)
    stage.say(before.left, TITLE, "picture in its frame of zeros", "name")
    after = stage.board(stage.width + 34, TITLE + 12, output.shape)
    stage.say(after.left, TITLE, "output", "name")

    steps = {(row + top, col + left): step + 1 for step, (row, col) in enumerate(places)}
    for row, col in _places(framed):
        before.cell(row, col, "in" if (row, col) in steps else "zero")
    stage.move(before.outline(0, 0, kernel.shape, "lens"), places)
    stage.add(before.outline(top, left, image.shape, "edge"))
    for row, col in _places(framed):
        before.cell(row, col, "bare", framed[row, col], step=steps.get((row, col)))
    weights = ""
    for (row, col), weight in np.ndenumerate(kernel):
        x, y = before.corner(row + 1, col + 1)
        weights += text(x - 4, y - 6, f"×{number(weight)}", "weight")
    stage.move(before.outline(0, 0, kernel.shape, "rim") + weights, places)

    for step, (row, col) in enumerate(places):
        shown, value = _during(step, len(places)), output[row, col]
        x, y = after.corner(row, col)
        stage.add(after.outline(row, col, (1, 1), "empty") + text(x + 4, y + 12, str(step + 1), "step"))
        after.cell(row, col, "out", value, ("on", step), step + 1)
        after.cell(row, col, "now", value, shown, step + 1)
        sums = [_sum(*pair) for pair in zip(windows[row, col], kernel, strict=True)]
        lines = [
            f"step {step + 1} of {len(places)}",
            sums[0],
            *(f"+ {line}" for line in sums[1:]),
            f"= {number(value)}",
        ]
        x, y = after.corner(len(image), 0)
        for below, line in enumerate(lines):
            stage.say(x, y + 30 + 21 * below, line, "" if below else "name", shown)
    return stage.animation(
        f"A window of {high} by {wide} moves over a picture of {len(image)} by {len(image[0])} in its frame of zeros, row by row, in {len(places)} "
        "steps. At each step its pixels are multiplied with the weights and added, and one output fills in. "
        f"Row by row the outputs are {_listed(output)}."
    )


def strides(image: np.ndarray, kernel: np.ndarray, steps: Sequence[int]) -> Animation:
    """The same window with several strides ("valid" padding) side by side, and the pixels that no position covers."""
    stage, whole = Stage(seconds=1, size=34), correlate(image, kernel)
    told: list[str] = []
    for stride in steps:
        output = whole[::stride, ::stride]
        way = [(row * stride, col * stride) for row, col in _places(output)]
        seen = np.zeros(image.shape, dtype=bool)
        for row, col in way:
            seen[row : row + len(kernel), col : col + len(kernel[0])] = True
        ignored, end = int((~seen).sum()), ("on", len(way))
        before = stage.board(stage.width + 34 if told else MARGIN, TITLE + 12, image.shape)
        x, y = before.corner(len(image), 0)
        after = stage.board(x, y + 58, output.shape)
        stage.say(x, TITLE, f"stride {stride}", "name")
        stage.say(x, y + 24, f"{ignored} of {image.size} pixels ignored", "", end)

        for row, col in _places(image):
            before.cell(row, col, "in")
        stage.move(before.outline(0, 0, kernel.shape, "lens"), way)
        for row, col in _places(image):
            before.cell(row, col, "bare", image[row, col])
            if not seen[row, col]:
                before.cell(row, col, "ignored", image[row, col], end)
        stage.move(before.outline(0, 0, kernel.shape, "rim"), way)
        for step, (row, col) in enumerate(_places(output)):
            stage.say(x, y + 46, f"place {step + 1} of {len(way)}", "name", _during(step, len(way)))
            stage.add(after.outline(row, col, (1, 1), "empty"))
            everywhere = not any(start % other for start in way[step] for other in steps)
            after.cell(row, col, "now" if everywhere else "out", output[row, col], ("on", step))
        told.append(
            f"With a stride of {stride} it stands at {len(way)} places and ignores {ignored} of the {image.size} pixels."
        )
    return stage.animation(
        f"A window of {len(kernel)} by {len(kernel[0])} on a picture of {len(image)} by {len(image[0])}, side by side with strides of "
        f"{' and '.join(map(str, steps))}, one place at a time. {' '.join(told)} Ignored pixels are hatched. The outputs that all of them have are dark, and the same."
    )


def gradients(values: np.ndarray, pool_size: tuple[int, int], upstream: np.ndarray) -> Animation:
    """Max and average pooling side by side: forward, window by window, then the gradients on their way back.

    The map must consist of whole windows, none of which has its largest value twice.
    """
    stage, window = Stage(seconds=2, size=30), np.ones(pool_size)
    told: list[str] = []
    largest, mean = reduced(values, pool_size), reduced(values, pool_size, np.mean)
    won, shared = values == np.kron(largest, window), np.full(values.shape, 1 / window.size)
    for name, output, share, words in (
        ("max pooling", largest, won, ("forward: the largest", "backward: to it alone")),
        ("average pooling", mean, shared, ("forward: the mean", "backward: shared alike")),
    ):
        gradient = share * np.kron(upstream, window)
        left, down = stage.width + 26 if told else MARGIN, (len(values) - len(output)) * stage.size / 2
        right = left + len(values[0]) * stage.size + 24
        tops = [TITLE + 40, TITLE + 86 + len(values) * stage.size]
        stage.say(left, TITLE, name, "name")
        (x, x_back), (z, z_back) = (
            [stage.board(side, top + shift, array.shape) for top in tops]
            for side, shift, array in ((left, 0, values), (right, down, output))
        )
        for top, said, arrow in zip(tops, words, "→←", strict=True):
            stage.say(left, top - 12, said)
            stage.add(text(right - 12, top + len(values) * stage.size / 2 + 7, arrow, "arrow"))

        for row, col in _places(values):
            value = values[row, col]
            source = row // pool_size[0], col // pool_size[1]
            step = int(np.ravel_multi_index(source, output.shape))
            back = output.size + step
            x.cell(row, col, "in", value)
            x_back.cell(row, col, "zero")
            if share[row, col]:
                x.cell(row, col, "picked", value, ("on", step))
                z.receive(*source, x.corner(row, col), "picked", value, step)
                x_back.receive(row, col, z_back.corner(*source), "now", gradient[row, col], back)
            look = "picked" if share[row, col] else "bare"
            x_back.cell(row, col, look, gradient[row, col], ("on", back + 0.6))
        for step, (row, col) in enumerate(_places(output)):
            for board in (x, x_back):
                stage.add(board.outline(row * pool_size[0], col * pool_size[1], pool_size, "frame"))
            stage.add(z.outline(row, col, (1, 1), "empty"))
            z.cell(row, col, "out", output[row, col], ("on", step + 0.6))
            z_back.cell(row, col, "now", upstream[row, col])
        told.append(
            f"With {name} the outputs are {_listed(output)}, and the gradients to the map, row by row, {_listed(gradient)}."
        )
    return stage.animation(
        f"A map of {len(values)} by {len(values[0])} in windows of {pool_size[0]} by {pool_size[1]}, first forward, then back. The gradients to the "
        f"outputs are {_listed(upstream)}. {' '.join(told)}"
    )


def _places(array: np.ndarray) -> list[tuple[int, int]]:
    """The places of a 2-D array, row by row."""
    rows, columns = array.shape
    return [(row, col) for row in range(rows) for col in range(columns)]


def _during(step: int, steps: int) -> tuple[str, int]:
    """When a part is shown that belongs to one step: during that step only, but the last step's part stays."""
    return ("on" if step + 1 == steps else "only"), step


def _sum(pixels: np.ndarray, weights: np.ndarray) -> str:
    factors = [number(weight) if weight >= 0 else f"({number(weight)})" for weight in weights]
    return " + ".join(f"{number(pixel)}·{factor}" for pixel, factor in zip(pixels, factors, strict=True))


def _listed(values: np.ndarray) -> str:
    return ", ".join(number(value) for value in np.ravel(values))
