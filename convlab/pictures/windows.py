"""What the figures of several lessons share: arithmetic on the windows of a picture, and one convolution step in numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from convlab.pictures.style import (
    INPUT,
    INPUT_EDGE,
    KERNEL,
    KERNEL_EDGE,
    OUTPUT,
    OUTPUT_EDGE,
    PALE,
    Picture,
    boards,
    grid,
    number,
    title,
)


def correlate(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """The 2-D valid cross-correlation of two arrays, `[h - kh + 1, w - kw + 1]`, rounded to nine decimals.

    By the convolution theorem, with Fourier transforms, since other ways are answers to exercises.
    """
    spectrum = np.fft.rfft2(image) * np.fft.rfft2(kernel, image.shape).conj()
    rows, cols = (slice(0, n - k + 1) for n, k in zip(image.shape, kernel.shape, strict=True))
    # Rounding and adding zero turn -1e-17 and -0.0 into 0.
    return np.fft.irfft2(spectrum, image.shape)[rows, cols].round(9) + 0.0


def same_frame(kernel: np.ndarray) -> list[tuple[int, int]]:
    """The zeros before and after each axis that padding "same" adds for a stride of 1, as `np.pad` takes them."""
    # Dealt out in turn, the first one after the pixels.
    return [(len(range(2, size, 2)), len(range(1, size, 2))) for size in kernel.shape]


def same_map(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """The feature map `[h, w]` of a 2-D filter with padding "same" and a stride of 1."""
    return correlate(np.pad(image, same_frame(kernel)), kernel)


def reduced(x: np.ndarray, pool_size: tuple[int, int], how: Callable[..., np.ndarray] = np.max) -> np.ndarray:
    """`how` (max or mean) of each pooling window; windows do not overlap, and incomplete ones are dropped."""
    rows, cols = x.shape[0] // pool_size[0], x.shape[1] // pool_size[1]
    whole = x[: rows * pool_size[0], : cols * pool_size[1]]
    return how(whole.reshape(rows, pool_size[0], cols, pool_size[1]), axis=(1, 3))


def marked(shape: tuple[int, ...], row: int, col: int, size: tuple[int, ...] = (1, 1)) -> np.ndarray:
    """A mask of the given shape that is True in one window: its first row and column, and its size."""
    rows, cols = np.ogrid[: shape[0], : shape[1]]
    return np.isin(rows, row + np.arange(size[0])) & np.isin(cols, col + np.arange(size[1]))


def sum_of_products(patch: np.ndarray, kernel: np.ndarray) -> str:
    """How one output of a convolution is computed, such as `"8·1 + 9·(−1)"`."""
    pairs = zip(patch.ravel(), kernel.ravel(), strict=True)
    return " + ".join(f"{_factor(pixel)}·{_factor(weight)}" for pixel, weight in pairs)


def _factor(value: float) -> str:
    return number(value) if value >= 0 else f"({number(value)})"


def window(image: np.ndarray, kernel: np.ndarray, row: int, col: int, *, others: bool = True) -> Picture:
    """One step of a convolution in numbers: the patch, the kernel, and the output that they give.

    Args:
        row, col: the place of the output.
        others: whether the other outputs are written too.
    """
    output = correlate(image, kernel)
    height, width = kernel.shape
    patch, here = marked(image.shape, row, col, kernel.shape), marked(output.shape, row, col)
    total = f"{sum_of_products(image[patch], kernel)} = {number(output[row, col])}"
    figure, axes = boards(image.shape, kernel.shape, output.shape, below=f"output ({row}, {col}):  {total}")
    grid(axes[0], image, INPUT, INPUT_EDGE, patch)
    grid(axes[1], kernel, KERNEL, KERNEL_EDGE)
    grid(axes[2], output, PALE, OUTPUT_EDGE, here, OUTPUT, written=here | others)
    for ax, name in zip(axes, ("input", "kernel", "output"), strict=True):
        title(ax, name)
    return Picture(
        figure,
        f"A {image.shape[0]} by {image.shape[1]} input with the patch at row {row}, column {col} marked, a {height} by {width} kernel, and the output. "
        f"Output ({row}, {col}) is {total}.",
    )
