"""Lesson 5's explorer: max against average pooling, and what a shift changes."""

from __future__ import annotations

from typing import Any

import numpy as np
from traitlets import Enum, Float, Int, List

from convlab.explorers.widget import Explorer, matrix, script
from convlab.pictures import pooling as pictures
from convlab.pictures.style import Picture
from convlab.pictures.windows import reduced

# Rows 5 to 10, columns 4 to 9 of the vertical edges of lesson 5's bag behind a ReLU, from 0 to 9: the left side of its handle. A shift by
# one pixel changes 4 of 9 maxima and 6 of 9 means, as in the median piece of this map.
IMAGE = (
    (0, 0, 0, 2, 8, 0),
    (0, 0, 0, 6, 8, 0),
    (0, 0, 0, 7, 5, 0),
    (0, 0, 0, 3, 1, 0),
    (0, 0, 1, 1, 0, 0),
    (0, 0, 2, 2, 0, 0),
)


class Shifts(Explorer):
    """A small map, shifted to the right, under max and average pooling."""

    _esm = script("shifts.js")
    image = List(List(Float())).tag(sync=True)
    size = Enum([2, 3], 2).tag(sync=True)
    shift = Int(0, min=0, max=3).tag(sync=True)
    row = Int(0, min=0).tag(sync=True)
    column = Int(1, min=0).tag(sync=True)

    @property
    def shifted(self) -> np.ndarray:
        """The shifted map; zeros enter from the left."""
        image = np.array(self.image)
        return np.pad(image, ((0, 0), (self.shift, 0)))[:, : image.shape[1]]

    @property
    def largest(self) -> np.ndarray:
        return reduced(self.shifted, (self.size, self.size))

    @property
    def mean(self) -> np.ndarray:
        return reduced(self.shifted, (self.size, self.size), np.mean)

    def picture(self) -> Picture:
        return pictures.pooled(self.shifted, (self.size, self.size))


def pooling(image: Any = None) -> Shifts:
    """Shift a small map to the right, and see which outputs of max and average pooling stay the same.

    Args:
        image: array `[height, width]`, 3 to 9 rows and columns; by default, a piece of a real edge map: the left side of a bag's handle.

    Raises:
        ValueError: the image is not 2-D, is too small or too large, or has a number that is not finite.
    """
    values = matrix(IMAGE if image is None else image, "image")
    if min(values.shape) < 3:
        raise ValueError(f"image has the shape {values.shape}; it must have at least 3 rows and columns")
    return Shifts(image=values.tolist())
