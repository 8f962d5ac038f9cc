"""Lesson 4's explorer: a convolution, step by step."""

from __future__ import annotations

from typing import Any

import numpy as np
from traitlets import Float, Int, List, Unicode, default

from convlab.data import CLASS_NAMES, load_fashion_mnist
from convlab.explorers.widget import LARGEST_SIDE, Wardrobe, clothes, matrix, script
from convlab.pictures import filters, windows
from convlab.pictures.style import Picture

# A bright bar with a corner, so that both edge filters and both line filters of the lesson respond to it.
IMAGE = ((0, 0, 0, 0, 0, 0), (0, 5, 5, 0, 0, 0), (0, 5, 5, 0, 0, 0), (0, 5, 5, 5, 5, 5), (0, 5, 5, 5, 5, 5), (0,) * 6)
# The training picture that lesson 4 shows. It has a hem; the wardrobe's T-shirt has none inside the picture.
SHIRT = 89
VERTICAL_EDGE = ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1))
# The largest side of an image; what does not fit into a grid of numbers is shown as gray pixels.
LARGEST_PICTURE = 28


class Steps(Wardrobe):
    """The window at one position of the input, its products and their sum."""

    _esm = script("steps.js")
    names = List(Unicode(), ["the shirt of this lesson", *CLASS_NAMES]).tag(sync=True)
    image = List(List(Float())).tag(sync=True)
    # The initial image, to return to.
    first = List(List(Float())).tag(sync=True)
    kernel = List(List(Float())).tag(sync=True)
    row = Int(0).tag(sync=True)
    column = Int(0).tag(sync=True)

    @default("clothes")
    def _clothes(self) -> bytes:
        (images, _), _ = load_fashion_mnist()
        return images[SHIRT].tobytes() + clothes().tobytes()

    @property
    def output(self) -> np.ndarray:
        """The whole output for the current kernel."""
        return windows.correlate(np.array(self.image), np.array(self.kernel))

    def picture(self) -> Picture:
        image, kernel = np.array(self.image), np.array(self.kernel)
        if max(image.shape) > LARGEST_SIDE:
            return filters.detectors(image, [kernel], ["feature map"], signed=True)
        return windows.window(image, kernel, self.row, self.column)


def convolution(image: Any = None, kernel: Any = None) -> Steps:
    """Step through a convolution: move the window, edit the kernel, and see products, sum and feature map.

    Args:
        image: array `[height, width]`, at most 28 × 28; by default, a small built-in picture. An image with more than 9
            rows or columns is shown as gray pixels instead of numbers.
        kernel: array `[height, width]`, at most 9 × 9, not larger than the image; by default, a vertical edge filter.

    Raises:
        ValueError: an array is not 2-D, is empty or too large, or has a number that is not finite, or the kernel is
            larger than the image.
    """
    picture = matrix(IMAGE if image is None else image, "image", LARGEST_PICTURE)
    weights = matrix(VERTICAL_EDGE if kernel is None else kernel, "kernel")
    if np.greater(weights.shape, picture.shape).any():
        raise ValueError(f"a kernel of {weights.shape} does not fit into an image of {picture.shape}")
    return Steps(image=picture.tolist(), first=picture.tolist(), kernel=weights.tolist())
