"""Lesson 2's explorer: zeros around a picture, and how many windows contain each pixel."""

from __future__ import annotations

from typing import Any

import numpy as np
from traitlets import Enum, Float, Int, List

from convlab.explorers.widget import PADDINGS, Explorer, matrix, one_of, script, whole
from convlab.pictures import padding as pictures
from convlab.pictures.style import Picture
from convlab.pictures.windows import same_frame

LARGEST_WINDOW = 5


class Edges(Explorer):
    """A bright square picture under a mean filter, with or without zeros around it."""

    _esm = script("edges.js")
    image = List(List(Float())).tag(sync=True)
    kernel = Int(3, min=1, max=LARGEST_WINDOW).tag(sync=True)
    padding = Enum(PADDINGS, "same").tag(sync=True)
    row = Int(0, min=0).tag(sync=True)
    column = Int(0, min=0).tag(sync=True)

    @property
    def zeros(self) -> tuple[int, int]:
        """The number of zeros before and after the pixels along each axis."""
        return same_frame(np.ones([self.kernel]))[0] if self.padding == "same" else (0, 0)

    @property
    def output(self) -> np.ndarray:
        """The mean of each window."""
        return pictures.mean_filter(np.pad(np.array(self.image), self.zeros), self.kernel)

    @property
    def visits(self) -> np.ndarray:
        """The number of windows that contain each pixel, ints `[n, n]`."""
        n, before = len(self.image), self.zeros[0]
        counts = np.zeros((n + sum(self.zeros),) * 2, dtype=int)
        for row, column in np.ndindex(self.output.shape):
            counts[row : row + self.kernel, column : column + self.kernel] += 1
        return counts[before : before + n, before : before + n]

    def picture(self) -> Picture:
        return pictures.visits(self.visits, f"windows of {self.kernel} × {self.kernel}, {self.padding}")


def padding(image: Any = None, kernel: int = 3, padding: str = "same") -> Edges:
    """Move a window over a picture in a frame of zeros: see where zeros enter, and how many windows contain each pixel.

    Args:
        image: array `[n, n]`, n from 5 to 9; by default, 5 × 5 pixels that are all equally bright.
        kernel: side of the window, 1 to 5.
        padding: "valid" or "same".

    Raises:
        ValueError: the image is not square or has another size, a number is out of bounds, or the padding is unknown.
    """
    picture = matrix(np.full((5, 5), 9) if image is None else image, "image")
    if picture.shape[0] != picture.shape[1] or picture.shape[0] < LARGEST_WINDOW:
        raise ValueError(f"image has the shape {picture.shape}; it must be square, with 5 to 9 rows")
    explorer = Edges(
        image=picture.tolist(),
        kernel=whole(kernel, "kernel", 1, LARGEST_WINDOW),
        padding=one_of(padding, "padding", PADDINGS),
    )
    # In the middle, where no zeros are: what happens in a corner is for the student to find.
    explorer.row = explorer.column = len(explorer.output) // 2
    return explorer
