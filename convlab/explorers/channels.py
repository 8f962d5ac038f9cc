"""Lesson 4's second explorer: a filter looks at all channels at once, and adds them up to one number."""

from __future__ import annotations

from typing import Any

import numpy as np
from traitlets import Dict, Float, Int, List

from convlab.explorers.widget import Explorer, script
from convlab.pictures import filters as pictures
from convlab.pictures.style import Picture
from convlab.pictures.windows import correlate

# Every filter has a slice in store for each channel of the deepest input; an input uses as many as it has channels.
MOST_CHANNELS = 4
FILTERS = 2
LARGEST_INPUT, LARGEST_KERNEL = 6, 3

# A red, a green, a blue and a gray square, `[row, column, channel]`.
_SQUARES = np.repeat(np.repeat([[(3, 0, 0), (0, 2, 0)], [(0, 0, 3), (1, 1, 1)]], 2, axis=0), 2, axis=1)
_LETTER = np.array([(0, 0, 0, 0, 0), (0, 2, 0, 0, 0), (0, 2, 0, 0, 0), (0, 2, 2, 2, 0), (0, 0, 0, 0, 0)])
_EDGES = {
    "left edges": ((-1, 1), (-1, 1)),
    "right edges": ((1, -1), (1, -1)),
    "upper edges": ((-1, -1), (1, 1)),
    "lower edges": ((1, 1), (-1, -1)),
}
_EDGE_MAPS = [np.maximum(correlate(_LETTER, np.array(kernel)), 0) for kernel in _EDGES.values()]


def _input(name: str, names: list[str], channels: Any, colors: Any = ()) -> dict:
    """An input as the widget gets it: its channels one after the other, and the colors (0 to 255) of its picture, if any."""
    return {
        "name": name,
        "names": names,
        "channels": np.array(channels, float).tolist(),
        "colors": np.array(colors).tolist(),
    }


_LETTER_COLORS = np.repeat(_LETTER[..., np.newaxis] * 120, 3, axis=2)
INPUTS = [
    _input("a color picture: 3 channels", ["red", "green", "blue"], np.moveaxis(_SQUARES, 2, 0), _SQUARES * 85),
    _input("two maps of an L: 2 channels", list(_EDGES)[:2], _EDGE_MAPS[:2], _LETTER_COLORS),
    _input("four maps of an L: 4 channels", list(_EDGES), _EDGE_MAPS, _LETTER_COLORS),
]


# The first channel against the second, and all channels alike: `[filter, channel, row, column]`.
_DIFFERENCE = [np.full((2, 2), weight).tolist() for weight in (1.0, -1.0, 0.0, 0.0)]
_GRAY = [np.ones((2, 2)).tolist()] * MOST_CHANNELS


class Channels(Explorer):
    """An input of several channels, and two filters with a slice for each channel."""

    _esm = script("channels.js")
    inputs = List(Dict(), INPUTS).tag(sync=True)
    # The input that is shown.
    shown = Int(0, min=0).tag(sync=True)
    filters = List(default_value=[_DIFFERENCE, _GRAY]).tag(sync=True)
    biases = List(Float(), [0.5, 0.0]).tag(sync=True)
    # The filter that is shown.
    filter = Int(0, min=0, max=FILTERS - 1).tag(sync=True)
    row = Int(1, min=0).tag(sync=True)
    column = Int(1, min=0).tag(sync=True)

    @property
    def maps(self) -> np.ndarray:
        """The feature maps, one for each filter, `[filter, row, column]`."""
        channels = np.array(self.inputs[self.shown]["channels"])
        sums = [sum(map(correlate, channels, np.array(slices))) for slices in self.filters]
        return np.stack([total + bias for total, bias in zip(sums, self.biases, strict=True)])

    def picture(self) -> Picture:
        shown = self.inputs[self.shown]
        return pictures.channel_sums(
            shown["names"],
            np.array(shown["channels"]),
            np.array(self.filters[self.filter]),
            self.biases[self.filter],
            self.maps,
            (self.filter, self.row, self.column),
        )


def channels(image: Any = None, weights: Any = None, bias: Any = None) -> Channels:
    """Move a window over an input of several channels: see the sum of each channel, and how a filter adds them up to one number.

    Args:
        image: array `[height, width, channels]`, 3 to 6 rows and columns, 2 to 4 channels; by default, one chooses among a
            color picture and the feature maps of a letter.
        weights: array `[kernel_height, kernel_width, channels, 2]` of two filters, at most 3 × 3; by default, small ones of
            2 × 2.
        bias: array `[2]`; by default, 0.5 and 0.

    Raises:
        ValueError: an array has another shape, the channels of image and weights are not equally many, or a number is not
            finite.
    """
    explorer = Channels()
    if image is not None:
        values = _array(image, "image", (3, 3, 2), (LARGEST_INPUT, LARGEST_INPUT, MOST_CHANNELS))
        names = [f"channel {place}" for place in range(values.shape[2])]
        explorer.inputs = [_input("your input", names, np.moveaxis(values, 2, 0)), *INPUTS]
    if weights is not None:
        count = len(explorer.inputs[0]["names"])
        values = _array(weights, "weights", (1, 1, count, FILTERS), (LARGEST_KERNEL, LARGEST_KERNEL, count, FILTERS))
        spare = [(0, 0), (0, MOST_CHANNELS - count), (0, 0), (0, 0)]
        explorer.filters = np.pad(values.transpose(3, 2, 0, 1), spare).tolist()
    if bias is not None:
        explorer.biases = _array(bias, "bias", (FILTERS,), (FILTERS,)).tolist()
    return explorer


def _array(values: Any, name: str, low: tuple[int, ...], high: tuple[int, ...]) -> np.ndarray:
    """Check that values are finite numbers and each axis has a length between two bounds, and return them as an array."""
    array = np.asarray(values, dtype=float)
    fits = array.ndim == len(low) and all(map(lambda least, size, most: least <= size <= most, low, array.shape, high))
    if not fits or not np.isfinite(array).all():
        raise ValueError(
            f"{name} has the shape {array.shape}; it must be finite numbers in a shape from {low} to {high}"
        )
    return array
