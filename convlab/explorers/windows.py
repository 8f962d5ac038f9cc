"""Lesson 3's explorer: how many windows fit along one axis."""

from __future__ import annotations

from traitlets import Enum, Int

from convlab.explorers.widget import PADDINGS, Explorer, one_of, script, whole
from convlab.pictures import stride as pictures
from convlab.pictures.style import WIDEST, Picture, new_figure, title


class Windows(Explorer):
    """A row of pixels and the positions of a window on it."""

    _esm = script("windows.js")
    n = Int(8, min=1, max=12).tag(sync=True)
    kernel = Int(3, min=1, max=7).tag(sync=True)
    stride = Int(2, min=1, max=6).tag(sync=True)
    padding = Enum(PADDINGS, "valid").tag(sync=True)
    chosen = Int(0, min=0).tag(sync=True)

    def picture(self) -> Picture:
        if self.padding == "valid" and self.kernel > self.n:
            return _misfit(self.n, self.kernel)
        return pictures.row(self.n, self.kernel, self.stride, self.padding)


def _misfit(n: int, kernel: int) -> Picture:
    """A picture that says why there is no row of windows."""
    text = f'A window of {kernel} does not fit into a row of length {n}: "valid" is an error here.'
    figure, axes = new_figure(WIDEST, 0.7)
    title(axes[0, 0], text.replace(": ", ":\n"))
    return Picture(figure, text)


def window_sizes(n: int = 8, kernel: int = 3, stride: int = 2, padding: str = "valid") -> Windows:
    """Move a window along a row of pixels in steps: count the outputs, and find the pixels that no window covers.

    Args:
        n: the number of pixels, 1 to 12.
        kernel: the length of the window, 1 to 7.
        stride: the step of the window, 1 to 6.
        padding: "valid" or "same".

    Raises:
        ValueError: a number is out of bounds, or the padding is unknown.
    """
    return Windows(
        n=whole(n, "n", 1, 12),
        kernel=whole(kernel, "kernel", 1, 7),
        stride=whole(stride, "stride", 1, 6),
        padding=one_of(padding, "padding", PADDINGS),
    )
