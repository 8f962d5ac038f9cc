"""Right answers of lesson 1 in other styles than the solution: `<exercise>__<style>`."""

import math

import numpy as np


def dense_parameter_count__numpy_product(input_shape, units):
    """np.prod, a NumPy integer."""
    return (np.prod(input_shape) + 1) * units


def dense_parameter_count__math_product(input_shape, units):
    """math.prod."""
    return math.prod(input_shape) * units + units


def conv_parameter_count__numpy_product(kernel_size, in_channels, filters):
    """np.prod, the bias as one more weight."""
    return (np.prod(kernel_size) * in_channels + 1) * filters


def conv_parameter_count__filter_by_filter(kernel_size, in_channels, filters):
    """Adds filter by filter."""
    return sum(kernel_size[0] * kernel_size[1] * in_channels + 1 for _ in range(filters))


def receptive_patch__all_windows(image, row, col, kernel_size):
    """One of all windows."""
    if any(size > length for size, length in zip(kernel_size, image.shape, strict=True)):
        raise ValueError("too large")
    windows = np.lib.stride_tricks.sliding_window_view(image, tuple(kernel_size))
    if min(row, col) < 0 or row >= windows.shape[0] or col >= windows.shape[1]:
        raise ValueError("outside")
    return windows[row, col]


def receptive_patch__slices_then_looks(image, row, col, kernel_size):
    """Cuts, then looks at the shape; in floats."""
    if row < 0 or col < 0:
        raise ValueError("negative")
    patch = image[row : row + kernel_size[0], col : col + kernel_size[1]].astype(float)
    if patch.shape != tuple(kernel_size):
        raise ValueError("outside")
    return patch


def conv2d_valid__windows_float32(image, kernel):
    """All windows at once, float32."""
    if kernel.shape[0] > image.shape[0] or kernel.shape[1] > image.shape[1]:
        raise ValueError("too large")
    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(image, "float32"), kernel.shape)
    return (windows * kernel.astype("float32")).sum(axis=(-2, -1))


def conv2d_valid__sum_of_shifts(image, kernel):
    """One shifted picture for each weight."""
    image, (h, w) = image.astype(float), kernel.shape
    height, width = image.shape
    if h > height or w > width:
        raise ValueError("too large")
    shifted = ((image[u : height - h + 1 + u, v : width - w + 1 + v], kernel[u, v]) for u in range(h) for v in range(w))
    return sum(part * float(weight) for part, weight in shifted)


def dense_matrix_of_conv__column_by_column(kernel, input_shape):
    """What the convolution makes of one bright pixel after the other."""
    (h, w), (height, width) = kernel.shape, input_shape
    if h > height or w > width:
        raise ValueError("too large")
    columns = []
    for pixel in np.eye(height * width):
        windows = np.lib.stride_tricks.sliding_window_view(pixel.reshape(height, width), (h, w))
        columns.append((windows * kernel).sum(axis=(2, 3)).ravel())
    return np.array(columns).T


def dense_matrix_of_conv__row_by_row(kernel, input_shape):
    """The kernel laid into an empty picture, float32."""
    (h, w), (height, width) = kernel.shape, input_shape
    if h > height or w > width:
        raise ValueError("too large")
    rows = []
    for i in range(height - h + 1):
        for j in range(width - w + 1):
            row = np.zeros((height, width), dtype="float32")
            row[i : i + h, j : j + w] = kernel
            rows.append(row.reshape(-1))
    return np.stack(rows)
