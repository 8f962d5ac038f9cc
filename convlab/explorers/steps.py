"""Lesson 4's explorer: a convolution, one step after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from traitlets import Float, Int, List

from convlab.explorers.widget import LARGEST_SIDE, Wardrobe, matrix, script
from convlab.pictures import filters, windows
from convlab.pictures.style import Picture

# A bright bar that turns a corner: both edge filters and both line filters find something.
IMAGE = ((0, 0, 0, 0, 0, 0), (0, 5, 5, 0, 0, 0), (0, 5, 5, 0, 0, 0), (0, 5, 5, 5, 5, 5), (0, 5, 5, 5, 5, 5), (0,) * 6)
VERTICAL_EDGE = ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1))
# What is larger than a grid of numbers is shown as gray pixels, up to this many.
LARGEST_PICTURE = 28


class Steps(Wardrobe):
    """The window at one place of the input, its products and their sum."""

    _esm = script("steps.js")
    image = List(List(Float())).tag(sync=True)
    # The image that it began with.
    first = List(List(Float())).tag(sync=True)
    kernel = List(List(Float())).tag(sync=True)
    row = Int(0).tag(sync=True)
    column = Int(0).tag(sync=True)

    @property
    def output(self) -> np.ndarray:
        """The whole output under the present kernel."""
        return windows.correlate(np.array(self.image), np.array(self.kernel))

    def picture(self) -> Picture:
        image, kernel = np.array(self.image), np.array(self.kernel)
        if max(image.shape) > LARGEST_SIDE:
            return filters.detectors(image, [kernel], ["feature map"], signed=True)
        return windows.window(image, kernel, self.row, self.column)


def convolution(image: Any = None, kernel: Any = None) -> Steps:
    """A stepper: move the window over a small picture or a real one, edit the kernel, and see products, sum and map.

    Args:
        image: array `[height, width]`, at most 28 × 28; a small picture of its own by default. What has more than 9 rows or
            columns is shown as gray pixels instead of numbers.
        kernel: array `[height, width]`, at most 9 × 9, not larger than the image; by default a filter for vertical edges.

    Raises:
        ValueError: not 2-D, empty or too large arrays, numbers that are not finite, a kernel larger than the image.
    """
    picture = matrix(IMAGE if image is None else image, "image", LARGEST_PICTURE)
    weights = matrix(VERTICAL_EDGE if kernel is None else kernel, "kernel")
    if weights.shape[0] > picture.shape[0] or weights.shape[1] > picture.shape[1]:
        raise ValueError(f"a kernel of {weights.shape} does not fit into an image of {picture.shape}")
    return Steps(image=picture.tolist(), first=picture.tolist(), kernel=weights.tolist())
