"""Lesson 8's explorer: the loss of every kernel of two weights, and a walk down into its valley."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator
from traitlets import Float, Int, List

from convlab.explorers.widget import Explorer, script
from convlab.pictures.style import (
    HEIGHTS,
    INPUT,
    INPUT_EDGE,
    KERNEL,
    KERNEL_EDGE,
    ON_HEIGHTS,
    ON_LIGHT,
    OUTPUT_EDGE,
    PALE,
    ROW,
    SMALL,
    Picture,
    grid,
    many,
    new_figure,
    number,
    scales,
    title,
)
from convlab.pictures.windows import correlate

# Of this spot and every kernel 1 × 2, the curvature of the loss is exactly ((5, 4), (4, 5)): 9 across the valley and 1 along it, so
# descent with a fixed rate arrives below 2 / 9, is fastest at 0.2, and goes to and fro across the valley above 1 / 9.
IMAGE = ((0, 1, 2, 1, 0), (1, 2, 3, 2, 1), (0, 1, 2, 1, 0))
# The kernel that made the target map.
GOAL = (2, -1)
LOWEST_RATE, HIGHEST_RATE = 0.02, 0.3
# The lower left corner and the side of the part of the landscape that is shown.
CORNER, SPAN = (-1.25, -2.75), 4
# From the goal outwards at equal distances, but for the last ones; the third line leads through (0, 0).
LEVELS = (0.5, 2, 4.5, 8, 18, 32)
# The way from the goal on which the lines are labeled: no path leads there.
LABELS = (-1, -0.35)


class Descent(Explorer):
    """A kernel of two weights that walks downhill, in the landscape of the mean squared error of its map."""

    _esm = script("descent.js")
    image = List(List(Float()), [list(map(float, line)) for line in IMAGE]).tag(sync=True)
    goal = List(Float(), [float(weight) for weight in GOAL]).tag(sync=True)
    # By how much the gradient changes (rows) with each weight (columns).
    curvature = List(List(Float())).tag(sync=True)
    corner = List(Float(), list(CORNER)).tag(sync=True)
    span = Float(SPAN).tag(sync=True)
    levels = List(Float(), list(LEVELS)).tag(sync=True)
    labels = List(Float(), list(LABELS)).tag(sync=True)
    bands = List(default_value=list(HEIGHTS)).tag(sync=True)
    rates = List(Float(), [LOWEST_RATE, HIGHEST_RATE]).tag(sync=True)
    rate = Float(0.18, min=LOWEST_RATE, max=HIGHEST_RATE).tag(sync=True)
    # The pairs of weights so far; the last one is the present kernel.
    path = List(List(Float()), [[0.0, 0.0]]).tag(sync=True)
    # The loss below which the goal counts as reached, and the largest number of steps.
    near = Float(0.01).tag(sync=True)
    most = Int(200).tag(sync=True)

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        left, right = (np.array(self.image)[:, columns].ravel() for columns in (slice(-1), slice(1, None)))
        self.curvature = (2 / left.size * np.inner((left, right), (left, right))).tolist()

    @property
    def weights(self) -> np.ndarray:
        """The present kernel's two weights."""
        return np.array(self.path[-1])

    @property
    def output(self) -> np.ndarray:
        """The present kernel's map."""
        return correlate(np.array(self.image), self.weights[np.newaxis])

    @property
    def target(self) -> np.ndarray:
        """The map that the kernel should make."""
        return correlate(np.array(self.image), np.array([self.goal]))

    def gradient_at(self, weights: np.ndarray) -> np.ndarray:
        """The gradient of the loss, which is linear in the weights and zero at the goal."""
        return np.array(self.curvature) @ (weights - self.goal)

    def loss_at(self, weights: np.ndarray) -> float:
        """The mean squared error of these weights' map."""
        return float(self.gradient_at(weights) @ (weights - self.goal)) / 2

    def ended(self, path: list[list[float]]) -> bool:
        """Whether a path has arrived, is lost outside the landscape, or is as long as it may be."""
        now, first = (self.loss_at(np.array(path[place])) for place in (-1, 0))
        inside = all(low <= weight <= low + self.span for low, weight in zip(self.corner, path[-1], strict=True))
        return now < self.near or (now > first and not inside) or len(path) > self.most

    def walked(self, steps: int) -> list[list[float]]:
        """The path with so many steps more, unless it ends before."""
        path = [list(weights) for weights in self.path]
        while steps and not self.ended(path):
            downhill = -self.gradient_at(np.array(path[-1]))
            path.append((path[-1] + self.rate * downhill).tolist())
            steps -= 1
        return path

    def beside(self) -> float:
        """The angle between the next step and the way to the goal, in degrees."""
        step, way = -self.gradient_at(self.weights), self.goal - self.weights
        turned = step[0] * way[1] - step[1] * way[0]
        return float(np.degrees(np.arctan2(abs(turned), step @ way)))

    def picture(self) -> Picture:
        figure, axes = new_figure(ROW, 3.7, columns=3, rows=2, width_ratios=(3.2, 2.1, 1.8))
        land = axes[0, 0]
        land.set_subplotspec(land.get_gridspec()[:, 0])
        axes[1, 0].remove()
        self._draw_landscape(land)
        # Each with half the width of its axes, in cells.
        boards = [
            ("picture", np.array(self.image), INPUT, INPUT_EDGE, 2.6),
            ("map now", self.output.round(1), PALE, OUTPUT_EDGE, 2.1),
            ("kernel", self.weights[np.newaxis].round(2), KERNEL, KERNEL_EDGE, 1.9),
            ("target map", self.target, PALE, OUTPUT_EDGE, 2.1),
        ]
        for ax, (name, values, face, edge, wide) in zip(axes[:, 1:].flat, boards, strict=True):
            grid(ax, values, face, edge)
            ax.set(xlim=(values.shape[1] / 2 - wide, values.shape[1] / 2 + wide), ylim=(3.1, -0.1))
            title(ax, name)
        steps, loss = len(self.path) - 1, self.loss_at(self.weights)
        told = [
            f"The loss for every pair of weights w₀ and w₁ is a long, narrow valley; the goal is {_pair(self.goal)}.",
            f"After {many(steps, 'step')} from {_pair(self.path[0])}, the weights are {_pair(self.weights)} and the loss is {_short(loss)}."
            if steps
            else f"At the start, {_pair(self.weights)}, the loss is {_short(loss)}.",
        ]
        ahead = self.walked(10)
        if len(ahead) > len(self.path):
            gradient = self.gradient_at(self.weights)
            after = self.loss_at(np.array(ahead[len(self.path)]))
            told += [
                f"The gradient here is {_pair(gradient)}. The next step, −{_short(self.rate)} times that, points {self.beside():.0f}° away from the goal, at right angles to the line of equal loss (dashed); the loss then is {_short(after)}.",
                f"{many(len(ahead) - len(self.path), 'step')} more (dotted) lead to {_pair(ahead[-1])} with the loss {_short(self.loss_at(np.array(ahead[-1])))}.",
            ]
        return Picture(figure, " ".join(told))

    def _draw_landscape(self, ax: Axes) -> None:
        across, up = (np.linspace(low, low + self.span, 41) for low in self.corner)
        away = np.stack(np.meshgrid(across, up)) - np.reshape(self.goal, (2, 1, 1))
        heights = np.einsum("iyx,ij,jyx->yx", away, self.curvature, away) / 2
        ax.contourf(across, up, heights, (0, *self.levels, 1e9), colors=self.bands)
        lines = ax.contour(across, up, heights, self.levels, colors=ON_LIGHT, linewidths=0.7)
        steepness = np.einsum("i,ij,j", LABELS, self.curvature, LABELS) / 2
        places = [tuple(self.goal + np.sqrt(level / steepness) * np.array(LABELS)) for level in self.levels]
        for text in ax.clabel(lines, fontsize=SMALL, fmt="%g", manual=places, zorder=3):
            text.set_bbox({"facecolor": HEIGHTS[1], "edgecolor": "none", "pad": 0.5})
        walked, ahead = np.array(self.path), np.array(self.walked(11)[len(self.path) - 1 :])
        level = self.loss_at(self.weights)
        if level > self.near:
            ax.contour(across, up, heights, [level], colors=ON_LIGHT, linewidths=1.6, linestyles="dashed")
        ax.plot(*ahead[1:].T, ":", color=ON_LIGHT, linewidth=1.2)
        ax.plot(*ahead[2:].T, ".", color=ON_LIGHT, markersize=4)
        ax.plot(*walked.T, "-o", color=ON_LIGHT, linewidth=1.6, markersize=6, markerfacecolor=KERNEL)
        if len(ahead) > 1:
            arrow = {"arrowstyle": "-|>", "color": ON_HEIGHTS, "linewidth": 2.2, "shrinkA": 4, "shrinkB": 0}
            ax.annotate("", ahead[1], ahead[0], arrowprops=arrow, annotation_clip=True)
        ax.plot(*self.goal, "*", color=ON_LIGHT, markersize=13, markeredgecolor=HEIGHTS[0])
        ax.set(xlim=across[[0, -1]], ylim=up[[0, -1]], aspect="equal")
        scales(ax, xlabel="weight w₀", ylabel="weight w₁")
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(MultipleLocator(1))
        title(ax, f"loss, now {_short(level)} (★ is the goal)")


def _short(value: float) -> str:
    """A number with three digits."""
    return number(0.0 if abs(value) < 1e-6 else float(f"{value:.3g}"))


def _pair(values: Any) -> str:
    return f"({', '.join(map(_short, values))})"


def descent(rate: float = 0.18, start: Any = (0, 0)) -> Descent:
    """Walk down the loss of a kernel of two weights, step by step, and find the rates that get there.

    Args:
        rate: the learning rate, 0.02 to 0.3.
        start: the two weights at which the walk begins, −1.25 to 2.75 and −2.75 to 1.25.

    Raises:
        ValueError: the rate or a weight is out of bounds.
    """
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise ValueError(f"rate is {rate!r}; it must lie from {LOWEST_RATE} to {HIGHEST_RATE}")
    weights = np.asarray(start, dtype=float)
    if weights.shape != (2,) or not all(abs(weights - CORNER - SPAN / 2) <= SPAN / 2):
        raise ValueError(f"start is {start!r}; it must be two weights, from −1.25 to 2.75 and from −2.75 to 1.25")
    return Descent(rate=float(rate), path=[weights.tolist()])
