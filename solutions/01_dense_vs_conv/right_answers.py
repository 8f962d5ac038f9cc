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


def dense_parameter_count__recursive(input_shape, units):
    """One axis after the other."""

    def size(shape):
        return shape[0] * size(shape[1:]) if shape else 1

    return units + units * size(input_shape)


def conv_parameter_count__as_a_dense_layer(kernel_size, in_channels, filters):
    """A dense layer on one patch, which has as many weights."""
    (height, width), inputs = kernel_size, 0
    for _ in range(height):
        inputs += width * in_channels
    return np.int64(inputs) * filters + np.int64(filters)


def receptive_patch__pixel_by_pixel(image, row, col, kernel_size):
    """Asks for each pixel whether it is there."""
    patch = np.zeros(kernel_size)
    for u in range(kernel_size[0]):
        for v in range(kernel_size[1]):
            if row < 0 or col < 0 or row + u >= len(image) or col + v >= len(image[0]):
                raise ValueError("outside")
            patch[u, v] = image[row + u, col + v]
    return patch


def conv2d_valid__loops_in_python(image, kernel):
    """Four loops over Python's own numbers."""
    image, kernel = image.tolist(), kernel.tolist()
    rows, cols = len(image) - len(kernel) + 1, len(image[0]) - len(kernel[0]) + 1
    if rows <= 0 or cols <= 0:
        raise ValueError("the kernel does not fit")
    output = [[0] * cols for _ in range(rows)]
    for i in range(rows):
        for j in range(cols):
            for u, weights in enumerate(kernel):
                for v, weight in enumerate(weights):
                    output[i][j] += image[i + u][j + v] * weight
    return np.array(output)


def conv2d_valid__scipy(image, kernel):
    """SciPy's correlation. With "valid" it would exchange the two where the kernel is larger, so it asks first."""
    from scipy.signal import correlate2d

    if any(np.array(kernel.shape) > image.shape):
        raise ValueError("too large")
    return correlate2d(image.astype(float), kernel.astype(float), mode="valid")


def conv2d_valid__dot_products(image, kernel):
    """np.dot of patch and kernel, both flat; in int64 where both are integers."""
    kind = np.int64 if image.dtype.kind in "iu" and kernel.dtype.kind in "iu" else np.float64
    h, w = kernel.shape
    if h > image.shape[0]:
        raise ValueError("too tall")
    if w > image.shape[1]:
        raise ValueError("too wide")
    flat = kernel.astype(kind).ravel()
    return np.array(
        [
            [np.dot(image[i : i + h, j : j + w].astype(kind).ravel(), flat) for j in range(image.shape[1] - w + 1)]
            for i in range(image.shape[0] - h + 1)
        ]
    )


def dense_matrix_of_conv__asks_for_each_pair(kernel, input_shape):
    """For each output and pixel: how far below and right of the output's corner is the pixel?"""
    (h, w), (height, width) = kernel.shape, input_shape
    if height - h < 0 or width - w < 0:
        raise ValueError("too large")

    def weight(i, j, row, col):
        u, v = row - i, col - j
        return float(kernel[u, v]) if 0 <= u < h and 0 <= v < w else 0.0

    outputs = [(i, j) for i in range(height - h + 1) for j in range(width - w + 1)]
    pixels = [(row, col) for row in range(height) for col in range(width)]
    return np.array([[weight(*output, *pixel) for pixel in pixels] for output in outputs])
